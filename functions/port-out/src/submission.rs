//! Carries out what the rules decide about a request, even if others for the same account arrive at the same time.
//!
//! Every answer that reveals something about a PIN is stored before it is sent, and the write fails if the records have
//! changed since they were read. Then they are read again, and the rules decide anew.

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
use shared::decision::{AttemptEffect, Decision, PinCheck, decide};
use shared::pin::SubmittedPin;
use shared::port_out::{Outcome, PortOut, PortOutRequest, RejectionCode, VersionChoice};
use shared::port_out_id::Version;
use shared::submission::{Step, next_step};

/// Answers the port-outs of every protocol: the native API, Standard Webhooks, and Bandwidth.
pub struct Submissions {
    store: PortOutStore,
    hasher: Hasher,
    clock: Clock,
}

/// Port-out request, read from its protocol.
pub struct Submission {
    /// What the carrier requests.
    pub request: PortOutRequest,
    /// Actor to record for the request.
    pub actor: Actor,
    /// Webhook delivery that brought the request, if it has an id to recognize a repetition by.
    pub delivery: Option<DeliveryKey>,
}

/// What is needed before a request can be answered: its peppered PIN and the records.
pub struct Prepared {
    pin: Option<PepperedPin>,
    snapshot: PortOutSnapshot,
}

/// Answer to a request, with the records that it is based on.
pub struct Submitted {
    /// Answer to the carrier.
    pub answer: Answer,
    /// Records as they were when the request was decided.
    pub snapshot: PortOutSnapshot,
}

/// Answer to a submission, whatever the protocol.
pub enum Answer {
    /// The request was decided and recorded now.
    Decided {
        /// Recorded port-out.
        port_out: Box<PortOut>,
        /// Whether the account's PIN is locked now, for the log. If several wrong PINs arrive at the same time, none of
        /// them may see that it is the last one; then the next request reports the lock.
        locked: bool,
    },
    /// The request repeats this port-out, which was answered before.
    Repeated(Box<PortOut>),
    /// The carrier has to wait this many seconds. Nothing was evaluated.
    Wait(u64),
    /// The PON and version were used for another request.
    Conflict {
        /// Version to use instead, if one is left.
        next: Option<Version>,
        /// Whether the wrong PIN locked the account's PIN, for the log.
        locked: bool,
    },
    /// The numbers of this version and the one that it replaces are too many for one transaction.
    TooManyNumbers,
}

/// Result of a PIN comparison. It is reused while the digest stays the same, so that a retry does not hash again.
struct CachedCheck {
    digest: Option<PinDigest>,
    check: PinCheck,
}

/// One submission with what its attempts share.
struct Run<'a> {
    submissions: &'a Submissions,
    submission: &'a Submission,
    pin: Option<&'a PepperedPin>,
    cached: Option<CachedCheck>,
}

impl Submissions {
    pub fn new(store: PortOutStore, hasher: Hasher, clock: Clock) -> Self {
        Self { store, hasher, clock }
    }

    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Peppers the PIN and reads the records, at the same time. Changes nothing, so it may run while the caller is
    /// still being authenticated.
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

    /// Decides the submission, records the answer, and returns it.
    pub async fn answer(&self, submission: &Submission, prepared: Prepared) -> Result<Submitted, Error> {
        let Prepared { pin, mut snapshot } = prepared;
        let mut run = Run { submissions: self, submission, pin: pin.as_ref(), cached: None };
        let mut retry = Retry::new("recording a port-out conflicted with another write on every attempt");
        loop {
            match run.attempt(&mut snapshot).await? {
                Commit::Done(answer) => return Ok(Submitted { answer, snapshot }),
                Commit::Stale => retry.after_stale().await?,
            }
            snapshot = self.read(submission).await?;
        }
    }

    /// Returns the first answer to a delivery if it was given in the last 24 hours.
    pub async fn redelivered(&self, delivery: &DeliveryKey) -> Result<Option<Answer>, Error> {
        match self.store.delivered(delivery, self.clock.now()).await? {
            Some(delivered) => self.first_answer(&delivered).await.map(Some),
            None => Ok(None),
        }
    }

    /// Rebuilds the answer that a delivery got. A conflict names today's next version, because the old one may be used.
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
    /// Follows the steps for one snapshot. The result is stale if another write changed the records.
    async fn attempt(&mut self, snapshot: &mut PortOutSnapshot) -> Result<Commit<Answer>, Error> {
        // A delivery is answered once: sent again within 24 hours, it gets its first answer, whatever happened since.
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

    /// Returns whether the request has the same PIN as the answered port-out, or neither has one.
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

    /// Confirms a repetition. If its PIN may be the account's, the answer reveals that it is the one sent before, so
    /// the write checks that no wrong PIN was counted meanwhile: otherwise guesses in parallel would be free.
    async fn repeat(&self, snapshot: &PortOutSnapshot, guarded: bool) -> Result<Commit<Answer>, Error> {
        let Some(answered) = &snapshot.known.answered else { return Ok(Commit::Stale) };
        let (store, now) = (&self.submissions.store, self.submissions.clock.now());
        let (port_out, delivery) = (&answered.port_out, self.submission.delivery.as_ref());
        Ok(match store.confirm_repetition(snapshot, port_out, guarded, delivery, now).await? {
            Commit::Done(()) => Commit::Done(Answer::Repeated(Box::new(port_out.clone()))),
            Commit::Stale => Commit::Stale,
        })
    }

    /// Answers a conflict. One that reveals that the PIN differs from one that may be right is counted first.
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
        let now = self.submissions.clock.now();
        let decision = decide(&self.submission.request, &snapshot.known, check, now);
        self.record(snapshot, version, decision, now).await
    }

    /// Compares the PIN with the account's. The work is the same whether or not the account exists or has a PIN.
    async fn check_pin(&mut self, snapshot: &PortOutSnapshot) -> Result<PinCheck, Error> {
        let request = &self.submission.request;
        let (SubmittedPin::WellFormed(digits), Some(pin)) = (&request.pin, self.pin) else {
            return Ok(PinCheck::Wrong);
        };
        let digest = snapshot.digest.as_ref();
        if let Some(cached) = self.cached.as_ref().filter(|cached| cached.digest.as_ref() == digest) {
            return Ok(cached.check);
        }
        let account = &request.content.account_number;
        let check = self.submissions.hasher.check(account, digits.expose_digits(), pin, digest).await?;
        self.cached = Some(CachedCheck { digest: digest.cloned(), check });
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

    /// Makes a new digest if the PIN is right and its stored digest has an older key or fewer rounds: only now is the
    /// PIN known.
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
