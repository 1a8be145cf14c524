//! A table that fails while a delivery is answered: 503, and repeating the delivery loses and doubles nothing.

use harness::clients::standard_webhooks::{Delivery, SIGNATURE};
use harness::prelude::*;

use crate::{assert_shown, fixture, of_line, started};

/// Sends a delivery while every call of an operation fails so.
async fn send_during_outage(
    stack: &Stack,
    delivery: &Delivery,
    operation: &'static str,
    action: &Action,
) -> Answer {
    stack.wire().fault(Fault::on(operation, action.clone()).forever());
    let answer = stack.deliver(delivery).await;
    stack.wire().heal();
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn delivery_that_failed_is_evaluated_when_it_comes_again() {
    let (stack, sender) = started(fixture().processes(1)).await;
    let before = stack.scan().await;
    let delivery = stack.sign(&sender, "msg_1", &usual("TX-1", PIN));
    for action in [Action::throttled(), Action::access_denied(), Action::Garbage] {
        for operation in ["GetItem", "BatchGetItem", "TransactWriteItems"] {
            let answer = send_during_outage(&stack, &delivery, operation, &action).await;
            assert!([500, 503].contains(&answer.status), "{action:?} on {operation}: {}", answer.text());
            if answer.status == 503 {
                answer.assert_refused(&unavailable());
            }
        }
    }
    assert_eq!(stack.scan().await, before);
    assert_shown(&stack, &stack.deliver(&delivery).await, 201, &usual("TX-1", PIN), Outcome::Confirmed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answer_that_was_lost_after_it_was_recorded_is_told_to_the_next_delivery() {
    let (stack, sender) = started(fixture().processes(1)).await;
    for (pon, pin, line, outcome) in
        [("TX-1", PIN, 1, Outcome::Confirmed), ("TX-2", WRONG_PIN, 2, Outcome::WrongPin)]
    {
        let order = of_line(pon, pin, line);
        let delivery = stack.sign(&sender, pon, &order);
        let lost = send_during_outage(&stack, &delivery, "TransactWriteItems", &Action::PassThenDrop).await;
        lost.assert_refused(&unavailable());
        let again = stack.deliver(&delivery).await;
        assert_shown(&stack, &again, 200, &order, outcome).await;
    }
    let records = stack.records().await;
    assert_eq!(
        (records.orders.len(), records.deliveries.len(), records.failures(CONTOSO, "A123")),
        (2, 2, 1)
    );
}

/// Whether the source exists is unknown then, so the answer must not say that the signature is bad.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn source_that_cannot_be_read_is_503_for_every_delivery_alike() {
    let (stack, sender) = started(fixture().processes(1)).await;
    let good = stack.sign(&sender, "msg_1", &usual("TX-1", PIN));
    let bad = good.with(SIGNATURE, "v1,AAAA");
    for delivery in [&good, &bad, &good.to("unknown")] {
        let answer = send_during_outage(&stack, delivery, "GetItem", &Action::throttled()).await;
        answer.assert_refused(&unavailable());
    }
    // What needs no source to be refused is refused without one.
    let unsigned = good.without(SIGNATURE);
    let answer = send_during_outage(&stack, &unsigned, "GetItem", &Action::throttled()).await;
    answer.assert_refused(&problems::not_signed());
}
