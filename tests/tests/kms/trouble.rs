//! A KMS that fails for longer: every caller is told that it is our trouble, nothing is recorded, and Bandwidth is not
//! left to think that the port may go.

use crate::asks::Ask;
use crate::bench::Bench;
use crate::told::{
    assert_approved, assert_confirmed, assert_refused_as_trouble, assert_unavailable, assert_wrong_pin,
};
use crate::{ACCOUNT, PIN, WRONG};
use harness::kms::Kms;
use harness::kms::trouble::{self, ERRORS, every, of_pin, of_secret};
use serde_json::Value;

/// Whoever needs the MAC of a PIN: who sets one, and who brings one, right or wrong.
async fn assert_no_pin(bench: &Bench, why: &str) {
    assert_unavailable(&bench.stack.set_pin(ACCOUNT, "620948").await, why);
    for ask in [Ask::right("TX-1", 1), Ask::wrong("TX-1", 1)] {
        assert_unavailable(&bench.submit(&ask).await, why);
    }
    assert_no_webhook(bench, why).await;
}

/// Whoever needs the secret of a source: who registers or rotates one, and who shows it.
async fn assert_no_secret(bench: &Bench, why: &str) {
    for answer in [bench.register("other").await, bench.rotate("acme").await, bench.rotate("bw").await] {
        assert_unavailable(&answer, why);
    }
    assert_no_webhook(bench, why).await;
}

async fn assert_no_webhook(bench: &Bench, why: &str) {
    for ask in [Ask::right("TX-2", 2), Ask::wrong("TX-2", 2)] {
        assert_refused_as_trouble(&bench.validate(&ask).await, "TX-2", why);
        assert_unavailable(&bench.deliver(&ask).await, why);
    }
}

/// Forgets every fault; fails unless each way of bringing or setting a PIN and of making a secret works.
pub async fn assert_works_again(bench: &Bench) {
    bench.kms.wire().heal();
    assert_wrong_pin(&bench.submit(&Ask::wrong("TX-1", 1)).await);
    assert_confirmed(&bench.deliver(&Ask::right("TX-2", 1)).await);
    assert_approved(&bench.validate(&Ask::right("TX-2", 2)).await, "TX-2");
    bench.register("other").await.assert_status(201);
    bench.rotate("acme").await.assert_status(200);
    bench.stack.set_pin(ACCOUNT, "620948").await.assert_status(200);
    let state = bench.stack.pin_state(ACCOUNT).await.assert_json(200);
    assert_eq!(state["failed_attempts"], Value::from(0), "a new PIN starts anew");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_kms_answers_for_a_pin_but_its_mac_is_trouble_and_records_nothing() {
    let bench = Bench::start().await;
    let before = bench.items().await;
    for (why, action) in trouble::answers() {
        bench.kms.wire().heal();
        bench.kms.wire().fault(every(action).when(of_pin));
        assert_no_pin(&bench, why).await;
        assert_eq!(bench.items().await, before, "{why}");
    }
    assert_works_again(&bench).await;
    let logs = bench.assert_silent(&[PIN, WRONG, "620948"]).await;
    for (_, name) in ERRORS {
        assert!(logs.contains(&format!("\"error_code\":\"{name}\"")), "no {name} in the logs");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_kms_answers_for_a_secret_but_its_mac_is_trouble_and_records_nothing() {
    let bench = Bench::start().await;
    let before = bench.items().await;
    for (why, action) in trouble::answers() {
        bench.kms.wire().heal();
        bench.kms.wire().fault(every(action).when(of_secret));
        assert_no_secret(&bench, why).await;
        assert_eq!(bench.items().await, before, "{why}");
    }
    assert_works_again(&bench).await;
    let logs = bench.assert_silent(&[PIN, WRONG]).await;
    assert!(!logs.contains(&bench.bandwidth) && !logs.contains(&bench.sender.secret));
}

/// An account that never had a PIN has none after a failure either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_pin_is_not_set_while_kms_fails_and_nothing_can_be_ported_out() {
    let bench = Bench::start().await;
    bench.stack.seed("FABRIKAM", &["+12065550900"]).await;
    let before = bench.items().await;
    for (why, action) in trouble::answers() {
        bench.kms.wire().heal();
        bench.kms.wire().fault(every(action));
        assert_unavailable(&bench.stack.set_pin("FABRIKAM", "620948").await, why);
    }
    assert_eq!(bench.items().await, before);
    let state = bench.stack.pin_state("FABRIKAM").await.assert_json(200);
    assert_eq!((&state["pin_set"], &state["port_out_allowed"]), (&false.into(), &false.into()));
    bench.kms.wire().heal();
    bench.stack.set_pin("FABRIKAM", "620948").await.assert_status(201);
}

/// A digest and a secret name their key, so another one's name in the answer cannot be right.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answer_in_the_name_of_another_key_than_the_one_asked_for_is_trouble() {
    let bench = Bench::start().await;
    let before = bench.items().await;
    bench.kms.wire().fault(every(trouble::other_key()));
    for ask in [Ask::right("TX-1", 1), Ask::wrong("TX-1", 1)] {
        assert_unavailable(&bench.submit(&ask).await, "another key");
    }
    assert_no_webhook(&bench, "another key").await;
    assert_eq!(bench.items().await, before);
    assert_works_again(&bench).await;
}

/// Where the key is named itself and not by an alias, nothing is made under another one either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answer_in_the_name_of_another_key_than_the_configured_one_is_trouble() {
    for by_arn in [true, false] {
        let kms = Kms::start().await;
        let key = kms.key().clone();
        let builder = kms.stack_with(if by_arn { &key.arn } else { &key.id });
        let bench = Bench::on(kms, builder).await;
        let before = bench.items().await;
        bench.kms.wire().fault(every(trouble::other_key()));
        assert_no_pin(&bench, "another key").await;
        assert_no_secret(&bench, "another key").await;
        assert_eq!(bench.items().await, before);
        assert_works_again(&bench).await;
    }
}
