//! Stored form of a PIN: algorithm, rounds, key id, salt, and hash in one string.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;

use crate::pin_hash::pepper::KeyId;

/// Bytes of salt. NIST SP 800-63B requires at least 4; 16 is what NIST SP 800-132 requires.
pub const SALT_BYTES: usize = 16;
/// Bytes of hash: those of SHA-256.
pub use port_out_pbkdf2::HASH_BYTES;

/// Slow hash of a peppered PIN, stored as `pbkdf2-sha256$<rounds>$<key id>$<salt>$<hash>`.
///
/// Salt and hash are in base64 without padding. Rounds and key id are part of it, so that both can change while old
/// digests still verify.
#[derive(Clone, PartialEq, Eq)]
pub struct PinDigest {
    /// Rounds of PBKDF2-HMAC-SHA256 that made the hash.
    pub rounds: u32,
    /// Key of the pepper under the hash.
    pub key_id: KeyId,
    /// Random salt, new for each digest.
    pub salt: [u8; SALT_BYTES],
    /// PBKDF2 of the peppered PIN.
    pub hash: [u8; HASH_BYTES],
}

/// A stored text is not a digest that this service wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a stored PIN digest")]
pub struct PinDigestError;

const ALGORITHM: &str = "pbkdf2-sha256";

impl FromStr for PinDigest {
    type Err = PinDigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('$').collect();
        let [ALGORITHM, rounds, key_id, salt, hash] = parts.as_slice() else { return Err(PinDigestError) };
        Ok(Self {
            rounds: rounds.parse().ok().filter(|rounds| *rounds > 0).ok_or(PinDigestError)?,
            key_id: key_id.parse().map_err(|_| PinDigestError)?,
            salt: bytes(salt)?,
            hash: bytes(hash)?,
        })
    }
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], PinDigestError> {
    BASE64.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(PinDigestError)
}

impl PinDigest {
    /// Returns the text to store, which must go nowhere but into the table.
    pub fn expose_stored(&self) -> String {
        let (salt, hash) = (BASE64.encode(self.salt), BASE64.encode(self.hash));
        format!("{ALGORITHM}${}${}${salt}${hash}", self.rounds, self.key_id.as_str())
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

    fn digest() -> PinDigest {
        PinDigest { rounds: 600_000, key_id: "local-1".parse().unwrap(), salt: [7; 16], hash: [9; 32] }
    }

    #[test]
    fn what_is_stored_reads_back() {
        let text = digest().expose_stored();
        assert!(text.starts_with("pbkdf2-sha256$600000$local-1$"), "{text}");
        assert!(text.parse::<PinDigest>().unwrap() == digest());
    }

    #[test]
    fn anything_else_is_an_error_and_not_a_panic() {
        let good = digest().expose_stored();
        let cut = good.get(..good.len() - 1).unwrap();
        let zero = good.replace("600000", "0");
        let other = good.replace("pbkdf2-sha256", "md5");
        for bad in ["", "$$$$", cut, &zero, &other, &format!("{good}$"), "pbkdf2-sha256$1$k$$"] {
            assert!(bad.parse::<PinDigest>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn debug_output_hides_the_digest() {
        assert_eq!(format!("{:?}", digest()), "PinDigest(…)");
    }
}
