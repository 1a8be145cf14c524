//! The pepper under every digest: HMAC-SHA256 with a key that is not in the table.
//!
//! The key is in AWS KMS (`GenerateMac` with an HMAC_256 key, which never leaves its HSM), or in this process.

use std::fmt;
use std::str::FromStr;

use aws_sdk_kms::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_kms::operation::generate_mac::GenerateMacError;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::MacAlgorithmSpec;
use ring::{digest, hmac};
use zeroize::Zeroizing;

use crate::error::Error;

/// Id of a pepper key: the ARN of a KMS key, or `local-` followed by a part of the local key's hash.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyId(String);

/// A text cannot be the id of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a key id")]
pub struct KeyIdError;

impl KeyId {
    const MAX_LENGTH: usize = 2048;

    /// Returns the id as it is stored and sent to KMS.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyId {
    type Err = KeyIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |b: u8| b.is_ascii_graphic() && b != b'$';
        let valid = (1..=Self::MAX_LENGTH).contains(&text.len()) && text.bytes().all(allowed);
        if valid { Ok(Self(text.to_owned())) } else { Err(KeyIdError) }
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyId(…)")
    }
}

/// Keyed hash of a PIN, with the id of its key. It is wiped from memory when dropped.
#[derive(Clone)]
pub struct PepperedPin {
    mac: Zeroizing<[u8; 32]>,
    key_id: KeyId,
}

impl PepperedPin {
    /// Returns the 32 bytes, for the slow hash and the port-out's fingerprint only.
    pub fn expose_mac(&self) -> &[u8; 32] {
        &self.mac
    }

    /// Returns the id of the key that made it.
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }
}

/// Pepper key that is held by this process.
pub struct LocalKey {
    key: hmac::Key,
    id: KeyId,
}

/// Minimum length of a local key in bytes: the output of SHA-256, as RFC 2104 recommends for HMAC keys.
pub const LOCAL_KEY_MIN_BYTES: usize = 32;

/// A key is shorter than [`LOCAL_KEY_MIN_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key has fewer than 32 bytes")]
pub struct LocalKeyTooShort;

impl LocalKey {
    /// Creates a key, whose id derives from its bytes, so that a rotation is visible in the records.
    ///
    /// # Errors
    /// If the key is shorter than [`LOCAL_KEY_MIN_BYTES`].
    pub fn new(bytes: &[u8]) -> Result<Self, LocalKeyTooShort> {
        if bytes.len() < LOCAL_KEY_MIN_BYTES {
            return Err(LocalKeyTooShort);
        }
        // 64 bits of a hash tell keys apart and do not help to guess them.
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(b"port-out-pin key id\0");
        hash.update(bytes);
        let hex: String = hash.finish().as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, bytes), id: KeyId(format!("local-{hex}")) })
    }

    fn pepper(&self, message: &[u8]) -> PepperedPin {
        let tag = hmac::sign(&self.key, message);
        let mut mac = Zeroizing::new([0; 32]);
        mac.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        PepperedPin { mac, key_id: self.id.clone() }
    }
}

/// Pepper, by where its key is.
pub enum Pepper {
    /// The key is in AWS KMS.
    Kms {
        /// Client for KMS.
        client: aws_sdk_kms::Client,
        /// Id, ARN, or alias of the key for new digests.
        key_id: String,
    },
    /// The keys are in this process.
    Local {
        /// Key for new digests.
        current: Box<LocalKey>,
        /// Key before the last rotation, which older records may still need.
        previous: Option<Box<LocalKey>>,
    },
}

impl Pepper {
    /// Peppers a message with the current key.
    ///
    /// # Errors
    /// If KMS does not answer.
    pub async fn current(&self, message: &[u8]) -> Result<PepperedPin, Error> {
        match self {
            Self::Local { current, .. } => Ok(current.pepper(message)),
            Self::Kms { client, key_id } => generate_mac(client, key_id, message).await,
        }
    }

