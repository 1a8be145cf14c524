//! A KMS that fails: whatever it answers, nobody is told anything of a PIN, nothing is counted, nothing confirmed.

use crate::crowd::{ACCOUNT, PIN, TN, Told, assert_internal, assert_unavailable, seed_with_pin, told, usual};
use harness::faults::Action;
use harness::kms::Kms;
use harness::kms::trouble::{self, CANARY, every, mac_of};
use harness::records::{Records, dump};
use harness::stack::Stack;
use std::time::Instant;

async fn start() -> (Kms, Stack) {
    let kms = Kms::start().await;
    let stack = kms.stack().start().await;
    seed_with_pin(&stack, &[TN]).await;
    (kms, stack)
}

/// A right PIN, a wrong one and a change of the PIN are all 503, and the table stays as it is.
async fn assert_nothing_done(stack: &Stack) {
    let before = dump(&stack.scan().await);
    for pin in [PIN, "750264"] {
        assert_unavailable(&stack.submit("A123", &usual("TX-1", pin)).await);
    }
    assert_unavailable(&stack.set_pin(ACCOUNT, "620948").await);
    assert_eq!(dump(&stack.scan().await), before);
}

async fn assert_works_again(kms: &Kms, stack: &Stack) {
    kms.wire().heal();
    assert_eq!(told(&stack.submit("B456", &usual("TX-1", "750264")).await), Told::WrongPin);
    assert_eq!(told(&stack.submit("A123", &usual("TX-1", PIN)).await), Told::Confirmed);
    let records = Records::of(stack).await;
    assert_eq!(records.failures(ACCOUNT, "B456"), 1);
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_kms_answers_but_a_mac_is_503_and_does_nothing() {
    let (kms, stack) = start().await;
    for (_, action) in trouble::answers() {
        kms.wire().heal();
        kms.wire().fault(every(action));
        assert_nothing_done(&stack).await;
    }
    assert_eq!(Records::of(&stack).await.failed_attempts(ACCOUNT), 0);
    assert_works_again(&kms, &stack).await;
    let logs = stack.host().stop().await;
    assert!(logs.contains("\"error_code\":\"DisabledException\""), "the error's name is in the log");
    for inside in [CANARY, PIN] {
        assert!(!logs.contains(inside) && !stack.transcript().contains(inside), "{inside}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kms_that_does_not_answer_is_503_in_time() {
    let (kms, stack) = start().await;
    kms.wire().fault(every(trouble::silence()));
    let began = Instant::now();
    let (submitted, set) = futures_util::future::join(
        stack.submit("A123", &usual("TX-1", PIN)),
        stack.set_pin(ACCOUNT, "620948"),
    )
    .await;
    assert!(began.elapsed().as_secs() < 12, "{:?}", began.elapsed());
    assert_unavailable(&submitted);
    assert_unavailable(&set);
    assert_works_again(&kms, &stack).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mac_of_the_wrong_length_under_an_older_key_confirms_nothing() {
    let (kms, stack) = start().await;
    let new = kms.create_key().await;
    kms.point_alias_to(&new).await;
    let of_33_bytes = Action::Rewrite(|answer| answer["Mac"] = mac_of(33));
    kms.wire().fault(every(of_33_bytes));
    assert_nothing_done(&stack).await;
    assert_works_again(&kms, &stack).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_of_a_local_key_is_not_taken_for_one_of_kms() {
    let (kms, stack) = start().await;
    let mut item =
        stack.scan().await.into_iter().find(|item| item.contains_key("pin_digest")).expect("an account");
    let digest = item["pin_digest"].as_s().unwrap().replace(&kms.key().arn, "local-0000000000000000");
    item.insert("pin_digest".to_owned(), aws_sdk_dynamodb::types::AttributeValue::S(digest));
    stack.put_item(item).await;
    kms.take_asked();
    let answer = stack.submit("A123", &usual("TX-1", PIN)).await;
    // KMS knows no such key: either way it is our trouble and nobody's wrong PIN.
    if answer.status == 503 {
        assert_unavailable(&answer)
    } else {
        assert_internal(&answer)
    }
    assert_eq!(Records::of(&stack).await.orders.len(), 0);
}
