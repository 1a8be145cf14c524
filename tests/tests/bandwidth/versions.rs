//! Other content: each request is answered for itself, as a new version if only PIN or ZIP code differ, and otherwise
//! under a name of its own.

use futures_util::future::join_all;
use harness::assertions::bandwidth::{approved, assert_answer, contoso, contoso_without_zip, refused};
use harness::clients::bandwidth::{REQUESTER, ValidationRequest, request};
use harness::prelude::*;
use harness::records::text;

use crate::{TN, add_account, events, start};

/// Returns the name of the usual request of PON `TX-1`.
fn usual() -> String {
    request("TX-1").stored_pon()
}

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
    assert_eq!(records.versions(&usual()), orders(&[("01", "rejected"), ("02", "confirmed")]));
    assert_eq!(records.counts(CONTOSO, REQUESTER), (0, 0));
    assert_eq!(records.held_by(TN), Some(records.port_out_id(&usual(), "02")));
}

#[tokio::test]
async fn each_other_pin_is_a_version_and_costs_an_attempt() {
    let stack = start().await;
    for (n, pin) in ["111111", "222222", "333333"].into_iter().enumerate() {
        stack
            .assert_validated(&request("TX-1").pin(pin), &refused(Some("TX-1"), &[7513], contoso(&[TN])))
            .await;
        let count = u64::try_from(n + 1).unwrap();
        assert_eq!(stack.records().await.counts(CONTOSO, REQUESTER), (count, count));
    }
    let all = orders(&[("01", "rejected"), ("02", "rejected"), ("03", "rejected")]);
    assert_eq!(stack.records().await.versions(&usual()), all);
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
    assert_eq!(records.versions(&usual()), orders(&[("01", "confirmed"), ("02", "rejected")]));
    assert_eq!(
        records.held_by(TN),
        Some(records.port_out_id(&usual(), "01")),
        "a refusal takes nothing away"
    );
    for _ in 0..2 {
        stack.assert_validated(&a, &approved("TX-1")).await;
    }
    let records = stack.records().await;
    let all = orders(&[("01", "superseded"), ("02", "rejected"), ("03", "confirmed")]);
    assert_eq!(records.versions(&usual()), all);
    assert_eq!(records.held_by(TN), Some(records.port_out_id(&usual(), "03")));
}

#[tokio::test]
async fn confirmed_request_with_other_numbers_takes_those_over_that_the_source_already_holds() {
    let stack = start().await;
    let first = request("TX-1").numbers(&[TN, "2065550101"]);
    let second = request("TX-1").numbers(&["2065550101", "2065550102"]);
    stack.assert_validated(&first, &approved("TX-1")).await;
    stack.assert_validated(&second, &approved("TX-1")).await;
    let records = stack.records().await;
    let ids = [&first, &second].map(|validation| records.port_out_id(&validation.stored_pon(), "01"));
    let [one, two] = ids.clone().map(Some);
    assert_eq!(records.holders(&[TN, "2065550101", "2065550102"]), [one, two.clone(), two.clone()]);
    let earlier = stack.port_out("A123", &ids[0]).await.assert_json(200);
    let told = ["status", "released_numbers"].map(|field| earlier[field].clone());
    assert_eq!(told, [json!("confirmed"), json!(["+12065550101"])]);
    stack.assert_validated(&request("TX-2"), &approved("TX-2")).await;
    let records = stack.records().await;
    assert_eq!(records.versions(&first.stored_pon()), orders(&[("01", "superseded")]));
    let third = Some(records.port_out_id(&request("TX-2").stored_pon(), "01"));
    assert_eq!(records.holders(&[TN, "2065550101", "2065550102"]), [third, two.clone(), two]);
    let kinds = [("port_out.confirmed", 3), ("port_out.superseded", 1)];
    assert_eq!(records.port_out_event_counts(CONTOSO), events(&kinds));
}

#[tokio::test]
async fn wrong_pin_takes_nothing_over() {
    let stack = start().await;
    stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
    let guess = request("TX-2").pin(WRONG_PIN);
    stack.assert_validated(&guess, &refused(Some("TX-2"), &[7513], contoso(&[TN]))).await;
    let records = stack.records().await;
    assert_eq!(records.versions(&usual()), orders(&[("01", "confirmed")]));
    assert_eq!(records.held_by(TN), Some(records.port_out_id(&usual(), "01")));
}

