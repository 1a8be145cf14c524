//! A new password: for a day both are good, then only the new one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::assertions::bandwidth::{approved, assert_answer};
use harness::clients::bandwidth::{SOURCE, basic, request};
use harness::prelude::*;

use crate::{TN, processes, start};

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

/// A secret that can no longer be derived does not keep the other one from proving the caller.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn password_under_the_new_key_is_good_while_the_old_key_is_gone() {
    let keys = [1, 2].map(|byte| STANDARD.encode([byte; 32]));
    let old = processes(&[TN]).env("WEBHOOK_LOCAL_KEY", &keys[0]).start().await;
    let on_its_table = |functions: &[&'static str]| {
        let fixture = Fixture::new().processes(1).functions(functions).tables_of(&old);
        fixture.env("AWS_ENDPOINT_URL_DYNAMODB", old.engine().endpoint()).env("WEBHOOK_LOCAL_KEY", &keys[1])
    };
    let both = on_its_table(&["provision"]).env("WEBHOOK_PREVIOUS_LOCAL_KEY", &keys[0]).start().await;
    both.rotate(SOURCE).await.assert_status(200);
    let new = on_its_table(&["bandwidth"]).start().await;
    let refused = request("TX-1").no_account();
    for (password, code) in [(both.secret(SOURCE), 7510), (old.secret(SOURCE), 7598)] {
        let call = new.bandwidth(SOURCE).header("authorization", &basic(SOURCE, &password));
        let answer = call.body("text/xml", refused.xml()).send().await;
        assert_answer(&answer, &refused.refused_as_asked(code));
    }
}
