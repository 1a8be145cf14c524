//! Problem documents (RFC 9457): every error that a caller can meet, and nothing of our inside.

use serde_json::{Map, Value, json};

use crate::trouble::{Trouble, TroubleKind};

/// Which problem; the word in `code` and at the end of `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The body is not JSON, has a wrong type or an unknown field.
    MalformedRequest,
    /// No or bad token.
    Unauthenticated,
    /// Wrong scope, or somebody else's account.
    Forbidden,
    /// No such account.
    AccountNotFound,
    /// No such port-out, or not the caller's to see.
    PortOutNotFound,
    /// No such path.
    RouteNotFound,
    /// The path does not take this method.
    MethodNotAllowed,
    /// Once set, a PIN can be changed, not removed.
    PinCannotBeRemoved,
    /// The account is not in the US.
    AccountNotUs,
    /// Numbers of another account.
    NumberAssignedElsewhere,
    /// A confirmed port-out holds the number.
    PendingPort,
    /// The same PON and version with other content, or an outdated version.
    PonConflict,
    /// `If-Match` does not hold.
    VersionMismatch,
    /// Body over the limit.
    BodyTooLarge,
    /// Body of another type.
    UnsupportedMediaType,
    /// A value breaks a rule.
    InvalidRequest,
    /// Too many wrong PINs: wait.
    TooManyPinAttempts,
    /// Our own fault.
    InternalError,
    /// A dependency did not answer in time.
    TemporarilyUnavailable,
}

impl Code {
    /// Every code, for the documents and the tests that must name them all.
    pub const ALL: [Self; 19] = [
        Self::MalformedRequest,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::AccountNotFound,
        Self::PortOutNotFound,
        Self::RouteNotFound,
        Self::MethodNotAllowed,
        Self::PinCannotBeRemoved,
        Self::AccountNotUs,
        Self::NumberAssignedElsewhere,
        Self::PendingPort,
        Self::PonConflict,
        Self::VersionMismatch,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::InvalidRequest,
        Self::TooManyPinAttempts,
        Self::InternalError,
        Self::TemporarilyUnavailable,
    ];

    fn facts(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::MalformedRequest => (400, "malformed_request", "Malformed request"),
            Self::Unauthenticated => (401, "unauthenticated", "Not authenticated"),
            Self::Forbidden => (403, "forbidden", "Not allowed"),
            Self::AccountNotFound => (404, "account_not_found", "No such account"),
            Self::PortOutNotFound => (404, "port_out_not_found", "No such port-out"),
            Self::RouteNotFound => (404, "route_not_found", "No such route"),
            Self::MethodNotAllowed => (405, "method_not_allowed", "Method not allowed"),
            Self::PinCannotBeRemoved => (405, "pin_cannot_be_removed", "A PIN cannot be removed"),
            Self::AccountNotUs => (409, "account_not_us", "Account not in the US"),
            Self::NumberAssignedElsewhere => {
                (409, "number_assigned_elsewhere", "Number assigned to another account")
            }
            Self::PendingPort => (409, "pending_port", "Number held by a port-out"),
            Self::PonConflict => (409, "pon_conflict", "PON and version already used"),
            Self::VersionMismatch => (412, "version_mismatch", "Changed in the meantime"),
            Self::BodyTooLarge => (413, "body_too_large", "Body too large"),
            Self::UnsupportedMediaType => (415, "unsupported_media_type", "Unsupported media type"),
            Self::InvalidRequest => (422, "invalid_request", "A value breaks a rule"),
            Self::TooManyPinAttempts => (429, "too_many_pin_attempts", "Too many wrong PINs"),
            Self::InternalError => (500, "internal_error", "Internal error"),
            Self::TemporarilyUnavailable => (503, "temporarily_unavailable", "Temporarily unavailable"),
        }
    }

    /// HTTP status.
    pub fn status(self) -> u16 {
        self.facts().0
    }

    /// The word.
    pub fn as_str(self) -> &'static str {
        self.facts().1
    }

    /// The short sentence that is the same for every occurrence.
    pub fn title(self) -> &'static str {
        self.facts().2
    }
}

/// One bad field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer into the body, or the name of a path or query parameter.
    pub field: String,
    /// Which rule.
    pub code: &'static str,
    /// The rule in a sentence; never the refused value.
    pub detail: String,
}

impl FieldError {
    /// A broken rule of a field.
    pub fn new(field: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { field: field.into(), code, detail: detail.into() }
    }
}

