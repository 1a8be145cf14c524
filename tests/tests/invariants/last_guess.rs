//! The last free guess and one more that has read the same count: forced by the order in which their writes arrive.

use harness::prelude::*;

use crate::NEW_PIN;

const GUESSER: &str = "G000";

/// Four wrong PINs are counted; the fifth and another order have read that when the fifth is written first.
async fn after_the_fifth(stack: &Stack, fifth: &Value, other: &Value) -> [Answer; 2] {
    for guess in 0..4 {
        let wrong = stack.submit(GUESSER, &order(&format!("G-{guess}"), CONTOSO, WRONG_PIN, &[TN])).await;
        assert_eq!(outcome(&wrong), Outcome::WrongPin);
    }
    let gate = stack.wire().hold("TransactWriteItems");
    let fifth = tokio::spawn(stack.submission(GUESSER, fifth).send());
    gate.wait(1).await;
    let other = tokio::spawn(stack.submission(GUESSER, other).send());
    gate.wait(2).await;
    gate.let_go(1);
    let fifth = fifth.await.unwrap();
    gate.release();
    [fifth, other.await.unwrap()]
}

async fn assert_five_counted(stack: &Stack, orders: usize) {
    let records = stack.records().await;
    assert_eq!((records.failures(CONTOSO, GUESSER), records.failed_attempts(CONTOSO)), (5, 5));
    assert_eq!(records.orders.len(), orders);
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_pin_that_has_read_the_count_before_the_fifth_wrong_one_is_written_has_to_wait() {
    let stack = Fixture::contoso().processes(2).start().await;
    let [fifth, right] = after_the_fifth(&stack, &usual("TX-1", WRONG_PIN), &usual("TX-2", PIN)).await;
    assert_eq!((outcome(&fifth), outcome(&right)), (Outcome::WrongPin, Outcome::Wait));
    assert_eq!(stack.records().await.held_by(TN), None);
    assert_five_counted(&stack, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sixth_wrong_pin_that_has_read_the_count_before_the_fifth_is_written_has_to_wait() {
    let stack = Fixture::contoso().processes(2).start().await;
    let [fifth, sixth] = after_the_fifth(&stack, &usual("TX-1", WRONG_PIN), &usual("TX-2", NEW_PIN)).await;
    assert_eq!((outcome(&fifth), outcome(&sixth)), (Outcome::WrongPin, Outcome::Wait));
    assert_five_counted(&stack, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_repeat_that_has_read_the_count_before_the_fifth_wrong_one_is_written_has_to_wait() {
    let stack = Fixture::contoso().processes(2).start().await;
    stack.submit(GUESSER, &usual("TX-1", PIN)).await.assert_json(201);
    let [fifth, right] = after_the_fifth(&stack, &usual("TX-1", WRONG_PIN), &usual("TX-1", PIN)).await;
    fifth.assert_problem(409, "pon_conflict");
    assert_eq!(outcome(&right), Outcome::Wait);
    assert_five_counted(&stack, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_pin_written_before_the_fifth_wrong_one_confirms_and_ends_the_count() {
    let stack = Fixture::contoso().processes(2).start().await;
    let [right, fifth] = after_the_fifth(&stack, &usual("TX-1", PIN), &usual("TX-2", WRONG_PIN)).await;
    assert_eq!((outcome(&right), outcome(&fifth)), (Outcome::Confirmed, Outcome::WrongPin));
    let records = stack.records().await;
    assert_eq!((records.failures(CONTOSO, GUESSER), records.failed_attempts(CONTOSO)), (1, 1));
    records.check();
}
