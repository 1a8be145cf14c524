//! Port-outs: what a carrier requests, how it was answered, and what became of it.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::account::AccountNumber;
use crate::cancellation::Cancellation;
use crate::intake::{Channel, Intake};
use crate::lsr::Lsr;
use crate::pin::SubmittedPin;
use crate::port_out_id::{Pon, PortOutId, Requester, Version};
use crate::rejection::{Rejection, RejectionCode};
use crate::spid::Spid;
use crate::supplement::Supplement;
use crate::telephone_number::Tn;
use crate::telephone_numbers::TelephoneNumbers;
use crate::zip_code::ZipCode;

/// Request of a carrier about the numbers of an account.
#[derive(Debug, Clone)]
pub struct PortOutRequest {
    /// Party that names the request.
    pub requester: Requester,
    /// Carrier that sends the request.
    pub spid: Spid,
    /// Purchase order number, which the carrier chooses.
    pub pon: Pon,
    /// How the request names its version of the PON.
    pub version: VersionChoice,
    /// What the request asks for.
    pub ask: Ask,
    /// Everything else except the PIN.
    pub content: Content,
    /// PIN that the request sent, if any.
    pub pin: SubmittedPin,
    /// How and when it came in.
    pub intake: Intake,
}

/// How a request names its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionChoice {
    /// The request gives a number, or 01 by leaving it out.
    Given(Version),
    /// The protocol has no versions: the request is the latest version if it repeats that version's content and PIN,
    /// and otherwise the next one.
    LatestOrNext,
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To port these numbers; the flag tells whether it says that it is a supplement (SUP 3).
    Port(TelephoneNumbers, bool),
    /// To move the confirmed version to this day.
    ChangeDueDate(Date),
    /// To cancel the confirmed version.
    Cancel,
}

/// What a request says besides its name and its PIN.
#[derive(Debug, Clone)]
pub struct Content {
    /// Account that the numbers belong to, according to the carrier.
    pub account_number: AccountNumber,
    /// ZIP code that the end user gave, if any.
    pub zip_code: Option<ZipCode>,
    /// Numbers that the request lists: all that it ports, or some that a supplement names beside what it changes.
    pub numbers: Vec<Tn>,
    /// Day that the new provider requests, if any.
    pub desired_due_date: Option<Date>,
    /// Other standard fields.
    pub lsr: Lsr,
}

impl Ask {
    /// Returns which supplement it is, if it is one.
    pub fn supplement(&self) -> Option<Supplement> {
        match self {
            Self::Port(_, false) => None,
            Self::Port(_, true) => Some(Supplement::Other),
            Self::ChangeDueDate(_) => Some(Supplement::DueDate),
            Self::Cancel => Some(Supplement::Cancel),
        }
    }
}

impl PortOutRequest {
    /// Returns the id of this request as the given version.
    pub fn id(&self, version: Version) -> PortOutId {
        PortOutId::of(&self.requester, &self.pon, version)
    }

    /// Returns a hash of everything but the name and the PIN, equal for repetitions only: 32 hexadecimal digits.
    pub fn content_hash(&self) -> String {
        let Content { account_number, zip_code, numbers, desired_due_date, lsr } = &self.content;
        // Sorted, because a repetition may list the numbers in another order.
        let mut numbers: Vec<_> = numbers.iter().map(Tn::national).collect();
        numbers.sort_unstable();
        let intake = &self.intake;
        let desk = if intake.is_desk() { intake.channel.as_str() } else { "" };
        let mut text = String::new();
        // The quotes that Debug adds keep the parts apart: different contents never give the same text.
        let mut add = |part: &str| text.push_str(&format!("{part:?}|"));
        add(self.ask.supplement().map_or("", Supplement::as_str));
        add(account_number.as_str());
        add(zip_code.as_ref().map_or("", |zip| zip.as_str()));
        add(&desired_due_date.map(|date| date.to_string()).unwrap_or_default());
        add(&numbers.join(" "));
        add(desk);
        add(&intake.received_at.map(|at| at.to_string()).unwrap_or_default());
        add(intake.reference.as_ref().map_or("", |reference| reference.as_str()));
        lsr.fields().for_each(|(name, value)| {
            add(name);
            add(value);
        });
        crate::hex::short_hash(&text)
    }
}

/// Answer of the current provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Rejected, with every reason.
    Rejected(Vec<Rejection>),
    /// Confirmed with a firm order commitment (FOC).
    Confirmed(Commitment),
    /// A supplement that cancelled the confirmed version.
    Cancelled,
}

/// Firm order commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment {
    /// Day of the port.
    pub foc_date: Date,
    /// Last day on which the numbers are held.
    pub hold_expires_on: Date,
    /// End of that day in the numbers' local time: from then on the numbers are free.
    pub hold_until: Timestamp,
}

/// Versions of the account's PIN and records that an answer rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JudgedUnder {
    /// Version of the PIN; 0 without one.
    pub pin_version: u64,
    /// Version of everything else that a decision rests on.
    pub decision_version: u64,
}

