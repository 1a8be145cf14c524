//! A new version of a confirmed port-out replaces it in one write, or leaves it as it is.

use crate::answers::{
    PIN, WRONG, assert_bad_field, assert_confirmed, assert_port_out, assert_rejected, confirmed, id,
    number_reason, reason,
};
use crate::kinds;
use crate::{add_account, contoso, lines, with};
use harness::records::Records;
use harness::stack::{Stack, order};
use serde_json::{Value, json};

const TNS: [&str; 4] = ["+12065550100", "+12065550101", "+12065550102", "+12065550103"];

/// One version of the PON `TX-1` of the carrier `A123`.
fn version(version: &str, numbers: &[&str]) -> Value {
    with(&order("TX-1", "CONTOSO", PIN, numbers), "version", version)
}

/// Submits it and fails unless it is confirmed; returns its day.
async fn confirm(stack: &Stack, order: &Value) -> String {
    assert_confirmed(&stack.submit("A123", order).await, 201, "A123", order)
}

/// Fails unless its carrier reads this status and day of it.
async fn assert_reads(stack: &Stack, order: &Value, status: &str, foc_date: &str) {
    let path = format!("/v1/port-outs/{}", id("A123", order));
    let answer = stack.get(&path, &stack.tokens().carrier("A123")).await;
    assert_port_out(&answer, 200, &with(&confirmed("A123", order, foc_date), "status", status));
}

