//! The PIN key in AWS KMS: what is asked of it, and what happens when it is replaced.

use crate::crowd::{
    ACCOUNT, PIN, TN, Told, pin_change, rejection_codes, seed_with_pin, submission, told, usual, version,
};
use harness::kms::{Asked, Kms};
use harness::records::{Records, text};
use harness::stack::{Stack, order};

async fn start() -> (Kms, Stack) {
    let kms = Kms::start().await;
    let stack = kms.stack().start().await;
    seed_with_pin(&stack, &[TN, "+12065550101"]).await;
    (kms, stack)
}

fn keys(asked: &[Asked]) -> Vec<&str> {
    asked.iter().map(|asked| asked.key.as_str()).collect()
}

/// The ARN in the account's digest.
async fn key_of_digest(stack: &Stack, account: &str) -> String {
    let records = Records::of(stack).await;
    text(records.account(account), "pin_digest").split('$').nth(2).expect("a key id").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pin_under_a_kms_key_confirms_when_right_and_rejects_when_wrong() {
    let (kms, stack) = start().await;
    assert_eq!(keys(&kms.take_asked()), [kms.alias()]);
    assert_eq!(key_of_digest(&stack, ACCOUNT).await, kms.key().arn, "the key itself, and not the alias");
    assert_eq!(told(&stack.submit("B456", &usual("TX-1", "750264")).await), Told::WrongPin);
    assert_eq!(told(&stack.submit("A123", &usual("TX-1", PIN)).await), Told::Confirmed);
    // The alias may have moved, so it is asked each time; while it has not, one call does.
    assert_eq!(keys(&kms.take_asked()), [kms.alias(), kms.alias()]);
    Records::of(&stack).await.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_account_has_a_message_of_its_own_for_the_same_pin() {
    let (kms, stack) = start().await;
    stack.seed("FABRIKAM", &["+12065550200"]).await;
    stack.set_pin("FABRIKAM", PIN).await.assert_json(201);
    let asked = kms.take_asked();
    let [contoso, fabrikam] = asked.as_slice() else { panic!("{} calls", asked.len()) };
    assert_ne!(contoso.message, fabrikam.message);
    for (asked, account) in [(contoso, ACCOUNT), (fabrikam, "FABRIKAM")] {
        let message = String::from_utf8_lossy(&asked.message);
        assert!(message.contains(account) && message.contains(PIN), "{message:?}");
    }
    let copied = Records::of(&stack).await;
    let digests = [ACCOUNT, "FABRIKAM"].map(|account| text(copied.account(account), "pin_digest"));
    assert_ne!(digests[0], digests[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kms_and_the_table_are_asked_at_the_same_time() {
    let (kms, stack) = start().await;
    let held = kms.wire().hold("GenerateMac");
    let gates = [stack.wire().hold("GetItem"), stack.wire().hold("Query")];
    let change = tokio::spawn(pin_change(&stack, ACCOUNT, "620948").send());
    for gate in gates.iter().chain([&held]) {
        gate.wait(1).await;
    }
    drop(gates);
    held.let_go(1);
    change.await.unwrap().assert_json(200);
    let gate = stack.wire().hold("BatchGetItem");
    let port_out = tokio::spawn(submission(&stack, "A123", &usual("TX-1", "620948")).send());
    gate.wait(1).await;
    held.wait(2).await;
    gate.release();
    held.release();
    assert_eq!(told(&port_out.await.unwrap()), Told::Confirmed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_alias_moves_old_records_verify_by_their_own_key_and_are_renewed_by_the_right_pin() {
    let (kms, stack) = start().await;
    let first = stack.submit("A123", &usual("TX-1", PIN)).await.assert_json(201);
    let new = kms.create_key().await;
    kms.point_alias_to(&new).await;
    kms.take_asked();
    assert_eq!(told(&stack.submit("B456", &order("TX-1", ACCOUNT, "750264", &[TN])).await), Told::WrongPin);
    assert_eq!(keys(&kms.take_asked()), [kms.alias(), &kms.key().arn]);
    assert_eq!(key_of_digest(&stack, ACCOUNT).await, kms.key().arn, "a wrong PIN renews nothing");
    assert_eq!(
        stack.submit("A123", &usual("TX-1", PIN)).await.assert_json(200),
        first,
        "by the old fingerprint"
    );
    let right = order("TX-2", ACCOUNT, PIN, &["+12065550101"]);
    assert_eq!(told(&stack.submit("A123", &right).await), Told::Confirmed);
    assert_eq!(key_of_digest(&stack, ACCOUNT).await, new.arn);
    kms.take_asked();
    let wrong = version(order("TX-2", ACCOUNT, "750264", &["+12065550101"]), 2);
    assert_eq!(rejection_codes(&stack.submit("A123", &wrong).await.assert_json(201)), ["pin_invalid"]);
    assert_eq!(keys(&kms.take_asked()), [kms.alias()], "the renewed record needs the old key no more");
    assert_eq!(told(&stack.submit("A123", &version(right, 3)).await), Told::Confirmed);
    let records = Records::of(&stack).await;
    assert_eq!(records.count_events(ACCOUNT, "pin.set"), 1, "a renewal is no change of the PIN");
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_pin_is_under_the_key_that_the_alias_names_now() {
    let (kms, stack) = start().await;
    let new = kms.create_key().await;
    kms.point_alias_to(&new).await;
    stack.set_pin(ACCOUNT, "620948").await.assert_json(200);
    assert_eq!(key_of_digest(&stack, ACCOUNT).await, new.arn);
    assert_eq!(told(&stack.submit("A123", &usual("TX-1", "620948")).await), Told::Confirmed);
}
