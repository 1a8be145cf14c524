//! On the wire of every end-to-end test a function may do what its role allows; whatever else it does fails that test.

use std::panic::{AssertUnwindSafe, catch_unwind};

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::AttributeValue;
use harness::engine::{Engine, Table, client, names};
use harness::guard::Guard;
use harness::stack::FUNCTIONS;
use harness::wire::Wire;

/// Reads one attribute of an account as a function; the error's code, if there is one.
async fn read(wire: &Wire, table: &Table, function: &str, attribute: &str) -> Option<String> {
    let get = client(&wire.url_of(function), table.name()).get_item().table_name(table.name());
    let get = get.key("pk", AttributeValue::S("ACCOUNT#A".to_owned()));
    let get = get.key("sk", AttributeValue::S("ACCOUNT".to_owned())).projection_expression(attribute);
    get.send().await.err().map(|error| error.code().unwrap_or("no code").to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_the_role_does_not_allow_is_answered_as_aws_does_and_fails_the_test() {
    let engine = Engine::start();
    let table = Table::create(&engine).await;
    let wire = Wire::guarded(engine.endpoint(), Guard::new(table.name())).await;
    assert_eq!(read(&wire, &table, "status", "revision").await, None);
    let denied = Some("AccessDeniedException".to_owned());
    assert_eq!(read(&wire, &table, "status", "pin_digest").await, denied);
    let refusals = wire.take_refusals();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert!(refusals[0].starts_with("status may not dynamodb:GetItem"), "{refusals:?}");
    assert_eq!(read(&wire, &table, "provision", "pin_digest").await, denied);
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(wire)));
    assert!(dropped.is_err(), "a refusal that was not taken went unnoticed");
}

/// Puts an item into the events past a transaction, and deletes it, as a function; the errors' codes.
async fn write_event(wire: &Wire, table: &Table, function: &str) -> [Option<String>; 2] {
    let (client, events) = (client(&wire.url_of(function), table.name()), names(table.name()).events);
    let [pk, sk] = ["ACCOUNT#A", "1"].map(|text| AttributeValue::S(text.to_owned()));
    let put = client.put_item().table_name(&events).item("pk", pk.clone()).item("sk", sk.clone());
    let put = put.send().await.err().and_then(|error| error.code().map(str::to_owned));
    let delete = client.delete_item().table_name(&events).key("pk", pk).key("sk", sk);
    [put, delete.send().await.err().and_then(|error| error.code().map(str::to_owned))]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_function_writes_an_event_outside_of_a_transaction_or_deletes_one() {
    let engine = Engine::start();
    let table = Table::create(&engine).await;
    let wire = Wire::guarded(engine.endpoint(), Guard::new(table.name())).await;
    let denied = Some("AccessDeniedException".to_owned());
    for function in FUNCTIONS {
        assert_eq!(
            write_event(&wire, &table, function).await,
            [denied.clone(), denied.clone()],
            "{function}"
        );
    }
    let refusals = wire.take_refusals();
    assert_eq!(refusals.len(), 2 * FUNCTIONS.len(), "{refusals:?}");
}
