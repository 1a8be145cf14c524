//! What the secret of a webhook source is derived from. The secret itself is never stored.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

/// What a secret is derived from, besides its source and kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretName {
    /// Names the secret for callers.
    pub version: SecretVersion,
    /// Id of the key that it is derived with.
    pub key: String,
    /// Random bytes that it is derived from.
    pub salt: SecretSalt,
}

/// Version of a source's secret: 1 at first, and one more with each secret, also when the source is registered again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretVersion(NonZeroU32);

/// Why a text is not the version of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A secret version is a whole number from 1 to 4294967295.")]
pub struct SecretVersionError;

impl SecretVersionError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "secret_version_invalid";
}

impl SecretVersion {
    /// Version of a source's first secret.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// Returns the version after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Returns the version as a number.
    pub fn get(self) -> u32 {
        self.0.get()
    }
}

impl FromStr for SecretVersion {
    type Err = SecretVersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| SecretVersionError)
    }
}

impl fmt::Display for SecretVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Random bytes under a secret, drawn for each one. Versions come again after a restore; these bytes do not, so no secret
/// is ever given out twice.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretSalt([u8; Self::BYTES]);

/// A stored text is not a salt that this service wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a stored salt")]
pub struct SecretSaltError;

impl SecretSalt {
    /// Number of bytes: 128 bits, of which no two are ever equal by chance.
    pub const BYTES: usize = 16;

    /// Creates a salt of these bytes, which must be random.
    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes, for the derivation of the secret only.
    pub fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// Returns the text to store: 32 hexadecimal digits.
    pub fn stored(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.0))
    }
}

impl FromStr for SecretSalt {
    type Err = SecretSaltError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = u128::from_str_radix(text, 16).map_err(|_| SecretSaltError)?;
        let salt = Self(number.to_be_bytes());
        if salt.stored() == text { Ok(salt) } else { Err(SecretSaltError) }
    }
}

impl fmt::Debug for SecretSalt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretSalt(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_number_from_1_on() {
        assert_eq!("1".parse(), Ok(SecretVersion::FIRST));
        let last: SecretVersion = "4294967295".parse().unwrap();
        assert_eq!(
            (SecretVersion::FIRST.next().get(), last.next(), last.to_string()),
            (2, last, u32::MAX.to_string())
        );
        for bad in ["", "0", "-1", "1.0", "4294967296", " 1", "x"] {
            assert_eq!(bad.parse::<SecretVersion>(), Err(SecretVersionError), "{bad:?}");
        }
    }

    #[test]
    fn a_stored_salt_reads_back_and_anything_else_is_an_error() {
        let salt = SecretSalt::new([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff]);
        assert_eq!(salt.stored(), "000102030405060708090a0b0c0d0eff");
        assert_eq!(salt.stored().parse(), Ok(salt.clone()));
        assert_eq!(format!("{salt:?}"), "SecretSalt(…)");
        let stored = salt.stored();
        let short = stored.strip_prefix("00").unwrap();
        for bad in ["", short, &format!("+{short}0"), &stored.to_uppercase(), &format!("{stored}00"), "00 1"]
        {
            assert_eq!(bad.parse::<SecretSalt>(), Err(SecretSaltError), "{bad:?}");
        }
    }
}
