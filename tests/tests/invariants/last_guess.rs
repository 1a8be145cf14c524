//! The last free guess and one more that has read the same count: forced by the order in which their writes arrive.

use crate::crowd::{ACCOUNT, PIN, TN, Told, WRONG, seed_with_pin, submission, told, usual};
use harness::client::Answer;
use harness::records::Records;
use harness::stack::{Stack, order};
use serde_json::Value;

const GUESSER: &str = "G000";

/// Four wrong PINs are counted; the fifth and another order have read that when the fifth is written first.
async fn after_the_fifth(stack: &Stack, fifth: &Value, other: &Value) -> [Answer; 2] {
    for guess in 0..4 {
        let wrong = stack.submit(GUESSER, &order(&format!("G-{guess}"), ACCOUNT, WRONG, &[TN])).await;
        assert_eq!(told(&wrong), Told::WrongPin);
    }
    let gate = stack.wire().hold("TransactWriteItems");
    let fifth = tokio::spawn(submission(stack, GUESSER, fifth).send());
    gate.wait(1).await;
    let other = tokio::spawn(submission(stack, GUESSER, other).send());
    gate.wait(2).await;
    gate.let_go(1);
    let fifth = fifth.await.unwrap();
    gate.release();
    [fifth, other.await.unwrap()]
}

async fn stack() -> Stack {
    let stack = Stack::builder().processes(2).start().await;
    seed_with_pin(&stack, &[TN]).await;
    stack
}

async fn assert_five_counted(stack: &Stack, orders: usize) {
    let records = Records::of(stack).await;
    assert_eq!((records.failures(ACCOUNT, GUESSER), records.failed_attempts(ACCOUNT)), (5, 5));
    assert_eq!(records.orders.len(), orders);
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_pin_that_has_read_the_count_before_the_fifth_wrong_one_is_written_has_to_wait() {
    let stack = stack().await;
    let [fifth, right] = after_the_fifth(&stack, &usual("TX-1", WRONG), &usual("TX-2", PIN)).await;
    assert_eq!((told(&fifth), told(&right)), (Told::WrongPin, Told::Wait));
    assert_eq!(Records::of(&stack).await.held_by(TN), None);
    assert_five_counted(&stack, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sixth_wrong_pin_that_has_read_the_count_before_the_fifth_is_written_has_to_wait() {
    let stack = stack().await;
    let [fifth, sixth] = after_the_fifth(&stack, &usual("TX-1", WRONG), &usual("TX-2", "620948")).await;
    assert_eq!((told(&fifth), told(&sixth)), (Told::WrongPin, Told::Wait));
    assert_five_counted(&stack, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_repeat_that_has_read_the_count_before_the_fifth_wrong_one_is_written_has_to_wait() {
    let stack = stack().await;
    stack.submit(GUESSER, &usual("TX-1", PIN)).await.assert_json(201);
    let [fifth, right] = after_the_fifth(&stack, &usual("TX-1", WRONG), &usual("TX-1", PIN)).await;
    fifth.assert_problem(409, "pon_conflict");
    assert_eq!(told(&right), Told::Wait);
    assert_five_counted(&stack, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_pin_written_before_the_fifth_wrong_one_confirms_and_ends_the_count() {
    let stack = stack().await;
    let [right, fifth] = after_the_fifth(&stack, &usual("TX-1", PIN), &usual("TX-2", WRONG)).await;
    assert_eq!((told(&right), told(&fifth)), (Told::Confirmed, Told::WrongPin));
    let records = Records::of(&stack).await;
    assert_eq!((records.failures(ACCOUNT, GUESSER), records.failed_attempts(ACCOUNT)), (1, 1));
    records.check();
}
