//! Cancellations of confirmed port-outs: who cancelled one, and on which authority.

use std::str::FromStr;

use jiff::Timestamp;

/// Party that cancelled a port-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelledBy {
    /// The carrier, with a supplement.
    Carrier,
    /// The owner of the account.
    Owner,
    /// The porting desk, on the authority of another party.
    Desk,
}

impl CancelledBy {
    /// Returns the party as the API and the table write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Carrier => "carrier",
            Self::Owner => "owner",
            Self::Desk => "desk",
        }
    }

    /// Parses a party as [`as_str`](Self::as_str) writes it.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Carrier, Self::Owner, Self::Desk].into_iter().find(|by| by.as_str() == text)
    }
}

/// Cancellation of a port-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// Party that cancelled it.
    pub by: CancelledBy,
    /// Reason: `supplement`, a [`Statement`], or an [`Authority`].
    pub reason: String,
    /// Time.
    pub at: Timestamp,
}

impl Cancellation {
    /// Creates the cancellation by the carrier, with a supplement.
    pub fn by_supplement(at: Timestamp) -> Self {
        Self { by: CancelledBy::Carrier, reason: "supplement".to_owned(), at }
    }

    /// Creates the cancellation by the owner of the account.
    pub fn by_owner(statement: Statement, at: Timestamp) -> Self {
        Self { by: CancelledBy::Owner, reason: statement.as_str().to_owned(), at }
    }

    /// Creates the cancellation by the porting desk.
    pub fn by_desk(authority: Authority, at: Timestamp) -> Self {
        Self { by: CancelledBy::Desk, reason: authority.as_str().to_owned(), at }
    }
}

/// Owner's statement, which is the owner's authority to cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statement {
    /// The owner did not authorize the port-out, so its sender knew the PIN without permission.
    NotAuthorized,
    /// The owner wants to stay.
    ChangedMind,
}

/// Why a text is not a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The statement must be not_authorized or changed_mind.")]
pub struct StatementError;

impl StatementError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "statement_invalid";
}

impl Statement {
    /// Returns the statement as the API and the table write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAuthorized => "not_authorized",
            Self::ChangedMind => "changed_mind",
        }
    }
}

impl FromStr for Statement {
    type Err = StatementError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::NotAuthorized, Self::ChangedMind];
        all.into_iter().find(|statement| statement.as_str() == text).ok_or(StatementError)
    }
}

/// Authority on which the porting desk releases a port-out, never on the provider's own motion: a carrier must not delay or
/// deny a valid port (47 CFR 52.34, FCC DA 14-842).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// The carrier that requested the port-out.
    Carrier,
    /// The end user.
    EndUser,
    /// The carrier let the due date pass.
    Abandoned,
    /// The number was ported with another request.
    PortedElsewhere,
}

/// Why a text is not an authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The authority must be carrier, end_user, abandoned, or ported_elsewhere.")]
pub struct AuthorityError;

impl AuthorityError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "authority_invalid";
}

impl Authority {
    /// Returns the authority as the API and the table write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Carrier => "carrier",
            Self::EndUser => "end_user",
            Self::Abandoned => "abandoned",
            Self::PortedElsewhere => "ported_elsewhere",
        }
    }
}

impl FromStr for Authority {
    type Err = AuthorityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Carrier, Self::EndUser, Self::Abandoned, Self::PortedElsewhere];
        all.into_iter().find(|authority| authority.as_str() == text).ok_or(AuthorityError)
    }
}
