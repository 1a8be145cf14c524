//! Reasons for which a port-out is rejected, each with what is wrong and what to do about it.

use crate::telephone_number::Tn;

/// Rule that a rejected request broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RejectionCode {
    /// No account has this account number.
    AccountNumberInvalid,
    /// All the numbers are on one account, but not on the one named.
    AccountNumberMismatch,
    /// The account is not in the US.
    AccountNotUs,
    /// The number does not belong to this account.
    TnNotFound,
    /// The number cannot be ported by local number portability.
    TnNotPortable,
    /// A confirmed port-out of another carrier holds the number.
    PendingPort,
    /// The owner switched port protection on.
    PortProtectionOn,
    /// Both sides know a ZIP code, and the first five digits differ.
    ZipCodeInvalid,
    /// The account never set a PIN.
    PinNotSet,
    /// The PIN is locked until the owner sets a new one.
    PinLocked,
    /// The request has no PIN.
    PinMissing,
    /// The PIN differs from the account's.
    PinInvalid,
}

impl RejectionCode {
    /// Every code, in the order in which an answer lists them.
    pub const ALL: [Self; 12] = [
        Self::AccountNumberInvalid,
        Self::AccountNumberMismatch,
        Self::AccountNotUs,
        Self::TnNotFound,
        Self::TnNotPortable,
        Self::PendingPort,
        Self::PortProtectionOn,
        Self::ZipCodeInvalid,
        Self::PinNotSet,
        Self::PinLocked,
        Self::PinMissing,
        Self::PinInvalid,
    ];

    /// Returns the code as the API and the table write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccountNumberInvalid => "account_number_invalid",
            Self::AccountNumberMismatch => "account_number_mismatch",
            Self::AccountNotUs => "account_not_us",
            Self::TnNotFound => "tn_not_found",
            Self::TnNotPortable => "tn_not_portable",
            Self::PendingPort => "pending_port",
            Self::PortProtectionOn => "port_protection_on",
            Self::ZipCodeInvalid => "zip_code_invalid",
            Self::PinNotSet => "pin_not_set",
            Self::PinLocked => "pin_locked",
            Self::PinMissing => "pin_missing",
            Self::PinInvalid => "pin_invalid",
        }
    }

    /// Parses a code as [`as_str`](Self::as_str) writes it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// Returns what to do before the request can be sent again.
    pub(crate) fn remedy(self) -> &'static str {
        match self {
            Self::AccountNumberInvalid | Self::AccountNumberMismatch => {
                "Ask the end user for the account number on the current provider's bill."
            }
            Self::AccountNotUs => {
                "Ask the current provider's porting desk about the process for that country."
            }
            Self::TnNotFound => "Check the number and the account number with the end user.",
            Self::TnNotPortable => "Remove this number from the request.",
            Self::PendingPort => "Wait until the number is free, or remove it from the request.",
            Self::PortProtectionOn => {
                "Ask the end user to have the account's admin switch port protection off."
            }
            Self::ZipCodeInvalid => "Ask the end user for the ZIP code of the service address.",
            Self::PinNotSet => "Ask the end user to have the account's admin set a port-out PIN.",
            Self::PinLocked => "Ask the end user to have the account's admin set a new port-out PIN.",
            Self::PinMissing | Self::PinInvalid => "Ask the end user for the account's port-out PIN.",
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
    /// What to do about it.
    pub resolution: String,
}

impl Rejection {
    /// Creates a reason about a field, with the usual remedy.
    pub(crate) fn new(code: RejectionCode, field: &str, detail: impl Into<String>) -> Self {
        Self {
            code,
            field: field.to_owned(),
            telephone_number: None,
            detail: detail.into(),
            resolution: code.remedy().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_has_a_remedy() {
        for code in RejectionCode::ALL {
            assert_eq!(RejectionCode::parse(code.as_str()), Some(code));
            assert!(code.remedy().ends_with('.'), "{code:?}");
        }
        assert_eq!(RejectionCode::parse("pin"), None);
    }
}
