//! The functions as processes, with faults between them and what they depend on.

use crate::answers::{assert_answer, refused_bare};
use crate::ask::Ask;
use crate::bench::basic;
use crate::{PIN, WRONG};
use harness::client::Answer;
use harness::records::Records;
use harness::stack::{Builder, Stack};
use serde_json::json;
use std::time::{Duration, Instant};

/// Bandwidth waits 30 s; after this, nobody of ours may still be thinking.
pub const IN_TIME: Duration = Duration::from_secs(10);
/// More than the function itself takes, so that the host ends nothing early.
const OF_HOST: Duration = Duration::from_secs(20);

/// A running system with the source `bw` of carrier A123.
pub struct Remote {
    pub stack: Stack,
    pub password: String,
}

impl Remote {
    /// The account `CONTOSO` with a PIN and these numbers, on the usual stack.
    pub async fn start(numbers: &[String]) -> Self {
        Self::on(Stack::builder(), PIN, numbers).await
    }

    /// The same on another stack and with another PIN.
    pub async fn on(builder: Builder, pin: &str, numbers: &[String]) -> Self {
        let stack = builder.timeout(OF_HOST).start().await;
        let numbers: Vec<_> = numbers.iter().map(String::as_str).collect();
        stack.seed("CONTOSO", &numbers).await;
        stack.set_pin("CONTOSO", pin).await.assert_status(201);
        let call = stack.call("PUT", "/v1/webhook-sources/bw").bearer(&stack.tokens().operator());
        let source = call.json(&json!({"kind": "bandwidth", "spid": "A123"})).send().await.assert_json(201);
        let password = source["secret"].as_str().expect("a secret").to_owned();
        Self { stack, password }
    }

    /// Sends a body as the source.
    pub async fn send(&self, body: impl Into<Vec<u8>>) -> Answer {
        let call = self.stack.call("POST", "/v1/webhooks/bw/bandwidth");
        let call = call.header("authorization", &basic("bw", &self.password));
        call.body("application/xml; charset=utf-8", body).send().await
    }

    /// Sends a request as the source.
    pub async fn validate(&self, ask: &Ask) -> Answer {
        self.send(ask.xml()).await
    }

    /// Fails unless this is the whole answer.
    pub async fn expect(&self, ask: &Ask, expected: &str) {
        assert_answer(&self.validate(ask).await, expected);
    }

    /// Fails unless the request is refused with 7598, in time; `why` says what is broken.
    pub async fn assert_refused(&self, ask: &Ask, pon: &str, why: &str) {
        let began = Instant::now();
        let answer = self.validate(ask).await;
        let took = began.elapsed();
        assert!(took < IN_TIME, "{why}: {took:?}");
        assert_eq!((answer.status, answer.text()), (200, refused_bare(Some(pon), 7598)), "{why}");
        assert_answer(&answer, &refused_bare(Some(pon), 7598));
    }

    /// What is stored.
    pub async fn records(&self) -> Records {
        Records::of(&self.stack).await
    }
}

/// `count` numbers.
pub fn lines(count: usize) -> Vec<String> {
    (0..count).map(|line| format!("206555{:04}", 100 + line)).collect()
}

/// A request for one number with a wrong PIN.
pub fn wrong(pon: &str, number: &str) -> Ask {
    Ask::usual(pon).numbers(&[number]).pin(WRONG)
}

/// A request for one number with the right PIN.
pub fn right(pon: &str, number: &str) -> Ask {
    Ask::usual(pon).numbers(&[number])
}
