//! Bandwidth's codes for why a port-out is not valid (their port-out validation guide, table of error codes).
//!
//! 7599 and every code that is not in their table let the port through; neither is ever used here. 7510 is used when
//! numbers of several accounts come without an account number; 7514 never, since no account requires a ZIP code.

use shared::port_out::RejectionCode;

/// A code with what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode {
    /// The number.
    pub code: u16,
    /// The sentence that goes with it.
    pub description: &'static str,
}

const fn code(code: u16, description: &'static str) -> ErrorCode {
    ErrorCode { code, description }
}

pub const ACCOUNT_MISSING: ErrorCode = code(7510, "Required account number missing");
pub const ACCOUNT_INVALID: ErrorCode = code(7511, "Invalid account number");
pub const PIN_MISSING: ErrorCode = code(7512, "Required PIN missing");
pub const PIN_INVALID: ErrorCode = code(7513, "PIN invalid, or none is set");
pub const ZIP_INVALID: ErrorCode = code(7515, "Invalid ZIP code");
pub const NUMBER_INVALID: ErrorCode =
    code(7516, "Telephone number not recognized or invalid for this account");
pub const TOO_MANY_NUMBERS: ErrorCode = code(7517, "Too many telephone numbers in this request");
pub const NUMBER_NOT_ACTIVE: ErrorCode = code(7518, "Telephone number held by another port-out");
pub const INVALID_REQUEST: ErrorCode = code(7598, "Invalid request, or it cannot be validated now");

/// The code for one of our reasons.
pub fn of(reason: RejectionCode) -> ErrorCode {
    match reason {
        RejectionCode::AccountNumberInvalid => ACCOUNT_INVALID,
        RejectionCode::TnNotFound | RejectionCode::TnNotPortable => NUMBER_INVALID,
        RejectionCode::PendingPort => NUMBER_NOT_ACTIVE,
        RejectionCode::ZipCodeInvalid => ZIP_INVALID,
        RejectionCode::PinMissing => PIN_MISSING,
        RejectionCode::PinNotSet | RejectionCode::PinInvalid => PIN_INVALID,
        RejectionCode::AccountNotUs | RejectionCode::PinLocked => INVALID_REQUEST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_code_of_their_table_that_refuses() {
        for reason in RejectionCode::ALL {
            assert!(matches!(of(reason).code, 7510..=7518 | 7598), "{reason:?}");
        }
    }
}
