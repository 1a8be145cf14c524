//! A refusal is an answer: 201 with every reason, nothing held, and the same body when it is read.

use harness::assertions::port_outs::number_reason;
use harness::prelude::*;
use harness::records::{dump, text};

use crate::{NEW_PIN, contoso, kinds};

const OTHER: &str = "+12065550101";

/// Submits it as `A123` and fails unless it is refused for these reasons, holds nothing, and reads the same.
async fn refuse(stack: &Stack, order: &Value, reasons: &[Value]) {
    let held = stack.records().await.held();
    let answer = stack.reject("A123", order, reasons).await;
    assert_eq!(stack.records().await.held(), held, "a refusal holds nothing");
    let again = stack.port_out("A123", &id("A123", order)).await;
    assert_eq!((again.status, &again.body), (200, &answer.body));
}

async fn failed_attempts(stack: &Stack) -> Value {
    stack.pin_status(CONTOSO).await.assert_json(200)["failed_attempts"].clone()
}

#[tokio::test]
async fn unknown_account_is_the_only_reason_there_is_and_is_recorded_under_the_carrier() {
    let stack = contoso(&[TN]).await;
    let order = order("TX-1", "UNKNOWN", PIN, &["+12065559999"]);
    refuse(&stack, &order, &[reason("account_number_invalid", "/account_number")]).await;
    let records = stack.records().await;
    assert_eq!(records.port_out_event_kinds("UNKNOWN"), kinds(&[]));
    assert_eq!(text(records.events_named("port_out.")[0], "pk"), "CARRIER#A123");
    // The account that is created later has nothing to do with it.
    stack.seed("UNKNOWN", &["+12065550300"]).await;
    let path = format!("/v1/port-outs/{}", id("A123", &order));
    stack.get(&path, &Claims::account("UNKNOWN")).await.assert_refused(&problems::no_port_out());
}

#[tokio::test]
async fn numbers_of_one_other_account_are_a_mismatch_and_their_owner_is_told_once_an_hour() {
    let stack = contoso(&[TN]).await;
    stack.seed_with_pin("FABRIKAM", NEW_PIN, &["+12065550300"]).await;
    let mismatch = [reason("account_number_mismatch", "/account_number")];
    for (n, account) in ["UNKNOWN", "FABRIKAM"].into_iter().enumerate() {
        let order = order(&format!("TX-{n}"), account, PIN, &[TN]);
        refuse(&stack, &order, &mismatch).await;
    }
    let told = kinds(&[("port_out.attempted_elsewhere", 1)]);
    let records = stack.records().await;
    assert_eq!(records.port_out_event_kinds(CONTOSO), told);
    let event = dump(&[records.events_named("port_out.attempted_elsewhere")[0].clone()]);
    assert!(!event.contains("UNKNOWN") && event.contains(TN), "{event}");
    stack.pass(SignedDuration::from_hours(1));
    refuse(&stack, &order("TX-9", "FABRIKAM", PIN, &[TN]), &mismatch).await;
    assert_eq!(stack.records().await.count_events(CONTOSO, "port_out.attempted_elsewhere"), 2);
}

#[tokio::test]
async fn account_outside_the_us_is_refused_whatever_the_pin() {
    let abroad = Fixture::new().account("NORDWIND").profile(json!({"country": "DE"})).numbers(&[TN]);
    let stack = abroad.start().await;
    let only = [reason("account_not_us", "/account_number")];
    for (index, pin) in [json!(PIN), json!("x"), json!(""), Value::Null].into_iter().enumerate() {
        refuse(&stack, &with(&order(&format!("TX-{index}"), "NORDWIND", "", &[TN]), "pin", pin), &only).await;
    }
    assert_eq!(stack.records().await.failures("NORDWIND", "A123"), 0);
}

#[tokio::test]
async fn account_that_left_the_us_keeps_its_pin_and_is_refused_all_the_same() {
    let stack = contoso(&[TN]).await;
    stack.put_account(CONTOSO, &json!({"country": "CA"})).await.assert_status(200);
    let order = usual("TX-1", PIN);
    refuse(&stack, &order, &[reason("account_not_us", "/account_number")]).await;
}

