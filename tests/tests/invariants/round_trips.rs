//! Round trips are the budget: the DynamoDB calls of each operation, counted on the wire.

use harness::prelude::*;
use harness::wire::Call;

use crate::NEW_PIN;

async fn counted(fixture: Fixture) -> Stack {
    let stack = fixture.processes(1).start().await;
    stack.wire().take_calls();
    stack
}

async fn stack() -> Stack {
    counted(Fixture::contoso()).await
}

/// Attributes that only port-out may read.
const SECRETS: [&str; 2] = ["pin_digest", "pin_fingerprint"];
/// What set-pin may read besides the status of a PIN: how it was hashed.
const PARAMETERS: &str = "pin_parameters";

/// Fails unless this is a consistent read of named attributes, none of them a secret and none of them the salt.
#[track_caller]
fn assert_reads_no_secret(stack: &Stack, call: &Call) {
    assert_reads_no_digest(stack, call);
    assert!(!said(call).contains(PARAMETERS), "{}", said(call));
}

/// Fails unless this is a consistent read of named attributes, none of them a secret.
#[track_caller]
fn assert_reads_no_digest(stack: &Stack, call: &Call) {
    let read = match call.operation.as_str() {
        "GetItem" => &call.body,
        "BatchGetItem" => &call.body["RequestItems"][stack.table()],
        other => panic!("{other} is no read of items"),
    };
    assert_eq!(read["ConsistentRead"], true);
    assert!(read["ProjectionExpression"].as_str().is_some_and(|projection| !projection.is_empty()));
    assert_no_secret_named(call);
}

#[track_caller]
fn assert_no_secret_named(call: &Call) {
    let said = said(call);
    assert!(SECRETS.iter().all(|secret| !said.contains(secret)), "{said}");
}

/// Returns the request and its answer.
fn said(call: &Call) -> String {
    format!("{}\n{}", call.body, call.answer.as_ref().expect("answered").1)
}

/// Returns the number of keys that a batch reads; fails unless it reads them consistently.
#[track_caller]
fn batch_keys(stack: &Stack, call: &Call) -> usize {
    assert_eq!(call.operation, "BatchGetItem");
    let wanted = &call.body["RequestItems"][stack.table()];
    assert_eq!(wanted["ConsistentRead"], true);
    wanted["Keys"].as_array().unwrap().len()
}

/// Returns the calls of one submission; fails unless they are these.
async fn calls_of(stack: &Stack, spid: &str, body: &Value, status: u16, expected: &[&str]) -> Vec<Call> {
    stack.submit(spid, body).await.assert_status(status);
    let calls = stack.wire().take_calls();
    assert_eq!(calls.iter().map(|call| call.operation.as_str()).collect::<Vec<_>>(), expected);
    calls
}

