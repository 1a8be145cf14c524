//! Carries out what the rules decide about one request, however many others arrive at the same moment.

use runtime::clock::{Clock, Timestamp};
use runtime::error::Error;
use runtime::pin_hash::digest::PinDigest;
use runtime::pin_hash::hasher::Hasher;
use runtime::pin_hash::pepper::PepperedPin;
use runtime::store::PortOutRecord;
use runtime::store::commit::{Commit, Retry};
use runtime::store::deliveries::{Delivered, DeliveryKey};
use runtime::store::port_out_store::{Decided, PortOutSnapshot, PortOutStore};
use shared::actor::Actor;
use shared::decision::{AttemptEffect, Decision, PinCheck, PortOutPolicy, decide};
use shared::pin::SubmittedPin;
use shared::port_out::{Outcome, PortOut, PortOutRequest, RejectionCode, VersionChoice};
use shared::port_out_id::Version;
use shared::submission::{Step, next_step};

/// The one door for port-outs: every protocol's requests pass it.
pub struct Submissions {
    store: PortOutStore,
    hasher: Hasher,
    policy: PortOutPolicy,
    clock: Clock,
}

/// A request of one carrier, read from its protocol.
pub struct Submission {
    /// What the carrier asks.
    pub request: PortOutRequest,
    /// Who is recorded as having asked.
    pub actor: Actor,
    /// The webhook delivery that carried it.
    pub delivery: Option<DeliveryKey>,
}

/// What an answer needs first: the peppered PIN and the records, fetched at the same time.
pub struct Prepared {
    pin: Option<PepperedPin>,
    snapshot: PortOutSnapshot,
}

/// An answer, and the records that it rests on.
pub struct Submitted {
    /// What the carrier is told.
    pub answer: Answer,
    /// The records.
    pub snapshot: PortOutSnapshot,
}

/// What a carrier is told.
pub enum Answer {
    /// The request is decided and recorded.
    Decided {
        /// The port-out with its answer.
        port_out: Box<PortOut>,
        /// Whether the account's PIN is locked, or this wrong PIN locked it. Of wrong PINs in parallel, none may see
        /// that it is the last; then the next request reports the lock.
        locked: bool,
    },
    /// The request was answered before.
    Repeated(Box<PortOut>),
    /// The carrier has to wait this many seconds; nothing was evaluated.
    Wait(u64),
    /// The name was used for another request.
    Conflict {
        /// The version to use instead, if one is left.
        next: Option<Version>,
        /// Whether the wrong PIN locked the account's.
        locked: bool,
    },
    /// With the numbers of the version to replace, there are too many.
    TooManyNumbers,
}

/// A comparison that stays true while the digest stays the same, so that a stale write does not cost another hash.
struct Checked {
    digest: Option<PinDigest>,
    check: PinCheck,
}

/// One submission on its way through the steps.
struct Run<'a> {
    submissions: &'a Submissions,
    submission: &'a Submission,
    pin: Option<&'a PepperedPin>,
    checked: Option<Checked>,
}

impl Submissions {
    /// Creates the door.
    pub fn new(store: PortOutStore, hasher: Hasher, policy: PortOutPolicy, clock: Clock) -> Self {
        Self { store, hasher, policy, clock }
    }

    /// Returns the time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Fetches what the answer needs. Changes nothing, so that it may run before the caller is authenticated.
    pub async fn prepare(&self, submission: &Submission) -> Result<Prepared, Error> {
        let pin = async {
            match submission.request.pin.expose_text() {
                Some(text) => {
                    let account = &submission.request.content.account_number;
                    self.hasher.pepper(account, text).await.map(Some)
                }
                None => Ok(None),
            }
        };
        let (pin, snapshot) = futures_util::future::join(pin, self.read(submission)).await;
        Ok(Prepared { pin: pin?, snapshot: snapshot? })
    }

    /// Answers the submission and records the answer.
    pub async fn answer(&self, submission: &Submission, prepared: Prepared) -> Result<Submitted, Error> {
        let Prepared { pin, mut snapshot } = prepared;
        let mut run = Run { submissions: self, submission, pin: pin.as_ref(), checked: None };
        let mut retry = Retry::new("every attempt to record a port-out met another write");
        loop {
            match run.attempt(&mut snapshot).await? {
                Commit::Done(answer) => return Ok(Submitted { answer, snapshot }),
                Commit::Stale => retry.after_stale().await?,
            }
            snapshot = self.read(submission).await?;
        }
    }

