//! What `port-out` may do: read everything that a decision needs at once, and record the answer in one transaction.
//!
//! Of many guesses at once, each that becomes known has moved the carrier's count; the others fail their condition and
//! read again. A batch is not a snapshot: each item is as it was at a moment of its own. So a transaction also checks
//! every fact that its answer rests on, be it the account, the PON, or the numbers that the answer rejects.

mod counts;
mod snapshot;

use jiff::Timestamp;
use shared::actor::Actor;
use shared::attempts::Wait;
use shared::decision::{AttemptEffect, Elsewhere};
use shared::port_out::{PortOut, PortOutRequest};
use shared::port_out_id::{Pon, PortOutId, Requester, Version};
use shared::supplement::{Supplement, Supplemented};
use shared::telephone_number::Tn;

pub use snapshot::PortOutSnapshot;

use crate::error::Error;
use crate::pin_hash::digest::StoredPin;
use crate::store::audit_event::Event;
use crate::store::commit::Commit;
use crate::store::deliveries::{DeliveredAnswer, Delivery};
use crate::store::item::string;
use crate::store::key::Key;
use crate::store::numbers;
use crate::store::reads;
use crate::store::records::SNAPSHOT_ATTRIBUTES;
use crate::store::records::pon::{LatestAttempt, PonRow};
use crate::store::records::port_out::{self, PortOutRecord};
use crate::store::tables::{TRANSACTION, Tables};
use crate::store::write::Write;
use counts::Counts;

/// Reads for decisions and records them.
#[derive(Clone)]
pub struct PortOutStore(Tables);

/// A request as it is being answered: what is known, and who sent it how.
#[derive(Clone, Copy)]
pub struct Answering<'a> {
    /// Records that the answer rests on.
    pub snapshot: &'a PortOutSnapshot,
    /// The request.
    pub request: &'a PortOutRequest,
    /// Webhook delivery that carried it.
    pub delivery: Option<&'a Delivery>,
    /// Author of the change.
    pub actor: &'a Actor,
    /// Time of the answer.
    pub now: Timestamp,
}

/// A decided port-out with everything that is recorded beside it.
pub struct Decided {
    /// The port-out and the fingerprint of its PIN.
    pub record: PortOutRecord,
    /// What it does to the counts.
    pub effect: AttemptEffect,
    /// The PIN's digest under today's parameters, if the stored one is outdated and the PIN was right.
    pub renewed: Option<StoredPin>,
    /// Whether the PON keeps the answer, for protocols without versions.
    pub keeps_attempt: bool,
    /// Port-outs that it takes numbers over from.
    pub taken_over: Vec<PortOutId>,
    /// Owners to tell that their numbers were requested under another account.
    pub elsewhere: Vec<Elsewhere>,
}

impl PortOutStore {
    /// Creates a store on these tables.
    pub fn new(tables: Tables) -> Self {
        Self(tables)
    }

    /// Reads everything that the request touches, in one batch.
    pub async fn read(
        &self,
        request: &PortOutRequest,
        delivery: Option<&Delivery>,
        now: Timestamp,
    ) -> Result<PortOutSnapshot, Error> {
        let keys = PortOutSnapshot::keys(request, delivery);
        let items = self.0.batch_get(keys, &SNAPSHOT_ATTRIBUTES).await?;
        PortOutSnapshot::read(items, request, delivery, now)
    }

    /// Reads port-outs, all of which must exist.
    pub async fn port_outs(&self, ids: &[PortOutId]) -> Result<Vec<PortOut>, Error> {
        let found = reads::port_outs(&self.0, ids).await?;
        if found.len() == ids.len() { Ok(found) } else { Err(Error::corrupt("port_out_id")) }
    }

    /// Reads one port-out.
    pub async fn port_out(&self, id: &PortOutId) -> Result<Option<PortOut>, Error> {
        reads::port_out(&self.0, id).await
    }

    /// Reads the latest version of a PON.
    pub async fn latest_version(&self, requester: &Requester, pon: &Pon) -> Result<Option<Version>, Error> {
        let item = self.0.get(Key::pon(requester, pon), &["latest_version"]).await?;
        let version = |text: &str| Version::recorded(text).ok_or(Error::corrupt("latest_version"));
        item.map(|item| item.text("latest_version").and_then(version)).transpose()
    }

