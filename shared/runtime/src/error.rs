//! Our own trouble: what is logged of it inside, and the little that is told outside.

use std::fmt;

/// Something went wrong on our side. Callers learn its kind; the log gets the cause.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    /// For the log only; written by us, never a dependency's text, which might quote what it was given.
    cause: &'static str,
    /// A dependency's error code such as `ThrottlingException`, which quotes nothing.
    code: Option<String>,
}

/// What a caller may conclude.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A dependency did not answer in time, or was overloaded: 503, worth repeating.
    Unavailable,
    /// Stored data that cannot be: 500 and an alarm.
    Corrupt,
    /// Anything else of ours: 500.
    Internal,
}

impl Error {
    /// A dependency did not answer in time, or answered that it cannot now.
    pub fn unavailable(cause: &'static str) -> Self {
        Self { kind: ErrorKind::Unavailable, cause, code: None }
    }

    /// A stored record that nobody could have written; `cause` names the attribute, not its value.
    pub fn corrupt(cause: &'static str) -> Self {
        Self { kind: ErrorKind::Corrupt, cause, code: None }
    }

    /// A fault of ours.
    pub fn internal(cause: &'static str) -> Self {
        Self { kind: ErrorKind::Internal, cause, code: None }
    }

    /// Adds the error code that a dependency answered.
    #[must_use]
    pub fn with_code(mut self, code: Option<&str>) -> Self {
        self.code = code.map(|code| code.chars().filter(char::is_ascii_alphanumeric).take(64).collect());
        self
    }

    /// What a caller may conclude.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The dependency's error code, for the log.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

impl ErrorKind {
    /// The word for it in the log, which alarms watch.
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