#[tokio::test]
async fn numbers_of_five_port_outs_are_taken_over_and_those_of_six_are_7598() {
    let stack = start().await;
    let numbers: Vec<_> = (0..6).map(|line| format!("206555010{line}")).collect();
    for (n, number) in numbers.iter().enumerate() {
        let pon = format!("TX-{n}");
        stack.assert_validated(&request(&pon).numbers(&[number]), &approved(&pon)).await;
    }
    let texts: Vec<_> = numbers.iter().map(String::as_str).collect();
    let expected = refused(Some("ALL"), &[7598], contoso(&texts));
    stack.assert_validated(&request("ALL").numbers(&texts), &expected).await;
    let five = request("FIVE").numbers(&texts[..5]);
    stack.assert_validated(&five, &approved("FIVE")).await;
    stack.assert_validated(&request("NOW").numbers(&texts), &approved("NOW")).await;
    assert_eq!(stack.records().await.versions(&five.stored_pon()), orders(&[("01", "superseded")]));
}

#[tokio::test]
async fn pin_and_zip_code_make_versions_and_pon_account_and_numbers_make_names() {
    let stack = start().await;
    add_account(&stack, "FABRIKAM", &json!({"country": "US"}), &["2065550200"]).await;
    stack.set_pin("FABRIKAM", PIN).await.assert_status(201);
    let other_numbers = request("TX-1").numbers(&["2065550101"]);
    let other_account = request("TX-1").account("FABRIKAM").numbers(&["2065550200"]);
    let validations = [
        (request("TX-1").no_pin(), false, "01"),
        (request("TX-1"), true, "02"),
        (request("TX-1").no_zip(), true, "03"),
        (request("TX-1").zip("98052-1234"), true, "04"),
        (other_numbers.clone(), true, "01"),
        (other_numbers.clone().no_pon(), true, "01"),
        (other_account.clone(), true, "01"),
        (other_account.no_zip(), true, "02"),
        // The same numbers under an account that is not theirs.
        (request("TX-1").account("FABRIKAM"), false, "01"),
    ];
    for (n, (validation, portable, version)) in validations.iter().enumerate() {
        let answer = stack.validate(validation).await;
        assert_eq!(answer.text().contains("<Portable>true</Portable>"), *portable, "{}", answer.text());
        let records = stack.records().await;
        assert_eq!(records.orders.len(), n + 1);
        let (last, _) = records.versions(&validation.stored_pon()).pop().unwrap();
        assert_eq!(last, *version, "{validation:?}");
    }
    let records = stack.records().await;
    let id = |validation: &ValidationRequest, version| {
        Some(records.port_out_id(&validation.stored_pon(), version))
    };
    let holders = [id(&validations[3].0, "04"), id(&validations[5].0, "01"), id(&validations[7].0, "02")];
    assert_eq!(records.holders(&[TN, "2065550101", "2065550200"]), holders);
}

/// A PON is unique only for its carrier, and many carriers come through one source.
#[tokio::test]
async fn carriers_that_use_the_same_pon_do_not_meet() {
    let stack = start().await;
    let theirs = request("TX-1").numbers(&["2065550101"]);
    stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
    let expected = refused(Some("TX-1"), &[7513], contoso(&["2065550101"]));
    stack.assert_validated(&theirs.clone().pin(WRONG_PIN), &expected).await;
    stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
    stack.assert_validated(&theirs, &approved("TX-1")).await;
    let native = order("TX-1", CONTOSO, PIN, &["2065550102"]);
    assert_outcome(&stack.submit("A123", &native).await, Outcome::Confirmed);
    let records = stack.records().await;
    assert_eq!(records.versions(&usual()), orders(&[("01", "confirmed")]));
    let versions = orders(&[("01", "rejected"), ("02", "confirmed")]);
    assert_eq!(records.versions(&theirs.stored_pon()), versions);
    assert_eq!(records.versions("TX-1"), orders(&[("01", "confirmed")]), "the native one");
}

/// No carrier can take the names that another needs: knowing how they are made gains it nothing.
#[tokio::test]
async fn native_pon_with_the_name_of_a_validation_is_another_one() {
    let stack = start().await;
    let native = order(&usual(), CONTOSO, PIN, &["2065550101"]);
    assert_outcome(&stack.submit("A123", &native).await, Outcome::Confirmed);
    stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
    let records = stack.records().await;
    let holders = records.holders(&[TN, "2065550101"]);
    assert!(holders.iter().all(Option::is_some) && holders[0] != holders[1], "{holders:?}");
    assert_eq!(records.versions(&usual()), orders(&[("01", "confirmed"), ("01", "confirmed")]));
}

