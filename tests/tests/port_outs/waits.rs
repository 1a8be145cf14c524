//! How long a carrier waits after wrong PINs, to the second, and what ends its count.

use std::collections::BTreeSet;

use harness::prelude::*;
use harness::records::number;

use crate::guesses::{assert_waits, confirm, guess, use_right};
use crate::{NEW_PIN, contoso};

const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

async fn guess_often(stack: &Stack, spid: &str, times: usize) {
    for _ in 0..times {
        guess(stack, spid, WRONG_PIN).await;
    }
}

#[tokio::test]
async fn five_wrong_pins_are_free_and_then_nothing_is_evaluated_or_recorded_for_a_minute() {
    let stack = contoso(&[TN]).await;
    guess_often(&stack, "A123", 5).await;
    assert_waits(&stack, "A123", 60).await;
    let before = stack.records().await;
    assert_eq!(before.count_events(CONTOSO, "port_out.deferred"), 1, "the owner is told once");
    for (passes, seconds) in [(0, 60), (1, 60), (499, 60), (500, 59), (57_999, 2), (1_000, 1)] {
        stack.pass(SignedDuration::from_millis(passes));
        assert_waits(&stack, "A123", seconds).await;
    }
    assert_eq!(stack.records().await, before);
    stack.pass(MILLISECOND);
    guess(&stack, "A123", WRONG_PIN).await;
    assert_waits(&stack, "A123", 120).await;
}

#[tokio::test]
async fn wait_doubles_from_a_minute_up_to_four_hours() {
    let stack = contoso(&[TN]).await;
    guess_often(&stack, "A123", 5).await;
    for minutes in [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240] {
        assert_waits(&stack, "A123", minutes * 60).await;
        stack.pass(SignedDuration::from_mins(minutes.try_into().unwrap()) - MILLISECOND);
        assert_waits(&stack, "A123", 1).await;
        stack.pass(MILLISECOND);
        guess(&stack, "A123", WRONG_PIN).await;
    }
}

#[tokio::test]
async fn wrong_pins_hours_apart_are_still_in_a_row() {
    let stack = contoso(&[TN]).await;
    for _ in 0..5 {
        guess(&stack, "A123", WRONG_PIN).await;
        stack.pass(SignedDuration::from_hours(300));
    }
    guess(&stack, "A123", WRONG_PIN).await;
    assert_waits(&stack, "A123", 120).await;
}

#[tokio::test]
async fn right_pin_after_the_wait_is_confirmed_as_if_there_had_been_none() {
    let stack = contoso(&[TN]).await;
    guess_often(&stack, "A123", 5).await;
    assert_waits(&stack, "A123", 60).await;
    stack.pass(SignedDuration::from_mins(1));
    confirm(&stack, "A123", PIN).await;
    assert_eq!(stack.records().await.failures(CONTOSO, "A123"), 0);
}

#[tokio::test]
async fn order_that_had_to_wait_is_evaluated_under_the_same_name_afterwards() {
    let stack = contoso(&[TN]).await;
    guess_often(&stack, "A123", 5).await;
    let order = with(&usual("TX-LATER", PIN), "zip_code", "10001");
    stack.submit("A123", &order).await.assert_problem(429, "too_many_pin_attempts");
    stack.pass(SignedDuration::from_mins(1));
    stack.reject("A123", &order, &[reason("zip_code_invalid", "/zip_code")]).await;
}

#[tokio::test]
async fn neither_other_carriers_nor_other_accounts_wait() {
    let stack = contoso(&[TN]).await;
    stack.seed_with_pin("FABRIKAM", NEW_PIN, &["+12065550200"]).await;
    guess_often(&stack, "A123", 5).await;
    let elsewhere = order("TX-F", "FABRIKAM", WRONG_PIN, &["+12065550200"]);
    stack.reject("A123", &elsewhere, &[reason("pin_invalid", "/pin")]).await;
    guess_often(&stack, "B456", 4).await;
    confirm(&stack, "B456", PIN).await;
    assert_waits(&stack, "A123", 60).await;
}

#[tokio::test]
async fn right_pin_ends_the_count_even_if_the_order_is_refused_for_something_else() {
    let stack = contoso(&[TN]).await;
    for _ in 0..3 {
        guess_often(&stack, "A123", 4).await;
        stack.assert_pin(CONTOSO, true, &[], 4).await;
        use_right(&stack, "A123").await;
        stack.assert_pin(CONTOSO, true, &[], 0).await;
    }
    guess_often(&stack, "A123", 5).await;
    assert_waits(&stack, "A123", 60).await;
}

#[tokio::test]
async fn right_pin_of_one_carrier_does_not_end_the_wait_of_another() {
    let stack = contoso(&[TN]).await;
    guess_often(&stack, "A123", 5).await;
    use_right(&stack, "B456").await;
    stack.assert_pin(CONTOSO, true, &[], 5).await;
    assert_waits(&stack, "A123", 60).await;
}

