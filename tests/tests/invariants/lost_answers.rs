//! Writes whose answers are lost or late: they happen once, and a repetition is answered truthfully.

use harness::prelude::*;

use crate::concurrent::until;
use crate::operations::{API_CALLS, LAWFUL, make, prepare, prepared};
use crate::{NEW_PIN, start};

const WRITE: &str = "TransactWriteItems";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_answer_is_lost_is_not_done_twice_by_its_own_repetition() {
    let stack = prepared().await;
    for api_call in API_CALLS.iter().filter(|api_call| api_call.writes()) {
        prepare(&stack, api_call, 0).await;
        stack.wire().fault(Fault::on(WRITE, Action::PassThenDrop));
        let answer = make(&stack, api_call, 0).await;
        // Not even the answer is another one than usual: created is created.
        assert_eq!(answer.status, api_call.good[0], "{}", api_call.name);
        api_call.assert_good(&answer);
    }
    let records = stack.records().await;
    assert_eq!(records.failed_attempts("FABRIKAM"), 0);
    assert_eq!(
        (records.count_events("FABRIKAM", "pin.set"), records.count_events("FABRIKAM", "pin.changed")),
        (1, 0)
    );
    assert_eq!(records.count_events("LITWARE", "account.created"), 1);
    assert_eq!(records.count_events("LITWARE", "account.replaced"), 0);
    assert_eq!(records.count_events(CONTOSO, "telephone_number.removed"), 1);
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_answer_is_lost_is_not_done_twice_although_its_repetition_meets_another_write() {
    let stack = prepared().await;
    for api_call in API_CALLS.iter().filter(|api_call| api_call.writes()) {
        prepare(&stack, api_call, 0).await;
        stack.wire().fault(Fault::on(WRITE, Action::PassThenDrop));
        stack.wire().fault(Fault::on(WRITE, Action::TransactionConflict));
        let answer = make(&stack, api_call, 0).await;
        assert_eq!(answer.status, api_call.good[0], "{}", api_call.name);
        api_call.assert_good(&answer);
    }
    stack.records().await.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmation_whose_answer_was_lost_is_given_again_when_it_is_repeated() {
    let stack = start().await;
    stack.wire().fault(Fault::on(WRITE, Action::PassThenDrop).forever());
    stack.submit(LAWFUL, &usual("TX-1", PIN)).await.assert_refused(&unavailable());
    stack.wire().heal();
    let again = stack.submit(LAWFUL, &usual("TX-1", PIN)).await.assert_json(200);
    assert_eq!(again["status"], "confirmed");
    let records = stack.records().await;
    assert_eq!((records.orders.len(), records.count_events(CONTOSO, "port_out.confirmed")), (1, 1));
    assert_eq!(records.held_by(TN).as_deref(), again["id"].as_str());
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_pin_whose_answer_was_lost_is_counted_once_however_often_it_is_sent() {
    let stack = start().await;
    stack.wire().fault(Fault::on(WRITE, Action::PassThenDrop).forever());
    stack.submit("G001", &usual("TX-1", WRONG_PIN)).await.assert_refused(&unavailable());
    stack.wire().heal();
    for _ in 0..3 {
        let again = stack.submit("G001", &usual("TX-1", WRONG_PIN)).await.assert_json(200);
        assert_eq!(rejection_codes(&again), ["pin_invalid"]);
    }
    let records = stack.records().await;
    assert_eq!((records.failed_attempts(CONTOSO), records.failures(CONTOSO, "G001")), (1, 1));
    assert_eq!(records.count_events(CONTOSO, "port_out.rejected"), 1);
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pin_that_was_set_unheard_is_set_once_however_often_it_is_sent() {
    let stack = start().await;
    stack.wire().fault(Fault::on(WRITE, Action::PassThenDrop).forever());
    stack.set_pin(CONTOSO, NEW_PIN).await.assert_refused(&unavailable());
    stack.wire().heal();
    assert_eq!(stack.pin_status(CONTOSO).await.assert_json(200)["pin_version"], 2);
    for _ in 0..3 {
        assert_eq!(stack.set_pin(CONTOSO, NEW_PIN).await.assert_json(200)["pin_version"], 2);
    }
    assert_eq!(stack.submit(LAWFUL, &usual("TX-1", NEW_PIN)).await.assert_json(201)["status"], "confirmed");
    let records = stack.records().await;
    assert_eq!((records.count_events(CONTOSO, "pin.changed"), records.pin_version(CONTOSO)), (1, 2));
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_written_after_its_caller_was_told_503_is_one_order() {
    let stack = start().await;
    let gate = stack.wire().hold(WRITE);
    let submitted = tokio::spawn(stack.submission(LAWFUL, &usual("TX-1", PIN)).send());
    submitted.await.unwrap().assert_refused(&unavailable());
    assert_eq!(stack.records().await.orders.len(), 0, "not yet");
    // The first try arrives now, then the SDK's repetitions of it.
    gate.let_go(1);
    until(async || stack.records().await.orders.len() == 1).await;
    gate.release();
    let again = stack.submit(LAWFUL, &usual("TX-1", PIN)).await.assert_json(200);
    assert_eq!(again["status"], "confirmed");
    let records = stack.records().await;
    assert_eq!((records.orders.len(), records.count_events(CONTOSO, "port_out.confirmed")), (1, 1));
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_written_after_another_carrier_took_the_number_is_not_confirmed() {
    let stack = start().await;
    let gate = stack.wire().hold(WRITE);
    stack.submit(LAWFUL, &usual("TX-1", PIN)).await.assert_refused(&unavailable());
    // Faults that are forgotten let newer calls pass, while the held ones stay.
    stack.wire().heal();
    let taken = stack.submit("B456", &usual("TX-1", PIN)).await.assert_json(201);
    assert_eq!(taken["status"], "confirmed");
    gate.release();
    let late = stack.submit(LAWFUL, &usual("TX-1", PIN)).await;
    assert_eq!(rejection_codes(&late.assert_json(201)), ["pending_port"]);
    let records = stack.records().await;
    assert_eq!(records.held_by(TN).as_deref(), taken["id"].as_str());
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_pin_that_arrives_late_does_not_undo_a_newer_one() {
    let stack = start().await;
    let gate = stack.wire().hold(WRITE);
    let late = tokio::spawn(stack.pin_change(CONTOSO, "738190").send());
    late.await.unwrap().assert_refused(&unavailable());
    stack.wire().heal();
    assert_eq!(stack.set_pin(CONTOSO, NEW_PIN).await.assert_json(200)["pin_version"], 2);
    gate.release();
    assert_eq!(stack.submit(LAWFUL, &usual("TX-1", NEW_PIN)).await.assert_json(201)["status"], "confirmed");
    let records = stack.records().await;
    assert_eq!(records.count_events(CONTOSO, "pin.changed"), 1);
    records.check();
}
