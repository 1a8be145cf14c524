//! Many callers at the same moment, and what each of them was told.

use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use futures_util::future::{join_all, try_join_all};
use harness::client::{Answer, CallBuilder};
use harness::gateway;
use harness::stack::{Stack, order};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The account of most tests.
pub const ACCOUNT: &str = "CONTOSO";
/// Its number.
pub const TN: &str = "+12065550100";
/// Its PIN, which no rule calls weak.
pub const PIN: &str = "493817";
/// A PIN that nobody has.
pub const WRONG: &str = "750264";

/// How much longer a caller at the end of a crowd waits; each answer itself still takes no longer than usual.
const CROWD_PATIENCE: Duration = Duration::from_secs(600);

/// A stack with that many processes a function, where [`ACCOUNT`] has [`PIN`] and these numbers.
pub async fn stack_with_pin(processes: usize, numbers: &[&str]) -> Stack {
    let stack = Stack::builder().processes(processes).timeout(CROWD_PATIENCE).start().await;
    seed_with_pin(&stack, numbers).await;
    stack
}

/// [`ACCOUNT`] with [`PIN`] and these numbers.
pub async fn seed_with_pin(stack: &Stack, numbers: &[&str]) {
    stack.seed(ACCOUNT, numbers).await;
    stack.set_pin(ACCOUNT, PIN).await.assert_json(201);
}

/// The usual order of [`TN`].
pub fn usual(pon: &str, pin: &str) -> Value {
    order(pon, ACCOUNT, pin, &[TN])
}

/// The same order as another version.
pub fn version(mut order: Value, version: usize) -> Value {
    order["version"] = json!(format!("{version:02}"));
    order
}

/// Submits all orders at once and gives the answers in their order. They go straight to the function's queue, as a
/// thousand sockets are more than some machines allow a process.
pub async fn submit_all(stack: &Stack, orders: &[(&str, Value)]) -> Vec<Answer> {
    let mut tokens = HashMap::new();
    for (spid, _) in orders {
        tokens.entry(*spid).or_insert_with(|| stack.tokens().carrier(spid));
    }
    join_all(orders.iter().map(|(spid, order)| submit_event(stack, &tokens[spid], order))).await
}

async fn submit_event(stack: &Stack, token: &str, order: &Value) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    let path = Uri::from_static("/v1/port-outs");
    let event = gateway::event(&Method::POST, &path, &headers, order.to_string().as_bytes());
    stack.invoke("port-out", &event).await
}

/// Sends all calls at once, each on a task of its own.
pub async fn send_all(calls: Vec<CallBuilder>) -> Vec<Answer> {
    let sent = calls.into_iter().map(|call| tokio::spawn(call.send()));
    try_join_all(sent).await.expect("a caller panicked")
}

/// A port-out that is not sent yet.
pub fn submission(stack: &Stack, spid: &str, order: &Value) -> CallBuilder {
    stack.call("POST", "/v1/port-outs").bearer(&stack.tokens().carrier(spid)).json(order)
}

/// A change of the PIN that is not sent yet.
pub fn pin_change(stack: &Stack, account: &str, pin: &str) -> CallBuilder {
    let call = stack.call("PUT", &format!("/v1/accounts/{account}/port-out-pin"));
    call.bearer(&stack.tokens().account(account)).json(&json!({"pin": pin}))
}

/// What an answer to a port-out tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Told {
    /// The PIN was right, and the port is confirmed.
    Confirmed,
    /// The PIN was wrong.
    WrongPin,
    /// The PIN is locked; nothing of the one that was sent.
    Locked,
    /// The carrier has to wait; nothing else.
    Wait,
}

/// Reads what an answer tells; fails on any other answer, a 503 included.
#[track_caller]
pub fn told(answer: &Answer) -> Told {
    if answer.status == 429 {
        answer.assert_problem(429, "too_many_pin_attempts");
        let seconds: u64 = answer.header("retry-after").parse().expect("whole seconds");
        assert!((1..=86_400).contains(&seconds), "{seconds}");
        return Told::Wait;
    }
    let body = answer.assert_json(201);
    match (body["status"].as_str().unwrap(), rejection_codes(&body).as_slice()) {
        ("confirmed", []) => Told::Confirmed,
        ("rejected", ["pin_invalid"] | ["pending_port", "pin_invalid"]) => Told::WrongPin,
        ("rejected", ["pin_locked"]) => Told::Locked,
        _ => panic!("unexpected {body}"),
    }
}

/// The codes of a port-out's rejections, in the answer's order.
pub fn rejection_codes(body: &Value) -> Vec<&str> {
    body["rejections"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect()
}

/// How many answers tell this.
pub fn count(all: &[Told], told: Told) -> usize {
    all.iter().filter(|one| **one == told).count()
}

/// The problem of a 503, the whole of it, with nothing of the inside.
#[track_caller]
pub fn assert_unavailable(answer: &Answer) {
    let problem = answer.assert_problem(503, "temporarily_unavailable");
    assert_outside_only(answer, &problem);
    assert!(answer.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0), "{problem}");
}

/// The problem of a 500, the whole of it, with nothing of the inside.
#[track_caller]
pub fn assert_internal(answer: &Answer) {
    let problem = answer.assert_problem(500, "internal_error");
    assert_outside_only(answer, &problem);
}

#[track_caller]
fn assert_outside_only(answer: &Answer, problem: &Value) {
    let names: Vec<_> = problem.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["code", "detail", "request_id", "status", "title", "type"]);
    assert_eq!(problem["request_id"], answer.header("x-request-id"));
    let text = answer.text().to_lowercase();
    for inside in
        ["canary", "dynamo", "item", "table", "kms", "mac", "digest", "attribute", "pin", "exception"]
    {
        assert!(!text.contains(inside), "{inside}: {text}");
    }
}

/// Waits for something that happens soon; fails after twenty seconds.
pub async fn until(happened: impl AsyncFn() -> bool) {
    let start = Instant::now();
    while !happened().await {
        assert!(start.elapsed() < Duration::from_secs(20), "it does not happen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
