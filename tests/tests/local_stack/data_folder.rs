//! The tables of a data folder that no stack uses, read by another engine from a copy: whatever was begun is there wholly
//! or not at all, whether it was answered or not.

use std::fs;
use std::path::Path;

use harness::engine::{Engine, scan_all};
use harness::records::Records;

/// Reads the items of a data folder, which stays as it is.
pub async fn records(data: &Path) -> Records {
    let copy = tempfile::tempdir().unwrap();
    let file = local::engine::data_file(data);
    let name = file.file_name().unwrap().to_str().unwrap();
    // With it goes the journal of what was written last.
    for entry in fs::read_dir(data).unwrap().map(|entry| entry.unwrap()) {
        if entry.file_name().to_str().unwrap().starts_with(name) {
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
    }
    let engine = Engine::on_file(&copy.path().join(name));
    Records::sort(scan_all(engine.endpoint(), local::functions::TABLE_NAME).await)
}