/// An error answer.
#[derive(Debug)]
pub struct Problem {
    pub(super) code: Code,
    detail: String,
    errors: Vec<FieldError>,
    pub(super) headers: Vec<(&'static str, String)>,
    /// For the log only.
    pub(super) trouble: Option<Trouble>,
}

/// Seconds after which repeating a 503 makes sense.
const RETRY_AFTER_UNAVAILABLE: u64 = 2;

impl Problem {
    /// A problem with the sentence that says what happened this time.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), headers: Vec::new(), trouble: None }
    }

    /// 400 that names the fields.
    pub fn malformed(errors: Vec<FieldError>) -> Self {
        Self::new(Code::MalformedRequest, "The request does not have the form that this route takes.")
            .with_errors(errors)
    }

    /// 422 that names the fields.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::new(Code::InvalidRequest, "At least one value breaks a rule; nothing was stored.")
            .with_errors(errors)
    }

    /// 403, which never tells whether something exists.
    pub fn forbidden() -> Self {
        Self::new(Code::Forbidden, "The token does not allow this.")
    }

    /// 404 of an account.
    pub fn account_not_found() -> Self {
        Self::new(Code::AccountNotFound, "There is no account with this account number.")
    }

    /// 429 with the whole seconds to wait.
    pub fn too_many_pin_attempts(seconds: u64) -> Self {
        let detail = "Too many wrong PINs for this account. Nothing was evaluated or recorded; wait, then send the \
                      request again.";
        Self::new(Code::TooManyPinAttempts, detail).with_header("Retry-After", seconds.to_string())
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds the bad fields.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// The document; a 5xx carries the request's id, so that a caller can ask us about it.
    pub fn document(&self, request_id: &str) -> Value {
        let mut document = Map::new();
        let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
        put("type", format!("urn:port-out:problem:{}", self.code.as_str()).into());
        put("title", self.code.title().into());
        put("status", self.code.status().into());
        put("detail", self.detail.as_str().into());
        put("code", self.code.as_str().into());
        if !self.errors.is_empty() {
            let error = |e: &FieldError| json!({"field": e.field, "code": e.code, "detail": e.detail});
            put("errors", self.errors.iter().map(error).collect());
        }
        if self.code.status() >= 500 {
            put("request_id", request_id.into());
        }
        Value::Object(document)
    }

    /// Which problem, for tests.
    pub fn code(&self) -> Code {
        self.code
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        let problem = match trouble.kind() {
            TroubleKind::Unavailable => Self::new(
                Code::TemporarilyUnavailable,
                "The service could not do this in time. Nothing was lost; send the same request again.",
            )
            .with_header("Retry-After", RETRY_AFTER_UNAVAILABLE.to_string()),
            TroubleKind::Corrupt | TroubleKind::Internal => Self::new(
                Code::InternalError,
                "The service could not do this. Sending the same request again is safe.",
            ),
        };
        Self { trouble: Some(trouble), ..problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_listed_once() {
        let mut words: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Code::ALL.len());
    }

    #[test]
    fn a_document_names_every_bad_field_and_no_request_id() {
        let errors = vec![FieldError::new("/pin", "pin_too_short", "a PIN has at least 6 digits")];
        assert_eq!(
            Problem::invalid(errors).document("r-1"),
            json!({
                "type": "urn:port-out:problem:invalid_request",
                "title": "A value breaks a rule",
                "status": 422,
                "detail": "At least one value breaks a rule; nothing was stored.",
                "code": "invalid_request",
                "errors": [{"field": "/pin", "code": "pin_too_short", "detail": "a PIN has at least 6 digits"}],
            })
        );
    }

    #[test]
    fn our_own_trouble_shows_nothing_of_its_inside() {
        let trouble = Trouble::unavailable("KMS did not compute a MAC").with_code(Some("DisabledException"));
        let problem = Problem::from(trouble);
        assert_eq!(problem.headers, [("Retry-After", "2".to_owned())]);
        let document = problem.document("r-1").to_string();
        assert!(document.contains("r-1") && document.contains("temporarily_unavailable"), "{document}");
        assert!(!document.contains("KMS") && !document.contains("Disabled"), "{document}");
        let document = Problem::from(Trouble::corrupt("pin_digest")).document("r-1").to_string();
        assert!(document.contains("internal_error") && !document.contains("digest"), "{document}");
    }
}
