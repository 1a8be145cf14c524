//! Carries out what the rules decide about a request, even if others for the same account arrive at the same time.
//!
//! Every answer that reveals something about a PIN is stored before it is sent, and the write fails if the records have
//! changed since they were read. Then they are read again, and the rules decide anew.

mod pin_hashes;

use runtime::clock::{Clock, Timestamp};
use runtime::error::Error;
use runtime::pin_hash::digest::StoredPin;
use runtime::pin_hash::hasher::Hasher;
use runtime::pin_hash::pepper::PepperedPin;
use runtime::store::PortOutRecord;
use runtime::store::commit::{Commit, Retry};
use runtime::store::deliveries::{Delivered, DeliveredAnswer, Delivery};
use runtime::store::port_out_store::{Answering, Decided, PortOutSnapshot, PortOutStore};
use shared::actor::Actor;
use shared::attempts::{CountUp, LOCK_AT, Wait};
use shared::decision::{AttemptEffect, Decision, PinCheck, PortOutPolicy, Verdict, decide};
use shared::pin::SubmittedPin;
use shared::port_out::{Ask, PortOut, PortOutRequest, VersionChoice};
use shared::port_out_id::Version;
use shared::rejection::RejectionCode;
use shared::submission::{ConflictReason, Step, next_step};
use shared::supplement;

use pin_hashes::PinHashes;

/// Answers the port-outs of every protocol: the native API, Standard Webhooks, and Bandwidth.
pub struct Submissions {
    store: PortOutStore,
    hasher: Hasher,
    policy: PortOutPolicy,
    clock: Clock,
}

/// Port-out request, read from its protocol.
pub struct Submission {
    /// What the carrier requests.
    pub request: PortOutRequest,
    /// Actor to record for the request.
    pub actor: Actor,
    /// Webhook delivery that brought the request, if it has an id to recognize a repetition by.
    pub delivery: Option<Delivery>,
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
        /// Whether the account's PIN is locked now, for the log.
        locked: bool,
    },
    /// The request repeats this port-out, which was answered before.
    Repeated(Box<PortOut>),
    /// The carrier has to wait. Nothing was evaluated.
    Wait {
        /// How long.
        wait: Wait,
        /// Whether the wrong PIN locked the account's PIN, for the log.
        locked: bool,
    },
    /// The request does not fit its PON.
    Conflict {
        /// Why.
        reason: ConflictReason,
        /// Version to use instead, if one is left.
        next: Option<Version>,
        /// Whether the wrong PIN locked the account's PIN, for the log.
        locked: bool,
    },
    /// The PON has no open version that a supplement could change.
    NotOpen,
    /// The delivery's id was used for another request.
    DeliveryConflict,
    /// What the request changes is too much for one transaction.
    TooManyNumbers,
}

/// One submission with what its attempts share.
struct Run<'a> {
    submissions: &'a Submissions,
    submission: &'a Submission,
    hashes: Option<PinHashes<'a>>,
}

