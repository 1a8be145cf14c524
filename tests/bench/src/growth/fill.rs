//! Fills a store in bulk, through the engine's own import: what it leaves behind is what single writes would.

use crate::accounts::NUMBERS;
use crate::pattern::Pattern;
use crate::subject::TABLE;
use dynoxide::{Database, ImportOptions};
use harness::engine::{Engine, create_table};
use std::io::{IsTerminal, Write, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Accounts a transaction: small enough that a Ctrl-C is soon obeyed, large enough that committing costs nothing.
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

/// Where the store is.
pub fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("dynamodb.sqlite")
}

/// Creates the table and all accounts. Dropping this before its end stops the work, and the folder goes after it.
pub async fn fill(folder: &Arc<TempDir>, pattern: &Arc<Pattern>, accounts: u64) -> Filled {
    let engine = Engine::on_file(&file(folder));
    create_table(engine.endpoint(), TABLE).await;
    drop(engine);
    let stop = Stop::default();
    let (stopped, folder, pattern) = (stop.0.clone(), folder.clone(), pattern.clone());
    let work = move || import(&folder, &pattern, accounts, &stopped);
    tokio::task::spawn_blocking(work).await.expect("the store is not filled")
}

/// Tells the importing thread to stop when it is dropped.
#[derive(Default)]
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn import(folder: &TempDir, pattern: &Pattern, accounts: u64, stopped: &AtomicBool) -> Filled {
    let (begun, path) = (Instant::now(), file(folder));
    let database = Database::new(path.to_str().expect("UTF-8")).expect("no engine on the file");
    database.enable_bulk_loading().expect("no bulk loading");
    let mut billed_bytes = 0;
    for first in (0..accounts).step_by(usize::try_from(CHUNK).expect("small")) {
        if stopped.load(Ordering::SeqCst) {
            break;
        }
        let end = accounts.min(first + CHUNK);
        let items = (first..end).flat_map(|account| pattern.account(account)).collect();
        let imported = database.import_items(TABLE, items, ImportOptions::default()).expect("not imported");
        billed_bytes += imported.bytes_imported;
        show(end, accounts, begun.elapsed());
    }
    database.disable_bulk_loading().expect("no end of bulk loading");
    drop(database);
    let items = accounts * (1 + NUMBERS);
    Filled { accounts, items, billed_bytes, file_bytes: size(&path), time: begun.elapsed() }
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// A bar that stays in its line; where nobody watches, the last line alone.
fn show(done: u64, all: u64, time: Duration) {
    let seconds = time.as_secs_f64();
    let left = seconds / done as f64 * (all - done) as f64;
    let full = usize::try_from(done * 30 / all).expect("30 at most");
    let bar = format!("{}{}", "#".repeat(full), ".".repeat(30 - full));
    let line = format!("filling [{bar}] {done} of {all} accounts, {seconds:.0} s, {left:.0} s left");
    if stdout().is_terminal() {
        print!("\r{line}  ");
        let _ = stdout().flush();
    }
    if done == all {
        println!(
            "{}filled {all} accounts in {seconds:.0} s{}",
            if stdout().is_terminal() { "\r" } else { "" },
            " ".repeat(60)
        );
    }
}
