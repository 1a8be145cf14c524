//! Stored data that nobody could have written: a 500 and a line for the alarm, never a confirmation.

use crate::crowd::{ACCOUNT, PIN, TN, assert_internal, seed_with_pin, usual, version};
use aws_sdk_dynamodb::types::AttributeValue;
use harness::client::Answer;
use harness::engine::Item;
use harness::records::{Records, text};
use harness::stack::Stack;
use serde_json::Value;

const ACCOUNT_KEY: (&str, &str) = ("ACCOUNT#CONTOSO", "ACCOUNT");
const NUMBER_KEY: (&str, &str) = ("NUMBER#+12065550100", "NUMBER");
const ATTEMPTS_KEY: (&str, &str) = ("ACCOUNT#CONTOSO", "ATTEMPTS#B456");
const PON_KEY: (&str, &str) = ("PON#A123#TX-1", "PON");

/// [`ACCOUNT`] with a PIN, a confirmed order TX-1 of A123 for [`TN`], and one wrong PIN of B456.
async fn stack() -> Stack {
    let stack = Stack::start().await;
    seed_with_pin(&stack, &[TN]).await;
    stack.submit("A123", &usual("TX-1", PIN)).await.assert_json(201);
    stack.submit("B456", &usual("TX-1", "750264")).await.assert_json(201);
    stack
}

/// Stores the item with another value of one attribute, or without it.
async fn damage(stack: &Stack, key: (&str, &str), attribute: &str, value: Option<AttributeValue>) -> Item {
    let whole = stack.item(key).await;
    let mut damaged = whole.clone();
    damaged.remove(attribute);
    damaged.extend(value.map(|value| (attribute.to_owned(), value)));
    stack.put_item(damaged).await;
    whole
}

fn s(text: &str) -> Option<AttributeValue> {
    Some(AttributeValue::S(text.to_owned()))
}

fn n(number: &str) -> Option<AttributeValue> {
    Some(AttributeValue::N(number.to_owned()))
}

/// Each is a 500 that names nothing, with its line in the log, and the table is as it was.
async fn assert_corrupt(stack: &Stack, answers: &[Answer]) {
    answers.iter().for_each(assert_internal);
    let records = Records::of(stack).await;
    assert_eq!((records.orders.len(), records.events.len()), (2, 5), "nothing was recorded");
    let logs = stack.host().stop().await;
    for answer in answers {
        let line = line_of(&logs, answer.header("x-request-id"));
        assert_eq!((&line["level"], &line["error_kind"]), (&"ERROR".into(), &"corrupt".into()), "{line}");
    }
}

/// The one line of a call.
fn line_of(logs: &str, request_id: &str) -> Value {
    let mut lines = logs.lines().filter(|line| line.contains(request_id));
    let line = lines.next().unwrap_or_else(|| panic!("no line of {request_id}:\n{logs}"));
    assert_eq!(lines.next(), None, "two lines of one call");
    let (_, json) = line.split_once(": ").expect("a function's name");
    serde_json::from_str(json).expect("a line of JSON")
}

