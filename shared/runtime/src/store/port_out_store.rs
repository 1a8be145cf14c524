//! What `port-out` may do: read everything that a decision needs in one go, and record the answer in one write.
//!
//! The write is conditional on the counts that were read. Of many guesses at once, each one that becomes known
//! has moved the carrier's count by one, so the others are refused here and read again.
//!
//! A batch is no snapshot: each of its items is as it was at a moment of its own. So the write also makes sure of
//! every other fact that the answer rests on, be it the account, the PON, or the numbers that an answer refuses.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::error::Error;
use crate::pin_hash::digest::PinDigest;
use crate::store::audit_event::Event;
use crate::store::item::{Item, number, string};
use crate::store::key::Key;
use crate::store::records::{self, AccountRecord, AttemptsRow, PonRow, PortOutRecord};
use crate::store::table::{Table, Written};
use crate::store::webhook_sources::{Delivered, DeliveryKey};
use crate::store::write::Write;
use shared::account::{AccountNumber, PortOutBlock};
use shared::actor::Actor;
use shared::attempts::{self, CarrierAttempts};
use shared::decision::{AttemptEffect, NumberRecord, PortOutContext};
use shared::port_out::{Outcome, PortOut, PortOutRequest, Rejection, RejectionCode};
use shared::port_out_id::{Pon, PortOutId, Version};
use shared::spid::Spid;
use shared::telephone_number::Tn;
use shared::telephone_numbers::TelephoneNumbers;

/// Reads for decisions and records them.
#[derive(Clone)]
pub struct PortOutStore(Table);

const NUMBER_ATTRIBUTES: &[&str] = &["account_number", "held_by", "telephone_number"];

/// Everything about a request that the table knows.
#[derive(Debug)]
pub struct PortOutSnapshot {
    account: Option<AccountRecord>,
    digest: Option<PinDigest>,
    attempts: Option<AttemptsRow>,
    order: Option<PortOutRecord>,
    pon: Option<PonRow>,
    numbers: HashMap<Tn, NumberRecord>,
}

/// What a write became.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It is recorded.
    Yes,
    /// Something that it rests on has changed: read again.
    Stale,
}

/// An answer with what has to be recorded beside it.
pub struct Answered<'a> {
    /// The port-out, decided.
    pub order: PortOutRecord,
    /// What it does to the counts.
    pub tally: AttemptEffect,
    /// The confirmed earlier version that it replaces, if it is confirmed itself.
    pub earlier: Option<&'a PortOut>,
    /// The PIN's digest under today's parameters, if the stored one is outdated and the PIN was right.
    pub renewed_digest: Option<PinDigest>,
    /// The webhook delivery that asked for it.
    pub delivery: Option<&'a DeliveryKey>,
}

impl PortOutSnapshot {
    /// The facts that the decision rests on.
    pub fn facts(&self) -> PortOutContext {
        PortOutContext {
            account: self.account.as_ref().map(|record| record.account.clone()),
            numbers: self.numbers.clone(),
            replaces: self.replaces().cloned(),
        }
    }

    /// The digest of the account's PIN, if it has one.
    pub fn digest(&self) -> Option<&PinDigest> {
        self.digest.as_ref()
    }

    /// The same order, if it was answered before.
    pub fn order(&self) -> Option<&PortOutRecord> {
        self.order.as_ref()
    }

    /// The latest version of the PON that was answered.
    pub fn latest_version(&self) -> Option<Version> {
        self.pon.as_ref().map(|pon| pon.latest)
    }

    /// The confirmed version of the PON.
    pub fn replaces(&self) -> Option<&PortOutId> {
        self.pon.as_ref().and_then(|pon| pon.confirmed.as_ref())
    }

    /// The seconds that this carrier still has to wait for this account.
    pub fn wait(&self, now: Timestamp) -> Option<u64> {
        self.attempts().wait(now)
    }

