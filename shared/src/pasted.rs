//! Values that people paste: drops what cannot carry meaning in a number, and refuses what can be read in two ways.
//!
//! Telephone numbers, account numbers, ZIP codes and submitted PINs pass here. LNPA best practice 33 asks that
//! validation be neither punctuation nor case sensitive.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// The Unicode minus sign, which is a mathematical symbol and not a dash.
const MINUS: char = '\u{2212}';

/// Returns whether a character means nothing in a number: white space, invisible format characters (category Cf),
/// every dash (category Pd) and `( ) . / _ #`.
pub(crate) fn is_ignorable(c: char) -> bool {
    matches!(c, '(' | ')' | '.' | '/' | '_' | '#') || is_dash(c) || is_blank(c)
}

/// Returns the characters that carry meaning.
///
/// `None` for a spreadsheet's float such as `206555171.0`: its last digit is either one of the number's or an artifact.
pub(crate) fn meaningful(text: &str) -> Option<String> {
    if is_float(text) {
        return None;
    }
    // Allocated once: a PIN must not stay behind in memory that a growing text has left.
    let mut kept = String::with_capacity(text.len());
    kept.extend(text.chars().filter(|c| !is_ignorable(*c)));
    Some(kept)
}

fn is_float(text: &str) -> bool {
    let mut from_end = text.chars().rev().skip_while(|c| is_ignorable(*c));
    let last = from_end.next();
    // A space or an invisible character between the two does not make the point a separator.
    let before = from_end.find(|c| !is_blank(*c));
    last.is_some_and(|c| c.is_ascii_digit()) && before == Some('.')
}

/// Returns whether a text is a spreadsheet's exponent form, such as `1.23457E+11`: digits, perhaps a point and more of
/// them, then `E` with a sign, or without one after a point.
pub(crate) fn is_exponent(text: &str) -> bool {
    let kept: String = text.chars().filter(|c| *c == '.' || is_dash(*c) || !is_ignorable(*c)).collect();
    let Some((mantissa, exponent)) = kept.split_once(['e', 'E']) else { return false };
    let unsigned = exponent.trim_start_matches(|c| c == '+' || is_dash(c));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_signed = unsigned.len() < exponent.len();
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    is_number(whole) && is_number(fraction) && is_number(unsigned) && (is_signed || mantissa.contains('.'))
}

// In ASCII, Unicode's tables, which take long to search, know no format character and one dash.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || !c.is_ascii() && c.general_category() == GeneralCategory::Format
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | MINUS) || !c.is_ascii() && c.general_category() == GeneralCategory::DashPunctuation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_dashes_and_invisible_characters_mean_nothing() {
        let ignored = " \t\n\u{a0}\u{2009}\u{202f}\u{3000}-\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}\u{fe63}\u{ff0d}\
                       \u{ad}\u{200b}\u{200e}\u{200f}\u{202a}\u{202c}\u{2066}\u{2069}\u{feff}().\u{2f}_#";
        for c in ignored.chars() {
            assert!(is_ignorable(c), "{c:?}");
        }
        for c in "0aZé+*,;:=x'\"&\u{663}\u{ff11}\u{2460}".chars() {
            assert!(!is_ignorable(c), "{c:?}");
        }
        assert_eq!(meaningful(&format!("1{ignored}2")).as_deref(), Some("12"));
    }

    #[test]
    fn ascii_has_one_dash_and_no_format_character() {
        for c in (0..=0x7f_u8).map(char::from) {
            assert_eq!(c.general_category() == GeneralCategory::DashPunctuation, is_dash(c), "{c:?}");
            assert_ne!(c.general_category(), GeneralCategory::Format, "{c:?}");
        }
    }

    #[test]
    fn a_single_digit_after_a_final_point_can_be_read_in_two_ways() {
        for float in [
            "206555171.0",
            "1001.0",
            "482913.0 ",
            "98052.1\u{200b}",
            "1.2.3",
            "206555171.\u{200b}0",
            "206555171. 0",
            "1001.0.",
            ".5",
        ] {
            assert_eq!(meaningful(float), None, "{float}");
        }
        for plain in ["206.555.0123", "206.555.012 3", "1001.00", "0.12", "5", "", ".", "12."] {
            assert!(meaningful(plain).is_some(), "{plain}");
        }
    }

    #[test]
    fn an_exponent_is_told_by_its_sign_or_its_point() {
        for exponent in [
            "1.23457E+11",
            "2.06555010e+09",
            "1E+5",
            "1e-5",
            "1E\u{2212}5",
            "1.5E7",
            " 1.23457E+11 ",
            "1.2 E + 11",
            "100E-200",
        ] {
            assert!(is_exponent(exponent), "{exponent}");
        }
        for other in ["12E4", "E5", "1E", "1E+", "A1E+5", "1.2.3E+4", "1E+5X", "1E5E+6", "12345", ""] {
            assert!(!is_exponent(other), "{other}");
        }
    }
}
