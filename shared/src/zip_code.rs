//! ZIP codes. Port-outs compare only their first five digits.

use std::fmt;
use std::str::FromStr;

/// US ZIP code: five digits (`98052`) or ZIP+4 (`98052-1234`, also parsed without the hyphen).
#[derive(Clone, PartialEq, Eq)]
pub struct ZipCode(String);

/// Why a text is not a ZIP code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The ZIP code must be five digits, or ZIP+4 such as 98052-1234.")]
pub struct ZipCodeError;

impl ZipCodeError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "zip_code_invalid";
}

impl ZipCode {
    const FIVE: usize = 5;
    const NINE: usize = 9;

    /// Returns the first five digits, which are all that port-outs compare.
    pub fn five(&self) -> &str {
        self.0.get(..Self::FIVE).unwrap_or(&self.0)
    }

    /// Returns the whole code, `98052` or `98052-1234`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ZipCode {
    type Err = ZipCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (five, four) = text.split_at_checked(Self::FIVE).ok_or(ZipCodeError)?;
        let four = four.strip_prefix('-').unwrap_or(four);
        let digits = five.bytes().chain(four.bytes()).all(|b| b.is_ascii_digit());
        let hyphen_alone = four.is_empty() && text.len() != Self::FIVE;
        match Self::FIVE.saturating_add(four.len()) {
            Self::FIVE if digits && !hyphen_alone => Ok(Self(five.to_owned())),
            Self::NINE if digits => Ok(Self(format!("{five}-{four}"))),
            _ => Err(ZipCodeError),
        }
    }
}

// A ZIP code is personal data that never reaches a log.
impl fmt::Debug for ZipCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ZipCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn five_digits_or_nine() {
        for (text, whole) in [("98052", "98052"), ("98052-1234", "98052-1234"), ("980521234", "98052-1234")] {
            let zip: ZipCode = text.parse().unwrap();
            assert_eq!((zip.as_str(), zip.five()), (whole, "98052"));
        }
    }

    #[test]
    fn anything_else_is_rejected() {
        for bad in
            ["", "9805", "980522", "98052-", "98052-12", "98052--1234", " 98052", "9805a", "９８０５２"]
        {
            assert_eq!(bad.parse::<ZipCode>(), Err(ZipCodeError), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_rejected_or_normalized_once_and_for_all(text in "\\PC{0,12}") {
            if let Ok(zip) = text.parse::<ZipCode>() {
                prop_assert_eq!(zip.as_str().parse::<ZipCode>(), Ok(zip.clone()));
            }
        }
    }
}
