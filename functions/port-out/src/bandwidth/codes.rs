//! Bandwidth's codes for an invalid port-out (table of error codes in Bandwidth's port-out validation guide).
//!
//! Bandwidth lets a port through for 7599 and for every code outside its table, so none of them is used here. 7514 is
//! never used because no account requires a ZIP code, and 7517 and 7518 because they cancel the carrier's order: a
//! request that can be corrected or repeated gets 7598, which only halts it.

use shared::rejection::RejectionCode;

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
pub const PIN_MISSING: ErrorCode = code(7512, "Required PIN missing or not set");
pub const PIN_INVALID: ErrorCode = code(7513, "PIN is invalid or locked");
pub const ZIP_INVALID: ErrorCode = code(7515, "Invalid ZIP code");
/// Cancels the order.
pub const NUMBER_INVALID: ErrorCode = code(7516, "Telephone number not recognized or not portable");
pub const INVALID_REQUEST: ErrorCode = code(7598, "Invalid request, or it cannot be validated now");

/// Returns the code for a rejection. `elsewhere` is whether the number that it is about belongs to another account of
/// ours: then the account number may be the mistake, and the order need not be cancelled.
pub fn for_rejection(reason: RejectionCode, elsewhere: bool) -> ErrorCode {
    match reason {
        RejectionCode::AccountNumberInvalid | RejectionCode::AccountNumberMismatch => ACCOUNT_INVALID,
        RejectionCode::TnNotFound if elsewhere => ACCOUNT_INVALID,
        RejectionCode::TnNotFound | RejectionCode::TnNotPortable => NUMBER_INVALID,
        RejectionCode::ZipCodeInvalid => ZIP_INVALID,
        RejectionCode::PinMissing | RejectionCode::PinNotSet => PIN_MISSING,
        RejectionCode::PinInvalid | RejectionCode::PinLocked => PIN_INVALID,
        RejectionCode::AccountNotUs | RejectionCode::PendingPort | RejectionCode::PortProtectionOn => {
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
            for elsewhere in [false, true] {
                let code = for_rejection(reason, elsewhere).code;
                assert!(matches!(code, 7511..=7513 | 7515 | 7516 | 7598), "{reason:?}");
            }
        }
    }
}
