//! What `port-out` may do: read everything that a decision needs at once, and record the answer in one transaction.
//!
//! Of many guesses at once, each that becomes known has moved the carrier's count; the others fail their condition and
//! read again. A batch is not a snapshot: each item is as it was at a moment of its own. So a transaction also checks
//! every fact that its answer rests on, be it the account, the PON, or the numbers that the answer rejects.

mod snapshot;
mod writes;

use jiff::Timestamp;
use shared::actor::Actor;
use shared::decision::AttemptEffect;
use shared::port_out::{Outcome, PortOut, PortOutRequest};
use shared::port_out_id::{Pon, PortOutId, Version};
use shared::spid::Spid;

pub use snapshot::PortOutSnapshot;

use crate::error::Error;
use crate::pin_hash::digest::PinDigest;
use crate::store::audit_event::Event;
use crate::store::commit::Commit;
use crate::store::deliveries::{Delivered, DeliveryKey};
use crate::store::key::Key;
use crate::store::records::{self, PortOutRecord};
use crate::store::table::{Table, Written};
use crate::store::write::Write;

/// Reads for decisions and records them.
#[derive(Clone)]
pub struct PortOutStore(Table);

/// A decided port-out with everything that is recorded beside it.
pub struct Decided<'a> {
    /// The port-out and the fingerprint of its PIN.
    pub record: PortOutRecord,
    /// What it does to the counts of wrong PINs.
    pub effect: AttemptEffect,
    /// The PIN's digest under today's parameters, if the stored one is outdated and the PIN was right.
    pub renewed_digest: Option<PinDigest>,
    /// Whether the PON keeps the answer, for protocols without versions.
    pub keeps_attempt: bool,
    /// The webhook delivery that carried the request.
    pub delivery: Option<&'a DeliveryKey>,
}

impl PortOutStore {
    /// Creates a store on this table.
    pub fn new(table: Table) -> Self {
        Self(table)
    }

    /// Reads everything that the request touches, in one batch.
    pub async fn read(
        &self,
        request: &PortOutRequest,
        delivery: Option<&DeliveryKey>,
        now: Timestamp,
    ) -> Result<PortOutSnapshot, Error> {
        let keys = PortOutSnapshot::keys(request, delivery);
        let items = self.0.batch_get(keys, &records::SNAPSHOT_ATTRIBUTES).await?;
        PortOutSnapshot::read(items, request, delivery, now)
    }

    /// Reads one port-out.
    pub async fn port_out(&self, id: &PortOutId) -> Result<Option<PortOut>, Error> {
        let item = self.0.get(Key::port_out(id), records::PORT_OUT_ATTRIBUTES).await?;
        item.as_ref().map(|item| PortOutRecord::read(item).map(|record| record.port_out)).transpose()
    }

    /// Reads the latest version of a PON.
    pub async fn latest_version(&self, spid: &Spid, pon: &Pon) -> Result<Option<Version>, Error> {
        let item = self.0.get(Key::pon(spid, pon), &["latest_version"]).await?;
        item.map(|item| item.get("latest_version")).transpose()
    }

    /// Records a decision: the port-out, its PON, the counts, the numbers' holds and the event, all or nothing.
    pub async fn record(
        &self,
        snapshot: &PortOutSnapshot,
        decided: &Decided<'_>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Commit<()>, Error> {
        let port_out = &decided.record.port_out;
        let mut writes = vec![Write::create(decided.record.item()), writes::pon(snapshot, decided)];
        writes.push(writes::account(snapshot, decided));
        writes.extend(writes::attempts(snapshot, port_out, decided.effect, now));
        writes.push(Event::port_out(port_out).write(actor, now)?);
        let delivered = Delivered::PortOut(port_out.id.clone());
        writes.extend(decided.delivery.map(|delivery| delivery.write(&delivered, now)));
        writes.extend(writes::rejected_numbers(snapshot, port_out));
        if let Outcome::Confirmed(_) = port_out.outcome {
            let earlier = snapshot.known.earlier.as_ref();
            writes.extend(writes::holds(port_out, earlier));
            if let Some(earlier) = earlier {
                writes.extend(writes::supersede(earlier, &port_out.content.numbers));
                // Within one account the confirmation's own event tells it.
                if earlier.content.account_number != port_out.content.account_number {
                    writes.push(Event::superseded(earlier).write(actor, now)?);
                }
            }
        }
        self.commit(writes).await
    }

    /// Records that a request repeats a port-out, before that is told. If its PIN may be the account's (`guarded`), no
    /// wrong PIN may have been counted since the snapshot, or guesses in parallel would be free.
    pub async fn confirm_repetition(
        &self,
        snapshot: &PortOutSnapshot,
        port_out: &PortOut,
        guarded: bool,
        delivery: Option<&DeliveryKey>,
        now: Timestamp,
    ) -> Result<Commit<()>, Error> {
        let mut writes = Vec::new();
        if guarded {
            writes.push(writes::attempts_check(snapshot, port_out));
            writes.push(writes::account_check(snapshot, port_out));
        }
        let delivered = Delivered::PortOut(port_out.id.clone());
        writes.extend(delivery.map(|delivery| delivery.write(&delivered, now)));
        if writes.is_empty() { Ok(Commit::Done(())) } else { self.commit(writes).await }
    }

    /// Counts a wrong PIN, before a conflict tells that it is not the one the port-out carried.
    pub async fn count_wrong_repetition(
        &self,
        snapshot: &PortOutSnapshot,
        port_out: &PortOut,
        delivery: Option<&DeliveryKey>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Commit<()>, Error> {
        let mut writes: Vec<_> =
            writes::attempts(snapshot, port_out, AttemptEffect::Wrong, now).into_iter().collect();
        writes.push(writes::count_wrong_repetition(snapshot, port_out));
        writes.push(Event::wrong_pin_on_repeat(port_out).write(actor, now)?);
        let delivered = Delivered::Conflict(port_out.id.clone());
        writes.extend(delivery.map(|delivery| delivery.write(&delivered, now)));
        self.commit(writes).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<Commit<()>, Error> {
        Ok(match self.0.transact(writes).await? {
            Written::Done => Commit::Done(()),
            Written::Refused(_) => Commit::Stale,
        })
    }
}