#[tokio::test]
async fn new_pin_clears_every_count() {
    let stack = contoso(&[TN]).await;
    guess_often(&stack, "A123", 5).await;
    guess_often(&stack, "B456", 4).await;
    stack.set_pin(CONTOSO, NEW_PIN).await.assert_status(200);
    stack.assert_pin(CONTOSO, true, &[], 0).await;
    for spid in ["A123", "B456"] {
        // The old PIN is as wrong as any other now.
        guess(&stack, spid, PIN).await;
        guess_often(&stack, spid, 4).await;
        assert_waits(&stack, spid, 60).await;
    }
    stack.pass(SignedDuration::from_mins(1));
    confirm(&stack, "A123", NEW_PIN).await;
}

#[tokio::test]
async fn what_tells_nothing_of_the_pin_does_not_count() {
    let stack = contoso(&[TN]).await;
    stack.seed_with_pin("NORDWIND", PIN, &["+12065550300"]).await;
    stack.put_account("NORDWIND", &json!({"country": "NO"})).await.assert_status(200);
    stack.seed("PINLESS", &["+12065550400"]).await;
    let missing = without(&usual("", PIN), "pin");
    let orders = [
        (missing, vec![reason("pin_missing", "/pin")]),
        (
            order("", "UNKNOWN", WRONG_PIN, &["+12065559999"]),
            vec![reason("account_number_invalid", "/account_number")],
        ),
        (
            order("", "NORDWIND", WRONG_PIN, &["+12065550300"]),
            vec![reason("account_not_us", "/account_number")],
        ),
        (order("", "PINLESS", WRONG_PIN, &["+12065550400"]), vec![reason("pin_not_set", "/pin")]),
    ];
    for (kind, (order, reasons)) in orders.iter().enumerate() {
        for round in 0..8 {
            let order = with(order, "pon", format!("K{kind}-{round}"));
            stack.reject("A123", &order, reasons).await;
        }
        let account = order["account_number"].as_str().unwrap();
        assert_eq!(stack.records().await.failures(account, "A123"), 0);
    }
    stack.assert_pin(CONTOSO, true, &[], 0).await;
}

#[tokio::test]
async fn rejections_without_a_comparison_are_limited_to_twenty_an_hour_and_a_right_pin_changes_nothing() {
    let stack = contoso(&[TN]).await;
    let missing = |n: usize| without(&usual(&format!("TX-{n}"), PIN), "pin");
    for n in 0..20 {
        stack.reject("A123", &missing(n), &[reason("pin_missing", "/pin")]).await;
    }
    use_right(&stack, "A123").await;
    stack.submit("A123", &missing(20)).await.assert_refused(&wait(3_600));
    let before = stack.records().await;
    assert_eq!(before.count_events(CONTOSO, "port_out.deferred"), 1);
    stack.submit("A123", &missing(21)).await.assert_refused(&wait(3_600));
    assert_eq!(stack.records().await, before);
    stack.reject("B456", &missing(22), &[reason("pin_missing", "/pin")]).await;
    guess(&stack, "A123", WRONG_PIN).await;
    stack.pass(SignedDuration::from_hours(1));
    stack.reject("A123", &missing(23), &[reason("pin_missing", "/pin")]).await;
    confirm(&stack, "A123", PIN).await;
}

#[tokio::test]
async fn the_owner_is_told_at_ten_fifty_eighty_and_a_hundred_wrong_pins_in_a_row() {
    let stack = contoso(&[TN]).await;
    for n in 0..20 {
        guess_often(&stack, &format!("C{n:03}"), 5).await;
    }
    let records = stack.records().await;
    // The clock stands still, so their order says nothing.
    let counts = |kind| {
        let events = records.events_named(kind).into_iter();
        events.map(|event| number(event, "consecutive_failures")).collect::<BTreeSet<_>>()
    };
    assert_eq!(counts("pin.attempts_high"), BTreeSet::from([10, 50, 80]));
    assert_eq!(counts("pin.locked"), BTreeSet::from([100]));
}

#[tokio::test]
async fn the_count_over_all_carriers_starts_again_after_thirty_quiet_days() {
    let stack = contoso(&[TN]).await;
    guess_often(&stack, "A123", 5).await;
    guess_often(&stack, "B456", 4).await;
    stack.pass(SignedDuration::from_hours(24 * 30) + MILLISECOND);
    guess(&stack, "B456", WRONG_PIN).await;
    stack.assert_pin(CONTOSO, true, &[], 1).await;
    assert_waits(&stack, "B456", 60).await;
    // What A123 added before is not there any more to be taken off.
    use_right(&stack, "A123").await;
    stack.assert_pin(CONTOSO, true, &[], 1).await;
    let status = stack.pin_status(CONTOSO).await.assert_json(200);
    assert_eq!(status["failed_attempts"], 10);
}

#[tokio::test]
async fn malformed_pins_count_like_wrong_ones() {
    let stack = contoso(&[TN]).await;
    for pin in ["x", "48291", "48291300000", "482913.0", "\u{664}\u{668}\u{662}\u{669}\u{661}\u{663}"] {
        guess(&stack, "A123", pin).await;
    }
    assert_waits(&stack, "A123", 60).await;
    stack.assert_pin(CONTOSO, true, &[], 5).await;
}
