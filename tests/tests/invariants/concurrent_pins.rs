//! Changes of the PIN against each other and against port-outs, in every order that there is.

use harness::prelude::*;

use crate::concurrent::{crowded, send_all};
use crate::{NEW_PIN, start};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_first_pins_at_once_one_is_version_1_the_other_2_and_the_second_counts() {
    let stack = Fixture::new().processes(2).start().await;
    for round in 0..8 {
        let account = format!("ACCOUNT{round}");
        let tn = format!("+1206555{round:04}");
        stack.seed(&account, &[&tn]).await;
        let gate = stack.wire().hold("TransactWriteItems");
        let calls = [PIN, NEW_PIN].map(|pin| tokio::spawn(stack.pin_change(&account, pin).send()));
        // Both have read that no PIN exists yet.
        gate.wait(2).await;
        gate.release();
        let [one, two] = calls;
        let answers = [(one.await.unwrap(), PIN), (two.await.unwrap(), NEW_PIN)];
        let mut versions = answers.each_ref().map(|(answer, pin)| (version_of(answer), answer.status, *pin));
        versions.sort_unstable();
        let [(1, 201, first), (2, 200, last)] = versions else { panic!("{versions:?}") };
        assert_pin(&stack, &account, &tn, last, first).await;
    }
}

fn version_of(answer: &Answer) -> u64 {
    let body = answer.json();
    assert_eq!(answer.header("etag"), format!("\"{}\"", body["pin_version"]));
    body["pin_version"].as_u64().unwrap()
}

