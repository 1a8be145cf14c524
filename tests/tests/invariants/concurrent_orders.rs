//! The same order, or the same number, many times at the same moment.

use harness::prelude::*;
use harness::records::text;

use crate::concurrent::{crowded, send_all, submit_all};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmed_order_sent_fifty_times_at_once_is_one_order() {
    let stack = crowded(4, &[TN]).await;
    let body = send_fifty_times(&stack, &usual("TX-1", PIN)).await;
    assert_eq!(body["status"], "confirmed");
    let records = stack.records().await;
    assert_one_order(&records, &body, "port_out.confirmed");
    assert_eq!(records.held_by(TN).as_deref(), body["id"].as_str());
    assert_eq!((records.failed_attempts(CONTOSO), records.attempts.len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_with_a_wrong_pin_sent_fifty_times_at_once_counts_once() {
    let stack = crowded(4, &[TN]).await;
    let body = send_fifty_times(&stack, &usual("TX-1", WRONG_PIN)).await;
    assert_eq!(rejection_codes(&body), ["pin_invalid"]);
    let records = stack.records().await;
    assert_one_order(&records, &body, "port_out.rejected");
    assert_eq!((records.failed_attempts(CONTOSO), records.failures(CONTOSO, "A123")), (1, 1));
}

/// Fails unless these are one 201 and 49 times 200, all with the same body.
async fn send_fifty_times(stack: &Stack, order: &Value) -> Value {
    let answers = submit_all(stack, &vec![("A123", order.clone()); 50]).await;
    let new: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    let [new] = new.as_slice() else { panic!("{} answers 201", new.len()) };
    let body = new.assert_json(201);
    assert_eq!(new.header("location"), format!("/v1/port-outs/{}", body["id"].as_str().unwrap()));
    for again in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(again.assert_json(200), body);
    }
    body
}

#[track_caller]
fn assert_one_order(records: &Records, body: &Value, kind: &str) {
    assert_eq!((records.orders.len(), records.pons.len()), (1, 1));
    assert_eq!(text(&records.orders[0], "port_out_id"), body["id"]);
    let of_orders = records.events.iter().filter(|event| text(event, "event").starts_with("port_out."));
    assert_eq!(of_orders.map(|event| text(event, "event")).collect::<Vec<_>>(), [kind]);
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_carriers_and_one_number_at_once_one_is_confirmed_and_the_other_pending() {
    const ROUNDS: usize = 40;
    let numbers: Vec<_> = (0..ROUNDS).map(|n| format!("+1206555{n:04}")).collect();
    let stack = crowded(4, &numbers).await;
    for (round, tn) in numbers.iter().enumerate() {
        let order = order(&format!("TX-{round}"), CONTOSO, PIN, &[tn]);
        let calls = ["A123", "B456"].map(|spid| stack.submission(spid, &order)).into();
        let answers = send_all(calls).await;
        assert_one_of_two(&answers, tn);
    }
    let records = stack.records().await;
    assert_eq!(records.count_events(CONTOSO, "port_out.confirmed"), ROUNDS);
    assert_eq!(records.count_events(CONTOSO, "port_out.rejected"), ROUNDS);
    assert_eq!((records.failed_attempts(CONTOSO), records.attempts.len()), (0, 0));
    records.check();
}

#[track_caller]
fn assert_one_of_two(answers: &[Answer], tn: &str) {
    let bodies: Vec<_> = answers.iter().map(|answer| answer.assert_json(201)).collect();
    let (confirmed, rejected): (Vec<_>, Vec<_>) =
        bodies.iter().partition(|body| body["status"] == "confirmed");
    let [rejected] = rejected.as_slice() else { panic!("{} confirmed: {bodies:?}", confirmed.len()) };
    assert_eq!(rejection_codes(rejected), ["pending_port"]);
    assert_eq!(rejected["rejections"][0]["telephone_number"], tn);
    assert_eq!(rejected["foc_date"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_carriers_and_one_number_at_once_leave_one_confirmed() {
    let stack = crowded(6, &[TN]).await;
    let spids: Vec<_> = (0..20).map(|n| format!("C{n:03}")).collect();
    let orders: Vec<_> = spids.iter().map(|spid| (spid.as_str(), usual("TX-1", PIN))).collect();
    let answers = submit_all(&stack, &orders).await;
    let bodies: Vec<_> = answers.iter().map(|answer| answer.assert_json(201)).collect();
    let confirmed: Vec<_> = bodies.iter().filter(|body| body["status"] == "confirmed").collect();
    let [confirmed] = confirmed.as_slice() else { panic!("{} confirmed", confirmed.len()) };
    let others = bodies.iter().filter(|body| body["status"] == "rejected");
    assert_eq!(others.filter(|body| rejection_codes(body) == ["pending_port"]).count(), 19);
    let records = stack.records().await;
    assert_eq!(records.held_by(TN).as_deref(), confirmed["id"].as_str());
    records.check();
}
