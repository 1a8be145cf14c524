//! Decides the next step for a port-out request from its records: repetition, version, supplement, wait, size, and last
//! the PIN.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use crate::attempts::Wait;
use crate::pin::SubmittedPin;
use crate::port_out::{Ask, PortOut, PortOutRequest, VersionChoice};
use crate::port_out_id::{PortOutId, Version};
use crate::snapshot::{Answered, Snapshot};
use crate::telephone_numbers::MAX_NUMBERS;

/// Time for which a protocol without versions can repeat a request: longer than any of its senders retries.
pub const REPEATABLE_FOR: SignedDuration = SignedDuration::from_hours(1);

/// What the caller of [`next_step`] has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Read all records again: they were read at different moments and contradict each other.
    ReadAgain,
    /// Read these port-outs into [`Snapshot::related`], then call [`next_step`] again.
    ReadRelated(Vec<PortOutId>),
    /// Compare the PIN with that of the answered port-out. If they are equal, the request is a repetition.
    ComparePins {
        /// Whether the answer can reveal the account's PIN, so that the comparison costs the same as a guess.
        guarded: bool,
        /// Step to take if the PINs differ.
        otherwise: Box<Step>,
    },
    /// Answer as the answered port-out: the request repeats it, and no PIN is part of either.
    Repeat,
    /// Refuse for this reason.
    Conflict {
        /// Why.
        reason: ConflictReason,
        /// Version to use instead; `None` after 99.
        next: Option<Version>,
        /// Whether it counts as a wrong PIN: it reveals that the PIN differs from one that may be right.
        counts: bool,
    },
    /// Take the step `then`, but only if a fresh read does not find this port-out. If it does, read all records again.
    IfAbsent {
        /// Id of the request's port-out.
        id: PortOutId,
        /// Refusal that would be wrong if the port-out was written after it was read.
        then: Box<Step>,
    },
    /// Refuse: the PON has no open version that a supplement could change.
    NotOpen,
    /// Refuse: the carrier has to wait and learns nothing else.
    Wait {
        /// How long.
        wait: Wait,
        /// Whether it counts as a wrong PIN: the carrier tried another PIN for a request that it may repeat.
        counts: bool,
    },
    /// Refuse: the numbers and port-outs that it changes do not fit into one transaction.
    TooManyNumbers,
    /// Cancel the open version or change its due date, as this version.
    Supplement(Version),
    /// Check the PIN and decide the request as this version.
    Decide(Version),
}

/// Why a request does not fit its PON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictReason {
    /// This version, or a later one, was used for another request.
    Used,
    /// The open version is on another account.
    OtherAccount,
    /// The PON came another way, and a supplement needs no PIN.
    OtherChannel,
}

/// Returns the next step for a request. The order of the checks is part of the rules:
///
/// 1. A repetition is recognized first, so that a retry never counts as a second request.
/// 2. A conflicting PON and version come before a wait, because they reveal nothing about a PIN.
/// 3. Supplements without a PIN pass every wait.
/// 4. A PIN is compared only if the carrier does not have to wait: any comparison that may hit the right PIN is a
///    guess.
pub fn next_step(request: &PortOutRequest, known: &Snapshot, now: Timestamp) -> Step {
    Next { request, known, now }.step()
}

struct Next<'a> {
    request: &'a PortOutRequest,
    known: &'a Snapshot,
    now: Timestamp,
}