    /// The count that stands; one of an earlier PIN counts for nothing.
    fn attempts(&self) -> CarrierAttempts {
        let version = self.pin_version();
        self.attempts.filter(|row| row.pin_version == version).map(|row| row.attempts).unwrap_or_default()
    }

    fn pin_version(&self) -> u64 {
        self.account.as_ref().map_or(0, |record| record.account.pin.version)
    }

    /// Whether one more wrong PIN will lock the account's PIN.
    pub fn next_wrong_locks(&self) -> bool {
        let failed = self.account.as_ref().map_or(0, |record| record.account.pin.failed_attempts);
        attempts::is_locked(failed.saturating_add(1))
    }
}

impl PortOutStore {
    /// A desk on this table.
    pub fn new(table: Table) -> Self {
        Self(table)
    }

    /// Reads everything that this request touches, in one batch.
    pub async fn read(&self, request: &PortOutRequest) -> Result<PortOutSnapshot, Error> {
        let account = &request.content.account_number;
        let fixed = [
            Key::account(account),
            Key::attempts(account, &request.spid),
            Key::port_out(&request.id()),
            Key::pon(&request.spid, &request.pon),
        ];
        let numbers = request.content.numbers.as_slice();
        let keys = fixed.iter().cloned().chain(numbers.iter().map(Key::number)).collect();
        let mut items = by_key(self.0.batch_get(keys, records::SNAPSHOT_ATTRIBUTES).await?)?;
        let [account, attempts, order, pon] = fixed.map(|key| items.remove(&(key.pk, key.sk)));
        let record = account.as_ref().map(AccountRecord::read).transpose()?;
        let digest = match (&account, &record) {
            (Some(item), Some(record)) => records::digest(item, &record.account.pin)?,
            _ => None,
        };
        Ok(PortOutSnapshot {
            account: record,
            digest,
            attempts: attempts.as_ref().map(AttemptsRow::read).transpose()?,
            order: order.as_ref().map(PortOutRecord::read).transpose()?,
            pon: pon.as_ref().map(PonRow::read).transpose()?,
            numbers: items.values().map(records::number_record).collect::<Result<_, _>>()?,
        })
    }

    /// An earlier version of the request.
    pub async fn port_out(&self, id: &PortOutId) -> Result<Option<PortOut>, Error> {
        let item = self.0.get(Key::port_out(id), records::PORT_OUT_ATTRIBUTES).await?;
        item.as_ref().map(|item| PortOutRecord::read(item).map(|record| record.port_out)).transpose()
    }

    /// How this delivery was answered in the last 24 hours, if it was.
    pub async fn delivered(
        &self,
        delivery: &DeliveryKey,
        now: Timestamp,
    ) -> Result<Option<Delivered>, Error> {
        match self.0.get(delivery.key(), Delivered::ATTRIBUTES).await? {
            Some(item) => Delivered::read(&item, now),
            None => Ok(None),
        }
    }

    /// The confirmed version of a PON.
    pub async fn confirmed(&self, spid: &Spid, pon: &Pon) -> Result<Option<PortOutId>, Error> {
        Ok(self.pon(spid, pon).await?.and_then(|row| row.confirmed))
    }

    async fn pon(&self, spid: &Spid, pon: &Pon) -> Result<Option<PonRow>, Error> {
        let item = self.0.get(Key::pon(spid, pon), &["latest_version", "confirmed_id"]).await?;
        item.as_ref().map(PonRow::read).transpose()
    }

    /// The latest version of a PON, with its answer.
    pub async fn latest(&self, spid: &Spid, pon: &Pon) -> Result<Option<PortOutRecord>, Error> {
        let Some(row) = self.pon(spid, pon).await? else { return Ok(None) };
        let id = PortOutId::of(spid, pon, row.latest);
        let item = self.0.batch_get(vec![Key::port_out(&id)], records::SNAPSHOT_ATTRIBUTES).await?.pop();
        item.ok_or(Error::corrupt("latest_version")).and_then(|item| PortOutRecord::read(&item)).map(Some)
    }

