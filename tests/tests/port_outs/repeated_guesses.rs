//! Repeating an order whose PIN may be right, with another PIN, is a guess and costs like one.

use crate::answers::{PIN, WRONG, assert_confirmed, assert_conflict, assert_rejected, assert_wait, reason};
use crate::kinds;
use crate::{contoso, with, without};
use harness::client::Answer;
use harness::records::Records;
use harness::stack::{Stack, order};
use serde_json::Value;

const TN: &str = "+12065550100";

/// A carrier that was told to wait: within the first minute, the seconds that the answer says.
#[track_caller]
fn assert_waits(answer: &Answer) {
    let seconds = answer.header("retry-after").parse().unwrap_or_default();
    assert!((1..=60).contains(&seconds), "{}", answer.text());
    assert_wait(answer, seconds);
}

/// Guesses by repeating `known`; fails unless each guess counts everywhere and the sixth has to wait.
async fn guess_by_repeating(stack: &Stack, known: &Value) {
    for count in 1..=5 {
        assert_conflict(
            &stack.submit("A123", &with(known, "pin", format!("48291{}", count + 3))).await,
            Some("02"),
        );
        let records = Records::of(stack).await;
        assert_eq!(records.counts("CONTOSO", "A123"), (count, count));
        assert_eq!(records.count_events("CONTOSO", "port_out.repeated_with_other_pin") as u64, count);
    }
    let before = Records::of(stack).await;
    for pin in [WRONG, PIN, "x"] {
        assert_waits(&stack.submit("A123", &with(known, "pin", pin)).await);
    }
    assert_eq!(Records::of(stack).await, before, "nothing is recorded of a carrier that waits");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeating_a_confirmed_order_is_no_way_to_guess() {
    let stack = contoso(&[TN]).await;
    let known = order("TX-1", "CONTOSO", PIN, &[TN]);
    assert_confirmed(&stack.submit("A123", &known).await, 201, "A123", &known);
    guess_by_repeating(&stack, &known).await;
    let records = Records::of(&stack).await;
    let expected = kinds(&[("port_out.confirmed", 1), ("port_out.repeated_with_other_pin", 5)]);
    assert_eq!((records.orders.len(), records.kinds_told("CONTOSO")), (1, expected));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeating_an_order_that_was_refused_for_something_else_is_no_way_to_guess() {
    let stack = contoso(&[TN]).await;
    let known = with(&order("TX-1", "CONTOSO", PIN, &[TN]), "zip_code", "10001");
    let answer = stack.submit("A123", &known).await;
    assert_rejected(&answer, "A123", &known, &[reason("zip_code_invalid", "/zip_code")]);
    guess_by_repeating(&stack, &known).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeating_an_order_from_before_the_pin_was_set_costs_once_there_is_one() {
    let stack = Stack::start().await;
    stack.seed("CONTOSO", &[TN]).await;
    let known = order("TX-1", "CONTOSO", PIN, &[TN]);
    assert_rejected(&stack.submit("A123", &known).await, "A123", &known, &[reason("pin_not_set", "/pin")]);
    stack.set_pin("CONTOSO", PIN).await.assert_status(201);
    guess_by_repeating(&stack, &known).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_by_repeating_and_by_new_orders_are_one_count() {
    let stack = contoso(&[TN]).await;
    let known = order("TX-1", "CONTOSO", PIN, &[TN]);
    assert_confirmed(&stack.submit("A123", &known).await, 201, "A123", &known);
    for number in 2..=4 {
        let guess = order(&format!("TX-{number}"), "CONTOSO", WRONG, &[TN]);
        assert_eq!(stack.submit("A123", &guess).await.assert_json(201)["status"], "rejected");
    }
    for _ in 0..2 {
        assert_conflict(&stack.submit("A123", &with(&known, "pin", WRONG)).await, Some("02"));
    }
    assert_waits(&stack.submit("A123", &order("TX-5", "CONTOSO", PIN, &[TN])).await);
    assert_waits(&stack.submit("A123", &known).await);
    assert_conflict(&stack.submit("A123", &without(&known, "pin")).await, Some("02"));
    let other = order("TX-1", "CONTOSO", WRONG, &[TN]);
    assert_eq!(
        stack.submit("B456", &other).await.assert_json(201)["status"],
        "rejected",
        "others need not wait"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeating_with_the_right_pin_does_not_end_the_count() {
    let stack = contoso(&[TN]).await;
    let known = order("TX-1", "CONTOSO", PIN, &[TN]);
    assert_confirmed(&stack.submit("A123", &known).await, 201, "A123", &known);
    for _ in 0..4 {
        assert_conflict(&stack.submit("A123", &with(&known, "pin", WRONG)).await, Some("02"));
    }
    assert_confirmed(&stack.submit("A123", &known).await, 200, "A123", &known);
    let records = Records::of(&stack).await;
    assert_eq!(records.counts("CONTOSO", "A123"), (4, 4));
}
