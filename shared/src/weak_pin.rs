//! Finds PINs that are guessed first: says why a PIN is weak, never how strong it is.
//!
//! Of the 10^6 six-digit PINs, 96,120 (9.6 %) are weak without regard to the account's own data. Nine in ten of these
//! are dates, a favorite choice (Wang et al., "Understanding Human-Chosen PINs", AsiaCCS 2017). About a tenth of the
//! space is also the blocklist size that Markert et al. recommend for four digits ("This PIN Can Be Easily Guessed",
//! IEEE S&P 2020), because much smaller lists hardly help.

use std::ops::RangeInclusive;

use jiff::civil::Date;

use crate::telephone_number::Tn;
use crate::zip_code::ZipCode;

const COMMON: &str = include_str!("common_pins.txt");

/// Rows, columns, and diagonals of a phone's keypad, and 5-8-0 and 0-3-6, which go on from a column.
const KEYPAD_LINES: [&[u8; 3]; 10] =
    [b"123", b"456", b"789", b"147", b"258", b"369", b"159", b"357", b"580", b"036"];

/// American, European, and ISO order. Each letter marks a digit of the year, month, or day.
const DATE_FORMS: [&str; 8] =
    ["mmddyy", "ddmmyy", "yymmdd", "mmyyyy", "yyyymm", "mmddyyyy", "ddmmyyyy", "yyyymmdd"];

/// Years of dates that people choose. Four other digits are not taken for a year.
const YEARS: RangeInclusive<i16> = 1900..=2099;

/// What an attacker knows about an account anyway: its numbers are public, and the rest is on its bills.
#[derive(Clone, Copy)]
pub struct AccountHints<'a> {
    /// Numbers assigned to the account.
    pub numbers: &'a [Tn],
    /// ZIP codes of the account.
    pub zip_codes: &'a [ZipCode],
    /// Account number.
    pub account_number: &'a str,
}

/// Why a PIN is easily guessed. The same for every PIN with that weakness, so it does not reveal the PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Few digits, or a block that repeats or reads the same backward: `111111`, `121212`, `8888999`, `110100`,
    /// `123321`.
    Repeats,
    /// Counting by ones or in a constant rhythm: `345678`, `890123`, `123789`, `135791`, `142536`.
    Run,
    /// A day, or a month with a year from 1900 to 2099: `112490`, `241190`, `901124`, `11241990`, `112026`.
    Date,
    /// A path across a phone's keypad: `147852`, `159753`, `256980`.
    KeypadWalk,
    /// One of the most common PINs.
    Common,
    /// Part of one of the account's telephone numbers.
    OwnNumber,
    /// The account's ZIP code, with other digits around it.
    OwnZip,
    /// The digits of the account number, a part of them, or more digits around them.
    OwnAccountNumber,
}

impl Weakness {
    /// Code of a warning about a weak PIN, and of the field error under the strict policy.
    pub const CODE: &'static str = "pin_weak";

    /// Returns the reason in words, without any digit of the PIN.
    pub fn detail(self) -> &'static str {
        match self {
            Self::Repeats => "The PIN repeats digits or a short block of digits.",
            Self::Run => "The PIN counts up or down in a regular pattern.",
            Self::Date => "The PIN can be read as a date.",
            Self::KeypadWalk => "The PIN follows a pattern on the keypad.",
            Self::Common => "The PIN is one of the most common PINs.",
            Self::OwnNumber => "The PIN is part of one of the account's telephone numbers.",
            Self::OwnZip => "The PIN contains the account's ZIP code.",
            Self::OwnAccountNumber => "The PIN resembles the account number.",
        }
    }
}

/// Code of the warning about a PIN that begins with zero.
pub const LEADING_ZERO_CODE: &str = "pin_leading_zero";

/// The warning in a sentence.
pub const LEADING_ZERO_DETAIL: &str =
    "The PIN begins with zero. Some carriers' systems drop leading zeros, and would send a wrong PIN.";

/// Returns whether a PIN begins with zero. It is as good as any other here, but Bandwidth's guide types it as a number.
pub fn has_leading_zero(pin: &str) -> bool {
    pin.starts_with('0')
}

