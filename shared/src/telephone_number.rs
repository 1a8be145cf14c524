//! Telephone numbers of the North American Numbering Plan, parsed from any common notation.

use std::fmt;
use std::str::FromStr;

use crate::area_codes::NotPortable;
use crate::pasted::{is_ignorable, meaningful};

/// Longer than any way of writing a number with the separators that are allowed.
const MAX_INPUT_BYTES: usize = 100;

/// Telephone number: NPA (area code), NXX (exchange), and line number.
///
/// Parsed from ten digits, or eleven starting with `1`, with or without a `+` in front, also as a `tel:` URI without
/// parameters; white space, dashes, invisible characters and `( ) . / _ #` are ignored. `Display` writes E.164,
/// `+12065550123`; `Debug` hides the digits, because telephone numbers are never logged.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tn([u8; 10]);

/// Why a text is not a telephone number. No message repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TnError {
    /// It has separators only.
    #[error("The telephone number must not be blank.")]
    Blank,
    /// More than 100 bytes.
    #[error("The telephone number must not be longer than {MAX_INPUT_BYTES} characters.")]
    TooLong,
    /// Something other than ASCII digits, separators and a leading `+`.
    #[error(
        "The telephone number can contain only digits, spaces, dashes, ( ) . / _ # and one leading +, and no extension."
    )]
    NotAllowed,
    /// It has neither ten nor eleven digits.
    #[error("The telephone number must have 10 digits, or 11 digits with the country code 1.")]
    Length,
    /// Its eleven digits, or its digits after a `+`, do not start with 1.
    #[error("The country code must be 1.")]
    CountryCode,
    /// Its area code cannot be assigned under the numbering plan.
    #[error("The area code must start with 2 to 9 and must not be N9X or N11.")]
    AreaCode,
    /// Its exchange cannot be assigned under the numbering plan.
    #[error(
        "The exchange (the three digits after the area code) must start with 2 to 9 and must not be N11."
    )]
    Exchange,
}

impl TnError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "tn_invalid";
}

impl Tn {
    /// Returns the ten digits without the country code: `2065550123`.
    pub fn national(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Returns the area code: `206`.
    pub fn npa(&self) -> &str {
        self.national().get(..3).unwrap_or_default()
    }

    /// Returns why this number cannot be ported by local number portability, or `None` if it can.
    pub fn not_portable(&self) -> Option<NotPortable> {
        NotPortable::for_area_code(self.npa())
    }
}

impl FromStr for Tn {
    type Err = TnError;

    fn from_str(input: &str) -> Result<Self, TnError> {
        if input.len() > MAX_INPUT_BYTES {
            return Err(TnError::TooLong);
        }
        let text = without_scheme(input.trim_start_matches(is_ignorable));
        let (digits, international) = match text.trim_start_matches(is_ignorable).strip_prefix('+') {
            Some(rest) => (digits_of(rest)?, true),
            None => (digits_of(text)?, false),
        };
        let national = without_country_code(&digits, international)?;
        let national = <[u8; 10]>::try_from(national.as_bytes()).map_err(|_| TnError::Length)?;
        within_numbering_plan(national).map(Self)
    }
}

impl fmt::Display for Tn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+1{}", self.national())
    }
}

impl fmt::Debug for Tn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tn(…)")
    }
}

/// RFC 3966; parameters such as `;ext=` are left in, and refused with every other character that is not a digit.
fn without_scheme(text: &str) -> &str {
    match text.split_at_checked("tel:".len()) {
        Some((scheme, number)) if scheme.eq_ignore_ascii_case("tel:") => number,
        _ => text,
    }
}

fn digits_of(text: &str) -> Result<String, TnError> {
    let digits = meaningful(text).ok_or(TnError::Length)?;
    match digits.as_str() {
        "" => Err(TnError::Blank),
        kept if kept.bytes().all(|b| b.is_ascii_digit()) => Ok(digits),
        _ => Err(TnError::NotAllowed),
    }
}

fn without_country_code(digits: &str, international: bool) -> Result<&str, TnError> {
    // A country code follows a `+`, so `+2065550123` is a number in Egypt (20), not in Seattle (206).
    if !international && digits.len() != 11 {
        return Ok(digits);
    }
    digits.strip_prefix('1').ok_or(TnError::CountryCode)
}

