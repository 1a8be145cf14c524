//! Stored data that no function writes: a 500 and a line for the alarm, and to Bandwidth a refusal with 7598, never a
//! confirmation, an approval or a challenge.

use harness::assertions::bandwidth::{approved, assert_answer, codes};
use harness::clients::bandwidth::{self, SOURCE, ValidationRequest};
use harness::corrupt_records::{Damage, Key, n, s};
use harness::engine::Item;
use harness::prelude::*;
use harness::records::text;

const ACCOUNT: Key = ("ACCOUNT#CONTOSO", "ACCOUNT");
const PIN_ITEM: Key = ("PIN#CONTOSO", "PIN");
const SECOND: Key = ("NUMBER#+12065550101", "NUMBER");

/// Returns the carrier's own port-out of the first number, which is confirmed.
fn confirmed_order() -> Value {
    usual("TX-1", PIN)
}

/// Returns the port-out of the third number that is confirmed to Bandwidth, with its PIN or another one.
fn approved_order(pin: &str) -> Value {
    order("TX-1", CONTOSO, pin, &[tn(102)])
}

/// Returns a port-out of the second number.
fn order_of_second(pon: &str, pin: &str) -> Value {
    order(pon, CONTOSO, pin, &[tn(101)])
}

/// Starts `CONTOSO` with three numbers, of which the carrier A123 and Bandwidth, a source of it, have one confirmed each;
/// each of them sent one wrong PIN, too.
async fn start() -> Stack {
    let contoso = Fixture::contoso().numbers(&tns(100, 3)).source(SOURCE, bandwidth::KIND, "A123");
    let stack = contoso.processes(1).start().await;
    for (order, expected) in
        [(confirmed_order(), "confirmed"), (order_of_second("W-1", WRONG_PIN), "rejected")]
    {
        assert_eq!(stack.submit("A123", &order).await.assert_json(201)["status"], expected);
    }
    assert_answer(&validate(&stack, &approved_order(PIN)).await, &approved("TX-1"));
    let refused = validate(&stack, &order_of_second("W-1", WRONG_PIN)).await;
    assert_eq!(codes(&refused.text()), [7513]);
    stack
}

/// Has Bandwidth ask for the same as this port-out.
async fn validate(stack: &Stack, order: &Value) -> Answer {
    stack.validate(&ValidationRequest::of(order)).await
}

/// Returns the id of the port-out that is confirmed to Bandwidth, and the partition key of its PON.
async fn of_bandwidth(stack: &Stack) -> (String, String) {
    let records = stack.records().await;
    let mut confirmed = records.orders.iter().filter(|order| {
        text(order, "requester") == "source:bw" && text(order, "port_out_status") == "confirmed"
    });
    let order = confirmed.next().expect("one is confirmed");
    (text(order, "port_out_id").to_owned(), format!("PON#source:bw#{}", text(order, "pon")))
}

/// Returns every item, in the order of the keys.
async fn items(stack: &Stack) -> Vec<Item> {
    let mut items = stack.scan().await;
    items.sort_by_key(|item| ["pk", "sk"].map(|name| text(item, name).to_owned()));
    items
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
        let before = items(stack).await;
        for call in calls {
            answers.push(call.clone().send().await.under(&why));
            answers[answers.len() - 1].assert_refused(&problems::internal_error());
        }
        for order in orders {
            let answer = validate(stack, order).await.under(&why);
            assert_answer(&answer, &ValidationRequest::of(order).refused_as_asked(7598));
        }
        assert_eq!(items(stack).await, before, "{why}");
        stack.put_item(whole).await;
    }
    answers
}

/// Corrupts a record that every new port-out of the account and its second number reads.
async fn corrupt_for_new_port_outs(stack: &Stack, key: Key<'_>, damages: &[Damage<'_>]) {
    let order = order_of_second("TX-2", PIN);
    let calls = [stack.submission("A123", &order)];
    let answers = corrupt(stack, key, damages, &calls, std::slice::from_ref(&order)).await;
    assert_whole(stack, &answers).await;
}

