//! The writes that count: wrong PINs of a carrier and over all carriers, and requests without a comparison.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use shared::actor::Actor;
use shared::attempts::{CarrierAttempts, CountUp, LOCK_AT, PinFailures, Wait};
use shared::decision::AttemptEffect;
use shared::port_out::PortOutRequest;

use super::PortOutSnapshot;
use crate::error::Error;
use crate::pin_hash::digest::StoredPin;
use crate::store::audit_event::Event;
use crate::store::item::{number, string, time};
use crate::store::key::{Key, Partition};
use crate::store::records::account::AccountRecord;
use crate::store::records::attempts::AttemptsRow;
use crate::store::write::Write;

/// What an answer costs: the writes of the counts, and the check that they rest on the account as it was read.
pub(super) struct Counts<'a> {
    pub snapshot: &'a PortOutSnapshot,
    pub request: &'a PortOutRequest,
    pub actor: &'a Actor,
    pub now: Timestamp,
}

impl Counts<'_> {
    /// Returns the writes for an effect; `renewed` replaces an outdated digest, now that the PIN is known.
    pub fn writes(&self, effect: AttemptEffect, renewed: Option<&StoredPin>) -> Result<Vec<Write>, Error> {
        match effect {
            AttemptEffect::None => Ok(self.checks()),
            AttemptEffect::Uncompared => {
                let mut writes = self.checks();
                writes.push(self.row(self.carrier().after_uncompared(self.now), self.failures().period));
                Ok(writes)
            }
            AttemptEffect::Right => {
                Ok(vec![self.account_check(), self.pin_was_right(renewed), self.end_own()])
            }
            AttemptEffect::Wrong => self.wrong(),
        }
    }

    /// Returns the writes that count a wrong PIN of a repetition. The account's PIN is counted only if it can be guessed
    /// now.
    pub fn wrong_repetition(&self) -> Result<Vec<Write>, Error> {
        let guessable = self.snapshot.known.account.as_ref().is_some_and(|account| account.compares_pins());
        if guessable {
            return self.wrong();
        }
        let mut writes = self.checks();
        writes.push(self.row(self.carrier().after_wrong(false, self.now), self.failures().period));
        Ok(writes)
    }

    /// Returns the writes that announce a wait to the owner, once.
    pub fn announce(&self, wait: Wait, reason: &'static str) -> Result<Vec<Write>, Error> {
        let partition = match &self.snapshot.account {
            Some(record) => Partition::Account(record.number.clone()),
            None => Partition::Carrier(self.request.spid.clone()),
        };
        let row = self.row(self.carrier().after_announcement(wait), self.failures().period);
        let event = Event::deferred(partition, &self.request.spid, wait, reason);
        let mut writes = vec![row, event.write(self.actor, self.now)?];
        writes.extend(self.pin_check());
        Ok(writes)
    }

    /// Checks that the account and its PIN are as they were read, each at a moment of its own.
    pub fn checks(&self) -> Vec<Write> {
        [self.account_check()].into_iter().chain(self.pin_check()).collect()
    }

    /// Checks that the account's PIN is the one that was read, or still absent: an older one would have this carrier's
    /// wrong PINs under the newer one forgotten.
    fn pin_check(&self) -> Option<Write> {
        let key = Key::pin(&self.snapshot.account.as_ref()?.number);
        Some(match self.snapshot.pin {
            None => Write::check(key, "attribute_not_exists(#pk)", &[]),
            Some(_) => Write::check(key, self.pin_as_read(), &self.pin_values(self.failures())),
        })
    }

    /// Checks that the account is as it was read, also if it was absent: an account, a PIN, a lock or a protection that
    /// appeared meanwhile must not get an answer that was true before.
    fn account_check(&self) -> Write {
        match &self.snapshot.account {
            None => {
                let account = Key::account(&self.request.content.account_number);
                Write::check(account, "attribute_not_exists(#pk)", &[])
            }
            Some(record) => {
                let values = [("decision_version", number(record.decision_version))];
                Write::check(Key::account(&record.number), "#decision_version = :decision_version", &values)
            }
        }
    }

    /// Checks that this carrier's row is as it was read.
    pub fn row_check(&self) -> Write {
        let (as_read, values) = self.row_as_read();
        Write::check(self.row_key(), as_read, &values)
    }

    /// Counts a wrong PIN for the carrier and over all carriers.
    fn wrong(&self) -> Result<Vec<Write>, Error> {
        let Some(record) = &self.snapshot.account else { return Ok(vec![self.account_check()]) };
        let failures = self.failures();
        let count_up = failures.count_up(self.now);
        let starts_again = count_up == CountUp::StartsAgain;
        let period = failures.period.saturating_add(u64::from(starts_again));
        let row = self.row(self.carrier().after_wrong(starts_again, self.now), period);
        let mut writes = vec![row, self.count_wrong(record, failures, count_up)];
        let version = self.snapshot.known.pin_version();
        match count_up {
            CountUp::Reaches(count) => {
                let locks = count == LOCK_AT;
                writes.push(if locks { bump(record) } else { self.account_check() });
                let event = Event::attempts_high(&record.number, version, count, locks);
                writes.push(event.write(self.actor, self.now)?);
            }
            CountUp::Below(_) | CountUp::StartsAgain => writes.push(self.account_check()),
        }
        Ok(writes)
    }

    /// Counts a wrong PIN over all carriers. Below a milestone the count itself is not a condition, or carriers would
    /// make each other's requests stale; the milestone is, so that one write alone reaches it, and none counts past the
    /// lock.
    fn count_wrong(&self, record: &AccountRecord, failures: PinFailures, count_up: CountUp) -> Write {
        let (change, unchanged) = match count_up {
            CountUp::Below(_) => {
                ("#consecutive_failures = #consecutive_failures + :one", "#consecutive_failures < :last")
            }
            CountUp::Reaches(_) => {
                ("#consecutive_failures = #consecutive_failures + :one", "#consecutive_failures = :read")
            }
            CountUp::StartsAgain => {
                ("#consecutive_failures = :one, #count_period = :next", "#consecutive_failures = :read")
            }
        };
        let last = if let CountUp::Below(milestone) = count_up { milestone.saturating_sub(1) } else { 0 };
        let mut values = self.pin_values(failures);
        values.extend([
            ("one", number(1)),
            ("last", number(last)),
            ("read", number(failures.consecutive)),
            ("next", number(failures.period.saturating_add(1))),
            ("now", time(self.now)),
        ]);
        let change =
            format!("SET #failed_attempts = #failed_attempts + :one, #pin_failed_at = :now, {change}");
        Write::update(
            Key::pin(&record.number),
            change,
            format!("{} AND {unchanged}", self.pin_as_read()),
            &values,
        )
    }

    /// Takes what this carrier added off the count over all carriers, and leaves what others added. The lock is a
    /// condition, so that no guess is evaluated once the PIN is locked.
    fn pin_was_right(&self, renewed: Option<&StoredPin>) -> Write {
        let key = Key::pin(&self.request.content.account_number);
        let added = self.carrier().added;
        let mut values = self.pin_values(self.failures());
        values.extend([("added", number(added)), ("lock", number(LOCK_AT))]);
        let counts = "#consecutive_failures >= :added AND #consecutive_failures < :lock";
        let unchanged = format!("{} AND {counts}", self.pin_as_read());
        let mut sets = Vec::new();
        if added > 0 {
            sets.push("#consecutive_failures = #consecutive_failures - :added");
        }
        if let Some(StoredPin { parameters, digest }) = renewed {
            sets.push("#pin_parameters = :parameters, #pin_digest = :digest");
            values.push(("parameters", string(parameters.stored())));
            values.push(("digest", string(digest.expose_stored())));
        }
        match sets.is_empty() {
            true => Write::check(key, unchanged, &values),
            false => Write::update(key, format!("SET {}", sets.join(", ")), unchanged, &values),
        }
    }

    /// Ends this carrier's own wrong PINs, or checks that it had none.
    fn end_own(&self) -> Write {
        let carrier = self.carrier();
        let had_some = self.snapshot.attempts.is_some() && carrier != carrier.after_right();
        if had_some { self.row(carrier.after_right(), self.failures().period) } else { self.row_check() }
    }

    /// Stores this carrier's row. Of guesses in parallel only one finds it as it was read, so none is evaluated before
    /// the count that it costs is stored.
    fn row(&self, attempts: CarrierAttempts, period: u64) -> Write {
        let (as_read, values) = self.row_as_read();
        let read = self.snapshot.attempts.unwrap_or_default();
        let row = read.next(attempts, self.snapshot.known.pin_version(), period);
        Write::put(row.item(self.row_key(), self.now), as_read, &values)
    }

    fn row_key(&self) -> Key {
        Key::attempts(&self.request.content.account_number, &self.request.requester)
    }

    fn row_as_read(&self) -> (&'static str, Vec<(&'static str, AttributeValue)>) {
        match self.snapshot.attempts {
            None => ("attribute_not_exists(#pk)", Vec::new()),
            Some(AttemptsRow { revision, .. }) => {
                ("#row_revision = :row_revision", vec![("row_revision", number(revision))])
            }
        }
    }

    fn carrier(&self) -> CarrierAttempts {
        self.snapshot.known.attempts
    }

    fn failures(&self) -> PinFailures {
        self.snapshot.pin_status().failures
    }

    /// Returns the condition that the PIN is the one that was read, that its count did not start again meanwhile, and that
    /// its owner did not report meanwhile that others know it.
    fn pin_as_read(&self) -> &'static str {
        match self.snapshot.pin_status().disclosed {
            false => {
                "#pin_version = :pin_version AND #count_period = :period \
                 AND attribute_not_exists(#pin_disclosed_at)"
            }
            true => {
                "#pin_version = :pin_version AND #count_period = :period AND attribute_exists(#pin_disclosed_at)"
            }
        }
    }

    fn pin_values(&self, failures: PinFailures) -> Vec<(&'static str, AttributeValue)> {
        vec![("pin_version", number(self.snapshot.known.pin_version())), ("period", number(failures.period))]
    }
}

/// Moves the version that decisions rest on, unless it moved since it was read.
pub(super) fn bump(record: &AccountRecord) -> Write {
    let values = [("read", number(record.decision_version)), ("one", number(1))];
    let change = "SET #decision_version = #decision_version + :one";
    Write::update(Key::account(&record.number), change, "#decision_version = :read", &values)
}
