//! Errors of the service itself: what the log says of them, and the little that callers learn.

use std::fmt;

/// A failure of the service or its dependencies. Callers learn its kind; the log gets the cause.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    /// For the log only: a fixed text, never a dependency's, which might quote its input.
    cause: &'static str,
    /// A dependency's error code, such as `ThrottlingException`.
    code: Option<String>,
}

/// A kind of failure, as far as it concerns the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A dependency was late or overloaded: 503, worth repeating.
    Unavailable,
    /// A stored record breaks its own rules: 500 and an alarm.
    Corrupt,
    /// Anything else: 500.
    Internal,
}

/// Cause of an error about a key that no configuration names any more.
const KEY_GONE: &str = "a record needs a PIN key that is not configured";
/// Codes with which KMS says that a key is gone.
const KEY_GONE_CODES: [&str; 3] = ["NotFoundException", "DisabledException", "KMSInvalidStateException"];

impl Error {
    /// Creates the error of a record whose key is not configured.
    pub fn key_gone() -> Self {
        Self::corrupt(KEY_GONE)
    }

    /// Returns whether the key of a record is gone: nothing that it made can be verified any more.
    pub fn is_key_gone(&self) -> bool {
        self.cause == KEY_GONE || self.code().is_some_and(|code| KEY_GONE_CODES.contains(&code))
    }

    /// Creates the error of a dependency that did not answer in time, or cannot now.
    pub fn unavailable(cause: &'static str) -> Self {
        Self { kind: ErrorKind::Unavailable, cause, code: None }
    }

    /// Creates the error of a record that no function writes; `cause` names the attribute, not its value.
    pub fn corrupt(cause: &'static str) -> Self {
        Self { kind: ErrorKind::Corrupt, cause, code: None }
    }

    /// Creates the error of a defect in the service.
    pub fn internal(cause: &'static str) -> Self {
        Self { kind: ErrorKind::Internal, cause, code: None }
    }

    /// Adds the error code of a dependency, reduced to letters and digits.
    #[must_use]
    pub fn with_code(mut self, code: Option<&str>) -> Self {
        self.code = code.map(|code| code.chars().filter(char::is_ascii_alphanumeric).take(64).collect());
        self
    }

    /// Returns the kind.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns the dependency's error code.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

impl ErrorKind {
    /// Returns the kind as the log spells it; alarms watch for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Corrupt => "corrupt",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.cause)
    }
}

impl std::error::Error for Error {}
