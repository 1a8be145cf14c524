//! A table that fails, on every operation and at every step: a refusal with 7598, and once it works the right answer.

use harness::assertions::bandwidth::{approved, assert_answer, assert_challenge, contoso, refused};
use harness::clients::bandwidth::{REQUESTER, ValidationRequest, basic, request};
use harness::prelude::*;

use crate::{assert_refused, lines, processes, right, wrong};

/// An operation, and how many calls of it pass before it fails: a step of a request.
type Step = (&'static str, usize);

/// The steps of every request, whatever its answer: the source, all records, and the answer's transaction.
const STEPS: [Step; 3] = [("GetItem", 0), ("BatchGetItem", 0), ("TransactWriteItems", 0)];

fn failures(operation: &str) -> Vec<Action> {
    let mut all = vec![
        Action::throttled(),
        Action::request_limit(),
        Action::internal_error(),
        Action::access_denied(),
        Action::Drop,
        Action::PassThenDrop,
        Action::Garbage,
    ];
    match operation {
        "BatchGetItem" => all.push(Action::UnprocessedKeys(100)),
        "TransactWriteItems" => all.push(Action::TransactionConflict),
        _ => {}
    }
    all
}

/// Returns each failure at each step, numbered.
fn each(steps: &'static [Step]) -> impl Iterator<Item = (usize, Step, Action)> {
    let of_one = |step: &Step| failures(step.0).into_iter().map(|action| (*step, action)).collect::<Vec<_>>();
    steps.iter().flat_map(of_one).enumerate().map(|(n, (step, action))| (n, step, action))
}

async fn assert_refused_under(stack: &Stack, validation: &ValidationRequest, step: Step, action: &Action) {
    let (operation, skip) = step;
    stack.wire().fault(Fault::on(operation, action.clone()).skip(skip).forever());
    assert_refused(stack, validation, &format!("{action:?} at {step:?}")).await;
    stack.wire().heal();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_table_approves_nothing_and_afterwards_each_request_is_one_approval() {
    let numbers = lines(60);
    let stack = processes(&numbers).start().await;
    let mut count = 0;
    for (n, step, action) in each(&STEPS) {
        let (pon, number) = (format!("R-{n}"), &numbers[n]);
        assert_refused_under(&stack, &right(&pon, number), step, &action).await;
        stack.assert_validated(&right(&pon, number), &approved(&pon)).await;
        let (records, name) = (stack.records().await, right(&pon, number).stored_pon());
        assert_eq!(records.versions(&name), [("01".into(), "confirmed".into())]);
        assert_eq!(records.held_by(number), Some(records.port_out_id(&name, "01")));
        count += 1;
        assert_eq!(records.port_out_event_counts(CONTOSO).values().sum::<usize>(), count);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_table_counts_a_wrong_pin_once_however_often_it_is_sent() {
    let numbers = lines(80);
    let stack = processes(&numbers).start().await;
    for (n, step, action) in each(&STEPS) {
        let (pon, number) = (format!("W-{n}"), numbers[n].as_str());
        assert_refused_under(&stack, &wrong(&pon, number), step, &action).await;
        for _ in 0..2 {
            stack
                .assert_validated(&wrong(&pon, number), &refused(Some(&pon), &[7513], contoso(&[number])))
                .await;
        }
        let records = stack.records().await;
        assert_eq!(records.versions(&wrong(&pon, number).stored_pon()), [("01".into(), "rejected".into())]);
        assert_eq!(records.counts(CONTOSO, REQUESTER), (1, 1), "{action:?} at {step:?}");
        stack.assert_validated(&right(&pon, number), &approved(&pon)).await;
        assert_eq!(stack.records().await.counts(CONTOSO, REQUESTER), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_table_approves_nothing_again_that_was_approved_before() {
    let numbers = lines(1);
    let stack = processes(&numbers).start().await;
    let validation = right("TX-1", &numbers[0]);
    stack.assert_validated(&validation, &approved("TX-1")).await;
    let before = stack.records().await;
    for (_, step, action) in each(&STEPS) {
        assert_refused_under(&stack, &validation, step, &action).await;
        stack.assert_validated(&validation, &approved("TX-1")).await;
    }
    assert_eq!(stack.records().await, before);
}

/// Retries hide transient faults.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_that_passes_is_not_noticed() {
    let numbers = lines(40);
    let stack = processes(&numbers).start().await;
    let passing = [Action::throttled(), Action::internal_error(), Action::Drop, Action::PassThenDrop];
    let steps = STEPS.iter().flat_map(|step| passing.iter().map(move |action| (step, action)));
    for (n, ((operation, skip), action)) in steps.enumerate() {
        let pon = format!("P-{n}");
        let validation = right(&pon, &numbers[n]);
        stack.wire().fault(Fault::on(operation, action.clone()).skip(*skip));
        stack.assert_validated(&validation, &approved(&pon)).await;
        stack.wire().heal();
        let versions = stack.records().await.versions(&validation.stored_pon());
        assert_eq!(versions, [("01".into(), "confirmed".into())]);
    }
}

/// A table failure before authentication must not become a challenge.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_lookup_of_the_source_is_a_refusal_and_no_challenge() {
    let stack = processes(&lines(1)).start().await;
    stack.wire().fault(Fault::on("GetItem", Action::access_denied()).forever());
    let call = stack.bandwidth("bw").header("authorization", &basic("bw", "not the password"));
    let answer = call.body("application/xml", request("TX-1").xml()).send().await;
    assert_answer(&answer, &request("TX-1").refused_as_asked(7598));
    stack.wire().heal();
    assert_challenge(&stack.bandwidth("bw").send().await);
}
