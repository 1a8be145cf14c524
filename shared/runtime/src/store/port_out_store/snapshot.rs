//! The records that a port-out request touches, with what the rules must not see: digests and fingerprints.

use std::collections::HashMap;

use jiff::Timestamp;
use shared::attempts;
use shared::port_out::{PortOut, PortOutRequest, VersionChoice};
use shared::port_out_id::PortOutId;
use shared::snapshot::{Answered, Snapshot};

use crate::error::Error;
use crate::pin_hash::digest::PinDigest;
use crate::pin_hash::fingerprint::Fingerprint;
use crate::store::deliveries::{Delivered, DeliveryKey};
use crate::store::item::Item;
use crate::store::key::Key;
use crate::store::records::{self, AccountRecord, AttemptsRow, LatestAttempt, PonRow, PortOutRecord};

/// Everything that the table knows about a request, each record as it was at a moment of its own.
#[derive(Debug)]
pub struct PortOutSnapshot {
    /// What the rules decide on.
    pub known: Snapshot,
    /// The digest of the account's PIN, if it has one.
    pub digest: Option<PinDigest>,
    /// The fingerprint of the PIN that the answered port-out carried.
    pub fingerprint: Option<Fingerprint>,
    /// What the webhook delivery was answered before.
    pub delivered: Option<Delivered>,
    pub(super) account: Option<AccountRecord>,
    pub(super) attempts: Option<AttemptsRow>,
    pub(super) pon: Option<PonRow>,
}

impl PortOutSnapshot {
    pub(super) fn keys(request: &PortOutRequest, delivery: Option<&DeliveryKey>) -> Vec<Key> {
        let account = &request.content.account_number;
        let fixed = [
            Key::account(account),
            Key::attempts(account, &request.spid),
            Key::pon(&request.spid, &request.pon),
        ];
        let named = named(request).map(|id| Key::port_out(&id));
        let numbers = request.content.numbers.as_slice().iter().map(Key::number);
        fixed.into_iter().chain(named).chain(delivery.map(DeliveryKey::key)).chain(numbers).collect()
    }

    pub(super) fn read(
        items: Vec<Item>,
        request: &PortOutRequest,
        delivery: Option<&DeliveryKey>,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let mut items = by_key(items)?;
        let mut take = |key: Key| items.remove(&(key.pk, key.sk));
        let account_number = &request.content.account_number;
        let account_item = take(Key::account(account_number));
        let attempts = take(Key::attempts(account_number, &request.spid));
        let pon = take(Key::pon(&request.spid, &request.pon));
        let named = named(request).and_then(|id| take(Key::port_out(&id)));
        let delivered = delivery.and_then(|delivery| take(delivery.key()));

        let account = account_item.as_ref().map(AccountRecord::read).transpose()?;
        let digest = match (&account_item, &account) {
            (Some(item), Some(record)) => records::digest(item, &record.account.pin)?,
            _ => None,
        };
        let attempts = attempts.as_ref().map(AttemptsRow::read).transpose()?;
        let pon = pon.as_ref().map(PonRow::read).transpose()?;
        let named = named.as_ref().map(PortOutRecord::read).transpose()?;
        let answered = named.or_else(|| repeated_attempt(request, pon.as_ref()));
        let fingerprint = answered.as_ref().and_then(|record| record.fingerprint.clone());
        let pin_version = account.as_ref().map_or(0, |record| record.account.pin.version);
        let known = Snapshot {
            account: account.as_ref().map(|record| record.account.clone()),
            numbers: items.values().map(records::number_record).collect::<Result<_, _>>()?,
            // A count under an earlier PIN says nothing about this one.
            attempts: attempts
                .filter(|row| row.pin_version == pin_version)
                .map(|row| row.attempts)
                .unwrap_or_default(),
            latest: pon.as_ref().map(|row| row.latest),
            confirmed: pon.as_ref().and_then(|row| row.confirmed.clone()),
            earlier: None,
            answered: answered
                .map(|record| Answered { had_pin: record.fingerprint.is_some(), port_out: record.port_out }),
        };
        let delivered = delivered.as_ref().map(|item| Delivered::read(item, now)).transpose()?.flatten();
        Ok(Self { known, digest, fingerprint, delivered, account, attempts, pon })
    }

    pub(super) fn pin_version(&self) -> u64 {
        self.account.as_ref().map_or(0, |record| record.account.pin.version)
    }

    /// Returns whether one more wrong PIN locks the account's PIN.
    pub fn next_wrong_locks(&self) -> bool {
        let failed = self.account.as_ref().map_or(0, |record| record.account.pin.failed_attempts);
        attempts::is_locked(failed.saturating_add(1))
    }
}

/// The port-out that a request names; none in protocols without versions.
fn named(request: &PortOutRequest) -> Option<PortOutId> {
    match request.version {
        VersionChoice::Given(version) => Some(request.id(version)),
        VersionChoice::LatestOrNext => None,
    }
}

/// The PON's latest attempt, if the request has the same content: only then can it be a repetition.
fn repeated_attempt(request: &PortOutRequest, pon: Option<&PonRow>) -> Option<PortOutRecord> {
    let row = pon.filter(|_| request.version == VersionChoice::LatestOrNext)?;
    let LatestAttempt { content_hash, outcome, received_at, fingerprint } = row.attempt.as_ref()?;
    (*content_hash == request.content.hash()).then(|| PortOutRecord {
        port_out: PortOut {
            id: request.id(row.latest),
            spid: request.spid.clone(),
            pon: request.pon.clone(),
            version: row.latest,
            content: request.content.clone(),
            outcome: outcome.clone(),
            received_at: *received_at,
        },
        fingerprint: fingerprint.clone(),
    })
}

fn by_key(items: Vec<Item>) -> Result<HashMap<(String, String), Item>, Error> {
    items
        .into_iter()
        .map(|item| Ok(((item.text("pk")?.to_owned(), item.text("sk")?.to_owned()), item)))
        .collect()
}
