//! Digests follow the parameters: a right PIN renews one that is outdated, and every old one goes on to verify.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::prelude::*;

/// Starts processes with this key, and the account `CONTOSO`.
async fn first_stack(key: &str) -> Stack {
    Fixture::contoso().processes(1).env("PIN_LOCAL_KEY", key).start().await
}

/// `port-out` started anew on the first stack's table, with these variables.
async fn restarted(first: &Stack, variables: &[(&str, &str)]) -> Stack {
    let fixture = Fixture::new().processes(1).functions(&["port-out"]).tables_of(first);
    let fixture = fixture.env("AWS_ENDPOINT_URL_DYNAMODB", first.engine().endpoint());
    variables.iter().fold(fixture, |fixture, (name, value)| fixture.env(name, value)).start().await
}

fn key() -> String {
    STANDARD.encode(harness::random_bytes(32))
}

async fn digest(stack: &Stack) -> [String; 5] {
    stack.digest_parts(CONTOSO).await
}

async fn refuse(stack: &Stack, pon: &str) {
    stack.reject("A123", &usual(pon, WRONG_PIN), &[reason("pin_invalid", "/pin")]).await;
}

/// Submits the right PIN in an order that is rejected for its ZIP, so that it can be repeated.
async fn accept(stack: &Stack, pon: &str) {
    let right = with(&usual(pon, PIN), "zip_code", "10001");
    let reasons = [reason("zip_code_invalid", "/zip_code")];
    stack.reject("A123", &right, &reasons).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn right_pin_renews_a_digest_with_fewer_rounds_and_a_wrong_one_does_not() {
    let key = key();
    let first = first_stack(&key).await;
    let old = digest(&first).await;
    assert_eq!((&*old[0], &*old[1]), ("pbkdf2-sha256", "100000"));
    let second = restarted(&first, &[("PIN_LOCAL_KEY", &key), ("PBKDF2_ITERATIONS", "120000")]).await;
    refuse(&second, "TX-1").await;
    assert_eq!(digest(&first).await, old, "a wrong PIN renews nothing");
    accept(&second, "TX-2").await;
    let new = digest(&first).await;
    assert_eq!((&new[0], &*new[1], &new[2], &new[3]), (&old[0], "120000", &old[2], &old[3]));
    assert_ne!(new[4], old[4]);
    let state = first.pin_status(CONTOSO).await.assert_json(200);
    assert_eq!(
        (&state["pin_version"], &state["consecutive_failures"]),
        (&1.into(), &0.into()),
        "it is the same PIN"
    );
    refuse(&second, "TX-3").await;
    accept(&second, "TX-4").await;
    assert_eq!(digest(&first).await, new, "once is enough");
    let last = usual("TX-5", PIN);
    assert_outcome(&second.submit("A123", &last).await, Outcome::Confirmed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_is_never_rewritten_with_fewer_rounds() {
    let key = key();
    let first = first_stack(&key).await;
    let second = restarted(&first, &[("PIN_LOCAL_KEY", &key), ("PBKDF2_ITERATIONS", "120000")]).await;
    accept(&second, "TX-1").await;
    assert_eq!(digest(&first).await[1], "120000");
    let stored = digest(&first).await;
    accept(&first, "TX-2").await;
    assert_eq!(digest(&first).await, stored);
    accept(&second, "TX-3").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn right_pin_moves_a_digest_to_the_new_key_and_the_old_key_may_go_then() {
    let (old_key, new_key) = (key(), key());
    let first = first_stack(&old_key).await;
    let old = digest(&first).await;
    let both = [("PIN_LOCAL_KEY", &*new_key), ("PIN_PREVIOUS_LOCAL_KEY", &*old_key)];
    let second = restarted(&first, &both).await;
    refuse(&second, "TX-1").await;
    assert_eq!(digest(&first).await, old, "a wrong PIN renews nothing");
    accept(&second, "TX-2").await;
    let new = digest(&first).await;
    assert_eq!((&new[0], &new[1], &new[3]), (&old[0], &old[1], &old[3]));
    assert!(new[2] != old[2] && new[4] != old[4], "key and hash are new");
    let third = restarted(&first, &[("PIN_LOCAL_KEY", &new_key)]).await;
    refuse(&third, "TX-3").await;
    accept(&third, "TX-4").await;
    assert_eq!(digest(&first).await, new);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn order_from_before_a_key_was_changed_is_still_the_same_order() {
    let (old_key, new_key) = (key(), key());
    let first = first_stack(&old_key).await;
    let order = usual("TX-1", PIN);
    let answer = first.submit("A123", &order).await;
    assert_outcome(&answer, Outcome::Confirmed);
    let both = [("PIN_LOCAL_KEY", &*new_key), ("PIN_PREVIOUS_LOCAL_KEY", &*old_key)];
    let second = restarted(&first, &both).await;
    let again = second.submit("A123", &order).await;
    assert_eq!((again.status, &again.body), (200, &answer.body));
    let other_pin = second.submit("A123", &with(&order, "pin", WRONG_PIN)).await;
    other_pin.assert_refused(&problems::conflict(Some("02")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn digest_of_a_key_that_is_not_configured_is_broken_and_not_a_wrong_pin() {
    let first = first_stack(&key()).await;
    let second = restarted(&first, &[("PIN_LOCAL_KEY", &key())]).await;
    let before = first.records().await;
    let answer = second.submit("A123", &usual("TX-1", PIN)).await;
    answer.assert_refused(&problems::internal_error());
    assert_eq!(first.records().await, before);
}
