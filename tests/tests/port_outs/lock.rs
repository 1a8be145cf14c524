//! A hundred wrong PINs in a row, over all carriers, lock the PIN until the account sets another one.

use harness::prelude::*;

use crate::guesses::{assert_waits, confirm, guess, use_right};
use crate::{NEW_PIN, contoso};

/// Wrong PINs, none of them free of charge for longer than five: 20 carriers have a hundred.
async fn guess_often(stack: &Stack, first_carrier: usize, guesses: usize, pin: &str) {
    for count in 0..guesses {
        guess(stack, &carrier(first_carrier + count / 5), pin).await;
    }
}

fn carrier(number: usize) -> String {
    format!("C{number:03}")
}

/// Fails unless a new order with this PIN is refused because the PIN is locked, and for nothing else of the PIN.
async fn assert_locked(stack: &Stack, spid: &str, pin: &str) {
    let order = usual(&stack.new_pon(), pin);
    stack.reject(spid, &order, &[reason("pin_locked", "/pin")]).await;
}

#[tokio::test]
async fn hundred_wrong_pins_in_a_row_lock_the_pin_even_against_the_right_one_until_a_new_one_is_set() {
    let stack = contoso(&[TN]).await;
    guess_often(&stack, 0, 99, WRONG_PIN).await;
    stack.assert_pin(CONTOSO, true, &[], 99).await;
    guess(&stack, &carrier(19), WRONG_PIN).await;
    stack.assert_pin(CONTOSO, false, &["pin_locked"], 100).await;
    for pin in [PIN, WRONG_PIN, "x"] {
        assert_locked(&stack, "A123", pin).await;
    }
    let missing = without(&usual(&stack.new_pon(), PIN), "pin");
    let both = [reason("pin_locked", "/pin"), reason("pin_missing", "/pin")];
    stack.reject("A123", &missing, &both).await;
    assert_waits(&stack, &carrier(0), 60).await;
    stack.pass(SignedDuration::from_hours(24 * 365));
    assert_locked(&stack, &carrier(0), PIN).await;
    // Nothing is counted while it is locked.
    stack.assert_pin(CONTOSO, false, &["pin_locked"], 100).await;
    assert_eq!(stack.records().await.failures(CONTOSO, "A123"), 0);
    stack.set_pin(CONTOSO, NEW_PIN).await.assert_status(200);
    stack.assert_pin(CONTOSO, true, &[], 0).await;
    guess(&stack, &carrier(0), PIN).await;
    confirm(&stack, &carrier(1), NEW_PIN).await;
}

#[tokio::test]
async fn locked_pin_cannot_be_set_again_to_the_same_digits() {
    let stack = contoso(&[TN]).await;
    guess_often(&stack, 0, 100, "x").await;
    assert_locked(&stack, "A123", PIN).await;
    let detail = "The PIN is the one that is locked. Set a different one.";
    let unchanged = invalid(&[error_because("/pin", "pin_unchanged", detail)]);
    let before = stack.records().await;
    stack.set_pin(CONTOSO, PIN).await.assert_refused(&unchanged);
    assert_eq!(stack.records().await, before);
    assert_locked(&stack, "B456", PIN).await;
    stack.set_pin(CONTOSO, NEW_PIN).await.assert_status(200);
    confirm(&stack, "A123", NEW_PIN).await;
}

#[tokio::test]
async fn right_pin_takes_off_what_its_own_carrier_added_and_nothing_else() {
    let stack = contoso(&[TN]).await;
    guess_often(&stack, 0, 99, "x").await;
    use_right(&stack, "A123").await;
    stack.assert_pin(CONTOSO, true, &[], 99).await;
    stack.pass(SignedDuration::from_mins(1));
    for n in 0..10 {
        use_right(&stack, &carrier(n)).await;
        stack.assert_pin(CONTOSO, true, &[], 94 - 5 * n as u64).await;
    }
    let status = stack.pin_status(CONTOSO).await.assert_json(200);
    assert_eq!(status["failed_attempts"], 99, "a right PIN hides no failure");
    guess_often(&stack, 20, 50, "x").await;
    stack.assert_pin(CONTOSO, true, &[], 99).await;
    guess(&stack, "B456", "x").await;
    assert_locked(&stack, "A123", PIN).await;
}

#[tokio::test]
async fn new_pin_in_between_starts_the_hundred_again() {
    let stack = contoso(&[TN]).await;
    guess_often(&stack, 0, 99, "x").await;
    stack.set_pin(CONTOSO, NEW_PIN).await.assert_status(200);
    guess_often(&stack, 0, 10, "x").await;
    stack.assert_pin(CONTOSO, true, &[], 10).await;
    confirm(&stack, "B456", NEW_PIN).await;
}
