//! Why a command ended early: always one line for a person, and an exit code.

use std::fmt::{self, Display};

/// A reason to stop, worded for the person at the terminal.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// The call itself was wrong: exit code 2.
    Usage(String),
    /// Something the stack needs is missing, busy or broken: exit code 1.
    Broken(String),
}

impl Failure {
    /// The process's exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Broken(_) => 1,
        }
    }

    /// A [`Failure::Broken`] that says what could not be done and why.
    #[must_use]
    pub fn because(what: impl Display, why: impl Display) -> Self {
        Self::Broken(format!("{what}: {why}"))
    }
}

impl Display for Failure {
    /// One line, whatever a library's message looked like.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(text) | Self::Broken(text)) = self;
        f.write_str(&text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line() {
        let failure = Failure::because("no engine", "first\n  second");
        assert_eq!(failure.to_string(), "no engine: first second");
        assert_eq!(failure.exit_code(), 1);
        assert_eq!(Failure::Usage(String::new()).exit_code(), 2);
    }
}
