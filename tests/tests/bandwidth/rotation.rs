//! A new password: for a day both are good, then only the new one.

use crate::answers::{approved, assert_answer, assert_challenge};
use crate::ask::Ask;
use crate::bench::{Bench, basic};
use harness::client::Answer;
use jiff::SignedDuration;
use serde_json::Value;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

async fn rotate(bench: &Bench) -> String {
    let answer = bench.operator("POST", "/v1/webhook-sources/bw/rotate", &Value::Null).await.assert_json(200);
    answer["secret"].as_str().expect("a secret").to_owned()
}

async fn with(bench: &Bench, password: &str) -> Answer {
    let credentials = basic("bw", password);
    let headers = [("authorization", credentials.as_str()), ("content-type", "text/xml")];
    bench.post("/v1/webhooks/bw/bandwidth", &headers, Ask::usual("TX-1").xml().as_bytes()).await
}

/// Fails unless exactly the former are let in.
async fn assert_good(bench: &Bench, good: &[&str], bad: &[&str]) {
    for password in good {
        assert_answer(&with(bench, password).await, &approved("TX-1"));
    }
    for password in bad {
        assert_challenge(&with(bench, password).await);
    }
}

#[tokio::test]
async fn old_password_is_good_for_24_hours_after_a_rotation_and_not_a_millisecond_longer() {
    let bench = Bench::start().await;
    let old = bench.password().to_owned();
    let new = rotate(&bench).await;
    assert_ne!(old, new);
    assert_good(&bench, &[&old, &new], &[]).await;
    bench.pass(DAY - MILLISECOND);
    assert_good(&bench, &[&old, &new], &[]).await;
    bench.pass(MILLISECOND);
    assert_good(&bench, &[&new], &[&old]).await;
    bench.pass(DAY * 400);
    assert_good(&bench, &[&new], &[&old]).await;
}

#[tokio::test]
async fn second_rotation_ends_the_first_password_at_once() {
    let bench = Bench::start().await;
    let first = bench.password().to_owned();
    let second = rotate(&bench).await;
    bench.pass(SignedDuration::from_hours(1));
    let third = rotate(&bench).await;
    assert_good(&bench, &[&second, &third], &[&first]).await;
    bench.pass(DAY);
    assert_good(&bench, &[&third], &[&first, &second]).await;
}

#[tokio::test]
async fn deletion_ends_both_passwords_and_registering_again_revives_neither() {
    let bench = Bench::start().await;
    let old = bench.password().to_owned();
    let new = rotate(&bench).await;
    bench.operator("DELETE", "/v1/webhook-sources/bw", &Value::Null).await.assert_status(204);
    assert_good(&bench, &[], &[&old, &new]).await;
    let newest = bench.register("bw", "bandwidth", "A123").await;
    assert_good(&bench, &[&newest], &[&old, &new]).await;
}