    /// Those of these numbers that anybody owns.
    pub async fn numbers(&self, numbers: &[Tn]) -> Result<HashMap<Tn, NumberRecord>, Error> {
        let items = self.0.batch_get(numbers.iter().map(Key::number).collect(), NUMBER_ATTRIBUTES).await?;
        items.iter().map(records::number_record).collect()
    }

    /// An account, without its digest.
    pub async fn account(&self, account: &AccountNumber) -> Result<Option<AccountRecord>, Error> {
        let item = self.0.get(Key::account(account), records::ACCOUNT_ATTRIBUTES).await?;
        item.as_ref().map(AccountRecord::read).transpose()
    }

    /// Records an answer: the order, the counts, the numbers' holds and the event, all or nothing.
    pub async fn record(
        &self,
        snapshot: &PortOutSnapshot,
        answered: &Answered<'_>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Recorded, Error> {
        let order = &answered.order.port_out;
        let mut writes = vec![Write::create(answered.order.item()), pon_write(snapshot, order)];
        writes.push(account_write(snapshot, answered));
        writes.extend(attempts_write(snapshot, order, answered.tally, now));
        writes.push(Event::port_out(order).write(actor, now)?);
        let delivered = Delivered::Order(order.id.clone());
        writes.extend(answered.delivery.map(|delivery| delivery.write(&delivered, now)));
        writes.extend(refused_numbers(snapshot, order));
        if let Outcome::Confirmed(_) = order.outcome {
            writes.extend(holds(order, answered.earlier));
            if let Some(earlier) = answered.earlier {
                writes.extend(supersede(earlier, &order.content.numbers));
                if earlier.content.account_number != order.content.account_number {
                    writes.push(Event::superseded(earlier).write(actor, now)?);
                }
            }
        }
        self.write(writes).await
    }

    /// Before telling that a repeated order is the same as the first time: if its PIN may be the account's, makes
    /// sure that no wrong one was counted since the snapshot was read.
    pub async fn confirm_repeat(
        &self,
        snapshot: &PortOutSnapshot,
        order: &PortOut,
        guarded: bool,
        delivery: Option<&DeliveryKey>,
        now: Timestamp,
    ) -> Result<Recorded, Error> {
        let mut writes = Vec::new();
        if guarded {
            let key = Key::attempts(&order.content.account_number, &order.spid);
            writes.push(Write::check(key, as_read(snapshot), &count_values(snapshot)));
            writes.push(account_check(snapshot, order));
        }
        let delivered = Delivered::Order(order.id.clone());
        writes.extend(delivery.map(|delivery| delivery.write(&delivered, now)));
        if writes.is_empty() { Ok(Recorded::Yes) } else { self.write(writes).await }
    }

