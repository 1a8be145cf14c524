//! The records that a port-out request touches, with what the rules must not see: digests and fingerprints.

use std::collections::HashMap;

use jiff::Timestamp;
use shared::account::PinStatus;
use shared::port_out::{Ask, JudgedUnder, PortOut, PortOutRequest, VersionChoice};
use shared::port_out_id::PortOutId;
use shared::snapshot::{Answered, Snapshot};

use crate::error::Error;
use crate::pin_hash::digest::StoredPin;
use crate::pin_hash::fingerprint::Fingerprint;
use crate::store::deliveries::{Delivered, Delivery};
use crate::store::item::Item;
use crate::store::key::Key;
use crate::store::records::account::AccountRecord;
use crate::store::records::attempts::AttemptsRow;
use crate::store::records::pon::{LatestAttempt, PonRow};
use crate::store::records::port_out::PortOutRecord;
use crate::store::records::{number, pin};

/// Everything that the table knows about a request, each record as it was at a moment of its own.
#[derive(Debug)]
pub struct PortOutSnapshot {
    /// What the rules decide on.
    pub known: Snapshot,
    /// The account's PIN, if it has one.
    pub pin: Option<StoredPin>,
    /// The fingerprint of the PIN that the answered port-out carried.
    pub fingerprint: Option<Fingerprint>,
    /// What the webhook delivery was answered before.
    pub delivered: Option<Delivered>,
    pub(super) account: Option<AccountRecord>,
    pub(super) attempts: Option<AttemptsRow>,
    pub(super) pon: Option<PonRow>,
}

impl PortOutSnapshot {
    pub(super) fn keys(request: &PortOutRequest, delivery: Option<&Delivery>) -> Vec<Key> {
        let account = &request.content.account_number;
        let fixed = [
            Key::account(account),
            Key::pin(account),
            Key::attempts(account, &request.requester),
            Key::pon(&request.requester, &request.pon),
        ];
        let named = named(request).map(|id| Key::port_out(&id));
        let numbers = request.content.numbers.iter().map(Key::number);
        fixed.into_iter().chain(named).chain(delivery.map(Delivery::key)).chain(numbers).collect()
    }

    pub(super) fn read(
        items: Vec<Item>,
        request: &PortOutRequest,
        delivery: Option<&Delivery>,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let mut items = by_key(items)?;
        let mut take = |key: Key| items.remove(&(key.pk, key.sk));
        let account_number = &request.content.account_number;
        let account = take(Key::account(account_number)).as_ref().map(AccountRecord::read).transpose()?;
        // A PIN that was set between the reads of the two items belongs to an account that was read too early.
        let pin_item = take(Key::pin(account_number)).filter(|_| account.is_some());
        let attempts = take(Key::attempts(account_number, &request.requester));
        let attempts = attempts.as_ref().map(AttemptsRow::read).transpose()?;
        let pon = take(Key::pon(&request.requester, &request.pon));
        let pon = pon.as_ref().map(PonRow::read).transpose()?;
        let named = named(request).and_then(|id| take(Key::port_out(&id)));
        let named = named.as_ref().map(PortOutRecord::read).transpose()?;
        let delivered = delivery.and_then(|delivery| take(delivery.key()));
        let delivered = delivered.as_ref().map(|item| Delivered::read(item, now)).transpose()?.flatten();

        let status = pin_item.as_ref().map(pin::status).transpose()?.unwrap_or_default();
        let answered = named.or_else(|| repeated_attempt(request, pon.as_ref()));
        let fingerprint = answered.as_ref().and_then(|record| record.fingerprint.clone());
        let known = Snapshot {
            attempts: attempts.map(|row| row.under(&status)).unwrap_or_default(),
            account: account.as_ref().map(|record| record.account(status)),
            numbers: items.values().map(number::read).collect::<Result<_, _>>()?,
            latest: pon.as_ref().map(|row| row.latest),
            confirmed: pon.as_ref().and_then(|row| row.confirmed.clone()),
            related: HashMap::new(),
            answered: answered
                .map(|record| Answered { had_pin: record.fingerprint.is_some(), port_out: record.port_out }),
        };
        let pin = pin_item.as_ref().map(pin::stored).transpose()?;
        Ok(Self { known, pin, fingerprint, delivered, account, attempts, pon })
    }

    /// Returns the versions that an answer rests on.
    pub fn judged_under(&self) -> JudgedUnder {
        let decision_version = self.account.as_ref().map_or(0, |record| record.decision_version);
        JudgedUnder { pin_version: self.known.pin_version(), decision_version }
    }

    pub(super) fn pin_status(&self) -> PinStatus {
        self.known.account.as_ref().map(|account| account.pin.clone()).unwrap_or_default()
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
    let Ask::Port(numbers, _) = &request.ask else { return None };
    let LatestAttempt { content_hash, outcome, judged_under, entered_at, fingerprint } =
        row.attempt.as_ref()?;
    (*content_hash == request.content_hash()).then(|| PortOutRecord {
        port_out: PortOut::new(
            request,
            numbers.clone(),
            row.latest,
            outcome.clone(),
            *judged_under,
            *entered_at,
        ),
        fingerprint: fingerprint.clone(),
    })
}

fn by_key(items: Vec<Item>) -> Result<HashMap<(String, String), Item>, Error> {
    items
        .into_iter()
        .map(|item| Ok(((item.text("pk")?.to_owned(), item.text("sk")?.to_owned()), item)))
        .collect()
}