    /// Records a decision: the port-out, its PON, the counts, the numbers' holds and the event, all or nothing.
    pub async fn record(&self, answering: Answering<'_>, decided: &Decided) -> Result<Commit<()>, Error> {
        let Answering { snapshot, actor, now, .. } = answering;
        let port_out = &decided.record.port_out;
        let mut writes = vec![
            Write::create(decided.record.item(snapshot.account.is_some())),
            pon(snapshot, port_out, decided.keeps_attempt.then_some(&decided.record)),
        ];
        writes.extend(answering.counts().writes(decided.effect, decided.renewed.as_ref())?);
        writes.extend(answering.delivered(port_out));
        let replaced = replaced(snapshot, decided, now);
        let ids = replaced.iter().map(|after| &after.id);
        let event = Event::decided(port_out, own_numbers(snapshot, port_out).as_deref()).replacing(ids);
        writes.push(event.write(actor, now)?);
        writes.extend(numbers::hold(port_out, &snapshot.known, now));
        for after in &replaced {
            writes.push(port_out::change(after));
            if Some(&after.id) == snapshot.known.confirmed.as_ref() {
                writes.extend(numbers::free(&freed(snapshot, after, port_out), &after.id));
            }
        }
        writes.extend(told(snapshot, decided, answering, writes.len())?);
        // Each of these is in the confirmation's own event, too; there is not always room for one more.
        for event in replaced.iter().filter_map(|after| Event::ended(after, now)) {
            if writes.len() < TRANSACTION {
                writes.push(event.write(actor, now)?);
            }
        }
        self.0.commit(writes).await
    }

    /// Records a supplement that cancels the open version or changes its due date.
    pub async fn supplement(
        &self,
        answering: Answering<'_>,
        done: &Supplemented,
    ) -> Result<Commit<()>, Error> {
        let Answering { snapshot, actor, now, .. } = answering;
        let Supplemented { new, earlier } = done;
        let record = PortOutRecord { port_out: new.clone(), fingerprint: None };
        let event = Event::decided(new, Some(new.numbers.as_slice())).replacing([&earlier.id].into_iter());
        let mut writes = vec![
            Write::create(record.item(snapshot.account.is_some())),
            pon(snapshot, new, None),
            port_out::change(earlier),
            event.write(actor, now)?,
        ];
        writes.extend(Event::ended(earlier, now).map(|event| event.write(actor, now)).transpose()?);
        writes.extend(answering.delivered(new));
        match new.supplement {
            Some(Supplement::Cancel) => {
                writes.extend(snapshot.account.as_ref().map(counts::bump));
                writes.extend(numbers::free(new.numbers.as_slice(), &earlier.id));
            }
            Some(Supplement::DueDate | Supplement::Other) | None => {
                writes.extend(numbers::move_hold(new, &earlier.id, now));
            }
        }
        self.0.commit(writes).await
    }

    /// Records that a request repeats a port-out, before that is told. If its PIN may be the account's (`guarded`), no
    /// wrong PIN may have been counted since the snapshot, or guesses in parallel would be free.
    pub async fn confirm_repetition(
        &self,
        answering: Answering<'_>,
        port_out: &PortOut,
        guarded: bool,
    ) -> Result<Commit<()>, Error> {
        let mut writes = Vec::new();
        if guarded {
            writes.push(answering.counts().row_check());
            writes.extend(answering.counts().checks());
        }
        writes.extend(answering.delivered(port_out));
        if writes.is_empty() { Ok(Commit::Done(())) } else { self.0.commit(writes).await }
    }

    /// Counts a wrong PIN, before the answer tells that it is not the one that the port-out carried.
    pub async fn count_wrong_repetition(
        &self,
        answering: Answering<'_>,
        port_out: &PortOut,
    ) -> Result<Commit<()>, Error> {
        let mut writes = answering.counts().wrong_repetition()?;
        writes.push(Event::wrong_pin_on_repeat(port_out).write(answering.actor, answering.now)?);
        let answer = DeliveredAnswer::Conflict(port_out.id.clone());
        writes.extend(answering.delivery.map(|delivery| delivery.write(&answer, answering.now)));
        self.0.commit(writes).await
    }

    /// Records that a carrier was turned away, if that was not recorded yet.
    pub async fn announce(
        &self,
        answering: Answering<'_>,
        wait: Wait,
        reason: &'static str,
    ) -> Result<Commit<()>, Error> {
        if answering.snapshot.known.attempts.announced(wait) {
            return Ok(Commit::Done(()));
        }
        self.0.commit(answering.counts().announce(wait, reason)?).await
    }
}

