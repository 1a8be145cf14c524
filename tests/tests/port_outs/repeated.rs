//! (SPID, PON, version) names an order once and for all: the same again is answered the same, anything else is refused.

use harness::prelude::*;

use crate::{contoso, kinds};

const OTHER: &str = "+12065550101";

/// Repeats an order; fails unless the first answer comes again and nothing at all is recorded.
async fn repeat(stack: &Stack, order: &Value, first: &Answer) {
    let before = stack.records().await;
    let again = stack.submit("A123", order).await;
    assert_eq!((again.status, &again.body), (200, &first.body), "{}", again.text());
    assert_eq!((again.header("location"), again.header("cache-control")), ("", "no-store"));
    assert_eq!(stack.records().await, before, "a repetition records nothing");
}

/// Submits an order; fails unless it conflicts and nothing at all is recorded.
async fn conflict(stack: &Stack, order: &Value, next: Option<&str>) {
    let before = stack.records().await;
    stack.submit("A123", order).await.assert_refused(&problems::conflict(next));
    assert_eq!(stack.records().await, before, "a conflict records nothing");
}

#[tokio::test]
async fn confirmed_order_again_is_answered_the_same_and_recorded_once() {
    let stack = contoso(&[TN]).await;
    let order = usual("TX-1", PIN);
    let first = stack.submit("A123", &order).await;
    assert_confirmed(&first, 201, "A123", &order);
    for _ in 0..3 {
        repeat(&stack, &order, &first).await;
    }
    let records = stack.records().await;
    assert_eq!(
        (records.orders.len(), records.port_out_event_kinds(CONTOSO)),
        (1, kinds(&[("port_out.confirmed", 1)]))
    );
}

#[tokio::test]
async fn rejected_order_again_is_answered_the_same_even_if_it_would_be_confirmed_now() {
    let stack = contoso(&[TN]).await;
    let wrong_zip = with(&usual("TX-1", PIN), "zip_code", "10001");
    let first = stack.submit("A123", &wrong_zip).await;
    assert_rejected(&first, "A123", &wrong_zip, &[reason("zip_code_invalid", "/zip_code")]);
    repeat(&stack, &wrong_zip, &first).await;
    stack.put_account(CONTOSO, &json!({"country": "US", "zip_codes": ["10001"]})).await.assert_status(200);
    repeat(&stack, &wrong_zip, &first).await;
}

#[tokio::test]
async fn order_without_a_pin_is_the_same_however_the_pin_is_left_out() {
    let stack = contoso(&[TN]).await;
    let order = without(&usual("TX-1", PIN), "pin");
    let first = stack.submit("A123", &order).await;
    assert_rejected(&first, "A123", &order, &[reason("pin_missing", "/pin")]);
    for pin in [Value::Null, json!(""), json!("  ")] {
        repeat(&stack, &with(&order, "pin", pin), &first).await;
    }
    conflict(&stack, &with(&order, "pin", PIN), Some("02")).await;
}

#[tokio::test]
async fn wrong_order_again_is_answered_the_same_even_while_the_carrier_waits() {
    let stack = contoso(&[TN]).await;
    let guess = |number: u8| usual(&format!("TX-{number}"), WRONG_PIN);
    let mut answers = Vec::new();
    for number in 1..=5 {
        answers.push(stack.reject("A123", &guess(number), &[reason("pin_invalid", "/pin")]).await);
    }
    for (number, first) in (1..=5).zip(&answers) {
        repeat(&stack, &guess(number), first).await;
    }
    let records = stack.records().await;
    assert_eq!((records.orders.len(), records.counts(CONTOSO, "A123")), (5, (5, 5)));
    stack.submit("A123", &guess(6)).await.assert_refused(&wait(60));
    // That the PIN of a known wrong order is another one tells nothing, so it is free.
    conflict(&stack, &with(&guess(1), "pin", PIN), Some("02")).await;
}

#[tokio::test]
async fn other_order_and_notation_of_the_same_content_is_the_same() {
    let stack = contoso(&[TN, OTHER]).await;
    let order = with(&order("TX-1", CONTOSO, PIN, &[TN, OTHER]), "zip_code", "98052-1234");
    let first = stack.submit("A123", &order).await;
    assert_confirmed(&first, 201, "A123", &order);
    repeat(&stack, &with(&order, "telephone_numbers", json!([OTHER, TN])), &first).await;
    repeat(&stack, &with(&order, "telephone_numbers", json!(["(206) 555-0101", "12065550100"])), &first)
        .await;
    repeat(&stack, &with(&order, "account_number", "con-toso"), &first).await;
    repeat(&stack, &with(&order, "zip_code", "980521234"), &first).await;
    repeat(&stack, &with(&with(&order, "version", "01"), "desired_due_date", Value::Null), &first).await;
}

#[tokio::test]
async fn any_other_content_conflicts_and_the_next_version_is_named() {
    let stack = contoso(&[TN, OTHER]).await;
    stack.seed_with_pin("FABRIKAM", PIN, &["+12065550200"]).await;
    let day = |day: &str| with(&usual("TX-1", PIN), "desired_due_date", day);
    let order = day("2049-12-01");
    let first = stack.submit("A123", &order).await;
    assert_eq!(first.assert_json(201)["status"], "confirmed");
    for other in [
        with(&order, "account_number", "FABRIKAM"),
        with(&order, "account_number", "NOBODY"),
        with(&order, "zip_code", "98052-1234"),
        with(&order, "zip_code", "10001"),
        without(&order, "zip_code"),
        with(&order, "telephone_numbers", json!([OTHER])),
        with(&order, "telephone_numbers", json!([TN, OTHER])),
        day("2049-12-02"),
        without(&order, "desired_due_date"),
        without(&order, "pin"),
        with(&order, "pin", ""),
    ] {
        conflict(&stack, &other, Some("02")).await;
    }
    repeat(&stack, &order, &first).await;
}

#[tokio::test]
async fn another_carrier_may_use_the_same_pon() {
    let stack = contoso(&[TN, OTHER]).await;
    for (spid, number) in [("A123", TN), ("B456", OTHER)] {
        let order = order("TX-1", CONTOSO, PIN, &[number]);
        stack.confirm(spid, &order).await;
    }
}

#[tokio::test]
async fn pon_is_compared_as_it_is_written() {
    let stack = contoso(&[TN, OTHER]).await;
    for (pon, number) in [("TX-1", TN), ("tx-1", OTHER)] {
        let order = order(pon, CONTOSO, PIN, &[number]);
        stack.confirm("A123", &order).await;
    }
}

#[tokio::test]
async fn version_not_above_the_latest_conflicts_and_the_one_after_the_latest_is_named() {
    let stack = contoso(&[TN]).await;
    let order = usual("TX-1", PIN);
    let fifth = with(&order, "version", "05");
    stack.confirm("A123", &fifth).await;
    for version in ["00", "01", "04"] {
        conflict(&stack, &with(&order, "version", version), Some("06")).await;
    }
    conflict(&stack, &with(&fifth, "zip_code", "10001"), Some("06")).await;
    let last = with(&order, "version", "99");
    stack.confirm("A123", &last).await;
    conflict(&stack, &with(&order, "version", "98"), None).await;
    conflict(&stack, &with(&last, "zip_code", "10001"), None).await;
}
