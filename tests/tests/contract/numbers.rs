//! An account's numbers: shown page by page, taken away one by one.

use harness::assertions::problems::{held, no_account};
use harness::prelude::*;

use crate::targets::provisioned;

const ONLY_THESE: &str = "This route accepts only these query parameters: limit, cursor";

async fn list(stack: &Stack, account: &str, query: &str) -> Answer {
    let path = format!("/v1/accounts/{account}/telephone-numbers{query}");
    stack.get(&path, &Claims::operator()).await
}

async fn remove(stack: &Stack, account: &str, tn: &str) -> Answer {
    let path = format!("/v1/accounts/{account}/telephone-numbers/{tn}");
    stack.operator("DELETE", &path).send().await
}

fn page(numbers: &[String], next_cursor: &Value) -> Value {
    json!({"account_id": CONTOSO, "telephone_numbers": numbers, "next_cursor": next_cursor})
}

fn last_page(numbers: &[&str]) -> Value {
    json!({"account_id": CONTOSO, "telephone_numbers": numbers, "next_cursor": null})
}

fn many(lines: std::ops::Range<usize>) -> Vec<String> {
    lines.map(|line| format!("+1206555{line:04}")).collect()
}

async fn assign(stack: &Stack, account: &str, numbers: &[String]) {
    let numbers: Vec<_> = numbers.iter().map(String::as_str).collect();
    stack.assign(account, &numbers).await.assert_status(200);
}

