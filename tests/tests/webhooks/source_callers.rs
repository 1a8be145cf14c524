//! Who may touch sources: the operator and nobody else, whether the source exists or not.

use crate::bench::path;
use crate::told::{assert_forbidden, assert_no_token};
use harness::client::CallBuilder;
use harness::stack::Stack;
use harness::tokens::Claims;
use serde_json::json;

/// Every route of a source, with a good body.
fn calls(stack: &Stack, source: &str) -> [CallBuilder; 4] {
    let path = path(source);
    [
        stack.call("GET", &path),
        stack.call("PUT", &path).json(&json!({"kind": "standard-webhooks", "spid": "A123"})),
        stack.call("DELETE", &path),
        stack.call("POST", &format!("{path}/rotate")),
    ]
}

async fn stack() -> Stack {
    let stack = Stack::builder().functions(&["provision", "status"]).start().await;
    let [_, put, ..] = calls(&stack, "acme");
    put.bearer(&stack.tokens().operator()).send().await.assert_json(201);
    stack
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_but_the_operator_may_touch_a_source() {
    let stack = stack().await;
    let before = stack.scan().await;
    let everything_else = "port-out-pin:read port-out-pin:write port-out:submit accounts:manage2 accounts";
    let others = [
        Claims::account("CONTOSO"),
        Claims::carrier("A123"),
        Claims::operator().with("scope", ""),
        Claims::carrier("A123").with("account_id", "CONTOSO").with("scope", everything_else),
        Claims::operator().with("scope", "Accounts:Manage"),
        Claims::operator().without("scope"),
    ];
    for source in ["acme", "unknown", "No%20Id"] {
        for claims in &others {
            for call in calls(&stack, source) {
                assert_forbidden(&call.bearer(&stack.tokens().sign(claims)).send().await);
            }
        }
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_good_token_nobody_may_touch_a_source() {
    let stack = stack().await;
    let before = stack.scan().await;
    for call in calls(&stack, "acme") {
        assert_no_token(&call.send().await);
    }
    for call in calls(&stack, "acme") {
        assert_no_token(&call.header("authorization", "Basic YWNtZTp4").send().await);
    }
    for (what, token) in stack.tokens().bad_tokens(&Claims::operator()) {
        for call in calls(&stack, "acme") {
            let answer = call.bearer(&token).send().await;
            let detail = answer.assert_problem(401, "unauthenticated")["detail"].clone();
            assert_eq!(detail, "The bearer token is not valid.", "{what}");
            let challenge = r#"Bearer realm="port-out-pin", error="invalid_token""#;
            assert_eq!(answer.header("www-authenticate"), challenge, "{what}");
        }
    }
    assert_eq!(stack.scan().await, before);
}