impl Next<'_> {
    fn step(&self) -> Step {
        match (self.request.version, &self.known.answered) {
            (VersionChoice::Given(version), Some(answered)) => self.answered_version(version, answered),
            (VersionChoice::Given(version), None) => self.unanswered_version(version),
            (VersionChoice::LatestOrNext, Some(answered)) if self.repeats_latest(answered) => {
                self.compare_with_latest(answered)
            }
            (VersionChoice::LatestOrNext, _) => self.next_version(),
        }
    }

    /// Handles a request that gives a version that was answered before.
    fn answered_version(&self, version: Version, answered: &Answered) -> Step {
        if self.known.latest < Some(version) {
            // The PON was read before this port-out was written, and the port-out after that.
            return Step::ReadAgain;
        }
        if answered.port_out.content_hash != self.request.content_hash() {
            return self.conflict(ConflictReason::Used, false);
        }
        if !self.has_judged_pin() {
            return Step::Repeat;
        }
        let guarded = self.is_guarded(answered);
        match self.known.attempts.wait(self.now).filter(|_| guarded) {
            Some(wait) => Step::Wait { wait, counts: false },
            None => compare(guarded, self.conflict(ConflictReason::Used, guarded)),
        }
    }

    /// Handles a request that gives a version without an answer.
    fn unanswered_version(&self, version: Version) -> Step {
        if self.known.latest.is_some_and(|latest| latest >= version) {
            // Versions only go up, so an older one without an answer never gets one. But the port-out may have been read
            // just before it was written.
            return self.if_absent(version, self.conflict(ConflictReason::Used, false));
        }
        self.new_version(version)
    }

    /// Returns whether the request can be a repetition of the latest version: its answer still stands.
    fn repeats_latest(&self, answered: &Answered) -> bool {
        let port_out = &answered.port_out;
        let decision_version = self.known.account.as_ref().map_or(0, |account| account.decision_version);
        port_out.content_hash == self.request.content_hash()
            && self.now.duration_since(port_out.entered_at) < REPEATABLE_FOR
            && port_out.judged_under.decision_version == decision_version
    }

    /// Handles a request with the content of the latest version, so that only the PIN can differ. Its sender repeats it
    /// while others make the source wait; so a wait does not end repetitions, but another PIN then costs an attempt.
    fn compare_with_latest(&self, answered: &Answered) -> Step {
        let guarded = self.is_guarded(answered);
        let otherwise = match self.known.attempts.wait(self.now) {
            Some(wait) => Step::Wait { wait, counts: guarded },
            None => self.next_version(),
        };
        compare(guarded, otherwise)
    }

    /// Handles a request without a version that does not repeat the latest one, so that it is the next.
    fn next_version(&self) -> Step {
        self.new_version(self.known.latest.map_or(Version::FIRST, Version::counted_on))
    }

    fn new_version(&self, version: Version) -> Step {
        if !self.has_judged_pin() {
            return self.supplement(version);
        }
        // Before anything that depends on the numbers or the PIN, so that a waiting carrier learns nothing about either.
        if let Some(wait) = self.known.attempts.wait(self.now) {
            return Step::Wait { wait, counts: false };
        }
        let takes_over = self.known.takes_over(self.request, self.now);
        let holders =
            if takes_over { self.known.holders(self.request, self.now) } else { Default::default() };
        if holders.contains(&self.request.id(version)) {
            // Its number was read after this version was written, and the version before that.
            return Step::ReadAgain;
        }
        if let Some(step) = self.read_related(self.known.confirmed.iter().chain(&holders)) {
            return step;
        }
        if self.contradicts() {
            return Step::ReadAgain;
        }
        let earlier = self.known.earlier(self.now);
        let account = &self.request.content.account_number;
        if earlier.is_some_and(|earlier| earlier.account_number != *account) {
            return self.conflict(ConflictReason::OtherAccount, false);
        }
        if self.changes(earlier).saturating_add(holders.len()) > MAX_NUMBERS {
            return Step::TooManyNumbers;
        }
        Step::Decide(version)
    }

    /// Handles a supplement that cancels the open version or changes its due date.
    fn supplement(&self, version: Version) -> Step {
        if let Some(step) = self.read_related(self.known.confirmed.iter()) {
            return step;
        }
        let Some(earlier) = self.known.earlier(self.now) else {
            // The same supplement may have ended it after the PON was read.
            return self.if_absent(version, Step::NotOpen);
        };
        if earlier.account_number != self.request.content.account_number {
            return self.conflict(ConflictReason::OtherAccount, false);
        }
        if !self.request.intake.channel.may_supplement(&earlier.channel) {
            return self.conflict(ConflictReason::OtherChannel, false);
        }
        Step::Supplement(version)
    }

    fn read_related<'b>(&self, ids: impl Iterator<Item = &'b PortOutId>) -> Option<Step> {
        let missing: Vec<_> = ids.filter(|id| !self.known.related.contains_key(*id)).cloned().collect();
        (!missing.is_empty()).then_some(Step::ReadRelated(missing))
    }

    /// Returns whether a number names a holder that, as it was read, does not hold it.
    fn contradicts(&self) -> bool {
        self.request.content.numbers.iter().any(|tn| {
            let hold = self.known.own(tn).and_then(|record| record.held(self.now));
            let holder = hold.and_then(|hold| self.known.related.get(&hold.by));
            holder.is_some_and(|holder| !holder.held_at(self.now).contains(tn))
        })
    }

    /// Counts the numbers that the request takes and those that its earlier version frees.
    fn changes(&self, earlier: Option<&PortOut>) -> usize {
        let freed = earlier.map_or(&[][..], |earlier| earlier.held_at(self.now));
        self.request.content.numbers.iter().chain(freed).collect::<HashSet<_>>().len()
    }

    /// Returns whether the PIN is a part of the request: supplements that cancel or change the due date need none, and
    /// one that they carry is neither compared nor counted.
    fn has_judged_pin(&self) -> bool {
        matches!(self.request.ask, Ask::Port(..))
    }

    /// Returns whether comparing the two PINs may reveal the account's. A PIN that is known to be wrong reveals nothing,
    /// and neither does a missing one.
    fn is_guarded(&self, answered: &Answered) -> bool {
        let has_pin = !matches!(self.request.pin, SubmittedPin::Missing);
        has_pin && answered.had_pin && answered.port_out.pin_may_be_right(self.known.pin_version())
    }

    fn if_absent(&self, version: Version, then: Step) -> Step {
        Step::IfAbsent { id: self.request.id(version), then: Box::new(then) }
    }

    fn conflict(&self, reason: ConflictReason, counts: bool) -> Step {
        Step::Conflict { reason, next: self.next(), counts }
    }

    fn next(&self) -> Option<Version> {
        self.known.latest.and_then(Version::next)
    }
}

