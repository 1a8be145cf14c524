//! ZIP codes. Port-outs compare only their first five digits.

use std::fmt;
use std::str::FromStr;

use crate::pasted::meaningful;

/// A US ZIP code: five digits (`98052`) or ZIP+4 (`98052-1234`), however it is punctuated.
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
        let digits = meaningful(text).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        let digits = digits.ok_or(ZipCodeError)?;
        match (digits.len(), digits.split_at_checked(Self::FIVE)) {
            (Self::FIVE, _) => Ok(Self(digits)),
            (Self::NINE, Some((five, four))) => Ok(Self(format!("{five}-{four}"))),
            _ => Err(ZipCodeError),
        }
    }
}

/// ZIP codes of an account's service addresses: 0 to 100, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ZipCodes(Vec<ZipCode>);

/// Why ZIP codes are not a list for one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("An account can have at most 100 ZIP codes.")]
pub struct TooManyZipCodes;

impl TooManyZipCodes {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "too_many_zip_codes";
}

impl ZipCodes {
    const MAX: usize = 100;

    /// Returns the ZIP codes in the order in which they were given.
    pub fn as_slice(&self) -> &[ZipCode] {
        &self.0
    }

    /// Returns whether one of them has the same first five digits.
    pub fn contains(&self, zip_code: &ZipCode) -> bool {
        self.0.iter().any(|known| known.five() == zip_code.five())
    }
}

impl TryFrom<Vec<ZipCode>> for ZipCodes {
    type Error = TooManyZipCodes;

    fn try_from(zip_codes: Vec<ZipCode>) -> Result<Self, Self::Error> {
        let mut kept: Vec<ZipCode> = Vec::with_capacity(zip_codes.len());
        for zip_code in zip_codes {
            if !kept.contains(&zip_code) {
                kept.push(zip_code);
            }
        }
        if kept.len() <= Self::MAX { Ok(Self(kept)) } else { Err(TooManyZipCodes) }
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
        for (text, whole) in [
            ("98052", "98052"),
            (" 98052 ", "98052"),
            ("98052-", "98052"),
            ("98052-1234", "98052-1234"),
            ("98052 1234", "98052-1234"),
            ("98052\u{2013}1234", "98052-1234"),
            ("980521234", "98052-1234"),
        ] {
            let zip: ZipCode = text.parse().unwrap();
            assert_eq!((zip.as_str(), zip.five()), (whole, "98052"));
        }
    }

    #[test]
    fn anything_else_is_rejected() {
        for bad in
            ["", "9805", "980522", "98052-12", "9805a", "98052.0", "9805.2", "９８０５２", "98052,1234"]
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

    #[test]
    fn an_account_has_up_to_a_hundred_zip_codes_each_once() {
        let zip = |n: usize| format!("{n:05}").parse::<ZipCode>().unwrap();
        let twice = ZipCodes::try_from(vec![zip(1), zip(2), zip(1)]).unwrap();
        assert_eq!(twice.as_slice(), [zip(1), zip(2)]);
        assert!(ZipCodes::try_from((0..100).map(zip).collect::<Vec<_>>()).is_ok());
        assert_eq!(ZipCodes::try_from((0..101).map(zip).collect::<Vec<_>>()), Err(TooManyZipCodes));
    }

    #[test]
    fn a_zip_code_is_contained_if_the_first_five_digits_are() {
        let account =
            ZipCodes::try_from(vec!["98052-1234".parse().unwrap(), "60601".parse().unwrap()]).unwrap();
        for (given, contained) in
            [("98052", true), ("98052-9999", true), ("60601-0001", true), ("10001", false)]
        {
            assert_eq!(account.contains(&given.parse().unwrap()), contained, "{given}");
        }
        assert!(!ZipCodes::default().contains(&"98052".parse().unwrap()));
    }
}
