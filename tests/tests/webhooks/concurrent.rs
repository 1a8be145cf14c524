//! Deliveries at the same moment: one is evaluated, whatever the others say.

use std::collections::HashSet;

use futures_util::future::{join_all, try_join_all};
use harness::clients::standard_webhooks::{Delivery, Sender};
use harness::prelude::*;
use jiff::Timestamp;

use crate::{assert_shown, fixture, of_line, rotate, start, started};

const MANY: usize = 50;

/// Sends copies of a delivery at once, each on a separate task.
async fn send_many(stack: &Stack, delivery: &Delivery) -> Vec<Answer> {
    let calls = (0..MANY).map(|_| tokio::spawn(delivery.call(stack).send()));
    try_join_all(calls).await.expect("a sender panicked")
}

async fn four_processes() -> (Stack, Sender) {
    started(fixture().processes(4)).await
}

/// Returns the one 201 among 200s; fails unless all bodies are the same.
#[track_caller]
fn the_new_one(answers: &[Answer]) -> &Answer {
    let new: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert!(new.len() == 1 && statuses.iter().all(|status| [200, 201].contains(status)), "{statuses:?}");
    assert!(answers.iter().all(|answer| answer.json() == new[0].json()));
    new[0]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_of_the_same_are_one_order_and_one_event() {
    let (stack, sender) = four_processes().await;
    let answers = send_many(&stack, &sender.sign("msg_1", Timestamp::now(), &usual("TX-1", PIN))).await;
    assert_shown(&stack, the_new_one(&answers), 201, &usual("TX-1", PIN), Outcome::Confirmed).await;
    let records = stack.records().await;
    assert_eq!(
        (records.orders.len(), records.deliveries.len(), records.failures(CONTOSO, "A123")),
        (1, 1, 0)
    );
    assert_eq!(records.port_out_events(), [["port_out.confirmed", "webhook:acme", "A123"]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_of_the_same_wrong_pin_are_one_wrong_pin() {
    let (stack, sender) = four_processes().await;
    let order = of_line("TX-1", WRONG_PIN, 0);
    let answers = send_many(&stack, &sender.sign("msg_1", Timestamp::now(), &order)).await;
    assert_shown(&stack, the_new_one(&answers), 201, &order, Outcome::WrongPin).await;
    let records = stack.records().await;
    assert_eq!(
        (records.orders.len(), records.deliveries.len(), records.failures(CONTOSO, "A123")),
        (1, 1, 1)
    );
    assert_eq!(records.port_out_events().len(), 1);
    stack.assert_pin(CONTOSO, true, &[], 1).await;
}

/// Sends the orders at once in process, where each looks for a first answer before any is recorded.
async fn at_once(bodies: &[Value]) -> (Stack, Vec<Answer>) {
    let (stack, sender) = start().await;
    let answers = join_all(bodies.iter().map(|body| stack.send(&sender, "msg_1", body))).await;
    (stack, answers)
}

/// Returns the one 201; fails unless all others are told that the id was used for another request.
#[track_caller]
fn the_first_one(answers: &[Answer]) -> &Answer {
    let (new, others): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    others.into_iter().for_each(|answer| answer.assert_refused(&problems::delivery_used()));
    assert_eq!(new.len(), 1);
    new[0]
}

#[tokio::test]
async fn different_orders_under_one_id_are_one_order() {
    let bodies: Vec<_> = (0..6).map(|line| of_line(&format!("TX-{line}"), PIN, line)).collect();
    let (stack, answers) = at_once(&bodies).await;
    let body = the_first_one(&answers).json();
    assert_eq!(body["status"], "confirmed");
    let records = stack.records().await;
    assert_eq!((records.orders.len(), records.deliveries.len(), records.port_out_events().len()), (1, 1, 1));
}

#[tokio::test]
async fn different_guesses_under_one_id_are_one_guess() {
    let guess = |n: usize| with(&of_line("TX-1", WRONG_PIN, 0), "pin", format!("90210{n}"));
    let bodies: Vec<_> = (0..6).map(guess).collect();
    let (stack, answers) = at_once(&bodies).await;
    assert_eq!(the_new_one(&answers).json()["status"], "rejected");
    let records = stack.records().await;
    assert_eq!((records.orders.len(), records.failures(CONTOSO, "A123")), (1, 1));
    stack.assert_pin(CONTOSO, true, &[], 1).await;
}

#[tokio::test]
async fn one_order_under_many_ids_is_one_order() {
    let (stack, sender) = start().await;
    let order = of_line("TX-1", WRONG_PIN, 0);
    let ids: Vec<_> = (0..6).map(|n| format!("msg_{n}")).collect();
    let answers = join_all(ids.iter().map(|id| stack.send(&sender, id, &order))).await;
    the_new_one(&answers);
    let records = stack.records().await;
    assert_eq!((records.orders.len(), records.failures(CONTOSO, "A123")), (1, 1));
}

#[tokio::test]
async fn webhook_and_native_call_with_one_order_are_one_order() {
    let (stack, sender) = start().await;
    let order = usual("TX-1", PIN);
    let (webhook, native) =
        futures_util::future::join(stack.send(&sender, "msg_1", &order), stack.submit("A123", &order)).await;
    let new = the_new_one(&[webhook, native]).json();
    assert_eq!((&new["status"], &new["telephone_numbers"][0]), (&"confirmed".into(), &TN.into()));
    assert_eq!(stack.records().await.orders.len(), 1);
}

#[tokio::test]
async fn rotations_during_deliveries_lose_none() {
    let (stack, sender) = start().await;
    let orders: Vec<_> = (0..5).map(|line| of_line(&format!("TX-{line}"), PIN, line)).collect();
    let ids: Vec<_> = (0..5).map(|n| format!("msg_{n}")).collect();
    let deliveries = join_all(ids.iter().zip(&orders).map(|(id, order)| stack.send(&sender, id, order)));
    let (answers, rotated) = futures_util::future::join(deliveries, rotate(&stack, "acme")).await;
    let statuses: HashSet<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, HashSet::from([201]));
    stack.send(&rotated, "msg_9", &of_line("TX-9", PIN, 9)).await.assert_status(201);
}
