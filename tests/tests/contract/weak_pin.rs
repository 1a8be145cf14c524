//! PINs that are easily guessed: taken with a warning, or refused with the reason where the policy is strict.

use crate::bodies::{pin_status_code, shown_pin, zero_warning};
use harness::assertions::problems::{changed, no_account, not_us};
use harness::prelude::*;

const STRONG: &str = PIN;
const REPEATS: &str = "The PIN repeats digits or a short block of digits.";
const RUN: &str = "The PIN counts up or down in a regular pattern.";
const DATE: &str = "The PIN can be read as a date.";
const KEYPAD: &str = "The PIN follows a pattern on the keypad.";
const COMMON: &str = "The PIN is one of the most common PINs.";
const OWN_NUMBER: &str = "The PIN is part of one of the account's telephone numbers.";
const OWN_ZIP: &str = "The PIN contains the account's ZIP code.";
const OWN_ACCOUNT: &str = "The PIN resembles the account number.";

/// Of the account `AC739164`, with ZIP 98052 and two numbers.
const WEAK: [(&str, &str); 24] = [
    ("000000", REPEATS),
    ("1111111111", REPEATS),
    ("121212", REPEATS),
    ("123123", REPEATS),
    ("112233", REPEATS),
    ("123456", RUN),
    ("0123456789", RUN),
    ("987654", RUN),
    ("112490", DATE),
    ("241190", DATE),
    ("901124", DATE),
    ("11241990", DATE),
    ("147258", KEYPAD),
    ("159753", KEYPAD),
    ("256980", KEYPAD),
    ("314159", COMMON),
    ("8675309", COMMON),
    ("2065550", OWN_NUMBER),
    ("3605550167", OWN_NUMBER),
    ("550167", OWN_NUMBER),
    ("980527", OWN_ZIP),
    ("7980524", OWN_ZIP),
    ("739164", OWN_ACCOUNT),
    ("57391648", OWN_ACCOUNT),
];

async fn stack(policy: &str) -> Stack {
    let stack = Stack::builder().pin_policy(policy).start().await;
    stack.seed("AC739164", &["+12065550123", "+13605550167"]).await;
    stack
}

async fn set(stack: &Stack, pin: &str) -> Answer {
    stack.set_pin("AC739164", pin).await
}

#[track_caller]
fn is_status(answer: &Answer, status_code: u16, version: u64, warnings: Value) {
    let status = shown_pin("AC739164", version, "user:admin@AC739164");
    answer.assert_pin_status(status_code, with(&status, "warnings", warnings));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_default_a_weak_pin_is_set_with_a_warning_that_is_told_once() {
    let stack = stack("default").await;
    for (version, (pin, reason)) in (1..).zip(WEAK) {
        let weak = json!({"code": "pin_weak", "detail": reason});
        let warnings = [weak].into_iter().chain(zero_warning(pin)).collect();
        is_status(&set(&stack, pin).await, pin_status_code(version), version, warnings);
        is_status(&stack.pin_status("AC739164").await, 200, version, json!([]));
    }
    let last = WEAK[WEAK.len() - 1].0;
    let submitted = stack.submit("A123", &order("P-1", "AC739164", last, &["+12065550123"])).await;
    assert_eq!(submitted.assert_json(201)["status"], "confirmed", "{}", submitted.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_policy_the_default_holds_and_a_strong_pin_has_no_warning() {
    let stack = Stack::start().await;
    stack.seed("AC739164", &["+12065550123"]).await;
    is_status(&set(&stack, STRONG).await, 201, 1, json!([]));
    let warning = json!([{"code": "pin_weak", "detail": RUN}]);
    is_status(&set(&stack, "123456").await, 200, 2, warning);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_the_strict_policy_a_weak_pin_is_refused_with_the_reason() {
    let stack = stack("strict").await;
    for version in [0, 1] {
        let before = stack.scan().await;
        for (pin, reason) in WEAK {
            set(&stack, pin).await.assert_refused(&invalid(&[error_because("/pin", "pin_weak", reason)]));
        }
        assert_eq!(stack.scan().await, before);
        if version == 0 {
            is_status(&set(&stack, STRONG).await, 201, 1, json!([]));
        }
    }
    is_status(&stack.pin_status("AC739164").await, 200, 1, json!([]));
    let submitted = stack.submit("A123", &order("P-1", "AC739164", STRONG, &["+12065550123"])).await;
    assert_eq!(submitted.assert_json(201)["status"], "confirmed", "{}", submitted.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_makes_a_pin_weak_is_the_accounts_own_data_and_that_of_no_other() {
    let stack = stack("strict").await;
    stack.seed("FABRIKAM", &["+14255550199"]).await;
    stack.put_account("FABRIKAM", &json!({"country": "US", "zip_codes": ["10118"]})).await.assert_status(200);
    for pin in ["980553", "739164", "3605550167"] {
        stack.set_pin("FABRIKAM", pin).await.assert_json(if pin == "980553" { 201 } else { 200 });
    }
    for (pin, reason) in [("101187", OWN_ZIP), ("425555", OWN_NUMBER)] {
        let refused = invalid(&[error_because("/pin", "pin_weak", reason)]);
        stack.set_pin("FABRIKAM", pin).await.assert_refused(&refused);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_weak_pin_never_hides_what_is_wrong_with_the_account_or_the_version() {
    let stack = stack("strict").await;
    let put = async |account: &str, tag: &str| {
        stack.pin_change(account, "111111").header("if-match", tag).send().await
    };
    put("AC739164", "\"7\"").await.assert_refused(&changed());
    put("FABRIKAM", "*").await.assert_refused(&no_account());
    stack.put_account("AC739164", &json!({"country": "CA"})).await.assert_status(200);
    put("AC739164", "*").await.assert_refused(&not_us());
}
