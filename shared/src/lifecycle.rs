//! Life of a port-out after its answer: how its status follows from what it holds, and what ends it.
//!
//! The numbers of a confirmed port-out are always in exactly one of its lists: held, ported, or released.

use jiff::Timestamp;

use crate::cancellation::Cancellation;
use crate::port_out::{Outcome, PortOut};
use crate::telephone_number::Tn;

/// Status of a port-out at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not accepted, with every reason.
    Rejected,
    /// Accepted: its numbers are held until they are ported, it is replaced, cancelled, or expires.
    Confirmed,
    /// Holds nothing any more and ported nothing: a later version replaced it, or its numbers were taken over.
    Superseded,
    /// Cancelled by the carrier, the owner, or the porting desk.
    Cancelled,
    /// Holds nothing any more and ported at least one number.
    Completed,
    /// Its hold ended without a port.
    Expired,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Rejected, Self::Confirmed, Self::Superseded, Self::Cancelled, Self::Completed, Self::Expired];

    /// Returns the status as the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Confirmed => "confirmed",
            Self::Superseded => "superseded",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::Expired => "expired",
        }
    }

    /// Parses a status as [`as_str`](Self::as_str) writes it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl PortOut {
    /// Returns the status at this time. Nothing has to happen for a hold to end: it is judged here.
    pub fn status(&self, now: Timestamp) -> Status {
        match &self.outcome {
            Outcome::Rejected(_) => Status::Rejected,
            Outcome::Cancelled => Status::Cancelled,
            Outcome::Confirmed(_) if self.cancellation.is_some() => Status::Cancelled,
            Outcome::Confirmed(_) if self.is_open(now) => Status::Confirmed,
            Outcome::Confirmed(_) if !self.ported.is_empty() => Status::Completed,
            Outcome::Confirmed(_) if self.held.is_empty() => Status::Superseded,
            Outcome::Confirmed(_) => Status::Expired,
        }
    }

    /// Returns whether it holds a number at this time.
    pub fn is_open(&self, now: Timestamp) -> bool {
        let in_time = self.outcome.commitment().is_some_and(|commitment| now < commitment.hold_until);
        in_time && !self.held.is_empty()
    }

    /// Returns the numbers that it holds at this time.
    pub fn held_at(&self, now: Timestamp) -> &[Tn] {
        if self.is_open(now) { &self.held } else { &[] }
    }

    /// Returns it after these numbers were taken over, or all of them by a later version.
    #[must_use]
    pub fn released(mut self, numbers: &[Tn], now: Timestamp) -> Self {
        let (gone, kept) = self.held.iter().partition(|tn| numbers.contains(tn));
        let gone: Vec<Tn> = gone;
        self.held = kept;
        self.released.extend(gone);
        self.changed(now)
    }

    /// Returns it after its cancellation.
    #[must_use]
    pub fn cancelled(mut self, cancellation: Cancellation) -> Self {
        let at = cancellation.at;
        self.released.append(&mut self.held);
        self.cancellation = Some(cancellation);
        self.changed(at)
    }

    /// Returns it after these numbers were ported, which are some of its own.
    #[must_use]
    pub fn ported(mut self, numbers: &[Tn], now: Timestamp) -> Self {
        let left = |tn: &Tn| !numbers.contains(tn);
        self.held.retain(left);
        self.released.retain(left);
        let new: Vec<_> = numbers.iter().filter(|tn| !self.ported.contains(tn)).copied().collect();
        self.ported.extend(new);
        self.changed(now)
    }

    fn changed(self, now: Timestamp) -> Self {
        Self { updated_at: now, revision: self.revision.saturating_add(1), ..self }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cancellation::CancelledBy;
    use crate::testing::{confirmed, now, port_out, rejected, tns};

    const DAY: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

    fn open() -> PortOut {
        port_out("TX-1", "01", confirmed(), &tns(0..2))
    }

    fn cancellation() -> Cancellation {
        Cancellation { by: CancelledBy::Desk, reason: "carrier".into(), at: now() }
    }

    #[test]
    fn every_status_is_reached() {
        let [one, two] = [tns(0..1), tns(1..2)];
        let late = now() + DAY * 60;
        for (port_out, at, status) in [
            (port_out("TX-1", "01", rejected(), &one), now(), Status::Rejected),
            (open(), now(), Status::Confirmed),
            (open(), late, Status::Expired),
            (open().released(&one, now()), now(), Status::Confirmed),
            (open().released(&tns(0..2), now()), now(), Status::Superseded),
            (open().released(&tns(0..2), now()), late, Status::Superseded),
            (open().ported(&one, now()), now(), Status::Confirmed),
            (open().ported(&one, now()), late, Status::Completed),
            (open().ported(&tns(0..2), now()), now(), Status::Completed),
            (open().ported(&one, now()).released(&two, now()), now(), Status::Completed),
            (open().cancelled(cancellation()), now(), Status::Cancelled),
            (open().ported(&one, now()).cancelled(cancellation()), late, Status::Cancelled),
            (open().cancelled(cancellation()).ported(&one, now()), now(), Status::Cancelled),
            (port_out("TX-1", "02", Outcome::Cancelled, &one), now(), Status::Cancelled),
        ] {
            assert_eq!(port_out.status(at), status);
        }
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
    }

    #[test]
    fn a_hold_ends_at_its_instant() {
        let until = open().outcome.commitment().unwrap().hold_until;
        let before = until - jiff::SignedDuration::from_millis(1);
        assert_eq!((open().status(before), open().status(until)), (Status::Confirmed, Status::Expired));
        assert_eq!(open().held_at(before), tns(0..2));
        assert_eq!(open().held_at(until), []);
    }

    #[test]
    fn a_cancellation_keeps_what_was_ported() {
        let after = open().ported(&tns(1..2), now()).cancelled(cancellation());
        assert_eq!((after.held, after.ported, after.released), (vec![], tns(1..2), tns(0..1)));
    }

    #[derive(Debug, Clone)]
    enum Step {
        Release(Vec<Tn>),
        Port(Vec<Tn>),
        Cancel,
    }

    fn any_step() -> impl Strategy<Value = Step> {
        let some = prop::sample::subsequence(tns(0..4), 0..=4);
        prop_oneof![some.clone().prop_map(Step::Release), some.prop_map(Step::Port), Just(Step::Cancel)]
    }

    proptest! {
        #[test]
        fn each_number_is_held_ported_or_released_and_ported_numbers_stay_so(steps in prop::collection::vec(any_step(), 0..8)) {
            let mut port_out = port_out("TX-1", "01", confirmed(), &tns(0..4));
            for (change, step) in (2..).zip(steps) {
                let before = port_out.ported.clone();
                port_out = match step {
                    Step::Release(numbers) => port_out.released(&numbers, now()),
                    Step::Port(numbers) => port_out.ported(&numbers, now()),
                    Step::Cancel => port_out.cancelled(cancellation()),
                };
                let mut all = [&*port_out.held, &*port_out.ported, &*port_out.released].concat();
                all.sort_unstable();
                prop_assert_eq!(all, tns(0..4));
                prop_assert!(before.iter().all(|tn| port_out.ported.contains(tn)));
                prop_assert_eq!(port_out.revision, change);
                // An ended port-out holds nothing, and never again.
                prop_assert_eq!(port_out.status(now()) == Status::Confirmed, !port_out.held.is_empty() && port_out.cancellation.is_none());
            }
        }
    }
}
