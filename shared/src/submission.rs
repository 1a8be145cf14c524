//! Decides the next step for a port-out request from its records: repetition, version, wait, size, and last the PIN.

use jiff::Timestamp;

use crate::pin::SubmittedPin;
use crate::port_out::{PortOutRequest, VersionChoice};
use crate::port_out_id::{PortOutId, Version};
use crate::snapshot::{Answered, Snapshot};

/// What the caller of [`next_step`] has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Read all records again: they were read at different moments and contradict each other.
    ReadAgain,
    /// Read the confirmed version that this one would replace, then call [`next_step`] again.
    ReadEarlier(PortOutId),
    /// Compare the PIN with that of the answered port-out. If they are equal, the request is a repetition.
    ComparePins {
        /// Whether the answer can reveal the account's PIN, so that the comparison costs the same as a guess.
        guarded: bool,
        /// Step to take if the PINs differ.
        otherwise: Box<Step>,
    },
    /// Refuse: this PON and version were used for another request.
    Conflict {
        /// Version to use instead; `None` after 99.
        next: Option<Version>,
        /// Whether it counts as a wrong PIN: it reveals that the PIN differs from one that may be right.
        counts: bool,
    },
    /// Refuse in the same way, but only if a fresh read does not find this port-out.
    ConflictIfAbsent {
        /// Id of the request's port-out.
        id: PortOutId,
        /// Version to use instead; `None` after 99.
        next: Option<Version>,
    },
    /// Refuse: the carrier has to wait this many seconds and learns nothing else.
    Wait(u64),
    /// Refuse: the numbers of this version and the one that it replaces do not fit into one transaction.
    TooManyNumbers,
    /// Check the PIN and decide the request as this version.
    Decide(Version),
}

/// Returns the next step for a request. The order of the checks is part of the rules:
///
/// 1. A repetition is recognized first, so that a retry never counts as a second request.
/// 2. A conflicting PON and version come before a wait, because they reveal nothing about a PIN.
/// 3. A PIN is compared only if the carrier does not have to wait: any comparison that may hit the right PIN is a
///    guess.
pub fn next_step(request: &PortOutRequest, known: &Snapshot, now: Timestamp) -> Step {
    match (request.version, &known.answered) {
        (VersionChoice::Given(version), Some(answered)) => {
            answered_version(request, version, answered, known, now)
        }
        (VersionChoice::Given(version), None) => unanswered_version(request, version, known, now),
        (VersionChoice::LatestOrNext, Some(answered)) if answered.port_out.content.same(&request.content) => {
            compare_pins(request, answered, known, now, next_version(request, known, now))
        }
        (VersionChoice::LatestOrNext, _) => next_version(request, known, now),
    }
}

/// Handles a request that gives a version that was answered before.
fn answered_version(
    request: &PortOutRequest,
    version: Version,
    answered: &Answered,
    known: &Snapshot,
    now: Timestamp,
) -> Step {
    if known.latest < Some(version) {
        // The PON was read before this port-out was written, and the port-out after that.
        return Step::ReadAgain;
    }
    let next = known.latest.and_then(Version::next);
    if !answered.port_out.content.same(&request.content) {
        return Step::Conflict { next, counts: false };
    }
    let counts = is_guarded(request, answered);
    compare_pins(request, answered, known, now, Step::Conflict { next, counts })
}

/// Handles a request with the content of an answered port-out, so that only the PIN can differ.
fn compare_pins(
    request: &PortOutRequest,
    answered: &Answered,
    known: &Snapshot,
    now: Timestamp,
    otherwise: Step,
) -> Step {
    let guarded = is_guarded(request, answered);
    match known.attempts.wait(now).filter(|_| guarded) {
        Some(seconds) => Step::Wait(seconds),
        None => Step::ComparePins { guarded, otherwise: Box::new(otherwise) },
    }
}

/// Returns whether comparing the two PINs may reveal the account's. A PIN that is known to be wrong reveals nothing,
/// and neither does a missing one.
fn is_guarded(request: &PortOutRequest, answered: &Answered) -> bool {
    let has_pin = !matches!(request.pin, SubmittedPin::Missing);
    has_pin && answered.had_pin && answered.port_out.pin_may_be_right()
}

