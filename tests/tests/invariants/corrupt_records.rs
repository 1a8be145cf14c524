//! Stored data that no function writes: a 500 and a line for the alarm, and to Bandwidth a refusal with 7598, never a
//! confirmation, an approval or a challenge.

use harness::assertions::bandwidth::{approved, assert_answer};
use harness::clients::bandwidth::{self, SOURCE, ValidationRequest};
use harness::corrupt_records::{Damage, Key, n, s};
use harness::prelude::*;

const ACCOUNT: Key = ("ACCOUNT#CONTOSO", "ACCOUNT");
const PON: Key = ("PON#A123#TX-1", "PON");

/// Returns a port-out of the first number, which is confirmed.
fn confirmed_order() -> Value {
    usual("TX-1", PIN)
}

/// Returns a port-out of the second number.
fn order_of_second(pon: &str, pin: &str) -> Value {
    order(pon, CONTOSO, pin, &[tn(101)])
}

/// Starts `CONTOSO` with two numbers and Bandwidth as a source of A123, which has the first number confirmed and one
/// wrong PIN.
async fn start() -> Stack {
    let contoso = Fixture::contoso().numbers(&tns(100, 2)).source(SOURCE, bandwidth::KIND, "A123");
    let stack = contoso.processes(1).start().await;
    for order in [confirmed_order(), order_of_second("W-1", WRONG_PIN)] {
        stack.validate(&ValidationRequest::of(&order)).await.assert_status(200);
    }
    stack
}

/// Corrupts a record in each of these ways; fails unless each of these calls is a 500 and Bandwidth is refused each of
/// these orders, with nothing recorded. Returns the answers of 500.
async fn corrupt(
    stack: &Stack,
    key: Key<'_>,
    damages: &[Damage<'_>],
    calls: &[CallBuilder],
    orders: &[Value],
) -> Vec<Answer> {
    let mut answers = Vec::new();
    for damage in damages {
        let (whole, why) = (stack.corrupt(key, damage.clone()).await, format!("{damage:?}"));
        let before = stack.records().await;
        for call in calls {
            answers.push(call.clone().send().await.under(&why));
            answers[answers.len() - 1].assert_refused(&problems::internal_error());
        }
        for order in orders {
            let answer = stack.validate(&ValidationRequest::of(order)).await.under(&why);
            assert_answer(&answer, &ValidationRequest::of(order).refused_as_asked(7598));
        }
        assert_eq!(stack.records().await, before, "{why}");
        stack.put_item(whole).await;
    }
    answers
}

/// Corrupts a record that every new port-out of the account and its second number reads.
async fn corrupt_for_new_port_outs(stack: &Stack, key: Key<'_>, damages: &[Damage<'_>]) {
    let order = order_of_second("TX-2", PIN);
    let calls = [stack.submission("A123", &order)];
    let answers = corrupt(stack, key, damages, &calls, std::slice::from_ref(&order)).await;
    assert_answer(&stack.validate(&ValidationRequest::of(&order)).await, &approved("TX-2"));
    assert_logged_as_corrupt(stack, &answers).await;
}

