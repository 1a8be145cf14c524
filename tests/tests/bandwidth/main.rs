//! Bandwidth's port-out validation end to end: what it is answered, what is recorded, and that it never fails open.
//!
//! Bandwidth takes every 4xx, 5xx, time-out, unreadable answer and unknown code for an approval, so every answer here
//! is compared as the whole text that it is.

mod account_number;
mod addresses;
mod approval;
mod authentication;
mod broken_start;
mod codes;
mod every_failure;
mod fail_closed;
mod flood;
mod fuzz;
mod fuzz_mutations;
mod hostile_xml;
mod malformed;
mod no_leaks;
mod notices;
mod other_requests;
mod retries;
mod rotation;
mod slow_table;
mod versions;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use harness::assertions::bandwidth::assert_answer;
use harness::clients::bandwidth::{KIND, SOURCE, ValidationRequest, national, request};
use harness::prelude::*;

/// The first number of `CONTOSO`, as Bandwidth writes it.
const TN: &str = "2065550100";

/// Bandwidth waits 30 s; every answer must come well before. The function itself gives up after 10.
const IN_TIME: Duration = Duration::from_secs(12);
/// More than the function itself takes, so that the host ends nothing early.
const HOST_TIMEOUT: Duration = Duration::from_secs(20);

/// Starts the account `CONTOSO` with its PIN and ten numbers, and the source `bw` of carrier A123, in process.
async fn start() -> Stack {
    Fixture::contoso().numbers(&tns(100, 10)).source(SOURCE, KIND, "A123").start().await
}

/// Describes the same account with other numbers, as processes.
fn processes<T: AsRef<str>>(numbers: &[T]) -> Fixture {
    let fixture = Fixture::contoso().numbers(numbers).source(SOURCE, KIND, "A123");
    fixture.processes(1).timeout(HOST_TIMEOUT)
}

/// `count` numbers as Bandwidth writes them.
fn lines(count: usize) -> Vec<String> {
    tns(100, count).iter().map(|tn| national(tn)).collect()
}

/// Returns a request for one number with the right PIN.
fn right(pon: &str, number: &str) -> ValidationRequest {
    request(pon).numbers(&[number])
}

/// Returns a request for one number with a wrong PIN.
fn wrong(pon: &str, number: &str) -> ValidationRequest {
    right(pon, number).pin(WRONG_PIN)
}

/// Creates an account without a PIN.
async fn add_account<T: AsRef<str>>(stack: &Stack, account: &str, profile: &Value, numbers: &[T]) {
    stack.put_account(account, profile).await.assert_status(201);
    for numbers in numbers.chunks(90) {
        stack.assign(account, numbers).await.assert_status(200);
    }
}

/// Has the carrier B456 confirmed for a number of `CONTOSO`, so that it is held.
async fn hold(stack: &Stack, number: &str) {
    assert_outcome(&stack.submit("B456", &order("HELD", CONTOSO, PIN, &[number])).await, Outcome::Confirmed);
}

/// Fails unless the request is refused with 7598 and its own numbers, in time; `why` says what is broken.
async fn assert_refused(stack: &Stack, request: &ValidationRequest, why: &str) {
    let began = Instant::now();
    let answer = stack.validate(request).await.under(why);
    let took = began.elapsed();
    assert!(took < IN_TIME, "{why}: {took:?}");
    assert_answer(&answer, &request.refused_as_asked(7598));
}

/// Events with how often each is expected, all of them of the source `bw`.
fn events(expected: &[(&str, usize)]) -> BTreeMap<(String, String), usize> {
    let of_source = |kind: &str| (kind.to_owned(), "webhook:bw".to_owned());
    expected.iter().map(|(kind, count)| (of_source(kind), *count)).collect()
}
