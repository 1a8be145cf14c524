//! The same PON with other content: each request becomes a new version and is answered for itself.

use futures_util::future::join_all;
use harness::assertions::bandwidth::{approved, assert_answer, contoso, contoso_without_zip, refused};
use harness::clients::bandwidth::request;
use harness::prelude::*;

use crate::{TN, add_account, events, start};

fn orders(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(version, status)| ((*version).to_owned(), (*status).to_owned())).collect()
}

#[tokio::test]
async fn corrected_pin_after_a_wrong_one_is_approved_as_the_next_version() {
    let stack = start().await;
    stack
        .assert_validated(&request("TX-1").pin(WRONG_PIN), &refused(Some("TX-1"), &[7513], contoso(&[TN])))
        .await;
    stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
    let records = stack.records().await;
    assert_eq!(records.versions("TX-1"), orders(&[("01", "rejected"), ("02", "confirmed")]));
    assert_eq!(records.counts(CONTOSO, "A123"), (0, 0));
    assert_eq!(records.held_by(TN), Some(records.port_out_id("TX-1", "02")));
}

#[tokio::test]
async fn each_other_pin_is_a_version_and_costs_an_attempt() {
    let stack = start().await;
    for (n, pin) in ["111111", "222222", "333333"].into_iter().enumerate() {
        stack
            .assert_validated(&request("TX-1").pin(pin), &refused(Some("TX-1"), &[7513], contoso(&[TN])))
            .await;
        let count = u64::try_from(n + 1).unwrap();
        assert_eq!(stack.records().await.counts(CONTOSO, "A123"), (count, count));
    }
    let all = orders(&[("01", "rejected"), ("02", "rejected"), ("03", "rejected")]);
    assert_eq!(stack.records().await.versions("TX-1"), all);
}

#[tokio::test]
async fn a_b_a_are_three_versions() {
    let stack = start().await;
    let (a, b) = (request("TX-1"), request("TX-1").pin(WRONG_PIN));
    for _ in 0..2 {
        stack.assert_validated(&a, &approved("TX-1")).await;
    }
    for _ in 0..2 {
        // What the PON itself holds, it would be given again.
        stack.assert_validated(&b, &refused(Some("TX-1"), &[7513], contoso(&[TN]))).await;
    }
    let records = stack.records().await;
    assert_eq!(records.versions("TX-1"), orders(&[("01", "confirmed"), ("02", "rejected")]));
    assert_eq!(records.held_by(TN), Some(records.port_out_id("TX-1", "01")), "a refusal takes nothing away");
    for _ in 0..2 {
        stack.assert_validated(&a, &approved("TX-1")).await;
    }
    let records = stack.records().await;
    let all = orders(&[("01", "superseded"), ("02", "rejected"), ("03", "confirmed")]);
    assert_eq!(records.versions("TX-1"), all);
    assert_eq!(records.held_by(TN), Some(records.port_out_id("TX-1", "03")));
}

#[tokio::test]
async fn confirmed_request_with_other_numbers_takes_the_place_of_the_earlier_one() {
    let stack = start().await;
    stack.assert_validated(&request("TX-1").numbers(&[TN, "2065550101"]), &approved("TX-1")).await;
    stack.assert_validated(&request("TX-1").numbers(&["2065550101", "2065550102"]), &approved("TX-1")).await;
    let records = stack.records().await;
    assert_eq!(records.versions("TX-1"), orders(&[("01", "superseded"), ("02", "confirmed")]));
    let second = records.port_out_id("TX-1", "02");
    let holders = [TN, "2065550101", "2065550102"].map(|number| records.held_by(number));
    assert_eq!(holders, [None, Some(second.clone()), Some(second)]);
    assert_eq!(records.port_out_event_counts(CONTOSO), events(&[("port_out.confirmed", 2)]));
}

#[tokio::test]
async fn every_part_that_is_compared_makes_a_version_of_its_own() {
    let stack = start().await;
    add_account(&stack, "FABRIKAM", &json!({"country": "US"}), &["2065550200"]).await;
    stack.set_pin("FABRIKAM", PIN).await.assert_status(201);
    let last = request("TX-1").account("FABRIKAM").no_zip().numbers(&["2065550200"]);
    let validations = [
        (request("TX-1").no_pin(), false),
        (request("TX-1"), true),
        (request("TX-1").no_zip(), true),
        (request("TX-1").zip("98052-1234"), true),
        (request("TX-1").numbers(&["2065550101"]), true),
        (last.clone().zip("98052"), true),
        (last, true),
    ];
    for (n, (validation, portable)) in validations.iter().enumerate() {
        let answer = stack.validate(validation).await;
        assert_eq!(answer.text().contains("<Portable>true</Portable>"), *portable, "{}", answer.text());
        assert_eq!(stack.records().await.versions("TX-1").len(), n + 1);
    }
    assert_eq!(stack.records().await.held_by("2065550101"), None, "the newest version alone holds numbers");
}