const NEW: &[&str] = &["BatchGetItem", "TransactWriteItems"];
/// What ends earlier port-outs reads them besides.
const REPLACING: &[&str] = &["BatchGetItem", "BatchGetItem", "TransactWriteItems"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_is_one_consistent_read_that_cannot_see_the_digest() {
    let stack = stack().await;
    let id = stack.submit("A123", &usual("TX-1", PIN)).await.assert_json(201)["id"].clone();
    let id = id.as_str().unwrap().to_owned();
    stack.wire().take_calls();
    stack.pin_status(CONTOSO).await.assert_json(200);
    stack.get(&format!("/v1/accounts/{CONTOSO}"), &Claims::operator()).await.assert_json(200);
    for token in [stack.tokens().carrier("A123"), stack.tokens().account(CONTOSO)] {
        stack.get(&format!("/v1/port-outs/{id}"), &token).await.assert_json(200);
    }
    let calls = stack.wire().take_calls();
    let operations: Vec<_> = calls.iter().map(|call| call.operation.as_str()).collect();
    assert_eq!(operations, ["BatchGetItem", "GetItem", "GetItem", "GetItem"], "one read each");
    assert_eq!(batch_keys(&stack, &calls[0]), 2, "account and PIN");
    calls.iter().for_each(|call| assert_reads_no_secret(&stack, call));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_numbers_is_one_read_and_one_query() {
    let stack = stack().await;
    let path = format!("/v1/accounts/{CONTOSO}/telephone-numbers");
    stack.get(&path, &Claims::operator()).await.assert_json(200);
    let mut calls = stack.wire().take_calls();
    calls.sort_by(|one, other| one.operation.cmp(&other.operation));
    let [read, query] = calls.as_slice() else { panic!("{} calls", calls.len()) };
    assert_reads_no_secret(&stack, read);
    assert_eq!(query.operation, "Query");
    assert_no_secret_named(query);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pin_is_set_with_one_read_and_one_query_then_one_write_and_never_reads_the_digest() {
    let stack = stack().await;
    for pin in [NEW_PIN, "738190"] {
        stack.set_pin(CONTOSO, pin).await.assert_json(200);
        let mut calls = stack.wire().take_calls();
        let write = calls.pop().expect("a write");
        assert_eq!(write.operation, "TransactWriteItems");
        assert_eq!(write.body["TransactItems"].as_array().unwrap().len(), 3, "PIN, account and event");
        calls.sort_by(|one, other| one.operation.cmp(&other.operation));
        let [read, query] = calls.as_slice() else { panic!("{} reads", calls.len()) };
        assert_eq!(batch_keys(&stack, read), 2, "account and PIN");
        assert_reads_no_digest(&stack, read);
        assert_eq!(query.operation, "Query");
        assert_no_secret_named(query);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pin_that_is_set_already_costs_one_read_more_and_is_never_read_either() {
    let stack = stack().await;
    stack.set_pin(CONTOSO, PIN).await.assert_json(200);
    let mut calls = stack.wire().take_calls();
    calls[..2].sort_by(|one, other| one.operation.cmp(&other.operation));
    let [before, query, write, after] = calls.as_slice() else { panic!("{} calls", calls.len()) };
    assert_eq!([&query.operation, &write.operation], ["Query", "TransactWriteItems"]);
    assert_ne!(write.answer.as_ref().expect("answered").0, 200, "nothing is written");
    assert_reads_no_digest(&stack, before);
    assert_reads_no_digest(&stack, after);
    assert_no_secret_named(query);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_reads_of_a_pin_change_are_in_flight_at_once() {
    let stack = stack().await;
    let (reads, queries) = (stack.wire().hold("BatchGetItem"), stack.wire().hold("Query"));
    let change = tokio::spawn(stack.pin_change(CONTOSO, NEW_PIN).send());
    reads.wait(1).await;
    queries.wait(1).await;
    reads.release();
    queries.release();
    change.await.unwrap().assert_json(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_out_is_one_consistent_batch_and_one_write() {
    let stack = stack().await;
    let calls = calls_of(&stack, "A123", &usual("TX-1", PIN), 201, NEW).await;
    assert_eq!(batch_keys(&stack, &calls[0]), 6, "account, PIN, attempts, order, PON and one number");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_costs_the_same_round_trips_whatever_its_reason() {
    let stack = stack().await;
    stack.put_account("NOPIN", &json!({"country": "US"})).await.assert_status(201);
    stack.wire().take_calls();
    let refused = [
        usual("TX-1", WRONG_PIN),
        usual("TX-2", "12"),
        json!({"pon": "TX-3", "account_number": CONTOSO, "telephone_numbers": [TN]}),
        order("TX-4", "UNKNOWN", PIN, &[TN]),
        order("TX-5", "NOPIN", PIN, &[TN]),
        order("TX-6", CONTOSO, PIN, &["+12065559999", "+18005550100"]),
    ];
    for body in &refused {
        let calls = calls_of(&stack, "A123", body, 201, NEW).await;
        let answer = stack.submit("A123", body).await.assert_json(200);
        assert_eq!(answer["status"], "rejected");
        stack.wire().take_calls();
        assert_eq!(batch_keys(&stack, &calls[0]), 5 + body["telephone_numbers"].as_array().unwrap().len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ninety_numbers_cost_no_round_trip_more_than_one() {
    let numbers = tns(0, 90);
    let stack = counted(Fixture::contoso().numbers(&numbers)).await;
    let body = order("TX-1", CONTOSO, PIN, &numbers);
    let calls = calls_of(&stack, "A123", &body, 201, NEW).await;
    assert_eq!(batch_keys(&stack, &calls[0]), 95);
    // The most that a transaction takes is 100.
    assert_eq!(calls[1].body["TransactItems"].as_array().unwrap().len(), 96);
    let calls = calls_of(&stack, "A123", &version(body, 2), 201, REPLACING).await;
    assert_eq!(batch_keys(&stack, &calls[1]), 1, "the version before");
    assert!(calls[2].body["TransactItems"].as_array().unwrap().len() <= 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_is_one_batch_and_a_write_only_if_it_could_tell_of_a_pin() {
    let stack = stack().await;
    for (pon, pin, expected) in [("TX-1", WRONG_PIN, &["BatchGetItem"][..]), ("TX-2", PIN, NEW)] {
        stack.submit("A123", &usual(pon, pin)).await.assert_status(201);
        stack.wire().take_calls();
        calls_of(&stack, "A123", &usual(pon, pin), 200, expected).await;
    }
    let other_numbers = order("TX-2", CONTOSO, PIN, &["+12065550109"]);
    calls_of(&stack, "A123", &other_numbers, 409, &["BatchGetItem"]).await;
    calls_of(&stack, "A123", &usual("TX-2", WRONG_PIN), 409, NEW).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_to_wait_costs_one_batch_and_once_the_write_that_tells_the_owner() {
    let stack = stack().await;
    for guess in 0..5 {
        stack.submit("A123", &usual(&format!("G-{guess}"), WRONG_PIN)).await.assert_status(201);
    }
    stack.wire().take_calls();
    let calls = calls_of(&stack, "A123", &usual("G-5", PIN), 429, NEW).await;
    assert_eq!(calls[1].body["TransactItems"].as_array().unwrap().len(), 3, "row, event and PIN");
    calls_of(&stack, "A123", &usual("G-5", PIN), 429, &["BatchGetItem"]).await;
    assert_eq!(stack.records().await.count_events(CONTOSO, "port_out.deferred"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_version_of_a_confirmed_port_out_costs_one_read_more_and_of_a_rejected_one_none() {
    let stack = stack().await;
    stack.submit("A123", &usual("TX-1", PIN)).await.assert_status(201);
    stack.submit("B456", &usual("TX-1", WRONG_PIN)).await.assert_status(201);
    stack.wire().take_calls();
    let second = version(usual("TX-1", PIN), 2);
    let calls = calls_of(&stack, "A123", &second, 201, REPLACING).await;
    assert_eq!(batch_keys(&stack, &calls[1]), 1, "the version before");
    assert_reads_no_secret(&stack, &calls[1]);
    calls_of(&stack, "B456", &second, 201, NEW).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_take_over_costs_one_read_more_however_many_port_outs_it_ends() {
    let numbers = tns(100, 5);
    let stack = counted(Fixture::contoso().numbers(&numbers)).await;
    for (n, number) in numbers.iter().enumerate() {
        let one = order(&format!("TX-{n}"), CONTOSO, PIN, &[number]);
        stack.submit("A123", &one).await.assert_status(201);
    }
    stack.wire().take_calls();
    let all = order("TX-5", CONTOSO, PIN, &numbers);
    let calls = calls_of(&stack, "A123", &all, 201, REPLACING).await;
    assert_eq!(batch_keys(&stack, &calls[1]), 5, "those that hold the numbers");
    assert_reads_no_secret(&stack, &calls[1]);
    stack.records().await.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_for_its_form_or_its_caller_costs_nothing() {
    let stack = stack().await;
    stack.submit("A123", &json!({"pon": "TX-1"})).await.assert_status(422);
    let carrier = stack.tokens().carrier("A123");
    stack.get(&format!("/v1/accounts/{CONTOSO}/port-out-pin"), &carrier).await.assert_status(403);
    stack.call("POST", "/v1/port-outs").json(&usual("TX-1", PIN)).send().await.assert_status(401);
    assert_eq!(stack.wire().take_operations(), Vec::<String>::new());
}

#[tokio::test]
async fn port_outs_that_expired_cost_a_new_request_nothing() {
    let stack = Fixture::contoso().start().await;
    let calls = async |pon: &str| {
        stack.wire().take_calls();
        let answer = stack.submit("A123", &order(pon, CONTOSO, PIN, &[TN])).await;
        assert_eq!(answer.assert_json(201)["status"], "confirmed");
        let calls = stack.wire().take_calls().into_iter();
        let calls = calls.map(|call| (call.operation.clone(), items_of(&stack, &call)));
        calls.collect::<Vec<_>>()
    };
    let first = calls("TX-0").await;
    for n in 1..20 {
        stack.pass(SignedDuration::from_hours(40 * 24));
        assert_eq!(calls(&format!("TX-{n}")).await, first, "after {n} expired ones");
    }
    stack.records().await.check();
}

/// Counts the items that a call reads or writes.
fn items_of(stack: &Stack, call: &Call) -> usize {
    match call.operation.as_str() {
        "BatchGetItem" => batch_keys(stack, call),
        _ => call.body["TransactItems"].as_array().map_or(1, Vec::len),
    }
}

/// What the owner and the porting desk read and change, with the calls that each takes.
#[tokio::test]
async fn lists_events_and_what_ends_a_port_out_cost_the_same_calls_however_many_port_outs_there_are() {
    let numbers = tns(0, 24);
    let stack = Fixture::contoso().numbers(&numbers).start().await;
    let mut before = None;
    for part in numbers.chunks(12) {
        let mut ids = Vec::new();
        for tn in part {
            let answer =
                stack.submit("A123", &order(&format!("P-{tn}").replace('+', ""), CONTOSO, PIN, &[tn])).await;
            ids.push(answer.assert_json(201)["id"].as_str().unwrap().to_owned());
            stack.pass(SignedDuration::from_secs(30));
        }
        let calls = owners_day(&stack, &ids, part).await;
        assert_eq!(*before.get_or_insert_with(|| calls.clone()), calls);
    }
    let calls = before.expect("two rounds");
    let most = [3, 3, 3, 2, 2, 3, 3, 3, 3, 4];
    assert_eq!(calls.len(), most.len());
    assert!(calls.iter().zip(most).all(|(calls, most)| calls.len() <= most), "{calls:?}");
}

/// Returns the operations of each call.
async fn owners_day(stack: &Stack, ids: &[String], numbers: &[String]) -> Vec<Vec<String>> {
    let owner = Claims::account(CONTOSO);
    let mut all = Vec::new();
    stack.wire().take_calls();
    let mut note = |answer: Answer| {
        answer.assert_json(200);
        all.push(stack.wire().take_calls().into_iter().map(|call| call.operation).collect::<Vec<_>>());
    };
    for path in ["port-outs?limit=10", "port-outs?status=confirmed&limit=10", "port-protection", "events"] {
        note(stack.get(&format!("/v1/accounts/CONTOSO/{path}"), &owner).await);
    }
    note(stack.get("/v1/port-outs?limit=10", &Claims::carrier("A123")).await);
    note(stack.get(&format!("/v1/telephone-numbers/{}", numbers[0]), &Claims::desk()).await);
    note(stack.cancel(CONTOSO, &ids[0], "changed_mind").await);
    note(stack.release(&ids[1], "carrier").await);
    note(stack.activate(&ids[2], &numbers[2..3]).await);
    note(stack.protect(CONTOSO, true).await);
    stack.protect(CONTOSO, false).await.assert_status(200);
    all
}
