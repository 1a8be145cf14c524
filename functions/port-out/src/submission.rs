//! One submission, from the first read to the recorded answer, however many others come at the same moment.

use runtime::clock::{Clock, Timestamp};
use runtime::error::Error;
use runtime::pin_hash::digest::PinDigest;
use runtime::pin_hash::hasher::Hasher;
use runtime::pin_hash::pepper::PepperedPin;
use runtime::store::PortOutRecord;
use runtime::store::port_out_store::{self, PortOutSnapshot, PortOutStore, Recorded};
use runtime::store::webhook_sources::{Delivered, DeliveryKey};
use shared::actor::Actor;
use shared::decision::{AttemptEffect, Decision, PinCheck, decide};
use shared::pin::SubmittedPin;
use shared::port_out::{Outcome, PortOut, PortOutRequest, RejectionCode};
use shared::port_out_id::Version;

/// A request and what it takes to answer it.
pub struct Submission<'a> {
    /// Reads and records.
    pub store: &'a PortOutStore,
    /// Compares PINs.
    pub hasher: &'a Hasher,
    /// Tells the time.
    pub clock: &'a Clock,
    /// What is asked.
    pub request: &'a PortOutRequest,
    /// The webhook delivery that asks, if it comes by one.
    pub delivery: Option<&'a DeliveryKey>,
}

/// What became of it.
pub enum Answered {
    /// It was decided and recorded.
    New {
        /// The answer.
        port_out: Box<PortOut>,
        /// Whether the account's PIN was locked, or is so by this wrong one. Of wrong ones at the same moment none may
        /// see that it is the last; whoever comes next then does.
        locked: bool,
    },
    /// It was answered before, and this is that answer.
    Again(Box<PortOut>),
    /// The carrier has to wait this many seconds; nothing was evaluated.
    Wait(u64),
    /// The name was used for something else.
    Conflict {
        /// This version is free, if one is left.
        next: Option<Version>,
        /// Whether its wrong PIN was the one that locked the account's.
        locked: bool,
    },
    /// With the numbers of the version that it would replace there are too many.
    TooManyTogether,
}

/// How often a decision that met another write is made again. Each time either this one or another is recorded, and
/// a carrier that guesses has to wait after a few; only honest crowds on one account could ever use this up.
const TRIES: u32 = 12;

/// A PIN's comparison, kept while the digest that it was compared with stays the same.
struct Checked {
    digest: Option<PinDigest>,
    check: PinCheck,
}

/// The first answer to a delivery, if it was answered in the last 24 hours.
pub async fn answered_before(
    store: &PortOutStore,
    delivery: &DeliveryKey,
    now: Timestamp,
) -> Result<Option<Answered>, Error> {
    let lost = || Error::corrupt("port_out_id");
    match store.delivered(delivery, now).await? {
        None => Ok(None),
        Some(Delivered::Order(id)) => {
            let port_out = store.port_out(&id).await?.ok_or_else(lost)?;
            Ok(Some(Answered::Again(Box::new(port_out))))
        }
        Some(Delivered::Conflict(id)) => {
            let order = store.port_out(&id).await?.ok_or_else(lost)?;
            let latest = store.latest(&order.spid, &order.pon).await?.ok_or_else(lost)?;
            Ok(Some(Answered::Conflict { next: latest.port_out.version.next(), locked: false }))
        }
    }
}

