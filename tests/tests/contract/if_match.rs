//! `If-Match` on a new PIN: the PIN is set only if it has not changed since.

use harness::assertions::problems::{changed, no_account, not_us};
use harness::prelude::*;

use crate::bodies::{pin_status_code, shown_pin};

async fn contoso() -> Stack {
    let stack = Stack::start().await;
    stack.put_account(CONTOSO, &json!({"country": "US"})).await.assert_status(201);
    stack
}

async fn put(stack: &Stack, if_match: &str, digits: &str) -> Answer {
    let call = stack.call("PUT", "/v1/accounts/CONTOSO/port-out-pin").by(&Claims::account(CONTOSO));
    call.header("if-match", if_match).json(&json!({"pin": digits})).send().await
}

/// Fails unless it was accepted as this version.
#[track_caller]
fn accepted(answer: &Answer, version: u64) {
    answer.assert_pin_status(pin_status_code(version), shown_pin(CONTOSO, version, "user:admin@CONTOSO"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tag_of_the_status_sets_the_next_pin_once() {
    let stack = contoso().await;
    for version in 1..=3 {
        let tag = stack.pin_status(CONTOSO).await.header("etag").to_owned();
        accepted(&put(&stack, &tag, PIN).await, version);
        let before = stack.scan().await;
        put(&stack, &tag, PIN).await.assert_refused(&changed());
        assert_eq!(stack.scan().await, before);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_star_or_a_list_with_the_tag_holds() {
    let stack = contoso().await;
    accepted(&put(&stack, "\"7\", \"0\"", PIN).await, 1);
    accepted(&put(&stack, "*", PIN).await, 2);
    accepted(&put(&stack, "\"1\",\"2\" , \"3\"", PIN).await, 3);
    accepted(&put(&stack, "W/\"1\", \"3\"", PIN).await, 4);
    let lines = stack.call("PUT", "/v1/accounts/CONTOSO/port-out-pin").by(&Claims::account(CONTOSO));
    let lines = lines.header("if-match", "\"1\"").header("if-match", "\"4\"");
    accepted(&lines.json(&json!({"pin": PIN})).send().await, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_weak_or_broken_tag_holds_never() {
    let stack = contoso().await;
    accepted(&put(&stack, "\"0\"", PIN).await, 1);
    let before = stack.scan().await;
    for tag in [
        "\"0\"",
        "\"2\"",
        "W/\"1\"",
        "1",
        "\"1",
        "'1'",
        "\"01\"",
        "\"11\"",
        "\"0\", W/\"1\"",
        "\"\"",
        "\"*\"",
    ] {
        put(&stack, tag, PIN).await.assert_refused(&changed());
    }
    assert_eq!(stack.scan().await, before);
    accepted(&put(&stack, "\"1\"", PIN).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tag_changes_nothing_of_what_is_refused_anyway() {
    let stack = contoso().await;
    put(&stack, "\"0\"", "48291").await.assert_refused(&invalid(&[error("/pin", "pin_too_short")]));
    stack.pin_change("FABRIKAM", PIN).header("if-match", "*").send().await.assert_refused(&no_account());
    stack.put_account(CONTOSO, &json!({"country": "CA"})).await.assert_status(200);
    for tag in ["*", "\"0\"", "\"7\""] {
        put(&stack, tag, PIN).await.assert_refused(&not_us());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_changes_of_one_version_exactly_one_is_made() {
    let stack = Stack::builder().functions(&["provision", "set-pin"]).processes(3).start().await;
    stack.put_account(CONTOSO, &json!({"country": "US"})).await.assert_status(201);
    for version in 1..=2 {
        let tag = format!("\"{}\"", version - 1);
        let (a, b, c) =
            tokio::join!(put(&stack, &tag, PIN), put(&stack, &tag, "593826"), put(&stack, &tag, "7391048"));
        let (won, lost): (Vec<_>, Vec<_>) = [a, b, c].into_iter().partition(|answer| answer.status < 300);
        assert_eq!(won.len(), 1);
        accepted(&won[0], version);
        lost.iter().for_each(|answer| answer.assert_refused(&changed()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_star_asks_whether_there_is_a_pin() {
    let stack = contoso().await;
    let set = async |name: &str, tag: &str| stack.pin_change(CONTOSO, PIN).header(name, tag).send().await;
    put(&stack, "*", PIN).await.assert_refused(&changed());
    accepted(&set("if-none-match", "*").await, 1);
    set("if-none-match", "*").await.assert_refused(&changed());
    set("if-none-match", "\"1\"").await.assert_refused(&changed());
    accepted(&set("if-none-match", "\"0\"").await, 2);
    accepted(&put(&stack, "*", PIN).await, 3);
}
