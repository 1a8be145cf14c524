//! The PIN key and the webhook key in AWS KMS, end to end: running functions, and moto server's KMS behind a wire with
//! faults.
//!
//! Real KMS differs from moto in what it refuses: a disabled key, a message over 4,096 bytes. Those errors are put on
//! the wire.

mod log_timings;
mod observed_calls;
mod outages;
mod pins;
mod restart;
mod retries;
mod rotation;
mod separate_keys;
mod slow;
mod webhook_secrets;

use std::ops::Deref;
use std::time::Duration;

use harness::assertions::bandwidth::codes;
use harness::clients::bandwidth::{self, SOURCE, ValidationRequest, basic};
use harness::clients::standard_webhooks::{self, Sender};
use harness::kms::{Alias, Kms, MacRequest};
use harness::prelude::*;

/// A PIN that is set in place of the usual one.
const NEW_PIN: &str = "620948";
/// The source that signs.
const SIGNING: &str = "acme";
/// More than any function takes, so that the host ends nothing early.
const HOST_TIMEOUT: Duration = Duration::from_secs(20);

/// Processes on KMS keys: `CONTOSO` with its PIN and forty numbers; the source `bw` of carrier A123, of Bandwidth's
/// kind; the source `acme` of carrier B456, which signs.
struct Setup {
    kms: Kms,
    stack: Stack,
}

impl Deref for Setup {
    type Target = Stack;

    fn deref(&self) -> &Stack {
        &self.stack
    }
}

impl Setup {
    /// Uses keys under aliases.
    async fn start() -> Self {
        Self::on(Kms::start().await).await
    }

    /// Uses the aliases of this KMS.
    async fn on(kms: Kms) -> Self {
        Self::with_keys(kms, |alias| &alias.name).await
    }

    /// Lets the functions know the keys by these names.
    async fn with_keys(kms: Kms, name: fn(&Alias) -> &str) -> Self {
        let contoso = Fixture::contoso().numbers(&tns(100, 40)).processes(1).timeout(HOST_TIMEOUT);
        let fixture = contoso.source(SOURCE, bandwidth::KIND, "A123");
        let fixture = fixture.source(SIGNING, standard_webhooks::KIND, "B456");
        let stack = kms.guard_with(fixture, name).start().await;
        Self { kms, stack }
    }

    /// Submits it through the API.
    async fn submit(&self, order: &Value) -> Answer {
        self.stack.submit("C789", order).await
    }

    /// Sends a validation request.
    async fn validate(&self, order: &Value) -> Answer {
        self.validate_with(&self.secret(SOURCE), order).await
    }

    /// Sends a validation request with this password.
    async fn validate_with(&self, password: &str, order: &Value) -> Answer {
        let call = self.bandwidth(SOURCE).header("authorization", &basic(SOURCE, password));
        call.body("application/xml", ValidationRequest::of(order).xml()).send().await
    }

    /// Delivers it signed.
    async fn deliver(&self, order: &Value) -> Answer {
        self.deliver_as(&self.sender(SIGNING), order).await
    }

    /// Delivers it signed by this sender.
    async fn deliver_as(&self, sender: &Sender, order: &Value) -> Answer {
        self.send(sender, &format!("msg_{}", order["pon"]).replace('"', ""), order).await
    }

    /// Registers one more source.
    async fn register(&self, source: &str) -> Answer {
        self.put_source(source, &json!({"kind": standard_webhooks::KIND, "spid": "C789"})).await
    }

    /// Returns the key that the account's digest names.
    async fn key_of_digest(&self) -> String {
        self.digest_parts(CONTOSO).await[2].clone()
    }

    /// Returns what a source's secret is derived from: its key, and its random bytes.
    async fn derivation(&self, source: &str) -> (String, [u8; 16]) {
        let item = self.item((&format!("SOURCE#{source}"), "SOURCE")).await;
        let text = |name: &str| item[name].as_s().expect("a text").clone();
        let salt = u128::from_str_radix(&text("secret_salt"), 16).expect("hexadecimal digits");
        (text("secret_key_id"), salt.to_be_bytes())
    }

    /// Returns the KMS request for the MAC of a PIN.
    fn mac_of_pin(&self, pin: &str) -> MacRequest {
        let message = format!("port-out-pin/v1\0{CONTOSO}\0{pin}").into_bytes();
        MacRequest { key: self.kms.pin().name.clone(), message }
    }

    /// Takes the names of the keys requested since the last time.
    fn take_keys(&self) -> Vec<String> {
        self.kms.take_requests().into_iter().map(|requests| requests.key).collect()
    }

    /// Stops the functions; fails if they ever logged or answered anything of KMS but an error's name, or a PIN.
    async fn assert_no_leak(&self, pins: &[&str]) -> String {
        let (logs, answers) = (self.host().stop().await, self.transcript());
        let keys = [&self.kms.pin().key.id, &self.kms.webhook().key.id].map(String::as_str);
        let inside = [harness::kms::outages::CANARY, "garbage-canary", "arn:aws", "alias/"];
        for secret in inside.iter().chain(&keys).chain(pins) {
            assert!(!logs.contains(secret), "{secret} in the logs");
            assert!(!answers.contains(secret), "{secret} in an answer");
        }
        logs
    }
}

/// Returns a port-out of the number of this line, of forty.
fn of_line(pon: &str, pin: &str, line: usize) -> Value {
    order(pon, CONTOSO, pin, &[tn(100 + line)])
}

fn right(pon: &str, line: usize) -> Value {
    of_line(pon, PIN, line)
}

fn wrong(pon: &str, line: usize) -> Value {
    of_line(pon, WRONG_PIN, line)
}

/// Fails unless Bandwidth's answer rejects the PIN and nothing else.
#[track_caller]
fn assert_refused_for_pin(answer: &Answer) {
    let text = answer.text();
    assert!(answer.status == 200 && text.contains("<Portable>false</Portable>"), "{text}");
    assert_eq!(codes(&text), [7513], "{text}");
}