async fn assert_holders(stack: &Stack, expected: [Option<&Value>; 4]) {
    let ids = expected.map(|order| order.map(|order| id("A123", order)));
    assert_eq!(Records::of(stack).await.holders(&TNS), ids);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_version_takes_over_adds_and_frees_numbers() {
    let stack = contoso(&TNS).await;
    let (first, second) = (version("01", &[TNS[0], TNS[1]]), version("02", &[TNS[2], TNS[1]]));
    let first_day = confirm(&stack, &first).await;
    let second_day = confirm(&stack, &second).await;
    assert_reads(&stack, &first, "superseded", &first_day).await;
    assert_reads(&stack, &second, "confirmed", &second_day).await;
    assert_holders(&stack, [None, Some(&second), Some(&second), None]).await;
    let events = Records::of(&stack).await.kinds_told("CONTOSO");
    assert_eq!(events, kinds(&[("port_out.confirmed", 2)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn number_that_was_freed_can_be_ported_by_another_carrier_and_a_kept_one_cannot() {
    let stack = contoso(&TNS).await;
    confirm(&stack, &version("01", &[TNS[0], TNS[1]])).await;
    confirm(&stack, &version("02", &[TNS[1]])).await;
    let freed = order("TX-1", "CONTOSO", PIN, &[TNS[0]]);
    assert_confirmed(&stack.submit("B456", &freed).await, 201, "B456", &freed);
    let kept = order("TX-2", "CONTOSO", PIN, &[TNS[1]]);
    let answer = stack.submit("B456", &kept).await;
    assert_rejected(&answer, "B456", &kept, &[number_reason("pending_port", 0, TNS[1])]);
    let third = version("03", &[TNS[0], TNS[1]]);
    let pending = [number_reason("pending_port", 0, TNS[0])];
    assert_rejected(&stack.submit("A123", &third).await, "A123", &third, &pending);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn superseded_version_again_is_answered_as_superseded() {
    let stack = contoso(&TNS).await;
    let first = version("01", &[TNS[0]]);
    let day = confirm(&stack, &first).await;
    confirm(&stack, &version("02", &[TNS[1]])).await;
    let before = Records::of(&stack).await;
    let expected = with(&confirmed("A123", &first, &day), "status", "superseded");
    assert_port_out(&stack.submit("A123", &first).await, 200, &expected);
    assert_eq!(Records::of(&stack).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rejected_version_leaves_the_earlier_one_confirmed_and_a_later_one_replaces_that() {
    let stack = contoso(&TNS).await;
    let first = version("01", &[TNS[0], TNS[1]]);
    let day = confirm(&stack, &first).await;
    let wrong_pin = with(&version("02", &[TNS[1], TNS[2]]), "pin", WRONG);
    let wrong_zip = with(&version("03", &[TNS[1], TNS[2]]), "zip_code", "10001");
    let refused =
        [(&wrong_pin, reason("pin_invalid", "/pin")), (&wrong_zip, reason("zip_code_invalid", "/zip_code"))];
    for (order, reason) in refused {
        assert_rejected(&stack.submit("A123", order).await, "A123", order, &[reason]);
        assert_reads(&stack, &first, "confirmed", &day).await;
        assert_holders(&stack, [Some(&first), Some(&first), None, None]).await;
    }
    let fourth = version("04", &[TNS[1], TNS[2]]);
    let fourth_day = confirm(&stack, &fourth).await;
    assert_reads(&stack, &first, "superseded", &day).await;
    assert_reads(&stack, &fourth, "confirmed", &fourth_day).await;
    assert_holders(&stack, [None, Some(&fourth), Some(&fourth), None]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_of_a_rejected_port_out_is_confirmed_on_its_own() {
    let stack = contoso(&TNS).await;
    let first = with(&version("01", &[TNS[0]]), "pin", WRONG);
    assert_rejected(&stack.submit("A123", &first).await, "A123", &first, &[reason("pin_invalid", "/pin")]);
    let second = version("02", &[TNS[0]]);
    confirm(&stack, &second).await;
    assert_holders(&stack, [Some(&second), None, None, None]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_of_a_new_version_may_be_all_others_or_all_the_same() {
    let stack = contoso(&TNS).await;
    let versions =
        [version("07", &TNS[..2]), version("08", &TNS[2..]), version("50", &TNS[2..]), version("99", &TNS)];
    for order in &versions {
        confirm(&stack, order).await;
    }
    assert_holders(&stack, [Some(&versions[3]); 4]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ninety_numbers_of_old_and_new_together_fit() {
    let numbers = lines(0, 90);
    let numbers: Vec<_> = numbers.iter().map(String::as_str).collect();
    let stack = contoso(&numbers).await;
    let versions = [version("01", &numbers[..45]), version("02", &numbers[45..]), version("03", &numbers)];
    for order in &versions {
        confirm(&stack, order).await;
    }
    let same = version("04", &numbers);
    confirm(&stack, &same).await;
    assert_eq!(Records::of(&stack).await.holders(&numbers), vec![Some(id("A123", &same)); 90]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ninety_one_numbers_of_old_and_new_together_are_too_many_and_nothing_is_recorded_or_counted() {
    let numbers = lines(0, 91);
    let numbers: Vec<_> = numbers.iter().map(String::as_str).collect();
    let stack = contoso(&numbers[..90]).await;
    stack.assign("CONTOSO", &numbers[90..]).await.assert_status(200);
    confirm(&stack, &version("01", &numbers[..46])).await;
    let before = Records::of(&stack).await;
    let detail =
        "the numbers of this version and of the confirmed one that it would replace are over 90 together";
    for pin in [PIN, WRONG] {
        let second = with(&version("02", &numbers[46..]), "pin", pin);
        let answer = stack.submit("A123", &second).await;
        assert_bad_field(&answer, 422, "/telephone_numbers", "too_many_tns", detail);
    }
    assert_eq!(Records::of(&stack).await, before);
    confirm(&stack, &version("02", &numbers[45..90])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_version_may_name_another_account() {
    let stack = contoso(&TNS[..2]).await;
    add_account(&stack, "CONTOSOEAST", "739154", &TNS[2..]).await;
    let first = version("01", &[TNS[0], TNS[1]]);
    let day = confirm(&stack, &first).await;
    let second = with(&version("02", &[TNS[2]]), "account_number", "CONTOSOEAST");
    let wrong = with(&second, "pin", PIN);
    assert_rejected(&stack.submit("A123", &wrong).await, "A123", &wrong, &[reason("pin_invalid", "/pin")]);
    assert_holders(&stack, [Some(&first), Some(&first), None, None]).await;
    let third = with(&with(&second, "version", "03"), "pin", "739154");
    confirm(&stack, &third).await;
    assert_reads(&stack, &first, "superseded", &day).await;
    assert_holders(&stack, [None, None, Some(&third), None]).await;
    let records = Records::of(&stack).await;
    assert_eq!(
        records.kinds_told("CONTOSO"),
        kinds(&[("port_out.confirmed", 1), ("port_out.superseded", 1)])
    );
    assert_eq!(
        records.kinds_told("CONTOSOEAST"),
        kinds(&[("port_out.confirmed", 1), ("port_out.rejected", 1)])
    );
    for (account, order, status) in
        [("CONTOSO", &first, 200), ("CONTOSO", &third, 404), ("CONTOSOEAST", &third, 200)]
    {
        let path = format!("/v1/port-outs/{}", id("A123", order));
        stack.get(&path, &stack.tokens().account(account)).await.assert_status(status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn held_number_stays_with_its_account_until_a_version_frees_it() {
    let stack = contoso(&TNS).await;
    confirm(&stack, &version("01", &[TNS[0]])).await;
    let remove = || {
        let path = format!("/v1/accounts/CONTOSO/telephone-numbers/{}", TNS[0].replace('+', "%2B"));
        stack.call("DELETE", &path).bearer(&stack.tokens().operator()).send()
    };
    remove().await.assert_problem(409, "pending_port");
    confirm(&stack, &version("02", &[TNS[1]])).await;
    remove().await.assert_status(204);
    let gone = version("03", &[TNS[0]]);
    let answer = stack.submit("A123", &gone).await;
    assert_rejected(&answer, "A123", &gone, &[number_reason("tn_not_found", 0, TNS[0])]);
    assert_eq!(answer.json()["rejections"][0]["telephone_number"], json!(TNS[0]));
}
