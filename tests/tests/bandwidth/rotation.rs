//! A new password: for a day both are good, then only the new one.

use harness::assertions::bandwidth::{approved, assert_answer};
use harness::clients::bandwidth::{SOURCE, basic, request};
use harness::prelude::*;

use crate::start;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

async fn rotate(stack: &Stack) -> String {
    stack.rotate(SOURCE).await.assert_status(200);
    stack.secret(SOURCE)
}

async fn validate_with(stack: &Stack, password: &str) -> Answer {
    let call = stack.bandwidth(SOURCE).header("authorization", &basic(SOURCE, password));
    call.body("text/xml", request("TX-1").xml()).send().await
}

/// Fails unless exactly the former are let in.
async fn assert_good(stack: &Stack, good: &[&str], bad: &[&str]) {
    for password in good {
        assert_answer(&validate_with(stack, password).await, &approved("TX-1"));
    }
    for password in bad {
        assert_answer(&validate_with(stack, password).await, &request("TX-1").refused_as_asked(7598));
    }
}

#[tokio::test]
async fn old_password_is_good_for_24_hours_after_a_rotation_and_not_a_millisecond_longer() {
    let stack = start().await;
    let old = stack.secret("bw").clone();
    let new = rotate(&stack).await;
    assert_ne!(old, new);
    assert_good(&stack, &[&old, &new], &[]).await;
    stack.pass(DAY - MILLISECOND);
    assert_good(&stack, &[&old, &new], &[]).await;
    stack.pass(MILLISECOND);
    assert_good(&stack, &[&new], &[&old]).await;
    stack.pass(DAY * 400);
    assert_good(&stack, &[&new], &[&old]).await;
}

#[tokio::test]
async fn second_rotation_ends_the_first_password_at_once() {
    let stack = start().await;
    let first = stack.secret("bw").to_owned();
    let second = rotate(&stack).await;
    stack.pass(SignedDuration::from_hours(1));
    let third = rotate(&stack).await;
    assert_good(&stack, &[&second, &third], &[&first]).await;
    stack.pass(DAY);
    assert_good(&stack, &[&third], &[&first, &second]).await;
}

#[tokio::test]
async fn deletion_ends_both_passwords_and_registering_again_revives_neither() {
    let stack = start().await;
    let old = stack.secret("bw").clone();
    let new = rotate(&stack).await;
    stack.delete_source(SOURCE).await;
    assert_good(&stack, &[], &[&old, &new]).await;
    let newest = stack.register("bw", "bandwidth", "A123").await;
    assert_good(&stack, &[&newest], &[&old, &new]).await;
}
