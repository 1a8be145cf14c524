//! What the next page confirms: in a sealed cookie for a minute, so that no link can make the console claim anything.

use serde::{Deserialize, Serialize};

use crate::session::ID_BYTES;

/// Seconds within which the next page has to be shown.
pub const SECONDS: u32 = 60;

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// The PIN was set, with what is to be said about it.
    PinSet {
        /// Whether it is the account's first one.
        first: bool,
        /// Sentences about it; they never tell its digits.
        warnings: Vec<String>,
    },
    /// The PIN that was sent is the one that was set already.
    PinUnchanged,
    /// Protection was switched on.
    ProtectionOn,
    /// Protection was switched off.
    ProtectionOff,
    /// A port-out was cancelled.
    Cancelled {
        /// Whether the owner did not authorize it, which locks the PIN.
        not_authorized: bool,
        /// Whether the provider's porting desk has to tell the carrier.
        carrier_must_be_told: bool,
    },
}

impl Notice {
    /// Returns the notice for a session as bytes, to be sealed.
    pub fn to_bytes(&self, session: &[u8; ID_BYTES]) -> Vec<u8> {
        let json = serde_json::to_vec(self).unwrap_or_default();
        [session.as_slice(), &json].concat()
    }

    /// Reads a notice that was sealed for this session.
    pub fn from_bytes(bytes: &[u8], session: &[u8; ID_BYTES]) -> Option<Self> {
        serde_json::from_slice(bytes.strip_prefix(session)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_for_the_session_in_which_something_was_done() {
        let notice = Notice::PinSet { first: true, warnings: vec!["It repeats.".to_owned()] };
        let bytes = notice.to_bytes(&[1; ID_BYTES]);
        assert_eq!(Notice::from_bytes(&bytes, &[1; ID_BYTES]), Some(notice));
        assert_eq!(Notice::from_bytes(&bytes, &[2; ID_BYTES]), None);
        assert_eq!(Notice::from_bytes(&[], &[1; ID_BYTES]), None);
    }
}
