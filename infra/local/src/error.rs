//! Errors of the command line: always one line for the person at the terminal, and an exit code.

use std::fmt::{self, Display};

/// Error of a command, worded for the person at the terminal.
#[derive(Debug, PartialEq, Eq)]
pub enum CliError {
    /// The command was called incorrectly: exit code 2.
    Usage(String),
    /// Something that the command needs is missing, busy, or damaged: exit code 1.
    Failed(String),
}

impl CliError {
    /// Returns the exit code of the process.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Failed(_) => 1,
        }
    }

    /// Creates a [`CliError::Failed`] that says what failed and why.
    #[must_use]
    pub fn failed(what: impl Display, why: impl Display) -> Self {
        Self::Failed(format!("{what}: {why}"))
    }
}

impl Display for CliError {
    /// Writes one line, even if a library's message had several.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(text) | Self::Failed(text)) = self;
        f.write_str(&text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl std::error::Error for CliError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line() {
        let error = CliError::failed("no engine", "first\n  second");
        assert_eq!(error.to_string(), "no engine: first second");
        assert_eq!(error.exit_code(), 1);
        assert_eq!(CliError::Usage(String::new()).exit_code(), 2);
    }
}
