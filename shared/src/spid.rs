//! Carriers, by their service provider identifiers (SPIDs).

use std::fmt;
use std::str::FromStr;

/// Service provider identifier (SPID) of a carrier: 4 ASCII letters or digits, in uppercase.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spid(String);

/// Why a text is not a SPID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The SPID must be exactly 4 ASCII letters or digits.")]
pub struct SpidError;

impl SpidError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "spid_invalid";
}

impl Spid {
    const LENGTH: usize = 4;

    /// Returns the four characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Spid {
    type Err = SpidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let valid = text.len() == Self::LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if valid { Ok(Self(text.to_ascii_uppercase())) } else { Err(SpidError) }
    }
}

impl fmt::Display for Spid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_spid_is_four_letters_or_digits_compared_in_uppercase() {
        assert_eq!("a12b".parse::<Spid>().unwrap().as_str(), "A12B");
        for bad in ["", "A12", "A1234", "A-23", "A 23", "Ä123", "١٢٣٤"] {
            assert_eq!(bad.parse::<Spid>(), Err(SpidError), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_rejected_or_normalized_once_and_for_all(text in any::<String>()) {
            if let Ok(spid) = text.parse::<Spid>() {
                prop_assert_eq!(spid.to_string().parse::<Spid>(), Ok(spid));
            }
        }
    }
}
