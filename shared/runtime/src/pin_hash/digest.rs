//! Digest of a PIN: what a PIN is compared with.

use std::fmt;
use std::str::FromStr;

use subtle::ConstantTimeEq as _;

use crate::pin_hash::parameters::{HashParameters, decoded, encoded};

/// Bytes of a digest or fingerprint: those of SHA-256.
pub const TAG_BYTES: usize = 32;

/// HMAC-SHA256 of a fixed text under the slow hash of a PIN. Stored in base64 without padding, apart from its
/// [`HashParameters`], which more functions may read.
#[derive(Clone)]
pub struct PinDigest([u8; TAG_BYTES]);

/// Digest of an account's PIN, with what it takes to make it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPin {
    /// How the PIN was hashed.
    pub parameters: HashParameters,
    /// The digest.
    pub digest: PinDigest,
}

/// A stored text is not a digest that this service wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a stored PIN digest")]
pub struct PinDigestError;

impl PinDigest {
    pub(super) fn new(tag: [u8; TAG_BYTES]) -> Self {
        Self(tag)
    }

    /// Returns the text to store, which must go nowhere but into the table.
    pub fn expose_stored(&self) -> String {
        encoded(&self.0)
    }
}

impl PartialEq for PinDigest {
    /// Compares in constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for PinDigest {}

impl FromStr for PinDigest {
    type Err = PinDigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        decoded(text).map(Self).ok_or(PinDigestError)
    }
}

impl fmt::Debug for PinDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinDigest(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_reads_back_and_anything_else_is_an_error() {
        let digest = PinDigest::new([9; TAG_BYTES]);
        let text = digest.expose_stored();
        assert!(text.parse::<PinDigest>().unwrap() == digest);
        for bad in ["", "CQkJ", text.get(..text.len() - 1).unwrap(), &format!("{text}=")] {
            assert_eq!(bad.parse::<PinDigest>(), Err(PinDigestError), "{bad}");
        }
    }

    #[test]
    fn debug_output_hides_it() {
        assert_eq!(format!("{:?}", PinDigest::new([9; TAG_BYTES])), "PinDigest(…)");
    }
}