/// Fails unless Bandwidth is approved the second number, now that everything is whole, and [`assert_logged_as_corrupt`].
async fn assert_whole(stack: &Stack, answers: &[Answer]) {
    assert_answer(&validate(stack, &order_of_second("TX-2", PIN)).await, &approved("TX-2"));
    assert_logged_as_corrupt(stack, answers).await;
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
    let [.., digest] = stack.digest_parts(CONTOSO).await;
    let values = ["", "garbage", &digest[..digest.len() - 1], &format!("{digest}=")].map(s);
    let damages = values.into_iter().chain([None, n("1")]).map(|value| ("pin_digest", value));
    corrupt_for_new_port_outs(&stack, PIN_ITEM, &damages.collect::<Vec<_>>()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_whose_parameters_are_corrupt_confirms_nothing() {
    let stack = start().await;
    let [parameters @ .., _] = stack.digest_parts(CONTOSO).await;
    let parameters = parameters.join("$");
    let values = [
        String::new(),
        "garbage".to_owned(),
        parameters[..parameters.len() - 1].to_owned(),
        parameters.replace("pbkdf2-sha256", "plain"),
        parameters.replace("$100000$", "$0$"),
        parameters.replace("$100000$", "$10000001$"),
        parameters.replace("$local-", "$local-0"),
        format!("{parameters}$"),
    ];
    assert!(values.iter().all(|value| *value != parameters), "each is another one");
    let values = values.iter().map(|value| s(value)).chain([None, n("1")]);
    let damages: Vec<_> = values.map(|value| ("pin_parameters", value)).collect();
    corrupt_for_new_port_outs(&stack, PIN_ITEM, &damages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_of_a_key_that_is_lost_confirms_nothing_and_counts_nothing() {
    let stack = start().await;
    let [algorithm, rounds, _, salt, _] = stack.digest_parts(CONTOSO).await;
    let lost = [&*algorithm, &*rounds, "local-0000000000000000", &*salt].join("$");
    let orders = [order_of_second("TX-2", PIN), order_of_second("TX-2", WRONG_PIN)];
    let calls = orders.each_ref().map(|order| stack.submission("A123", order));
    let answers = corrupt(&stack, PIN_ITEM, &[("pin_parameters", s(&lost))], &calls, &orders).await;
    assert_whole(&stack, &answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrupt_account_confirms_nothing() {
    let damages = [
        ("country", s("??")),
        ("country", None),
        ("zip_codes", s("98052")),
        ("zip_codes", None),
        ("revision", None),
        ("decision_version", s("1")),
        ("decision_version", None),
        ("decision_version", n("-1")),
        ("created_at", None),
        ("updated_at", s("yesterday")),
        ("protection", s("on")),
        ("protection", s("off")),
        ("protection", n("1")),
        ("protection_at", s("yesterday")),
        ("protection_at", s(START)),
        ("account_number", s("!")),
        ("account_number", None),
    ];
    corrupt_for_new_port_outs(&start().await, ACCOUNT, &damages).await;
}

/// What is wrong with the status of a PIN.
fn of_status() -> [Damage<'static>; 16] {
    [
        ("pin_version", s("1")),
        ("pin_version", n("1.5")),
        ("pin_version", n("0")),
        ("pin_version", None),
        ("pin_updated_at", s("yesterday")),
        ("pin_updated_at", None),
        ("pin_updated_by", None),
        ("pin_failed_at", s("yesterday")),
        ("pin_disclosed_at", s("yesterday")),
        ("failed_attempts", s("0")),
        ("failed_attempts", None),
        ("consecutive_failures", s("0")),
        ("consecutive_failures", n("-1")),
        ("consecutive_failures", None),
        ("count_period", n("9999999999999999999999")),
        ("count_period", None),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrupt_status_of_a_pin_confirms_nothing() {
    corrupt_for_new_port_outs(&start().await, PIN_ITEM, &of_status()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrupt_number_confirms_nothing() {
    let damages = [
        ("held_by", s("garbage")),
        ("held_by", n("1")),
        // Held without a holder, and without an end.
        ("held_by", s(&"0".repeat(32))),
        ("account_number", n("1")),
        ("account_number", s("!")),
        ("telephone_number", s("+1")),
        ("telephone_number", None),
        ("elsewhere_at", s("yesterday")),
    ];
    corrupt_for_new_port_outs(&start().await, SECOND, &damages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_without_an_account_is_nobodys_and_confirms_nothing() {
    let stack = start().await;
    let whole = stack.corrupt(SECOND, ("account_number", None)).await;
    let order = order_of_second("TX-2", PIN);
    let answer = stack.submit("A123", &order).await.assert_json(201);
    assert_eq!(
        (answer["status"].as_str(), rejection_codes(&answer)),
        (Some("rejected"), vec!["tn_not_found"])
    );
    assert_eq!(codes(&validate(&stack, &order).await.text()), [7516]);
    stack.put_item(whole).await;
    let again = stack.submit("A123", &version(order, 2)).await.assert_json(201);
    assert_eq!(again["status"], "confirmed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrupt_count_confirms_nothing() {
    let damages = [
        ("failures", s("1")),
        ("failures", None),
        ("failures", n("-1")),
        ("added_failures", s("1")),
        ("added_failures", None),
        ("last_failed_at", s("now")),
        ("last_failed_at", n("9999999999999999999")),
        ("uncompared", None),
        ("uncompared_since", s("now")),
        ("announced_until", s("now")),
        ("pin_version", None),
        ("count_period", None),
        ("row_revision", s("1")),
        ("row_revision", None),
    ];
    let stack = start().await;
    let order = order_of_second("TX-2", PIN);
    let calls = [stack.submission("A123", &order)];
    let answers = corrupt(&stack, ("ATTEMPTS#CONTOSO", "A123"), &damages, &calls, &[]).await;
    corrupt(&stack, ("ATTEMPTS#CONTOSO", "source:bw"), &damages, &[], std::slice::from_ref(&order)).await;
    assert_whole(&stack, &answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrupt_account_or_pin_has_no_status_and_takes_no_pin() {
    let stack = start().await;
    let of_account = [("country", s("??")), ("decision_version", s("1")), ("protection", s("on"))];
    let pin = stack.call("GET", "/v1/accounts/CONTOSO/port-out-pin").by(&Claims::account(CONTOSO));
    let account = stack.operator("GET", "/v1/accounts/CONTOSO");
    let change = stack.pin_change(CONTOSO, crate::NEW_PIN);
    let calls = [pin.clone(), account, change.clone()];
    let mut answers = corrupt(&stack, ACCOUNT, &of_account, &calls, &[]).await;
    answers.extend(corrupt(&stack, PIN_ITEM, &of_status(), &[pin, change.clone()], &[]).await);
    // Only who sets a PIN reads how the last one was hashed.
    let of_parameters = [("pin_parameters", None), ("pin_parameters", s("garbage"))];
    answers.extend(corrupt(&stack, PIN_ITEM, &of_parameters, &[change], &[]).await);
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
        ("secret_salt", None),
        ("secret_salt", s("00")),
        // The salt of another secret.
        ("secret_salt", s("000102030405060708090a0b0c0d0e0f")),
        ("revision", None),
        ("revision", s("1")),
        ("source_id", s("!")),
        ("previous_version", n("1")),
        ("source_name", s("")),
    ];
    let order = order_of_second("TX-2", PIN);
    corrupt(&stack, ("SOURCE#bw", "SOURCE"), &damages, &[], std::slice::from_ref(&order)).await;
    assert_answer(&validate(&stack, &order).await, &approved("TX-2"));
}

/// What is wrong with a port-out that is confirmed.
fn of_port_out() -> [Damage<'static>; 12] {
    [
        ("answer", s("ported")),
        ("answer", None),
        ("foc_date", s("soon")),
        ("hold_until", None),
        ("telephone_numbers", s(TN)),
        ("held_numbers", None),
        ("account_number", None),
        ("requester", s("source:")),
        ("channel", s("garbage")),
        ("judged_version", None),
        ("cancelled_by", s("garbage")),
        ("revision", s("1")),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrupt_port_out_is_neither_shown_nor_repeated_nor_replaced() {
    let stack = start().await;
    let id = stack.records().await.port_out_id("TX-1", "01");
    let key = format!("PORTOUT#{id}");
    let repeat = stack.submission("A123", &confirmed_order());
    let calls = [
        stack.call("GET", &format!("/v1/port-outs/{id}")).by(&Claims::carrier("A123")),
        repeat.clone(),
        stack.submission("A123", &version(confirmed_order(), 2)),
        // It takes the number over from it.
        stack.submission("A123", &usual("TX-2", PIN)),
    ];
    let mut answers = corrupt(&stack, (&key, "PORTOUT"), &of_port_out(), &calls, &[]).await;
    let fingerprint = [("pin_fingerprint", s("garbage"))];
    answers.extend(corrupt(&stack, (&key, "PORTOUT"), &fingerprint, &[repeat], &[]).await);
    // Bandwidth reads the earlier version only where another one replaces it.
    let (id, _) = of_bandwidth(&stack).await;
    let key = format!("PORTOUT#{id}");
    corrupt(&stack, (&key, "PORTOUT"), &of_port_out(), &[], &[approved_order(WRONG_PIN)]).await;
    assert_answer(&validate(&stack, &approved_order(PIN)).await, &approved("TX-1"));
    assert_whole(&stack, &answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrupt_pon_is_neither_repeated_nor_replaced() {
    let stack = start().await;
    let zeros = "0".repeat(32);
    let of_both = [("latest_version", s("1")), ("latest_version", None), ("confirmed_id", s("garbage"))];
    let of_answer = [
        ("answer", s("ported")),
        ("answer", None),
        ("foc_date", s("soon")),
        ("hold_until", None),
        ("entered_at", None),
        ("judged_version", None),
        ("content_hash", n("1")),
        ("pin_fingerprint", s("garbage")),
    ];
    let of_nobody = [("confirmed_id", s(&zeros))];
    let key = ("PON#A123#TX-1", "PON");
    let next = stack.submission("A123", &version(confirmed_order(), 2));
    let calls = [stack.submission("A123", &confirmed_order()), next.clone()];
    let mut answers = corrupt(&stack, key, &of_both, &calls, &[]).await;
    answers.extend(corrupt(&stack, key, &of_nobody, &[next], &[]).await);
    let (_, key) = of_bandwidth(&stack).await;
    let orders = [PIN, WRONG_PIN].map(approved_order);
    corrupt(&stack, (&key, "PON"), &of_both, &[], &orders).await;
    corrupt(&stack, (&key, "PON"), &of_answer, &[], &orders).await;
    corrupt(&stack, (&key, "PON"), &of_nobody, &[], &orders[1..]).await;
    assert_answer(&validate(&stack, &approved_order(PIN)).await, &approved("TX-1"));
    assert_whole(&stack, &answers).await;
}
