//! Only the operator may read or change sources, whether the source exists or not.

use harness::api::source_path;
use harness::clients::standard_webhooks::KIND;
use harness::prelude::*;

/// Returns every call of a source's routes, with a valid body.
fn calls(stack: &Stack, source: &str) -> [CallBuilder; 4] {
    let path = source_path(source);
    [
        stack.call("GET", &path),
        stack.call("PUT", &path).json(&json!({"kind": KIND, "spid": "A123"})),
        stack.call("DELETE", &path),
        stack.call("POST", &format!("{path}/rotate")).json(&json!({"replaces": 1})),
    ]
}

async fn stack() -> Stack {
    let processes = Fixture::new().processes(1).functions(&["provision", "status"]);
    processes.source("acme", KIND, "A123").start().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_operator_may_touch_a_source() {
    let stack = stack().await;
    let before = stack.scan().await;
    let everything_else = "port-out-pin:read port-out-pin:write port-out:submit accounts:manage2 accounts";
    let others = [
        Claims::account(CONTOSO),
        Claims::carrier("A123"),
        Claims::operator().with("scope", ""),
        Claims::carrier("A123").with("account_id", CONTOSO).with("scope", everything_else),
        Claims::operator().with("scope", "Accounts:Manage"),
        Claims::operator().without("scope"),
    ];
    for source in ["acme", "unknown", "No%20Id"] {
        for claims in &others {
            for call in calls(&stack, source) {
                call.by(claims).send().await.assert_refused(&problems::forbidden());
            }
        }
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_cannot_be_touched_without_a_good_token() {
    let stack = stack().await;
    let before = stack.scan().await;
    for call in calls(&stack, "acme") {
        call.send().await.assert_refused(&problems::no_token());
    }
    for call in calls(&stack, "acme") {
        call.header("authorization", "Basic YWNtZTp4").send().await.assert_refused(&problems::no_token());
    }
    for (what, token) in stack.tokens().bad_tokens(&Claims::operator()) {
        for call in calls(&stack, "acme") {
            call.bearer(&token).send().await.under(what).assert_refused(&problems::bad_token());
        }
    }
    assert_eq!(stack.scan().await, before);
}