/// Returns the first weakness found in a PIN of 6 to 10 ASCII digits, or `None`. The account's own data is checked
/// first.
///
/// Makes no copy of the PIN, so none remains in memory.
pub fn weakness(pin: &str, known: &AccountHints<'_>) -> Option<Weakness> {
    own_data(pin, known).or_else(|| shape(pin)).or_else(|| is_common(pin).then_some(Weakness::Common))
}

fn own_data(pin: &str, known: &AccountHints<'_>) -> Option<Weakness> {
    // E.164 includes the country code, which a PIN made from a number may start with.
    if known.numbers.iter().any(|number| number.to_string().contains(pin)) {
        return Some(Weakness::OwnNumber);
    }
    if is_account_number(pin, known.account_number) {
        return Some(Weakness::OwnAccountNumber);
    }
    known.zip_codes.iter().any(|zip| pin.contains(zip.five())).then_some(Weakness::OwnZip)
}

fn is_account_number(pin: &str, account_number: &str) -> bool {
    // Fewer than six digits would match too many PINs by chance.
    let digits: String = account_number.chars().filter(char::is_ascii_digit).collect();
    digits.len() >= 6 && (digits.contains(pin) || pin.contains(&digits))
}

fn shape(pin: &str) -> Option<Weakness> {
    let digits = pin.as_bytes();
    let checks: [(Weakness, bool); 4] = [
        (Weakness::Repeats, repeats(digits)),
        (Weakness::Run, is_run(digits)),
        (Weakness::KeypadWalk, is_keypad_walk(digits)),
        (Weakness::Date, is_date(pin)),
    ];
    checks.into_iter().find_map(|(weakness, found)| found.then_some(weakness))
}

fn repeats(digits: &[u8]) -> bool {
    has_few_different_digits(digits)
        || repeats_a_block(digits)
        || digits.chunk_by(|a, b| a == b).all(|same| same.len() >= 2)
        || digits.iter().eq(digits.iter().rev())
}

fn has_few_different_digits(digits: &[u8]) -> bool {
    (b'0'..=b'9').filter(|digit| digits.contains(digit)).count() <= 2
}

/// Returns whether a block of two or more digits repeats, at least twice in full; its last repetition may be cut short.
fn repeats_a_block(digits: &[u8]) -> bool {
    (2..=digits.len() / 2).any(|block| digits.iter().zip(digits.iter().skip(block)).all(|(a, b)| a == b))
}

/// Returns whether the digits count by -1, 0, or 1 in groups of at least three, with 0 after 9, or have a rhythm.
fn is_run(digits: &[u8]) -> bool {
    is_made_of_triples(
        digits,
        |three| matches!(three, [a, b, c] if step(*a, *b) == step(*b, *c) && matches!(step(*a, *b), 0 | 1 | 9)),
    ) || has_rhythm(digits)
}

/// Returns whether each digit is the same step away from the one two places before: `142536`, `135791`, `134679`.
fn has_rhythm(digits: &[u8]) -> bool {
    let mut steps = digits.iter().zip(digits.iter().skip(2)).map(|(a, b)| step(*a, *b));
    let first = steps.next();
    steps.all(|step| Some(step) == first)
}

/// Returns how far to count up from one digit to the next, with 0 after 9.
fn step(from: u8, to: u8) -> i16 {
    i16::from(to).wrapping_sub(i16::from(from)).rem_euclid(10)
}

/// Returns whether the digits are lines of three keys, or a path between adjacent keys that uses no key twice.
fn is_keypad_walk(digits: &[u8]) -> bool {
    is_made_of_triples(digits, is_keypad_line) || is_keypad_path(digits)
}

fn is_keypad_line(three: &[u8]) -> bool {
    KEYPAD_LINES.iter().any(|line| three.iter().eq(line.iter()) || three.iter().rev().eq(line.iter()))
}

fn is_keypad_path(digits: &[u8]) -> bool {
    digits.windows(2).all(|two| matches!(two, [a, b] if are_adjacent(*a, *b)))
        && (b'0'..=b'9').all(|key| digits.iter().filter(|digit| **digit == key).count() <= 1)
}

fn are_adjacent(a: u8, b: u8) -> bool {
    match (key_position(a), key_position(b)) {
        (Some((row_a, column_a)), Some((row_b, column_b))) => {
            row_a.abs_diff(row_b) <= 1 && column_a.abs_diff(column_b) <= 1
        }
        _ => false,
    }
}

