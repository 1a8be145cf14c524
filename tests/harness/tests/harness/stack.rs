//! A stack of fake functions: routes, environment, invocations past the gateway.

use axum::http::{HeaderMap, Method, Uri};
use harness::prelude::*;
use harness::stack::{FUNCTIONS, route};
use harness::{engine, gateway};

/// Creates a folder in which every function is the fake one.
fn fakes() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in FUNCTIONS {
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fake-function"), folder.path().join(name)).unwrap();
    }
    folder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stack_routes_calls_and_sets_the_environment() {
    let folder = fakes();
    let stack = Stack::builder().binaries(folder.path()).pin_policy("strict").start().await;
    let body = stack.set_pin("CONTOSO", "482913").await.assert_json(207);
    assert_eq!(body["path"], "/v1/accounts/CONTOSO/port-out-pin");
    let env = &body["env"];
    assert_eq!(env["AWS_LAMBDA_FUNCTION_NAME"], "set-pin");
    assert_eq!(env["TABLE_NAME"], stack.table());
    assert_eq!(env["AWS_ACCESS_KEY_ID"], engine::access_key(stack.table()));
    assert_eq!(env["AWS_ENDPOINT_URL_DYNAMODB"], stack.wire().url_of("set-pin"));
    assert_eq!((&env["PIN_POLICY"], &env["PBKDF2_ITERATIONS"]), (&json!("strict"), &json!("100000")));
    assert_eq!(env["JWT_KEYS"], stack.tokens().jwks());
    let body = stack.submit("A123", &json!({})).await.assert_json(207);
    assert_eq!(body["env"]["AWS_LAMBDA_FUNCTION_NAME"], "port-out");
    assert!(stack.transcript().contains("port-out") && stack.logs().contains("port-out: stderr line"));
    assert_eq!(stack.scan().await, Vec::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stack_takes_invocations_past_the_gateway() {
    let folder = fakes();
    let stack = Stack::builder().binaries(folder.path()).functions(&["status"]).without_wire().start().await;
    let event = gateway::event(&Method::GET, &Uri::from_static("/x"), &HeaderMap::new(), b"");
    let body = stack.invoke("status", &event).await.assert_json(207);
    assert_eq!(body["env"]["AWS_ENDPOINT_URL_DYNAMODB"], stack.engine().endpoint());
    assert!(stack.transcript().contains("\"path\":\"/x\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stack_that_cannot_start_returns_the_logs() {
    let folder = fakes();
    let stack = Stack::builder().binaries(folder.path()).env("FAIL_INIT", "1").try_start().await;
    assert!(stack.err().unwrap().contains("init fails"));
}

#[test]
fn routes_lead_to_the_function_that_owns_them() {
    for (method, path, function) in [
        ("GET", "/v1/accounts/CONTOSO/port-out-pin", "status"),
        ("PUT", "/v1/accounts/CONTOSO/port-out-pin", "set-pin"),
        ("DELETE", "/v1/accounts/CONTOSO/port-out-pin", "set-pin"),
        ("POST", "/v1/port-outs", "port-out"),
        ("GET", "/v1/port-outs/1", "status"),
        ("PUT", "/v1/accounts/CONTOSO", "provision"),
        ("POST", "/v1/accounts/CONTOSO/telephone-numbers", "provision"),
        ("DELETE", "/v1/accounts/CONTOSO/telephone-numbers/+12065550100", "provision"),
        ("GET", "/v1/accounts/CONTOSO/telephone-numbers", "status"),
        ("POST", "/nowhere", "status"),
    ] {
        assert_eq!(route(&method.parse().unwrap(), path), function, "{method} {path}");
        assert!(FUNCTIONS.contains(&function));
    }
}
