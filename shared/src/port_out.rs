//! Port-outs: what a carrier requests, and how it was answered.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::account::AccountNumber;
use crate::pin::SubmittedPin;
use crate::port_out_id::{Pon, PortOutId, Version};
use crate::spid::Spid;
use crate::telephone_number::Tn;
use crate::telephone_numbers::TelephoneNumbers;
use crate::zip_code::ZipCode;

/// Request of a carrier to port numbers out.
#[derive(Debug, Clone)]
pub struct PortOutRequest {
    /// Carrier that sends the request.
    pub spid: Spid,
    /// Purchase order number, which the carrier chooses.
    pub pon: Pon,
    /// How the request names its version of the PON.
    pub version: VersionChoice,
    /// Everything else except the PIN.
    pub content: Content,
    /// PIN that the request sent, if any.
    pub pin: SubmittedPin,
}

/// How a request names its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionChoice {
    /// The request gives a number, or 01 by leaving it out.
    Given(Version),
    /// The protocol has no versions: the request is the latest version if it repeats that version's content and PIN,
    /// and otherwise the next one.
    LatestOrNext,
}

/// What a request asks for. Together with its PIN, this tells a repetition from a conflict.
#[derive(Debug, Clone)]
pub struct Content {
    /// Account that the numbers belong to, according to the carrier.
    pub account_number: AccountNumber,
    /// ZIP code that the end user gave, if any.
    pub zip_code: Option<ZipCode>,
    /// Numbers to port.
    pub numbers: TelephoneNumbers,
    /// Day that the new provider requests, if any.
    pub desired_due_date: Option<Date>,
}

impl PortOutRequest {
    /// Returns the id of this request as the given version.
    pub fn id(&self, version: Version) -> PortOutId {
        PortOutId::of(&self.spid, &self.pon, version)
    }
}

impl Content {
    /// Returns a hash of the content, equal only for content that is [`same`](Self::same): 32 hexadecimal digits.
    pub fn hash(&self) -> String {
        let mut numbers: Vec<_> = self.numbers.as_slice().iter().map(Tn::national).collect();
        numbers.sort_unstable();
        let date = self.desired_due_date.map(|date| date.to_string()).unwrap_or_default();
        let zip_code = self.zip_code.as_ref().map_or("", |zip| zip.as_str());
        // No part can contain a space or a bar, so different contents never give the same text.
        let parts = [self.account_number.as_str(), zip_code, &date, &numbers.join(" ")];
        crate::hex::short_hash(&parts.join("|"))
    }

    /// Returns whether both ask for the same, in whatever order they list the numbers.
    pub fn same(&self, other: &Self) -> bool {
        self.account_number == other.account_number
            && self.zip_code == other.zip_code
            && self.desired_due_date == other.desired_due_date
            && self.numbers.same_numbers(&other.numbers)
    }
}

/// Rule that a rejected request broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectionCode {
    /// No account has this account number.
    AccountNumberInvalid,
    /// The account is not in the US.
    AccountNotUs,
    /// The number does not belong to this account.
    TnNotFound,
    /// The number cannot be ported by local number portability.
    TnNotPortable,
    /// A confirmed port-out of another carrier, or under another PON, holds the number.
    PendingPort,
    /// Both sides know a ZIP code, and the first five digits differ.
    ZipCodeInvalid,
    /// The account never set a PIN.
    PinNotSet,
    /// Carriers together sent too many wrong PINs in a row.
    PinLocked,
    /// The request has no PIN.
    PinMissing,
    /// The PIN differs from the account's.
    PinInvalid,
    /// The port cannot take place on the desired day.
    DueDateInvalid,
}

impl RejectionCode {
    /// All codes, in the order in which an answer lists them.
    pub const ALL: [Self; 11] = [
        Self::AccountNumberInvalid,
        Self::AccountNotUs,
        Self::TnNotFound,
        Self::TnNotPortable,
        Self::PendingPort,
        Self::ZipCodeInvalid,
        Self::PinNotSet,
        Self::PinLocked,
        Self::PinMissing,
        Self::PinInvalid,
        Self::DueDateInvalid,
    ];

