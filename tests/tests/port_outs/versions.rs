//! A new version of a confirmed port-out replaces it in one write, or leaves it as it is.

use harness::assertions::port_outs::number_reason;
use harness::prelude::*;

use crate::{NEW_PIN, contoso, kinds};

const TNS: [&str; 4] = ["+12065550100", "+12065550101", "+12065550102", "+12065550103"];

/// Returns one version of the PON `TX-1` of the carrier `A123`.
fn version<T: AsRef<str>>(version: &str, numbers: &[T]) -> Value {
    with(&order("TX-1", CONTOSO, PIN, numbers), "version", version)
}

/// Submits it and fails unless it is confirmed; returns its day.
async fn confirm(stack: &Stack, order: &Value) -> String {
    stack.confirm("A123", order).await.json()["foc_date"].as_str().unwrap().to_owned()
}

/// Fails unless its carrier reads this status and day of it.
async fn assert_reads(stack: &Stack, order: &Value, status: &str, foc_date: &str) {
    let answer = stack.port_out("A123", &id("A123", order)).await;
    assert_port_out(&answer, 200, &with(&confirmed("A123", order, foc_date), "status", status));
}

async fn assert_holders(stack: &Stack, expected: [Option<&Value>; 4]) {
    let ids = expected.map(|order| order.map(|order| id("A123", order)));
    assert_eq!(stack.records().await.holders(&TNS), ids);
}

#[tokio::test]
async fn new_version_takes_over_adds_and_frees_numbers() {
    let stack = contoso(&TNS).await;
    let (first, second) = (version("01", &[TNS[0], TNS[1]]), version("02", &[TNS[2], TNS[1]]));
    let first_day = confirm(&stack, &first).await;
    let second_day = confirm(&stack, &second).await;
    assert_reads(&stack, &first, "superseded", &first_day).await;
    assert_reads(&stack, &second, "confirmed", &second_day).await;
    assert_holders(&stack, [None, Some(&second), Some(&second), None]).await;
    let events = stack.records().await.port_out_event_kinds(CONTOSO);
    assert_eq!(events, kinds(&[("port_out.confirmed", 2)]));
}

#[tokio::test]
async fn number_that_was_freed_can_be_ported_by_another_carrier_and_a_kept_one_cannot() {
    let stack = contoso(&TNS).await;
    confirm(&stack, &version("01", &[TNS[0], TNS[1]])).await;
    confirm(&stack, &version("02", &[TNS[1]])).await;
    let freed = order("TX-1", CONTOSO, PIN, &[TNS[0]]);
    stack.confirm("B456", &freed).await;
    let kept = order("TX-2", CONTOSO, PIN, &[TNS[1]]);
    stack.reject("B456", &kept, &[number_reason("pending_port", 0, TNS[1])]).await;
    let third = version("03", &[TNS[0], TNS[1]]);
    let pending = [number_reason("pending_port", 0, TNS[0])];
    stack.reject("A123", &third, &pending).await;
}

#[tokio::test]
async fn superseded_version_again_is_answered_as_superseded() {
    let stack = contoso(&TNS).await;
    let first = version("01", &[TNS[0]]);
    let day = confirm(&stack, &first).await;
    confirm(&stack, &version("02", &[TNS[1]])).await;
    let before = stack.records().await;
    let expected = with(&confirmed("A123", &first, &day), "status", "superseded");
    assert_port_out(&stack.submit("A123", &first).await, 200, &expected);
    assert_eq!(stack.records().await, before);
}

#[tokio::test]
async fn rejected_version_leaves_the_earlier_one_confirmed_and_a_later_one_replaces_that() {
    let stack = contoso(&TNS).await;
    let first = version("01", &[TNS[0], TNS[1]]);
    let day = confirm(&stack, &first).await;
    let wrong_pin = with(&version("02", &[TNS[1], TNS[2]]), "pin", WRONG_PIN);
    let wrong_zip = with(&version("03", &[TNS[1], TNS[2]]), "zip_code", "10001");
    let refused =
        [(&wrong_pin, reason("pin_invalid", "/pin")), (&wrong_zip, reason("zip_code_invalid", "/zip_code"))];
    for (order, reason) in refused {
        stack.reject("A123", order, &[reason]).await;
        assert_reads(&stack, &first, "confirmed", &day).await;
        assert_holders(&stack, [Some(&first), Some(&first), None, None]).await;
    }
    let fourth = version("04", &[TNS[1], TNS[2]]);
    let fourth_day = confirm(&stack, &fourth).await;
    assert_reads(&stack, &first, "superseded", &day).await;
    assert_reads(&stack, &fourth, "confirmed", &fourth_day).await;
    assert_holders(&stack, [None, Some(&fourth), Some(&fourth), None]).await;
}

