//! Fills a store in bulk, through the engine's own import: what it leaves behind is what single writes would.

use super::history::PORT_OUTS;
use super::pattern::Pattern;
use super::plan::{LARGEST, Plan};
use super::store::TABLE;
use crate::progress::Progress;
use dynoxide::types::Item;
use dynoxide::{Database, ImportOptions};
use harness::engine::{Engine, create_tables, names};
use shared::port_out_id::PortOutId;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Accounts a transaction: small enough that a Ctrl-C is obeyed soon, large enough that committing costs nothing.
const ACCOUNTS: u64 = 2_000;

/// Port-outs, PONs or events a transaction.
const ITEMS: usize = 50_000;

/// Histories whose port-outs are added in the order of their ids. The ids are hashes, spread over the whole table: with
/// fewer at a time, each page would be written more often; with more, the pages of the lists would be, which are in the
/// order of time.
const HISTORIES: u64 = 250_000;

/// A store that is full.
pub struct Filled {
    pub plan: Plan,
    pub items: u64,
    /// As DynamoDB counts an item's bytes, over all items.
    pub billed_bytes: usize,
    /// The engine's file.
    pub file_bytes: u64,
    pub time: Duration,
}

impl Filled {
    /// Returns how many port-outs there are, and how many of them are the largest account's.
    pub fn port_outs(&self) -> [u64; 2] {
        [self.plan.histories(), self.plan.largest_histories()].map(|histories| histories * PORT_OUTS)
    }
}

/// The engine's file.
pub fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("dynamodb.sqlite")
}

/// Creates the tables and all items. Dropping this before its end stops the work, and the folder goes after it.
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

/// A store that is being filled.
struct Import<'a> {
    database: Database,
    pattern: &'a Pattern,
    plan: Plan,
    stopped: &'a AtomicBool,
    items: u64,
    billed_bytes: usize,
}

fn import(folder: &TempDir, pattern: &Pattern, accounts: u64, stopped: &AtomicBool) -> Filled {
    let (began, path) = (Instant::now(), file(folder));
    let database = Database::new(path.to_str().expect("UTF-8")).expect("no engine on the file");
    database.enable_bulk_loading().expect("no bulk loading");
    let plan = pattern.plan(accounts);
    let mut import = Import { database, pattern, plan, stopped, items: 0, billed_bytes: 0 };
    import.accounts();
    import.port_outs();
    import.events();
    let Import { database, plan, items, billed_bytes, .. } = import;
    database.disable_bulk_loading().expect("no end of bulk loading");
    drop(database);
    // What is written later must not compete with what is measured.
    std::fs::File::open(&path).and_then(|file| file.sync_all()).expect("the file is not on the disk");
    Filled { plan, items, billed_bytes, file_bytes: size(&path), time: began.elapsed() }
}

impl Import<'_> {
    fn accounts(&mut self) {
        let (pattern, plan) = (self.pattern, self.plan.clone());
        let copy = |account| pattern.account(account, plan.decision_version(account));
        self.all("accounts", plan.accounts, ACCOUNTS, |import, chunk| {
            import.put(TABLE, chunk.flat_map(copy).collect());
        });
    }

    fn port_outs(&mut self) {
        let (pattern, plan) = (self.pattern, self.plan.clone());
        self.all("ended PONs", plan.histories(), HISTORIES, |import, batch| {
            let port_outs = by_id(&plan, batch.clone());
            let copy = |(_, serial, version): &(_, _, _)| pattern.port_out(&plan.history(*serial), *version);
            import.put_all(TABLE, port_outs.iter().map(copy));
            import.put_all(TABLE, batch.map(|serial| pattern.pon(&plan.history(serial))));
        });
    }

    /// Adds the events of the largest account.
    fn events(&mut self) {
        let (pattern, plan) = (self.pattern, self.plan.clone());
        self.put(&names(TABLE).events, pattern.account_events(LARGEST));
        self.all("PONs of the largest account", plan.largest_histories(), HISTORIES, |import, batch| {
            let events = batch.flat_map(|serial| pattern.events(&plan.history(serial)));
            import.put_all(&names(TABLE).events, events);
        });
    }

    /// Does some work in chunks until it is stopped.
    fn all(&mut self, name: &str, total: u64, chunk: u64, mut work: impl FnMut(&mut Self, Range<u64>)) {
        let mut progress = Progress::new(format!("{name} filled in"), total);
        for first in (0..total).step_by(usize::try_from(chunk).expect("small")) {
            if self.stopped.load(Ordering::SeqCst) {
                break;
            }
            let end = total.min(first + chunk);
            work(self, first..end);
            progress.add(end - first);
        }
    }

    /// Adds items in some transactions.
    fn put_all(&mut self, table: &str, mut items: impl Iterator<Item = Item>) {
        while !self.stopped.load(Ordering::SeqCst) {
            let chunk: Vec<_> = items.by_ref().take(ITEMS).collect();
            if chunk.is_empty() {
                break;
            }
            self.put(table, chunk);
        }
    }

    fn put(&mut self, table: &str, items: Vec<Item>) {
        let imported =
            self.database.import_items(table, items, ImportOptions::default()).expect("not imported");
        self.items += imported.items_imported as u64;
        self.billed_bytes += imported.bytes_imported;
    }
}

/// Returns the port-outs of some histories in the order of their ids: the id, the history, and which of its versions.
fn by_id(plan: &Plan, histories: Range<u64>) -> Vec<(PortOutId, u64, usize)> {
    let versions = |serial| {
        let ids = plan.history(serial).ids().into_iter().enumerate();
        ids.map(move |(version, id)| (id, serial, version))
    };
    let mut port_outs: Vec<_> = histories.flat_map(versions).collect();
    port_outs.sort_unstable();
    port_outs
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}
