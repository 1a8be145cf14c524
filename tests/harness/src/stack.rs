//! A running system of a test's own: engine, table, wire, functions, issuer of tokens, client.
//!
//! [`crate::fixture::Fixture`] starts it; [`crate::api`] holds the calls that tests make of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::Method;
use jiff::{SignedDuration, Timestamp};
use runtime::http::authentication::Authentication;
use runtime::http::routes;
use serde_json::Value;

use crate::client::{Answer, CallBuilder, Client};
use crate::engine::{self, Engine, Item, Table, scan_all};
use crate::fixture::Fixture;
use crate::gateway;
use crate::in_process::{InProcess, Keys};
use crate::lambda_host::LambdaHost;
use crate::records::{Records, text};
use crate::tokens::Issuer;
use crate::wire::Wire;

pub use crate::clients::carrier::order;

pub use runtime::http::endpoint::{API_BINARIES, BINARIES, FUNCTIONS};

/// Functions that compute with the PIN key.
pub const WITH_PIN_KEY: [&str; 3] = ["set-pin", "port-out", "bandwidth"];
/// Functions that compute with the webhook key.
pub const WITH_WEBHOOK_KEY: [&str; 3] = ["port-out", "bandwidth", "provision"];

/// Returns the function that answers; what no route takes is answered alike by all of them.
pub fn route(method: &Method, path: &str) -> &'static str {
    routes::find(method.as_str(), path).map_or("status", |matched| matched.route.function())
}

/// A running system. Dropping it leaves nothing behind.
pub struct Stack {
    // Dropped in this order: no caller outlives what it calls.
    pub(crate) host: LambdaHost,
    pub(crate) wire: Option<Wire>,
    pub(crate) table: Table,
    pub(crate) engine: Engine,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) client: Client,
    /// The functions, if they run in this process.
    pub(crate) functions: Option<Arc<InProcess>>,
    /// The last secret that each webhook source was given, and its version.
    pub(crate) secrets: Mutex<BTreeMap<String, (String, u64)>>,
    pub(crate) numbered: AtomicU64,
}

impl Stack {
    /// Starts all functions as processes, one each, without any account.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Returns what [`Stack::start`] starts, to be changed.
    pub fn builder() -> Fixture {
        Fixture::new().processes(1)
    }

    /// Returns the API's base URL.
    pub fn url(&self) -> &str {
        self.host.url()
    }

    /// Begins a call of the API; see [`CallBuilder::by`] for who makes it.
    pub fn call(&self, method: &str, path: &str) -> CallBuilder {
        self.client.call(method, path)
    }

    /// Returns the client, for raw requests and for clones.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns a client of the same functions in this process that authenticate callers in another way.
    pub fn client_with(&self, authentication: &Authentication) -> Client {
        let keys = self.functions.as_ref().map_or(Keys::Local, |functions| functions.keys().clone());
        let functions = InProcess::new(self.wire(), self.table(), keys, self.now(), authentication);
        Client::in_process(Arc::new(functions))
    }

    /// Returns the issuer of tokens that the functions trust.
    pub fn tokens(&self) -> &Issuer {
        &self.issuer
    }

    /// Returns the functions' host, for killing processes.
    pub fn host(&self) -> &LambdaHost {
        &self.host
    }

    /// Returns the wire to the engine, for faults and counts.
    pub fn wire(&self) -> &Wire {
        self.wire.as_ref().expect("this stack was built without a wire")
    }

    /// Returns the name of the state's table.
    pub fn table(&self) -> &str {
        self.table.name()
    }

    /// Returns the engine itself, past the wire.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Returns what the functions' clock says: the test's own in process, else this machine's.
    pub fn now(&self) -> Timestamp {
        self.functions.as_ref().map_or_else(Timestamp::now, |functions| functions.now())
    }

    /// Sets the clock of functions in this process.
    pub fn set_time(&self, time: Timestamp) {
        self.in_process().set_time(time);
    }

    /// Lets time pass for functions in this process.
    pub fn pass(&self, time: SignedDuration) {
        self.in_process().pass(time);
    }

    fn in_process(&self) -> &InProcess {
        self.functions.as_ref().expect("processes have this machine's clock")
    }

    /// Returns a PON that this stack has not seen.
    pub fn new_pon(&self) -> String {
        format!("NEW-{}", self.next())
    }

    /// Returns a number that is new on this stack.
    pub fn next(&self) -> u64 {
        self.numbered.fetch_add(1, Ordering::SeqCst)
    }

    /// Reads every item of both tables past the wire.
    pub async fn scan(&self) -> Vec<Item> {
        scan_all(self.engine.endpoint(), self.table()).await
    }

    /// Reads the table past the wire, sorted by kinds of items.
    pub async fn records(&self) -> Records {
        Records::of(self).await
    }

    /// Reads the item of that `pk` and `sk` past the wire; it must be there.
    pub async fn item(&self, key: (&str, &str)) -> Item {
        let all = self.scan().await;
        all.into_iter().find(|item| (text(item, "pk"), text(item, "sk")) == key).expect("no such item")
    }

    /// Stores an item of the state as it is, past the wire.
    pub async fn put_item(&self, item: Item) {
        let client = engine::client(self.engine.endpoint(), self.table());
        let put = client.put_item().table_name(self.table()).set_item(Some(item));
        put.send().await.expect("not stored");
    }

    /// Returns the output of the processes.
    pub fn logs(&self) -> String {
        self.host.logs()
    }

    /// Returns every answer that a client of this stack received, headers included.
    pub fn transcript(&self) -> String {
        self.client.transcript()
    }

    /// Has the function of the event's route answer it, past the gateway.
    pub async fn answer(&self, event: &Value) -> Answer {
        let method = event["requestContext"]["http"]["method"].as_str().expect("a method");
        let method = method.parse().expect("a method");
        self.invoke(route(&method, event["rawPath"].as_str().expect("a path")), event).await
    }

    /// Sends an event straight to a function, past the gateway; panics unless an HTTP answer arrives.
    pub async fn invoke(&self, function: &str, event: &Value) -> Answer {
        if let Some(functions) = &self.functions {
            return functions.answer(event).await;
        }
        let outcome = self.host.invoke_raw(function, event.to_string().as_bytes()).await;
        let answer =
            gateway::answer(outcome).unwrap_or_else(|(_, why)| panic!("{function} {why}\n{}", self.logs()));
        self.client.remember(&answer);
        answer
    }
}
