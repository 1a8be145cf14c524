//! The same `webhook-id` again: for 24 hours it gets the first answer, and nothing is counted or recorded twice.

use harness::assertions::port_outs;
use harness::clients::standard_webhooks::Sender;
use harness::prelude::*;

use crate::{SOURCE, confirmed, of_line, register, start, wrong_pin};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Fails unless every way to send the delivery again gets this answer, and the table stays as it is.
async fn assert_replayed(stack: &Stack, sender: &Sender, id: &str, bodies: &[Value], first: &Value) {
    let before = stack.scan().await;
    for body in bodies {
        assert_port_out(&stack.send(sender, id, body).await, 200, first);
    }
    assert_eq!(stack.scan().await, before);
}

/// Returns the same order with its own PIN and with others, none of which is evaluated under its id.
fn others(order: &Value) -> [Value; 4] {
    [order.clone(), with(order, "pin", PIN), with(order, "pin", WRONG_PIN), with(order, "pin", Value::Null)]
}

#[tokio::test]
async fn replay_gets_the_first_answer_whatever_its_pin() {
    let (stack, sender) = start().await;
    let expected = confirmed("A123", &usual("TX-1", PIN));
    assert_port_out(&stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await, 201, &expected);
    assert_replayed(&stack, &sender, "msg_1", &others(&usual("TX-1", PIN)), &expected).await;
    stack.pass(DAY - SECOND);
    assert_replayed(&stack, &sender, "msg_1", &others(&usual("TX-1", PIN)), &expected).await;
}

#[tokio::test]
async fn known_id_with_another_request_is_a_conflict_and_nothing_of_it_is_evaluated() {
    let (stack, sender) = start().await;
    let order = usual("TX-1", PIN);
    stack.send(&sender, "msg_1", &order).await.assert_status(201);
    let before = stack.records().await;
    for (field, value) in [("pon", "TX-OTHER"), ("version", "02"), ("zip_code", "10001")] {
        for pin in [PIN, WRONG_PIN] {
            let other = with(&with(&order, field, value), "pin", pin);
            stack.send(&sender, "msg_1", &other).await.assert_refused(&problems::delivery_used());
        }
    }
    assert_eq!(stack.records().await, before);
    stack.send(&sender, "msg_1", &order).await.assert_status(200);
}

