//! The functions as processes of their own, on an engine whose file holds a number of accounts and port-outs.

use super::{Options, accounts, fill, pattern::Pattern};
use crate::call::{self, Call};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::engine::{Engine, names};
use harness::fixture::Fixture;
use harness::stack::Stack;
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

/// A store and the functions on it.
pub struct Store {
    // Dropped in this order: the engine, which the stack has, before its folder.
    stack: Stack,
    pub filled: fill::Filled,
    _folder: Arc<TempDir>,
}

/// Fills a store of each size.
pub async fn all(options: &Options) -> Vec<Store> {
    let key = new_key();
    let pattern = Arc::new(Pattern::record(options, &key).await);
    let mut stores = Vec::new();
    for accounts in &options.accounts {
        stores.push(Store::new(options, &key, &pattern, *accounts).await);
    }
    stores
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
    async fn new(options: &Options, key: &str, pattern: &Arc<Pattern>, accounts: u64) -> Self {
        let folder = tempfile::Builder::new().prefix("growth-").tempdir_in(&options.folder);
        let folder = Arc::new(folder.expect("no folder for a store"));
        let filled = fill::fill(&folder, pattern, accounts).await;
        let fixture = Stack::builder().functions(&["status", "set-pin", "port-out"]);
        let fixture = fixture.env("TABLE_NAME", TABLE).env("EVENTS_TABLE_NAME", &names(TABLE).events);
        // As behind the gateway, which has verified the token: `call` sends events with its claims.
        let verifying = ["JWT_ISSUER", "JWT_AUDIENCE", "JWT_KEYS"];
        let fixture = verifying.into_iter().fold(fixture, |fixture, name| fixture.env(name, ""));
        let engine = Engine::on_file(&fill::file(&folder));
        let stack = environment(fixture, options, key).without_wire().engine(engine).start().await;
        Self { stack, filled, _folder: folder }
    }

    /// Times each operation once, on an account that nothing has touched since the store was filled.
    pub async fn time(&self, account: u64, due: &str) -> Result<[Duration; 3], String> {
        let (name, tn) = (accounts::name(account), accounts::numbers(account).swap_remove(1));
        let order = call::order(&format!("GROWTH-{account}"), &name, PIN, &tn, due);
        let host = self.stack.host();
        Ok([
            Call::status(&name, 1).send(host, "status").await?,
            Call::set_pin(&name, PIN, 1).send(host, "set-pin").await?,
            Call::port_out(&order).send(host, "port-out").await?,
        ])
    }
}