#[tokio::test]
async fn version_of_a_rejected_port_out_is_confirmed_on_its_own() {
    let stack = contoso(&TNS).await;
    let first = with(&version("01", &[TNS[0]]), "pin", WRONG_PIN);
    stack.reject("A123", &first, &[reason("pin_invalid", "/pin")]).await;
    let second = version("02", &[TNS[0]]);
    confirm(&stack, &second).await;
    assert_holders(&stack, [Some(&second), None, None, None]).await;
}

#[tokio::test]
async fn numbers_of_a_new_version_may_be_all_others_or_all_the_same() {
    let stack = contoso(&TNS).await;
    let versions =
        [version("07", &TNS[..2]), version("08", &TNS[2..]), version("50", &TNS[2..]), version("99", &TNS)];
    for order in &versions {
        confirm(&stack, order).await;
    }
    assert_holders(&stack, [Some(&versions[3]); 4]).await;
}

#[tokio::test]
async fn ninety_numbers_of_old_and_new_together_fit() {
    let numbers = tns(0, 90);
    let stack = contoso(&numbers).await;
    let versions = [version("01", &numbers[..45]), version("02", &numbers[45..]), version("03", &numbers)];
    for order in &versions {
        confirm(&stack, order).await;
    }
    let same = version("04", &numbers);
    confirm(&stack, &same).await;
    assert_eq!(stack.records().await.holders(&numbers), vec![Some(id("A123", &same)); 90]);
}

#[tokio::test]
async fn ninety_one_numbers_of_old_and_new_together_are_too_many_and_nothing_is_recorded_or_counted() {
    let numbers = tns(0, 91);
    let stack = contoso(&numbers).await;
    confirm(&stack, &version("01", &numbers[..46])).await;
    let before = stack.records().await;
    let detail = "This version and the confirmed version that it would replace have more than 90 telephone numbers in total.";
    let too_many = invalid(&[error_because("/telephone_numbers", "too_many_tns", detail)]);
    for pin in [PIN, WRONG_PIN] {
        let second = with(&version("02", &numbers[46..]), "pin", pin);
        stack.submit("A123", &second).await.assert_refused(&too_many);
    }
    assert_eq!(stack.records().await, before);
    confirm(&stack, &version("02", &numbers[45..90])).await;
}

#[tokio::test]
async fn new_version_may_name_another_account() {
    let stack = contoso(&TNS[..2]).await;
    stack.seed_with_pin("CONTOSOEAST", NEW_PIN, &TNS[2..]).await;
    let first = version("01", &[TNS[0], TNS[1]]);
    let day = confirm(&stack, &first).await;
    let second = with(&version("02", &[TNS[2]]), "account_number", "CONTOSOEAST");
    let wrong = with(&second, "pin", PIN);
    stack.reject("A123", &wrong, &[reason("pin_invalid", "/pin")]).await;
    assert_holders(&stack, [Some(&first), Some(&first), None, None]).await;
    let third = with(&with(&second, "version", "03"), "pin", NEW_PIN);
    confirm(&stack, &third).await;
    assert_reads(&stack, &first, "superseded", &day).await;
    assert_holders(&stack, [None, None, Some(&third), None]).await;
    let records = stack.records().await;
    assert_eq!(
        records.port_out_event_kinds(CONTOSO),
        kinds(&[("port_out.confirmed", 1), ("port_out.superseded", 1)])
    );
    assert_eq!(
        records.port_out_event_kinds("CONTOSOEAST"),
        kinds(&[("port_out.confirmed", 1), ("port_out.rejected", 1)])
    );
    for (account, order, status) in
        [(CONTOSO, &first, 200), (CONTOSO, &third, 404), ("CONTOSOEAST", &third, 200)]
    {
        let path = format!("/v1/port-outs/{}", id("A123", order));
        stack.get(&path, &Claims::account(account)).await.assert_status(status);
    }
}

#[tokio::test]
async fn held_number_stays_with_its_account_until_a_version_frees_it() {
    let stack = contoso(&TNS).await;
    confirm(&stack, &version("01", &[TNS[0]])).await;
    let tn = TNS[0].replace('+', "%2B");
    stack.remove(CONTOSO, &tn).await.assert_problem(409, "number_held");
    confirm(&stack, &version("02", &[TNS[1]])).await;
    stack.remove(CONTOSO, &tn).await.assert_status(204);
    let gone = version("03", &[TNS[0]]);
    let answer = stack.submit("A123", &gone).await;
    assert_rejected(&answer, "A123", &gone, &[number_reason("tn_not_found", 0, TNS[0])]);
    assert_eq!(answer.json()["rejections"][0]["telephone_number"], json!(TNS[0]));
}
