//! The handlers in this process at a time that the test sets, with an account and what registers sources.

use crate::PIN;
use crate::delivery::{Delivery, Sender};
use harness::client::Answer;
use harness::in_process::InProcess;
use harness::stack::order;
use harness::tokens::Claims;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::ops::Deref;

/// A Monday, before 13:00 in New York.
pub const START: &str = "2026-11-23T16:04:05Z";
/// The first day on which a port of one number can be done that was received at [`START`].
pub const NEXT_DAY: &str = "2026-11-24";
/// The first number of `CONTOSO`; see [`tn`].
pub const TN: &str = "+12065550100";
/// The source of most tests.
pub const SOURCE: &str = "acme";

/// All functions in this process.
pub struct Bench(InProcess);

impl Deref for Bench {
    type Target = InProcess;

    fn deref(&self) -> &InProcess {
        &self.0
    }
}

/// One of the ten numbers of `CONTOSO`.
pub fn tn(line: usize) -> String {
    format!("+120655501{line:02}")
}

/// An order of [`TN`] with the right PIN.
pub fn usual(pon: &str) -> Value {
    order(pon, "CONTOSO", PIN, &[TN])
}

/// An order of one of `CONTOSO`'s numbers.
pub fn of_line(pon: &str, pin: &str, line: usize) -> Value {
    order(pon, "CONTOSO", pin, &[&tn(line)])
}

/// The path of a source.
pub fn path(source: &str) -> String {
    format!("/v1/webhook-sources/{source}")
}

impl Bench {
    /// Without accounts and sources, at [`START`].
    pub async fn empty() -> Self {
        let bench = Self(InProcess::start().await);
        bench.set_time(START.parse().expect("a time"));
        bench
    }

    /// With the account `CONTOSO`, its ten numbers and its PIN, and [`SOURCE`] of the carrier A123.
    pub async fn start() -> (Self, Sender) {
        let bench = Self::empty().await;
        let numbers: Vec<_> = (0..10).map(tn).collect();
        let numbers: Vec<_> = numbers.iter().map(String::as_str).collect();
        bench.add_account("CONTOSO", &json!({"country": "US", "zip_code": "98052"}), PIN, &numbers).await;
        let sender = bench.register(SOURCE, "A123").await;
        (bench, sender)
    }

    /// Calls a route of sources as the operator.
    pub async fn operator(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.call(method, path, &Claims::operator(), body).await
    }

    /// `PUT`s a source that signs.
    pub async fn put(&self, source: &str, spid: &str) -> Answer {
        let body = json!({"kind": "standard-webhooks", "spid": spid});
        self.operator("PUT", &path(source), &body).await
    }

    /// A new source that signs.
    pub async fn register(&self, source: &str, spid: &str) -> Sender {
        Sender::new(source, secret(&self.put(source, spid).await.assert_json(201)))
    }

    /// A new secret for a source.
    pub async fn rotate(&self, source: &str) -> Sender {
        let rotated = self.operator("POST", &format!("{}/rotate", path(source)), &Value::Null).await;
        Sender::new(source, secret(&rotated.assert_json(200)))
    }

    /// Deletes a source.
    pub async fn delete(&self, source: &str) {
        self.operator("DELETE", &path(source), &Value::Null).await.assert_status(204);
    }

    /// A delivery signed now.
    pub fn sign(&self, sender: &Sender, id: &str, body: &Value) -> Delivery {
        sender.sign(id, self.now(), body)
    }

    /// Signs a delivery now and has it answered.
    pub async fn send(&self, sender: &Sender, id: &str, body: &Value) -> Answer {
        self.deliver(&self.sign(sender, id, body)).await
    }

    /// Has a delivery answered.
    pub async fn deliver(&self, delivery: &Delivery) -> Answer {
        self.answer(&delivery.event()).await
    }
}

/// The secret in an answer.
#[track_caller]
pub fn secret(body: &Value) -> &str {
    body["secret"].as_str().unwrap_or_else(|| panic!("no secret in {body}"))
}

/// A time so many seconds later.
pub fn later(time: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(time.as_second() + seconds).expect("a time")
}
