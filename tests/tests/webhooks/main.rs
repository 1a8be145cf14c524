//! Signed webhooks end to end: their sources, their signatures, what repeating a delivery does, and what never leaks.

mod bad_bodies;
mod bit_flips;
mod concurrent;
mod no_leaks;
mod official_library;
mod outages;
mod replays;
mod rotation;
mod signatures;
mod source_authorization;
mod source_validation;
mod sources;
mod timestamps;
mod unauthenticated;
mod waits;

use harness::assertions::port_outs::{self, NEXT_DAY};
use harness::clients::standard_webhooks::{KIND, Sender};
use harness::prelude::*;

/// The source of most tests.
const SOURCE: &str = "acme";

/// Describes `CONTOSO` with ten numbers and its PIN, and [`SOURCE`] of the carrier A123.
fn fixture() -> Fixture {
    Fixture::contoso().numbers(&tns(100, 10)).source(SOURCE, KIND, "A123")
}

/// Starts the fixture in process.
async fn start() -> (Stack, Sender) {
    started(fixture()).await
}

/// Starts a fixture that has [`SOURCE`].
async fn started(fixture: Fixture) -> (Stack, Sender) {
    let stack = fixture.start().await;
    let sender = stack.sender(SOURCE);
    (stack, sender)
}

/// Registers another source that signs.
async fn register(stack: &Stack, source: &str, spid: &str) -> Sender {
    Sender::new(source, &stack.register(source, KIND, spid).await)
}

/// Gives a source a new secret.
async fn rotate(stack: &Stack, source: &str) -> Sender {
    stack.rotate(source).await.assert_status(200);
    stack.sender(source)
}

/// Returns an order of one of the ten numbers.
fn of_line(pon: &str, pin: &str, line: usize) -> Value {
    order(pon, CONTOSO, pin, &[tn(100 + line)])
}

/// Returns a commitment for the first possible day, received at [`START`].
fn confirmed(spid: &str, order: &Value) -> Value {
    sent(&port_outs::confirmed(spid, order, NEXT_DAY))
}

/// Returns a rejection for the PIN alone, received at [`START`].
fn wrong_pin(spid: &str, order: &Value) -> Value {
    sent(&port_outs::wrong_pin(spid, order))
}

/// Returns a port-out as it was sent by webhook at [`START`].
fn sent(port_out: &Value) -> Value {
    with(&port_outs::at(port_out, START), "channel", "webhook")
}

/// Fails unless this is the whole port-out that the native route shows to the carrier, with this outcome.
async fn assert_shown(stack: &Stack, answer: &Answer, status: u16, order: &Value, outcome: Outcome) {
    let body = answer.assert_json(status);
    let foc_date = body["foc_date"].as_str().unwrap_or_default();
    let expected = match outcome {
        Outcome::Confirmed => port_outs::confirmed("A123", order, foc_date),
        _ => port_outs::wrong_pin("A123", order),
    };
    assert_port_out(answer, status, &with(&expected, "channel", "webhook"));
    let is_dated = foc_date.parse::<jiff::civil::Date>().is_ok();
    assert_eq!(is_dated, outcome == Outcome::Confirmed, "{body}");
    let shown = stack.port_out("A123", body["id"].as_str().expect("an id")).await;
    assert_eq!(shown.assert_json(200), body);
}
