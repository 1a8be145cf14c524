//! The DynamoDB engine of a test: embedded, in memory or on a file, or the one that `DYNAMODB_ENDPOINT` names.

use std::collections::HashMap;
use std::path::Path;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::{Client, Config};
use dynoxide::Database;
pub use local::table::names;
use runtime::connector;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// One stored item.
pub type Item = HashMap<String, AttributeValue>;

/// A DynamoDB API on some address; an embedded one ends when this is dropped.
pub struct Engine {
    endpoint: String,
    embedded: Option<Embedded>,
}

struct Embedded {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Engine {
    /// Uses the engine that `DYNAMODB_ENDPOINT` names, or starts an embedded one in memory.
    pub fn start() -> Self {
        match std::env::var("DYNAMODB_ENDPOINT") {
            Ok(endpoint) if !endpoint.is_empty() => Self { endpoint, embedded: None },
            _ => Self::in_memory(),
        }
    }

    /// Starts an embedded engine in memory, whatever `DYNAMODB_ENDPOINT` names.
    pub fn in_memory() -> Self {
        Self::embedded(Database::memory().expect("no engine in memory"))
    }

    /// Starts an embedded engine whose data stays in a file.
    pub fn on_file(path: &Path) -> Self {
        let path = path.to_str().expect("path is not UTF-8");
        Self::embedded(Database::new(path).expect("no engine on the file"))
    }

    /// Returns its URL, such as `http://127.0.0.1:40001`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns whether it outlives the test.
    pub fn is_external(&self) -> bool {
        self.embedded.is_none()
    }

    /// Runs the engine on its own thread and runtime, so that a busy test does not slow it down.
    fn embedded(database: Database) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("no free port");
        listener.set_nonblocking(true).expect("a listener that can wait");
        let endpoint = format!("http://{}", listener.local_addr().expect("a bound listener"));
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || serve(listener, database, stopped));
        Self { endpoint, embedded: Some(Embedded { stop, thread }) }
    }
}

fn serve(listener: std::net::TcpListener, database: Database, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).expect("a listener");
        tokio::select! {
            () = dynoxide::server::serve_on(listener, database) => {}
            _ = stopped => {}
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(Embedded { stop, thread }) = self.embedded.take() {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

/// The tables of one test; on an engine that outlives the test they are deleted on drop, as far as that works.
pub struct Table {
    name: String,
    endpoint: String,
    delete: bool,
}

impl Table {
    /// Creates tables for this test alone.
    pub async fn create(engine: &Engine) -> Self {
        let name = format!("test-{}", crate::random_hex(8));
        create_tables(engine.endpoint(), &name).await;
        Self { name, endpoint: engine.endpoint().to_owned(), delete: engine.is_external() }
    }

    /// Returns the name of the state's table; see [`names`] for that of the events.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        if self.delete {
            let (name, endpoint) = (self.name.clone(), self.endpoint.clone());
            let _ = thread::spawn(move || delete_table(&endpoint, &name)).join();
        }
    }
}

/// Creates the template's tables under the names that belong to this one, or finds them there.
pub async fn create_tables(endpoint: &str, name: &str) {
    local::table::create_tables(&client(endpoint, name), &names(name)).await.expect("no table");
}

fn delete_table(endpoint: &str, name: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let names = names(name);
    for table in [&names.state, &names.events] {
        let _ = runtime.block_on(client(endpoint, name).delete_table().table_name(table).send());
    }
}

/// Reads every item of the tables that belong to this one: the state's first, each in the engine's order.
pub async fn scan_all(endpoint: &str, table: &str) -> Vec<Item> {
    let names = names(table);
    let state = scan(endpoint, table, &names.state).await;
    [state, scan(endpoint, table, &names.events).await].concat()
}

async fn scan(endpoint: &str, access: &str, table: &str) -> Vec<Item> {
    let scan = client(endpoint, access).scan().table_name(table).consistent_read(true);
    let mut items = scan.into_paginator().items().send();
    let mut all = Vec::new();
    while let Some(item) = items.next().await {
        all.push(item.expect("no scan"));
    }
    all
}

/// Returns the access key for this table. DynamoDB Local keeps a database for each access key, in which every write
/// takes longer the more of them there were before, of deleted tables too.
pub fn access_key(table: &str) -> String {
    table.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Creates an SDK client for this table, as patient as a test wants it.
pub fn client(endpoint: &str, table: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(access_key(table), "test", None, None, "tests"))
        .endpoint_url(endpoint)
        .http_client(connector::http_client(connector::plain()))
        .retry_config(RetryConfig::standard().with_max_attempts(8));
    Client::from_conf(config.build())
}