/// Request with its answer, as it is recorded, and what became of it since.
#[derive(Debug, Clone)]
pub struct PortOut {
    /// Id derived from the requester, the PON, and the version.
    pub id: PortOutId,
    /// Party that named the request.
    pub requester: Requester,
    /// Carrier that sent the request.
    pub spid: Spid,
    /// Purchase order number.
    pub pon: Pon,
    /// Version of that PON.
    pub version: Version,
    /// What it changed of the version before, if it was a supplement.
    pub supplement: Option<Supplement>,
    /// Account that the request named.
    pub account_number: AccountNumber,
    /// Numbers that it is about.
    pub numbers: TelephoneNumbers,
    /// ZIP code that the end user gave, if any.
    pub zip_code: Option<ZipCode>,
    /// Day that the new provider requested, if any.
    pub desired_due_date: Option<Date>,
    /// Other standard fields.
    pub lsr: Lsr,
    /// Hash of the request without its PIN, to recognize a repetition by.
    pub content_hash: String,
    /// How it was answered.
    pub outcome: Outcome,
    /// What the answer rests on.
    pub judged_under: JudgedUnder,
    /// Numbers that it holds, unless the hold has ended.
    pub held: Vec<Tn>,
    /// Numbers that were ported with it.
    pub ported: Vec<Tn>,
    /// Numbers that it does not hold any more and did not port.
    pub released: Vec<Tn>,
    /// How it was cancelled, if it was.
    pub cancellation: Option<Cancellation>,
    /// Way by which the request came in.
    pub channel: Channel,
    /// When the request was received.
    pub received_at: Timestamp,
    /// When the first confirmed version of the PON was received: due dates of supplements count from then.
    pub first_received_at: Timestamp,
    /// When the request was recorded.
    pub entered_at: Timestamp,
    /// When anything changed last.
    pub updated_at: Timestamp,
    /// One more with each change.
    pub revision: u64,
}

impl Outcome {
    /// Returns the day of the firm order commitment, if there is one.
    pub fn foc_date(&self) -> Option<Date> {
        self.commitment().map(|commitment| commitment.foc_date)
    }

    /// Returns the firm order commitment, if there is one.
    pub fn commitment(&self) -> Option<&Commitment> {
        match self {
            Self::Confirmed(commitment) => Some(commitment),
            Self::Rejected(_) | Self::Cancelled => None,
        }
    }

    /// Returns the reasons for a rejection; none if the port-out was not rejected.
    pub fn rejections(&self) -> &[Rejection] {
        match self {
            Self::Confirmed(_) | Self::Cancelled => &[],
            Self::Rejected(reasons) => reasons,
        }
    }
}

impl PortOut {
    /// Creates the record of a request that was answered now; a confirmed one holds its numbers.
    pub fn new(
        request: &PortOutRequest,
        numbers: TelephoneNumbers,
        version: Version,
        outcome: Outcome,
        judged_under: JudgedUnder,
        now: Timestamp,
    ) -> Self {
        let received_at = request.intake.received_at.unwrap_or(now);
        let held = if outcome.commitment().is_some() { numbers.as_slice().to_vec() } else { Vec::new() };
        Self {
            id: request.id(version),
            requester: request.requester.clone(),
            spid: request.spid.clone(),
            pon: request.pon.clone(),
            version,
            supplement: request.ask.supplement(),
            account_number: request.content.account_number.clone(),
            numbers,
            zip_code: request.content.zip_code.clone(),
            desired_due_date: request.content.desired_due_date,
            lsr: request.content.lsr.clone(),
            content_hash: request.content_hash(),
            outcome,
            judged_under,
            held,
            ported: Vec::new(),
            released: Vec::new(),
            cancellation: None,
            channel: request.intake.channel.clone(),
            received_at,
            first_received_at: received_at,
            entered_at: now,
            updated_at: now,
            revision: 1,
        }
    }

    /// Returns whether the confirmed day is another one than the desired one.
    pub fn due_date_changed(&self) -> bool {
        let (desired, confirmed) = (self.desired_due_date, self.outcome.foc_date());
        desired.zip(confirmed).is_some_and(|(desired, confirmed)| desired != confirmed)
    }

    /// Returns those of its numbers that were not the account's when it was decided.
    pub fn other_numbers(&self) -> Vec<Tn> {
        let reasons = self.outcome.rejections();
        if reasons.iter().any(|reason| reason.code == RejectionCode::AccountNumberMismatch) {
            return self.numbers.as_slice().to_vec();
        }
        let other =
            |r: &&Rejection| matches!(r.code, RejectionCode::TnNotFound | RejectionCode::TnNotPortable);
        reasons.iter().filter(other).filter_map(|reason| reason.telephone_number).collect()
    }

    /// Returns whether the account existed when it was decided.
    pub fn named_an_account(&self) -> bool {
        self.judged_under.decision_version > 0
    }

    /// Returns whether the PIN of this request may be the account's, whose PIN now has this version.
    ///
    /// If so, repeating the request with another PIN is a guess: the answer tells whether both PINs are equal. A PIN
    /// that was wrong once may be the one that the owner set since.
    pub fn pin_may_be_right(&self, pin_version: u64) -> bool {
        // A PIN that is locked or not set was not compared, so whether the submitted one was right is open.
        let known_wrong =
            |r: &Rejection| matches!(r.code, RejectionCode::PinInvalid | RejectionCode::PinMissing);
        let was_wrong = self.outcome.rejections().iter().any(known_wrong);
        !was_wrong || self.judged_under.pin_version != pin_version
    }
}
