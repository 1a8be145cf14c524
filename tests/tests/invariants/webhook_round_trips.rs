//! Round trips of webhooks: the DynamoDB calls of each answer, counted on the wire.

use harness::assertions::bandwidth::{approved, assert_answer, contoso, refused};
use harness::clients::bandwidth::{self, SOURCE, national, request};
use harness::clients::standard_webhooks;
use harness::prelude::*;

/// The source that signs its deliveries.
const SIGNED: &str = "acme";
/// The source, then what the decision rests on, then the decision.
const THREE: &[&str] = &["GetItem", "BatchGetItem", "TransactWriteItems"];
/// A known wrong PIN changes nothing, so its answer records nothing.
const NOT_RECORDED: &[&str] = &["GetItem", "BatchGetItem"];
/// A delivery that was answered before is answered again from its port-out.
const READ_AGAIN: &[&str] = &["GetItem", "BatchGetItem", "GetItem"];

/// Starts `CONTOSO` with a source of each kind, both of the carrier A123.
async fn start() -> Stack {
    let fixture = Fixture::contoso().source(SIGNED, standard_webhooks::KIND, "A123");
    let stack = fixture.source(SOURCE, bandwidth::KIND, "A123").start().await;
    stack.wire().take_calls();
    stack
}

/// Delivers an order signed and fails unless it is answered with this status and outcome by these calls.
async fn deliver(stack: &Stack, id: &str, order: &Value, (status, outcome): (u16, &str), calls: &[&str]) {
    let answer = stack.send(&stack.sender(SIGNED), id, order).await;
    assert_eq!(answer.assert_json(status)["status"], outcome);
    assert_eq!(stack.wire().take_operations(), calls, "{id}");
}

/// Sends a validation request and fails unless this is the whole answer, by these calls.
async fn validate(stack: &Stack, request: &bandwidth::ValidationRequest, expected: &str, calls: &[&str]) {
    stack.assert_validated(request, expected).await;
    assert_eq!(stack.wire().take_operations(), calls, "{expected}");
}

#[tokio::test]
async fn a_delivery_is_the_source_one_batch_and_one_write_and_repeating_it_three_reads() {
    let stack = start().await;
    for (id, order, outcome) in
        [("msg_1", usual("TX-1", WRONG_PIN), "rejected"), ("msg_2", usual("TX-2", PIN), "confirmed")]
    {
        deliver(&stack, id, &order, (201, outcome), THREE).await;
        deliver(&stack, id, &order, (200, outcome), READ_AGAIN).await;
    }
}

#[tokio::test]
async fn a_validation_is_the_source_one_batch_and_one_write_whatever_its_answer() {
    let stack = start().await;
    let tn = &national(TN);
    let wrong_pin = (request("TX-1").pin(WRONG_PIN), refused(Some("TX-1"), &[7513], contoso(&[tn])));
    let no_pin = (request("TX-2").no_pin(), refused(Some("TX-2"), &[7512], contoso(&[tn])));
    let unknown = (request("TX-3").account("UNKNOWN"), request("TX-3").refused_as_asked(7511));
    let approval = (request("TX-4"), approved("TX-4"));
    for (request, expected) in [&wrong_pin, &no_pin, &unknown, &approval] {
        validate(&stack, request, expected, THREE).await;
    }
}

#[tokio::test]
async fn repeating_a_validation_writes_only_if_it_could_tell_of_a_pin() {
    let stack = start().await;
    let wrong_pin = refused(Some("TX-1"), &[7513], contoso(&[&national(TN)]));
    let repeated = [
        (request("TX-1").pin(WRONG_PIN), wrong_pin, NOT_RECORDED),
        (request("TX-2"), approved("TX-2"), THREE),
    ];
    for (request, expected, again) in &repeated {
        validate(&stack, request, expected, THREE).await;
        validate(&stack, request, expected, again).await;
    }
}

/// The batch goes out while the secret is derived, and is not used before it proved the caller.
#[tokio::test]
async fn a_webhook_of_an_unproven_caller_writes_nothing() {
    let stack = start().await;
    let forged = stack.sign(&stack.sender(SIGNED), "msg_1", &usual("TX-1", PIN));
    stack.deliver(&forged.with(standard_webhooks::SIGNATURE, "v1,AAAA")).await.assert_status(401);
    assert_eq!(stack.wire().take_operations(), NOT_RECORDED);
    let call = stack.bandwidth(SOURCE).header("authorization", &bandwidth::basic(SOURCE, "wrong"));
    let answer = call.body("application/xml", request("TX-1").xml()).send().await;
    assert_answer(&answer, &request("TX-1").refused_as_asked(7598));
    assert_eq!(stack.wire().take_operations(), NOT_RECORDED);
}

#[tokio::test]
async fn a_notice_of_ported_numbers_is_the_source_and_one_batch_and_writes_nothing() {
    let stack = start().await;
    stack.notify(&[&national(TN), "2065550999"]).await.assert_status(204);
    assert_eq!(stack.wire().take_operations(), NOT_RECORDED);
}
