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
    c.is_whitespace()
        || matches!(c, '(' | ')' | '.' | '/' | '_' | '#' | MINUS)
        || matches!(c.general_category(), GeneralCategory::Format | GeneralCategory::DashPunctuation)
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
    from_end.next().is_some_and(|c| c.is_ascii_digit()) && from_end.next() == Some('.')
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
    fn a_single_digit_after_a_final_point_can_be_read_in_two_ways() {
        for float in ["206555171.0", "1001.0", "482913.0 ", "98052.1\u{200b}", "1.2.3"] {
            assert_eq!(meaningful(float), None, "{float}");
        }
        for plain in ["206.555.0123", "1001.00", "0.12", "5", "", ".", "1.", "12."] {
            assert!(meaningful(plain).is_some(), "{plain}");
        }
    }
}