    /// Peppers a message with the key that a record names.
    ///
    /// # Errors
    /// If that key is not configured or KMS does not answer.
    pub async fn with_key(&self, key_id: &KeyId, message: &[u8]) -> Result<PepperedPin, Error> {
        match self {
            Self::Local { current, previous } => [Some(current), previous.as_ref()]
                .into_iter()
                .flatten()
                .find(|key| key.id == *key_id)
                .map(|key| key.pepper(message))
                .ok_or_else(Error::key_gone),
            Self::Kms { client, .. } => generate_mac(client, key_id.as_str(), message).await,
        }
    }
}

async fn generate_mac(
    client: &aws_sdk_kms::Client,
    key_id: &str,
    message: &[u8],
) -> Result<PepperedPin, Error> {
    let answer = client
        .generate_mac()
        .key_id(key_id)
        .mac_algorithm(MacAlgorithmSpec::HmacSha256)
        .message(Blob::new(message))
        .send()
        .await
        .map_err(|error| kms_error(&error))?;
    let unusable = || Error::unavailable("KMS answered no usable MAC");
    let mac =
        answer.mac().and_then(|mac| mac.as_ref().try_into().ok()).map(Zeroizing::new).ok_or_else(unusable)?;
    // The ARN that KMS returned is recorded, not the id that was sent: an alias can point to another key tomorrow.
    let answered = answer.key_id().filter(|answered| can_answer_for(key_id, answered));
    let key_id = answered.and_then(|id| id.parse().ok()).ok_or_else(unusable)?;
    Ok(PepperedPin { mac, key_id })
}

/// Returns whether the key that answered can be the requested one. An alias can mean any key, an id or ARN only itself.
fn can_answer_for(asked: &str, answered: &str) -> bool {
    asked.contains("alias/") || asked.rsplit('/').next() == answered.rsplit('/').next()
}

/// Turns every KMS error into "unavailable": no PIN can be compared now, so no port may be confirmed.
fn kms_error<R>(error: &SdkError<GenerateMacError, R>) -> Error {
    Error::unavailable("KMS did not compute a MAC").with_code(error.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> Pepper {
        let key = |byte: u8| Box::new(LocalKey::new(&[byte; 32]).unwrap());
        Pepper::Local { current: key(1), previous: Some(key(2)) }
    }

    // python3 -c 'import hmac; print(hmac.new(bytes([1])*32, b"message", "sha256").hexdigest())'
    #[tokio::test]
    async fn a_local_pepper_is_hmac_sha256() {
        let peppered = local().current(b"message").await.unwrap();
        let hex: String = peppered.expose_mac().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "74927dc608f1a5706dd0cb41ba56416718c7aa2f6cf4940c9e08745e05a56e08");
    }

    #[tokio::test]
    async fn a_record_of_the_previous_key_is_still_hashed_and_one_of_a_lost_key_is_corrupt() {
        let previous = LocalKey::new(&[2; 32]).unwrap();
        let peppered = local().with_key(&previous.id, b"message").await.unwrap();
        assert!(peppered.expose_mac() == previous.pepper(b"message").expose_mac());
        let lost = LocalKey::new(&[3; 32]).unwrap();
        let error = local().with_key(&lost.id, b"message").await.err().unwrap();
        assert_eq!(error.kind(), crate::error::ErrorKind::Corrupt);
    }

    #[test]
    fn a_key_answers_only_for_itself_unless_an_alias_was_requested() {
        let arn = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let other = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ac";
        for asked in [arn, "1234abcd-12ab-34cd-56ef-1234567890ab"] {
            assert!(
                can_answer_for(asked, arn) && !can_answer_for(asked, other) && !can_answer_for(asked, ""),
                "{asked}"
            );
        }
        for alias in ["alias/pin", "arn:aws:kms:us-east-1:123456789012:alias/pin"] {
            assert!(can_answer_for(alias, arn) && can_answer_for(alias, other), "{alias}");
        }
    }

    #[test]
    fn a_short_key_is_rejected() {
        assert_eq!(LocalKey::new(&[1; 31]).err(), Some(LocalKeyTooShort));
    }
}
