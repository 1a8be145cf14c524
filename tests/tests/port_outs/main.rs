//! Port-outs end to end: what a carrier is told, what is recorded of it, and what its guesses cost.

mod answers;
mod bench;
mod confirmed;
mod days;
mod due_dates;
mod lock;
mod parameters;
mod rejected;
mod repeated;
mod repeated_guesses;
mod startup;
mod versions;
mod waits;

use answers::PIN;
use harness::stack::Stack;
use serde_json::Value;
use std::collections::BTreeMap;

/// A running system with the US account `CONTOSO`, its PIN and these numbers.
async fn contoso(numbers: &[&str]) -> Stack {
    let stack = Stack::start().await;
    add_account(&stack, "CONTOSO", PIN, numbers).await;
    stack
}

/// One more account, with a PIN.
async fn add_account(stack: &Stack, account: &str, pin: &str, numbers: &[&str]) {
    stack.seed(account, numbers).await;
    stack.set_pin(account, pin).await.assert_status(201);
}

/// `count` numbers that can be ported, from line `first` on.
fn lines(first: usize, count: usize) -> Vec<String> {
    (first..first + count).map(|line| format!("+1206555{line:04}")).collect()
}

/// The same body with another value in one field.
fn with(body: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut body = body.clone();
    body[field] = value.into();
    body
}

/// The same body without one field.
fn without(body: &Value, field: &str) -> Value {
    let mut body = body.clone();
    body.as_object_mut().expect("an object").remove(field);
    body
}

/// Kinds of events with how often each is expected.
fn kinds(expected: &[(&str, usize)]) -> BTreeMap<String, usize> {
    expected.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect()
}
