//! What callers are answered, compared whole: status, the headers that matter, and all of the body.

pub mod bandwidth;
pub mod port_outs;
pub mod problems;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::client::Answer;
use problems::Problem;

/// Headers that an answer has if it must, and otherwise not.
const TELLING: [&str; 6] =
    ["accept-encoding", "allow", "etag", "location", "retry-after", "www-authenticate"];
/// How far the time in an answer may be from now, in seconds.
const LATELY: i64 = 120;
/// Placeholder for a time of about now.
const TIME: &str = "TIME";

impl Answer {
    /// Fails unless this is exactly this JSON; times of about now are written `"TIME"` in it.
    #[track_caller]
    pub fn assert_body(&self, status: u16, body: Value) {
        self.assert_body_with(status, &[], body);
    }

    /// Fails unless this is exactly this JSON with these headers.
    #[track_caller]
    pub fn assert_body_with(&self, status: u16, headers: &[(&str, &str)], body: Value) {
        let found = with_times(self.assert_json(status));
        assert_eq!(found, body, "{} answered\n{}", self.call, self.text());
        self.assert_headers(headers);
    }

    /// Fails unless this is exactly this status of a PIN, whose `ETag` is its version.
    #[track_caller]
    pub fn assert_pin_status(&self, status: u16, body: Value) {
        let etag = format!("\"{}\"", body["pin_version"]);
        self.assert_body_with(status, &[("etag", &etag)], body);
    }

    /// Fails unless this is exactly this account or webhook source, whose `ETag` is a revision.
    #[track_caller]
    pub fn assert_revised(&self, status: u16, body: Value) {
        let etag = self.header("etag").to_owned();
        let revision = etag.trim_matches('"').parse::<u64>();
        assert!(revision.is_ok_and(|it| it > 0 && etag == format!("\"{it}\"")), "{etag}");
        self.assert_body_with(status, &[("etag", &etag)], body);
    }

    /// Fails unless this is exactly this problem document; the order in which bad fields are named says nothing.
    #[track_caller]
    pub fn assert_refused(&self, problem: &Problem) {
        let code = problem.body["code"].as_str().unwrap();
        let mut found = self.assert_problem(problem.status, code);
        if problem.status >= 500 && found["request_id"] == self.header("x-request-id") {
            found["request_id"] = problems::REQUEST_ID.into();
        }
        let expected = with_errors_sorted(problem.body.clone());
        assert_eq!(with_errors_sorted(found), expected, "{} answered\n{}", self.call, self.text());
        let headers: Vec<_> = problem.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.assert_headers(&headers);
    }

    /// Fails unless this is a 204 with nothing in it.
    #[track_caller]
    pub fn assert_empty(&self) {
        self.assert_status(204);
        assert_eq!((self.text().as_str(), self.header("content-type")), ("", ""));
        self.assert_headers(&[]);
    }

    /// Fails unless the answer has these headers and none like them, may be kept by no cache and names its request.
    #[track_caller]
    pub fn assert_headers(&self, expected: &[(&str, &str)]) {
        assert_eq!(self.header("cache-control"), "no-store", "{}", self.call);
        assert!(!self.header("x-request-id").is_empty(), "{} has no request id", self.call);
        for name in TELLING {
            let wanted = expected.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            let found: Vec<_> =
                self.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
            assert_eq!(found, Vec::from_iter(wanted), "{name} of {}", self.call);
        }
        assert!(expected.iter().all(|(name, _)| TELLING.contains(name)));
    }

    /// Returns the same answer with more about its cause for the message of a failure.
    #[must_use]
    pub fn under(&self, cause: &str) -> Self {
        Self { call: format!("{} under {cause}", self.call), ..self.clone() }
    }

    /// Returns what one answer shares with another: all but the request's id and the connection's headers.
    pub fn fingerprint(&self) -> (u16, Vec<(String, String)>, String) {
        let headers =
            self.headers.iter().filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        (self.status, headers.collect(), self.text())
    }
}

fn with_errors_sorted(mut document: Value) -> Value {
    if let Some(errors) = document.get_mut("errors").and_then(Value::as_array_mut) {
        errors.sort_by_key(ToString::to_string);
    }
    document
}

/// Replaces every time, which must be of about now, with [`TIME`].
#[track_caller]
fn with_times(mut document: Value) -> Value {
    for name in ["created_at", "updated_at", "received_at", "entered_at", "last_failed_at"] {
        if let Some(Value::String(text)) = document.get(name) {
            recent_seconds(text);
            document[name] = json!(TIME);
        }
    }
    document
}

/// Returns the Unix time of a text such as `2026-11-23T16:04:05Z`; fails for times that are not about now.
#[track_caller]
pub fn recent_seconds(text: &str) -> i64 {
    let (time, now) = (whole_seconds(text).as_second(), Timestamp::now().as_second());
    assert!((now - LATELY..=now).contains(&time), "{text} is not now");
    time
}

/// Reads a time in the one form that answers have: RFC 3339 in UTC, whole seconds.
#[track_caller]
pub fn whole_seconds(text: &str) -> Timestamp {
    let time: Timestamp = text.parse().unwrap_or_else(|_| panic!("{text:?} is not a time"));
    assert_eq!(text, time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    time
}