impl Submissions {
    pub fn new(store: PortOutStore, hasher: Hasher, policy: PortOutPolicy, clock: Clock) -> Self {
        Self { store, hasher, policy, clock }
    }

    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Peppers the PIN and reads the records, at the same time. Changes nothing, so it may run while the caller is
    /// still being authenticated.
    pub async fn prepare(&self, submission: &Submission) -> Result<Prepared, Error> {
        let pin = async {
            match judged_pin(&submission.request) {
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
        let request = &submission.request;
        let hashes = pin.zip(judged_pin(request)).map(|(peppered, text)| {
            PinHashes::new(&self.hasher, &request.content.account_number, text, peppered)
        });
        let mut run = Run { submissions: self, submission, hashes };
        let mut retry = Retry::new("recording a port-out conflicted with another write on every attempt");
        loop {
            match run.attempt(&mut snapshot).await? {
                Commit::Done(answer) => return Ok(Submitted { answer, snapshot }),
                Commit::Stale => retry.after_stale().await?,
            }
            // Another write came first, so the rules decide again on the records as they are now.
            snapshot = self.read(submission).await?;
        }
    }

    async fn first_answer(&self, delivered: &Delivered) -> Result<Answer, Error> {
        let (DeliveredAnswer::PortOut(id) | DeliveredAnswer::Conflict(id)) = &delivered.answer;
        let port_out = self.store.port_out(id).await?.ok_or(Error::corrupt("port_out_id"))?;
        if let DeliveredAnswer::PortOut(_) = delivered.answer {
            return Ok(Answer::Repeated(Box::new(port_out)));
        }
        let latest = self.store.latest_version(&port_out.requester, &port_out.pon).await?;
        let latest = latest.ok_or(Error::corrupt("latest_version"))?;
        Ok(used(latest.next()))
    }

    async fn read(&self, submission: &Submission) -> Result<PortOutSnapshot, Error> {
        self.store.read(&submission.request, submission.delivery.as_ref(), self.clock.now()).await
    }
}

/// Returns the PIN, unless the request is a supplement that needs none: then nothing looks at it.
fn judged_pin(request: &PortOutRequest) -> Option<&str> {
    match request.ask {
        Ask::Port(..) => request.pin.expose_text(),
        Ask::ChangeDueDate(_) | Ask::Cancel => None,
    }
}

fn used(next: Option<Version>) -> Answer {
    Answer::Conflict { reason: ConflictReason::Used, next, locked: false }
}

impl Run<'_> {
    /// Follows the steps for one snapshot. The result is stale if another write changed the records.
    async fn attempt(&mut self, snapshot: &mut PortOutSnapshot) -> Result<Commit<Answer>, Error> {
        // A delivery is answered once: sent again within 24 hours, it gets its first answer, whatever happened since.
        if let (Some(delivered), Some(delivery)) = (&snapshot.delivered, &self.submission.delivery) {
            let repeats = delivery.repeats(delivered);
            let answer = if repeats {
                self.submissions.first_answer(delivered).await?
            } else {
                Answer::DeliveryConflict
            };
            return Ok(Commit::Done(answer));
        }
        let mut step = self.next_step(snapshot);
        loop {
            step = match step {
                Step::ReadRelated(ids) => {
                    let related = self.submissions.store.port_outs(&ids).await?;
                    snapshot.known.related.extend(related.into_iter().map(|it| (it.id.clone(), it)));
                    self.next_step(snapshot)
                }
                Step::ComparePins { guarded, otherwise } => {
                    if self.has_answered_pin(snapshot).await? {
                        return self.repeat(snapshot, guarded).await;
                    }
                    *otherwise
                }
                Step::Repeat => return self.repeat(snapshot, false).await,
                Step::ReadAgain => return Ok(Commit::Stale),
                Step::Conflict { reason, next, counts } => {
                    let conflict = |locked| Answer::Conflict { reason, next, locked };
                    return self.refuse(snapshot, counts, conflict).await;
                }
                Step::IfAbsent { id, then } => match self.submissions.store.port_out(&id).await? {
                    Some(_) => return Ok(Commit::Stale),
                    None => *then,
                },
                Step::Wait { wait, counts } => return self.defer(snapshot, wait, counts).await,
                Step::NotOpen => return Ok(Commit::Done(Answer::NotOpen)),
                Step::TooManyNumbers => return Ok(Commit::Done(Answer::TooManyNumbers)),
                Step::Supplement(version) => return self.supplement(snapshot, version).await,
                Step::Decide(version) => return self.decide(snapshot, version).await,
            };
        }
    }

    fn next_step(&self, snapshot: &PortOutSnapshot) -> Step {
        next_step(&self.submission.request, &snapshot.known, self.submissions.clock.now())
    }

    fn answering<'a>(&'a self, snapshot: &'a PortOutSnapshot, now: Timestamp) -> Answering<'a> {
        let Submission { request, actor, delivery } = self.submission;
        Answering { snapshot, request, delivery: delivery.as_ref(), actor, now }
    }

    /// Returns whether the request has the same PIN as the answered port-out, or neither has one.
    async fn has_answered_pin(&mut self, snapshot: &PortOutSnapshot) -> Result<bool, Error> {
        let Some(answered) = &snapshot.known.answered else { return Ok(false) };
        match (&mut self.hashes, &snapshot.fingerprint) {
            (None, None) => Ok(true),
            (Some(hashes), Some(fingerprint)) => hashes.made(fingerprint, &answered.port_out.id).await,
            _ => Ok(false),
        }
    }

    /// Confirms a repetition. If its PIN may be the account's, the answer reveals that it is the one sent before, so
    /// the write checks that no wrong PIN was counted meanwhile: otherwise guesses in parallel would be free.
    async fn repeat(&self, snapshot: &PortOutSnapshot, guarded: bool) -> Result<Commit<Answer>, Error> {
        let Some(answered) = &snapshot.known.answered else { return Ok(Commit::Stale) };
        let answering = self.answering(snapshot, self.submissions.clock.now());
        let port_out = &answered.port_out;
        let confirmed = self.submissions.store.confirm_repetition(answering, port_out, guarded).await?;
        Ok(confirmed.map(|()| Answer::Repeated(Box::new(port_out.clone()))))
    }

    /// Refuses. A refusal that reveals that the PIN differs from one that may be right is counted first.
    async fn refuse(
        &self,
        snapshot: &PortOutSnapshot,
        counts: bool,
        answer: impl Fn(bool) -> Answer,
    ) -> Result<Commit<Answer>, Error> {
        let Some(answered) = snapshot.known.answered.as_ref().filter(|_| counts) else {
            return Ok(Commit::Done(answer(false)));
        };
        let now = self.submissions.clock.now();
        let answering = self.answering(snapshot, now);
        let counted = self.submissions.store.count_wrong_repetition(answering, &answered.port_out).await?;
        Ok(counted.map(|()| answer(next_wrong_locks(snapshot, now))))
    }

    /// Turns the carrier away, and has the owner told once for each wait.
    async fn defer(
        &self,
        snapshot: &PortOutSnapshot,
        wait: Wait,
        counts: bool,
    ) -> Result<Commit<Answer>, Error> {
        if counts {
            return self.refuse(snapshot, true, |locked| Answer::Wait { wait, locked }).await;
        }
        self.announce(snapshot, wait, "wrong_pins").await
    }

    async fn announce(
        &self,
        snapshot: &PortOutSnapshot,
        wait: Wait,
        reason: &'static str,
    ) -> Result<Commit<Answer>, Error> {
        let answering = self.answering(snapshot, self.submissions.clock.now());
        let announced = self.submissions.store.announce(answering, wait, reason).await?;
        Ok(announced.map(|()| Answer::Wait { wait, locked: false }))
    }

    /// Cancels the open version or changes its due date.
    async fn supplement(
        &self,
        snapshot: &PortOutSnapshot,
        version: Version,
    ) -> Result<Commit<Answer>, Error> {
        let Submissions { store, policy, clock, .. } = self.submissions;
        let (request, now) = (&self.submission.request, clock.now());
        let Some(earlier) = snapshot.known.earlier(now) else { return Ok(Commit::Stale) };
        let Ok(held) = earlier.held.clone().try_into() else { return Ok(Commit::Stale) };
        let done = match request.ask {
            Ask::ChangeDueDate(date) => {
                let holidays = &policy.holidays;
                supplement::change_due_date(request, earlier.clone(), held, date, version, holidays, now)
            }
            Ask::Cancel | Ask::Port(..) => {
                supplement::cancel(request, earlier.clone(), held, version, snapshot.judged_under(), now)
            }
        };
        let recorded = store.supplement(self.answering(snapshot, now), &done).await?;
        Ok(recorded.map(|()| Answer::Decided { port_out: Box::new(done.new.clone()), locked: false }))
    }

    async fn decide(
        &mut self,
        snapshot: &PortOutSnapshot,
        version: Version,
    ) -> Result<Commit<Answer>, Error> {
        let check = self.check_pin(snapshot).await?;
        let Submissions { policy, clock, .. } = self.submissions;
        let now = clock.now();
        match decide(&self.submission.request, &snapshot.known, check, policy, version, now) {
            Verdict::Decided(decision) => self.record(snapshot, version, decision, now).await,
            Verdict::Limited(wait) => self.announce(snapshot, wait, "no_pin_compared").await,
        }
    }

    /// Compares the PIN with the account's. The work is the same whether or not the account exists or has a PIN.
    async fn check_pin(&mut self, snapshot: &PortOutSnapshot) -> Result<PinCheck, Error> {
        let Some(hashes) = &mut self.hashes else { return Ok(PinCheck::Wrong) };
        let hash = hashes.under(snapshot.pin.as_ref().map(|pin| &pin.parameters)).await?;
        let well_formed = matches!(self.submission.request.pin, SubmittedPin::WellFormed(_));
        let right = well_formed && snapshot.pin.as_ref().is_some_and(|pin| hash.is_pin_of(pin));
        Ok(if right { PinCheck::Right } else { PinCheck::Wrong })
    }

    async fn record(
        &mut self,
        snapshot: &PortOutSnapshot,
        version: Version,
        decision: Decision,
        now: Timestamp,
    ) -> Result<Commit<Answer>, Error> {
        let request = &self.submission.request;
        let Ask::Port(numbers, _) = &request.ask else { return Ok(Commit::Stale) };
        let Decision { outcome, effect, taken_over, elsewhere } = decision;
        let judged_under = snapshot.judged_under();
        let mut port_out = PortOut::new(request, numbers.clone(), version, outcome, judged_under, now);
        if let Some(earlier) = snapshot.known.earlier(now) {
            port_out.first_received_at = earlier.first_received_at;
        }
        let fingerprint = match &mut self.hashes {
            Some(hashes) => {
                let hash = hashes.under(snapshot.pin.as_ref().map(|pin| &pin.parameters)).await?;
                Some(hash.fingerprint(&port_out.id))
            }
            None => None,
        };
        let decided = Decided {
            record: PortOutRecord { port_out, fingerprint },
            effect,
            renewed: self.renewed(snapshot, effect).await?,
            // Without a version, a repetition is found through its PON, so the PON keeps the answer.
            keeps_attempt: request.version == VersionChoice::LatestOrNext,
            taken_over,
            elsewhere,
        };
        let recorded = self.submissions.store.record(self.answering(snapshot, now), &decided).await?;
        let port_out = Box::new(decided.record.port_out);
        let locks = effect == AttemptEffect::Wrong && next_wrong_locks(snapshot, now);
        let was_locked = port_out.outcome.rejections().iter().any(|r| r.code == RejectionCode::PinLocked);
        Ok(recorded.map(|()| Answer::Decided { port_out: port_out.clone(), locked: locks || was_locked }))
    }

    /// Makes a new digest if the PIN is right and its stored digest has an older key or fewer rounds: only now is the
    /// PIN known.
    async fn renewed(
        &mut self,
        snapshot: &PortOutSnapshot,
        effect: AttemptEffect,
    ) -> Result<Option<StoredPin>, Error> {
        match (effect, &mut self.hashes, &snapshot.pin) {
            (AttemptEffect::Right, Some(hashes), Some(pin)) => hashes.renewed(&pin.parameters).await,
            _ => Ok(None),
        }
    }
}

/// Returns whether one more wrong PIN locks the account's PIN.
fn next_wrong_locks(snapshot: &PortOutSnapshot, now: Timestamp) -> bool {
    let account = snapshot.known.account.as_ref().filter(|account| account.compares_pins());
    account.is_some_and(|account| account.pin.failures.count_up(now) == CountUp::Reaches(LOCK_AT))
}