/// Fails unless this page has these numbers and a next one; returns the query for that.
#[track_caller]
fn next(answer: &Answer, numbers: &[String], limit: usize) -> String {
    let cursor = answer.json()["next_cursor"].clone();
    answer.assert_body(200, page(numbers, &cursor));
    format!("?limit={limit}&cursor={}", cursor.as_str().expect("a next page"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_follow_each_other_in_order_without_gap_or_repetition() {
    let stack = provisioned(&[]).await;
    let all = many(0..5);
    let backwards: Vec<_> = all.iter().rev().cloned().collect();
    assign(&stack, CONTOSO, &backwards).await;
    let second = next(&list(&stack, CONTOSO, "?limit=2").await, &all[..2], 2);
    let third = next(&list(&stack, "contoso", &second).await, &all[2..4], 2);
    list(&stack, CONTOSO, &third).await.assert_body(200, page(&all[4..], &Value::Null));
    for query in ["", "?limit=5", "?limit=1000", "?cursor=KzEyMDI1NTUwMTIz", "?limit=%35"] {
        list(&stack, CONTOSO, query).await.assert_body(200, page(&all, &Value::Null));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_holds_a_hundred_numbers_unless_asked_otherwise() {
    let stack = provisioned(&[]).await;
    let all = many(0..101);
    assign(&stack, CONTOSO, &all[..90]).await;
    assign(&stack, CONTOSO, &all[90..]).await;
    let second = next(&list(&stack, CONTOSO, "").await, &all[..100], 100);
    list(&stack, CONTOSO, &second).await.assert_body(200, page(&all[100..], &Value::Null));
    list(&stack, CONTOSO, "?limit=101").await.assert_body(200, page(&all, &Value::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_without_numbers_has_one_empty_page_and_sees_no_others() {
    let stack = provisioned(&[]).await;
    stack.put_account("FABRIKAM", &json!({"country": "US"})).await.assert_status(201);
    assign(&stack, "FABRIKAM", &many(0..3)).await;
    for query in ["", "?limit=1"] {
        list(&stack, CONTOSO, query).await.assert_body(200, last_page(&[]));
    }
    for unknown in ["CONTOS", "FABRIKAM1", "!"] {
        list(&stack, unknown, "?limit=1").await.assert_refused(&no_account());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_outlives_the_number_that_it_stands_on() {
    let stack = provisioned(&[]).await;
    let all = many(0..4);
    assign(&stack, CONTOSO, &all).await;
    let second = next(&list(&stack, CONTOSO, "?limit=2").await, &all[..2], 2);
    remove(&stack, CONTOSO, &all[1]).await.assert_empty();
    list(&stack, CONTOSO, &second).await.assert_body(200, page(&all[2..], &Value::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_limit_or_cursor_is_refused_by_name() {
    let stack = provisioned(&[]).await;
    let limit = error("limit", "limit_invalid");
    let cursor = error("cursor", "cursor_invalid");
    for bad in ["", "0", "1001", "-1", "%2B1", "1.0", "ten", "1e2", "99999999999999999999999", "%D9%A3"] {
        let query = format!("?limit={bad}");
        list(&stack, CONTOSO, &query).await.assert_refused(&invalid(std::slice::from_ref(&limit)));
    }
    // The last three are base64 of a non-number, of bytes that are not text, and of a number with padding.
    for bad in ["", "x", "*", "+12065550123", "bm9wZQ", "__8", "KzEyMDI1NTUwMTIz=="] {
        let query = format!("?cursor={bad}");
        list(&stack, CONTOSO, &query).await.assert_refused(&invalid(std::slice::from_ref(&cursor)));
    }
    list(&stack, CONTOSO, "?limit=0&cursor=*").await.assert_refused(&invalid(&[limit, cursor]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_parameter_that_is_unknown_or_given_twice_is_malformed() {
    let stack = provisioned(&[]).await;
    let unknown = |name| malformed(&[error_because(name, "unknown_field", ONLY_THESE)]);
    let twice = error_because("limit", "duplicate_field", "This query parameter appears more than once.");
    list(&stack, CONTOSO, "?page=2").await.assert_refused(&unknown("page"));
    list(&stack, CONTOSO, "?Limit=2").await.assert_refused(&unknown("Limit"));
    // A name that may be a secret is not echoed.
    list(&stack, CONTOSO, "?482913=1&limit=2").await.assert_refused(&unknown(""));
    list(&stack, CONTOSO, "?limit=2&limit=2").await.assert_refused(&malformed(std::slice::from_ref(&twice)));
    let both = [twice, error_because("offset", "unknown_field", ONLY_THESE)];
    list(&stack, CONTOSO, "?limit=0&limit=2&offset=1").await.assert_refused(&malformed(&both));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_is_taken_away_once_and_doing_it_again_is_no_error() {
    let stack = provisioned(&["+12065550100", "+12065550101", "+12065550102"]).await;
    remove(&stack, "contoso", "+12065550100").await.assert_empty();
    remove(&stack, CONTOSO, "(206)%20555-0101").await.assert_empty();
    list(&stack, CONTOSO, "").await.assert_body(200, last_page(&["+12065550102"]));
    let before = stack.scan().await;
    remove(&stack, CONTOSO, "2065550100").await.assert_empty();
    assert_eq!(stack.scan().await, before);
    stack.put_account("FABRIKAM", &json!({"country": "US"})).await.assert_status(201);
    let given = json!({"account_id": "FABRIKAM", "telephone_numbers": ["+12065550100"]});
    stack.assign("FABRIKAM", &["2065550100"]).await.assert_body(200, given);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_of_another_account_stays_where_it_is() {
    let stack = provisioned(&["+12065550100"]).await;
    stack.put_account("FABRIKAM", &json!({"country": "US"})).await.assert_status(201);
    let before = stack.scan().await;
    remove(&stack, "FABRIKAM", "+12065550100").await.assert_empty();
    remove(&stack, "NOBODY", "+12065550100").await.assert_refused(&no_account());
    remove(&stack, "!", "+12065550100").await.assert_refused(&no_account());
    assert_eq!(stack.scan().await, before);
    list(&stack, CONTOSO, "").await.assert_body(200, last_page(&["+12065550100"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_telephone_number_cannot_be_taken_away() {
    let stack = provisioned(&["+12065550100"]).await;
    for (bad, rule) in [
        ("206555010", "The telephone number must have 10 digits, or 11 digits with the country code 1."),
        ("+442071838750", "The country code must be 1."),
        ("%20", "The telephone number must not be blank."),
        (
            "x",
            "The telephone number can contain only digits, spaces, dashes, ( ) . / _ # and one leading +, and no extension.",
        ),
        (
            "%00",
            "The telephone number can contain only digits, spaces, dashes, ( ) . / _ # and one leading +, and no extension.",
        ),
        ("0115550100", "The area code must start with 2 to 9 and must not be N9X or N11."),
    ] {
        let refused = invalid(&[error_because("tn", "tn_invalid", rule)]);
        remove(&stack, CONTOSO, bad).await.assert_refused(&refused);
    }
    list(&stack, CONTOSO, "").await.assert_body(200, last_page(&["+12065550100"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_stays_while_a_confirmed_port_out_holds_it() {
    let stack = Stack::start().await;
    stack.seed(CONTOSO, &["+12065550100", "+12065550101"]).await;
    stack.set_pin(CONTOSO, PIN).await.assert_status(201);
    let rejected = stack.submit("A123", &order("P-1", CONTOSO, "593824", &["+12065550101"])).await;
    assert_eq!(rejected.assert_json(201)["status"], "rejected", "{}", rejected.text());
    let confirmed = stack.submit("A123", &order("P-2", CONTOSO, PIN, &["+12065550100"])).await;
    assert_eq!(confirmed.assert_json(201)["status"], "confirmed", "{}", confirmed.text());
    let before = stack.scan().await;
    remove(&stack, CONTOSO, "2065550100").await.assert_refused(&held());
    assert_eq!(stack.scan().await, before);
    remove(&stack, CONTOSO, "2065550101").await.assert_empty();
    list(&stack, CONTOSO, "").await.assert_body(200, last_page(&["+12065550100"]));
}
