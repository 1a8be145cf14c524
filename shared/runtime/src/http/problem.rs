//! Problem documents (RFC 9457): every error that a caller can meet, and nothing of the inside.

use serde::Serialize;

use crate::error::{Error, ErrorKind};
use crate::http::response_meta::{ResponseMeta, WithMeta};

pub use crate::http::field_error::FieldError;
pub use crate::http::problem_code::Code;

/// An error answer.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: String,
    errors: Vec<FieldError>,
    pub(super) meta: ResponseMeta,
}

/// The most bad fields that are named; a body of 64 KiB could be answered with megabytes of them.
const MAX_ERRORS: usize = 100;

/// Seconds after which repeating a 503 makes sense.
const RETRY_AFTER_UNAVAILABLE: u64 = 2;
/// Header that says how to authenticate (RFC 9110, section 11.6.1).
const CHALLENGE: &str = "WWW-Authenticate";

impl Problem {
    /// Creates a problem; `detail` says what happened this time.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), meta: ResponseMeta::default() }
    }

    /// Creates the 400 of a body that is not JSON.
    pub(super) fn not_json() -> Self {
        Self::new(Code::MalformedRequest, "The body must be a JSON object in UTF-8.")
    }

    /// Creates the 400 of a body in another encoding, such as ISO-8859-1.
    pub(super) fn not_utf8() -> Self {
        Self::new(Code::MalformedRequest, "The body must be encoded in UTF-8.")
    }

    /// Creates the 415 of a compressed body (RFC 7694, section 3).
    pub(super) fn compressed() -> Self {
        let detail = "The body must not be compressed.";
        Self::new(Code::UnsupportedMediaType, detail).with_header("Accept-Encoding", "identity")
    }

    /// Creates a 400 that names the fields.
    pub fn malformed(errors: Vec<FieldError>) -> Self {
        Self::new(Code::MalformedRequest, "The request does not have the form that this route requires.")
            .with_errors(errors)
    }

    /// Creates a 422 that names the fields.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::new(Code::InvalidRequest, "At least one value is invalid. Nothing was stored.")
            .with_errors(errors)
    }

    /// Creates the 401 of a request without a bearer token.
    pub fn bearer_required() -> Self {
        Self::unauthenticated("This route requires a bearer token.", r#"Bearer realm="port-out-pin""#)
    }

    /// Creates the 401 of a bearer token that is not valid.
    pub fn bearer_invalid() -> Self {
        let challenge = r#"Bearer realm="port-out-pin", error="invalid_token""#;
        Self::unauthenticated("The bearer token is invalid.", challenge)
    }

    /// Creates the 401 of a webhook that its source did not sign.
    pub fn webhook_signature_required() -> Self {
        let detail = "The delivery is not signed by this source, or its timestamp is more than 5 minutes from the current time.";
        Self::unauthenticated(detail, r#"Webhook-Signature realm="port-out-pin""#)
    }

    /// Creates the 401 of a webhook without the source's user name and password.
    pub fn basic_required() -> Self {
        let detail = "This route requires the user name and password of a registered source.";
        Self::unauthenticated(detail, r#"Basic realm="port-out-pin", charset="UTF-8""#)
    }

    fn unauthenticated(detail: &str, challenge: &str) -> Self {
        Self::new(Code::Unauthenticated, detail).with_header(CHALLENGE, challenge)
    }

    /// Creates a 403, which never tells whether something exists.
    pub fn forbidden() -> Self {
        Self::new(Code::Forbidden, "The token does not allow this operation.")
    }

    /// Creates the 404 of an account.
    pub fn account_not_found() -> Self {
        Self::new(Code::AccountNotFound, "No account has this account number.")
    }

    /// Creates the 404 of a port-out, the same for one that does not exist and for one that the caller must not see.
    pub fn port_out_not_found() -> Self {
        let detail = "No port-out has this id, or you do not have access to it.";
        Self::new(Code::PortOutNotFound, detail)
    }

    /// Creates a 429 with the whole seconds to wait.
    pub fn too_many_pin_attempts(seconds: u64) -> Self {
        let detail =
            "Too many attempts for this account. Nothing was evaluated. Wait, then send the request again.";
        Self::new(Code::TooManyPinAttempts, detail).with_header("Retry-After", seconds.to_string())
    }

    /// Adds the bad fields.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Returns the document; a 5xx carries the request's id, so that a caller can ask about it.
    pub fn document<'a>(&'a self, request_id: &'a str) -> Document<'a> {
        Document {
            kind: format!("urn:port-out:problem:{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status(),
            detail: &self.detail,
            code: self.code.as_str(),
            errors: self.errors.get(..MAX_ERRORS).unwrap_or(&self.errors),
            errors_omitted: self.errors.len().saturating_sub(MAX_ERRORS),
            request_id: (self.code.status() >= 500).then_some(request_id),
        }
    }

    /// Returns whether it asks the caller for a user name and password.
    pub fn is_basic_challenge(&self) -> bool {
        let basic = |(name, value): &(&str, String)| *name == CHALLENGE && value.starts_with("Basic ");
        self.meta.headers.iter().any(basic)
    }

    /// Returns the error of the service behind it, if it is not the caller's.
    pub fn into_error(self) -> Option<Error> {
        self.meta.error.map(|error| *error)
    }

    /// Returns which problem it is.
    pub fn code(&self) -> Code {
        self.code
    }
}

/// A problem document as it is sent.
#[derive(Serialize)]
pub struct Document<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(skip_serializing_if = "is_zero")]
    errors_omitted: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl WithMeta for Problem {
    fn meta_mut(&mut self) -> &mut ResponseMeta {
        &mut self.meta
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let problem = match error.kind() {
            ErrorKind::Unavailable => Self::new(
                Code::TemporarilyUnavailable,
                "The service could not complete the request in time. Nothing was lost. Send the same request again.",
            )
            .with_header("Retry-After", RETRY_AFTER_UNAVAILABLE.to_string()),
            ErrorKind::Corrupt | ErrorKind::Internal => Self::new(
                Code::InternalError,
                "The service could not complete the request. It is safe to send the same request again.",
            ),
        };
        problem.with_error(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(problem: &Problem) -> serde_json::Value {
        serde_json::to_value(problem.document("r-1")).unwrap()
    }

    #[test]
    fn a_document_names_every_bad_field_and_no_request_id() {
        let errors = vec![FieldError::new("/pin", "pin_too_short", "The PIN must have at least 6 digits.")];
        assert_eq!(
            document(&Problem::invalid(errors)),
            json!({
                "type": "urn:port-out:problem:invalid_request",
                "title": "Validation failed",
                "status": 422,
                "detail": "At least one value is invalid. Nothing was stored.",
                "code": "invalid_request",
                "errors": [{"field": "/pin", "code": "pin_too_short", "detail": "The PIN must have at least 6 digits."}],
            })
        );
    }

    #[test]
    fn the_first_hundred_bad_fields_are_named_and_the_rest_is_counted() {
        let named = |count: usize| {
            let errors = (0..count).map(|place| FieldError::new(format!("/{place}"), "c", "d")).collect();
            let document = document(&Problem::malformed(errors));
            (document["errors"].as_array().unwrap().len(), document.get("errors_omitted").cloned())
        };
        assert_eq!(named(100), (100, None));
        assert_eq!(named(101), (100, Some(json!(1))));
        assert_eq!(named(30_000), (100, Some(json!(29_900))));
    }

    #[test]
    fn our_own_trouble_shows_nothing_of_its_inside() {
        let error = Error::unavailable("KMS did not compute a MAC").with_code(Some("DisabledException"));
        let problem = Problem::from(error);
        assert_eq!(problem.meta.headers, [("Retry-After", "2".to_owned())]);
        let text = document(&problem).to_string();
        assert!(text.contains("r-1") && text.contains("temporarily_unavailable"), "{text}");
        assert!(!text.contains("KMS") && !text.contains("Disabled"), "{text}");
        let text = document(&Problem::from(Error::corrupt("pin_digest"))).to_string();
        assert!(text.contains("internal_error") && !text.contains("digest"), "{text}");
    }
}