    /// Counts a wrong PIN before telling that a repeated order carries another PIN than the first time.
    pub async fn count_wrong_repeat(
        &self,
        snapshot: &PortOutSnapshot,
        order: &PortOut,
        delivery: Option<&DeliveryKey>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Recorded, Error> {
        let mut writes: Vec<_> =
            attempts_write(snapshot, order, AttemptEffect::Wrong, now).into_iter().collect();
        writes.push(match snapshot.account.as_ref().filter(|record| record.account.block().is_none()) {
            Some(record) => count_wrong(record),
            None => account_check(snapshot, order),
        });
        writes.push(Event::wrong_pin_on_repeat(order).write(actor, now)?);
        let delivered = Delivered::Conflict(order.id.clone());
        writes.extend(delivery.map(|delivery| delivery.write(&delivered, now)));
        self.write(writes).await
    }

    async fn write(&self, writes: Vec<Write>) -> Result<Recorded, Error> {
        Ok(match self.0.transact(writes).await? {
            Written::Done => Recorded::Yes,
            Written::Refused(_) => Recorded::Stale,
        })
    }
}

fn by_key(items: Vec<Item>) -> Result<HashMap<(String, String), Item>, Error> {
    items
        .into_iter()
        .map(|item| Ok(((item.text("pk")?.to_owned(), item.text("sk")?.to_owned()), item)))
        .collect()
}

/// Moves the PON on, if no other version came between.
fn pon_write(snapshot: &PortOutSnapshot, order: &PortOut) -> Write {
    let confirmed = match order.outcome {
        Outcome::Confirmed(_) => Some(order.id.clone()),
        Outcome::Rejected(_) | Outcome::Superseded(_) => snapshot.replaces().cloned(),
    };
    let row = PonRow { latest: order.version, confirmed };
    let item = row.item(Key::pon(&order.spid, &order.pon));
    match &snapshot.pon {
        None => Write::create(item),
        // A later version always has another number, so this alone tells that nothing came between.
        Some(read) => {
            Write::put(item, "#latest_version = :read", &[("read", string(read.latest.to_string()))])
        }
    }
}

/// Makes sure that the account is as it was read, and counts on it.
fn account_write(snapshot: &PortOutSnapshot, answered: &Answered<'_>) -> Write {
    let order = &answered.order.port_out;
    match (&snapshot.account, answered.tally) {
        (None, _) | (Some(_), AttemptEffect::Unchanged) => account_check(snapshot, order),
        (Some(record), AttemptEffect::Wrong) => count_wrong(record),
        (Some(record), AttemptEffect::Right) => {
            let mut values = account_values(record);
            let renew = match &answered.renewed_digest {
                Some(digest) => {
                    values.push(("digest", string(digest.expose_stored())));
                    ", #pin_digest = :digest"
                }
                None => "",
            };
            let change = format!("SET #failed_attempts = :zero{renew}");
            Write::update(Key::account(&record.account.number), change, account_unlocked(record), &values)
        }
    }
}

/// Makes sure that the account is as it was read, be it absent.
fn account_check(snapshot: &PortOutSnapshot, order: &PortOut) -> Write {
    match &snapshot.account {
        None => Write::check(Key::account(&order.content.account_number), "attribute_not_exists(#pk)", &[]),
        Some(record) => Write::check(
            Key::account(&record.account.number),
            account_as_read(record),
            &account_values(record),
        ),
    }
}

/// Makes sure that the numbers for whose sake an order is refused are as they were read.
fn refused_numbers(snapshot: &PortOutSnapshot, order: &PortOut) -> impl Iterator<Item = Write> {
    let of_number = |r: &&Rejection| matches!(r.code, RejectionCode::TnNotFound | RejectionCode::PendingPort);
    let refused = order.outcome.rejections().iter().filter(of_number).filter_map(|r| r.telephone_number);
    refused.map(|tn| number_check(&tn, snapshot.numbers.get(&tn)))
}

fn number_check(tn: &Tn, read: Option<&NumberRecord>) -> Write {
    let Some(record) = read else { return Write::check(Key::number(tn), "attribute_not_exists(#pk)", &[]) };
    let condition = match &record.held_by {
        None => "#account_number = :account AND attribute_not_exists(#held_by)",
        Some(_) => "#account_number = :account AND #held_by = :held_by",
    };
    let mut values = vec![("account", string(record.account.as_str()))];
    values.extend(record.held_by.as_ref().map(|id| ("held_by", string(id.as_str()))));
    Write::check(Key::number(tn), condition, &values)
}

/// Counts a wrong PIN over all carriers. The count itself is not a condition, so that carriers do not get in each
/// other's way; the ceiling is.
fn count_wrong(record: &AccountRecord) -> Write {
    let key = Key::account(&record.account.number);
    let change = "SET #failed_attempts = #failed_attempts + :one";
    Write::update(key, change, account_unlocked(record), &account_values(record))
}

fn account_as_read(record: &AccountRecord) -> String {
    match record.account.pin.version {
        0 => "#revision = :revision AND attribute_not_exists(#pin_version)".to_owned(),
        _ => "#revision = :revision AND #pin_version = :pin_version".to_owned(),
    }
}

fn account_unlocked(record: &AccountRecord) -> String {
    debug_assert_ne!(record.account.block(), Some(PortOutBlock::PinNotSet));
    format!("{} AND #failed_attempts < :lock", account_as_read(record))
}

fn account_values(record: &AccountRecord) -> Vec<(&'static str, aws_sdk_dynamodb::types::AttributeValue)> {
    vec![
        ("revision", number(record.revision)),
        ("pin_version", number(record.account.pin.version)),
        ("lock", number(attempts::LOCK_AT)),
        ("zero", number(0)),
        ("one", number(1)),
    ]
}

/// Counts for this carrier, if its count is as it was read.
fn attempts_write(
    snapshot: &PortOutSnapshot,
    order: &PortOut,
    tally: AttemptEffect,
    now: Timestamp,
) -> Option<Write> {
    let key = Key::attempts(&order.content.account_number, &order.spid);
    let values = count_values(snapshot);
    match (tally, snapshot.attempts) {
        (AttemptEffect::Unchanged, _) => None,
        (AttemptEffect::Right, None) => Some(Write::check(key, as_read(snapshot), &values)),
        (AttemptEffect::Right, Some(_)) => Some(Write::delete(key, as_read(snapshot), &values)),
        (AttemptEffect::Wrong, _) => {
            let row = AttemptsRow {
                attempts: snapshot.attempts().after_wrong(now),
                pin_version: snapshot.pin_version(),
            };
            Some(Write::put(row.item(key), as_read(snapshot), &values))
        }
    }
}

fn as_read(snapshot: &PortOutSnapshot) -> &'static str {
    match snapshot.attempts {
        None => "attribute_not_exists(#pk)",
        Some(_) => "#failures = :failures AND #last_failed_at = :last AND #pin_version = :pin_version",
    }
}

