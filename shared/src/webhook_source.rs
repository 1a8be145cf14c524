//! Webhook sources: each has a kind, a carrier, and secrets, two of which can be valid at the same time.
//!
//! What a secret is derived from is in [`crate::webhook_secret`].

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use crate::account::AccountName;
use crate::spid::Spid;
use crate::webhook_secret::{SecretName, SecretVersion};

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

/// What a request to replace a version of a secret comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// That version is in use: a new one replaces it.
    Due,
    /// The version in use replaced it while its grace lasts: the request is a repetition, and gets the same secret.
    Done,
    /// Any other version, which is refused.
    Outdated,
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

    /// Returns what a request to replace this version of the secret comes to.
    pub fn rotation(&self, replaces: SecretVersion, now: Timestamp) -> Rotation {
        let replaced = self.previous.as_ref().filter(|(_, ends)| now < *ends);
        if replaces == self.secret.version {
            Rotation::Due
        } else if replaced.is_some_and(|(secret, _)| secret.version == replaces) {
            Rotation::Done
        } else {
            Rotation::Outdated
        }
    }

    /// Returns the source with a new secret. The one in use stays valid for [`PREVIOUS_SECRET_VALID`].
    #[must_use]
    pub fn rotated(self, next: SecretName, now: Timestamp) -> Self {
        // There is only one previous secret: a second rotation within the 24 hours ends the one before at once.
        let ends = now.saturating_add(PREVIOUS_SECRET_VALID).unwrap_or(Timestamp::MAX);
        Self { previous: Some((self.secret, ends)), secret: next, ..self }
    }

    /// Returns the source as another carrier's, with a new secret. The old ones end at once: the carrier before knows them.
    #[must_use]
    pub fn transferred(self, spid: Spid, next: SecretName) -> Self {
        Self { spid, secret: next, previous: None, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook_secret::SecretSalt;
    use proptest::prelude::*;

    fn version(number: u32) -> SecretVersion {
        number.to_string().parse().unwrap()
    }

    fn secret(number: u32) -> SecretName {
        SecretName {
            version: version(number),
            key: "k".into(),
            salt: SecretSalt::new([7; SecretSalt::BYTES]),
        }
    }

    fn source() -> Source {
        Source {
            id: "acme".parse().unwrap(),
            kind: SourceKind::Bandwidth,
            spid: "A123".parse().unwrap(),
            name: None,
            secret: secret(1),
            previous: None,
        }
    }

    fn versions(source: &Source, now: Timestamp) -> Vec<SecretVersion> {
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
        let [one, two, three] = [1, 2, 3].map(version);
        assert_eq!(versions(&source(), start), [one]);
        let rotated = source().rotated(secret(2), start);
        assert_eq!(versions(&rotated, start), [two, one]);
        let end = start + PREVIOUS_SECRET_VALID;
        assert_eq!(versions(&rotated, end - SignedDuration::from_millis(1)), [two, one]);
        assert_eq!((versions(&rotated, end), rotated.previous_valid_until(end)), (vec![two], None));
        assert_eq!(rotated.previous_valid_until(start), Some(end));
        assert_eq!(versions(&rotated.clone().rotated(secret(3), start), start), [three, two]);
        let other = rotated.transferred("B456".parse().unwrap(), secret(3));
        assert_eq!((versions(&other, start), other.spid.as_str()), (vec![three], "B456"));
    }

    #[test]
    fn a_rotation_replaces_the_version_in_use_and_is_repeated_for_a_day() {
        let start: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        let (last, end) =
            (start + PREVIOUS_SECRET_VALID - SignedDuration::from_millis(1), start + PREVIOUS_SECRET_VALID);
        let rotated = source().rotated(secret(2), start);
        let again = rotated.clone().rotated(secret(3), start);
        let other = rotated.clone().transferred("B456".parse().unwrap(), secret(3));
        for (source, replaces, now, expected) in [
            (&source(), 1, start, Rotation::Due),
            (&source(), 2, start, Rotation::Outdated),
            (&rotated, 2, start, Rotation::Due),
            (&rotated, 1, last, Rotation::Done),
            (&rotated, 1, end, Rotation::Outdated),
            (&rotated, 2, end, Rotation::Due),
            (&again, 1, start, Rotation::Outdated),
            (&again, 2, start, Rotation::Done),
            (&other, 1, start, Rotation::Outdated),
            (&other, 2, start, Rotation::Outdated),
            (&other, 3, start, Rotation::Due),
        ] {
            let found = source.rotation(version(replaces), now);
            assert_eq!(found, expected, "{replaces} of {:?}", source.secret.version);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_rejected_or_kept_as_it_is(text in "\\PC{0,40}") {
            if let Ok(id) = text.parse::<SourceId>() { prop_assert_eq!(id.as_str(), text.as_str()); }
        }
    }
}
