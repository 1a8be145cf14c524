//! The same request again: Bandwidth repeats one eight times, five minutes apart, and that counts once.

use futures_util::future::join_all;
use harness::assertions::bandwidth::{approved, approved_without_pon, assert_answer, contoso, refused};
use harness::clients::bandwidth::{REQUESTER, ValidationRequest, request};
use harness::prelude::*;

use crate::{TN, events, start};

const RETRIES: usize = 8;
const PAUSE: SignedDuration = SignedDuration::from_mins(5);
const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

/// Sends the request and its eight retries; fails unless all get this answer.
async fn repeat(stack: &Stack, validation: &ValidationRequest, expected: &str) {
    for _ in 0..=RETRIES {
        stack.assert_validated(validation, expected).await;
        stack.pass(PAUSE);
    }
}

#[tokio::test]
async fn retries_of_a_wrong_pin_count_one_attempt_record_one_order_and_one_event() {
    let stack = start().await;
    let expected = refused(Some("TX-1"), &[7513], contoso(&[TN]));
    repeat(&stack, &request("TX-1").pin(WRONG_PIN), &expected).await;
    let records = stack.records().await;
    assert_eq!(records.counts(CONTOSO, REQUESTER), (1, 1));
    assert_eq!(records.versions(&request("TX-1").stored_pon()), [("01".into(), "rejected".into())]);
    assert_eq!(records.port_out_event_counts(CONTOSO), events(&[("port_out.rejected", 1)]));
}

#[tokio::test]
async fn retries_of_an_approval_are_one_order() {
    let stack = start().await;
    repeat(&stack, &request("TX-1"), &approved("TX-1")).await;
    let records = stack.records().await;
    assert_eq!(records.versions(&request("TX-1").stored_pon()), [("01".into(), "confirmed".into())]);
    assert_eq!(records.port_out_event_counts(CONTOSO), events(&[("port_out.confirmed", 1)]));
}

#[tokio::test]
async fn retries_of_a_missing_pin_are_one_order() {
    let stack = start().await;
    let expected = refused(Some("TX-1"), &[7512], contoso(&[TN]));
    repeat(&stack, &request("TX-1").no_pin(), &expected).await;
    assert_eq!(
        stack.records().await.versions(&request("TX-1").stored_pon()),
        [("01".into(), "rejected".into())]
    );
}

#[tokio::test]
async fn retries_that_are_written_in_another_way_are_the_same() {
    let stack = start().await;
    let expected = refused(Some("TX-1"), &[7513], contoso(&[TN, "2065550101"]));
    let validation = request("TX-1").pin(WRONG_PIN).numbers(&[TN, "2065550101"]);
    assert_answer(&stack.send_xml(validation.padded("\n\t")).await, &expected);
    let unlike = validation.xml().replace("Contoso, Ltd.", "Contoso");
    assert_answer(&stack.send_typed("text/xml; charset=utf-8", unlike.as_bytes()).await, &expected);
    let written = expected.replace("CONTOSO", "con-toso");
    stack.assert_validated(&validation.account("con-toso"), &written).await;
    let turned = request("TX-1").pin(WRONG_PIN).numbers(&["2065550101", TN]);
    stack.assert_validated(&turned, &expected).await;
    assert_eq!(stack.records().await.counts(CONTOSO, REQUESTER), (1, 1));
}

#[tokio::test]
async fn retries_without_a_pon_are_the_same_order() {
    let stack = start().await;
    let wrong = refused(None, &[7513], contoso(&[TN]));
    repeat(&stack, &request("").no_pon().pin(WRONG_PIN), &wrong).await;
    repeat(&stack, &request("").no_pon(), &approved_without_pon()).await;
    let records = stack.records().await;
    assert_eq!((records.orders.len(), records.counts(CONTOSO, REQUESTER)), (2, (0, 0)));
    let kinds = [("port_out.rejected", 1), ("port_out.confirmed", 1)];
    assert_eq!(records.port_out_event_counts(CONTOSO), events(&kinds));
}

#[tokio::test]
async fn retries_at_the_same_moment_count_one_attempt() {
    let stack = start().await;
    let wrong = request("TX-1").pin(WRONG_PIN);
    let answers = join_all((0..RETRIES).map(|_| stack.validate(&wrong))).await;
    for answer in &answers {
        assert_answer(answer, &refused(Some("TX-1"), &[7513], contoso(&[TN])));
    }
    let right = request("TX-2");
    for answer in &join_all((0..RETRIES).map(|_| stack.validate(&right))).await {
        assert_answer(answer, &approved("TX-2"));
    }
    let records = stack.records().await;
    assert_eq!(records.orders.len(), 2);
    let kinds = [("port_out.rejected", 1), ("port_out.confirmed", 1)];
    assert_eq!(records.port_out_event_counts(CONTOSO), events(&kinds));
}

