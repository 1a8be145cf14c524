//! Codes, dates, numbers, and names in the words of the page.

use jiff::civil::Date;
use runtime::clock::Timestamp;

/// Returns a time as Americans write it, in UTC.
pub fn time(at: Timestamp) -> String {
    at.strftime("%b %-d, %Y, %-I:%M %p UTC").to_string()
}

/// Returns a day as Americans write it.
pub fn day(date: Date) -> String {
    date.strftime("%A, %b %-d, %Y").to_string()
}

/// Returns a US number as people read it; any other text as it is.
pub fn number(e164: &str) -> String {
    let digits = e164.strip_prefix("+1").filter(|digits| digits.len() == 10);
    let parts = digits.and_then(|digits| {
        let (area, rest) = digits.split_at_checked(3)?;
        let (exchange, line) = rest.split_at_checked(3)?;
        Some(format!("({area}) {exchange}-{line}"))
    });
    parts.unwrap_or_else(|| e164.to_owned())
}

/// Returns who did something; the administrator who reads it is "you".
pub fn actor(actor: &str, reader: &str) -> String {
    if actor == reader {
        return "you".to_owned();
    }
    match actor.split_once(':') {
        Some(("user", name)) => name.to_owned(),
        Some(("client", name)) => format!("the program {name}"),
        Some(("webhook", name)) => format!("the connection {name}"),
        _ => actor.to_owned(),
    }
}

/// Returns a count with its noun.
pub fn count(count: u64, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// What blocks every port-out, and how an administrator changes that.
pub struct Block {
    /// What it is.
    pub what: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// The part of the page where it is done.
    pub place: Option<&'static str>,
}

/// Returns what a code of `blocked_by` means.
pub fn block(code: &str) -> Block {
    match code {
        "pin_not_set" => Block {
            what: "No PIN is set.",
            remedy: "Set one before you move numbers to another provider.",
            place: Some("#pin"),
        },
        "pin_locked" => Block {
            what: "The PIN is locked.",
            remedy: "Set a new one. The locked PIN cannot be used again.",
            place: Some("#pin"),
        },
        "port_protection_on" => Block {
            what: "Port protection is on.",
            remedy: "Switch it off before you move numbers to another provider.",
            place: Some("#protection"),
        },
        "account_not_us" => Block {
            what: "The account is not in the US.",
            remedy: "Its numbers are moved through a separate process, without a PIN. Ask your provider.",
            place: None,
        },
        _ => Block { what: "Your provider blocks it.", remedy: "Ask your provider.", place: None },
    }
}

/// Returns why a carrier's request was refused.
pub fn rejection(code: &str) -> &str {
    match code {
        "account_number_invalid" => "no such account number",
        "account_number_mismatch" => "the numbers are on another account",
        "account_not_us" => "the account is not in the US",
        "tn_not_found" => "a number is not on the account",
        "tn_not_portable" => "a number cannot be moved",
        "pending_port" => "another carrier's request holds a number",
        "port_protection_on" => "port protection is on",
        "zip_code_invalid" => "wrong ZIP code",
        "pin_not_set" => "no PIN is set",
        "pin_missing" => "no PIN was given",
        "pin_invalid" => "wrong PIN",
        "pin_locked" => "the PIN is locked",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::account::PortOutBlock;
    use shared::rejection::RejectionCode;

    #[test]
    fn times_days_and_numbers_are_written_as_americans_do() {
        assert_eq!(time("2026-11-03T18:05:51Z".parse().unwrap()), "Nov 3, 2026, 6:05 PM UTC");
        assert_eq!(day("2026-11-30".parse().unwrap()), "Monday, Nov 30, 2026");
        assert_eq!(number("+12065550100"), "(206) 555-0100");
        assert_eq!(number("+442071838750"), "+442071838750");
    }

    #[test]
    fn the_reader_is_you_and_others_have_names() {
        assert_eq!(actor("user:ada", "user:ada"), "you");
        assert_eq!(actor("user:grace:hopper", "user:ada"), "grace:hopper");
        assert_eq!(actor("client:sync", "user:ada"), "the program sync");
        assert_eq!(actor("webhook:acme", "user:ada"), "the connection acme");
    }

    #[test]
    fn every_code_has_words() {
        for code in RejectionCode::ALL.map(RejectionCode::as_str) {
            assert_ne!(rejection(code), code);
        }
        for code in [
            PortOutBlock::AccountNotUs,
            PortOutBlock::PinNotSet,
            PortOutBlock::PinLocked,
            PortOutBlock::PortProtectionOn,
        ] {
            assert_ne!(block(code.code()).what, block("unknown").what);
        }
    }
}