impl Answering<'_> {
    fn counts(&self) -> Counts<'_> {
        let Self { snapshot, request, actor, now, .. } = *self;
        Counts { snapshot, request, actor, now }
    }

    fn delivered(&self, port_out: &PortOut) -> Option<Write> {
        let answer = DeliveredAnswer::PortOut(port_out.id.clone());
        self.delivery.map(|delivery| delivery.write(&answer, self.now))
    }
}

/// Moves the PON to this version.
fn pon(snapshot: &PortOutSnapshot, port_out: &PortOut, kept: Option<&PortOutRecord>) -> Write {
    let confirmed = match port_out.outcome.commitment() {
        Some(_) => Some(port_out.id.clone()),
        None => snapshot.known.confirmed.clone(),
    };
    let attempt = kept.map(|record| LatestAttempt {
        content_hash: port_out.content_hash.clone(),
        outcome: port_out.outcome.clone(),
        judged_under: port_out.judged_under,
        entered_at: port_out.entered_at,
        fingerprint: record.fingerprint.clone(),
    });
    let row = PonRow { latest: port_out.version, confirmed, attempt };
    let item = row.item(Key::pon(&port_out.requester, &port_out.pon));
    // Of two versions at once, one wins; the other reads again and meets it as the latest. Versions only go up, so
    // the number alone proves that nothing came between.
    match &snapshot.pon {
        None => Write::create(item),
        Some(read) => {
            let values = [("read", string(read.latest.to_string()))];
            Write::put(item, "#latest_version = :read", &values)
        }
    }
}

/// Returns the port-outs that a confirmed one replaces, as they are afterwards: the open version of its PON, and those
/// that it takes numbers over from.
fn replaced(snapshot: &PortOutSnapshot, decided: &Decided, now: Timestamp) -> Vec<PortOut> {
    let port_out = &decided.record.port_out;
    if port_out.outcome.commitment().is_none() {
        return Vec::new();
    }
    let earlier = snapshot.known.earlier(now).map(|earlier| earlier.clone().released(&earlier.held, now));
    let taken = decided.taken_over.iter().filter_map(|id| snapshot.known.related.get(id));
    let taken = taken.map(|holder| holder.clone().released(port_out.numbers.as_slice(), now));
    earlier.into_iter().chain(taken).collect()
}

/// Returns the numbers that the earlier version held and the new one does not take.
fn freed(snapshot: &PortOutSnapshot, after: &PortOut, port_out: &PortOut) -> Vec<Tn> {
    let before = snapshot.known.related.get(&after.id).map_or(&[][..], |before| &before.held);
    before.iter().filter(|tn| !port_out.numbers.as_slice().contains(tn)).copied().collect()
}

/// Returns those of the numbers that are the account's; `None` if there is no such account.
fn own_numbers(snapshot: &PortOutSnapshot, port_out: &PortOut) -> Option<Vec<Tn>> {
    snapshot.account.as_ref()?;
    let numbers = port_out.numbers.as_slice().iter();
    Some(numbers.filter(|tn| snapshot.known.own(tn).is_some()).copied().collect())
}

/// Returns the checks of the rejected numbers, and reports to the owners of numbers that were requested under another
/// account, as many as there is room for.
fn told(
    snapshot: &PortOutSnapshot,
    decided: &Decided,
    answering: Answering<'_>,
    used: usize,
) -> Result<Vec<Write>, Error> {
    let port_out = &decided.record.port_out;
    let mut checked = numbers::rejected(port_out);
    let mut room = TRANSACTION.saturating_sub(used).saturating_sub(checked.len());
    let mut writes = Vec::new();
    for Elsewhere { owner, numbers: own } in &decided.elsewhere {
        // A report needs a write for its event and one for each number, which replaces the number's check.
        let more = own.iter().filter(|tn| !checked.contains(tn)).count().saturating_add(1);
        if more > room {
            continue;
        }
        room = room.saturating_sub(more);
        checked.retain(|tn| !own.contains(tn));
        writes.extend(numbers::mark_told(owner, own, &snapshot.known, answering.now));
        let event = Event::attempted_elsewhere(owner, &port_out.spid, own);
        writes.push(event.write(answering.actor, answering.now)?);
    }
    writes.extend(checked.iter().map(|tn| numbers::check(tn, snapshot.known.numbers.get(tn))));
    Ok(writes)
}
