//! A hundred wrong PINs in a row, over all carriers, lock the PIN until the account sets another one.

use crate::answers::{PIN, WRONG, assert_rejected, reason};
use crate::bench::Bench;
use crate::without;
use harness::records::Records;
use jiff::SignedDuration;
use serde_json::json;

/// Wrong PINs, none of them free of charge for longer than five: 20 carriers have a hundred.
async fn guess(bench: &Bench, first_carrier: usize, guesses: usize, pin: &str) {
    for guess in 0..guesses {
        bench.guess_with(&carrier(first_carrier + guess / 5), pin).await;
    }
}

fn carrier(number: usize) -> String {
    format!("C{number:03}")
}

/// Fails unless a new order with this PIN is refused because the PIN is locked, and for nothing else of the PIN.
async fn assert_locked(bench: &Bench, spid: &str, pin: &str) {
    let order = bench.new_order(pin);
    assert_rejected(&bench.submit(spid, &order).await, spid, &order, &[reason("pin_locked", "/pin")]);
}

#[tokio::test]
async fn hundred_wrong_pins_in_a_row_lock_the_pin_even_against_the_right_one_until_a_new_one_is_set() {
    let bench = Bench::start().await;
    guess(&bench, 0, 99, WRONG).await;
    assert_eq!(bench.pin_state("CONTOSO").await, (json!(true), json!([]), json!(99)));
    bench.guess(&carrier(19)).await;
    let locked = (json!(false), json!(["pin_locked"]), json!(100));
    assert_eq!(bench.pin_state("CONTOSO").await, locked);
    for pin in [PIN, WRONG, "x"] {
        assert_locked(&bench, "A123", pin).await;
    }
    let missing = without(&bench.new_order(PIN), "pin");
    let both = [reason("pin_locked", "/pin"), reason("pin_missing", "/pin")];
    assert_rejected(&bench.submit("A123", &missing).await, "A123", &missing, &both);
    bench.assert_waits(&carrier(0), 60).await;
    bench.pass(SignedDuration::from_hours(24 * 365));
    assert_locked(&bench, &carrier(0), PIN).await;
    assert_eq!(bench.pin_state("CONTOSO").await, locked, "nothing is counted while it is locked");
    assert_eq!(Records::of(&bench.stack).await.failures("CONTOSO", "A123"), 0);
    bench.set_pin("CONTOSO", "739154").await.assert_status(200);
    assert_eq!(bench.pin_state("CONTOSO").await, (json!(true), json!([]), json!(0)));
    bench.guess_with(&carrier(0), PIN).await;
    bench.confirm(&carrier(1), "739154").await;
}

#[tokio::test]
async fn locked_pin_may_be_set_again_to_the_same_digits() {
    let bench = Bench::start().await;
    guess(&bench, 0, 100, "x").await;
    assert_locked(&bench, "A123", PIN).await;
    bench.set_pin("CONTOSO", PIN).await.assert_status(200);
    bench.confirm("A123", PIN).await;
}

#[tokio::test]
async fn right_pin_in_between_starts_the_hundred_again() {
    let bench = Bench::start().await;
    guess(&bench, 0, 99, "x").await;
    bench.use_right("A123", PIN).await;
    assert_eq!(bench.pin_state("CONTOSO").await, (json!(true), json!([]), json!(0)));
    guess(&bench, 20, 99, "x").await;
    assert_eq!(bench.pin_state("CONTOSO").await, (json!(true), json!([]), json!(99)));
    bench.use_right("A123", PIN).await;
    bench.confirm("B456", PIN).await;
}

#[tokio::test]
async fn new_pin_in_between_starts_the_hundred_again() {
    let bench = Bench::start().await;
    guess(&bench, 0, 99, "x").await;
    bench.set_pin("CONTOSO", "739154").await.assert_status(200);
    guess(&bench, 0, 10, "x").await;
    assert_eq!(bench.pin_state("CONTOSO").await, (json!(true), json!([]), json!(10)));
    bench.confirm("B456", "739154").await;
}
