//! PINs: the digest, how it was made, when and by whom it was set, and the counts over all carriers.

use jiff::Timestamp;
use shared::account::PinStatus;
use shared::attempts::PinFailures;

use crate::error::Error;
use crate::pin_hash::digest::StoredPin;
use crate::pin_hash::parameters::HashParameters;
use crate::store::item::Item;

/// Attributes of a PIN that every reader may see: nothing that derives from its digits.
pub const STATUS_ATTRIBUTES: &[&str] = &[
    "pin_version",
    "pin_updated_at",
    "pin_updated_by",
    "pin_disclosed_at",
    "failed_attempts",
    "consecutive_failures",
    "count_period",
    "pin_failed_at",
];

/// Attribute that set-pin reads besides: how the PIN was hashed.
pub const PARAMETERS: &[&str] = &["pin_parameters"];

/// Reads the status of a PIN.
pub fn status(item: &Item) -> Result<PinStatus, Error> {
    let last_set = (item.get("pin_updated_at")?, item.text("pin_updated_by")?.to_owned());
    let failures = PinFailures {
        since_change: item.number("failed_attempts")?,
        consecutive: item.number("consecutive_failures")?,
        period: item.number("count_period")?,
        last_failed_at: item.optional("pin_failed_at")?,
    };
    let version = item.number("pin_version")?;
    if version == 0 {
        return Err(Error::corrupt("pin_version"));
    }
    let disclosed = item.optional::<Timestamp>("pin_disclosed_at")?.is_some();
    Ok(PinStatus { version, last_set: Some(last_set), failures, disclosed })
}

/// Reads how a PIN was hashed.
pub fn parameters(item: &Item) -> Result<HashParameters, Error> {
    item.get("pin_parameters")
}

/// Reads the digest of a PIN. A PIN without one is corrupt, and not a wrong PIN.
pub fn stored(item: &Item) -> Result<StoredPin, Error> {
    Ok(StoredPin { parameters: parameters(item)?, digest: item.get("pin_digest")? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::store::item::{number, string};

    fn item() -> Item {
        Item::default()
            .with("pin_version", number(1))
            .with("pin_updated_at", string("2026-11-23T16:04:05.678Z"))
            .with("pin_updated_by", string("user:admin"))
            .with("failed_attempts", number(7))
            .with("consecutive_failures", number(3))
            .with("count_period", number(1))
            .with("pin_parameters", string("pbkdf2-sha256$600000$local-1$BwcHBwcHBwcHBwcHBwcHBw"))
    }

    #[test]
    fn a_pin_without_its_digest_is_corrupt_and_not_a_wrong_pin() {
        let status = status(&item()).unwrap();
        assert_eq!((status.failures.since_change, status.failures.consecutive), (7, 3));
        for broken in [item(), item().with("pin_digest", string("CQkJ"))] {
            assert_eq!(stored(&broken).err().unwrap().kind(), ErrorKind::Corrupt);
        }
    }
}