/// A new port-out with the right PIN under damage after damage, each mended before the next.
async fn port_outs_under(damages: &[((&str, &str), &str, Option<AttributeValue>)]) {
    let stack = stack().await;
    let mut answers = Vec::new();
    for (key, attribute, value) in damages {
        let whole = damage(&stack, *key, attribute, value.clone()).await;
        answers.push(stack.submit("B456", &usual("TX-2", PIN)).await);
        assert_eq!(answers.last().unwrap().status, 500, "{attribute} {value:?}");
        stack.put_item(whole).await;
    }
    assert_corrupt(&stack, &answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_digest_confirms_nothing() {
    let stack = stack().await;
    let digest = text(&stack.item(ACCOUNT_KEY).await, "pin_digest").to_owned();
    drop(stack);
    let cut = &digest[..digest.len() - 1];
    let values =
        ["", "garbage", cut, &digest.replace("pbkdf2-sha256", "plain"), &digest.replace("$100000$", "$0$")];
    let texts = values.iter().map(|text| (ACCOUNT_KEY, "pin_digest", s(text)));
    let others = [(ACCOUNT_KEY, "pin_digest", None), (ACCOUNT_KEY, "pin_digest", n("1"))];
    port_outs_under(&texts.chain(others).collect::<Vec<_>>()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_of_a_key_that_is_lost_confirms_nothing() {
    let stack = stack().await;
    let digest = text(&stack.item(ACCOUNT_KEY).await, "pin_digest").to_owned();
    let key = digest.split('$').nth(2).unwrap();
    damage(&stack, ACCOUNT_KEY, "pin_digest", s(&digest.replace(key, "local-0000000000000000"))).await;
    let answers = [PIN, "750264"].map(|pin| usual("TX-2", pin));
    let answers = [stack.submit("B456", &answers[0]).await, stack.submit("B456", &answers[1]).await];
    assert_corrupt(&stack, &answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_account_confirms_nothing() {
    let damages = [
        ("country", s("??")),
        ("country", None),
        ("failed_attempts", s("0")),
        ("failed_attempts", None),
        ("failed_attempts", n("-1")),
        ("pin_version", s("1")),
        ("pin_version", n("1.5")),
        ("pin_updated_at", s("yesterday")),
        ("time_zone", s("Mars/Olympus")),
        ("zip_code", s("9")),
        ("revision", None),
        ("account_number", s("!")),
    ];
    port_outs_under(&damages.map(|(attribute, value)| (ACCOUNT_KEY, attribute, value))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_number_confirms_nothing() {
    let damages = [
        ("held_by", s("garbage")),
        ("held_by", n("1")),
        ("account_number", None),
        ("account_number", s("!")),
        ("telephone_number", s("+1")),
    ];
    port_outs_under(&damages.map(|(attribute, value)| (NUMBER_KEY, attribute, value))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_count_confirms_nothing() {
    let damages = [
        ("failures", s("1")),
        ("failures", None),
        ("failures", n("-1")),
        ("last_failed_at", s("now")),
        ("last_failed_at", n("9999999999999999999")),
        ("pin_version", None),
    ];
    port_outs_under(&damages.map(|(attribute, value)| (ATTEMPTS_KEY, attribute, value))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_account_is_no_status_and_takes_no_pin() {
    let stack = stack().await;
    let mut answers = Vec::new();
    for (attribute, value) in [("country", s("??")), ("failed_attempts", s("0")), ("pin_version", s("1"))] {
        let whole = damage(&stack, ACCOUNT_KEY, attribute, value).await;
        let account = format!("/v1/accounts/{ACCOUNT}");
        answers.push(stack.pin_state(ACCOUNT).await);
        answers.push(stack.get(&account, &stack.tokens().operator()).await);
        answers.push(stack.set_pin(ACCOUNT, "620948").await);
        stack.put_item(whole).await;
    }
    assert_corrupt(&stack, &answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_order_is_neither_shown_nor_repeated_nor_replaced() {
    let stack = stack().await;
    let id = text(&stack.item(PON_KEY).await, "confirmed_id").to_owned();
    let pk = format!("PORTOUT#{id}");
    let mut answers = Vec::new();
    for (attribute, value) in
        [("port_out_status", s("ported")), ("foc_date", s("soon")), ("telephone_numbers", s(TN))]
    {
        let whole = damage(&stack, (&pk, "PORTOUT"), attribute, value).await;
        answers.push(stack.get(&format!("/v1/port-outs/{id}"), &stack.tokens().carrier("A123")).await);
        answers.push(stack.submit("A123", &usual("TX-1", PIN)).await);
        answers.push(stack.submit("A123", &version(usual("TX-1", PIN), 2)).await);
        stack.put_item(whole).await;
    }
    let whole = damage(&stack, (&pk, "PORTOUT"), "pin_fingerprint", s("garbage")).await;
    answers.push(stack.submit("A123", &usual("TX-1", PIN)).await);
    stack.put_item(whole).await;
    for (attribute, value) in
        [("latest_version", s("1")), ("confirmed_id", s("garbage")), ("confirmed_id", s(&"0".repeat(32)))]
    {
        let whole = damage(&stack, PON_KEY, attribute, value).await;
        answers.push(stack.submit("A123", &version(usual("TX-1", PIN), 2)).await);
        stack.put_item(whole).await;
    }
    assert_corrupt(&stack, &answers).await;
}
