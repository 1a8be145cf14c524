//! Giving numbers to an account: all or nothing, however they are written.

use harness::assertions::problems::{elsewhere, no_account};
use harness::prelude::*;

use crate::targets::provisioned;

const TOLL_FREE: &str =
    "Toll-free numbers are transferred through their Responsible Organization, not by porting.";
const CANADA: &str = "Canadian numbers are ported through a separate process.";

/// Fails unless the account has exactly these numbers.
async fn has(stack: &Stack, account: &str, numbers: &[&str]) {
    let path = format!("/v1/accounts/{account}/telephone-numbers");
    let expected = json!({"account_id": account, "telephone_numbers": numbers, "next_cursor": null});
    stack.get(&path, &Claims::operator()).await.assert_body(200, expected);
}

fn assigned(numbers: &[&str]) -> Value {
    json!({"account_id": CONTOSO, "telephone_numbers": numbers})
}

fn invalid_tn(place: usize, detail: &str) -> Value {
    error_because(&format!("/telephone_numbers/{place}"), "tn_invalid", detail)
}

fn not_portable(place: usize, detail: &str) -> Value {
    error_because(&format!("/telephone_numbers/{place}"), "tn_not_portable", detail)
}

/// `count` different numbers in E.164.
fn many(count: usize) -> Vec<String> {
    (0..count).map(|line| format!("+1206555{line:04}")).collect()
}