fn compare(guarded: bool, otherwise: Step) -> Step {
    Step::ComparePins { guarded, otherwise: Box::new(otherwise) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Account, PinStatus, Profile, Protection};
    use crate::attempts::{CarrierAttempts, FREE_ATTEMPTS};
    use crate::intake::{Channel, DeskChannel};
    use crate::port_out::Outcome;
    use crate::port_out_id::Requester;
    use crate::rejection::RejectionCode;
    use crate::snapshot::{Hold, NumberRecord};
    use crate::testing::{self, confirmed, now, port_out, rejected, rejected_for, tns};
    use crate::zip_code::ZipCodes;

    const PIN: Option<&str> = Some("482913");

    fn version(text: &str) -> Version {
        Version::recorded(text).unwrap()
    }

    fn given(text: &str, pin: Option<&str>) -> PortOutRequest {
        PortOutRequest { version: VersionChoice::Given(version(text)), ..testing::request(pin, &tns(0..1)) }
    }

    fn unversioned(pin: Option<&str>) -> PortOutRequest {
        PortOutRequest { version: VersionChoice::LatestOrNext, ..testing::request(pin, &tns(0..1)) }
    }

    fn supplement(text: &str, ask: Ask) -> PortOutRequest {
        PortOutRequest { ask, ..given(text, PIN) }
    }

    fn account(decision_version: u64) -> Account {
        let (country, zip_codes) = ("US".parse().unwrap(), ZipCodes::default());
        Account {
            number: "CONTOSO".parse().unwrap(),
            profile: Profile { country, name: None, zip_codes },
            protection: Protection::default(),
            pin: PinStatus { version: 1, ..PinStatus::default() },
            decision_version,
        }
    }

    fn must_wait() -> CarrierAttempts {
        let last_failed_at = Some(now());
        CarrierAttempts { failures: FREE_ATTEMPTS, last_failed_at, ..CarrierAttempts::default() }
    }

    /// What is known of an account whose PON has this latest version.
    fn latest(text: &str) -> Snapshot {
        Snapshot { latest: Some(version(text)), ..unused() }
    }

    fn unused() -> Snapshot {
        Snapshot { account: Some(account(1)), ..Snapshot::default() }
    }

    /// The same, with that version answered.
    fn answered(text: &str, outcome: Outcome) -> Snapshot {
        let port_out = port_out("TX-1", text, outcome, &tns(0..1));
        Snapshot { answered: Some(Answered { port_out, had_pin: true }), ..latest(text) }
    }

    /// The same, with that version confirmed and read.
    fn open(earlier: PortOut) -> Snapshot {
        let (confirmed, latest) = (Some(earlier.id.clone()), Some(earlier.version));
        Snapshot { confirmed, latest, related: [(earlier.id.clone(), earlier)].into(), ..unused() }
    }

    fn earlier(numbers: std::ops::Range<usize>) -> PortOut {
        port_out("TX-1", "01", confirmed(), &tns(numbers))
    }

    /// Number `line` of the account, held by a port-out of this requester.
    fn held(line: usize, by: &PortOut) -> (crate::telephone_number::Tn, NumberRecord) {
        let until = by.outcome.commitment().unwrap().hold_until;
        let hold = Hold { by: by.id.clone(), requester: by.requester.clone(), until };
        let record = NumberRecord { account: "CONTOSO".parse().ok(), hold: Some(hold), elsewhere_at: None };
        (tns(line..line + 1)[0], record)
    }

    fn conflict(reason: ConflictReason, next: &str, counts: bool) -> Step {
        Step::Conflict { reason, next: Some(version(next)), counts }
    }

    fn if_absent(of: &str, then: Step) -> Step {
        Step::IfAbsent { id: given(of, PIN).id(version(of)), then: Box::new(then) }
    }

    fn used(next: &str, counts: bool) -> Step {
        conflict(ConflictReason::Used, next, counts)
    }

    fn wait(counts: bool) -> Step {
        Step::Wait { wait: must_wait().wait(now()).unwrap(), counts }
    }

    #[test]
    fn a_new_name_is_decided_as_the_version_it_gives() {
        for (request, known, decided) in [
            (given("01", PIN), unused(), "01"),
            (given("07", PIN), unused(), "07"),
            (given("03", PIN), latest("02"), "03"),
            (unversioned(None), unused(), "01"),
            (unversioned(None), latest("02"), "03"),
            (unversioned(None), latest("99"), "100"),
        ] {
            assert_eq!(next_step(&request, &known, now()), Step::Decide(version(decided)));
        }
    }

    #[test]
    fn an_old_version_is_a_conflict_unless_it_was_read_too_early() {
        for old in ["01", "02"] {
            let expected = if_absent(old, used("03", false));
            assert_eq!(next_step(&given(old, PIN), &latest("02"), now()), expected);
        }
    }

    #[test]
    fn a_repetition_compares_pins_and_costs_a_guess_only_if_the_first_pin_may_be_right() {
        for (outcome, pin, guarded) in [
            (confirmed(), PIN, true),
            (confirmed(), None, false),
            (rejected(), PIN, true),
            (rejected_for(RejectionCode::PinLocked), PIN, true),
            (rejected_for(RejectionCode::PinInvalid), PIN, false),
            (rejected_for(RejectionCode::PinMissing), PIN, false),
        ] {
            let step = next_step(&given("01", pin), &answered("01", outcome), now());
            assert_eq!(step, compare(guarded, used("02", guarded)));
        }
    }

    #[test]
    fn a_pin_that_was_wrong_may_be_the_one_that_was_set_since() {
        let mut known = answered("01", rejected_for(RejectionCode::PinInvalid));
        known.account.as_mut().unwrap().pin.version = 2;
        assert_eq!(next_step(&given("01", PIN), &known, now()), compare(true, used("02", true)));
    }

    #[test]
    fn other_content_under_the_same_name_is_a_conflict_that_reveals_nothing_about_the_pin() {
        let known = Snapshot { attempts: must_wait(), ..answered("01", confirmed()) };
        let mut request = given("01", PIN);
        request.content.numbers = tns(1..2);
        assert_eq!(next_step(&request, &known, now()), used("02", false));
    }

    #[test]
    fn without_versions_the_same_content_repeats_the_latest_and_another_pin_is_the_next() {
        let known = answered("02", confirmed());
        let step = |request, known| next_step(&request, known, now());
        assert_eq!(step(unversioned(PIN), &known), compare(true, Step::Decide(version("03"))));
        let mut other = unversioned(PIN);
        other.content.numbers = tns(1..2);
        assert_eq!(step(other, &known), Step::Decide(version("03")));
    }

    #[test]
    fn without_versions_an_answer_can_be_repeated_for_an_hour_while_nothing_changed() {
        let known = answered("02", confirmed());
        let decided = Step::Decide(version("03"));
        let hour = now() + REPEATABLE_FOR;
        assert_ne!(next_step(&unversioned(PIN), &known, hour - SignedDuration::from_secs(1)), decided);
        assert_eq!(next_step(&unversioned(PIN), &known, hour), decided);
        let changed = Snapshot { account: Some(account(2)), ..known };
        assert_eq!(next_step(&unversioned(PIN), &changed, now()), decided);
    }

    #[test]
    fn a_port_out_that_is_newer_than_its_pon_is_read_again() {
        let known = Snapshot { latest: Some(version("01")), ..answered("02", confirmed()) };
        assert_eq!(next_step(&given("02", PIN), &known, now()), Step::ReadAgain);
        let known = Snapshot { latest: None, ..answered("01", confirmed()) };
        assert_eq!(next_step(&given("01", PIN), &known, now()), Step::ReadAgain);
    }

    #[test]
    fn a_waiting_carrier_learns_nothing_about_a_pin_but_may_repeat_a_known_wrong_one() {
        let waiting = |known| Snapshot { attempts: must_wait(), ..known };
        let (right, wrong) = (confirmed(), rejected_for(RejectionCode::PinInvalid));
        for (request, known, expected) in [
            (given("01", PIN), waiting(unused()), wait(false)),
            (given("01", PIN), waiting(answered("01", right.clone())), wait(false)),
            (given("01", PIN), waiting(answered("01", wrong.clone())), compare(false, used("02", false))),
            // A retry is answered during a wait, and a guess in its clothes costs what a guess costs.
            (unversioned(PIN), waiting(answered("01", right)), compare(true, wait(true))),
            (unversioned(PIN), waiting(answered("01", wrong)), compare(false, wait(false))),
        ] {
            assert_eq!(next_step(&request, &known, now()), expected);
        }
    }

    #[test]
    fn the_version_to_replace_is_read_before_its_numbers_are_counted() {
        let all = earlier(1..91);
        let unread = Snapshot { related: Default::default(), ..open(all.clone()) };
        let step = |known: &Snapshot| next_step(&given("02", PIN), known, now());
        assert_eq!(step(&unread), Step::ReadRelated(vec![all.id.clone()]));
        assert_eq!(step(&open(all)), Step::TooManyNumbers);
        assert_eq!(step(&open(earlier(1..90))), Step::Decide(version("02")));
        // What it does not hold any more does not count.
        assert_eq!(step(&open(earlier(1..91).ported(&tns(1..2), now()))), Step::Decide(version("02")));
        assert_eq!(step(&open(earlier(1..91).released(&tns(1..91), now()))), Step::Decide(version("02")));
    }

    #[test]
    fn a_version_replaces_only_an_open_one_of_its_own_account() {
        let theirs = PortOut { account_number: "FABRIKAM".parse().unwrap(), ..earlier(1..2) };
        let known = open(theirs.clone());
        let expected = conflict(ConflictReason::OtherAccount, "02", false);
        assert_eq!(next_step(&given("02", PIN), &known, now()), expected);
        let later = now() + SignedDuration::from_hours(24 * 60);
        assert_eq!(next_step(&given("02", PIN), &known, later), Step::Decide(version("02")));
    }

    #[test]
    fn a_holder_of_the_same_carrier_is_read_and_counted() {
        let other = port_out("TX-9", "01", confirmed(), &tns(0..1));
        let mut known = Snapshot { numbers: [held(0, &other)].into(), ..unused() };
        let step = |known: &Snapshot| next_step(&given("01", PIN), known, now());
        assert_eq!(step(&known), Step::ReadRelated(vec![other.id.clone()]));
        known.related.insert(other.id.clone(), other.clone());
        assert_eq!(step(&known), Step::Decide(version("01")));
        // The number says that it is held, and the holder that it is not: one of them was read too early.
        known.related.insert(other.id.clone(), other.clone().released(&tns(0..1), now()));
        assert_eq!(step(&known), Step::ReadAgain);
        let carrier = PortOut { requester: Requester::Carrier("B456".parse().unwrap()), ..other };
        known = Snapshot { numbers: [held(0, &carrier)].into(), ..unused() };
        assert_eq!(step(&known), Step::Decide(version("01")));
    }

    #[test]
    fn a_number_that_the_version_itself_holds_was_read_after_it_was_written() {
        let known = Snapshot { numbers: [held(0, &earlier(0..1))].into(), ..unused() };
        assert_eq!(next_step(&given("01", PIN), &known, now()), Step::ReadAgain);
    }

    #[test]
    fn a_supplement_changes_the_open_version_of_its_account_the_way_the_pon_came_and_passes_waits() {
        let date = "2026-12-01".parse().unwrap();
        for ask in [Ask::Cancel, Ask::ChangeDueDate(date)] {
            let known = |earlier| Snapshot { attempts: must_wait(), ..open(earlier) };
            let request = supplement("02", ask);
            let step = |known: &Snapshot| next_step(&request, known, now());
            let first = earlier(0..1);
            assert_eq!(step(&known(first.clone())), Step::Supplement(version("02")));
            let unread = Snapshot { related: Default::default(), ..known(first.clone()) };
            assert_eq!(step(&unread), Step::ReadRelated(vec![first.id.clone()]));
            let not_open = if_absent("02", Step::NotOpen);
            assert_eq!(step(&known(first.clone().released(&tns(0..1), now()))), not_open);
            assert_eq!(step(&unused()), not_open);
            let theirs = PortOut { account_number: "FABRIKAM".parse().unwrap(), ..first.clone() };
            assert_eq!(step(&known(theirs)), conflict(ConflictReason::OtherAccount, "02", false));
            let faxed = PortOut { channel: Channel::Desk(DeskChannel::Fax), ..first };
            assert_eq!(step(&known(faxed)), conflict(ConflictReason::OtherChannel, "02", false));
        }
    }

    #[test]
    fn a_supplement_is_repeated_whatever_pin_it_carries() {
        let mut known = answered("02", Outcome::Cancelled);
        let request = supplement("02", Ask::Cancel);
        known.answered.as_mut().unwrap().port_out.content_hash = request.content_hash();
        assert_eq!(next_step(&request, &known, now()), Step::Repeat);
        let older = next_step(&supplement("01", Ask::Cancel), &latest("02"), now());
        assert_eq!(older, if_absent("01", used("03", false)));
        assert_eq!(next_step(&given("02", PIN), &known, now()), used("03", false));
    }
}