#[tokio::test]
async fn replay_of_a_wrong_pin_is_not_another_wrong_pin() {
    let (stack, sender) = start().await;
    let order = of_line("TX-1", WRONG_PIN, 0);
    let expected = wrong_pin("A123", &order);
    assert_port_out(&stack.send(&sender, "msg_1", &order).await, 201, &expected);
    for _ in 0..8 {
        assert_replayed(&stack, &sender, "msg_1", &others(&order), &expected).await;
    }
    let records = stack.records().await;
    assert_eq!(
        (records.failures(CONTOSO, "A123"), records.orders.len(), records.deliveries.len()),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn malformed_replay_gets_its_problem_and_leaves_the_first_answer() {
    let (stack, sender) = start().await;
    let expected = confirmed("A123", &usual("TX-1", PIN));
    assert_port_out(&stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await, 201, &expected);
    let before = stack.records().await;
    for (body, status) in [("", 400), ("x", 400), ("{}", 422), ("\u{0}", 400)] {
        let delivery = sender.bytes("msg_1", stack.now(), body.as_bytes());
        stack.deliver(&delivery).await.assert_status(status);
        stack.deliver(&delivery.of(b"y")).await.assert_refused(&problems::not_signed());
        assert_port_out(&stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await, 200, &expected);
    }
    assert_eq!(stack.records().await, before);
}

#[tokio::test]
async fn after_24_hours_the_order_is_evaluated_by_its_own_rules() {
    let (stack, sender) = start().await;
    let expected = confirmed("A123", &usual("TX-1", PIN));
    assert_port_out(&stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await, 201, &expected);
    stack.pass(DAY);
    // The same order never expires; other content under its name conflicts; another order is new.
    stack
        .send(&sender, "msg_1", &with(&usual("TX-1", PIN), "zip_code", "10001"))
        .await
        .assert_refused(&problems::conflict(Some("02")));
    let other = of_line("TX-2", PIN, 1);
    let answer = stack.send(&sender, "msg_1", &other).await;
    let day_after =
        port_outs::at(&port_outs::confirmed("A123", &other, "2026-11-25"), "2026-11-24T16:04:05Z");
    assert_port_out(&answer, 201, &day_after);
    // From here on the id belongs to this order, again for 24 hours.
    stack.pass(DAY - SECOND);
    assert_replayed(&stack, &sender, "msg_1", &[other], &day_after).await;
}

#[tokio::test]
async fn same_order_after_24_hours_gets_its_answer_by_the_orders_rules() {
    let (stack, sender) = start().await;
    let expected = confirmed("A123", &usual("TX-1", PIN));
    assert_port_out(&stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await, 201, &expected);
    stack.pass(DAY);
    assert_port_out(&stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await, 200, &expected);
}

#[tokio::test]
async fn id_of_an_order_that_was_known_already_stands_for_that_order() {
    let (stack, sender) = start().await;
    let expected = with(&confirmed("A123", &usual("TX-1", PIN)), "channel", "api");
    assert_port_out(&stack.submit("A123", &usual("TX-1", PIN)).await, 201, &expected);
    assert_port_out(&stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await, 200, &expected);
    assert_replayed(&stack, &sender, "msg_1", &others(&usual("TX-1", PIN)), &expected).await;
}

/// A sender repeats a webhook until it gets a 2xx.
#[tokio::test]
async fn conflict_that_cost_an_attempt_costs_one_however_often_it_is_sent() {
    let (stack, sender) = start().await;
    stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await.assert_status(201);
    for _ in 0..8 {
        stack
            .send(&sender, "msg_2", &with(&usual("TX-1", PIN), "pin", WRONG_PIN))
            .await
            .assert_refused(&problems::conflict(Some("02")));
        assert_eq!(stack.records().await.failures(CONTOSO, "A123"), 1);
    }
}

#[tokio::test]
async fn each_source_has_ids_of_its_own() {
    let (stack, first) = start().await;
    let second = register(&stack, "acme-2", "A123").await;
    for (sender, line) in [(&first, 1), (&second, 2)] {
        let order = of_line(&format!("TX-{line}"), PIN, line);
        let expected = confirmed("A123", &order);
        assert_port_out(&stack.send(sender, "msg_1", &order).await, 201, &expected);
    }
    let order = of_line("TX-3", PIN, 3);
    for (id, pon) in [("MSG_1", "TX-3"), ("msg_1.", "TX-4")] {
        let order = with(&order, "pon", pon);
        stack.send(&first, id, &order).await.assert_status(201);
    }
}

/// A port-out is shown to the carrier that sent it and to no other.
#[tokio::test]
async fn new_carrier_of_a_source_is_not_told_the_answers_of_the_one_before() {
    let (stack, sender) = start().await;
    stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await.assert_status(201);
    let new = json!({"kind": "standard-webhooks", "spid": "B456"});
    stack.put_source(SOURCE, &new).await.assert_status(200);
    let sender = stack.sender(SOURCE);
    let order = of_line("TX-2", PIN, 2);
    let expected = confirmed("B456", &order);
    assert_port_out(&stack.send(&sender, "msg_1", &order).await, 201, &expected);
    assert_replayed(&stack, &sender, "msg_1", &others(&order), &expected).await;
}

#[tokio::test]
async fn source_registered_again_for_another_carrier_starts_anew() {
    let (stack, sender) = start().await;
    stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await.assert_status(201);
    stack.delete_source(SOURCE).await;
    let sender = register(&stack, SOURCE, "B456").await;
    let order = of_line("TX-2", PIN, 2);
    assert_confirmed(&stack.send(&sender, "msg_1", &order).await, 201, "B456", &order);
}

#[tokio::test]
async fn delivery_is_remembered_by_a_hash_until_the_day_is_over() {
    let (stack, sender) = start().await;
    stack.send(&sender, "msg_secret-7", &usual("TX-1", PIN)).await.assert_status(201);
    let items = stack.scan().await;
    let delivery: Vec<_> =
        items.iter().filter(|item| harness::records::text(item, "pk").starts_with("DELIVERY#")).collect();
    let expires = harness::records::number(delivery[0], "expires_at");
    assert_eq!((delivery.len(), expires), (1, stack.now().as_second() as u64 + 86_400));
    assert!(!harness::records::dump(&items).contains("msg_secret-7"));
}
