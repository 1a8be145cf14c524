//! Repeating an order whose PIN may be right, with another PIN, is a guess and costs like one.

use harness::prelude::*;

use crate::{contoso, kinds};

/// Guesses by repeating `known`; fails unless each guess counts everywhere and the sixth has to wait.
async fn guess_by_repeating(stack: &Stack, known: &Value) {
    for count in 1..=5 {
        stack
            .submit("A123", &with(known, "pin", format!("48291{}", count + 3)))
            .await
            .assert_refused(&problems::conflict(Some("02")));
        let records = stack.records().await;
        assert_eq!(records.counts(CONTOSO, "A123"), (count, count));
        let repeated = records.events_of(CONTOSO).filter(|event| event.contains_key("repeated"));
        assert_eq!(repeated.count() as u64, count);
    }
    stack.submit("A123", &with(known, "pin", WRONG_PIN)).await.assert_refused(&wait(60));
    let before = stack.records().await;
    for pin in [WRONG_PIN, PIN, "x"] {
        stack.submit("A123", &with(known, "pin", pin)).await.assert_refused(&wait(60));
    }
    assert_eq!(before.count_events(CONTOSO, "port_out.deferred"), 1, "the owner is told once");
    assert_eq!(stack.records().await, before, "nothing is recorded of a carrier that waits");
}

#[tokio::test]
async fn repeating_a_confirmed_order_is_no_way_to_guess() {
    let stack = contoso(&[TN]).await;
    let known = usual("TX-1", PIN);
    stack.confirm("A123", &known).await;
    guess_by_repeating(&stack, &known).await;
    let records = stack.records().await;
    let expected = kinds(&[("port_out.confirmed", 1), ("port_out.deferred", 1), ("port_out.rejected", 5)]);
    assert_eq!((records.orders.len(), records.port_out_event_kinds(CONTOSO)), (1, expected));
}

#[tokio::test]
async fn repeating_an_order_that_was_refused_for_something_else_is_no_way_to_guess() {
    let stack = contoso(&[TN]).await;
    let known = with(&usual("TX-1", PIN), "zip_code", "10001");
    let answer = stack.submit("A123", &known).await;
    assert_rejected(&answer, "A123", &known, &[reason("zip_code_invalid", "/zip_code")]);
    guess_by_repeating(&stack, &known).await;
}

#[tokio::test]
async fn repeating_an_order_from_before_the_pin_was_set_costs_once_there_is_one() {
    let stack = Fixture::contoso().no_pin().start().await;
    let known = usual("TX-1", PIN);
    stack.reject("A123", &known, &[reason("pin_not_set", "/pin")]).await;
    stack.set_pin(CONTOSO, PIN).await.assert_status(201);
    guess_by_repeating(&stack, &known).await;
}

#[tokio::test]
async fn guesses_by_repeating_and_by_new_orders_are_one_count() {
    let stack = contoso(&[TN]).await;
    let known = usual("TX-1", PIN);
    stack.confirm("A123", &known).await;
    for number in 2..=4 {
        let guess = usual(&format!("TX-{number}"), WRONG_PIN);
        assert_eq!(stack.submit("A123", &guess).await.assert_json(201)["status"], "rejected");
    }
    for _ in 0..2 {
        stack
            .submit("A123", &with(&known, "pin", WRONG_PIN))
            .await
            .assert_refused(&problems::conflict(Some("02")));
    }
    stack.submit("A123", &usual("TX-5", PIN)).await.assert_refused(&wait(60));
    stack.submit("A123", &known).await.assert_refused(&wait(60));
    stack.submit("A123", &without(&known, "pin")).await.assert_refused(&problems::conflict(Some("02")));
    let other = usual("TX-1", WRONG_PIN);
    assert_eq!(
        stack.submit("B456", &other).await.assert_json(201)["status"],
        "rejected",
        "others need not wait"
    );
}

#[tokio::test]
async fn repeating_with_the_right_pin_does_not_end_the_count() {
    let stack = contoso(&[TN]).await;
    let known = usual("TX-1", PIN);
    stack.confirm("A123", &known).await;
    for _ in 0..4 {
        stack
            .submit("A123", &with(&known, "pin", WRONG_PIN))
            .await
            .assert_refused(&problems::conflict(Some("02")));
    }
    assert_confirmed(&stack.submit("A123", &known).await, 200, "A123", &known);
    let records = stack.records().await;
    assert_eq!(records.counts(CONTOSO, "A123"), (4, 4));
}