#[tokio::test]
async fn unknown_number_and_one_of_another_account_look_the_same() {
    let stack = contoso(&[TN]).await;
    stack.seed_with_pin("FABRIKAM", NEW_PIN, &["+12065550200", "+12065550201"]).await;
    let theirs = order("TX-0", "FABRIKAM", NEW_PIN, &["+12065550201"]);
    stack.confirm("B456", &theirs).await;
    let numbers = ["+12065559999", "+12065550200", "+12065550201"];
    let reasons = |numbers: &[&str]| {
        numbers.iter().enumerate().map(|(at, tn)| number_reason("tn_not_found", at, tn)).collect::<Vec<_>>()
    };
    refuse(&stack, &order("TX-1", CONTOSO, PIN, &numbers), &reasons(&numbers)).await;
    for number in [[numbers[0], numbers[1]], [numbers[0], numbers[2]]] {
        let pon = number[1].trim_start_matches('+');
        refuse(&stack, &order(pon, CONTOSO, PIN, &number), &reasons(&number)).await;
    }
}

#[tokio::test]
async fn number_that_cannot_be_ported_is_refused_with_its_kind() {
    let stack = contoso(&[TN]).await;
    let caribbean = "Numbers in Caribbean countries and Bermuda are ported through a separate process.";
    let kinds = [
        (
            "+18005550100",
            "Toll-free numbers are transferred through their Responsible Organization, not by porting.",
        ),
        ("+19005550100", "Premium-rate numbers cannot be ported."),
        ("+15225550100", "Personal communication numbers (5XX) cannot be ported."),
        ("+17105550100", "Numbers in area codes 700 and 710 cannot be ported."),
        ("+14165550100", "Canadian numbers are ported through a separate process."),
        ("+18765550100", caribbean),
    ];
    let numbers = kinds.map(|(number, _)| number);
    let of = |(at, (number, detail)): (usize, &(&str, &str))| {
        with(&number_reason("tn_not_portable", at, number), "detail", *detail)
    };
    let reasons: Vec<_> = kinds.iter().enumerate().map(of).collect();
    refuse(&stack, &order("TX-1", CONTOSO, PIN, &numbers), &reasons).await;
    // An unknown account gets this code too, because it depends on the number alone.
    let unknown = [&[reason("account_number_invalid", "/account_number")], &reasons[..]].concat();
    refuse(&stack, &order("TX-2", "NOBODY", PIN, &numbers), &unknown).await;
}

#[tokio::test]
async fn number_held_by_another_carrier_is_pending() {
    let stack = contoso(&[TN, OTHER]).await;
    let first = order("TX-1", CONTOSO, PIN, &[OTHER]);
    stack.confirm("B456", &first).await;
    let pending = [number_reason("pending_port", 1, OTHER)];
    refuse(&stack, &order("TX-1", CONTOSO, PIN, &[TN, OTHER]), &pending).await;
    let records = stack.records().await;
    assert_eq!(records.holders(&[TN, OTHER]), [None, Some(id("B456", &first))]);
}

#[tokio::test]
async fn zip_is_refused_when_the_first_five_digits_differ() {
    let stack = contoso(&[TN]).await;
    for (index, zip) in ["98053", "10001-9805", "980539805"].into_iter().enumerate() {
        let order = with(&usual(&format!("TX-{index}"), PIN), "zip_code", zip);
        refuse(&stack, &order, &[reason("zip_code_invalid", "/zip_code")]).await;
    }
}

#[tokio::test]
async fn account_without_a_pin_cannot_be_ported_from() {
    let stack = Fixture::contoso().no_pin().start().await;
    let not_set = reason("pin_not_set", "/pin");
    for (index, pin) in [PIN, "x"].into_iter().enumerate() {
        let order = usual(&format!("TX-{index}"), pin);
        refuse(&stack, &order, std::slice::from_ref(&not_set)).await;
    }
    let without_pin = without(&usual("TX-9", PIN), "pin");
    refuse(&stack, &without_pin, &[not_set, reason("pin_missing", "/pin")]).await;
    assert_eq!(failed_attempts(&stack).await, 0);
}

#[tokio::test]
async fn pin_left_out_null_empty_or_blank_is_missing_and_costs_nothing() {
    let stack = contoso(&[TN]).await;
    let missing = [reason("pin_missing", "/pin")];
    refuse(&stack, &without(&usual("TX-0", PIN), "pin"), &missing).await;
    let blanks = [Value::Null, json!(""), json!(" "), json!("      "), json!("\t\u{3000}\n")];
    for (index, pin) in blanks.into_iter().enumerate() {
        let order = usual(&format!("TX-B{index}"), PIN);
        refuse(&stack, &with(&order, "pin", pin), &missing).await;
    }
    assert_eq!(failed_attempts(&stack).await, 0);
    assert_eq!(stack.records().await.failures(CONTOSO, "A123"), 0);
}

