//! The codes of problem documents, each with its status and title.

/// A kind of problem, as `code` and the end of `type` name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The body is not JSON, has a wrong type or an unknown field.
    MalformedRequest,
    /// No or bad token.
    Unauthenticated,
    /// Wrong scope, or another account.
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
    NumberHeld,
    /// The same PON and version with other content, or an outdated version.
    PonConflict,
    /// The kind of a source cannot change.
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
    /// The service failed.
    InternalError,
    /// A dependency did not answer in time.
    TemporarilyUnavailable,
}

impl Code {
    /// Every code.
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
        Self::NumberHeld,
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

    fn parts(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::MalformedRequest => (400, "malformed_request", "Malformed request"),
            Self::Unauthenticated => (401, "unauthenticated", "Authentication required"),
            Self::Forbidden => (403, "forbidden", "Access denied"),
            Self::AccountNotFound => (404, "account_not_found", "Account not found"),
            Self::PortOutNotFound => (404, "port_out_not_found", "Port-out not found"),
            Self::WebhookSourceNotFound => (404, "webhook_source_not_found", "Webhook source not found"),
            Self::RouteNotFound => (404, "route_not_found", "Route not found"),
            Self::MethodNotAllowed => (405, "method_not_allowed", "Method not allowed"),
            Self::PinCannotBeRemoved => (405, "pin_cannot_be_removed", "PIN cannot be removed"),
            Self::AccountNotUs => (409, "account_not_us", "Account not in the US"),
            Self::NumberAssignedElsewhere => {
                (409, "number_assigned_elsewhere", "Number assigned to another account")
            }
            Self::NumberHeld => (409, "number_held", "Number held by a port-out"),
            Self::PonConflict => (409, "pon_conflict", "PON and version already used"),
            Self::WebhookSourceKindFixed => {
                (409, "webhook_source_kind_fixed", "Source kind cannot be changed")
            }
            Self::VersionMismatch => (412, "version_mismatch", "Precondition failed"),
            Self::BodyTooLarge => (413, "body_too_large", "Body too large"),
            Self::UnsupportedMediaType => (415, "unsupported_media_type", "Unsupported media type"),
            Self::InvalidRequest => (422, "invalid_request", "Validation failed"),
            Self::TooManyPinAttempts => (429, "too_many_pin_attempts", "Too many wrong PINs"),
            Self::InternalError => (500, "internal_error", "Internal error"),
            Self::TemporarilyUnavailable => (503, "temporarily_unavailable", "Temporarily unavailable"),
        }
    }

    /// Returns the HTTP status.
    pub fn status(self) -> u16 {
        self.parts().0
    }

    /// Returns the code as documents spell it.
    pub fn as_str(self) -> &'static str {
        self.parts().1
    }

    /// Returns the title, which is the same for every occurrence.
    pub fn title(self) -> &'static str {
        self.parts().2
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
}
