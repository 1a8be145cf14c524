//! Engine and wire: every call is recorded, every fault happens as it is described.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client as DynamoDb;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Put, TransactWriteItem};
use harness::engine::{self, Engine, Table, scan_all};
use harness::faults::{Action, Fault};
use harness::wire::Wire;
use serde_json::json;

use crate::until;

struct Database {
    engine: Engine,
    table: Table,
    wire: Wire,
    client: DynamoDb,
}

async fn database() -> Database {
    let engine = Engine::start();
    let table = Table::create(&engine).await;
    let wire = Wire::start(engine.endpoint()).await;
    let client = engine::client(wire.url(), table.name());
    Database { engine, table, wire, client }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

impl Database {
    async fn put(&self, pk: &str) {
        let put = self.client.put_item().table_name(self.table.name());
        put.item("pk", text(pk)).item("sk", text("x")).send().await.unwrap();
    }

    /// Writes a transaction of two puts, without retries.
    async fn transact(&self) -> Result<(), String> {
        let put = |pk: &str| {
            let put = Put::builder().table_name(self.table.name()).item("pk", text(pk)).item("sk", text("x"));
            TransactWriteItem::builder().put(put.build().unwrap()).build()
        };
        let call = self.client.transact_write_items().transact_items(put("a")).transact_items(put("b"));
        let sent = call.customize().config_override(once()).send().await;
        sent.map(drop).map_err(|error| error.code().unwrap_or("no code").to_owned())
    }

    async fn batch_get(&self, pks: &[&str]) -> (usize, usize) {
        let keys = pks.iter().map(|pk| [("pk".to_owned(), text(pk)), ("sk".to_owned(), text("x"))].into());
        let keys = KeysAndAttributes::builder().set_keys(Some(keys.collect())).build().unwrap();
        let answer =
            self.client.batch_get_item().request_items(self.table.name(), keys).send().await.unwrap();
        let found = answer.responses().unwrap().values().map(Vec::len).sum();
        let unread = answer.unprocessed_keys().unwrap().values().map(|keys| keys.keys().len()).sum();
        (found, unread)
    }

    async fn stored(&self) -> usize {
        scan_all(self.engine.endpoint(), self.table.name()).await.len()
    }
}

fn once() -> aws_sdk_dynamodb::config::Builder {
    aws_sdk_dynamodb::Config::builder().retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wire_records_calls_in_order_with_body_and_answer() {
    let db = database().await;
    db.put("a").await;
    assert_eq!(db.batch_get(&["a", "b"]).await, (1, 0));
    let calls = db.wire.take_calls();
    assert_eq!(
        calls.iter().map(|call| call.operation.as_str()).collect::<Vec<_>>(),
        ["PutItem", "BatchGetItem"]
    );
    assert_eq!(calls[0].body["Item"]["pk"], json!({"S": "a"}));
    let (status, answer) = calls[1].answer.as_ref().unwrap();
    assert_eq!((*status, &answer["Responses"][db.table.name()][0]["pk"]["S"]), (200, &json!("a")));
    assert_eq!(db.wire.take_operations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scan_sees_every_page() {
    let db = database().await;
    let filler = "x".repeat(300_000);
    for at in 0..5 {
        let put = db.client.put_item().table_name(db.table.name()).item("pk", text(&format!("{at}")));
        put.item("sk", text("x")).item("filler", text(&filler)).send().await.unwrap();
    }
    assert_eq!(db.stored().await, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_skips_counts_and_ends() {
    let db = database().await;
    db.wire.fault(Fault::on("PutItem", Action::throttled()).skip(1).times(2));
    db.put("a").await;
    assert_eq!(db.wire.take_operations().len(), 1);
    db.put("b").await;
    let statuses =
        db.wire.take_calls().iter().map(|call| call.answer.as_ref().unwrap().0).collect::<Vec<_>>();
    assert_eq!(statuses, [400, 400, 200]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_reach_the_sdk_as_dynamodb_would_name_them() {
    let db = database().await;
    for (action, code) in [
        (Action::throttled(), "ProvisionedThroughputExceededException"),
        (Action::request_limit(), "RequestLimitExceeded"),
        (Action::internal_error(), "InternalServerError"),
        (Action::access_denied(), "AccessDeniedException"),
        (Action::TransactionConflict, "TransactionCanceledException"),
        (Action::Garbage, "no code"),
        (Action::Drop, "no code"),
    ] {
        db.wire.fault(Fault::any(action));
        assert_eq!(db.transact().await, Err(code.to_owned()));
        assert_eq!(db.stored().await, 0, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conflict_names_a_reason_for_every_item() {
    let db = database().await;
    db.wire.fault(Fault::on("TransactWriteItems", Action::TransactionConflict));
    assert!(db.transact().await.is_err());
    let answer = db.wire.take_calls().remove(0).answer.unwrap().1;
    assert_eq!(answer["CancellationReasons"], json!([{"Code": "TransactionConflict"}, {"Code": "None"}]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pass_then_drop_writes_and_loses_the_answer() {
    let db = database().await;
    db.wire.fault(Fault::on("TransactWriteItems", Action::PassThenDrop));
    assert!(db.transact().await.is_err());
    assert_eq!(db.stored().await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn delayed_write_happens_after_its_caller_has_given_up() {
    let db = Arc::new(database().await);
    db.wire.fault(Fault::on("TransactWriteItems", Action::Delay(Duration::from_secs(1))));
    let caller = tokio::spawn({
        let db = db.clone();
        async move { db.transact().await }
    });
    until(|| !db.wire.take_calls().is_empty()).await;
    caller.abort();
    assert_eq!(db.stored().await, 0);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(db.stored().await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unprocessed_keys_are_left_unread() {
    let db = database().await;
    for pk in ["a", "b", "c"] {
        db.put(pk).await;
    }
    db.wire.fault(Fault::on("BatchGetItem", Action::UnprocessedKeys(2)));
    assert_eq!(db.batch_get(&["a", "b", "c"]).await, (1, 2));
    db.wire.fault(Fault::on("BatchGetItem", Action::UnprocessedKeys(9)));
    assert_eq!(db.batch_get(&["a", "b", "c"]).await, (0, 3));
    assert_eq!(db.batch_get(&["a", "b", "c"]).await, (3, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn held_calls_wait_for_their_release() {
    let db = Arc::new(database().await);
    let gate = db.wire.hold("TransactWriteItems");
    let writers: Vec<_> = (0..3)
        .map(|_| {
            tokio::spawn({
                let db = db.clone();
                async move { db.transact().await }
            })
        })
        .collect();
    gate.wait(3).await;
    assert_eq!(db.stored().await, 0);
    gate.let_go(1);
    until(|| writers.iter().any(|writer| writer.is_finished())).await;
    assert_eq!(writers.iter().filter(|writer| writer.is_finished()).count(), 1);
    gate.release();
    for writer in writers {
        assert_eq!(writer.await.unwrap(), Ok(()));
    }
    assert_eq!(db.transact().await, Ok(()), "an open gate passes the call on");
    db.wire.fault(Fault::on("TransactWriteItems", Action::internal_error()));
    assert!(db.transact().await.is_err(), "nor does it hide the rules after it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn engine_on_a_file_keeps_what_it_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.db");
    let engine = Engine::on_file(&path);
    engine::create_tables(engine.endpoint(), "kept").await;
    let put = engine::client(engine.endpoint(), "kept").put_item().table_name("kept");
    put.item("pk", text("a")).item("sk", text("x")).send().await.unwrap();
    drop(engine);
    let engine = Engine::on_file(&path);
    assert_eq!(scan_all(engine.endpoint(), "kept").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skewed_batch_reads_its_late_items_when_it_is_let_go_on() {
    let db = Arc::new(database().await);
    db.put("a").await;
    let gate = db.wire.skew(&[("b", "x")]);
    let batch = tokio::spawn({
        let db = db.clone();
        async move { db.batch_get(&["a", "b"]).await }
    });
    gate.wait(1).await;
    db.put("b").await;
    gate.release();
    assert_eq!(batch.await.unwrap(), (2, 0));
    assert_eq!(db.batch_get(&["a", "b"]).await, (2, 0), "only the next batch is split");
}
