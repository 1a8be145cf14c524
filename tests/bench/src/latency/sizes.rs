//! How large the deployed code is, as it is and deflated at the highest level.

use super::Options;
use super::subject::{Subject, peers};
use crate::progress::Progress;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio::process::Command;

/// Bytes of one subject's code.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub code: u64,
    pub zip: u64,
}

/// Measures the code of all subjects; Python's zip library makes the archives.
pub async fn all(options: &Options) -> Result<BTreeMap<Subject, Size>, String> {
    let subjects = Subject::all();
    let (mut sizes, mut progress) = (BTreeMap::new(), Progress::new("sizes", subjects.len() as u64));
    for subject in subjects {
        sizes.insert(subject, size(options, &subject.code(options)).await?);
        progress.add(1);
    }
    Ok(sizes)
}

async fn size(options: &Options, files: &[PathBuf]) -> Result<Size, String> {
    let length = |file: &PathBuf| {
        let metadata = std::fs::metadata(file);
        metadata.map(|data| data.len()).map_err(|error| format!("{}: {error}", file.display()))
    };
    let code = files.iter().map(length).sum::<Result<u64, _>>()?;
    let mut command = Command::new(&options.python);
    let output = command.arg(peers("zip_size.py")).args(files).kill_on_drop(true).output().await;
    let output = output.map_err(|error| format!("{} does not start: {error}", options.python.display()))?;
    let zip = String::from_utf8_lossy(&output.stdout).trim().parse();
    let zip = zip.map_err(|_| format!("no zip: {}", String::from_utf8_lossy(&output.stderr)))?;
    Ok(Size { code, zip })
}
