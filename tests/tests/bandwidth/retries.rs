//! The same request again: Bandwidth repeats one eight times, five minutes apart, and that counts once.

use crate::answers::{approved, approved_without_pon, assert_answer, contoso, refused};
use crate::ask::Ask;
use crate::bench::{Bench, events};
use crate::{TN, WRONG};
use futures_util::future::join_all;
use jiff::SignedDuration;

const RETRIES: usize = 8;
const PAUSE: SignedDuration = SignedDuration::from_mins(5);

/// The request and its eight retries, each answered alike.
async fn repeat(bench: &Bench, ask: &Ask, expected: &str) {
    for _ in 0..=RETRIES {
        bench.expect(ask, expected).await;
        bench.pass(PAUSE);
    }
}

#[tokio::test]
async fn retries_of_a_wrong_pin_count_one_attempt_record_one_order_and_one_event() {
    let bench = Bench::start().await;
    let expected = refused(Some("TX-1"), &[7513], contoso(&[TN]));
    repeat(&bench, &Ask::usual("TX-1").pin(WRONG), &expected).await;
    let records = bench.records().await;
    assert_eq!(records.counts("CONTOSO", "A123"), (1, 1));
    assert_eq!(records.versions("TX-1"), [("01".into(), "rejected".into())]);
    assert_eq!(records.port_outs_told("CONTOSO"), events(&[("port_out.rejected", 1)]));
}

#[tokio::test]
async fn retries_of_an_approval_are_one_order() {
    let bench = Bench::start().await;
    repeat(&bench, &Ask::usual("TX-1"), &approved("TX-1")).await;
    let records = bench.records().await;
    assert_eq!(records.versions("TX-1"), [("01".into(), "confirmed".into())]);
    assert_eq!(records.port_outs_told("CONTOSO"), events(&[("port_out.confirmed", 1)]));
}

#[tokio::test]
async fn retries_of_a_missing_pin_are_one_order() {
    let bench = Bench::start().await;
    let expected = refused(Some("TX-1"), &[7512], contoso(&[TN]));
    repeat(&bench, &Ask::usual("TX-1").no_pin(), &expected).await;
    assert_eq!(bench.records().await.versions("TX-1"), [("01".into(), "rejected".into())]);
}

#[tokio::test]
async fn retries_that_are_written_in_another_way_are_the_same() {
    let bench = Bench::start().await;
    let expected = refused(Some("TX-1"), &[7513], contoso(&[TN, "2065550101"]));
    let ask = Ask::usual("TX-1").pin(WRONG).numbers(&[TN, "2065550101"]);
    assert_answer(&bench.xml(ask.padded("\n\t")).await, &expected);
    let unlike = ask.xml().replace("Contoso, Ltd.", "Contoso");
    assert_answer(&bench.send("text/xml; charset=utf-8", unlike.as_bytes()).await, &expected);
    bench.expect(&ask.account("con-toso"), &expected).await;
    let turned = Ask::usual("TX-1").pin(WRONG).numbers(&["2065550101", TN]);
    bench.expect(&turned, &expected).await;
    assert_eq!(bench.records().await.counts("CONTOSO", "A123"), (1, 1));
}

#[tokio::test]
async fn retries_without_a_pon_are_the_same_order() {
    let bench = Bench::start().await;
    let wrong = refused(None, &[7513], contoso(&[TN]));
    repeat(&bench, &Ask::usual("").no_pon().pin(WRONG), &wrong).await;
    repeat(&bench, &Ask::usual("").no_pon(), &approved_without_pon()).await;
    let records = bench.records().await;
    assert_eq!((records.orders.len(), records.counts("CONTOSO", "A123")), (2, (0, 0)));
    let kinds = [("port_out.rejected", 1), ("port_out.confirmed", 1)];
    assert_eq!(records.port_outs_told("CONTOSO"), events(&kinds));
}

#[tokio::test]
async fn retries_at_the_same_moment_count_one_attempt() {
    let bench = Bench::start().await;
    let wrong = Ask::usual("TX-1").pin(WRONG);
    let answers = join_all((0..RETRIES).map(|_| bench.validate(&wrong))).await;
    for answer in &answers {
        assert_answer(answer, &refused(Some("TX-1"), &[7513], contoso(&[TN])));
    }
    let right = Ask::usual("TX-2");
    for answer in &join_all((0..RETRIES).map(|_| bench.validate(&right))).await {
        assert_answer(answer, &approved("TX-2"));
    }
    let records = bench.records().await;
    assert_eq!(records.orders.len(), 2);
    let kinds = [("port_out.rejected", 1), ("port_out.confirmed", 1)];
    assert_eq!(records.port_outs_told("CONTOSO"), events(&kinds));
}

#[tokio::test]
async fn the_fifth_wrong_pin_is_told_again_while_the_carrier_waits() {
    let bench = Bench::start().await;
    for n in 0..5 {
        let pon = format!("W-{n}");
        bench.validate(&Ask::usual(&pon).pin(WRONG)).await;
    }
    let before = bench.records().await;
    for _ in 0..RETRIES {
        let expected = refused(Some("W-4"), &[7513], contoso(&[TN]));
        bench.expect(&Ask::usual("W-4").pin(WRONG), &expected).await;
    }
    assert_eq!(bench.records().await, before);
}

#[tokio::test]
async fn acceptable_values_of_a_retry_are_those_of_now() {
    let bench = Bench::start().await;
    let ask = Ask::usual("TX-1").pin(WRONG).numbers(&[TN, "2065550101"]);
    bench.expect(&ask, &refused(Some("TX-1"), &[7513], contoso(&[TN, "2065550101"]))).await;
    bench.hold("2065550101").await;
    bench.expect(&ask, &refused(Some("TX-1"), &[7513], contoso(&[TN]))).await;
}