fn count_values(snapshot: &PortOutSnapshot) -> Vec<(&'static str, aws_sdk_dynamodb::types::AttributeValue)> {
    let Some(row) = &snapshot.attempts else { return Vec::new() };
    vec![
        ("failures", number(row.attempts.failures())),
        ("last", number(row.attempts.last_failed_at().as_millisecond())),
        ("pin_version", number(row.pin_version)),
    ]
}

/// Each number held by this order: still the account's, and free or held by the version that this one replaces.
fn holds<'a>(order: &'a PortOut, earlier: Option<&'a PortOut>) -> impl Iterator<Item = Write> + 'a {
    let free = match earlier {
        None => "#account_number = :account AND attribute_not_exists(#held_by)",
        Some(_) => "#account_number = :account AND (attribute_not_exists(#held_by) OR #held_by = :earlier)",
    };
    let mut values =
        vec![("id", string(order.id.as_str())), ("account", string(order.content.account_number.as_str()))];
    values.extend(earlier.map(|earlier| ("earlier", string(earlier.id.as_str()))));
    let hold = move |tn| Write::update(Key::number(tn), "SET #held_by = :id", free, &values);
    order.content.numbers.as_slice().iter().map(hold)
}

/// The earlier version gives way, and the numbers that the new one no longer lists are free.
fn supersede(earlier: &PortOut, numbers: &TelephoneNumbers) -> Vec<Write> {
    let values = [
        ("now", string("superseded")),
        ("was", string("confirmed")),
        ("earlier", string(earlier.id.as_str())),
    ];
    let change = "SET #port_out_status = :now";
    let mut writes =
        vec![Write::update(Key::port_out(&earlier.id), change, "#port_out_status = :was", &values)];
    let free = |tn: &Tn| Write::update(Key::number(tn), "REMOVE #held_by", "#held_by = :earlier", &values);
    writes.extend(earlier.content.numbers.without(numbers).iter().map(free));
    writes
}
