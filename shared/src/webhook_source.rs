//! Where webhooks come from: a source has a kind, a carrier and secrets, of which two may be good at once.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use crate::account::AccountName;
use crate::spid::Spid;

/// How long the secret before a rotation stays good.
pub const PREVIOUS_SECRET_VALID: SignedDuration = SignedDuration::from_hours(24);

/// Identity of a source: 1-32 of `[a-z0-9-]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceId(String);

/// Why a text is not the identity of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a source id is 1 to 32 of the letters a-z, the digits and -")]
pub struct SourceIdError;

impl SourceIdError {
    /// Code of a field that breaks this rule.
    pub const CODE: &'static str = "source_id_invalid";
}

impl SourceId {
    const MAX_LENGTH: usize = 32;

    /// The id.
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

/// How a source speaks and proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// JSON, signed as the Standard Webhooks specification says.
    StandardWebhooks,
    /// Bandwidth's port-out validation: XML, HTTP Basic.
    Bandwidth,
}

/// Why a text is not a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a kind is standard-webhooks or bandwidth")]
pub struct SourceKindError;

impl SourceKindError {
    /// Code of a field that breaks this rule.
    pub const CODE: &'static str = "kind_invalid";
}

impl SourceKind {
    /// The word for it in the API and in the table.
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

/// What a secret is derived from, beside source and kind; the secret itself is stored nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretName {
    /// One more on every rotation, also across a deletion, so that a secret never comes back.
    pub version: u32,
    /// The key that it is derived with.
    pub key: String,
}

/// A registered source.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its identity.
    pub id: SourceId,
    /// How it speaks; for good.
    pub kind: SourceKind,
    /// The carrier whose port-outs it sends.
    pub spid: Spid,
    /// What the operator calls it.
    pub name: Option<AccountName>,
    /// The secret to use.
    pub secret: SecretName,
    /// The secret before, and when it ends.
    pub previous: Option<(SecretName, Timestamp)>,
}

impl Source {
    /// The secrets that are good now, the one to use first.
    pub fn active_secrets(&self, now: Timestamp) -> impl Iterator<Item = &SecretName> {
        let previous = self.previous.iter().filter(move |(_, ends)| now < *ends).map(|(secret, _)| secret);
        std::iter::once(&self.secret).chain(previous)
    }

    /// When the previous secret ends, if it is still good.
    pub fn previous_valid_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.previous.as_ref().map(|(_, ends)| *ends).filter(|ends| now < *ends)
    }

    /// The source with a new secret; the one in use stays good for [`PREVIOUS_SECRET_VALID`].
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
    fn after_a_rotation_two_secrets_are_good_for_a_day_and_then_one() {
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
        fn any_text_is_refused_or_kept_as_it_is(text in "\\PC{0,40}") {
            if let Ok(id) = text.parse::<SourceId>() { prop_assert_eq!(id.as_str(), text.as_str()); }
        }
    }
}
