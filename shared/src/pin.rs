//! Port-out PINs: those that can be set, and those that requests submit.
//!
//! A PIN is 6 to 10 ASCII digits, and leading zeros count. No type here ever prints one.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

/// Minimum number of digits in a PIN.
pub const MIN_DIGITS: usize = 6;
/// Maximum number of digits in a PIN.
pub const MAX_DIGITS: usize = 10;

/// Well-formed PIN. It is wiped from memory when dropped.
#[derive(Clone)]
pub struct Pin(Zeroizing<String>);

/// Why a text is not a PIN: one variant per rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinRefusal {
    /// It is empty or only white space.
    #[error(
        "A PIN of 6 to 10 digits is required. It cannot be blank, and once set, it can be changed but not removed."
    )]
    Blank,
    /// It has fewer than [`MIN_DIGITS`] digits.
    #[error("The PIN must have at least 6 digits.")]
    TooShort,
    /// It has more than [`MAX_DIGITS`] digits.
    #[error("The PIN must have at most 10 digits.")]
    TooLong,
    /// It has characters other than the ASCII digits 0 to 9.
    #[error("The PIN must contain only the digits 0 to 9, without letters, spaces, or other characters.")]
    NotDigits,
}

impl PinRefusal {
    /// Returns the error code of a field that breaks this rule.
    pub fn code(self) -> &'static str {
        match self {
            Self::Blank => "pin_blank",
            Self::TooShort => "pin_too_short",
            Self::TooLong => "pin_too_long",
            Self::NotDigits => "pin_not_digits",
        }
    }
}

impl Pin {
    /// Returns the digits, for hashing and the weakness check only.
    pub fn expose_digits(&self) -> &str {
        &self.0
    }
}

impl FromStr for Pin {
    type Err = PinRefusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Blank comes before the digits: the answer should say that a PIN is required, not that spaces are not digits.
        if text.trim().is_empty() {
            return Err(PinRefusal::Blank);
        }
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PinRefusal::NotDigits);
        }
        match text.len() {
            0..MIN_DIGITS => Err(PinRefusal::TooShort),
            MIN_DIGITS..=MAX_DIGITS => Ok(Self(Zeroizing::new(text.to_owned()))),
            _ => Err(PinRefusal::TooLong),
        }
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

/// PIN of a port-out request.
///
/// A malformed one is not a format error: it is answered, and counted, like any other wrong PIN.
#[derive(Clone)]
pub enum SubmittedPin {
    /// The request has no PIN, or a blank one.
    Missing,
    /// The text breaks a rule of PINs, so it cannot be any account's PIN.
    Malformed(Zeroizing<String>),
    /// The text could be the account's PIN.
    WellFormed(Pin),
}

impl SubmittedPin {
    /// Classifies the text that a request sent as its PIN.
    pub fn classify(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::Missing };
        match text.parse::<Pin>() {
            Ok(pin) => Self::WellFormed(pin),
            Err(PinRefusal::Blank) => Self::Missing,
            Err(PinRefusal::TooShort | PinRefusal::TooLong | PinRefusal::NotDigits) => {
                Self::Malformed(Zeroizing::new(text.to_owned()))
            }
        }
    }

    /// Returns the text exactly as it was sent, for hashing and the port-out's fingerprint only.
    pub fn expose_text(&self) -> Option<&str> {
        match self {
            Self::Missing => None,
            Self::Malformed(text) => Some(text),
            Self::WellFormed(pin) => Some(pin.expose_digits()),
        }
    }
}

impl fmt::Debug for SubmittedPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubmittedPin(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refusal(text: &str) -> Option<PinRefusal> {
        text.parse::<Pin>().err()
    }

    #[test]
    fn six_to_ten_digits_are_a_pin_and_leading_zeros_count() {
        for text in ["000000", "482913", "0482913", "0123456789"] {
            assert_eq!(text.parse::<Pin>().unwrap().expose_digits(), text);
        }
    }

    #[test]
    fn every_other_text_is_rejected_by_the_rule_it_breaks() {
        for blank in ["", " ", "\t\n", "\u{3000}"] {
            assert_eq!(refusal(blank), Some(PinRefusal::Blank), "{blank:?}");
        }
        assert_eq!(refusal("12345"), Some(PinRefusal::TooShort));
        assert_eq!(refusal("12345678901"), Some(PinRefusal::TooLong));
        for odd in [
            "48291a",
            "482 913",
            " 482913",
            "482913\n",
            "48-2913",
            "４８２９１３",
            "٤٨٢٩١٣",
            "+48291",
            "48291\0",
        ] {
            assert_eq!(refusal(odd), Some(PinRefusal::NotDigits), "{odd:?}");
        }
    }

    #[test]
    fn debug_output_hides_the_pin() {
        let pin: Pin = "482913".parse().unwrap();
        assert_eq!(format!("{pin:?} {:?}", SubmittedPin::WellFormed(pin.clone())), "Pin(…) SubmittedPin(…)");
        assert_eq!(format!("{:?}", SubmittedPin::classify(Some("48x"))), "SubmittedPin(…)");
    }

    #[test]
    fn a_request_carries_no_pin_a_malformed_one_or_a_candidate() {
        assert!(matches!(SubmittedPin::classify(None), SubmittedPin::Missing));
        assert!(matches!(SubmittedPin::classify(Some("  ")), SubmittedPin::Missing));
        assert!(matches!(SubmittedPin::classify(Some("12345")), SubmittedPin::Malformed(_)));
        assert!(matches!(SubmittedPin::classify(Some("123456")), SubmittedPin::WellFormed(_)));
    }

    proptest! {
        #[test]
        fn a_text_is_a_pin_exactly_if_it_is_six_to_ten_ascii_digits(text in "\\PC{0,14}|[0-9]{0,14}") {
            let by_definition = (6..=10).contains(&text.chars().count())
                && text.chars().all(|c| "0123456789".contains(c));
            prop_assert_eq!(text.parse::<Pin>().is_ok(), by_definition);
        }
    }
}
