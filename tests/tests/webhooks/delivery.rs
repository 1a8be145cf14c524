//! A delivery and the test's own signer, written by the Standard Webhooks specification and not by our code.

use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::client::CallBuilder;
use harness::gateway;
use harness::stack::Stack;
use jiff::Timestamp;
use ring::hmac;
use serde_json::Value;
use std::collections::BTreeMap;

/// The header with the sender's id of a delivery.
pub const ID: &str = "webhook-id";
/// The header with the Unix seconds.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// The header with the signatures.
pub const SIGNATURE: &str = "webhook-signature";

/// What a carrier needs to sign: its source and that source's secret.
#[derive(Clone)]
pub struct Sender {
    pub source: String,
    pub secret: String,
}

impl Sender {
    /// Of a source with this secret.
    pub fn new(source: &str, secret: &str) -> Self {
        Self { source: source.to_owned(), secret: secret.to_owned() }
    }

    /// `v1,` and the base64 of HMAC-SHA256 over id, timestamp and body.
    pub fn signature(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        let key = STANDARD.decode(self.secret.strip_prefix("whsec_").expect("whsec_")).expect("base64");
        let content = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &content);
        format!("v1,{}", STANDARD.encode(tag))
    }

    /// A signed delivery of these bytes, sent at this time.
    pub fn bytes(&self, id: &str, at: Timestamp, body: &[u8]) -> Delivery {
        let timestamp = at.as_second().to_string();
        let signature = self.signature(id, &timestamp, body);
        let headers = [(ID, id.to_owned()), (TIMESTAMP, timestamp), (SIGNATURE, signature)];
        Delivery {
            source: self.source.clone(),
            content_type: "application/json",
            headers: headers.into(),
            body: body.to_vec(),
        }
    }

    /// A signed delivery of this JSON.
    pub fn sign(&self, id: &str, at: Timestamp, body: &Value) -> Delivery {
        self.bytes(id, at, body.to_string().as_bytes())
    }
}

/// A delivery as it is sent; what is changed in it is not signed again.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub source: String,
    pub content_type: &'static str,
    pub headers: BTreeMap<&'static str, String>,
    pub body: Vec<u8>,
}

impl Delivery {
    /// With another value in one header.
    pub fn with(&self, header: &'static str, value: impl Into<String>) -> Self {
        let mut other = self.clone();
        other.headers.insert(header, value.into());
        other
    }

    /// Without one header.
    pub fn without(&self, header: &str) -> Self {
        let mut other = self.clone();
        other.headers.remove(header);
        other
    }

    /// To another source.
    pub fn to(&self, source: &str) -> Self {
        Self { source: source.to_owned(), ..self.clone() }
    }

    /// Under another content type.
    pub fn typed(&self, content_type: &'static str) -> Self {
        Self { content_type, ..self.clone() }
    }

    /// With other bytes.
    pub fn of(&self, body: &[u8]) -> Self {
        Self { body: body.to_vec(), ..self.clone() }
    }

    fn path(&self) -> String {
        format!("/v1/webhooks/{}/port-outs", self.source)
    }

    /// The event that the gateway makes of it; header values may be any text, unlike those of real requests.
    pub fn event(&self) -> Value {
        let content_type = HeaderValue::from_static(self.content_type);
        let headers = HeaderMap::from_iter([("content-type".parse().expect("a name"), content_type)]);
        let path: Uri = self.path().parse().expect("a path");
        let mut event = gateway::event(&Method::POST, &path, &headers, &self.body);
        for (name, value) in &self.headers {
            event["headers"][*name] = value.as_str().into();
        }
        event
    }

    /// The same as a request.
    pub fn call(&self, stack: &Stack) -> CallBuilder {
        let call = stack.call("POST", &self.path()).body(self.content_type, self.body.clone());
        self.headers.iter().fold(call, |call, (name, value)| call.header(name, value))
    }
}

/// The example of the specification's reference libraries.
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
