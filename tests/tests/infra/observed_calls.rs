//! What the functions really do: the calls that they make and the lines that they log, measured once for all tests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::corrupt_records::{Key, n, s};
use harness::iam::Request;
use harness::iam::access::of_call;
use harness::prelude::*;
use runtime::http::identity::Scope;
use runtime::http::routes::{Auth, ROUTES};

use crate::all_operations::Operations;

/// Requests and lines of one run.
pub struct Measured {
    /// IAM requests of each function.
    pub requests: Vec<(String, Request)>,
    /// What was logged, by what happened; see [`LINES`].
    pub lines: BTreeMap<&'static str, Vec<Value>>,
    /// The scopes that each route accepts, by its name.
    pub scopes: BTreeMap<String, Vec<&'static str>>,
}

/// What happened when a line was logged; each but `usual` is one line.
pub const LINES: [&str; 11] = [
    "usual",
    "5xx",
    "busy",
    "wait",
    "pin_locked",
    "disclosed",
    "corrupt",
    "7598",
    "credentials",
    "uncovered",
    "untold",
];

/// Measured on first use, in a separate runtime.
pub static MEASURED: LazyLock<Measured> = LazyLock::new(|| {
    let run = || tokio::runtime::Runtime::new().expect("a runtime").block_on(measure());
    std::thread::spawn(run).join().expect("the tour failed")
});

const SECOND_PIN: Key = ("PIN#FABRIKAM", "PIN");

/// A stack and how much of its log was read.
struct Journey {
    stack: Stack,
    key: String,
    read: usize,
    lines: BTreeMap<&'static str, Vec<Value>>,
}

async fn measure() -> Measured {
    let key = STANDARD.encode(harness::random_bytes(32));
    let stack = Fixture::new().processes(1).env("PIN_LOCAL_KEY", &key).start().await;
    let mut journey = Journey { stack, key, read: 0, lines: BTreeMap::new() };
    journey.go().await;
    let calls = journey.stack.wire().take_calls().into_iter().flat_map(|call| {
        let table = journey.stack.table();
        let requests = of_call(&call.operation, &call.body, table).expect("a call that is understood");
        requests.into_iter().map(move |request| (call.function.clone(), request))
    });
    Measured { requests: calls.collect(), lines: journey.lines, scopes: scopes().await }
}

/// Calls each route with each scope alone.
async fn scopes() -> BTreeMap<String, Vec<&'static str>> {
    let stack = Fixture::new().start().await;
    let mut all = BTreeMap::new();
    for route in ROUTES.iter().filter(|route| route.auth == Auth::Bearer) {
        let path = route.path.replace("{account_id}", "CONTOSO").replace("{tn}", "x").replace("{id}", "x");
        let mut scopes = Vec::new();
        for scope in Scope::ALL.map(Scope::as_str) {
            let claims = Claims::new("caller", scope).with("account_id", "CONTOSO").with("spid", "A123");
            let answer = stack.call(route.method, &path).by(&claims).json(&json!({})).send().await;
            scopes.extend((answer.status != 403).then_some(scope));
        }
        scopes.sort_unstable();
        all.insert(crate::routes::name(route), scopes);
    }
    all
}

impl Journey {
    async fn go(&mut self) {
        Operations(&self.stack).everywhere().await;
        self.renew().await;
        self.note("usual");
        Operations(&self.stack).disclose().await;
        self.note("disclosed");
        Operations(&self.stack).unlock().await;
        Operations(&self.stack).wait().await;
        self.note("wait");
        Operations(&self.stack).confuse_bandwidth().await;
        self.note("7598");
        Operations(&self.stack).forget_bandwidths_password().await;
        self.note("credentials");
        Operations(&self.stack).port_behind_our_back().await;
        self.note("uncovered");
        Operations(&self.stack).cancel_an_approval().await;
        self.note("untold");
        self.stack.wire().fault(Fault::on("BatchGetItem", Action::access_denied()));
        Operations(&self.stack).accept().await.assert_status(503);
        self.note("5xx");
        self.stack.wire().fault(Fault::on("BatchGetItem", Action::throttled()).forever());
        Operations(&self.stack).accept().await.assert_status(503);
        self.stack.wire().heal();
        self.note("busy");
        self.stack.corrupt(SECOND_PIN, ("consecutive_failures", n("99"))).await;
        Operations(&self.stack).guess().await;
        self.note("pin_locked");
        self.stack.corrupt(SECOND_PIN, ("pin_digest", s("no digest"))).await;
        Operations(&self.stack).accept().await.assert_status(500);
        self.note("corrupt");
    }

    /// `port-out` started anew on the same tables with more rounds: the right PIN renews its digest.
    async fn renew(&self) {
        let wire = self.stack.wire().url_of("port-out");
        let again = Fixture::new().processes(1).functions(&["port-out"]).env("PIN_LOCAL_KEY", &self.key);
        let again = again.env("PBKDF2_ITERATIONS", "100001").env("AWS_ENDPOINT_URL_DYNAMODB", &wire);
        let again = again.tables_of(&self.stack).start().await;
        Operations(&again).accept().await.assert_status(201);
    }

    /// Files the lines since the last time: all of them as usual, or only the last one.
    fn note(&mut self, what: &'static str) {
        let logs = self.stack.logs();
        let new: Vec<Value> = logs[self.read..].lines().map(line).collect();
        self.read = logs.len();
        let last = new.len() - 1;
        let (before, this) = if what == "usual" { (&new[..0], &new[..]) } else { new.split_at(last) };
        self.lines.entry("usual").or_default().extend(before.to_vec());
        self.lines.entry(what).or_default().extend(this.to_vec());
    }
}

#[test]
fn the_calls_and_lines_are_those_of_every_route() {
    let lines = MEASURED.lines.values().flatten();
    let taken: BTreeSet<_> = lines
        .map(|line| format!("{} {}", line["http_method"], line["http_route"]).replace('"', ""))
        .collect();
    let idle: Vec<_> = ROUTES.iter().map(crate::routes::name).filter(|name| !taken.contains(name)).collect();
    assert!(idle.is_empty(), "{idle:#?}");
}

/// Parses a line of JSON after its function's name.
fn line(text: &str) -> Value {
    let (_, json) = text.split_once(": ").expect("a function's name");
    serde_json::from_str(json).expect("a line of JSON")
}
