//! Reports: text and tables for the terminal and as Markdown, and the same figures as JSON.

use crate::table::Table;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// One part of a report.
pub enum Part {
    Text(String),
    Table(Table),
}

impl Part {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Table(table) => table.text(),
        }
    }

    fn markdown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Table(table) => table.markdown(),
        }
    }
}

/// Prints a report and writes it into the folder, as `NAME.md` and `NAME.json`.
pub fn write(folder: &Path, name: &str, parts: &[Part], data: &Value) -> Result<(), String> {
    let joined = |form: fn(&Part) -> String| parts.iter().map(form).collect::<Vec<_>>().join("\n");
    println!("\n{}", joined(Part::text));
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for (end, content) in [("md", joined(Part::markdown)), ("json", format!("{data:#}\n"))] {
        let path = folder.join(format!("{name}.{end}"));
        fs::write(&path, content).map_err(|error| format!("{}: {error}", path.display()))?;
        eprintln!("written: {}", path.display());
    }
    Ok(())
}

/// Cores of this machine.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
