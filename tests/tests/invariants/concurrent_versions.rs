//! New versions of a port-out against other carriers and against each other: holds and statuses agree afterwards.

use harness::prelude::*;
use harness::records::text;

use crate::concurrent::{crowded, send_all, submit_all};

const ROUNDS: usize = 25;

/// Three numbers of one round.
fn numbers_of(round: usize) -> [String; 3] {
    [0, 1, 2].map(|n| format!("+1206555{:04}", round * 3 + n))
}

/// Starts a stack where carrier A123 has the first two numbers of each round confirmed.
async fn stack_with_first_versions() -> Stack {
    let numbers: Vec<_> = (0..ROUNDS).flat_map(numbers_of).collect();
    let stack = crowded(4, &numbers).await;
    let orders: Vec<_> = (0..ROUNDS).map(|round| ("A123", first_version(round))).collect();
    for answer in submit_all(&stack, &orders).await {
        assert_eq!(answer.assert_json(201)["status"], "confirmed");
    }
    stack
}

fn first_version(round: usize) -> Value {
    let [a, b, _] = numbers_of(round);
    order(&format!("TX-{round}"), CONTOSO, PIN, &[&a, &b])
}

/// Both at once, the carrier's new version first in the list.
async fn race(stack: &Stack, round: usize, second: &Value, other: &Value) -> [Answer; 2] {
    let mut calls = vec![stack.submission("A123", second), stack.submission("B456", other)];
    if round % 2 == 1 {
        calls.reverse();
    }
    let mut answers = send_all(calls).await;
    if round % 2 == 1 {
        answers.reverse();
    }
    answers.try_into().expect("two answers")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_a_new_version_drops_goes_to_another_carrier_or_stays_pending() {
    let stack = stack_with_first_versions().await;
    for round in 0..ROUNDS {
        let [a, b, _] = numbers_of(round);
        let second = version(order(&format!("TX-{round}"), CONTOSO, PIN, &[&a]), 2);
        let other = order(&format!("TX-{round}"), CONTOSO, PIN, &[&b]);
        let [second, other] = race(&stack, round, &second, &other).await;
        assert_eq!(second.assert_json(201)["status"], "confirmed");
        let other = other.assert_json(201);
        assert!(["", "pending_port"].contains(&rejection_codes(&other).join(" ").as_str()), "{other}");
        let taken = (other["status"] == "confirmed").then(|| other["id"].as_str().unwrap());
        assert_eq!(stack.records().await.held_by(&b).as_deref(), taken, "free, or the other carrier's");
    }
    let records = stack.records().await;
    assert_eq!(count_orders(&records, "superseded"), ROUNDS);
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_a_new_version_adds_goes_to_one_and_the_earlier_version_stays_if_it_is_refused() {
    let stack = stack_with_first_versions().await;
    let mut replaced = 0;
    for round in 0..ROUNDS {
        let [a, b, c] = numbers_of(round);
        let second = version(order(&format!("TX-{round}"), CONTOSO, PIN, &[&a, &b, &c]), 2);
        let other = order(&format!("TX-{round}"), CONTOSO, PIN, &[&c]);
        let answers = race(&stack, round, &second, &other).await;
        let [second, other] = answers.map(|answer| answer.assert_json(201));
        let (winner, loser) =
            if second["status"] == "confirmed" { (&second, &other) } else { (&other, &second) };
        assert_eq!(
            (winner["status"].as_str(), rejection_codes(loser)),
            (Some("confirmed"), vec!["pending_port"])
        );
        replaced += usize::from(second["status"] == "confirmed");
    }
    let records = stack.records().await;
    assert_eq!(count_orders(&records, "superseded"), replaced);
    assert_eq!(count_orders(&records, "confirmed"), 2 * ROUNDS - replaced);
    records.check();
}

fn count_orders(records: &Records, status: &str) -> usize {
    records.orders.iter().filter(|order| text(order, "port_out_status") == status).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_versions_of_a_pon_at_once_leave_the_last_confirmed_and_the_others_replaced_or_refused() {
    let stack = crowded(4, &[TN]).await;
    for round in 0..6 {
        let pon = format!("TX-{round}");
        let orders: Vec<_> = (1..=10).map(|v| ("A123", version(usual(&pon, PIN), v))).collect();
        assert_versions(&stack, &submit_all(&stack, &orders).await).await;
        // The next round finds the number free.
        let elsewhere = format!("+1425555{round:04}");
        stack.assign(CONTOSO, &[&elsewhere]).await.assert_status(200);
        let moved = version(order(&pon, CONTOSO, PIN, &[&elsewhere]), 11);
        assert_eq!(stack.submit("A123", &moved).await.assert_json(201)["status"], "confirmed");
    }
    stack.records().await.check();
}

/// Fails unless each version was confirmed in turn, or refused because a later one came first.
async fn assert_versions(stack: &Stack, answers: &[Answer]) {
    let records = stack.records().await;
    let (last, earlier) = answers.split_last().expect("versions");
    let last = last.assert_json(201);
    assert_eq!((last["status"].as_str(), last["version"].as_str()), (Some("confirmed"), Some("10")));
    assert_eq!(records.held_by(TN).as_deref(), last["id"].as_str());
    for answer in earlier {
        if answer.status == 409 {
            answer.assert_problem(409, "pon_conflict");
            continue;
        }
        let body = answer.assert_json(201);
        assert_eq!(body["status"], "confirmed");
        let order = records.order(body["id"].as_str().unwrap()).expect("recorded");
        assert_eq!(text(order, "port_out_status"), "superseded");
    }
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_new_version_at_once_replaces_the_earlier_one_once() {
    let stack = crowded(4, &[TN]).await;
    stack.submit("A123", &usual("TX-1", PIN)).await.assert_json(201);
    let answers = submit_all(&stack, &vec![("A123", version(usual("TX-1", PIN), 2)); 20]).await;
    let body = answers[0].json();
    assert_eq!(body["status"], "confirmed");
    assert!(answers.iter().all(|answer| answer.json() == body));
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    let records = stack.records().await;
    assert_eq!((records.orders.len(), count_orders(&records, "superseded")), (2, 1));
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_whose_write_comes_after_that_of_a_later_one_is_refused_even_if_both_are_rejections() {
    let stack = crowded(2, &[TN]).await;
    let nowhere = |number| version(order("TX-1", CONTOSO, PIN, &["+12065559999"]), number);
    stack.submit("A123", &nowhere(1)).await.assert_json(201);
    let gate = stack.wire().hold("TransactWriteItems");
    let third = tokio::spawn(stack.submission("A123", &nowhere(3)).send());
    gate.wait(1).await;
    let second = tokio::spawn(stack.submission("A123", &nowhere(2)).send());
    gate.wait(2).await;
    gate.let_go(1);
    assert_eq!(rejection_codes(&third.await.unwrap().assert_json(201)), ["tn_not_found"]);
    gate.release();
    let problem = second.await.unwrap().assert_problem(409, "pon_conflict");
    assert!(problem["detail"].as_str().unwrap().contains("04"), "it names the next free version: {problem}");
    let records = stack.records().await;
    assert_eq!(records.orders.len(), 2);
    records.check();
}
