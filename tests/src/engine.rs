//! The DynamoDB engine of a test: embedded, in memory or on a file, or the one that `DYNAMODB_ENDPOINT` names.

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableInputBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    Projection, ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
    TimeToLiveSpecification,
};
use aws_sdk_dynamodb::{Client, Config};
use dynoxide::Database;
use std::collections::HashMap;
use std::path::Path;
use std::thread::{self, JoinHandle};
use std::time::Duration;
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
    /// The engine that `DYNAMODB_ENDPOINT` names, or an embedded one in memory.
    pub fn start() -> Self {
        match std::env::var("DYNAMODB_ENDPOINT") {
            Ok(endpoint) if !endpoint.is_empty() => Self { endpoint, embedded: None },
            _ => Self::embedded(Database::memory().expect("no engine in memory")),
        }
    }

    /// An embedded engine whose data stays in a file.
    pub fn on_file(path: &Path) -> Self {
        let path = path.to_str().expect("path is not UTF-8");
        Self::embedded(Database::new(path).expect("no engine on the file"))
    }

    /// Where it answers, such as `http://127.0.0.1:40001`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Whether it outlives the test.
    pub fn is_external(&self) -> bool {
        self.embedded.is_none()
    }

    /// The engine has a thread and runtime of its own, so a busy test does not slow it down.
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

/// What a table is made of.
#[derive(Clone)]
pub struct Schema {
    /// Everything but the table's name.
    pub table: CreateTableInputBuilder,
    /// The attribute that says, in seconds of Unix time, when an item may go.
    pub expires_at: Option<String>,
}

impl Default for Schema {
    /// `pk`/`sk`, the index `lists`, a stream of new images, expiry by `expires_at`.
    fn default() -> Self {
        let index = GlobalSecondaryIndex::builder()
            .index_name("lists")
            .set_key_schema(Some(keys("list_pk", "list_sk")))
            .projection(Projection::builder().projection_type(ProjectionType::All).build())
            .build()
            .expect("an index");
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::NewImage)
            .build()
            .expect("a stream");
        let table = CreateTableInputBuilder::default()
            .set_key_schema(Some(keys("pk", "sk")))
            .set_attribute_definitions(Some(["pk", "sk", "list_pk", "list_sk"].map(text_attribute).to_vec()))
            .global_secondary_indexes(index)
            .billing_mode(BillingMode::PayPerRequest)
            .stream_specification(stream);
        Self { table, expires_at: Some("expires_at".to_owned()) }
    }
}

fn keys(hash: &str, range: &str) -> Vec<KeySchemaElement> {
    [(hash, KeyType::Hash), (range, KeyType::Range)]
        .map(|(name, kind)| {
            KeySchemaElement::builder().attribute_name(name).key_type(kind).build().expect("a key")
        })
        .to_vec()
}

fn text_attribute(name: &str) -> AttributeDefinition {
    let text = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
    text.build().expect("an attribute")
}

/// A table of one test; on an engine that outlives the test it is deleted on drop, as far as that works.
pub struct Table {
    name: String,
    endpoint: String,
    delete: bool,
}

impl Table {
    /// Creates a table that no other test knows.
    pub async fn create(engine: &Engine, schema: &Schema) -> Self {
        let name = format!("test-{}", crate::random_hex(8));
        create_table(engine.endpoint(), &name, schema).await;
        Self { name, endpoint: engine.endpoint().to_owned(), delete: engine.is_external() }
    }

    /// Its name.
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

/// Creates a table and waits for nothing: both engines have it at once.
pub async fn create_table(endpoint: &str, name: &str, schema: &Schema) {
    let client = client(endpoint);
    schema.table.clone().table_name(name).send_with(&client).await.expect("no table");
    if let Some(attribute) = &schema.expires_at {
        let expiry = TimeToLiveSpecification::builder().enabled(true).attribute_name(attribute).build();
        let expiry = expiry.expect("an expiry");
        let call = client.update_time_to_live().table_name(name).time_to_live_specification(expiry);
        call.send().await.expect("no expiry");
    }
}

fn delete_table(endpoint: &str, name: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let _ = runtime.block_on(client(endpoint).delete_table().table_name(name).send());
}

/// Every item of a table, in the engine's order.
pub async fn scan_all(endpoint: &str, table: &str) -> Vec<Item> {
    let scan = client(endpoint).scan().table_name(table).consistent_read(true);
    let mut items = scan.into_paginator().items().send();
    let mut all = Vec::new();
    while let Some(item) = items.next().await {
        all.push(item.expect("no scan"));
    }
    all
}

/// An SDK client as patient as a test wants it.
pub fn client(endpoint: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::standard().with_max_attempts(8));
    Client::from_conf(config.build())
}
