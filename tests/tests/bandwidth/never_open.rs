//! A table that fails, on every operation and at every step: a refusal with 7598, and once it works the right answer.

use crate::answers::{approved, contoso, refused};
use crate::ask::Ask;
use crate::remote::{Remote, lines, right, wrong};
use harness::faults::{Action, Fault};

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

/// Each failure at each step, numbered.
fn each(steps: &'static [Step]) -> impl Iterator<Item = (usize, Step, Action)> {
    let of_one = |step: &Step| failures(step.0).into_iter().map(|action| (*step, action)).collect::<Vec<_>>();
    steps.iter().flat_map(of_one).enumerate().map(|(n, (step, action))| (n, step, action))
}

async fn assert_refused_under(remote: &Remote, ask: &Ask, pon: &str, step: Step, action: &Action) {
    let (operation, skip) = step;
    remote.stack.wire().fault(Fault::on(operation, action.clone()).skip(skip).forever());
    remote.assert_refused(ask, pon, &format!("{action:?} at {step:?}")).await;
    remote.stack.wire().heal();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_table_approves_nothing_and_afterwards_each_request_is_one_approval() {
    let numbers = lines(60);
    let remote = Remote::start(&numbers).await;
    let mut count = 0;
    for (n, step, action) in each(&STEPS) {
        let (pon, number) = (format!("R-{n}"), &numbers[n]);
        assert_refused_under(&remote, &right(&pon, number), &pon, step, &action).await;
        remote.expect(&right(&pon, number), &approved(&pon)).await;
        let records = remote.records().await;
        assert_eq!(records.versions(&pon), [("01".into(), "confirmed".into())]);
        assert_eq!(records.held_by(number), Some(records.port_out_id(&pon, "01")));
        count += 1;
        assert_eq!(records.port_outs_told("CONTOSO").values().sum::<usize>(), count);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_table_counts_a_wrong_pin_once_however_often_it_is_sent() {
    let numbers = lines(80);
    let remote = Remote::start(&numbers).await;
    for (n, step, action) in each(&STEPS) {
        let (pon, number) = (format!("W-{n}"), numbers[n].as_str());
        assert_refused_under(&remote, &wrong(&pon, number), &pon, step, &action).await;
        for _ in 0..2 {
            remote.expect(&wrong(&pon, number), &refused(Some(&pon), &[7513], contoso(&[number]))).await;
        }
        let records = remote.records().await;
        assert_eq!(records.versions(&pon), [("01".into(), "rejected".into())]);
        assert_eq!(records.counts("CONTOSO", "A123"), (1, 1), "{action:?} at {step:?}");
        remote.expect(&right(&pon, number), &approved(&pon)).await;
        assert_eq!(remote.records().await.counts("CONTOSO", "A123"), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_table_approves_nothing_again_that_was_approved_before() {
    let numbers = lines(1);
    let remote = Remote::start(&numbers).await;
    let ask = right("TX-1", &numbers[0]);
    remote.expect(&ask, &approved("TX-1")).await;
    let before = remote.records().await;
    for (_, step, action) in each(&STEPS) {
        assert_refused_under(&remote, &ask, "TX-1", step, &action).await;
        remote.expect(&ask, &approved("TX-1")).await;
    }
    assert_eq!(remote.records().await, before);
}

/// Faults that pass are repeated over, and nobody notices.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_that_passes_is_not_noticed() {
    let numbers = lines(40);
    let remote = Remote::start(&numbers).await;
    let passing = [Action::throttled(), Action::internal_error(), Action::Drop, Action::PassThenDrop];
    let steps = STEPS.iter().flat_map(|step| passing.iter().map(move |action| (step, action)));
    for (n, ((operation, skip), action)) in steps.enumerate() {
        let pon = format!("P-{n}");
        remote.stack.wire().fault(Fault::on(operation, action.clone()).skip(*skip));
        remote.expect(&right(&pon, &numbers[n]), &approved(&pon)).await;
        remote.stack.wire().heal();
        assert_eq!(remote.records().await.versions(&pon), [("01".into(), "confirmed".into())]);
    }
}

/// Before anybody is known to be who they say, a failing table is no reason to turn them away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_lookup_of_the_source_is_a_refusal_and_no_challenge() {
    let remote = Remote::start(&lines(1)).await;
    remote.stack.wire().fault(Fault::on("GetItem", Action::access_denied()).forever());
    let call = remote.stack.call("POST", "/v1/webhooks/bw/bandwidth");
    let call = call.header("authorization", &crate::bench::basic("bw", "not the password"));
    let answer = call.body("application/xml", Ask::usual("TX-1").xml()).send().await;
    crate::answers::assert_answer(&answer, &crate::answers::refused_bare(Some("TX-1"), 7598));
    remote.stack.wire().heal();
    let call = remote.stack.call("POST", "/v1/webhooks/bw/bandwidth");
    crate::answers::assert_challenge(&call.send().await);
}