#[tokio::test]
async fn long_and_odd_pons_are_recorded_under_their_names_and_echoed() {
    let stack = start().await;
    let long = "9".repeat(2_000);
    for (n, pon) in ["TX 1", "ТХ-1", "TX.1/b", &long].into_iter().enumerate() {
        let validation = request(pon).numbers(&[format!("206555010{n}")]);
        stack.assert_validated(&validation, &approved(pon)).await;
        let versions = stack.records().await.versions(&validation.stored_pon());
        assert_eq!(versions, orders(&[("01", "confirmed")]), "{pon:.40}");
    }
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
        let mut all = records.versions(&usual());
        all.sort_by(|one, other| one.1.cmp(&other.1));
        let statuses: Vec<_> = all.iter().map(|(_, status)| status.as_str()).collect();
        assert_eq!(statuses, ["confirmed", "rejected", "rejected"]);
    }
}

#[tokio::test]
async fn two_approvals_of_one_number_at_once_leave_one_that_stands() {
    // Two versions of one name, and two names.
    for other in [request("TX-1").no_zip(), request("TX-2")] {
        let stack = start().await;
        let validations = [request("TX-1"), other];
        let answers = join_all(validations.iter().map(|validation| stack.validate(validation))).await;
        for (answer, validation) in answers.iter().zip(&validations) {
            let pon = if validation.stored_pon() == usual() { "TX-1" } else { "TX-2" };
            assert_answer(answer, &approved(pon));
        }
        let records = stack.records().await;
        let statuses: Vec<_> = records.orders.iter().map(|it| text(it, "port_out_status")).collect();
        assert!(matches!(statuses[..], ["confirmed", "superseded"] | ["superseded", "confirmed"]));
        let open = records.orders.iter().find(|it| text(it, "port_out_status") == "confirmed");
        assert_eq!(records.held_by(TN).as_deref(), open.map(|it| text(it, "port_out_id")));
    }
}

#[tokio::test]
async fn pons_are_the_same_only_if_they_are_written_the_same() {
    let stack = start().await;
    for (n, pon) in ["tx-1", "TX-1", "TX_1", "TX#1"].into_iter().enumerate() {
        let validation = request(pon).no_pin();
        stack.assert_validated(&validation, &refused(Some(pon), &[7512], contoso(&[TN]))).await;
        let records = stack.records().await;
        assert_eq!(records.versions(&validation.stored_pon()), orders(&[("01", "rejected")]));
        assert_eq!(records.orders.len(), n + 1);
    }
}

/// No carrier may be shut out because others, or it itself, asked often.
#[tokio::test]
async fn versions_go_on_without_end() {
    let stack = start().await;
    let validation = |n: usize| request("TX-1").zip(&format!("{:05}", 98052 + n));
    let expected = refused(Some("TX-1"), &[7515], contoso_without_zip(&[TN]));
    for n in 1..=99 {
        stack.assert_validated(&validation(n), &expected).await;
    }
    assert_eq!(stack.records().await.versions(&usual()).last(), Some(&("99".into(), "rejected".into())));
    stack.assert_validated(&validation(99), &expected).await;
    assert_eq!(stack.records().await.orders.len(), 99, "the last request is answered again");
    for _ in 0..2 {
        stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
    }
    stack.assert_validated(&validation(1), &expected).await;
    let records = stack.records().await;
    assert_eq!(records.held_by(TN), Some(records.port_out_id(&usual(), "100")));
    assert!(records.versions(&usual()).contains(&("101".into(), "rejected".into())));
    assert_eq!(records.orders.len(), 101);
}

#[tokio::test]
async fn more_than_90_numbers_and_port_outs_to_take_over_together_are_7598() {
    let stack = start().await;
    let numbers: Vec<_> = (0..90).map(|line| format!("20655511{line:02}")).collect();
    add_account(&stack, "FABRIKAM", &json!({"country": "US"}), &numbers).await;
    stack.set_pin("FABRIKAM", PIN).await.assert_status(201);
    let validation = |pon: &str, count: usize| request(pon).account("FABRIKAM").numbers(&numbers[..count]);
    let first = validation("TX-1", 90);
    stack.assert_validated(&first, &approved("TX-1")).await;
    let before = stack.records().await;
    let other = validation("TX-2", 90);
    stack.assert_validated(&other, &other.refused_as_asked(7598)).await;
    assert_eq!(stack.records().await, before);
    // A version of the same name changes 90 numbers.
    stack.assert_validated(&first.clone().no_zip(), &approved("TX-1")).await;
    stack.assert_validated(&validation("TX-2", 89), &approved("TX-2")).await;
    let records = stack.records().await;
    let versions = orders(&[("01", "superseded"), ("02", "confirmed")]);
    assert_eq!(records.versions(&first.stored_pon()), versions, "one number is left to it");
    let ids = [(&first, "02"), (&validation("TX-2", 89), "01")];
    let [left, taken] = ids.map(|(it, version)| Some(records.port_out_id(&it.stored_pon(), version)));
    assert_eq!(records.holders(&[&numbers[0], &numbers[88], &numbers[89]]), [taken.clone(), taken, left]);
}