#[tokio::test]
async fn wrong_and_malformed_pins_look_the_same_and_count() {
    let stack = contoso(&[TN]).await;
    let endless = "4".repeat(60_000);
    let full_width = "\u{ff14}\u{ff18}\u{ff12}\u{ff19}\u{ff11}\u{ff13}";
    let malformed =
        ["48291a", "48291", "48291300000", full_width, "482913.0", "482,913", "4.82913e5", &endless];
    for (index, pin) in [WRONG_PIN, "4829130"].into_iter().chain(malformed).enumerate() {
        stack.reject(&format!("B{index:03}"), &usual("TX-1", pin), &[reason("pin_invalid", "/pin")]).await;
        assert_eq!(failed_attempts(&stack).await, index + 1);
    }
    assert_eq!(stack.records().await.held(), 0);
}

#[tokio::test]
async fn pin_that_is_no_json_string_is_malformed_and_costs_nothing() {
    let stack = contoso(&[TN]).await;
    let before = stack.records().await;
    for pin in [json!(482913), json!(4829.13), json!(true), json!(["482913"]), json!({"pin": PIN})] {
        let answer = stack.submit("A123", &with(&usual("TX-1", PIN), "pin", pin)).await;
        answer.assert_refused(&malformed(&[error("/pin", "wrong_type")]));
    }
    assert_eq!(stack.records().await, before);
}

#[tokio::test]
async fn malformed_day_breaks_a_rule() {
    let stack = contoso(&[TN]).await;
    let before = stack.records().await;
    let (form, calendar) =
        ("The date must be written as yyyy-mm-dd.", "The date does not exist in the calendar.");
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
        let order = with(&usual("TX-1", PIN), "desired_due_date", day);
        let refused = invalid(&[error_because("/desired_due_date", "date_invalid", detail)]);
        stack.submit("A123", &order).await.assert_refused(&refused);
    }
    assert_eq!(stack.records().await, before);
}

#[tokio::test]
async fn every_reason_is_told_at_once() {
    let stack = contoso(&[TN, OTHER]).await;
    let first = order("TX-1", CONTOSO, PIN, &[OTHER]);
    stack.confirm("B456", &first).await;
    let numbers = [OTHER, "+18005550100", "+12065559999", TN];
    let all = with(&order("TX-1", CONTOSO, WRONG_PIN, &numbers), "zip_code", "10001");
    let saturday = "2049-06-05";
    let all = with(&with(&all, "desired_due_date", saturday), "version", "99");
    let toll_free =
        "Toll-free numbers are transferred through their Responsible Organization, not by porting.";
    let reasons = [
        number_reason("pending_port", 0, OTHER),
        with(&number_reason("tn_not_portable", 1, "+18005550100"), "detail", toll_free),
        number_reason("tn_not_found", 2, "+12065559999"),
        reason("zip_code_invalid", "/zip_code"),
        reason("pin_invalid", "/pin"),
    ];
    refuse(&stack, &all, &reasons).await;
    let told = &rejected("A123", &all, &reasons)["rejections"][0]["resolution"];
    assert!(told.as_str().unwrap().ends_with("under a new PON."), "no version comes after 99");
    assert_eq!(failed_attempts(&stack).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_may_go_without_a_pin_is_judged_without_one_and_its_status_says_so() {
    let fixture = Fixture::contoso().no_pin().processes(1);
    let stack = fixture.env("PIN_REQUIRED", "when_set").start().await;
    let without_pin = |pon: &str| without(&usual(pon, PIN), "pin");
    stack.assert_pin(CONTOSO, true, &[], 0).await;
    let first = stack.submit("A123", &without_pin("TX-1")).await;
    assert_eq!(outcome(&first), Outcome::Confirmed);
    stack.set_pin(CONTOSO, PIN).await.assert_status(201);
    stack.assert_pin(CONTOSO, true, &[], 0).await;
    let next = stack.submit("A123", &without_pin("TX-2")).await.assert_json(201);
    assert_eq!(rejection_codes(&next), ["pin_missing"]);
}
