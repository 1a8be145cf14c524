//! A table that does not answer, or always late: a refusal with 7598 well before Bandwidth's patience ends.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use harness::assertions::bandwidth::{approved, contoso, refused};
use harness::clients::bandwidth::REQUESTER;
use harness::prelude::*;

use crate::{IN_TIME, assert_refused, lines, processes, right, wrong};

const NEVER: Duration = Duration::from_secs(3600);

/// Starts a stack for each fault, so that their delays run concurrently.
async fn stacks(count: usize) -> Vec<Stack> {
    join_all((0..count).map(async |_| processes(&lines(1)).start().await)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn table_that_stops_answering_at_any_step_of_an_approval_is_7598_in_time() {
    let never = || Action::Delay(NEVER);
    let faults =
        [Fault::any(never()), Fault::on("BatchGetItem", never()), Fault::on("TransactWriteItems", never())];
    let number = &lines(1)[0];
    let stacks = stacks(faults.len()).await;
    let refusals = stacks.iter().zip(&faults).map(async |(stack, fault)| {
        stack.wire().fault(fault.clone().forever());
        assert_refused(stack, &right("TX-1", number), &format!("{fault:?}")).await;
        stack.wire().heal();
        stack.assert_validated(&right("TX-1", number), &approved("TX-1")).await;
        let versions = stack.records().await.versions(&right("TX-1", number).stored_pon());
        assert_eq!(versions, [("01".into(), "confirmed".into())]);
    });
    join_all(refusals).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn table_that_stops_answering_after_a_wrong_pin_was_counted_does_not_count_it_twice() {
    let never = || Action::Delay(NEVER);
    let faults = [Fault::on("TransactWriteItems", never()), Fault::any(never())];
    let number = &lines(1)[0];
    let stacks = stacks(faults.len()).await;
    let refusals = stacks.iter().zip(&faults).map(async |(stack, fault)| {
        stack.wire().fault(fault.clone().forever());
        assert_refused(stack, &wrong("TX-1", number), &format!("{fault:?}")).await;
        stack.wire().heal();
        stack
            .assert_validated(&wrong("TX-1", number), &refused(Some("TX-1"), &[7513], contoso(&[number])))
            .await;
        assert_eq!(stack.records().await.counts(CONTOSO, REQUESTER), (1, 1));
    });
    join_all(refusals).await;
}

/// No single operation takes too long, but all of them together do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn table_that_is_always_late_is_answered_before_the_deadline() {
    let number = &lines(1)[0];
    let late = |millis: u64| vec![Fault::any(Action::Delay(Duration::from_millis(millis))).forever()];
    // Each operation succeeds at its third and last attempt, after two of 2 seconds.
    let operations = ["GetItem", "BatchGetItem", "TransactWriteItems"];
    let third = operations.map(|operation| Fault::on(operation, Action::Delay(NEVER)).times(2)).to_vec();
    let stacks = stacks(3).await;
    let answers = stacks.iter().zip([late(700), late(1_800), third]).map(async |(stack, faults)| {
        faults.into_iter().for_each(|fault| stack.wire().fault(fault));
        let began = Instant::now();
        let answer = stack.validate(&wrong("TX-1", number)).await;
        assert!(began.elapsed() < IN_TIME, "{:?}", began.elapsed());
        let told = refused(Some("TX-1"), &[7513], contoso(&[number]));
        let expected = [wrong("TX-1", number).refused_as_asked(7598), told.clone()];
        assert!(answer.status == 200 && expected.contains(&answer.text()), "{}", answer.text());
        stack.wire().heal();
        stack.assert_validated(&wrong("TX-1", number), &told).await;
        assert_eq!(stack.records().await.counts(CONTOSO, REQUESTER), (1, 1));
        answer.text()
    });
    let answers = join_all(answers).await;
    let code = |answer: &String| ["7513", "7598"].into_iter().find(|code| answer.contains(code));
    let codes: Vec<_> = answers.iter().filter_map(code).collect();
    assert_eq!(codes, ["7513", "7513", "7598"], "{answers:?}");
}