#[tokio::test]
async fn different_requests_of_one_pon_at_once_are_all_answered_truthfully() {
    for _ in 0..5 {
        let stack = start().await;
        let (right, wrong) = (request("TX-1"), request("TX-1").pin(WRONG_PIN));
        let none = request("TX-1").no_pin();
        let answers = join_all([&right, &wrong, &none].map(|validation| stack.validate(validation))).await;
        assert_answer(&answers[0], &approved("TX-1"));
        for (answer, code) in answers[1..].iter().zip([7513, 7512]) {
            assert_answer(answer, &refused(Some("TX-1"), &[code], contoso(&[TN])));
        }
        let records = stack.records().await;
        let mut all = records.versions("TX-1");
        all.sort_by(|one, other| one.1.cmp(&other.1));
        let statuses: Vec<_> = all.iter().map(|(_, status)| status.as_str()).collect();
        assert_eq!(statuses, ["confirmed", "rejected", "rejected"]);
    }
}

#[tokio::test]
async fn two_approvals_of_one_pon_at_once_leave_one_that_stands() {
    let stack = start().await;
    let validations = [request("TX-1"), request("TX-1").numbers(&["2065550101"])];
    for answer in &join_all(validations.iter().map(|validation| stack.validate(validation))).await {
        assert_answer(answer, &approved("TX-1"));
    }
    let records = stack.records().await;
    assert_eq!(records.versions("TX-1"), orders(&[("01", "superseded"), ("02", "confirmed")]));
    let held = [TN, "2065550101"].map(|number| records.held_by(number)).into_iter().flatten().count();
    assert_eq!(held, 1);
}

#[tokio::test]
async fn pons_are_the_same_only_if_they_are_written_the_same() {
    let stack = start().await;
    for pon in ["tx-1", "TX-1", "TX_1", "TX#1"] {
        let validation = request(pon).no_pin();
        stack.assert_validated(&validation, &refused(Some(pon), &[7512], contoso(&[TN]))).await;
        assert_eq!(stack.records().await.versions(pon), orders(&[("01", "rejected")]));
    }
}

#[tokio::test]
async fn pon_without_a_version_left_is_7598_but_its_last_request_is_still_answered() {
    let stack = start().await;
    let validation = |n: usize| request("TX-1").no_pin().zip(&format!("{:05}", 98052 + n));
    for n in 0..99 {
        assert!(stack.validate(&validation(n)).await.text().contains("<Code>7512</Code>"));
    }
    assert_eq!(stack.records().await.versions("TX-1").last(), Some(&("99".into(), "rejected".into())));
    stack.assert_validated(&request("TX-1"), &request("TX-1").refused_as_asked(7598)).await;
    stack
        .assert_validated(&validation(98), &refused(Some("TX-1"), &[7512, 7515], contoso_without_zip(&[TN])))
        .await;
    assert_eq!(stack.records().await.orders.len(), 99);
}

#[tokio::test]
async fn version_that_would_need_more_than_90_numbers_together_with_the_earlier_one_is_7598() {
    let stack = start().await;
    let numbers: Vec<_> = (0..91).map(|line| format!("20655511{line:02}")).collect();
    add_account(&stack, "FABRIKAM", &json!({"country": "US"}), &numbers[..90]).await;
    add_account(&stack, "FABRIKAM2", &json!({"country": "US"}), &numbers[90..]).await;
    stack.set_pin("FABRIKAM", PIN).await.assert_status(201);
    let validation = |numbers: &[String]| request("TX-1").account("FABRIKAM").numbers(numbers);
    stack.assert_validated(&validation(&numbers[..90]), &approved("TX-1")).await;
    let other = validation(&numbers[90..]);
    stack.assert_validated(&other, &other.refused_as_asked(7598)).await;
    assert_eq!(stack.records().await.versions("TX-1"), orders(&[("01", "confirmed")]));
}
