//! The next step for a port-out request, from what is known about it: repetition, version, wait, size, then its PIN.

use jiff::Timestamp;

use crate::pin::SubmittedPin;
use crate::port_out::{PortOutRequest, VersionChoice};
use crate::port_out_id::{PortOutId, Version};
use crate::snapshot::{Answered, Snapshot};

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Read everything again: the records were read at different moments and contradict each other.
    ReadAgain,
    /// Read the confirmed version that a new one would replace, then ask again.
    ReadEarlier(PortOutId),
    /// Compare the PIN with the one that the answered port-out carried. If they are equal, the request is a repetition.
    ComparePins {
        /// Whether the answer tells if a PIN is the account's, so that it costs what a guess costs.
        guarded: bool,
        /// The step if the PINs differ.
        otherwise: Box<Step>,
    },
    /// Refuse: the name was used for another request.
    Conflict {
        /// The version to use instead; none after 99.
        next: Option<Version>,
        /// Whether it costs an attempt, as it tells that the PIN differs from one that may be right.
        counts: bool,
    },
    /// Refuse alike, but only if a fresh read does not find this port-out.
    ConflictIfAbsent {
        /// The port-out of the request.
        id: PortOutId,
        /// The version to use instead.
        next: Option<Version>,
    },
    /// Refuse: the carrier has to wait this many seconds, and learns nothing else.
    Wait(u64),
    /// Refuse: one transaction cannot hold the numbers of both versions.
    TooManyNumbers,
    /// Check the PIN and decide the request as this version.
    Decide(Version),
}

/// Returns the next step of a request. The order of the checks is part of the rules:
///
/// 1. A repetition is recognized first, so that a retry never counts as a second request.
/// 2. A PIN is compared only if the carrier need not wait, since any comparison that may hit the right PIN is a guess.
/// 3. Conflicts of names come before waits: they say nothing about a PIN.
pub fn next_step(request: &PortOutRequest, known: &Snapshot, now: Timestamp) -> Step {
    match (request.version, &known.answered) {
        (VersionChoice::Given(version), Some(answered)) => repeated(request, version, answered, known, now),
        (VersionChoice::Given(version), None) => named(request, version, known, now),
        (VersionChoice::LatestOrNext, Some(answered)) if answered.port_out.content.same(&request.content) => {
            compared(request, answered, known, now, latest_or_next(request, known, now))
        }
        (VersionChoice::LatestOrNext, _) => latest_or_next(request, known, now),
    }
}

/// The request names a version that was answered before.
fn repeated(
    request: &PortOutRequest,
    version: Version,
    answered: &Answered,
    known: &Snapshot,
    now: Timestamp,
) -> Step {
    if known.latest < Some(version) {
        // The PON was read before this port-out was written, and the port-out after.
        return Step::ReadAgain;
    }
    let next = known.latest.and_then(Version::next);
    if !answered.port_out.content.same(&request.content) {
        return Step::Conflict { next, counts: false };
    }
    let counts = is_guarded(request, answered);
    compared(request, answered, known, now, Step::Conflict { next, counts })
}

/// The content is that of an answered port-out: only the PIN can differ.
fn compared(
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

/// Returns whether comparing the two PINs may tell that one is the account's. A PIN that is known to be wrong tells
/// nothing, and neither does the absence of one.
fn is_guarded(request: &PortOutRequest, answered: &Answered) -> bool {
    let has_pin = !matches!(request.pin, SubmittedPin::Missing);
    has_pin && answered.had_pin && answered.port_out.pin_may_be_right()
}

/// The request names a version that was not answered.
fn named(request: &PortOutRequest, version: Version, known: &Snapshot, now: Timestamp) -> Step {
    if known.latest.is_some_and(|latest| latest >= version) {
        // Versions only go up, so a version that is absent now stays absent; or it was read too early.
        let next = known.latest.and_then(Version::next);
        return Step::ConflictIfAbsent { id: request.id(version), next };
    }
    new_version(request, version, known, now)
}

fn latest_or_next(request: &PortOutRequest, known: &Snapshot, now: Timestamp) -> Step {
    match known.latest.map_or(Some(Version::FIRST), Version::next) {
        Some(version) => new_version(request, version, known, now),
        None => Step::Conflict { next: None, counts: false },
    }
}

fn new_version(request: &PortOutRequest, version: Version, known: &Snapshot, now: Timestamp) -> Step {
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
        PortOutRequest { spid, pon, version: choice, content: content(0..1), pin: SubmittedPin::sort(pin) }
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

    fn waiting() -> CarrierAttempts {
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
    fn other_content_under_the_same_name_is_a_conflict_that_says_nothing_of_the_pin() {
        let known = Snapshot { answered: answered("01", confirmed()), attempts: waiting(), ..latest("01") };
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
    fn a_waiting_carrier_learns_nothing_of_a_pin_but_may_repeat_a_known_wrong_one() {
        let new = Snapshot { attempts: waiting(), ..Snapshot::default() };
        assert_eq!(next_step(&given("01"), &new, now()), Step::Wait(60));
        let guarded = Snapshot { answered: answered("01", confirmed()), attempts: waiting(), ..latest("01") };
        assert_eq!(next_step(&given("01"), &guarded, now()), Step::Wait(60));
        let wrong = rejected(RejectionCode::PinInvalid);
        let known = Snapshot { answered: answered("01", wrong), attempts: waiting(), ..latest("01") };
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