    /// Returns the first answer to a delivery, if it was answered in the last 24 hours.
    pub async fn redelivered(&self, delivery: &DeliveryKey) -> Result<Option<Answer>, Error> {
        match self.store.delivered(delivery, self.clock.now()).await? {
            Some(delivered) => self.first_answer(&delivered).await.map(Some),
            None => Ok(None),
        }
    }

    async fn first_answer(&self, delivered: &Delivered) -> Result<Answer, Error> {
        let (Delivered::PortOut(id) | Delivered::Conflict(id)) = delivered;
        let port_out = self.store.port_out(id).await?.ok_or(Error::corrupt("port_out_id"))?;
        if let Delivered::PortOut(_) = delivered {
            return Ok(Answer::Repeated(Box::new(port_out)));
        }
        let latest = self.store.latest_version(&port_out.spid, &port_out.pon).await?;
        let latest = latest.ok_or(Error::corrupt("latest_version"))?;
        Ok(Answer::Conflict { next: latest.next(), locked: false })
    }

    async fn read(&self, submission: &Submission) -> Result<PortOutSnapshot, Error> {
        self.store.read(&submission.request, submission.delivery.as_ref(), self.clock.now()).await
    }
}

impl Run<'_> {
    /// Takes one snapshot through its steps.
    async fn attempt(&mut self, snapshot: &mut PortOutSnapshot) -> Result<Commit<Answer>, Error> {
        if let Some(delivered) = &snapshot.delivered {
            return self.submissions.first_answer(delivered).await.map(Commit::Done);
        }
        let mut step = self.next_step(snapshot);
        loop {
            step = match step {
                Step::ReadEarlier(id) => {
                    let earlier = self.submissions.store.port_out(&id).await?;
                    snapshot.known.earlier = Some(earlier.ok_or(Error::corrupt("confirmed_id"))?);
                    self.next_step(snapshot)
                }
                Step::ComparePins { guarded, otherwise } => {
                    if self.has_answered_pin(snapshot).await? {
                        return self.repeat(snapshot, guarded).await;
                    }
                    *otherwise
                }
                Step::ReadAgain => return Ok(Commit::Stale),
                Step::Conflict { next, counts } => return self.conflict(snapshot, next, counts).await,
                Step::ConflictIfAbsent { id, next } => {
                    let absent = self.submissions.store.port_out(&id).await?.is_none();
                    let conflict = Commit::Done(Answer::Conflict { next, locked: false });
                    return Ok(if absent { conflict } else { Commit::Stale });
                }
                Step::Wait(seconds) => return Ok(Commit::Done(Answer::Wait(seconds))),
                Step::TooManyNumbers => return Ok(Commit::Done(Answer::TooManyNumbers)),
                Step::Decide(version) => return self.decide(snapshot, version).await,
            };
        }
    }

    fn next_step(&self, snapshot: &PortOutSnapshot) -> Step {
        next_step(&self.submission.request, &snapshot.known, self.submissions.clock.now())
    }

    /// Returns whether the request carries the PIN that the answered port-out carried, or neither carries one.
    async fn has_answered_pin(&self, snapshot: &PortOutSnapshot) -> Result<bool, Error> {
        let Some(answered) = &snapshot.known.answered else { return Ok(false) };
        let request = &self.submission.request;
        let account = &request.content.account_number;
        match (request.pin.expose_text(), self.pin, &snapshot.fingerprint) {
            (None, _, None) => Ok(true),
            (Some(text), Some(pin), Some(fingerprint)) => {
                let (hasher, id) = (&self.submissions.hasher, &answered.port_out.id);
                hasher.same_fingerprint(account, text, pin, id, fingerprint).await
            }
            _ => Ok(false),
        }
    }

    async fn repeat(&self, snapshot: &PortOutSnapshot, guarded: bool) -> Result<Commit<Answer>, Error> {
        let Some(answered) = &snapshot.known.answered else { return Ok(Commit::Stale) };
        let (store, now) = (&self.submissions.store, self.submissions.clock.now());
        let (port_out, delivery) = (&answered.port_out, self.submission.delivery.as_ref());
        Ok(match store.confirm_repetition(snapshot, port_out, guarded, delivery, now).await? {
            Commit::Done(()) => Commit::Done(Answer::Repeated(Box::new(port_out.clone()))),
            Commit::Stale => Commit::Stale,
        })
    }

    async fn conflict(
        &self,
        snapshot: &PortOutSnapshot,
        next: Option<Version>,
        counts: bool,
    ) -> Result<Commit<Answer>, Error> {
        let Some(answered) = snapshot.known.answered.as_ref().filter(|_| counts) else {
            return Ok(Commit::Done(Answer::Conflict { next, locked: false }));
        };
        let (store, now) = (&self.submissions.store, self.submissions.clock.now());
        let Submission { actor, delivery, .. } = self.submission;
        let counted =
            store.count_wrong_repetition(snapshot, &answered.port_out, delivery.as_ref(), actor, now).await?;
        Ok(match counted {
            Commit::Done(()) => Commit::Done(Answer::Conflict { next, locked: snapshot.next_wrong_locks() }),
            Commit::Stale => Commit::Stale,
        })
    }

    async fn decide(
        &mut self,
        snapshot: &PortOutSnapshot,
        version: Version,
    ) -> Result<Commit<Answer>, Error> {
        let check = self.check_pin(snapshot).await?;
        let Submissions { policy, clock, .. } = self.submissions;
        let now = clock.now();
        let decision = decide(&self.submission.request, &snapshot.known, check, policy, now);
        self.record(snapshot, version, decision, now).await
    }

    /// Compares the PIN. Whether the account exists or has a PIN makes no difference to the work.
    async fn check_pin(&mut self, snapshot: &PortOutSnapshot) -> Result<PinCheck, Error> {
        let request = &self.submission.request;
        let (SubmittedPin::WellFormed(digits), Some(pin)) = (&request.pin, self.pin) else {
            return Ok(PinCheck::Wrong);
        };
        let digest = snapshot.digest.as_ref();
        if let Some(known) = self.checked.as_ref().filter(|known| known.digest.as_ref() == digest) {
            return Ok(known.check);
        }
        let account = &request.content.account_number;
        let check = self.submissions.hasher.check(account, digits.expose_digits(), pin, digest).await?;
        self.checked = Some(Checked { digest: digest.cloned(), check });
        Ok(check)
    }

    async fn record(
        &self,
        snapshot: &PortOutSnapshot,
        version: Version,
        decision: Decision,
        now: Timestamp,
    ) -> Result<Commit<Answer>, Error> {
        let port_out = self.port_out(version, decision.outcome, now);
        let hasher = &self.submissions.hasher;
        let fingerprint = self.pin.map(|pin| hasher.fingerprint(pin, &port_out.id));
        let decided = Decided {
            record: PortOutRecord { port_out, fingerprint },
            effect: decision.effect,
            renewed_digest: self.renewed_digest(snapshot, decision.effect).await?,
            keeps_attempt: self.submission.request.version == VersionChoice::LatestOrNext,
            delivery: self.submission.delivery.as_ref(),
        };
        let recorded = self.submissions.store.record(snapshot, &decided, &self.submission.actor, now).await?;
        let locks = decision.effect == AttemptEffect::Wrong && snapshot.next_wrong_locks();
        let port_out = Box::new(decided.record.port_out);
        let was_locked = port_out.outcome.rejections().iter().any(|r| r.code == RejectionCode::PinLocked);
        Ok(match recorded {
            Commit::Done(()) => Commit::Done(Answer::Decided { port_out, locked: locks || was_locked }),
            Commit::Stale => Commit::Stale,
        })
    }

    /// Hashes a right PIN again if its stored digest has an older key or fewer rounds.
    async fn renewed_digest(
        &self,
        snapshot: &PortOutSnapshot,
        effect: AttemptEffect,
    ) -> Result<Option<PinDigest>, Error> {
        let hasher = &self.submissions.hasher;
        match (effect, self.pin, &snapshot.digest) {
            (AttemptEffect::Right, Some(pin), Some(digest)) if hasher.is_outdated(digest, pin) => {
                hasher.digest(pin).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    fn port_out(&self, version: Version, outcome: Outcome, received_at: Timestamp) -> PortOut {
        let request = &self.submission.request;
        PortOut {
            id: request.id(version),
            spid: request.spid.clone(),
            pon: request.pon.clone(),
            version,
            content: request.content.clone(),
            outcome,
            received_at,
        }
    }
}