/// Fails unless one PIN is rejected, the other confirms, and the history has both.
async fn assert_pin(stack: &Stack, account: &str, tn: &str, right: &str, wrong: &str) {
    let submit = async |version: &str, pin: &str| {
        let body = json!({"pon": account, "version": version, "account_number": account, "pin": pin, "telephone_numbers": [tn]});
        stack.submit("A123", &body).await.assert_json(201)
    };
    assert_eq!(rejection_codes(&submit("01", wrong).await), ["pin_invalid"]);
    assert_eq!(submit("02", right).await["status"], "confirmed");
    let records = stack.records().await;
    assert_eq!(
        (records.count_events(account, "pin.set"), records.count_events(account, "pin.changed")),
        (1, 1)
    );
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_changes_of_a_pin_at_once_are_eight_versions() {
    let stack = crowded(4, &[TN]).await;
    let pins: Vec<_> = (0..8).map(|n| format!("73819{n}")).collect();
    let answers = send_all(pins.iter().map(|pin| stack.pin_change(CONTOSO, pin)).collect()).await;
    let mut versions: Vec<_> =
        answers.iter().zip(&pins).map(|(answer, pin)| (version_of(answer), pin)).collect();
    assert!(answers.iter().all(|answer| answer.status == 200));
    versions.sort_unstable();
    assert_eq!(versions.iter().map(|(version, _)| *version).collect::<Vec<_>>(), (2..10).collect::<Vec<_>>());
    let last = versions[7].1;
    assert_eq!(outcome(&stack.submit("A123", &usual("TX-1", last)).await), Outcome::Confirmed);
    assert_eq!(outcome(&stack.submit("B456", &usual("TX-1", versions[6].1)).await), Outcome::WrongPin);
    let records = stack.records().await;
    assert_eq!(records.count_events(CONTOSO, "pin.changed"), 8);
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_changes_that_expect_the_same_version_one_is_refused() {
    let stack = crowded(2, &[TN]).await;
    let gate = stack.wire().hold("TransactWriteItems");
    let calls = [NEW_PIN, "738190"]
        .map(|pin| tokio::spawn(stack.pin_change(CONTOSO, pin).header("if-match", "\"1\"").send()));
    gate.wait(2).await;
    gate.release();
    let [one, two] = calls;
    let mut answers = [one.await.unwrap(), two.await.unwrap()];
    answers.sort_by_key(|answer| answer.status);
    assert_eq!(version_of(answers[0].assert_status(200)), 2);
    answers[1].assert_problem(412, "version_mismatch");
    assert_eq!(stack.records().await.count_events(CONTOSO, "pin.changed"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_out_whose_write_comes_before_that_of_a_new_pin_is_confirmed() {
    let stack = crowded(1, &[TN]).await;
    let gate = stack.wire().hold("TransactWriteItems");
    let port_out = tokio::spawn(stack.submission("A123", &usual("TX-1", PIN)).send());
    gate.wait(1).await;
    let change = tokio::spawn(stack.pin_change(CONTOSO, NEW_PIN).send());
    gate.wait(2).await;
    gate.let_go(1);
    let body = port_out.await.unwrap().assert_json(201);
    assert_eq!(body["status"], "confirmed");
    gate.release();
    // The port-out touched the account but not its PIN, so the change need not even be tried again.
    assert_eq!(version_of(change.await.unwrap().assert_status(200)), 2);
    // A repeat is about the order, whose PIN it was then.
    assert_eq!(stack.submit("A123", &usual("TX-1", PIN)).await.assert_json(200), body);
    let newer = version(usual("TX-1", PIN), 2);
    assert_eq!(rejection_codes(&stack.submit("A123", &newer).await.assert_json(201)), ["pin_invalid"]);
    stack.records().await.check();
}

/// Submits a port-out that reads the records before a change is written and is written after it. Returns the answers
/// to the change, which must succeed, and to the port-out.
async fn port_out_written_after(stack: &Stack, change: CallBuilder, pin: &str) -> (Answer, Answer) {
    let gate = stack.wire().hold("TransactWriteItems");
    let change = tokio::spawn(change.send());
    gate.wait(1).await;
    let port_out = tokio::spawn(stack.submission("A123", &usual("TX-1", pin)).send());
    gate.wait(2).await;
    gate.let_go(1);
    let change = change.await.unwrap();
    change.assert_status(200);
    gate.release();
    (change, port_out.await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_out_whose_write_comes_after_that_of_a_new_pin_is_rejected_and_counted_on_the_new_pin() {
    let stack = crowded(1, &[TN]).await;
    // It reads the old PIN, and finds its own right.
    let change = stack.pin_change(CONTOSO, NEW_PIN);
    let (change, port_out) = port_out_written_after(&stack, change, PIN).await;
    assert_eq!(version_of(&change), 2);
    assert_eq!(rejection_codes(&port_out.assert_json(201)), ["pin_invalid"]);
    let records = stack.records().await;
    assert_eq!((records.failed_attempts(CONTOSO), records.failures(CONTOSO, "A123")), (1, 1));
    assert_eq!(records.held_by(TN), None);
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_pin_whose_write_comes_after_that_of_a_new_pin_does_not_count_on_the_old_one() {
    let stack = crowded(1, &[TN]).await;
    let change = stack.pin_change(CONTOSO, NEW_PIN);
    let (_, port_out) = port_out_written_after(&stack, change, NEW_PIN).await;
    assert_eq!(port_out.assert_json(201)["status"], "confirmed", "it is the new PIN");
    let records = stack.records().await;
    assert_eq!((records.failed_attempts(CONTOSO), records.attempts.len()), (0, 0));
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_leaves_the_us_while_a_port_out_is_decided_keeps_its_number() {
    let stack = start().await;
    let leave = stack.operator("PUT", &format!("/v1/accounts/{CONTOSO}")).json(&json!({"country": "CA"}));
    let (_, port_out) = port_out_written_after(&stack, leave, PIN).await;
    assert_eq!(rejection_codes(&port_out.assert_json(201)), ["account_not_us"]);
    let records = stack.records().await;
    assert_eq!((records.held_by(TN), records.failed_attempts(CONTOSO)), (None, 0));
    records.check();
}