impl Submission<'_> {
    /// The answer.
    pub async fn answer(&self, actor: &Actor) -> Result<Answered, Error> {
        // Neither needs the other, so nobody waits twice.
        let (peppered, first) = futures_util::future::join(self.key(), self.store.read(self.request)).await;
        let (peppered, mut snapshot) = (peppered?, first?);
        let mut checked = None;
        for _ in 0..TRIES {
            let answered = match snapshot.order() {
                Some(order) => self.repeat(&snapshot, order, peppered.as_ref(), actor).await?,
                None => self.decide(&snapshot, peppered.as_ref(), &mut checked, actor).await?,
            };
            if let Some(answered) = answered {
                return Ok(answered);
            }
            if let Some(answered) = self.answered_before().await? {
                return Ok(answered);
            }
            snapshot = self.store.read(self.request).await?;
        }
        Err(Error::unavailable("a port-out met other writes every time"))
    }

    /// The first answer to the delivery that asks, if it was answered in the last 24 hours.
    async fn answered_before(&self) -> Result<Option<Answered>, Error> {
        match self.delivery {
            Some(delivery) => answered_before(self.store, delivery, self.clock.now()).await,
            None => Ok(None),
        }
    }

    /// Whether this request carries the PIN that the known order carried.
    pub async fn has_pin_of(&self, first: &PortOutRecord) -> Result<bool, Error> {
        self.same_pin(first, self.key().await?.as_ref()).await
    }

    async fn key(&self) -> Result<Option<PepperedPin>, Error> {
        match self.request.pin.expose_text() {
            None => Ok(None),
            Some(text) => self.hasher.pepper(&self.request.content.account_number, text).await.map(Some),
        }
    }

    /// The order is known: the first answer, if everything is the same. `None`: read again.
    async fn repeat(
        &self,
        snapshot: &PortOutSnapshot,
        first: &PortOutRecord,
        peppered: Option<&PepperedPin>,
        actor: &Actor,
    ) -> Result<Option<Answered>, Error> {
        let latest = snapshot.latest_version();
        if latest < Some(self.request.version) {
            // The PON was read before this order was written, and the order after: not what is true of both.
            return Ok(None);
        }
        let conflict = |locked| Answered::Conflict { next: latest.and_then(Version::next), locked };
        if !first.port_out.content.same(&self.request.content) {
            return Ok(Some(conflict(false)));
        }
        // Which PIN an order carried is only told at the price of a guess, unless it is known to be wrong.
        let guarded = peppered.is_some() && first.fingerprint.is_some() && first.port_out.pin_may_be_right();
        let now = self.clock.now();
        if let Some(seconds) = snapshot.wait(now).filter(|_| guarded) {
            return Ok(Some(Answered::Wait(seconds)));
        }
        let same = self.same_pin(first, peppered).await?;
        let counted = match (guarded, same) {
            (_, true) => {
                self.store.confirm_repeat(snapshot, &first.port_out, guarded, self.delivery, now).await?
            }
            (true, false) => {
                self.store.count_wrong_repeat(snapshot, &first.port_out, self.delivery, actor, now).await?
            }
            (false, false) => Recorded::Yes,
        };
        let answered = match same {
            true => Answered::Again(Box::new(first.port_out.clone())),
            false => conflict(guarded && snapshot.next_wrong_locks()),
        };
        Ok((counted == Recorded::Yes).then_some(answered))
    }

    async fn same_pin(&self, first: &PortOutRecord, peppered: Option<&PepperedPin>) -> Result<bool, Error> {
        let account = &self.request.content.account_number;
        match (self.request.pin.expose_text(), peppered, &first.fingerprint) {
            (None, _, None) => Ok(true),
            (Some(pin), Some(peppered), Some(fingerprint)) => {
                self.hasher.same_fingerprint(account, pin, peppered, &first.port_out.id, fingerprint).await
            }
            _ => Ok(false),
        }
    }

    /// The order is new: decides and records it. `None`: something changed meanwhile, read again.
    async fn decide(
        &self,
        snapshot: &PortOutSnapshot,
        peppered: Option<&PepperedPin>,
        checked: &mut Option<Checked>,
        actor: &Actor,
    ) -> Result<Option<Answered>, Error> {
        let latest = snapshot.latest_version();
        if latest.is_some_and(|latest| latest >= self.request.version) {
            // Versions only go up, so if this one is still absent it will be for ever; else it was read too early.
            let absent = self.store.port_out(&self.request.id()).await?.is_none();
            let next = latest.and_then(Version::next);
            return Ok(absent.then_some(Answered::Conflict { next, locked: false }));
        }
        if let Some(seconds) = snapshot.wait(self.clock.now()) {
            return Ok(Some(Answered::Wait(seconds)));
        }
        let earlier = match snapshot.replaces() {
            None => None,
            Some(id) => Some(self.store.port_out(id).await?.ok_or(Error::corrupt("confirmed_id"))?),
        };
        if earlier.as_ref().is_some_and(|e| !self.request.content.numbers.fits_with(&e.content.numbers)) {
            return Ok(Some(Answered::TooManyTogether));
        }
        let check = self.check(snapshot, peppered, checked).await?;
        let now = self.clock.now();
        let decision = decide(self.request, &snapshot.facts(), check, now);
        self.record(snapshot, peppered, decision, earlier.as_ref(), actor, now).await
    }

    /// Compares the PIN; whether the account is known or has a PIN makes no difference to the work.
    async fn check(
        &self,
        snapshot: &PortOutSnapshot,
        peppered: Option<&PepperedPin>,
        checked: &mut Option<Checked>,
    ) -> Result<PinCheck, Error> {
        let (SubmittedPin::WellFormed(pin), Some(peppered)) = (&self.request.pin, peppered) else {
            return Ok(PinCheck::Wrong);
        };
        let digest = snapshot.digest();
        if let Some(known) = checked.as_ref().filter(|known| known.digest.as_ref() == digest) {
            return Ok(known.check);
        }
        let account = &self.request.content.account_number;
        let check = self.hasher.check(account, pin.expose_digits(), peppered, digest).await?;
        *checked = Some(Checked { digest: digest.cloned(), check });
        Ok(check)
    }

    async fn record(
        &self,
        snapshot: &PortOutSnapshot,
        peppered: Option<&PepperedPin>,
        decision: Decision,
        earlier: Option<&PortOut>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Option<Answered>, Error> {
        let port_out = self.port_out(decision.outcome, now);
        let fingerprint = peppered.map(|peppered| self.hasher.fingerprint(peppered, &port_out.id));
        let renewed_digest = match (decision.tally, peppered, snapshot.digest()) {
            (AttemptEffect::Right, Some(peppered), Some(digest))
                if self.hasher.is_outdated(digest, peppered) =>
            {
                Some(self.hasher.digest(peppered).await?)
            }
            _ => None,
        };
        let order = PortOutRecord { port_out, fingerprint };
        let answered = port_out_store::Answered {
            order,
            tally: decision.tally,
            earlier,
            renewed_digest,
            delivery: self.delivery,
        };
        let recorded = self.store.record(snapshot, &answered, actor, now).await?;
        let locks = decision.tally == AttemptEffect::Wrong && snapshot.next_wrong_locks();
        let port_out = Box::new(answered.order.port_out);
        let locked =
            locks || port_out.outcome.rejections().iter().any(|r| r.code == RejectionCode::PinLocked);
        Ok((recorded == Recorded::Yes).then_some(Answered::New { port_out, locked }))
    }

    fn port_out(&self, outcome: Outcome, received_at: Timestamp) -> PortOut {
        PortOut {
            id: self.request.id(),
            spid: self.request.spid.clone(),
            pon: self.request.pon.clone(),
            version: self.request.version,
            content: self.request.content.clone(),
            outcome,
            received_at,
        }
    }
}
