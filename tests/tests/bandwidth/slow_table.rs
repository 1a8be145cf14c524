//! A table that does not answer, or always late: a refusal with 7598 well before Bandwidth's patience ends.

use crate::{IN_TIME, assert_refused, lines, processes, right, wrong};
use futures_util::future::join_all;
use harness::assertions::bandwidth::{approved, contoso, refused, refused_bare};
use harness::prelude::*;
use std::time::{Duration, Instant};

const NEVER: Duration = Duration::from_secs(3600);

/// A stack for each fault, as they all take their time at once.
async fn stacks(count: usize) -> Vec<Stack> {
    join_all((0..count).map(async |_| processes(&lines(1)).start().await)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn table_that_stops_answering_at_any_step_of_an_approval_is_7598_in_time() {
    let never = || Action::Delay(NEVER);
    let faults = [
        Fault::any(never()),
        Fault::on("GetItem", never()).skip(1),
        Fault::on("BatchGetItem", never()),
        Fault::on("TransactWriteItems", never()),
    ];
    let number = &lines(1)[0];
    let stacks = stacks(faults.len()).await;
    let refusals = stacks.iter().zip(&faults).map(async |(stack, fault)| {
        stack.wire().fault(fault.clone().forever());
        assert_refused(stack, &right("TX-1", number), "TX-1", &format!("{fault:?}")).await;
        stack.wire().heal();
        stack.assert_validated(&right("TX-1", number), &approved("TX-1")).await;
        assert_eq!(stack.records().await.versions("TX-1"), [("01".into(), "confirmed".into())]);
    });
    join_all(refusals).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn table_that_stops_answering_after_a_wrong_pin_was_counted_does_not_count_it_twice() {
    let never = || Action::Delay(NEVER);
    let faults = [
        Fault::on("TransactWriteItems", never()),
        Fault::on("GetItem", never()).skip(2),
        Fault::on("BatchGetItem", never()).skip(1),
    ];
    let number = &lines(1)[0];
    let stacks = stacks(faults.len()).await;
    let refusals = stacks.iter().zip(&faults).map(async |(stack, fault)| {
        stack.wire().fault(fault.clone().forever());
        assert_refused(stack, &wrong("TX-1", number), "TX-1", &format!("{fault:?}")).await;
        stack.wire().heal();
        stack
            .assert_validated(&wrong("TX-1", number), &refused(Some("TX-1"), &[7513], contoso(&[number])))
            .await;
        assert_eq!(stack.records().await.counts(CONTOSO, "A123"), (1, 1));
    });
    join_all(refusals).await;
}

/// No single wait is too long, but all of them together are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn table_that_is_always_a_little_late_is_answered_before_the_deadline() {
    let number = &lines(1)[0];
    let stacks = stacks(2).await;
    let late = |millis: u64| Fault::any(Action::Delay(Duration::from_millis(millis))).forever();
    let answers = stacks.iter().zip([700, 1_800]).map(async |(stack, millis)| {
        stack.wire().fault(late(millis));
        let began = Instant::now();
        let answer = stack.validate(&wrong("TX-1", number)).await;
        assert!(began.elapsed() < IN_TIME, "{:?}", began.elapsed());
        let told = refused(Some("TX-1"), &[7513], contoso(&[number]));
        let expected = [refused_bare(Some("TX-1"), 7598), told.clone()];
        assert!(answer.status == 200 && expected.contains(&answer.text()), "{}", answer.text());
        stack.wire().heal();
        stack.assert_validated(&wrong("TX-1", number), &told).await;
        assert_eq!(stack.records().await.counts(CONTOSO, "A123"), (1, 1));
        answer.text()
    });
    let answers = join_all(answers).await;
    assert!(answers[0].contains("7513") && answers[1].contains("7598"), "{answers:?}");
}