fn key_position(digit: u8) -> Option<(u8, u8)> {
    match digit {
        b'1'..=b'3' => Some((0, digit.wrapping_sub(b'1'))),
        b'4'..=b'6' => Some((1, digit.wrapping_sub(b'4'))),
        b'7'..=b'9' => Some((2, digit.wrapping_sub(b'7'))),
        b'0' => Some((3, 1)),
        _ => None,
    }
}

/// Returns whether each digit is in a group of three consecutive digits that match `pattern`. Groups may overlap.
fn is_made_of_triples(digits: &[u8], pattern: impl Fn(&[u8]) -> bool) -> bool {
    let is_covered = |place: usize| {
        // Wraps for a group that starts after the digit, so that it never counts.
        digits.windows(3).zip(0_usize..).any(|(three, start)| place.wrapping_sub(start) < 3 && pattern(three))
    };
    (0..digits.len()).all(is_covered)
}

fn is_date(pin: &str) -> bool {
    DATE_FORMS.iter().any(|form| form.len() == pin.len() && is_date_of(form, pin))
}

fn is_date_of(form: &str, pin: &str) -> bool {
    let day = if form.contains('d') { date_part(form, pin, b'd') } else { 1 };
    let year = date_part(form, pin, b'y');
    // A two-digit year is taken for 20xx, which has every leap day that 19xx has, and February 29, 2000.
    let year = if form.contains("yyyy") { year } else { year.saturating_add(2000) };
    let exists = |month, day| Date::new(year, month, day).is_ok();
    YEARS.contains(&year)
        && matches!((i8::try_from(date_part(form, pin, b'm')), i8::try_from(day)), (Ok(month), Ok(day)) if exists(month, day))
}

/// Returns the number that the digits at the places of `letter` make.
fn date_part(form: &str, pin: &str, letter: u8) -> i16 {
    let digits = form.bytes().zip(pin.bytes()).filter(|(place, _)| *place == letter).map(|(_, digit)| digit);
    digits.fold(0, |number: i16, digit| {
        number.saturating_mul(10).saturating_add(i16::from(digit.wrapping_sub(b'0')))
    })
}

