//! Repeats a call whose signature came too late.
//!
//! For a moment after a thaw, a sandbox's clock is behind, and AWS takes what it signs for expired. The SDK repeats such a
//! call only if the clock is still wrong when the answer arrives. Each repetition is signed anew, with the clock of then.

use aws_sdk_dynamodb::config::interceptors::InterceptorContext;
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction};
use serde::Deserialize;

/// Error codes of signatures with a wrong time; the first also of wrong keys, which no number of tries makes right.
const CODES: [&str; 3] = ["InvalidSignatureException", "RequestTimeTooSkewed", "RequestExpired"];

/// Recognizes AWS's refusal of a signature, in DynamoDB's and KMS's protocol alike.
#[derive(Debug)]
pub(super) struct LateClock;

/// The part of an error's body that is read.
#[derive(Deserialize)]
struct ErrorBody {
    /// `com.amazon.coral.service#InvalidSignatureException`.
    #[serde(rename = "__type")]
    kind: String,
}

impl ClassifyRetry for LateClock {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let refused = context.response().filter(|response| response.status().is_client_error());
        let body = refused.and_then(|response| response.body().bytes());
        if body.is_some_and(is_about_time) {
            RetryAction::transient_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "late clock"
    }
}

fn is_about_time(body: &[u8]) -> bool {
    let error = serde_json::from_slice::<ErrorBody>(body);
    error.is_ok_and(|error| error.kind.rsplit('#').next().is_some_and(|code| CODES.contains(&code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refused_signature_is_about_time() {
        for body in [
            r#"{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"Signature expired"}"#,
            r#"{"__type":"RequestTimeTooSkewed"}"#,
        ] {
            assert!(is_about_time(body.as_bytes()), "{body}");
        }
        for body in ["", "x", "{}", r#"{"__type":"com.amazon.coral.service#AccessDeniedException"}"#] {
            assert!(!is_about_time(body.as_bytes()), "{body}");
        }
    }
}
