//! The first call after a freeze: connections that died meanwhile, and a clock that was late when the call was signed.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::links::{End, Links};
use harness::prelude::*;

use crate::NEW_PIN;

/// Starts a function on the table of a stack through connections that can die.
async fn behind_links(stack: &Stack, key: &str, function: &'static str) -> (Stack, Links) {
    let links = Links::start(stack.wire().url()).await;
    let fixture = Fixture::new().processes(1).functions(&[function]).timeout(Duration::from_secs(20));
    let fixture = fixture.env("AWS_ENDPOINT_URL_DYNAMODB", &format!("{}/{function}", links.url()));
    let fixture = fixture.env("TABLE_NAME", stack.table()).env("PIN_LOCAL_KEY", key);
    (fixture.start().await, links)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_connections_cost_time_and_no_answer() {
    let key = STANDARD.encode(harness::random_bytes(32));
    let numbers = tns(100, 10);
    let stack = Fixture::contoso().numbers(&numbers).processes(1).env("PIN_LOCAL_KEY", &key).start().await;
    let (port_out, its_links) = behind_links(&stack, &key, "port-out").await;
    let (status, status_links) = behind_links(&stack, &key, "status").await;
    for (n, end) in [End::Fin, End::Rst, End::Silence].into_iter().enumerate() {
        let order = |line: usize| order(&format!("TX-{line}"), CONTOSO, PIN, &[&numbers[line]]);
        status.pin_status(CONTOSO).await.assert_status(200);
        port_out.submit("A123", &order(2 * n)).await.assert_status(201);
        its_links.end(end);
        status_links.end(end);
        let began = Instant::now();
        status.pin_status(CONTOSO).await.assert_status(200);
        port_out.submit("A123", &order(2 * n + 1)).await.assert_status(201);
        // What is closed is noticed at once; silence costs each function one try of two seconds.
        let most = if end == End::Silence { 9 } else { 2 };
        assert!(began.elapsed().as_secs() < most, "{end:?}: {:?}", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_that_came_too_late_is_made_again() {
    let stack = Fixture::contoso().processes(1).start().await;
    let late = |operation| stack.wire().fault(Fault::on(operation, Action::late_signature()));
    late("GetItem");
    stack.pin_status(CONTOSO).await.assert_status(200);
    late("BatchGetItem");
    late("TransactWriteItems");
    stack.submit("A123", &usual("TX-1", PIN)).await.assert_status(201);
    late("Query");
    late("TransactWriteItems");
    stack.set_pin(CONTOSO, NEW_PIN).await.assert_status(200);
}
