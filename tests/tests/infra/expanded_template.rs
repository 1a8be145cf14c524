//! The template as SAM expands it, and many templates at once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::thread;

use harness::template::Template;
use serde_json::{Value, json};

/// A template, as it is written and as CloudFormation gets it.
pub struct Expanded {
    /// As it is written.
    pub source: Template,
    /// As SAM expands it.
    pub json: Template,
}

/// Ours.
pub static EXPANDED: LazyLock<Expanded> = LazyLock::new(|| {
    let text = local::table::TEMPLATE.to_owned();
    expand(vec![text]).pop().flatten().expect("infra/template.yaml cannot be expanded")
});

/// Processes that expand templates at once.
const PROCESSES: usize = 2;

fn expand_files(files: &[String], home: &Path) -> Vec<Value> {
    let python = root().join(".tools/sam/bin/python");
    assert!(python.exists(), "SAM is missing: run `make .tools/sam/ok` first");
    let mut run = Command::new(python);
    let run = run.arg("-B").arg(root().join("infra/expand.py")).args(files).env("HOME", home);
    let output = run.output().expect("expand.py");
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let lines: Vec<Value> = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
    assert_eq!(lines.len(), files.len(), "{}", String::from_utf8_lossy(&output.stderr));
    lines
}

/// Returns the repository's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a folder above").to_owned()
}

/// Expands all of these texts; `None` for one that SAM refuses.
pub fn expand(texts: Vec<String>) -> Vec<Option<Expanded>> {
    expand_with(texts.into_iter().map(|text| (text, json!({}))).collect())
}

/// Expands all of these texts, each with values of its parameters.
pub fn expand_with(texts: Vec<(String, Value)>) -> Vec<Option<Expanded>> {
    let folder = tempfile::tempdir().expect("a folder");
    let (texts, values): (Vec<_>, Vec<_>) = texts.into_iter().unzip();
    let mut files = Vec::new();
    for (n, (text, values)) in texts.iter().zip(&values).enumerate() {
        let [file, of_values] = ["yaml", "json"].map(|kind| folder.path().join(format!("{n}.{kind}")));
        std::fs::write(&file, text).expect("a file");
        std::fs::write(&of_values, values.to_string()).expect("a file");
        files.push(format!("{}={}", file.display(), of_values.display()));
    }
    let lines: Vec<Value> = thread::scope(|scope| {
        let parts = files.chunks(files.len().div_ceil(PROCESSES).max(1));
        let running: Vec<_> = parts.map(|files| scope.spawn(|| expand_files(files, folder.path()))).collect();
        running.into_iter().flat_map(|part| part.join().expect("expand.py")).collect()
    });
    let both = |(text, json): (&String, Value)| {
        let source = Template::parse(text).ok()?;
        (!json.is_null()).then(|| Expanded { source, json: Template::of(json) })
    };
    texts.iter().zip(lines).map(both).collect()
}
