//! Problem documents (RFC 9457): every error that a caller can meet, and nothing of our inside.

use serde::Serialize;

use crate::error::{Error, ErrorKind};

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
    /// No such webhook source.
    WebhookSourceNotFound,
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
    /// A source keeps the kind that it was registered with.
    WebhookSourceKindFixed,
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
    pub const ALL: [Self; 21] = [
        Self::MalformedRequest,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::AccountNotFound,
        Self::PortOutNotFound,
        Self::WebhookSourceNotFound,
        Self::RouteNotFound,
        Self::MethodNotAllowed,
        Self::PinCannotBeRemoved,
        Self::AccountNotUs,
        Self::NumberAssignedElsewhere,
        Self::PendingPort,
        Self::PonConflict,
        Self::WebhookSourceKindFixed,
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
            Self::WebhookSourceNotFound => (404, "webhook_source_not_found", "No such webhook source"),
            Self::RouteNotFound => (404, "route_not_found", "No such route"),
            Self::MethodNotAllowed => (405, "method_not_allowed", "Method not allowed"),
            Self::PinCannotBeRemoved => (405, "pin_cannot_be_removed", "A PIN cannot be removed"),
            Self::AccountNotUs => (409, "account_not_us", "Account not in the US"),
            Self::NumberAssignedElsewhere => {
                (409, "number_assigned_elsewhere", "Number assigned to another account")
            }
            Self::PendingPort => (409, "pending_port", "Number held by a port-out"),
            Self::PonConflict => (409, "pon_conflict", "PON and version already used"),
            Self::WebhookSourceKindFixed => (409, "webhook_source_kind_fixed", "A source keeps its kind"),
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    pub(super) error: Option<Box<Error>>,
    /// For the log only.
    pub(super) log: Vec<(&'static str, String)>,
}

/// Seconds after which repeating a 503 makes sense.
const RETRY_AFTER_UNAVAILABLE: u64 = 2;

impl Problem {
    /// A problem with the sentence that says what happened this time.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let (errors, headers, log) = (Vec::new(), Vec::new(), Vec::new());
        Self { code, detail: detail.into(), errors, headers, error: None, log }
    }

    /// Adds a field to the log line of this call; only words of ours and carriers' SPIDs belong there.
    #[must_use]
    pub fn with_log(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.log.push((name, value.into()));
        self
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
    pub fn document<'a>(&'a self, request_id: &'a str) -> Document<'a> {
        Document {
            kind: format!("urn:port-out:problem:{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status(),
            detail: &self.detail,
            code: self.code.as_str(),
            errors: &self.errors,
            request_id: (self.code.status() >= 500).then_some(request_id),
        }
    }

    /// Which problem, for tests.
    pub fn code(&self) -> Code {
        self.code
    }
}

/// What is sent of a problem.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let problem = match error.kind() {
            ErrorKind::Unavailable => Self::new(
                Code::TemporarilyUnavailable,
                "The service could not do this in time. Nothing was lost; send the same request again.",
            )
            .with_header("Retry-After", RETRY_AFTER_UNAVAILABLE.to_string()),
            ErrorKind::Corrupt | ErrorKind::Internal => Self::new(
                Code::InternalError,
                "The service could not do this. Sending the same request again is safe.",
            ),
        };
        Self { error: Some(Box::new(error)), ..problem }
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
            document(&Problem::invalid(errors)),
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
        let error = Error::unavailable("KMS did not compute a MAC").with_code(Some("DisabledException"));
        let problem = Problem::from(error);
        assert_eq!(problem.headers, [("Retry-After", "2".to_owned())]);
        let text = document(&problem).to_string();
        assert!(text.contains("r-1") && text.contains("temporarily_unavailable"), "{text}");
        assert!(!text.contains("KMS") && !text.contains("Disabled"), "{text}");
        let text = document(&Problem::from(Error::corrupt("pin_digest"))).to_string();
        assert!(text.contains("internal_error") && !text.contains("digest"), "{text}");
    }
}