/// Handles a request that gives a version without an answer.
fn unanswered_version(request: &PortOutRequest, version: Version, known: &Snapshot, now: Timestamp) -> Step {
    if known.latest.is_some_and(|latest| latest >= version) {
        // Versions only go up, so an older one without an answer never gets one. But the port-out may have been read
        // just before it was written, so a fresh read has to confirm that it is absent.
        let next = known.latest.and_then(Version::next);
        return Step::ConflictIfAbsent { id: request.id(version), next };
    }
    new_version(request, version, known, now)
}

/// Handles a request without a version that does not repeat the latest one, so that it is the next.
fn next_version(request: &PortOutRequest, known: &Snapshot, now: Timestamp) -> Step {
    match known.latest.map_or(Some(Version::FIRST), Version::next) {
        Some(version) => new_version(request, version, known, now),
        None => Step::Conflict { next: None, counts: false },
    }
}

fn new_version(request: &PortOutRequest, version: Version, known: &Snapshot, now: Timestamp) -> Step {
    // Before anything that depends on the numbers or the PIN, so that a waiting carrier learns nothing about either.
    if let Some(seconds) = known.attempts.wait(now) {
        return Step::Wait(seconds);
    }
    match (&known.confirmed, &known.earlier) {
        (Some(id), None) => Step::ReadEarlier(id.clone()),
        (_, Some(earlier)) if !request.content.numbers.fits_with(&earlier.content.numbers) => {
            Step::TooManyNumbers
        }
        _ => Step::Decide(version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attempts::{CarrierAttempts, FREE_ATTEMPTS};
    use crate::port_out::{Content, Outcome, PortOut, Rejection, RejectionCode};
    use crate::telephone_number::Tn;

    fn now() -> Timestamp {
        "2026-11-16T15:00:00Z".parse().unwrap()
    }

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    fn content(numbers: std::ops::Range<usize>) -> Content {
        let numbers: Vec<Tn> = numbers.map(|n| format!("206555{n:04}").parse().unwrap()).collect();
        Content {
            account_number: "CONTOSO".parse().unwrap(),
            zip_code: None,
            numbers: numbers.try_into().unwrap(),
            desired_due_date: None,
        }
    }

    fn request(choice: VersionChoice, pin: Option<&str>) -> PortOutRequest {
        let (spid, pon) = ("A123".parse().unwrap(), "TX-1".parse().unwrap());
        PortOutRequest {
            spid,
            pon,
            version: choice,
            content: content(0..1),
            pin: SubmittedPin::classify(pin),
        }
    }

    fn given(text: &str) -> PortOutRequest {
        request(VersionChoice::Given(version(text)), Some("482913"))
    }

    fn port_out(version_text: &str, outcome: Outcome, content: Content) -> PortOut {
        let (spid, pon): (crate::spid::Spid, _) = ("A123".parse().unwrap(), "TX-1".parse().unwrap());
        let version = version(version_text);
        let id = PortOutId::of(&spid, &pon, version);
        PortOut { id, spid, pon, version, content, outcome, received_at: now() }
    }

    fn confirmed() -> Outcome {
        Outcome::Confirmed("2026-11-17".parse().unwrap())
    }

    fn rejected(code: RejectionCode) -> Outcome {
        let (field, detail) = ("/pin".to_owned(), String::new());
        Outcome::Rejected(vec![Rejection { code, field, telephone_number: None, detail }])
    }

    fn answered(version: &str, outcome: Outcome) -> Option<Answered> {
        Some(Answered { port_out: port_out(version, outcome, content(0..1)), had_pin: true })
    }

    fn must_wait() -> CarrierAttempts {
        CarrierAttempts::recorded(FREE_ATTEMPTS, now())
    }

    fn latest(text: &str) -> Snapshot {
        Snapshot { latest: Some(version(text)), ..Snapshot::default() }
    }

    fn conflict(next: &str, counts: bool) -> Step {
        Step::Conflict { next: Some(version(next)), counts }
    }

    fn compare(guarded: bool, otherwise: Step) -> Step {
        Step::ComparePins { guarded, otherwise: Box::new(otherwise) }
    }

    #[test]
    fn a_new_name_is_decided_as_the_version_it_gives() {
        let nothing = Snapshot::default();
        assert_eq!(next_step(&given("01"), &nothing, now()), Step::Decide(version("01")));
        assert_eq!(next_step(&given("07"), &nothing, now()), Step::Decide(version("07")));
        assert_eq!(next_step(&given("03"), &latest("02"), now()), Step::Decide(version("03")));
        let choice = request(VersionChoice::LatestOrNext, None);
        assert_eq!(next_step(&choice, &nothing, now()), Step::Decide(version("01")));
        assert_eq!(next_step(&choice, &latest("02"), now()), Step::Decide(version("03")));
    }

    #[test]
    fn an_old_version_is_a_conflict_unless_it_was_read_too_early() {
        for old in ["01", "02"] {
            let request = given(old);
            let id = request.id(version(old));
            let expected = Step::ConflictIfAbsent { id, next: Some(version("03")) };
            assert_eq!(next_step(&request, &latest("02"), now()), expected);
        }
    }

    #[test]
    fn no_version_is_left_after_99() {
        let choice = request(VersionChoice::LatestOrNext, Some("482913"));
        let expected = Step::Conflict { next: None, counts: false };
        assert_eq!(next_step(&choice, &latest("99"), now()), expected);
    }

    #[test]
    fn a_repetition_compares_pins_and_costs_a_guess_only_if_the_first_pin_may_be_right() {
        for (outcome, pin, guarded) in [
            (confirmed(), Some("482913"), true),
            (confirmed(), None, false),
            (rejected(RejectionCode::TnNotFound), Some("482913"), true),
            (rejected(RejectionCode::PinInvalid), Some("482913"), false),
            (rejected(RejectionCode::PinMissing), Some("482913"), false),
        ] {
            let known = Snapshot { answered: answered("01", outcome), ..latest("01") };
            let request = request(VersionChoice::Given(version("01")), pin);
            let expected = compare(guarded, conflict("02", guarded));
            assert_eq!(next_step(&request, &known, now()), expected);
        }
    }

    #[test]
    fn other_content_under_the_same_name_is_a_conflict_that_reveals_nothing_about_the_pin() {
        let known = Snapshot { answered: answered("01", confirmed()), attempts: must_wait(), ..latest("01") };
        let request = PortOutRequest { content: content(1..2), ..given("01") };
        assert_eq!(next_step(&request, &known, now()), conflict("02", false));
    }

    #[test]
    fn without_versions_the_same_content_repeats_the_latest_and_another_pin_is_the_next() {
        let known = Snapshot { answered: answered("02", confirmed()), ..latest("02") };
        let choice = request(VersionChoice::LatestOrNext, Some("482913"));
        assert_eq!(next_step(&choice, &known, now()), compare(true, Step::Decide(version("03"))));
        let other = PortOutRequest { content: content(1..2), ..choice };
        assert_eq!(next_step(&other, &known, now()), Step::Decide(version("03")));
    }

    #[test]
    fn a_port_out_that_is_newer_than_its_pon_is_read_again() {
        let known = Snapshot { answered: answered("02", confirmed()), ..latest("01") };
        assert_eq!(next_step(&given("02"), &known, now()), Step::ReadAgain);
        let known = Snapshot { answered: answered("01", confirmed()), ..Snapshot::default() };
        assert_eq!(next_step(&given("01"), &known, now()), Step::ReadAgain);
    }

    #[test]
    fn a_waiting_carrier_learns_nothing_about_a_pin_but_may_repeat_a_known_wrong_one() {
        let new = Snapshot { attempts: must_wait(), ..Snapshot::default() };
        assert_eq!(next_step(&given("01"), &new, now()), Step::Wait(60));
        let guarded =
            Snapshot { answered: answered("01", confirmed()), attempts: must_wait(), ..latest("01") };
        assert_eq!(next_step(&given("01"), &guarded, now()), Step::Wait(60));
        let wrong = rejected(RejectionCode::PinInvalid);
        let known = Snapshot { answered: answered("01", wrong), attempts: must_wait(), ..latest("01") };
        assert_eq!(next_step(&given("01"), &known, now()), compare(false, conflict("02", false)));
        let choice = request(VersionChoice::LatestOrNext, Some("482913"));
        assert_eq!(next_step(&choice, &known, now()), compare(false, Step::Wait(60)));
    }

    #[test]
    fn the_version_to_replace_is_read_before_its_numbers_are_counted() {
        let earlier = port_out("01", confirmed(), content(1..91));
        let mut known = Snapshot { confirmed: Some(earlier.id.clone()), ..latest("01") };
        assert_eq!(next_step(&given("02"), &known, now()), Step::ReadEarlier(earlier.id.clone()));
        known.earlier = Some(earlier.clone());
        assert_eq!(next_step(&given("02"), &known, now()), Step::TooManyNumbers);
        known.earlier = Some(PortOut { content: content(1..90), ..earlier });
        assert_eq!(next_step(&given("02"), &known, now()), Step::Decide(version("02")));
    }
}
