//! Why the API did not do what it was asked.

use runtime::error::Error;
use serde::Deserialize;

use crate::http_client::Answer;

/// A refusal of the API, or no answer.
#[derive(Debug)]
pub enum ApiFailure {
    /// The token is not valid any more.
    SignedOut,
    /// The token does not allow it.
    Forbidden,
    /// It does not exist, or is not this administrator's to see.
    NotFound,
    /// Too many requests: wait for these seconds.
    Wait(u64),
    /// The request breaks a rule, or something changed in the meantime.
    Refused(Refusal),
    /// The API did not answer, or failed.
    Down(Error),
}

/// The problem document of a refusal, as far as an administrator needs it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Refusal {
    /// Which problem.
    pub code: String,
    /// What happened, in a sentence.
    pub detail: String,
    /// The values that break a rule.
    #[serde(default)]
    pub errors: Vec<FieldRefusal>,
}

/// A value that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FieldRefusal {
    /// Which field, as a JSON pointer.
    pub field: String,
    /// The rule in a sentence.
    pub detail: String,
}

/// Seconds to wait where the other side does not say; API Gateway's throttling does not.
const USUAL_WAIT: u64 = 60;

impl ApiFailure {
    /// Reads an answer that is not a success.
    pub fn of(answer: &Answer) -> Self {
        match answer.status {
            401 => Self::SignedOut,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            429 => Self::Wait(answer.retry_after.unwrap_or(USUAL_WAIT)),
            400..=499 => match serde_json::from_slice(&answer.body) {
                Ok(refusal) => Self::Refused(refusal),
                Err(_) => Self::Down(Error::internal("the API refused without a reason")),
            },
            _ => Self::Down(Error::unavailable("the API could not answer")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    fn of(status: u16, retry_after: Option<u64>, body: &str) -> String {
        let body = Zeroizing::new(body.as_bytes().to_vec());
        match ApiFailure::of(&Answer { status, retry_after, body }) {
            ApiFailure::SignedOut => "signed out".to_owned(),
            ApiFailure::Forbidden => "forbidden".to_owned(),
            ApiFailure::NotFound => "not found".to_owned(),
            ApiFailure::Wait(seconds) => format!("wait {seconds}"),
            ApiFailure::Refused(refusal) => format!("{} {}", refusal.code, refusal.errors.len()),
            ApiFailure::Down(error) => error.kind().as_str().to_owned(),
        }
    }

    #[test]
    fn each_refusal_is_told_apart_whether_the_gateway_or_the_service_refuses() {
        let problem = r#"{"type":"t","title":"t","status":422,"detail":"d","code":"invalid_request",
                          "errors":[{"field":"/pin","code":"pin_weak","detail":"It repeats."}]}"#;
        for (status, retry_after, body, expected) in [
            (401, None, r#"{"message":"Unauthorized"}"#, "signed out"),
            (403, None, r#"{"message":"Forbidden"}"#, "forbidden"),
            (404, None, "{}", "not found"),
            (429, Some(5), "{}", "wait 5"),
            (429, None, r#"{"message":"Too Many Requests"}"#, "wait 60"),
            (422, None, problem, "invalid_request 1"),
            (412, None, r#"{"code":"version_mismatch","detail":"d"}"#, "version_mismatch 0"),
            (400, None, "<html>", "internal"),
            (503, Some(2), "{}", "unavailable"),
            (302, None, "", "unavailable"),
        ] {
            assert_eq!(of(status, retry_after, body), expected, "{status} {body}");
        }
    }
}