#[tokio::test]
async fn the_fifth_wrong_pin_is_told_again_while_the_source_waits() {
    let stack = start().await;
    for n in 0..5 {
        let pon = format!("W-{n}");
        stack.validate(&request(&pon).pin(WRONG_PIN)).await;
    }
    let before = stack.records().await;
    for _ in 0..RETRIES {
        let expected = refused(Some("W-4"), &[7513], contoso(&[TN]));
        stack.assert_validated(&request("W-4").pin(WRONG_PIN), &expected).await;
    }
    assert_eq!(stack.records().await, before);
}

/// What was answered once is answered again, but no other PIN can be tried that way.
#[tokio::test]
async fn while_the_source_waits_an_approval_is_told_again_and_another_pin_for_it_costs_an_attempt() {
    let stack = start().await;
    stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
    for n in 0..5 {
        let pon = format!("W-{n}");
        let expected = refused(Some(&pon), &[7513], contoso(&["2065550101"]));
        stack.assert_validated(&request(&pon).pin(WRONG_PIN).numbers(&["2065550101"]), &expected).await;
    }
    let before = stack.records().await;
    stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
    assert_eq!(stack.records().await, before);
    assert_eq!(before.counts(CONTOSO, REQUESTER), (5, 5));
    for (pin, count) in [(WRONG_PIN, 6), ("482914", 7)] {
        let guess = request("TX-1").pin(pin);
        stack.assert_validated(&guess, &guess.refused_as_asked(7598)).await;
        assert_eq!(stack.records().await.counts(CONTOSO, REQUESTER), (count, count));
    }
    stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
    assert_eq!(stack.records().await.orders.len(), 6);
}

#[tokio::test]
async fn after_an_hour_the_same_request_is_another_one() {
    let stack = start().await;
    let wrong = request("W-1").pin(WRONG_PIN).numbers(&["2065550101"]);
    let expected = refused(Some("W-1"), &[7513], contoso(&["2065550101"]));
    let pauses = [SignedDuration::ZERO, SignedDuration::from_hours(1) - MILLISECOND, MILLISECOND];
    for (pause, count) in pauses.into_iter().zip([1, 1, 2]) {
        stack.pass(pause);
        stack.assert_validated(&wrong, &expected).await;
        stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
        let records = stack.records().await;
        let versions = [&wrong, &request("TX-1")].map(|it| records.versions(&it.stored_pon()).len());
        assert_eq!(versions, [count, count]);
    }
    let records = stack.records().await;
    let name = request("TX-1").stored_pon();
    let all = [("01".into(), "superseded".into()), ("02".into(), "confirmed".into())];
    assert_eq!(records.versions(&name), all);
    assert_eq!(records.held_by(TN), Some(records.port_out_id(&name, "02")));
}

#[tokio::test]
async fn an_answer_no_longer_stands_once_the_owner_changed_what_it_was_judged_under() {
    let stack = start().await;
    let (validation, name) = (request("TX-1"), request("TX-1").stored_pon());
    let refused = |code: u16| refused(Some("TX-1"), &[code], contoso(&[TN]));
    let approved = approved("TX-1");
    stack.assert_validated(&validation, &approved).await;
    stack.protect(CONTOSO, true).await.assert_status(200);
    stack.assert_validated(&validation, &refused(7598)).await;
    stack.protect(CONTOSO, false).await.assert_status(200);
    stack.assert_validated(&validation, &approved).await;
    stack.set_pin(CONTOSO, "739154").await.assert_status(200);
    stack.assert_validated(&validation, &refused(7513)).await;
    let validation = validation.pin("739154");
    stack.assert_validated(&validation, &approved).await;
    let open = stack.records().await.port_out_id(&name, "05");
    stack.cancel(CONTOSO, &open, "changed_mind").await.assert_status(200);
    stack.assert_validated(&validation, &approved).await;
    let open = stack.records().await.port_out_id(&name, "06");
    assert_eq!(stack.records().await.held_by(TN).as_ref(), Some(&open));
    // The sender knew the PIN.
    let cancelled = stack.cancel(CONTOSO, &open, "not_authorized").await.assert_json(200);
    assert_eq!(cancelled["carrier_must_be_told"], true);
    for _ in 0..2 {
        stack.assert_validated(&validation, &refused(7513)).await;
    }
    assert_eq!(stack.records().await.held_by(TN), None);
    stack.set_pin(CONTOSO, PIN).await.assert_status(200);
    stack.assert_validated(&validation, &refused(7513)).await;
    stack.assert_validated(&validation.pin(PIN), &approved).await;
}

#[tokio::test]
async fn acceptable_values_of_a_retry_are_those_of_now() {
    let stack = start().await;
    let validation = request("TX-1").pin(WRONG_PIN).numbers(&[TN, "2065550101"]);
    stack.assert_validated(&validation, &refused(Some("TX-1"), &[7513], contoso(&[TN, "2065550101"]))).await;
    stack.remove(CONTOSO, "+12065550101").await.assert_status(204);
    stack.assert_validated(&validation, &refused(Some("TX-1"), &[7513], contoso(&[TN]))).await;
}
