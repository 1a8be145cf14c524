//! The bare functions send DynamoDB the same requests as the functions that are compared with them.

use axum::http::{HeaderMap, Method};
use harness::engine::names;
use harness::lambda_host::{Function, LambdaHost};
use harness::stack::{Stack, order, route};
use harness::tokens::Claims;
use harness::{authorizer, gateway};
use serde_json::{Value, json};
use std::sync::Arc;

const PIN: &str = "739184";
/// Set instead of the first one: setting the same PIN again writes nothing.
const ANOTHER_PIN: &str = "482913";

#[tokio::test]
async fn status() {
    let stack = stack().await;
    stack.pin_status("CONTOSO").await.assert_status(200);
    let expected = shapes(&stack);
    bare(&stack, "GET", "/v1/accounts/CONTOSO/port-out-pin", None, env!("CARGO_BIN_EXE_bare-status")).await;
    assert_eq!(expected, shapes(&stack));
    assert_eq!(operations(&expected), ["BatchGetItem"]);
}

#[tokio::test]
async fn set_pin() {
    let stack = stack().await;
    stack.set_pin("CONTOSO", ANOTHER_PIN).await.assert_status(200);
    let expected = shapes(&stack);
    let (path, body) = ("/v1/accounts/CONTOSO/port-out-pin", json!({"pin": PIN}));
    bare(&stack, "PUT", path, Some(&body), env!("CARGO_BIN_EXE_bare-set-pin")).await;
    assert_eq!(expected, shapes(&stack));
    assert_eq!(operations(&expected), ["BatchGetItem", "Query", "TransactWriteItems"]);
}

#[tokio::test]
async fn port_out() {
    let stack = stack().await;
    let order = |pon, tn| {
        let mut order = order(pon, "CONTOSO", PIN, &[tn]);
        order["desired_due_date"] = "2031-01-08".into();
        order
    };
    stack.submit("A123", &order("TX-1", "+12065550100")).await.assert_status(201);
    let expected = shapes(&stack);
    let body = order("TX-2", "+12065550101");
    bare(&stack, "POST", "/v1/port-outs", Some(&body), env!("CARGO_BIN_EXE_bare-port-out")).await;
    assert_eq!(expected, shapes(&stack));
    assert_eq!(operations(&expected), ["BatchGetItem", "TransactWriteItems"]);
}

/// Starts a stack with an account whose PIN is set; the calls so far are forgotten.
async fn stack() -> Stack {
    let stack = Stack::start().await;
    stack.seed("CONTOSO", &["+12065550100", "+12065550101"]).await;
    stack.set_pin("CONTOSO", PIN).await.assert_status(201);
    stack.wire().take_calls();
    stack
}

/// Sends a bare function what the gateway would pass on.
async fn bare(stack: &Stack, method: &str, path: &str, body: Option<&Value>, binary: &str) {
    let mut function = Function::new("bare", binary.into());
    function.env = vec![
        ("TABLE_NAME".to_owned(), stack.table().to_owned()),
        ("EVENTS_TABLE_NAME".to_owned(), names(stack.table()).events),
        ("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), stack.wire().url().to_owned()),
    ];
    let host = LambdaHost::start(vec![function], Arc::new(route)).await.unwrap();
    let headers =
        HeaderMap::from_iter([("content-type".parse().unwrap(), "application/json".parse().unwrap())]);
    let body = body.map(Value::to_string).unwrap_or_default();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let event = gateway::event(&method, &path.parse().unwrap(), &headers, body.as_bytes());
    let event = authorizer::authorized(event, &Claims::operator()).to_string();
    gateway::answer(host.invoke_raw("bare", event.as_bytes()).await).unwrap().assert_status(200);
}

/// The calls since the last look, by operation, with types in place of texts and numbers.
fn shapes(stack: &Stack) -> Vec<(String, Value)> {
    let calls = stack.wire().take_calls().into_iter();
    let mut shapes: Vec<_> = calls.map(|call| (call.operation, shape(&call.body))).collect();
    shapes.sort_by(|one, other| one.0.cmp(&other.0));
    shapes
}

fn operations(shapes: &[(String, Value)]) -> Vec<&str> {
    shapes.iter().map(|(operation, _)| operation.as_str()).collect()
}

fn shape(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(shape).collect(),
        Value::Object(fields) => match fields.iter().next() {
            Some((kind, _)) if fields.len() == 1 && ["S", "N"].contains(&kind.as_str()) => {
                kind.as_str().into()
            }
            _ => {
                let fields = fields.iter().filter(|(name, _)| *name != "ClientRequestToken");
                fields.map(|(name, value)| (name.clone(), shape(value))).collect()
            }
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}
