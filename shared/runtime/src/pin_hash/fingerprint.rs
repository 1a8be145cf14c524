//! Fingerprint of the PIN that a port-out carried: tells a repeated request from one with another PIN, and is no cheaper
//! to attack than the digest.

use std::fmt;
use std::str::FromStr;

use crate::pin_hash::digest::TAG_BYTES;
use crate::pin_hash::parameters::{HashParameters, decoded, encoded};

/// HMAC-SHA256 of a port-out's id under the slow hash of its PIN, stored as `<parameters>$<base64>`.
///
/// The id is part of it, so equal PINs of two port-outs have different fingerprints.
#[derive(Clone)]
pub struct Fingerprint {
    /// How the PIN was hashed.
    pub parameters: HashParameters,
    pub(super) tag: [u8; TAG_BYTES],
}

/// A stored text is not a fingerprint that this service wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a stored fingerprint")]
pub struct FingerprintError;

impl Fingerprint {
    /// Returns the text to store, which must go nowhere but into the table.
    pub fn expose_stored(&self) -> String {
        format!("{}${}", self.parameters.stored(), encoded(&self.tag))
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (parameters, tag) = text.rsplit_once('$').ok_or(FingerprintError)?;
        let parameters = parameters.parse().map_err(|_| FingerprintError)?;
        let tag = decoded(tag).ok_or(FingerprintError)?;
        Ok(Self { parameters, tag })
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(…)")
    }
}
