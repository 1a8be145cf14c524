//! With a list of Bandwidth's addresses, requests from others are refused with data before anything is looked up.

use harness::assertions::bandwidth::{approved, assert_answer, assert_challenge, refused_as_asked};
use harness::clients::bandwidth::{SOURCE, notice, request};
use harness::prelude::*;

use crate::{TN, processes};

const LIST: &str = "203.0.113.0/24, 2001:db8::/32";

/// Starts the function with the list.
async fn start() -> Stack {
    processes(&[TN]).env("BANDWIDTH_ADDRESSES", LIST).start().await
}

/// Sends what a call would send, from this address.
async fn send_from(stack: &Stack, call: CallBuilder, address: Value) -> Answer {
    let mut event = call.event();
    event["requestContext"]["http"]["sourceIp"] = address;
    stack.invoke("bandwidth", &event).await
}

fn validation(stack: &Stack, pon: &str) -> CallBuilder {
    let call = stack.bandwidth(SOURCE).header("authorization", &stack.credentials());
    call.body("application/xml", request(pon).xml())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bandwidths_addresses_are_challenged_and_answered() {
    let stack = start().await;
    for (pon, address) in [("TX-1", "203.0.113.9"), ("TX-1", "2001:db8::17")] {
        assert_challenge(&send_from(&stack, stack.bandwidth(SOURCE), json!(address)).await);
        assert_answer(&send_from(&stack, validation(&stack, pon), json!(address)).await, &approved(pon));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_addresses_are_refused_with_data_whatever_they_send_and_cost_nothing() {
    let stack = start().await;
    let before = stack.records().await;
    stack.wire().take_calls();
    for address in [json!("198.51.100.7"), json!("2001:db9::1"), json!("not an address"), Value::Null] {
        let answer = send_from(&stack, validation(&stack, "TX-1"), address.clone()).await;
        assert_answer(&answer, &request("TX-1").refused_as_asked(7598));
        // Bandwidth itself, from a new address, would take a second challenge for an approval.
        let first = stack.bandwidth(SOURCE).body("application/xml", request("TX-1").xml());
        assert_answer(
            &send_from(&stack, first, address.clone()).await,
            &request("TX-1").refused_as_asked(7598),
        );
        let ported = stack.notice(SOURCE).header("authorization", &stack.credentials());
        let ported = ported.body("application/xml", notice(&[TN]));
        assert_answer(&send_from(&stack, ported, address).await, &refused_as_asked(None, 7598, &[TN]));
    }
    assert_eq!(stack.wire().take_calls().len(), 0);
    assert_eq!(stack.records().await, before);
    let logs = stack.logs();
    assert_eq!(logs.matches(r#""webhook_credentials":"unlisted""#).count(), 12, "{logs}");
}
