//! The handlers in this process at a time that the test moves, with an account and with Bandwidth as a source.

use crate::answers::assert_answer;
use crate::ask::Ask;
use crate::{PIN, TN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::client::Answer;
use harness::gateway;
use harness::in_process::InProcess;
use harness::records::Records;
use harness::tokens::Claims;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// All functions in this process.
pub struct Bench {
    functions: InProcess,
    password: String,
}

impl Bench {
    /// With the source `bw` of carrier A123, and the account `CONTOSO` with a PIN and ten numbers.
    pub async fn start() -> Self {
        let mut bench = Self { functions: InProcess::start().await, password: String::new() };
        bench.password = bench.register("bw", "bandwidth", "A123").await;
        let numbers: Vec<_> = (0..10).map(|line| format!("20655501{line:02}")).collect();
        bench.account("CONTOSO", &json!({"country": "US", "zip_code": "98052"}), &numbers).await;
        bench.set_pin("CONTOSO", PIN).await;
        bench
    }

    /// Lets time pass.
    pub fn pass(&self, time: SignedDuration) {
        self.functions.pass(time);
    }

    /// What is stored.
    pub async fn records(&self) -> Records {
        Records::of(&self.functions.stack).await
    }

    /// A call of the operator's.
    pub async fn operator(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.functions.call(method, path, &Claims::operator(), body).await
    }

    /// Registers a source; returns its secret.
    pub async fn register(&self, id: &str, kind: &str, spid: &str) -> String {
        let body = json!({"kind": kind, "spid": spid});
        let answer = self.operator("PUT", &format!("/v1/webhook-sources/{id}"), &body).await.assert_json(201);
        answer["secret"].as_str().expect("a secret").to_owned()
    }

    /// Creates an account without a PIN.
    pub async fn account<T: AsRef<str>>(&self, account: &str, profile: &Value, numbers: &[T]) {
        self.functions.put_account(account, profile).await.assert_status(201);
        let numbers: Vec<_> = numbers.iter().map(AsRef::as_ref).collect();
        self.functions.assign(account, &numbers).await;
    }

    /// Sets an account's PIN.
    pub async fn set_pin(&self, account: &str, pin: &str) {
        let answer = self.functions.set_pin(account, pin).await;
        assert!([200, 201].contains(&answer.status), "{}", answer.text());
    }

    /// A carrier's own submission, without a webhook.
    pub async fn native(&self, spid: &str, order: &Value) -> Answer {
        self.functions.submit(spid, order).await
    }

    /// The same with any bytes for a body.
    pub async fn native_bytes(&self, spid: &str, body: &[u8]) -> Answer {
        let event = event("/v1/port-outs", &[("content-type", "application/json")], body);
        self.functions.answer(&gateway::authorized(event, &Claims::carrier(spid))).await
    }

    /// What a carrier is shown of an order.
    pub async fn port_out(&self, spid: &str, id: &str) -> Answer {
        let path = format!("/v1/port-outs/{id}");
        self.functions.call("GET", &path, &Claims::carrier(spid), &Value::Null).await
    }

    /// Posts to a path with these headers, as anybody.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.functions.answer(&event(path, headers, body)).await
    }

    /// The header of the source `bw`.
    pub fn credentials(&self) -> String {
        basic("bw", &self.password)
    }

    /// The password of the source `bw`.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Any body of the source `bw`, under any content type.
    pub async fn send(&self, content_type: &str, body: &[u8]) -> Answer {
        let credentials = self.credentials();
        let headers = [("authorization", credentials.as_str()), ("content-type", content_type)];
        self.post("/v1/webhooks/bw/bandwidth", &headers, body).await
    }

    /// A body of the source `bw`.
    pub async fn xml(&self, body: impl AsRef<[u8]>) -> Answer {
        self.send("application/xml", body.as_ref()).await
    }

    /// A request of the source `bw`.
    pub async fn validate(&self, ask: &Ask) -> Answer {
        self.xml(ask.xml()).await
    }

    /// Fails unless this is the whole answer to the request.
    pub async fn expect(&self, ask: &Ask, expected: &str) {
        assert_answer(&self.validate(ask).await, expected);
    }

    /// Has the carrier B456 confirmed for a number of `CONTOSO`, so that it is held.
    pub async fn hold(&self, number: &str) {
        let order = harness::stack::order("HELD", "CONTOSO", PIN, &[number]);
        assert_eq!(self.native("B456", &order).await.assert_json(201)["status"], "confirmed");
    }

    /// Five wrong PINs of A123, so that it has to wait.
    pub async fn wrong_five_times(&self) {
        for guess in 0..5 {
            let order = harness::stack::order(&format!("GUESS-{guess}"), "CONTOSO", "x", &[TN]);
            assert_eq!(self.native("A123", &order).await.assert_json(201)["status"], "rejected");
        }
    }
}

/// Credentials as a header carries them.
pub fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// A `POST`.
fn event(path: &str, headers: &[(&str, &str)], body: &[u8]) -> Value {
    let header = |(name, value): &(&str, &str)| {
        let name: HeaderName = name.parse().expect("a header's name");
        (name, HeaderValue::from_bytes(value.as_bytes()).expect("a header's value"))
    };
    let headers: HeaderMap = headers.iter().map(header).collect();
    gateway::event(&Method::POST, &path.parse().expect("a path"), &headers, body)
}

/// Events with how often each is expected, all of them of the source `bw`.
pub fn events(expected: &[(&str, usize)]) -> BTreeMap<(String, String), usize> {
    let of_source = |kind: &str| (kind.to_owned(), "webhook:bw".to_owned());
    expected.iter().map(|(kind, count)| (of_source(kind), *count)).collect()
}