    /// Returns the code as the API and the table write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccountNumberInvalid => "account_number_invalid",
            Self::AccountNotUs => "account_not_us",
            Self::TnNotFound => "tn_not_found",
            Self::TnNotPortable => "tn_not_portable",
            Self::PendingPort => "pending_port",
            Self::ZipCodeInvalid => "zip_code_invalid",
            Self::PinNotSet => "pin_not_set",
            Self::PinLocked => "pin_locked",
            Self::PinMissing => "pin_missing",
            Self::PinInvalid => "pin_invalid",
            Self::DueDateInvalid => "due_date_invalid",
        }
    }

    /// Parses a code as [`as_str`](Self::as_str) writes it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// What the carrier can do before it sends a new version.
    fn remedy(self) -> &'static str {
        match self {
            Self::AccountNumberInvalid => {
                "Ask the end user for the account number on the current provider's bill."
            }
            Self::AccountNotUs => "Ask the current provider about its process for that country.",
            Self::TnNotFound => "Check the number and the account number with the end user.",
            Self::TnNotPortable => "Remove this number from the request.",
            Self::PendingPort => {
                "Wait until the other port-out is completed or withdrawn, or remove this number from the request."
            }
            Self::ZipCodeInvalid => "Ask the end user for the ZIP code on the current provider's bill.",
            Self::PinNotSet => "Ask the end user to have the account's admin set a port-out PIN.",
            Self::PinLocked => "Ask the end user to have the account's admin set a new port-out PIN.",
            Self::PinMissing | Self::PinInvalid => "Ask the end user for the account's port-out PIN.",
            Self::DueDateInvalid => "Choose another date, or omit the date to get the earliest one.",
        }
    }
}

/// One reason for a rejection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Rule that was broken.
    pub code: RejectionCode,
    /// Field that broke it, as a JSON pointer into the request.
    pub field: String,
    /// Telephone number that broke it, if the rule is about one number.
    pub telephone_number: Option<Tn>,
    /// What is wrong, in a sentence that never contains a submitted PIN.
    pub detail: String,
}

impl Rejection {
    /// Returns what to do about it and which version to send next: an answered version never changes.
    pub fn resolution(&self, rejected: Version) -> String {
        let remedy = self.code.remedy();
        match rejected.next() {
            Some(next) => format!("{remedy} Then send the request again as version {next} of this PON."),
            None => format!("{remedy} Then send the request again under a new PON."),
        }
    }
}

/// Answer of the current provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Confirmed with a firm order commitment (FOC) for this day.
    Confirmed(Date),
    /// Confirmed for this day, and later replaced by a newer version.
    Superseded(Date),
    /// Rejected, with every reason.
    Rejected(Vec<Rejection>),
}

impl Outcome {
    /// Returns the status as the API and the table write it.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Confirmed(_) => "confirmed",
            Self::Superseded(_) => "superseded",
            Self::Rejected(_) => "rejected",
        }
    }

    /// Returns the day of the firm order commitment, if there is one.
    pub fn foc_date(&self) -> Option<Date> {
        match self {
            Self::Confirmed(date) | Self::Superseded(date) => Some(*date),
            Self::Rejected(_) => None,
        }
    }

    /// Returns the reasons for a rejection; none if the port-out was confirmed.
    pub fn rejections(&self) -> &[Rejection] {
        match self {
            Self::Confirmed(_) | Self::Superseded(_) => &[],
            Self::Rejected(reasons) => reasons,
        }
    }
}

/// Request with its answer, as it is recorded.
#[derive(Debug, Clone)]
pub struct PortOut {
    /// Id derived from the carrier, the PON, and the version.
    pub id: PortOutId,
    /// Carrier that sent the request.
    pub spid: Spid,
    /// Purchase order number.
    pub pon: Pon,
    /// Version of that PON.
    pub version: Version,
    /// What the request asked for.
    pub content: Content,
    /// How it was answered.
    pub outcome: Outcome,
    /// When the request was received.
    pub received_at: Timestamp,
}

impl PortOut {
    /// Returns whether the PIN of this request may have been the account's.
    ///
    /// If so, repeating the request with another PIN is a guess: the answer tells whether both PINs are equal.
    pub fn pin_may_be_right(&self) -> bool {
        let known_wrong =
            |r: &Rejection| matches!(r.code, RejectionCode::PinInvalid | RejectionCode::PinMissing);
        !self.outcome.rejections().iter().any(known_wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(code: RejectionCode) -> Rejection {
        Rejection { code, field: "/pin".into(), telephone_number: None, detail: String::new() }
    }

    #[test]
    fn every_code_reads_back_and_every_resolution_names_the_next_version() {
        for code in RejectionCode::ALL {
            assert_eq!(RejectionCode::parse(code.as_str()), Some(code));
            let resolution = rejection(code).resolution("01".parse().unwrap());
            assert!(resolution.ends_with("as version 02 of this PON."), "{resolution}");
            let last = rejection(code).resolution("99".parse().unwrap());
            assert!(last.ends_with("under a new PON."), "{last}");
        }
        assert_eq!(RejectionCode::parse("pin"), None);
    }
}