/// Fails unless each answer has one log line, which is the alarm's.
async fn assert_logged_as_corrupt(stack: &Stack, answers: &[Answer]) {
    let logs = stack.host().stop().await;
    for answer in answers {
        let mut lines = logs.lines().filter(|line| line.contains(answer.header("x-request-id")));
        let line = lines.next().unwrap_or_else(|| panic!("no line of {}:\n{logs}", answer.call));
        assert_eq!(lines.next(), None, "two lines of one call");
        let (_, json) = line.split_once(": ").expect("a function's name");
        let line: Value = serde_json::from_str(json).expect("a line of JSON");
        assert_eq!((&line["level"], &line["error_kind"]), (&"ERROR".into(), &"corrupt".into()), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrupt_digest_confirms_nothing() {
    let stack = start().await;
    let digest = stack.digest_parts(CONTOSO).await.join("$");
    let values = [
        String::new(),
        "garbage".to_owned(),
        digest[..digest.len() - 1].to_owned(),
        digest.replace("pbkdf2-sha256", "plain"),
        digest.replace("$100000$", "$0$"),
        digest.replace("$local-", "$local-0"),
    ];
    let damages = values.iter().map(|value| ("pin_digest", s(value)));
    let damages: Vec<_> = damages.chain([("pin_digest", None), ("pin_digest", n("1"))]).collect();
    corrupt_for_new_port_outs(&stack, ACCOUNT, &damages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_of_a_key_that_is_lost_confirms_nothing_and_counts_nothing() {
    let stack = start().await;
    let mut digest = stack.digest_parts(CONTOSO).await;
    digest[2] = "local-0000000000000000".to_owned();
    let orders = [order_of_second("TX-2", PIN), order_of_second("TX-2", WRONG_PIN)];
    let calls = orders.each_ref().map(|order| stack.submission("A123", order));
    let answers = corrupt(&stack, ACCOUNT, &[("pin_digest", s(&digest.join("$")))], &calls, &orders).await;
    assert_logged_as_corrupt(&stack, &answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrupt_account_confirms_nothing() {
    let damages = [
        ("country", s("??")),
        ("country", None),
        ("failed_attempts", s("0")),
        ("failed_attempts", None),
        ("failed_attempts", n("-1")),
        ("pin_version", s("1")),
        ("pin_version", n("1.5")),
        ("pin_updated_at", s("yesterday")),
        ("zip_codes", s("98052")),
        ("revision", None),
        ("account_number", s("!")),
        ("account_number", None),
    ];
    corrupt_for_new_port_outs(&start().await, ACCOUNT, &damages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrupt_number_confirms_nothing() {
    let damages = [
        ("held_by", s("garbage")),
        ("held_by", n("1")),
        ("account_number", None),
        ("account_number", s("!")),
        ("telephone_number", s("+1")),
    ];
    corrupt_for_new_port_outs(&start().await, ("NUMBER#+12065550101", "NUMBER"), &damages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrupt_count_confirms_nothing() {
    let damages = [
        ("failures", s("1")),
        ("failures", None),
        ("failures", n("-1")),
        ("last_failed_at", s("now")),
        ("last_failed_at", n("9999999999999999999")),
        ("pin_version", None),
    ];
    corrupt_for_new_port_outs(&start().await, ("ACCOUNT#CONTOSO", "ATTEMPTS#A123"), &damages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrupt_account_has_no_status_and_takes_no_pin() {
    let stack = start().await;
    let damages = [("country", s("??")), ("failed_attempts", s("0")), ("pin_version", s("1"))];
    let pin = stack.call("GET", "/v1/accounts/CONTOSO/port-out-pin").by(&Claims::account(CONTOSO));
    let account = stack.operator("GET", "/v1/accounts/CONTOSO");
    let calls = [pin, account, stack.pin_change(CONTOSO, crate::NEW_PIN)];
    let answers = corrupt(&stack, ACCOUNT, &damages, &calls, &[]).await;
    assert_logged_as_corrupt(&stack, &answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrupt_source_approves_nothing_and_is_no_challenge() {
    let stack = start().await;
    let damages = [
        ("kind", s("garbage")),
        ("kind", None),
        ("spid", s("")),
        ("spid", n("1")),
        ("secret_version", s("1")),
        ("secret_version", None),
        ("secret_key_id", s("")),
        ("secret_key_id", s("local-0000000000000000")),
        ("source_id", s("!")),
        ("previous_version", n("1")),
        ("source_name", s("")),
    ];
    let order = order_of_second("TX-2", PIN);
    corrupt(&stack, ("WEBHOOK#bw", "WEBHOOK"), &damages, &[], std::slice::from_ref(&order)).await;
    assert_answer(&stack.validate(&ValidationRequest::of(&order)).await, &approved("TX-2"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrupt_port_out_is_neither_shown_nor_repeated_nor_replaced() {
    let stack = start().await;
    let id = stack.records().await.port_out_id("TX-1", "01");
    let pk = format!("PORTOUT#{id}");
    let key = (pk.as_str(), "PORTOUT");
    let damages = [("port_out_status", s("ported")), ("foc_date", s("soon")), ("telephone_numbers", s(TN))];
    let repeat = stack.submission("A123", &confirmed_order());
    let calls = [
        stack.call("GET", &format!("/v1/port-outs/{id}")).by(&Claims::carrier("A123")),
        repeat.clone(),
        stack.submission("A123", &version(confirmed_order(), 2)),
    ];
    // Bandwidth reads the earlier version only where another one replaces it.
    let replacement = [order_of_second("TX-1", PIN)];
    let mut answers = corrupt(&stack, key, &damages, &calls, &replacement).await;
    corrupt(&stack, key, &[("account_number", None)], &[], &replacement).await;
    answers.extend(corrupt(&stack, key, &[("pin_fingerprint", s("garbage"))], &[repeat], &[]).await);
    assert_answer(&stack.validate(&ValidationRequest::of(&confirmed_order())).await, &approved("TX-1"));
    assert_logged_as_corrupt(&stack, &answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrupt_pon_is_neither_repeated_nor_replaced() {
    let stack = start().await;
    let zeros = "0".repeat(32);
    let of_both = [("latest_version", s("1")), ("confirmed_id", s("garbage"))];
    let of_bandwidth = [
        ("latest_version", s("99")),
        ("latest_version", None),
        ("port_out_status", s("ported")),
        ("foc_date", s("soon")),
        ("received_at", None),
        ("pin_fingerprint", s("garbage")),
    ];
    let next = [stack.submission("A123", &version(confirmed_order(), 2))];
    let orders = [confirmed_order(), order_of_second("TX-1", PIN)];
    let mut answers = corrupt(&stack, PON, &of_both, &next, &orders).await;
    answers.extend(corrupt(&stack, PON, &[("confirmed_id", s(&zeros))], &next, &[]).await);
    corrupt(&stack, PON, &of_bandwidth, &[], &orders).await;
    assert_answer(&stack.validate(&ValidationRequest::of(&confirmed_order())).await, &approved("TX-1"));
    assert_logged_as_corrupt(&stack, &answers).await;
}
