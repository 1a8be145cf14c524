//! What is timed: the functions as processes of their own, on an engine whose file holds so and so many accounts.

use crate::accounts;
use crate::args::Options;
use crate::fill;
use crate::pattern::Pattern;
use axum::http::{HeaderMap, HeaderValue, Method};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::client::Answer;
use harness::engine::Engine;
use harness::fixture::Fixture;
use harness::gateway;
use harness::stack::{Stack, order};
use harness::tokens::Claims;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub const TABLE: &str = "growth";

/// Ten digits, so that it is part of no telephone number of ours and so never weak.
pub const PIN: &str = "4829130657";

/// The least that is allowed: the hash takes the same time in every store, and would hide what does not.
pub const ROUNDS: u32 = 100_000;

/// A store and the functions on it.
pub struct Subject {
    // Dropped in this order: the engine, which the stack has, before its folder.
    stack: Stack,
    pub filled: fill::Filled,
    _folder: Arc<TempDir>,
}

/// One subject a size.
pub async fn all(options: &Options) -> Vec<Subject> {
    let key = new_key();
    let pattern = Arc::new(Pattern::record(options, &key).await);
    let mut subjects = Vec::new();
    for accounts in &options.accounts {
        subjects.push(Subject::new(options, &key, &pattern, *accounts).await);
    }
    subjects
}

/// A PIN key of this run.
pub fn new_key() -> String {
    STANDARD.encode(harness::random_bytes(32))
}

/// What all stores have in common.
pub fn environment(builder: Fixture, options: &Options, key: &str) -> Fixture {
    builder
        .binaries(&options.binaries)
        .env("PIN_LOCAL_KEY", key)
        .env("PBKDF2_ITERATIONS", &ROUNDS.to_string())
}

impl Subject {
    async fn new(options: &Options, key: &str, pattern: &Arc<Pattern>, accounts: u64) -> Self {
        let folder = tempfile::Builder::new().prefix("growth-").tempdir_in(&options.folder);
        let folder = Arc::new(folder.expect("no folder for a store"));
        let filled = fill::fill(&folder, pattern, accounts).await;
        let builder = Stack::builder().functions(&["status", "set-pin", "port-out"]).env("TABLE_NAME", TABLE);
        let engine = Engine::on_file(&fill::file(&folder));
        let stack = environment(builder, options, key).without_wire().engine(engine).start().await;
        Self { stack, filled, _folder: folder }
    }

    /// The state of a PIN that no function here has set yet.
    pub async fn status(&self, account: u64) -> Duration {
        let name = accounts::name(account);
        let (path, claims) = (pin_path(&name), Claims::account(&name));
        let (answer, time) = self.ask("status", Method::GET, &path, &claims, None).await;
        let body = answer.assert_json(200);
        assert_eq!(body, pin_state(&name, 1, &body), "status of {name}");
        time
    }

    /// Sets the PIN of an account that has one.
    pub async fn set_pin(&self, account: u64) -> Duration {
        let name = accounts::name(account);
        let (path, claims) = (pin_path(&name), Claims::account(&name));
        let (answer, time) =
            self.ask("set-pin", Method::PUT, &path, &claims, Some(&json!({"pin": PIN}))).await;
        let body = answer.assert_json(200);
        assert_eq!(body, pin_state(&name, 2, &body), "set-pin of {name}");
        time
    }

    /// Ports one number of an account out whose PIN was set before.
    pub async fn port_out(&self, account: u64) -> Duration {
        let (name, pon) = (accounts::name(account), format!("GROWTH-{account}"));
        let tn = accounts::numbers(account).swap_remove(5);
        let (claims, request) = (Claims::carrier("A123"), order(&pon, &name, PIN, &[&tn]));
        let (answer, time) =
            self.ask("port-out", Method::POST, "/v1/port-outs", &claims, Some(&request)).await;
        let body = answer.assert_json(201);
        let expected = json!({"id": body["id"], "spid": "A123", "pon": pon, "version": "01",
            "account_number": name, "telephone_numbers": [tn], "status": "confirmed", "rejections": [],
            "foc_date": body["foc_date"], "received_at": body["received_at"]});
        assert_eq!(body, expected, "port-out of {name}");
        assert!(body["foc_date"].is_string(), "a confirmed port-out has a date: {body}");
        time
    }

    /// As the gateway asks: the claims are verified already.
    async fn ask(
        &self,
        function: &str,
        method: Method,
        path: &str,
        claims: &Claims,
        body: Option<&Value>,
    ) -> (Answer, Duration) {
        let json = HeaderValue::from_static("application/json");
        let headers = HeaderMap::from_iter([("content-type".parse().expect("a name"), json)]);
        let body = body.map(Value::to_string).unwrap_or_default();
        let event = gateway::event(&method, &path.parse().expect("a path"), &headers, body.as_bytes());
        let event = gateway::authorized(event, claims).to_string();
        let begun = Instant::now();
        let outcome = self.stack.host().invoke_raw(function, event.as_bytes()).await;
        let time = begun.elapsed();
        (gateway::answer(outcome).unwrap_or_else(|(_, why)| panic!("{function} {why}")), time)
    }
}

fn pin_path(name: &str) -> String {
    format!("/v1/accounts/{name}/port-out-pin")
}

/// The whole answer; only the time is taken from the answer itself.
fn pin_state(name: &str, version: u64, body: &Value) -> Value {
    assert!(body["updated_at"].is_string(), "a PIN was set at some time: {body}");
    json!({"account_id": name, "pin_set": true, "pin_version": version, "updated_at": body["updated_at"],
        "updated_by": format!("admin@{name}"), "port_out_allowed": true, "blocked_by": [],
        "failed_attempts": 0, "warnings": []})
}
