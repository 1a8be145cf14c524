//! Fills a store in bulk, through the engine's own import: what it leaves behind is what single writes would.

use super::pattern::{ITEMS, Pattern};
use super::store::TABLE;
use crate::progress::Progress;
use dynoxide::{Database, ImportOptions};
use harness::engine::{Engine, create_tables};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Accounts a transaction: small enough that a Ctrl-C is obeyed soon, large enough that committing costs nothing.
const CHUNK: u64 = 2_000;

/// A store that is full.
pub struct Filled {
    pub accounts: u64,
    pub items: u64,
    /// As DynamoDB counts an item's bytes, over all items.
    pub billed_bytes: usize,
    /// The engine's file.
    pub file_bytes: u64,
    pub time: Duration,
}

/// The engine's file.
pub fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("dynamodb.sqlite")
}

/// Creates the tables and all accounts. Dropping this before its end stops the work, and the folder goes after it.
pub async fn fill(folder: &Arc<TempDir>, pattern: &Arc<Pattern>, accounts: u64) -> Filled {
    let engine = Engine::on_file(&file(folder));
    create_tables(engine.endpoint(), TABLE).await;
    drop(engine);
    let stop = Stop::default();
    let (stopped, folder, pattern) = (stop.0.clone(), folder.clone(), pattern.clone());
    let work = move || import(&folder, &pattern, accounts, &stopped);
    tokio::task::spawn_blocking(work).await.expect("the store is not filled")
}

/// Stops the importing thread when dropped.
#[derive(Default)]
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn import(folder: &TempDir, pattern: &Pattern, accounts: u64, stopped: &AtomicBool) -> Filled {
    let (began, path) = (Instant::now(), file(folder));
    let database = Database::new(path.to_str().expect("UTF-8")).expect("no engine on the file");
    database.enable_bulk_loading().expect("no bulk loading");
    let mut billed_bytes = 0;
    let mut progress = Progress::new("accounts filled in", accounts);
    for first in (0..accounts).step_by(usize::try_from(CHUNK).expect("small")) {
        if stopped.load(Ordering::SeqCst) {
            break;
        }
        let end = accounts.min(first + CHUNK);
        let items = (first..end).flat_map(|account| pattern.account(account)).collect();
        let imported = database.import_items(TABLE, items, ImportOptions::default()).expect("not imported");
        billed_bytes += imported.bytes_imported;
        progress.add(end - first);
    }
    database.disable_bulk_loading().expect("no end of bulk loading");
    drop(database);
    let items = accounts * ITEMS as u64;
    Filled { accounts, items, billed_bytes, file_bytes: size(&path), time: began.elapsed() }
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}
