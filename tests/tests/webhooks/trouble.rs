//! Error with the table while a delivery is answered: 503, and sending it again loses and doubles nothing.

use crate::bench::{of_line, usual};
use crate::delivery::{Delivery, SIGNATURE, Sender};
use crate::told::assert_not_signed;
use crate::{PIN, WRONG, running};
use harness::client::Answer;
use harness::faults::{Action, Fault};
use harness::records::Records;
use harness::stack::Stack;
use jiff::Timestamp;
use serde_json::json;

async fn send(stack: &Stack, delivery: &Delivery) -> Answer {
    delivery.call(stack).send().await
}

/// Sends a delivery while every call of an operation fails so.
async fn send_in_trouble(
    stack: &Stack,
    delivery: &Delivery,
    operation: &'static str,
    action: &Action,
) -> Answer {
    stack.wire().fault(Fault::on(operation, action.clone()).forever());
    let answer = send(stack, delivery).await;
    stack.wire().heal();
    answer
}

/// Fails unless this is the whole 503.
#[track_caller]
fn assert_unavailable(answer: &Answer) {
    let detail = "The service could not do this in time. Nothing was lost; send the same request again.";
    let expected = json!({
        "type": "urn:port-out:problem:temporarily_unavailable",
        "title": "Temporarily unavailable",
        "status": 503,
        "detail": detail,
        "code": "temporarily_unavailable",
        "request_id": answer.header("x-request-id"),
    });
    assert_eq!(answer.assert_problem(503, "temporarily_unavailable"), expected);
    assert_eq!(answer.header("retry-after"), "2");
}

fn signed(sender: &Sender, id: &str, order: &serde_json::Value) -> Delivery {
    sender.sign(id, Timestamp::now(), order)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn delivery_that_met_trouble_is_evaluated_when_it_comes_again() {
    let (stack, sender) = running::start(Stack::builder()).await;
    let before = stack.scan().await;
    let delivery = signed(&sender, "msg_1", &usual("TX-1"));
    for action in [Action::throttled(), Action::access_denied(), Action::Garbage] {
        for operation in ["GetItem", "BatchGetItem", "TransactWriteItems"] {
            let answer = send_in_trouble(&stack, &delivery, operation, &action).await;
            assert!([500, 503].contains(&answer.status), "{action:?} on {operation}: {}", answer.text());
            if answer.status == 503 {
                assert_unavailable(&answer);
            }
        }
    }
    assert_eq!(stack.scan().await, before);
    running::assert_confirmed(&stack, &send(&stack, &delivery).await, 201, &usual("TX-1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answer_that_was_lost_after_it_was_recorded_is_told_to_the_next_delivery() {
    let (stack, sender) = running::start(Stack::builder()).await;
    for (id, order) in [("msg_1", of_line("TX-1", PIN, 1)), ("msg_2", of_line("TX-2", WRONG, 2))] {
        let delivery = signed(&sender, id, &order);
        let lost = send_in_trouble(&stack, &delivery, "TransactWriteItems", &Action::PassThenDrop).await;
        assert_unavailable(&lost);
        let again = send(&stack, &delivery).await;
        match id {
            "msg_1" => running::assert_confirmed(&stack, &again, 200, &order).await,
            _ => running::assert_wrong_pin(&stack, &again, 200, &order).await,
        }
    }
    let records = Records::of(&stack).await;
    assert_eq!(
        (records.orders.len(), records.deliveries.len(), records.failures("CONTOSO", "A123")),
        (2, 2, 1)
    );
}

/// Whether a source exists cannot be known then, so nobody is told that a signature is bad.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn source_that_cannot_be_read_is_our_trouble_for_everybody_alike() {
    let (stack, sender) = running::start(Stack::builder()).await;
    let good = signed(&sender, "msg_1", &usual("TX-1"));
    let bad = good.with(SIGNATURE, "v1,AAAA");
    for delivery in [&good, &bad, &good.to("unknown")] {
        let answer = send_in_trouble(&stack, delivery, "GetItem", &Action::throttled()).await;
        assert_unavailable(&answer);
    }
    // What needs no source to be refused is refused without one.
    let unsigned = good.without(SIGNATURE);
    assert_not_signed(&send_in_trouble(&stack, &unsigned, "GetItem", &Action::throttled()).await);
}