fn is_common(pin: &str) -> bool {
    COMMON.lines().any(|line| line == pin)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOTHING: AccountHints<'static> = AccountHints { numbers: &[], zip_codes: &[], account_number: "" };

    fn assert_weak(expected: Weakness, pins: &str) {
        for pin in pins.split_whitespace() {
            assert_eq!(weakness(pin, &NOTHING), Some(expected), "{pin}");
        }
    }

    #[test]
    fn repeats_are_weak() {
        assert_weak(
            Weakness::Repeats,
            "000000 1111111111 121212 1212121 123123 1234512345 8888999 112233 777888",
        );
        assert_weak(Weakness::Repeats, "110100 000001 123321 48284828");
    }

    #[test]
    fn runs_are_weak() {
        assert_weak(Weakness::Run, "123456 345678 654321 890123 210987 0123456789 9876543210 123789 123432");
        assert_weak(Weakness::Run, "111234 135791 8642086 142536 172839 134679 1112345");
    }

    #[test]
    fn dates_are_weak() {
        assert_weak(
            Weakness::Date,
            "112490 241190 901124 11241990 24111990 19901124 112026 202611 022900 290200",
        );
        assert_weak(Weakness::Date, "02292096 29021904");
    }

    #[test]
    fn keypad_walks_are_weak() {
        assert_weak(Weakness::KeypadWalk, "147258 159753 258036 147852 147896325 256980 7415963");
    }

    #[test]
    fn common_pins_are_weak() {
        assert_weak(Weakness::Common, "135790 203040 5201314 8675309 314159 45683968");
    }

    #[test]
    fn the_usual_suspects_are_weak_whatever_the_reason() {
        let suspects = "123456 654321 111111 000000 123123 666666 121212 112233 789456 159753 123321 696969 159357 \
            147258 456789 987654 147852 456123 321654 741852 963852 258456 852456 753951 951753 142536 102030 010203 \
            246810 135790 124578 134679 235689 123654 123789 987321 321456 258036 520131 5201314 131420 201314 110110 \
            112358 314159 007007 420420 777888 8888999 137955 12345678 1234567890 8675309 11223344 25802580";
        for pin in suspects.split_whitespace() {
            assert!(weakness(pin, &NOTHING).is_some(), "{pin}");
        }
    }

    #[test]
    fn other_pins_are_not_weak() {
        for pin in [
            "482913",
            "830497",
            "7302958",
            "40718263",
            "593028174",
            "6183940275",
            "02301900",
            "29022001",
            "19001301",
        ] {
            assert_eq!(weakness(pin, &NOTHING), None, "{pin}");
        }
    }

    fn account_weakness(pin: &str, zip: &str, account_number: &str) -> Option<Weakness> {
        let numbers = ["2065550123".parse().unwrap(), "4258369041".parse().unwrap()];
        // Not the only ZIP code, nor the first.
        let zip_codes: Vec<ZipCode> = ["60601", zip].iter().filter_map(|zip| zip.parse().ok()).collect();
        weakness(pin, &AccountHints { numbers: &numbers, zip_codes: &zip_codes, account_number })
    }

    #[test]
    fn the_accounts_own_data_is_weak() {
        for (pin, expected) in [
            ("550123", Some(Weakness::OwnNumber)),
            ("2065550123", Some(Weakness::OwnNumber)),
            ("206555", Some(Weakness::OwnNumber)),
            ("120655", Some(Weakness::OwnNumber)),
            ("836904", Some(Weakness::OwnNumber)),
            ("098052", Some(Weakness::OwnZip)),
            ("980520", Some(Weakness::OwnZip)),
            ("4998052183", Some(Weakness::OwnZip)),
            ("830417", Some(Weakness::OwnAccountNumber)),
            ("8304175", Some(Weakness::OwnAccountNumber)),
            ("0830417593", Some(Weakness::OwnAccountNumber)),
            ("304175", Some(Weakness::OwnAccountNumber)),
            ("980853", None),
            ("550183", None),
        ] {
            let account_number = if pin == "0830417593" { "AC830417" } else { "AC83041X75" };
            assert_eq!(account_weakness(pin, "98052-1234", account_number), expected, "{pin}");
        }
    }

    #[test]
    fn too_little_of_an_account_proves_nothing() {
        for (zip, account_number) in [("", "CONTOSO"), ("10001", "AC48291")] {
            assert_eq!(account_weakness("482913", zip, account_number), None);
        }
    }

    #[test]
    fn the_common_list_holds_what_no_shape_catches_sorted_and_once() {
        let pins: Vec<&str> = COMMON.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(pins.is_sorted_by(|a, b| a < b));
        for pin in pins {
            assert!((6..=10).contains(&pin.len()) && pin.bytes().all(|b| b.is_ascii_digit()), "{pin}");
            assert_eq!(shape(pin), None, "{pin}");
        }
    }

    #[test]
    fn details_are_about_the_kind_and_never_the_digits() {
        for pin in ["111111", "123456", "112490", "147852", "135790"] {
            let detail = weakness(pin, &NOTHING).unwrap().detail();
            assert!(!detail.contains(|c: char| c.is_ascii_digit()), "{detail}");
        }
    }

    /// Keeps the share in the module's documentation true.
    #[test]
    fn a_tenth_of_the_six_digit_pins_is_weak() {
        let mut counts = std::collections::BTreeMap::new();
        for pin in 0..1_000_000 {
            if let Some(weakness) = shape(&format!("{pin:06}")) {
                *counts.entry(weakness.detail()).or_insert(0) += 1;
            }
        }
        let common = COMMON.lines().filter(|line| line.len() == 6).count();
        let weak = counts.values().sum::<usize>() + common;
        assert_eq!(weak, 96_120, "the documentation above says otherwise: {counts:?}, {common} in the list");
    }

    proptest! {
        #[test]
        fn never_panics(pin in any::<String>(), account_number in any::<String>()) {
            let _ = weakness(&pin, &AccountHints { numbers: &[], zip_codes: &[], account_number: &account_number });
        }

        #[test]
        fn six_digits_of_an_own_number_are_always_weak(
            digits in "[2-9][0-8][02-9][2-9][02-9][0-9]{5}",
            start in 0_usize..=4,
            length in 6_usize..=10,
        ) {
            let part: String = digits.chars().skip(start).take(length).collect();
            let numbers = [digits.parse().unwrap()];
            let known = AccountHints { numbers: &numbers, ..NOTHING };
            prop_assert_eq!(weakness(&part, &known), Some(Weakness::OwnNumber));
        }
    }
}