fn texts(numbers: &[String]) -> Vec<&str> {
    numbers.iter().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_in_any_form_is_answered_as_e164() {
    let stack = provisioned(&[]).await;
    for form in [
        "2065550123",
        "12065550123",
        "+12065550123",
        "(206) 555-0123",
        "1-206-555.0123",
        "+1 (206) 555 0123",
        " 206 555 0123 ",
        "tel:+1-206-555-0123",
        "(+1) 206\u{a0}555\u{2011}0123",
        "\u{202a}206/555_0123\u{202c}",
    ] {
        stack.assign("contoso", &[form]).await.assert_body(200, assigned(&["+12065550123"]));
        has(&stack, CONTOSO, &["+12065550123"]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn assigning_again_is_no_error_and_keeps_the_order_of_the_request() {
    let stack = provisioned(&[]).await;
    let (a, b, c) = ("+12065550101", "+12065550102", "+12065550103");
    stack.assign(CONTOSO, &[b, a]).await.assert_body(200, assigned(&[b, a]));
    stack.assign(CONTOSO, &[b, a]).await.assert_body(200, assigned(&[b, a]));
    stack.assign(CONTOSO, &[c, a]).await.assert_body(200, assigned(&[c, a]));
    has(&stack, CONTOSO, &[a, b, c]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_of_another_account_are_all_named_and_none_is_assigned() {
    let stack = provisioned(&["+12065550101", "+12065550102"]).await;
    stack.put_account("FABRIKAM", &json!({"country": "US"})).await.assert_status(201);
    let before = stack.scan().await;
    let wanted = ["2065550100", "2065550101", "2065550103", "(206) 555-0102"];
    stack.assign("FABRIKAM", &wanted).await.assert_refused(&elsewhere(&[1, 3]));
    assert_eq!(stack.scan().await, before);
    has(&stack, "FABRIKAM", &[]).await;
    has(&stack, CONTOSO, &["+12065550101", "+12065550102"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_that_cannot_be_ported_are_refused_by_class() {
    let stack = provisioned(&[]).await;
    let before = stack.scan().await;
    for (npas, why) in [
        ("800 833 844 855 866 877 888", TOLL_FREE),
        ("900", "Premium-rate numbers cannot be ported."),
        (
            "500 521 522 523 524 525 526 527 528 529 533 544 566 577 588",
            "Personal communication numbers (5XX) cannot be ported.",
        ),
        ("700 710", "Numbers in area codes 700 and 710 cannot be ported."),
        ("204 236 403 416 514 604 867 902", CANADA),
        (
            "242 246 441 473 658 809 829 849 868 876",
            "Numbers in Caribbean countries and Bermuda are ported through a separate process.",
        ),
    ] {
        let numbers: Vec<_> = npas.split(' ').map(|npa| format!("{npa}5550123")).collect();
        let errors: Vec<_> = (0..numbers.len()).map(|place| not_portable(place, why)).collect();
        stack.assign(CONTOSO, &texts(&numbers)).await.assert_refused(&invalid(&errors));
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn us_numbers_and_those_of_unknown_area_codes_are_never_refused() {
    let stack = provisioned(&[]).await;
    let npas = "520 206 212 787 939 340 670 671 684 222 300";
    let numbers: Vec<_> = npas.split(' ').map(|npa| format!("+1{npa}5550123")).collect();
    stack.assign(CONTOSO, &texts(&numbers)).await.assert_body(200, assigned(&texts(&numbers)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_to_ninety_numbers_fit_one_request() {
    let stack = provisioned(&[]).await;
    let numbers = many(91);
    let numbers = texts(&numbers);
    let none = "At least one telephone number is required.";
    let none = invalid(&[error_because("/telephone_numbers", "required", none)]);
    stack.assign(CONTOSO, &[""; 0]).await.assert_refused(&none);
    let too_many = invalid(&[error("/telephone_numbers", "too_many_tns")]);
    stack.assign(CONTOSO, &numbers).await.assert_refused(&too_many);
    has(&stack, CONTOSO, &[]).await;
    stack.assign(CONTOSO, &numbers[..90]).await.assert_body(200, assigned(&numbers[..90]));
    has(&stack, CONTOSO, &numbers[..90]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_telephone_number_is_refused_with_the_rule_that_it_breaks() {
    let stack = provisioned(&[]).await;
    let before = stack.scan().await;
    let long = &*format!("{}2065550123", " ".repeat(91));
    let (forms, errors): (Vec<_>, Vec<_>) = [
        ("", "The telephone number must not be blank."),
        (" -.() ", "The telephone number must not be blank."),
        ("206555012", "The telephone number must have 10 digits, or 11 digits with the country code 1."),
        ("120655501234", "The telephone number must have 10 digits, or 11 digits with the country code 1."),
        ("+442071838750", "The country code must be 1."),
        ("+2065550123", "The country code must be 1."),
        (
            "206555012a",
            "The telephone number can contain only digits, spaces, dashes, ( ) . / _ # and one leading +, and no extension.",
        ),
        (
            "２065550123",
            "The telephone number can contain only digits, spaces, dashes, ( ) . / _ # and one leading +, and no extension.",
        ),
        (
            "206555\u{0}0123",
            "The telephone number can contain only digits, spaces, dashes, ( ) . / _ # and one leading +, and no extension.",
        ),
        ("1065550123", "The area code must start with 2 to 9 and must not be N9X or N11."),
        ("9115550123", "The area code must start with 2 to 9 and must not be N9X or N11."),
        (
            "2060550123",
            "The exchange (the three digits after the area code) must start with 2 to 9 and must not be N11.",
        ),
        (long, "The telephone number must not be longer than 100 characters."),
    ]
    .into_iter()
    .enumerate()
    .map(|(place, (form, rule))| (form, invalid_tn(place + 1, rule)))
    .unzip();
    let all: Vec<_> = ["2065550123"].into_iter().chain(forms).collect();
    stack.assign(CONTOSO, &all).await.assert_refused(&invalid(&errors));
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_twice_in_one_list_is_refused_even_if_written_in_two_forms() {
    let stack = provisioned(&[]).await;
    let twice = invalid(&[error("/telephone_numbers/2", "tn_duplicate")]);
    stack.assign(CONTOSO, &["2065550123", "2065550124", "+1 (206) 555-0123"]).await.assert_refused(&twice);
    has(&stack, CONTOSO, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bad_number_of_a_list_is_named_at_once_whatever_is_wrong_with_it() {
    let stack = provisioned(&[]).await;
    let length = "The telephone number must have 10 digits, or 11 digits with the country code 1.";
    let refused = invalid(&[
        invalid_tn(0, length),
        not_portable(2, TOLL_FREE),
        error("/telephone_numbers/4", "tn_duplicate"),
        error("/telephone_numbers/5", "tn_duplicate"),
    ]);
    let list = ["206", "2065550123", "8005550123", "2065550124", "+12065550123", "12065550124"];
    stack.assign(CONTOSO, &list).await.assert_refused(&refused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_account_gets_no_numbers() {
    let stack = provisioned(&[]).await;
    let before = stack.scan().await;
    for unknown in ["FABRIKAM", "!", "%00"] {
        stack.assign(unknown, &["2065550123"]).await.assert_refused(&no_account());
    }
    assert_eq!(stack.scan().await, before);
}
