//! A refusal is an answer: 201 with every reason, nothing held, and the same body when it is read.

use crate::answers::{
    PIN, WRONG, assert_bad_field, assert_confirmed, assert_rejected, id, number_reason, reason, received_at,
    rejected,
};
use crate::days::{self, NEW_YORK};
use crate::kinds;
use crate::{add_account, contoso, with, without};
use harness::records::Records;
use harness::stack::{Stack, order};
use serde_json::{Value, json};

const TN: &str = "+12065550100";
const OTHER: &str = "+12065550101";

/// Submits it as `A123` and fails unless it is refused for these reasons, holds nothing, and reads the same.
async fn refuse(stack: &Stack, order: &Value, reasons: &[Value]) {
    let held = Records::of(stack).await.held();
    let answer = stack.submit("A123", order).await;
    assert_rejected(&answer, "A123", order, reasons);
    assert_eq!(Records::of(stack).await.held(), held, "a refusal holds nothing");
    let path = format!("/v1/port-outs/{}", id("A123", order));
    let again = stack.get(&path, &stack.tokens().carrier("A123")).await;
    assert_eq!((again.status, &again.body), (200, &answer.body));
}

async fn failed_attempts(stack: &Stack) -> Value {
    stack.pin_state("CONTOSO").await.assert_json(200)["failed_attempts"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_account_is_the_only_reason_there_is() {
    let stack = contoso(&[TN]).await;
    let order = order("TX-1", "NOBODY", PIN, &[TN]);
    refuse(&stack, &order, &[reason("account_number_invalid", "/account_number")]).await;
    assert_eq!(Records::of(&stack).await.kinds_told("NOBODY"), kinds(&[("port_out.rejected", 1)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_outside_the_us_is_refused_whatever_the_pin() {
    let stack = Stack::start().await;
    stack.put_account("NORDWIND", &json!({"country": "DE"})).await.assert_status(201);
    stack.assign("NORDWIND", &[TN]).await.assert_status(200);
    let only = [reason("account_not_us", "/account_number")];
    for (index, pin) in [json!(PIN), json!("x"), json!(""), Value::Null].into_iter().enumerate() {
        refuse(&stack, &with(&order(&format!("TX-{index}"), "NORDWIND", "", &[TN]), "pin", pin), &only).await;
    }
    assert_eq!(Records::of(&stack).await.failures("NORDWIND", "A123"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_that_left_the_us_keeps_its_pin_and_is_refused_all_the_same() {
    let stack = contoso(&[TN]).await;
    stack.put_account("CONTOSO", &json!({"country": "CA"})).await.assert_status(200);
    let order = order("TX-1", "CONTOSO", PIN, &[TN]);
    refuse(&stack, &order, &[reason("account_not_us", "/account_number")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_number_and_somebody_elses_look_the_same() {
    let stack = contoso(&[TN]).await;
    add_account(&stack, "FABRIKAM", "739154", &["+12065550200", "+12065550201"]).await;
    let theirs = order("TX-0", "FABRIKAM", "739154", &["+12065550201"]);
    assert_confirmed(&stack.submit("B456", &theirs).await, 201, "B456", &theirs);
    let numbers = ["+12065559999", "+12065550200", "+12065550201"];
    let reasons = |numbers: &[&str]| {
        numbers.iter().enumerate().map(|(at, tn)| number_reason("tn_not_found", at, tn)).collect::<Vec<_>>()
    };
    refuse(&stack, &order("TX-1", "CONTOSO", PIN, &numbers), &reasons(&numbers)).await;
    for number in numbers {
        let pon = number.trim_start_matches('+');
        refuse(&stack, &order(pon, "CONTOSO", PIN, &[number]), &reasons(&[number])).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn number_that_cannot_be_ported_is_refused_with_its_kind() {
    let stack = contoso(&[TN]).await;
    let caribbean = "Numbers of Caribbean countries and of Bermuda leave by another process.";
    let kinds = [
        (
            "+18005550100",
            "Toll-free numbers change hands through their responsible organisation, not by porting.",
        ),
        ("+19005550100", "Premium-rate numbers cannot be ported."),
        ("+15225550100", "Personal communication numbers (5XX) cannot be ported."),
        ("+17105550100", "Numbers in 700 and 710 cannot be ported."),
        ("+14165550100", "Canadian numbers leave by another process."),
        ("+18765550100", caribbean),
    ];
    let numbers = kinds.map(|(number, _)| number);
    let of = |(at, (number, detail)): (usize, &(&str, &str))| {
        with(&number_reason("tn_not_portable", at, number), "detail", *detail)
    };
    let reasons: Vec<_> = kinds.iter().enumerate().map(of).collect();
    refuse(&stack, &order("TX-1", "CONTOSO", PIN, &numbers), &reasons).await;
    // Of an unknown account this much can be said too, as it lies in the number alone.
    let unknown = [&[reason("account_number_invalid", "/account_number")], &reasons[..]].concat();
    refuse(&stack, &order("TX-2", "NOBODY", PIN, &numbers), &unknown).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn number_held_by_another_carrier_or_another_pon_is_pending() {
    let stack = contoso(&[TN, OTHER]).await;
    let first = order("TX-1", "CONTOSO", PIN, &[OTHER]);
    assert_confirmed(&stack.submit("B456", &first).await, 201, "B456", &first);
    let pending = [number_reason("pending_port", 1, OTHER)];
    refuse(&stack, &order("TX-1", "CONTOSO", PIN, &[TN, OTHER]), &pending).await;
    let own = order("TX-2", "CONTOSO", PIN, &[OTHER]);
    let answer = stack.submit("B456", &own).await;
    assert_rejected(&answer, "B456", &own, &[number_reason("pending_port", 0, OTHER)]);
    let records = Records::of(&stack).await;
    assert_eq!(records.holders(&[TN, OTHER]), [None, Some(id("B456", &first))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn zip_is_refused_when_the_first_five_digits_differ() {
    let stack = contoso(&[TN]).await;
    for (index, zip) in ["98053", "10001-9805", "980539805"].into_iter().enumerate() {
        let order = with(&order(&format!("TX-{index}"), "CONTOSO", PIN, &[TN]), "zip_code", zip);
        refuse(&stack, &order, &[reason("zip_code_invalid", "/zip_code")]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_without_a_pin_cannot_be_ported_from() {
    let stack = Stack::start().await;
    stack.seed("CONTOSO", &[TN]).await;
    let not_set = reason("pin_not_set", "/pin");
    for (index, pin) in [PIN, "x"].into_iter().enumerate() {
        let order = order(&format!("TX-{index}"), "CONTOSO", pin, &[TN]);
        refuse(&stack, &order, std::slice::from_ref(&not_set)).await;
    }
    let without_pin = without(&order("TX-9", "CONTOSO", PIN, &[TN]), "pin");
    refuse(&stack, &without_pin, &[not_set, reason("pin_missing", "/pin")]).await;
    assert_eq!(failed_attempts(&stack).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_left_out_null_empty_or_blank_is_missing_and_costs_nothing() {
    let stack = contoso(&[TN]).await;
    let missing = [reason("pin_missing", "/pin")];
    refuse(&stack, &without(&order("TX-0", "CONTOSO", PIN, &[TN]), "pin"), &missing).await;
    let blanks = [Value::Null, json!(""), json!(" "), json!("      "), json!("\t\u{3000}\n")];
    for (index, pin) in blanks.into_iter().enumerate() {
        let order = order(&format!("TX-B{index}"), "CONTOSO", PIN, &[TN]);
        refuse(&stack, &with(&order, "pin", pin), &missing).await;
    }
    assert_eq!(failed_attempts(&stack).await, 0);
    assert_eq!(Records::of(&stack).await.failures("CONTOSO", "A123"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_and_malformed_pins_look_the_same_and_count() {
    let stack = contoso(&[TN]).await;
    let endless = "4".repeat(60_000);
    let full_width = "\u{ff14}\u{ff18}\u{ff12}\u{ff19}\u{ff11}\u{ff13}";
    let malformed =
        ["48291a", "48291", "48291300000", full_width, " 482913", "482913\n", "482-913", &endless];
    for (index, pin) in [WRONG, "4829130"].into_iter().chain(malformed).enumerate() {
        let (spid, order) = (format!("B{index:03}"), order("TX-1", "CONTOSO", pin, &[TN]));
        assert_rejected(&stack.submit(&spid, &order).await, &spid, &order, &[reason("pin_invalid", "/pin")]);
        assert_eq!(failed_attempts(&stack).await, index + 1);
    }
    assert_eq!(Records::of(&stack).await.held(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_that_is_no_json_string_is_malformed_and_costs_nothing() {
    let stack = contoso(&[TN]).await;
    let before = Records::of(&stack).await;
    for pin in [json!(482913), json!(4829.13), json!(true), json!(["482913"]), json!({"pin": PIN})] {
        let answer = stack.submit("A123", &with(&order("TX-1", "CONTOSO", PIN, &[TN]), "pin", pin)).await;
        assert_bad_field(&answer, 400, "/pin", "wrong_type", "this field is a JSON string");
    }
    assert_eq!(Records::of(&stack).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn day_on_which_no_port_can_be_done_is_refused() {
    let stack = contoso(&[TN]).await;
    let probe = without(&order("TX-0", "CONTOSO", PIN, &[TN]), "pin");
    let first = days::first_possible(received_at(&stack.submit("B456", &probe).await.json()), NEW_YORK, 1);
    // From a week on, so that no test runs across the day's cut-off.
    let week_on = (0..5).fold(first, |day, _| days::next_business_day(day));
    for day in [days::next_saturday(week_on), days::next_holiday(week_on)] {
        let order =
            with(&order(&day.to_string(), "CONTOSO", PIN, &[TN]), "desired_due_date", day.to_string());
        refuse(&stack, &order, &[reason("due_date_invalid", "/desired_due_date")]).await;
    }
    for (pon, day) in [("TX-1", first.yesterday().unwrap().to_string()), ("TX-2", "2001-02-03".to_owned())] {
        let order = with(&order(pon, "CONTOSO", PIN, &[TN]), "desired_due_date", day);
        let answer = stack.submit("A123", &order).await;
        let first = days::first_possible(received_at(&answer.json()), NEW_YORK, 1);
        let detail = format!("The first day on which this port can be done is {first}.");
        let too_early = with(&reason("due_date_invalid", "/desired_due_date"), "detail", detail);
        assert_rejected(&answer, "A123", &order, &[too_early]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_day_breaks_a_rule() {
    let stack = contoso(&[TN]).await;
    let before = Records::of(&stack).await;
    let (form, calendar) = ("a date must be written as yyyy-mm-dd", "there is no such day in the calendar");
    for (day, detail) in [
        ("12/01/2026", form),
        ("2026-12-1", form),
        ("20261201", form),
        ("2026-12-01T00:00:00Z", form),
        ("", form),
        (" 2026-12-01", form),
        ("2026-02-29", calendar),
        ("2026-13-01", calendar),
        ("2026-00-10", calendar),
    ] {
        let order = with(&order("TX-1", "CONTOSO", PIN, &[TN]), "desired_due_date", day);
        assert_bad_field(
            &stack.submit("A123", &order).await,
            422,
            "/desired_due_date",
            "date_invalid",
            detail,
        );
    }
    assert_eq!(Records::of(&stack).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_reason_is_told_at_once() {
    let stack = contoso(&[TN, OTHER]).await;
    let first = order("TX-1", "CONTOSO", PIN, &[OTHER]);
    assert_confirmed(&stack.submit("B456", &first).await, 201, "B456", &first);
    let numbers = [OTHER, "+18005550100", "+12065559999", TN];
    let all = with(&order("TX-1", "CONTOSO", WRONG, &numbers), "zip_code", "10001");
    let saturday = days::next_saturday("2049-06-01".parse().unwrap()).to_string();
    let all = with(&with(&all, "desired_due_date", saturday), "version", "99");
    let toll_free = "Toll-free numbers change hands through their responsible organisation, not by porting.";
    let reasons = [
        number_reason("pending_port", 0, OTHER),
        with(&number_reason("tn_not_portable", 1, "+18005550100"), "detail", toll_free),
        number_reason("tn_not_found", 2, "+12065559999"),
        reason("zip_code_invalid", "/zip_code"),
        reason("pin_invalid", "/pin"),
        reason("due_date_invalid", "/desired_due_date"),
    ];
    refuse(&stack, &all, &reasons).await;
    let told = &rejected("A123", &all, &reasons)["rejections"][0]["resolution"];
    assert!(told.as_str().unwrap().ends_with("under a new PON."), "no version comes after 99");
    assert_eq!(failed_attempts(&stack).await, 1);
}
