//! A port-out: what a carrier asks, and what it was answered.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::account::AccountNumber;
use crate::pin::SubmittedPin;
use crate::port_out_id::{Pon, PortOutId, Version};
use crate::spid::Spid;
use crate::telephone_number::Tn;
use crate::telephone_numbers::TelephoneNumbers;
use crate::zip_code::ZipCode;

/// One request of one carrier.
#[derive(Debug, Clone)]
pub struct PortOutRequest {
    /// Who asks.
    pub spid: Spid,
    /// Its purchase order number.
    pub pon: Pon,
    /// Which version of that PON it is.
    pub version: VersionChoice,
    /// Everything else but the PIN.
    pub content: Content,
    /// The PIN it carries.
    pub pin: SubmittedPin,
}

/// How a request names its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionChoice {
    /// By number.
    Given(Version),
    /// Not at all, in protocols without versions: it is the latest one if it repeats that one's content and PIN, and
    /// otherwise the next.
    LatestOrNext,
}

/// What a request says besides its name and its PIN; a repeated request is the same only if this is.
#[derive(Debug, Clone)]
pub struct Content {
    /// Whose numbers.
    pub account_number: AccountNumber,
    /// The ZIP code the end user gave, if any.
    pub zip_code: Option<ZipCode>,
    /// Which numbers.
    pub numbers: TelephoneNumbers,
    /// The day the new provider would like, if any.
    pub desired_due_date: Option<Date>,
}

impl PortOutRequest {
    /// Returns the identity of this request as the given version.
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
        // No part can hold a space or a bar, so no two contents give the same text.
        let parts = [self.account_number.as_str(), zip_code, &date, &numbers.join(" ")];
        crate::hex::short_hash(&parts.join("|"))
    }

    /// Whether a repeated request says the same; the order of the numbers does not count.
    pub fn same(&self, other: &Self) -> bool {
        self.account_number == other.account_number
            && self.zip_code == other.zip_code
            && self.desired_due_date == other.desired_due_date
            && self.numbers.same_numbers(&other.numbers)
    }
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectionCode {
    /// No such account.
    AccountNumberInvalid,
    /// The account is not in the US.
    AccountNotUs,
    /// The number is not this account's.
    TnNotFound,
    /// The number cannot be ported by LNP.
    TnNotPortable,
    /// A confirmed port-out of another carrier or another PON holds the number.
    PendingPort,
    /// Both sides know a ZIP and the first five digits differ.
    ZipCodeInvalid,
    /// The account never set a PIN.
    PinNotSet,
    /// Too many wrong PINs over all carriers.
    PinLocked,
    /// No PIN in the request.
    PinMissing,
    /// It is not the account's PIN.
    PinInvalid,
}

impl RejectionCode {
    /// Every code, in the order in which an answer lists them.
    pub const ALL: [Self; 10] = [
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
    ];

    /// The word for it in the API and in the table.
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
        }
    }

    /// The code of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == word)
    }

    /// What the carrier can do about it, before it sends a new version.
    fn remedy(self) -> &'static str {
        match self {
            Self::AccountNumberInvalid => {
                "Ask the end user for the account number on the current provider's bill."
            }
            Self::AccountNotUs => "Ask the current provider for its process in that country.",
            Self::TnNotFound => "Check the number and the account number with the end user.",
            Self::TnNotPortable => "Leave this number out.",
            Self::PendingPort => {
                "Wait until the other port-out is done or withdrawn, or leave this number out."
            }
            Self::ZipCodeInvalid => "Ask the end user for the ZIP code on the current provider's bill.",
            Self::PinNotSet => "Ask the end user to have the account's admin set a port-out PIN.",
            Self::PinLocked => "Ask the end user to have the account's admin set a new port-out PIN.",
            Self::PinMissing | Self::PinInvalid => "Ask the end user for the account's port-out PIN.",
        }
    }
}

/// One reason of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Which rule.
    pub code: RejectionCode,
    /// The field it is about, as a JSON pointer into the request.
    pub field: String,
    /// The number it is about, if it is about one.
    pub telephone_number: Option<Tn>,
    /// What is wrong, in a sentence; never the refused value of a secret.
    pub detail: String,
}

impl Rejection {
    /// How to put it right: a correction is always a new version.
    pub fn resolution(&self, refused: Version) -> String {
        let remedy = self.code.remedy();
        match refused.next() {
            Some(next) => format!("{remedy} Then send the request again as version {next} of this PON."),
            None => format!("{remedy} Then send the request again under a new PON."),
        }
    }
}

/// The losing side's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A firm order commitment for this day.
    Confirmed(Date),
    /// It was confirmed for this day, and then replaced by a newer version.
    Superseded(Date),
    /// Refused, with every reason.
    Rejected(Vec<Rejection>),
}

impl Outcome {
    /// The word for it in the API and in the table.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Confirmed(_) => "confirmed",
            Self::Superseded(_) => "superseded",
            Self::Rejected(_) => "rejected",
        }
    }

    /// The firm order commitment's day, if there is one.
    pub fn foc_date(&self) -> Option<Date> {
        match self {
            Self::Confirmed(date) | Self::Superseded(date) => Some(*date),
            Self::Rejected(_) => None,
        }
    }

    /// The reasons of a refusal; none for a commitment.
    pub fn rejections(&self) -> &[Rejection] {
        match self {
            Self::Confirmed(_) | Self::Superseded(_) => &[],
            Self::Rejected(reasons) => reasons,
        }
    }
}

/// A request with its answer, as it is kept.
#[derive(Debug, Clone)]
pub struct PortOut {
    /// Its identity.
    pub id: PortOutId,
    /// Who asked.
    pub spid: Spid,
    /// Its purchase order number.
    pub pon: Pon,
    /// The version of that order.
    pub version: Version,
    /// What it asked.
    pub content: Content,
    /// What it was answered.
    pub outcome: Outcome,
    /// When it came.
    pub received_at: Timestamp,
}

impl PortOut {
    /// Returns whether the confirmed day is another one than the desired one.
    pub fn due_date_changed(&self) -> bool {
        let (desired, confirmed) = (self.content.desired_due_date, self.outcome.foc_date());
        desired.zip(confirmed).is_some_and(|(desired, confirmed)| desired != confirmed)
    }

    /// Whether the PIN that this order carried may be the account's, so that asking "is it this one?" by
    /// repeating the order with another PIN would be a guess, and has to cost like one.
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