fn within_numbering_plan(digits: [u8; 10]) -> Result<[u8; 10], TnError> {
    // NPA and NXX start with 2 to 9. Area codes N9X are reserved for an expansion of the plan, and N11 are service
    // codes such as 911.
    let [a, b, c, x, y, z, ..] = digits;
    match ([a, b, c], [x, y, z]) {
        ([b'0' | b'1', _, _] | [_, b'9', _] | [_, b'1', b'1'], _) => Err(TnError::AreaCode),
        (_, [b'0' | b'1', _, _] | [_, b'1', b'1']) => Err(TnError::Exchange),
        _ => Ok(digits),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(input: &str) -> Result<String, TnError> {
        input.parse::<Tn>().map(|tn| tn.to_string())
    }

    #[test]
    fn every_accepted_form_is_the_same_number() {
        for form in [
            "2065550123",
            "12065550123",
            "+12065550123",
            "206-555-0123",
            "(206) 555-0123",
            "1 (206) 555.0123",
            "+1 206 555 0123",
            "+ 1-206.555.0123",
            " 206 555 0123 ",
            " +12065550123",
            "(+1) 206 555 0123",
            "tel:+1-206-555-0123",
            "TEL:2065550123",
            "\u{202a}tel:+12065550123\u{202c}",
            "206\u{a0}555\u{2011}0123",
            "\u{202a}+1 206 555 0123\u{202c}",
            "206\t555_0123",
            "206/555#0123",
            "1\u{2212}206\u{2212}555\u{2212}0123",
        ] {
            assert_eq!(parse(form).as_deref(), Ok("+12065550123"), "{form}");
        }
    }

    #[test]
    fn each_rule_has_its_error() {
        for (input, error) in [
            ("", TnError::Blank),
            (" -.() ", TnError::Blank),
            ("+", TnError::Blank),
            ("206555012", TnError::Length),
            ("120655501234", TnError::Length),
            ("+1206555012", TnError::Length),
            ("+120655501234", TnError::Length),
            ("22065550123", TnError::CountryCode),
            ("+2065550123", TnError::CountryCode),
            ("+442071838750", TnError::CountryCode),
            ("1+2065550123", TnError::NotAllowed),
            ("++12065550123", TnError::NotAllowed),
            ("206-555-0123 x4", TnError::NotAllowed),
            ("206-555-0123 ext 4", TnError::NotAllowed),
            ("206-555-0123,5", TnError::NotAllowed),
            ("tel:+12065550123;ext=5", TnError::NotAllowed),
            ("2.065550123e9", TnError::NotAllowed),
            ("206555171.0", TnError::Length),
            ("206555171.\u{200b}0", TnError::Length),
            ("2065550123.0", TnError::Length),
            ("206.555.012.3", TnError::Length),
            ("206555012\u{0663}", TnError::NotAllowed),
            ("\u{ff12}065550123", TnError::NotAllowed),
            ("1206555012", TnError::AreaCode),
            ("0065550123", TnError::AreaCode),
            ("2915550123", TnError::AreaCode),
            ("9115550123", TnError::AreaCode),
            ("2060550123", TnError::Exchange),
            ("2061550123", TnError::Exchange),
            ("2069110123", TnError::Exchange),
            (&format!("{}2065550123", " ".repeat(91)), TnError::TooLong),
        ] {
            assert_eq!(parse(input), Err(error), "{input}");
        }
    }

    #[test]
    fn unusual_numbers_that_can_be_assigned_are_accepted() {
        for input in ["2065550100", "9075550199", "2129011234", "2015950123", "2069760123"] {
            assert!(input.parse::<Tn>().is_ok(), "{input}");
        }
    }

    #[test]
    fn portability_is_that_of_the_area_code() {
        let portable = |input: &str| input.parse::<Tn>().unwrap().not_portable();
        assert_eq!(portable("2065550123"), None);
        assert_eq!(portable("8005550123"), Some(NotPortable::TollFree));
        assert_eq!(portable("6045550123"), Some(NotPortable::Canada));
    }

    #[test]
    fn debug_hides_the_number() {
        let tn: Tn = "2065550123".parse().unwrap();
        assert_eq!(format!("{tn:?}"), "Tn(…)");
        assert_eq!(tn.national(), "2065550123");
    }

    /// Generates ten digits that the numbering plan allows.
    fn valid_digits() -> impl Strategy<Value = String> {
        "[2-9][0-8][02-9][2-9][02-9][0-9]{5}"
    }

    proptest! {
        #[test]
        fn never_panics(input in any::<String>()) {
            let _ = parse(&input);
        }

        #[test]
        fn never_panics_on_almost_numbers(input in "[+]?[-0-9 ().+]{0,45}") {
            let _ = parse(&input);
        }

        #[test]
        fn what_is_written_reads_back(digits in valid_digits()) {
            let tn: Tn = digits.parse().unwrap();
            prop_assert_eq!(tn.to_string(), format!("+1{digits}"));
            prop_assert_eq!(tn.to_string().parse::<Tn>(), Ok(tn));
            prop_assert_eq!(tn.national().parse::<Tn>(), Ok(tn));
        }

        #[test]
        fn prefix_and_separators_change_nothing(
            digits in valid_digits(),
            prefix in prop_oneof![Just(""), Just("1"), Just("+1")],
            separators in proptest::collection::vec("[-. ()]{0,2}", 11),
        ) {
            let mut written = prefix.to_owned();
            for (index, (separator, digit)) in separators.iter().zip(digits.chars()).enumerate() {
                // A point before the last digit would make it a spreadsheet's float.
                written.push_str(&if index == 9 { separator.replace('.', "-") } else { separator.clone() });
                written.push(digit);
            }
            written.push_str(separators.last().unwrap());
            prop_assert_eq!(written.parse::<Tn>(), digits.parse::<Tn>());
        }

        #[test]
        fn what_parses_has_ten_digits(input in "[+]?1?[- ().0-9]{8,20}") {
            if let Ok(tn) = input.parse::<Tn>() {
                prop_assert_eq!(tn.national().len(), 10);
                prop_assert!(tn.national().bytes().all(|b| b.is_ascii_digit()));
            }
        }
    }
}
