//! Bandwidth's codes for an invalid port-out (table of error codes in Bandwidth's port-out validation guide).
//!
//! Bandwidth lets a port through for 7599 and for every code outside its table, so none of them is used here. 7510
//! means that the account number is missing. 7514 is never used, because no account requires a ZIP code.

use shared::port_out::RejectionCode;

/// Bandwidth's code, with the description to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode {
    pub code: u16,
    pub description: &'static str,
}

const fn code(code: u16, description: &'static str) -> ErrorCode {
    ErrorCode { code, description }
}

pub const ACCOUNT_MISSING: ErrorCode = code(7510, "Required account number missing");
pub const ACCOUNT_INVALID: ErrorCode = code(7511, "Invalid account number");
pub const PIN_MISSING: ErrorCode = code(7512, "Required PIN missing");
pub const PIN_INVALID: ErrorCode = code(7513, "PIN is invalid or not set");
pub const ZIP_INVALID: ErrorCode = code(7515, "Invalid ZIP code");
pub const NUMBER_INVALID: ErrorCode =
    code(7516, "Telephone number not recognized or invalid for this account");
pub const TOO_MANY_NUMBERS: ErrorCode = code(7517, "Too many telephone numbers in this request");
pub const NUMBER_NOT_ACTIVE: ErrorCode = code(7518, "Telephone number is held by another port-out");
pub const INVALID_REQUEST: ErrorCode = code(7598, "Invalid request, or it cannot be validated now");

/// Returns the code for a rejection.
pub fn for_rejection(reason: RejectionCode) -> ErrorCode {
    match reason {
        RejectionCode::AccountNumberInvalid => ACCOUNT_INVALID,
        RejectionCode::TnNotFound | RejectionCode::TnNotPortable => NUMBER_INVALID,
        RejectionCode::PendingPort => NUMBER_NOT_ACTIVE,
        RejectionCode::ZipCodeInvalid => ZIP_INVALID,
        RejectionCode::PinMissing => PIN_MISSING,
        RejectionCode::PinNotSet | RejectionCode::PinInvalid => PIN_INVALID,
        RejectionCode::AccountNotUs | RejectionCode::PinLocked | RejectionCode::DueDateInvalid => {
            INVALID_REQUEST
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rejection_has_a_code_with_which_bandwidth_stops_the_port() {
        for reason in RejectionCode::ALL {
            assert!(matches!(for_rejection(reason).code, 7510..=7518 | 7598), "{reason:?}");
        }
    }
}
