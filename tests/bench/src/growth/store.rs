//! The functions as processes of their own, on an engine whose file holds a number of accounts and port-outs.

use super::largest::{self, Largest};
use super::{Options, accounts, fill, pattern::Pattern};
use crate::call::{self, Call};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::engine::{Engine, names};
use harness::fixture::Fixture;
use harness::lambda_host::LambdaHost;
use harness::stack::Stack;
use harness::tokens::Claims;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

pub const TABLE: &str = "growth";

/// Ten digits, so that it is not a part of any telephone number and so never weak.
pub const PIN: &str = "4829130657";
/// The PIN of a store's accounts, each of which gets the other one before it is used.
pub const FIRST_PIN: &str = "4829130658";

/// The least that is allowed: the hash takes the same time in every store, and would hide what does not.
pub const ROUNDS: u32 = runtime::pin_hash::hasher::MIN_ROUNDS;

/// Operations on an account that nothing has changed since the store was filled.
pub const OPERATIONS: [&str; 3] = ["status", "set-pin", "port-out"];

/// Times of all operations: those of an untouched account, then those of the largest one.
pub type Times = [Duration; OPERATIONS.len() + largest::OPERATIONS.len()];

/// A store and the functions on it.
pub struct Store {
    // Dropped in this order: the engine, which the stack has, before its folder.
    stack: Stack,
    largest: Largest,
    pub filled: fill::Filled,
    _folder: Arc<TempDir>,
}

/// Fills a store of each size.
pub async fn all(options: &Options, due: &str) -> Result<Vec<Store>, String> {
    let key = new_key();
    let pattern = Arc::new(Pattern::record(options, &key).await);
    let mut stores = Vec::new();
    for accounts in &options.accounts {
        stores.push(Store::new(options, &key, &pattern, *accounts, due).await?);
    }
    Ok(stores)
}

/// Makes a PIN key of this run.
pub fn new_key() -> String {
    STANDARD.encode(harness::random_bytes(32))
}

/// Sets what all stacks have in common.
pub fn environment(fixture: Fixture, options: &Options, key: &str) -> Fixture {
    fixture
        .binaries(&options.binaries)
        .env("PIN_LOCAL_KEY", key)
        .env("PBKDF2_ITERATIONS", &ROUNDS.to_string())
}

impl Store {
    async fn new(
        options: &Options,
        key: &str,
        pattern: &Arc<Pattern>,
        accounts: u64,
        due: &str,
    ) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("growth-").tempdir_in(&options.folder);
        let folder = Arc::new(folder.expect("no folder for a store"));
        let filled = fill::fill(&folder, pattern, accounts).await;
        let fixture = Stack::builder().functions(&["status", "set-pin", "port-out", "protect"]);
        let fixture = fixture.env("TABLE_NAME", TABLE).env("EVENTS_TABLE_NAME", &names(TABLE).events);
        // As behind the gateway, which has verified the token: `call` sends events with its claims.
        let verifying = ["JWT_ISSUER", "JWT_AUDIENCE", "JWT_KEYS"];
        let fixture = verifying.into_iter().fold(fixture, |fixture, name| fixture.env(name, ""));
        let engine = Engine::on_file(&fill::file(&folder));
        let stack = environment(fixture, options, key).without_wire().engine(engine).start().await;
        let largest = Largest::new(filled.plan.clone(), pattern.clone(), stack.host(), due).await?;
        Ok(Self { stack, largest, filled, _folder: folder })
    }

    /// Times each operation once, the first ones on an account that nothing has changed since the store was filled.
    pub async fn time(&mut self, account: u64, due: &str) -> Result<Times, String> {
        let (name, tn) = (accounts::name(account), accounts::numbers(account).swap_remove(1));
        let order = call::order(&format!("GROWTH-{account}"), &name, PIN, &[&tn], due);
        let host = self.stack.host();
        read_from_disk(host, account, &tn).await?;
        let read = Call::status(&name, 1).send(host, "status").await?;
        let set = Call::set_pin(&name, PIN, 1).send(host, "set-pin").await?;
        let (submitted, body) = Call::port_out(&order).exchange(host, "port-out").await?;
        self.largest.made_elsewhere(body);
        let largest = self.largest.time(host, &format!("LARGEST-{account}"), due).await?;
        Ok([&[read, set, submitted][..], &largest].concat().try_into().expect("a time for each operation"))
    }
}

/// Reads the items of an account once. Only the small stores fit into the file cache; of the largest, an account that is
/// read for the first time comes from the disk, and its time would be that of the disk.
async fn read_from_disk(host: &LambdaHost, account: u64, tn: &str) -> Result<(), String> {
    let name = accounts::name(account);
    Call::status(&name, 1).send(host, "status").await?;
    let numbers = accounts::numbers(account);
    let numbers = json!({"account_id": name, "telephone_numbers": numbers, "next_cursor": null});
    let list = format!("/v1/accounts/{name}/telephone-numbers");
    Call::read(&list, &Claims::account(&name), Some(numbers)).send(host, "status").await?;
    let free = json!({"telephone_number": tn, "account_number": name, "held_by": null, "held_until": null,
        "ported_at": null, "last_port_out": null});
    let number = format!("/v1/telephone-numbers/{tn}");
    Call::read(&number, &Claims::desk(), Some(free)).send(host, "status").await.map(drop)
}
