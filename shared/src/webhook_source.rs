//! Webhook sources: each has a kind, a carrier, and secrets, two of which can be valid at the same time.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use crate::account::AccountName;
use crate::spid::Spid;

/// How long the previous secret stays valid after a rotation.
pub const PREVIOUS_SECRET_VALID: SignedDuration = SignedDuration::from_hours(24);

/// Id of a source: 1-32 of the characters `[a-z0-9-]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceId(String);

/// Why a text is not the id of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The source id must be 1 to 32 characters. Only the letters a-z, digits, and - are allowed.")]
pub struct SourceIdError;

impl SourceIdError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "source_id_invalid";
}

impl SourceId {
    const MAX_LENGTH: usize = 32;

    /// Returns the id exactly as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SourceId {
    type Err = SourceIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let valid = (1..=Self::MAX_LENGTH).contains(&text.len()) && text.bytes().all(allowed);
        if valid { Ok(Self(text.to_owned())) } else { Err(SourceIdError) }
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Protocol and authentication of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// JSON, signed as the Standard Webhooks specification requires.
    StandardWebhooks,
    /// Bandwidth's port-out validation: XML, with HTTP Basic authentication.
    Bandwidth,
}

/// Why a text is not the kind of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The kind must be standard-webhooks or bandwidth.")]
pub struct SourceKindError;

impl SourceKindError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "kind_invalid";
}

impl SourceKind {
    /// Returns the kind as the API and the table write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StandardWebhooks => "standard-webhooks",
            Self::Bandwidth => "bandwidth",
        }
    }
}

impl FromStr for SourceKind {
    type Err = SourceKindError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::StandardWebhooks, Self::Bandwidth]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(SourceKindError)
    }
}

/// What a secret is derived from, besides its source and kind. The secret itself is never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretName {
    /// Goes up on every rotation and is kept when a source is deleted, so that an old secret never becomes valid again.
    pub version: u32,
    /// Id of the key that it is derived with.
    pub key: String,
}

/// Registered webhook source.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Id in the source's URL.
    pub id: SourceId,
    /// Protocol of the source, which never changes.
    pub kind: SourceKind,
    /// Carrier whose port-outs the source sends.
    pub spid: Spid,
    /// Name that the operator gave it, if any.
    pub name: Option<AccountName>,
    /// Current secret.
    pub secret: SecretName,
    /// Previous secret, and when it becomes invalid.
    pub previous: Option<(SecretName, Timestamp)>,
}

impl Source {
    /// Returns the secrets that are valid now, the current one first.
    pub fn active_secrets(&self, now: Timestamp) -> impl Iterator<Item = &SecretName> {
        let previous = self.previous.iter().filter(move |(_, ends)| now < *ends).map(|(secret, _)| secret);
        std::iter::once(&self.secret).chain(previous)
    }

    /// Returns when the previous secret becomes invalid, if it is still valid.
    pub fn previous_valid_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.previous.as_ref().map(|(_, ends)| *ends).filter(|ends| now < *ends)
    }

    /// Returns the source with a new secret. The one in use stays valid for [`PREVIOUS_SECRET_VALID`].
    #[must_use]
    pub fn rotated(self, key: String, now: Timestamp) -> Self {
        let next = SecretName { version: self.secret.version.saturating_add(1), key };
        let ends = now.saturating_add(PREVIOUS_SECRET_VALID).unwrap_or(Timestamp::MAX);
        Self { previous: Some((self.secret, ends)), secret: next, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn source() -> Source {
        Source {
            id: "acme".parse().unwrap(),
            kind: SourceKind::Bandwidth,
            spid: "A123".parse().unwrap(),
            name: None,
            secret: SecretName { version: 1, key: "k1".into() },
            previous: None,
        }
    }

    fn versions(source: &Source, now: Timestamp) -> Vec<u32> {
        source.active_secrets(now).map(|secret| secret.version).collect()
    }

    #[test]
    fn a_source_id_is_short_and_plain() {
        assert!("acme-2".parse::<SourceId>().is_ok() && "a".repeat(32).parse::<SourceId>().is_ok());
        for bad in ["", "Acme", "a b", "a/b", "ä", "a_b", "a".repeat(33).as_str()] {
            assert_eq!(bad.parse::<SourceId>(), Err(SourceIdError), "{bad:?}");
        }
    }

    #[test]
    fn a_kind_is_one_of_two_words() {
        assert_eq!("bandwidth".parse(), Ok(SourceKind::Bandwidth));
        assert_eq!("standard-webhooks".parse(), Ok(SourceKind::StandardWebhooks));
        assert_eq!("Bandwidth".parse::<SourceKind>(), Err(SourceKindError));
    }

    #[test]
    fn after_a_rotation_two_secrets_are_valid_for_a_day_and_then_one() {
        let start: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        assert_eq!(versions(&source(), start), [1]);
        let rotated = source().rotated("k2".into(), start);
        assert_eq!(versions(&rotated, start), [2, 1]);
        let end = start + PREVIOUS_SECRET_VALID;
        assert_eq!(versions(&rotated, end - SignedDuration::from_millis(1)), [2, 1]);
        assert_eq!((versions(&rotated, end), rotated.previous_valid_until(end)), (vec![2], None));
        assert_eq!(rotated.previous_valid_until(start), Some(end));
        assert_eq!(versions(&rotated.rotated("k2".into(), start), start), [3, 2]);
    }

    proptest! {
        #[test]
        fn any_text_is_rejected_or_kept_as_it_is(text in "\\PC{0,40}") {
            if let Ok(id) = text.parse::<SourceId>() { prop_assert_eq!(id.as_str(), text.as_str()); }
        }
    }
}
