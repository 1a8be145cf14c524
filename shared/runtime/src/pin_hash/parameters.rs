//! Parameters of the slow hash, as records keep them: algorithm, rounds, key of the pepper, and salt.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;

use crate::pin_hash::pepper::KeyId;

/// Bytes of salt. NIST SP 800-63B requires at least 4; 16 is what NIST SP 800-132 requires.
pub const SALT_BYTES: usize = 16;
/// Most rounds of a record or configuration: about a second on one core. More would keep the only turn of a function
/// busy past its deadline.
pub const MAX_ROUNDS: u32 = 10_000_000;

/// What it takes to hash a PIN again, stored as `pbkdf2-sha256$<rounds>$<key id>$<salt>` with the salt in base64 without
/// padding. Rounds and key id are part of it, so that both can change while old records still verify.
#[derive(Clone, PartialEq, Eq)]
pub struct HashParameters {
    /// Rounds of PBKDF2-HMAC-SHA256.
    pub rounds: u32,
    /// Key of the pepper under the hash.
    pub key_id: KeyId,
    /// Random salt of the account.
    pub salt: [u8; SALT_BYTES],
}

/// A stored text is not one that this service wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not stored hash parameters")]
pub struct HashParametersError;

const ALGORITHM: &str = "pbkdf2-sha256";

impl FromStr for HashParameters {
    type Err = HashParametersError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('$').collect();
        let [ALGORITHM, rounds, key_id, salt] = parts.as_slice() else { return Err(HashParametersError) };
        let rounds = rounds.parse().ok().filter(|rounds| (1..=MAX_ROUNDS).contains(rounds));
        Ok(Self {
            rounds: rounds.ok_or(HashParametersError)?,
            key_id: key_id.parse().map_err(|_| HashParametersError)?,
            salt: decoded(salt).ok_or(HashParametersError)?,
        })
    }
}

impl HashParameters {
    /// Returns the text to store.
    pub fn stored(&self) -> String {
        format!("{ALGORITHM}${}${}${}", self.rounds, self.key_id.as_str(), BASE64.encode(self.salt))
    }
}

impl fmt::Debug for HashParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashParameters(…)")
    }
}

/// Decodes bytes of a stored text.
pub(super) fn decoded<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64.decode(text).ok().and_then(|bytes| bytes.try_into().ok())
}

/// Encodes bytes for a stored text.
pub(super) fn encoded(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters() -> HashParameters {
        HashParameters { rounds: 600_000, key_id: "local-1".parse().unwrap(), salt: [7; SALT_BYTES] }
    }

    #[test]
    fn what_is_stored_reads_back() {
        let text = parameters().stored();
        assert_eq!(text, "pbkdf2-sha256$600000$local-1$BwcHBwcHBwcHBwcHBwcHBw");
        assert_eq!(text.parse(), Ok(parameters()));
    }

    #[test]
    fn anything_else_is_an_error_and_not_a_panic() {
        let good = parameters().stored();
        for bad in [
            "",
            "$$$",
            good.get(..good.len() - 1).unwrap(),
            &good.replace("pbkdf2-sha256", "pbkdf2-sha512"),
            &good.replace("600000", "0"),
            &good.replace("600000", "10000001"),
            &good.replace("local-1", ""),
            &format!("{good}$"),
        ] {
            assert_eq!(bad.parse::<HashParameters>(), Err(HashParametersError), "{bad}");
        }
    }
}
