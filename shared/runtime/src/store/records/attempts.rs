//! What one carrier did for one account: wrong PINs, and requests without a comparison.

use jiff::{SignedDuration, Timestamp};
use shared::account::PinStatus;
use shared::attempts::CarrierAttempts;

use crate::error::Error;
use crate::store::item::{Item, number, time};
use crate::store::key::Key;

/// Attributes of a row.
pub const ATTRIBUTES: &[&str] = &[
    "failures",
    "added_failures",
    "last_failed_at",
    "pin_version",
    "count_period",
    "uncompared",
    "uncompared_since",
    "announced_until",
    "row_revision",
];

/// How long a row is kept after its last change: far longer than the longest wait.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A row as it stands in the table, perhaps about a PIN that was changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AttemptsRow {
    attempts: CarrierAttempts,
    pin_version: u64,
    period: u64,
    /// One more with each change.
    pub revision: u64,
}

impl AttemptsRow {
    pub fn read(item: &Item) -> Result<Self, Error> {
        let attempts = CarrierAttempts {
            failures: item.number("failures")?,
            added: item.number("added_failures")?,
            last_failed_at: item.optional("last_failed_at")?,
            uncompared: item.number("uncompared")?,
            uncompared_since: item.optional("uncompared_since")?,
            announced_until: item.optional("announced_until")?,
        };
        Ok(Self {
            attempts,
            pin_version: item.number("pin_version")?,
            period: item.number("count_period")?,
            revision: item.number("row_revision")?,
        })
    }

    /// Returns what it says about the account's current PIN: wrong PINs under an earlier one mean nothing now.
    pub fn under(&self, pin: &PinStatus) -> CarrierAttempts {
        let mut attempts = self.attempts;
        if self.pin_version != pin.version {
            attempts.failures = 0;
            attempts.last_failed_at = None;
        }
        if self.period != pin.failures.period {
            attempts.added = 0;
        }
        attempts
    }

    /// Returns the row that follows this one.
    pub fn next(&self, attempts: CarrierAttempts, pin_version: u64, period: u64) -> Self {
        Self { attempts, pin_version, period, revision: self.revision.saturating_add(1) }
    }

    pub fn item(&self, key: Key, now: Timestamp) -> Item {
        let CarrierAttempts {
            failures,
            added,
            last_failed_at,
            uncompared,
            uncompared_since,
            announced_until,
        } = self.attempts;
        let expires = now.as_second().saturating_add(KEPT.as_secs());
        Item::at(key)
            .with("failures", number(failures))
            .with("added_failures", number(added))
            .with_some("last_failed_at", last_failed_at.map(time))
            .with("uncompared", number(uncompared))
            .with_some("uncompared_since", uncompared_since.map(time))
            .with_some("announced_until", announced_until.map(time))
            .with("pin_version", number(self.pin_version))
            .with("count_period", number(self.period))
            .with("row_revision", number(self.revision))
            .with("expires_at", number(expires))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::attempts::PinFailures;

    #[test]
    fn a_row_reads_back_means_nothing_for_a_new_pin_and_outlives_the_longest_wait() {
        let now: Timestamp = "2026-11-23T16:04:05.678Z".parse().unwrap();
        let attempts = CarrierAttempts::default().after_wrong(false, now).after_uncompared(now);
        let row = AttemptsRow::default().next(attempts, 3, 5);
        let requester = "A123".parse().unwrap();
        let item = row.item(Key::attempts(&"CONTOSO".parse().unwrap(), &requester), now);
        assert_eq!(AttemptsRow::read(&item.clone().projected(ATTRIBUTES)).unwrap(), row);
        let kept = item.number::<i64>("expires_at").unwrap() - now.as_second();
        assert!(kept > shared::attempts::LONGEST_WAIT.as_secs());
        let pin = |version, period| {
            let failures = PinFailures { period, ..PinFailures::default() };
            PinStatus { version, failures, ..PinStatus::default() }
        };
        assert_eq!(row.under(&pin(3, 5)), attempts);
        let counts = |attempts: CarrierAttempts| (attempts.failures, attempts.added, attempts.uncompared);
        assert_eq!(counts(row.under(&pin(3, 6))), (1, 0, 1));
        assert_eq!(counts(row.under(&pin(4, 6))), (0, 0, 1));
    }
}
