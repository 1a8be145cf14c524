//! How long a carrier waits after wrong PINs, to the second, and what ends its count.

use crate::answers::{PIN, WRONG, assert_rejected, reason};
use crate::bench::{Bench, TN};
use crate::{with, without};
use harness::records::Records;
use harness::stack::order;
use jiff::SignedDuration;
use serde_json::{Value, json};

const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

async fn guess(bench: &Bench, spid: &str, times: usize) {
    for _ in 0..times {
        bench.guess(spid).await;
    }
}

#[tokio::test]
async fn five_wrong_pins_are_free_and_then_nothing_is_evaluated_or_recorded_for_a_minute() {
    let bench = Bench::start().await;
    guess(&bench, "A123", 5).await;
    let before = Records::of(&bench.stack).await;
    for (passes, seconds) in [(0, 60), (1, 60), (499, 60), (500, 59), (57_999, 2), (1_000, 1)] {
        bench.pass(SignedDuration::from_millis(passes));
        bench.assert_waits("A123", seconds).await;
    }
    assert_eq!(Records::of(&bench.stack).await, before);
    bench.pass(MILLISECOND);
    bench.guess("A123").await;
    bench.assert_waits("A123", 120).await;
}

#[tokio::test]
async fn wait_doubles_from_a_minute_up_to_a_day() {
    let bench = Bench::start().await;
    guess(&bench, "A123", 5).await;
    for minutes in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440, 1440] {
        bench.assert_waits("A123", minutes * 60).await;
        bench.pass(SignedDuration::from_mins(minutes.try_into().unwrap()) - MILLISECOND);
        bench.assert_waits("A123", 1).await;
        bench.pass(MILLISECOND);
        bench.guess("A123").await;
    }
}

#[tokio::test]
async fn wrong_pins_hours_apart_are_still_in_a_row() {
    let bench = Bench::start().await;
    for _ in 0..5 {
        bench.guess("A123").await;
        bench.pass(SignedDuration::from_hours(300));
    }
    bench.guess("A123").await;
    bench.assert_waits("A123", 120).await;
}

#[tokio::test]
async fn right_pin_after_the_wait_is_confirmed_as_if_there_had_been_none() {
    let bench = Bench::start().await;
    guess(&bench, "A123", 5).await;
    bench.assert_waits("A123", 60).await;
    bench.pass(SignedDuration::from_mins(1));
    bench.confirm("A123", PIN).await;
    assert_eq!(Records::of(&bench.stack).await.failures("CONTOSO", "A123"), 0);
}

#[tokio::test]
async fn order_that_had_to_wait_is_evaluated_under_the_same_name_afterwards() {
    let bench = Bench::start().await;
    guess(&bench, "A123", 5).await;
    let order = with(&order("TX-LATER", "CONTOSO", PIN, &[TN]), "zip_code", "10001");
    bench.submit("A123", &order).await.assert_problem(429, "too_many_pin_attempts");
    bench.pass(SignedDuration::from_mins(1));
    let answer = bench.submit("A123", &order).await;
    assert_rejected(&answer, "A123", &order, &[reason("zip_code_invalid", "/zip_code")]);
}

#[tokio::test]
async fn neither_other_carriers_nor_other_accounts_wait() {
    let bench = Bench::start().await;
    let profile = json!({"country": "US", "zip_code": "98052"});
    bench.add_account("FABRIKAM", &profile, "739154", &["+12065550200"]).await;
    guess(&bench, "A123", 5).await;
    let elsewhere = order("TX-F", "FABRIKAM", WRONG, &["+12065550200"]);
    let answer = bench.submit("A123", &elsewhere).await;
    assert_rejected(&answer, "A123", &elsewhere, &[reason("pin_invalid", "/pin")]);
    guess(&bench, "B456", 4).await;
    bench.confirm("B456", PIN).await;
    bench.assert_waits("A123", 60).await;
}

#[tokio::test]
async fn right_pin_ends_the_count_even_if_the_order_is_refused_for_something_else() {
    let bench = Bench::start().await;
    for _ in 0..3 {
        guess(&bench, "A123", 4).await;
        assert_eq!(bench.pin_state("CONTOSO").await, (json!(true), json!([]), json!(4)));
        bench.use_right("A123", PIN).await;
        assert_eq!(bench.pin_state("CONTOSO").await, (json!(true), json!([]), json!(0)));
    }
    guess(&bench, "A123", 5).await;
    bench.assert_waits("A123", 60).await;
}

#[tokio::test]
async fn right_pin_of_one_carrier_does_not_end_the_wait_of_another() {
    let bench = Bench::start().await;
    guess(&bench, "A123", 5).await;
    bench.use_right("B456", PIN).await;
    assert_eq!(bench.pin_state("CONTOSO").await.2, 0);
    bench.assert_waits("A123", 60).await;
}

#[tokio::test]
async fn new_pin_clears_every_count() {
    let bench = Bench::start().await;
    guess(&bench, "A123", 5).await;
    guess(&bench, "B456", 4).await;
    bench.set_pin("CONTOSO", "739154").await.assert_status(200);
    assert_eq!(bench.pin_state("CONTOSO").await, (json!(true), json!([]), json!(0)));
    for spid in ["A123", "B456"] {
        // The old PIN is as wrong as any other now.
        bench.guess_with(spid, PIN).await;
        guess(&bench, spid, 4).await;
        bench.assert_waits(spid, 60).await;
    }
    bench.pass(SignedDuration::from_mins(1));
    bench.confirm("A123", "739154").await;
}

#[tokio::test]
async fn what_tells_nothing_of_the_pin_does_not_count() {
    let bench = Bench::start().await;
    bench.add_account("NORDWIND", &json!({"country": "US"}), PIN, &["+12065550300"]).await;
    bench.put_account("NORDWIND", &json!({"country": "NO"})).await.assert_status(200);
    bench.put_account("PINLESS", &json!({"country": "US"})).await.assert_status(201);
    bench.assign("PINLESS", &["+12065550400"]).await;
    let missing = without(&order("", "CONTOSO", PIN, &[TN]), "pin");
    let orders = [
        (missing, vec![reason("pin_missing", "/pin")]),
        (order("", "NOBODY", WRONG, &[TN]), vec![reason("account_number_invalid", "/account_number")]),
        (order("", "NORDWIND", WRONG, &["+12065550300"]), vec![reason("account_not_us", "/account_number")]),
        (order("", "PINLESS", WRONG, &["+12065550400"]), vec![reason("pin_not_set", "/pin")]),
    ];
    for (kind, (order, reasons)) in orders.iter().enumerate() {
        for round in 0..8 {
            let order = with(order, "pon", format!("K{kind}-{round}"));
            assert_rejected(&bench.submit("A123", &order).await, "A123", &order, reasons);
        }
        let account = order["account_number"].as_str().unwrap();
        assert_eq!(Records::of(&bench.stack).await.failures(account, "A123"), 0);
    }
    assert_eq!(bench.pin_state("CONTOSO").await.2, 0);
}

#[tokio::test]
async fn malformed_pins_count_like_wrong_ones() {
    let bench = Bench::start().await;
    for pin in ["x", "48291", "48291300000", "482913 ", "\u{664}\u{668}\u{662}\u{669}\u{661}\u{663}"] {
        bench.guess_with("A123", pin).await;
    }
    bench.assert_waits("A123", 60).await;
    assert_eq!(bench.pin_state("CONTOSO").await.2, Value::from(5));
}
