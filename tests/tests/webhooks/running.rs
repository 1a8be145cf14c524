//! Running functions with an account and a source, at this machine's time.

use crate::PIN;
use crate::bench::{SOURCE, path, secret, tn};
use crate::delivery::Sender;
use crate::told::{confirmed, wrong_pin};
use crate::with;
use harness::client::Answer;
use harness::stack::{Builder, Stack};
use serde_json::{Value, json};

/// A running system with `CONTOSO`, its ten numbers and its PIN, and [`SOURCE`] of the carrier A123.
pub async fn start(builder: Builder) -> (Stack, Sender) {
    let stack = builder.start().await;
    let numbers: Vec<_> = (0..10).map(tn).collect();
    stack.seed("CONTOSO", &numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    stack.set_pin("CONTOSO", PIN).await.assert_status(201);
    let source = put(&stack, &json!({"kind": "standard-webhooks", "spid": "A123"})).await.assert_json(201);
    let sender = Sender::new(SOURCE, secret(&source));
    (stack, sender)
}

/// `PUT`s [`SOURCE`] as the operator.
pub async fn put(stack: &Stack, body: &Value) -> Answer {
    stack.call("PUT", &path(SOURCE)).bearer(&stack.tokens().operator()).json(body).send().await
}

/// A new secret for [`SOURCE`].
pub async fn rotate(stack: &Stack) -> Sender {
    let call = stack.call("POST", &format!("{}/rotate", path(SOURCE)));
    let rotated = call.bearer(&stack.tokens().operator()).send().await.assert_json(200);
    Sender::new(SOURCE, secret(&rotated))
}

/// Fails unless this is the whole port-out that the native route shows to the carrier, and the order is confirmed.
pub async fn assert_confirmed(stack: &Stack, answer: &Answer, status: u16, order: &Value) {
    let shown = shown(stack, answer, status).await;
    let foc_date = shown["foc_date"].as_str().unwrap_or_default();
    assert_eq!(shown, with(&confirmed("A123", order, foc_date), "received_at", shown["received_at"].clone()));
    assert!(foc_date.parse::<jiff::civil::Date>().is_ok(), "{shown}");
}

/// The same, and the order is refused for its PIN alone.
pub async fn assert_wrong_pin(stack: &Stack, answer: &Answer, status: u16, order: &Value) {
    let shown = shown(stack, answer, status).await;
    assert_eq!(shown, with(&wrong_pin("A123", order), "received_at", shown["received_at"].clone()));
}

async fn shown(stack: &Stack, answer: &Answer, status: u16) -> Value {
    let body = answer.assert_json(status);
    let path = format!("/v1/port-outs/{}", body["id"].as_str().expect("an id"));
    let location = if status == 201 { path.as_str() } else { "" };
    assert_eq!((answer.header("location"), answer.header("cache-control")), (location, "no-store"));
    let shown = stack.get(&path, &stack.tokens().carrier("A123")).await.assert_json(200);
    assert_eq!(body, shown);
    shown
}
