//! A sender of signed deliveries, written by the Standard Webhooks specification and not by our code.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::hmac;
use serde_json::Value;

use crate::client::{Answer, CallBuilder};
use crate::stack::Stack;

/// The kind of source that signs.
pub const KIND: &str = "standard-webhooks";
/// The header with the sender's id of a delivery.
pub const ID: &str = "webhook-id";
/// The header with the Unix seconds.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// The header with the signatures.
pub const SIGNATURE: &str = "webhook-signature";

/// The same headers as senders that are built on Svix name them.
const SVIX: [(&str, &str); 3] =
    [(ID, "svix-id"), (TIMESTAMP, "svix-timestamp"), (SIGNATURE, "svix-signature")];

/// What a carrier needs to sign: its source and that source's secret.
#[derive(Clone)]
pub struct Sender {
    /// The source's id.
    pub source: String,
    /// `whsec_` and the key in base64.
    pub secret: String,
}

impl Sender {
    /// Creates the sender of a source with this secret.
    pub fn new(source: &str, secret: &str) -> Self {
        Self { source: source.to_owned(), secret: secret.to_owned() }
    }

    /// Returns `v1,` and the base64 of HMAC-SHA256 over id, timestamp and body.
    pub fn signature(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        let key = STANDARD.decode(self.secret.strip_prefix("whsec_").expect("whsec_")).expect("base64");
        let content = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &content);
        format!("v1,{}", STANDARD.encode(tag))
    }

    /// Signs bytes that are sent at this time.
    pub fn bytes(&self, id: &str, at: Timestamp, body: &[u8]) -> Delivery {
        let timestamp = at.as_second().to_string();
        let signature = self.signature(id, &timestamp, body);
        let headers = [(ID, id.to_owned()), (TIMESTAMP, timestamp), (SIGNATURE, signature)];
        let (source, headers) = (self.source.clone(), headers.into());
        Delivery { source, content_type: "application/json", headers, body: body.to_vec() }
    }

    /// Signs JSON that is sent at this time.
    pub fn sign(&self, id: &str, at: Timestamp, body: &Value) -> Delivery {
        self.bytes(id, at, body.to_string().as_bytes())
    }
}

/// A delivery as it is sent; what is changed in it is not signed again.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The source's id.
    pub source: String,
    /// The header of that name.
    pub content_type: &'static str,
    /// The three headers of the specification.
    pub headers: BTreeMap<&'static str, String>,
    /// The bytes that were signed, unless [`Delivery::of`] replaced them.
    pub body: Vec<u8>,
}

impl Delivery {
    /// Replaces one header.
    #[must_use]
    pub fn with(&self, header: &'static str, value: impl Into<String>) -> Self {
        let mut other = self.clone();
        other.headers.insert(header, value.into());
        other
    }

    /// Leaves one header out.
    #[must_use]
    pub fn without(&self, header: &str) -> Self {
        let mut other = self.clone();
        other.headers.remove(header);
        other
    }

    /// Renames some headers as senders that are built on Svix name them.
    #[must_use]
    pub fn svix(&self, headers: &[&str]) -> Self {
        let mut other = self.clone();
        for (name, svix) in SVIX.into_iter().filter(|(name, _)| headers.contains(name)) {
            let value = other.headers.remove(name).expect("a header");
            other.headers.insert(svix, value);
        }
        other
    }

    /// Sends it to another source.
    #[must_use]
    pub fn to(&self, source: &str) -> Self {
        Self { source: source.to_owned(), ..self.clone() }
    }

    /// Sends it under another content type.
    #[must_use]
    pub fn typed(&self, content_type: &'static str) -> Self {
        Self { content_type, ..self.clone() }
    }

    /// Replaces the body.
    #[must_use]
    pub fn of(&self, body: &[u8]) -> Self {
        Self { body: body.to_vec(), ..self.clone() }
    }

    /// Returns the call that delivers it.
    pub fn call(&self, stack: &Stack) -> CallBuilder {
        self.by(stack.call("POST", &format!("/v1/webhooks/{}/port-outs", self.source)))
    }

    /// Adds the body and the headers to a call.
    pub fn by(&self, call: CallBuilder) -> CallBuilder {
        let call = call.body(self.content_type, self.body.clone());
        self.headers.iter().fold(call, |call, (name, value)| call.header(name, value))
    }

    /// Returns the event that delivers it.
    pub fn event(&self, stack: &Stack) -> Value {
        self.call(stack).event()
    }
}

/// Senders of a stack.
impl Stack {
    /// Returns the sender of a source, with its last secret.
    #[track_caller]
    pub fn sender(&self, source: &str) -> Sender {
        Sender::new(source, &self.secret(source))
    }

    /// Signs JSON now.
    pub fn sign(&self, sender: &Sender, id: &str, body: &Value) -> Delivery {
        sender.sign(id, self.now(), body)
    }

    /// Delivers a delivery.
    pub async fn deliver(&self, delivery: &Delivery) -> Answer {
        delivery.call(self).send().await
    }

    /// Signs JSON now and delivers it.
    pub async fn send(&self, sender: &Sender, id: &str, body: &Value) -> Answer {
        self.deliver(&self.sign(sender, id, body)).await
    }
}

/// Uses the example of the specification's reference libraries.
#[test]
fn our_own_signer_signs_as_the_specification_does() {
    let sender = Sender::new("any", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
    let body = br#"{"email":"test@example.com","username":"test_user"}"#;
    let at = Timestamp::from_second(1_649_367_553).unwrap();
    let delivery = sender.bytes("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", at, body);
    let expected = [
        (ID, "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk"),
        (SIGNATURE, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="),
        (TIMESTAMP, "1649367553"),
    ];
    let found: Vec<_> = delivery.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!((found.as_slice(), delivery.body.as_slice()), (expected.as_slice(), body.as_slice()));
}
