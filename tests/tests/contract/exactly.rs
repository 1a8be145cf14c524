//! Compares an answer whole: status, the headers that matter, every byte of the body but times and request ids.

use crate::refusals::Refusal;
use harness::client::Answer;
use serde_json::{Value, json};

/// Headers that an answer has if it must, and else not.
const TELLING: [&str; 5] = ["allow", "etag", "location", "retry-after", "www-authenticate"];
/// How far the time in an answer may be from now, in seconds.
const LATELY: i64 = 120;

/// What tests ask of an answer.
pub trait Exactly {
    /// Fails unless this is exactly this JSON; times are written `"TIME"` in it.
    fn is(&self, status: u16, body: Value);
    /// The same, with headers.
    fn is_with(&self, status: u16, headers: &[(&str, &str)], body: Value);
    /// The same for the status of a PIN, whose `ETag` is its version.
    fn is_pin(&self, status: u16, body: Value);
    /// Fails unless this is exactly this refusal.
    fn is_refused(&self, refusal: &Refusal);
    /// Fails unless this is a 204 with nothing in it.
    fn is_empty(&self);
}

impl Exactly for Answer {
    #[track_caller]
    fn is(&self, status: u16, body: Value) {
        self.is_with(status, &[], body);
    }

    #[track_caller]
    fn is_with(&self, status: u16, headers: &[(&str, &str)], body: Value) {
        let found = with_times(self.assert_json(status));
        assert_eq!(found, body, "{} said\n{}", self.call, self.text());
        assert_headers(self, headers);
    }

    #[track_caller]
    fn is_pin(&self, status: u16, body: Value) {
        let etag = format!("\"{}\"", body["pin_version"]);
        self.is_with(status, &[("etag", &etag)], body);
    }

    #[track_caller]
    fn is_refused(&self, refusal: &Refusal) {
        let code = refusal.body["code"].as_str().unwrap();
        let mut found = self.assert_problem(refusal.status, code);
        if refusal.status >= 500 && found["request_id"] == self.header("x-request-id") {
            found["request_id"] = "ID".into();
        }
        let expected = with_errors_sorted(refusal.body.clone());
        assert_eq!(with_errors_sorted(found), expected, "{} said\n{}", self.call, self.text());
        let headers: Vec<_> = refusal.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_headers(self, &headers);
    }

    #[track_caller]
    fn is_empty(&self) {
        self.assert_status(204);
        assert_eq!((self.text().as_str(), self.header("content-type")), ("", ""));
        assert_headers(self, &[]);
    }
}

/// The order in which bad fields are named says nothing.
fn with_errors_sorted(mut document: Value) -> Value {
    if let Some(errors) = document.get_mut("errors").and_then(Value::as_array_mut) {
        errors.sort_by_key(ToString::to_string);
    }
    document
}

/// Nobody may keep an answer, every answer can be asked about, and it has these headers and none like them.
#[track_caller]
fn assert_headers(answer: &Answer, expected: &[(&str, &str)]) {
    assert_eq!(answer.header("cache-control"), "no-store", "{}", answer.call);
    assert!(!answer.header("x-request-id").is_empty(), "{} has no request id", answer.call);
    for name in TELLING {
        let wanted = expected.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let found: Vec<_> =
            answer.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(found, Vec::from_iter(wanted), "{name} of {}", answer.call);
    }
    assert!(expected.iter().all(|(name, _)| TELLING.contains(name)));
}

/// The document with `"TIME"` for every time, which must be of today and written as the contract says.
#[track_caller]
fn with_times(mut document: Value) -> Value {
    for name in ["created_at", "updated_at", "received_at"] {
        if let Some(Value::String(text)) = document.get(name) {
            seconds(text);
            document[name] = json!("TIME");
        }
    }
    document
}

/// Unix time of `2026-11-23T16:04:05Z`; fails for any other form, and for times that are not about now.
#[track_caller]
pub fn seconds(text: &str) -> i64 {
    let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(form, "0000-00-00T00:00:00Z", "{text}");
    let time: jiff::Timestamp = text.parse().unwrap();
    let now = jiff::Timestamp::now().as_second();
    assert!((now - LATELY..=now).contains(&time.as_second()), "{text} is not now");
    time.as_second()
}

/// All that one answer shares with another: everything but the request's id and the connection's headers.
pub fn fingerprint(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let headers =
        answer.headers.iter().filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (answer.status, headers.collect(), answer.text())
}
