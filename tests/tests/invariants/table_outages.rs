//! What DynamoDB can do to a function: the answer is right, or it is a 503 and nothing is half done.

use std::time::Duration;

use futures_util::future::join_all;
use harness::prelude::*;
use harness::records::text;

use crate::operations::{API_CALLS, ApiCall, guesser, make, prepare, prepared};

const OPERATIONS: [&str; 4] = ["GetItem", "BatchGetItem", "Query", "TransactWriteItems"];

/// Returns transient faults, after which a repeated call gets the right answer.
fn passing(operation: &str) -> Vec<Action> {
    let any = [
        Action::throttled(),
        Action::request_limit(),
        Action::internal_error(),
        Action::Drop,
        Action::PassThenDrop,
    ];
    let own = match operation {
        "BatchGetItem" => vec![Action::UnprocessedKeys(1), Action::UnprocessedKeys(100)],
        "TransactWriteItems" => vec![Action::TransactionConflict],
        _ => vec![],
    };
    any.into_iter().chain(own).collect()
}

/// Faults that need not pass.
fn lasting(operation: &str) -> Vec<Action> {
    passing(operation).into_iter().chain([Action::Garbage, Action::access_denied(), oversized()]).collect()
}

/// Returns an error whose text is longer than any that we would pass on.
fn oversized() -> Action {
    const TEXT: &str = match str::from_utf8(&[b'x'; 300_000]) {
        Ok(text) => text,
        Err(_) => "",
    };
    Action::Error {
        status: 400,
        error_type: "com.amazonaws.dynamodb.v20120810#ValidationException",
        message: TEXT,
    }
}

/// Returns each operation with a fault on one of its DynamoDB calls, numbered per operation.
fn each(faults: fn(&str) -> Vec<Action>) -> impl Iterator<Item = (usize, ApiCall, &'static str, Action)> {
    let of_one = move |api_call: ApiCall| {
        let pairs = api_call
            .operations
            .iter()
            .flat_map(move |on| faults(on).into_iter().map(move |fault| (*on, fault)));
        pairs.enumerate().map(move |(n, (operation, fault))| (n, api_call, operation, fault))
    };
    API_CALLS.into_iter().flat_map(of_one)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_passes_is_not_noticed() {
    let stack = prepared().await;
    for (n, api_call, operation, action) in each(passing) {
        prepare(&stack, &api_call, n).await;
        stack.wire().fault(Fault::on(operation, action.clone()));
        let answer = make(&stack, &api_call, n).await;
        assert_ne!(answer.status, 503, "{} with {action:?} on {operation}", api_call.name);
        api_call.assert_good(&answer);
        stack.wire().heal();
    }
    stack.records().await.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_single_fault_ends_in_the_right_answer_or_in_503_and_the_repeat_agrees() {
    let stack = prepared().await;
    for (n, api_call, operation, action) in
        each(|_| vec![Action::Garbage, Action::access_denied(), oversized()])
    {
        prepare(&stack, &api_call, n).await;
        stack.wire().fault(Fault::on(operation, action));
        let answer = make(&stack, &api_call, n).await;
        stack.wire().heal();
        assert_good_or_unavailable(&api_call, &answer);
        let again = make(&stack, &api_call, n).await;
        api_call.assert_good(&again);
        if answer.status < 300 && api_call.name.starts_with("port-out") {
            assert_eq!(again.json(), answer.json(), "{}", api_call.name);
        }
    }
    stack.records().await.check();
}

#[track_caller]
fn assert_good_or_unavailable(api_call: &ApiCall, answer: &Answer) {
    if answer.status == 503 { answer.assert_refused(&unavailable()) } else { api_call.assert_good(answer) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_lasts_is_503_and_the_repeat_after_it_does_everything_once() {
    let stack = prepared().await;
    let mut n = 0;
    for operation in OPERATIONS {
        for action in lasting(operation) {
            all_unavailable(&stack, operation, action, n).await;
            n += 1;
        }
    }
    let records = stack.records().await;
    let guessers = records.attempts.iter().filter(|item| text(item, "sk").starts_with('G'));
    assert!((0..n).all(|n| records.failures(CONTOSO, &guesser(n)) <= 1), "no wrong PIN is counted twice");
    assert_eq!(guessers.count() as u64, records.wrong_pins(CONTOSO));
    records.check();
}

/// Makes all calls that need the operation at once: 503 while the fault lasts, then the right answer.
async fn all_unavailable(stack: &Stack, operation: &'static str, action: Action, n: usize) {
    let api_calls: Vec<_> =
        API_CALLS.into_iter().filter(|api_call| api_call.operations.contains(&operation)).collect();
    join_all(api_calls.iter().map(|api_call| prepare(stack, api_call, n))).await;
    let before = stack.scan().await.len();
    stack.wire().fault(Fault::on(operation, action.clone()).forever());
    let answers = join_all(api_calls.iter().map(|api_call| make(stack, api_call, n))).await;
    stack.wire().heal();
    answers.iter().for_each(|answer| answer.assert_refused(&unavailable()));
    if !matches!((operation, action), ("TransactWriteItems", Action::PassThenDrop)) {
        assert_eq!(stack.scan().await.len(), before, "nothing was recorded");
    }
    for (api_call, answer) in
        api_calls.iter().zip(join_all(api_calls.iter().map(|api_call| make(stack, api_call, n))).await)
    {
        api_call.assert_good(&answer);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_that_does_not_answer_is_503_in_time() {
    let stack = prepared().await;
    for api_call in &API_CALLS {
        prepare(&stack, api_call, 0).await;
    }
    // First nothing answers, then everything but the writes does.
    let late = Action::Delay(Duration::from_secs(3600));
    let rules = [Fault::any(late.clone()).forever(), Fault::on("TransactWriteItems", late).forever()];
    for (rule, of_writes_only) in rules.into_iter().zip([false, true]) {
        let api_calls: Vec<_> =
            API_CALLS.into_iter().filter(|api_call| api_call.writes() || !of_writes_only).collect();
        stack.wire().fault(rule);
        let answers = join_all(api_calls.iter().map(|api_call| make(&stack, api_call, 0))).await;
        stack.wire().heal();
        answers.iter().for_each(|answer| answer.assert_refused(&unavailable()));
    }
    for api_call in &API_CALLS {
        api_call.assert_good(&make(&stack, api_call, 0).await);
    }
    stack.records().await.check();
}
