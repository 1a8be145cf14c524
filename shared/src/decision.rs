//! Decides a request from its records and the time: confirmed, or rejected with every reason at once.
//!
//! Only the telephone number, the account number, the ZIP code (if both sides know it), the PIN, and what the owner
//! switched on can be a reason: FCC 07-188 and 47 CFR 52.36 limit how a port may be validated. Names, addresses, and
//! dates never are.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::account::{Account, AccountNumber, PinRequired, PortOutBlock};
use crate::attempts::Wait;
use crate::business_days::Holidays;
use crate::due_date::{self, DAYS_AHEAD, Received};
use crate::pin::SubmittedPin;
use crate::port_out::{Ask, Outcome, PortOutRequest, VersionChoice};
use crate::port_out_id::{PortOutId, Version};
use crate::rejection::{Rejection, RejectionCode};
use crate::snapshot::{MAX_TAKEN_OVER, NumberRecord, Snapshot};
use crate::telephone_number::Tn;

/// Most owners that one request's numbers are reported to.
pub const MAX_OWNERS_TOLD: usize = 5;
/// Time between two reports about one number.
pub const TOLD_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// Result of comparing a well-formed PIN with the account's PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinCheck {
    /// The PINs are equal.
    Right,
    /// The PINs differ, or the account has none.
    Wrong,
}

/// How an answer changes the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptEffect {
    /// Confirmed without a PIN: the counts stay.
    None,
    /// Rejected, and the answer reveals nothing about the PIN: only the number of such requests is limited.
    Uncompared,
    /// The answer reveals that the PIN is wrong: each count goes up by one.
    Wrong,
    /// The answer reveals that the PIN is right: the carrier's own counts restart at zero.
    Right,
}

/// The provider's choices.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PortOutPolicy {
    /// The days on which it does not handle port requests.
    pub holidays: Holidays,
    /// Whether an account needs a PIN before it can port out.
    pub pin_required: PinRequired,
    /// How carriers reach the porting desk, for accounts outside the US.
    pub porting_contact: Option<String>,
}

/// Numbers of a request that belong to another account than the one that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// Account that owns them.
    pub owner: AccountNumber,
    /// The numbers whose owner was not told within [`TOLD_AGAIN_AFTER`].
    pub numbers: Vec<Tn>,
}

/// The answer, and what it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Answer to the carrier.
    pub outcome: Outcome,
    /// Change of the counts, which must be stored in the same write as the answer.
    pub effect: AttemptEffect,
    /// Port-outs of the same requester that a confirmation takes numbers over from.
    pub taken_over: Vec<PortOutId>,
    /// Owners to tell that their numbers were requested under another account.
    pub elsewhere: Vec<Elsewhere>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is answered.
    Decided(Decision),
    /// It would be rejected without a comparison, and the carrier sent too many such requests.
    Limited(Wait),
}

/// One request with everything that its decision rests on.
struct Case<'a> {
    request: &'a PortOutRequest,
    known: &'a Snapshot,
    /// The named account, unless its number is a mismatch.
    account: Option<&'a Account>,
    is_mismatch: bool,
    policy: &'a PortOutPolicy,
    now: Timestamp,
}

/// Decides a request that is new and whose carrier need not wait, as the given version.
pub fn decide(
    request: &PortOutRequest,
    known: &Snapshot,
    check: PinCheck,
    policy: &PortOutPolicy,
    version: Version,
    now: Timestamp,
) -> Verdict {
    let is_mismatch = known.is_mismatch(&request.content.account_number, &request.content.numbers);
    let account = known.account.as_ref().filter(|_| !is_mismatch);
    let case = Case { request, known, account, is_mismatch, policy, now };
    let comparison = case.comparison(check);
    let mut reasons = case.reasons(comparison);
    reasons.iter_mut().for_each(|reason| case.complete(reason, version));
    let rejected = !reasons.is_empty();
    let effect = match comparison {
        Some(PinCheck::Right) => AttemptEffect::Right,
        Some(PinCheck::Wrong) => AttemptEffect::Wrong,
        None if rejected => AttemptEffect::Uncompared,
        None => AttemptEffect::None,
    };
    let limit = known.attempts.limit(now).filter(|_| effect == AttemptEffect::Uncompared);
    if let Some(wait) = limit {
        return Verdict::Limited(wait);
    }
    let (outcome, taken_over) = match &request.ask {
        Ask::Port(numbers, _) if !rejected => {
            let at = request.intake.received_at.unwrap_or(now);
            let received = Received { at, entered_at: now, numbers, days_ahead: DAYS_AHEAD };
            let commitment = due_date::commit(received, request.content.desired_due_date, &policy.holidays);
            (Outcome::Confirmed(commitment), known.holders(request, now).into_iter().collect())
        }
        Ask::Port(..) | Ask::ChangeDueDate(_) | Ask::Cancel => (Outcome::Rejected(reasons), Vec::new()),
    };
    Verdict::Decided(Decision { outcome, effect, taken_over, elsewhere: case.elsewhere() })
}

impl Case<'_> {
    /// Lists the reasons field by field, in the order of `RejectionCode::ALL`.
    fn reasons(&self, comparison: Option<PinCheck>) -> Vec<Rejection> {
        let mut reasons: Vec<Rejection> = self.account_reason().into_iter().collect();
        reasons.extend(self.number_reasons());
        reasons.extend(self.protection_reason());
        reasons.extend(self.zip_reason());
        reasons.extend(self.pin_reasons(comparison));
        reasons
    }

    fn account_reason(&self) -> Option<Rejection> {
        let (code, detail) = if self.is_mismatch {
            let detail = "The telephone numbers do not belong to this account.";
            (RejectionCode::AccountNumberMismatch, detail)
        } else if self.account.is_none() {
            (RejectionCode::AccountNumberInvalid, "No account has this account number.")
        } else if !self.is_us() && !self.request.intake.is_desk() {
            let detail = "The account is not in the US. Its numbers are ported through a separate process, without a PIN.";
            (RejectionCode::AccountNotUs, detail)
        } else {
            return None;
        };
        Some(Rejection::new(code, "/account_number", detail))
    }

    fn is_us(&self) -> bool {
        self.account.is_some_and(|account| account.profile.country.is_us())
    }

    fn number_reasons(&self) -> impl Iterator<Item = Rejection> {
        self.request.content.numbers.iter().enumerate().filter_map(|(index, tn)| {
            let (code, detail) = self.number_reason(tn)?;
            let field = format!("/telephone_numbers/{index}");
            Some(Rejection { telephone_number: Some(*tn), ..Rejection::new(code, &field, detail) })
        })
    }

    fn number_reason(&self, tn: &Tn) -> Option<(RejectionCode, String)> {
        if let Some(why) = tn.not_portable() {
            return Some((RejectionCode::TnNotPortable, why.to_string()));
        }
        // An unknown account owns no numbers, and its own reason already says why.
        self.account?;
        let Some(record) = self.known.own(tn) else {
            return Some((RejectionCode::TnNotFound, "The number does not belong to this account.".into()));
        };
        self.hold_detail(record, tn).map(|detail| (RejectionCode::PendingPort, detail))
    }

    /// Returns why a hold blocks the number, if it does.
    fn hold_detail(&self, record: &NumberRecord, tn: &Tn) -> Option<String> {
        let hold = record.held(self.now)?;
        let free = due_date::local_date(hold.until, &[*tn]);
        if hold.requester != self.request.requester {
            return Some(format!(
                "The number is held by a confirmed port-out of another carrier. It is free from {free} at the latest."
            ));
        }
        let own_version = Some(&hold.by) == self.known.confirmed.as_ref();
        let blocked = !own_version && !self.known.takes_over(self.request, self.now);
        blocked.then(|| {
            format!(
                "More than {MAX_TAKEN_OVER} of your confirmed port-outs hold numbers of this request. Cancel the earlier \
                 PONs, or wait until {free}."
            )
        })
    }

    fn protection_reason(&self) -> Option<Rejection> {
        let on = self.has_block(PortOutBlock::PortProtectionOn);
        let detail =
            "The account's admin switched port protection on. No number can be ported out until it is off.";
        on.then(|| Rejection::new(RejectionCode::PortProtectionOn, "/account_number", detail))
    }

    fn zip_reason(&self) -> Option<Rejection> {
        let known = &self.account?.profile.zip_codes;
        let given = self.request.content.zip_code.as_ref()?;
        let matches = known.as_slice().is_empty() || known.contains(given);
        let detail = "The first five digits of the ZIP code match none of the account's ZIP codes.";
        (!matches).then(|| Rejection::new(RejectionCode::ZipCodeInvalid, "/zip_code", detail))
    }

    fn has_block(&self, block: PortOutBlock) -> bool {
        self.account.is_some_and(|account| account.blocks(self.policy.pin_required).contains(&block))
    }

    fn pin_is_missing(&self) -> bool {
        matches!(self.request.pin, SubmittedPin::Missing)
    }

    /// Returns the result of the comparison, if the answer depends on it. What is not compared costs nothing.
    fn comparison(&self, check: PinCheck) -> Option<PinCheck> {
        let account = self.account?;
        // A request that names no number of the account learns nothing about its PIN, and can lock nothing.
        let owns_one = self.request.content.numbers.iter().any(|tn| self.known.own(tn).is_some());
        let comparable = account.compares_pins() && owns_one && !self.pin_is_missing();
        comparable.then_some(match &self.request.pin {
            SubmittedPin::WellFormed(_) => check,
            // A malformed PIN counts as well: a carrier that sends one learns that it is wrong.
            SubmittedPin::Malformed(_) | SubmittedPin::Missing => PinCheck::Wrong,
        })
    }

    fn pin_reasons(&self, comparison: Option<PinCheck>) -> Vec<Rejection> {
        // Numbers outside the US are ported without a PIN, so it is not even a reason that one is missing.
        if self.has_block(PortOutBlock::AccountNotUs) {
            return Vec::new();
        }
        let not_set = self.has_block(PortOutBlock::PinNotSet);
        // An account that may go without a PIN is judged without one.
        if !not_set && self.account.is_some_and(|account| !account.pin.is_set()) {
            return Vec::new();
        }
        let reason = |code, detail| Rejection::new(code, "/pin", detail);
        let mut reasons = Vec::new();
        if not_set {
            let detail = "The account has no port-out PIN. No number can be ported out until the account's admin sets one.";
            reasons.push(reason(RejectionCode::PinNotSet, detail));
        }
        if self.has_block(PortOutBlock::PinLocked) {
            let detail = "The account's port-out PIN is locked until the account's admin sets a new one.";
            reasons.push(reason(RejectionCode::PinLocked, detail));
        }
        if self.pin_is_missing() {
            reasons.push(reason(RejectionCode::PinMissing, "The request has no PIN."));
        }
        if comparison == Some(PinCheck::Wrong) {
            let detail = "The PIN does not match the account's port-out PIN.";
            reasons.push(reason(RejectionCode::PinInvalid, detail));
        }
        reasons
    }

    /// Completes the resolution with what this request needs: a changed record, a contact, the version to send next.
    fn complete(&self, reason: &mut Rejection, version: Version) {
        let mut add = |text: &str| {
            reason.resolution.push(' ');
            reason.resolution.push_str(text);
        };
        if self.changed_since_received(reason.code) {
            add("This changed after the request was received.");
        }
        if let (RejectionCode::AccountNotUs, Some(contact)) = (reason.code, &self.policy.porting_contact) {
            add(&format!("The desk is reached at {contact}."));
        }
        match (self.request.version, version.next()) {
            (VersionChoice::LatestOrNext, _) => add("Then send the request again."),
            (VersionChoice::Given(_), Some(next)) => {
                add(&format!("Then send the request again as version {next} of this PON."));
            }
            (VersionChoice::Given(_), None) => add("Then send the request again under a new PON."),
        }
    }

    /// Returns whether what a reason is about changed between the receipt and the entry of a request.
    fn changed_since_received(&self, code: RejectionCode) -> bool {
        let (Some(received_at), Some(account)) = (self.request.intake.received_at, self.account) else {
            return false;
        };
        let pin = account.pin.last_set.as_ref();
        let changed = match code {
            RejectionCode::PinInvalid | RejectionCode::PinMissing | RejectionCode::PinLocked => pin,
            RejectionCode::PortProtectionOn => account.protection.last_switched.as_ref(),
            RejectionCode::AccountNumberInvalid
            | RejectionCode::AccountNumberMismatch
            | RejectionCode::AccountNotUs
            | RejectionCode::TnNotFound
            | RejectionCode::TnNotPortable
            | RejectionCode::PendingPort
            | RejectionCode::ZipCodeInvalid
            | RejectionCode::PinNotSet => None,
        };
        changed.is_some_and(|(at, _)| *at > received_at)
    }

    /// Groups the numbers of other accounts by owner.
    fn elsewhere(&self) -> Vec<Elsewhere> {
        let mut owners: BTreeMap<&AccountNumber, Vec<Tn>> = BTreeMap::new();
        for tn in &self.request.content.numbers {
            let Some(NumberRecord { account: Some(owner), elsewhere_at, .. }) = self.known.numbers.get(tn)
            else {
                continue;
            };
            let told = elsewhere_at.is_some_and(|at| self.now.duration_since(at) < TOLD_AGAIN_AFTER);
            if *owner != self.request.content.account_number && !told {
                owners.entry(owner).or_default().push(*tn);
            }
        }
        let owners = owners.into_iter().take(MAX_OWNERS_TOLD);
        owners.map(|(owner, numbers)| Elsewhere { owner: owner.clone(), numbers }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{PinStatus, Profile, Protection};
    use crate::attempts::{CarrierAttempts, PinFailures, UNCOMPARED_LIMIT};
    use crate::intake::{Channel, DeskChannel, Intake};
    use crate::port_out_id::Requester;
    use crate::snapshot::Hold;
    use crate::testing::{a123, now, tns};
    use crate::zip_code::ZipCodes;
    use proptest::prelude::*;

    const PIN: Option<&str> = Some("482913");
    const TN: &str = "2065550100";

    fn verdict(
        request: &PortOutRequest,
        known: &Snapshot,
        check: PinCheck,
        policy: &PortOutPolicy,
    ) -> Verdict {
        decide(request, known, check, policy, Version::FIRST, now())
    }

    fn decided(request: &PortOutRequest, known: &Snapshot, check: PinCheck) -> Decision {
        match verdict(request, known, check, &PortOutPolicy::default()) {
            Verdict::Decided(decision) => decision,
            Verdict::Limited(wait) => panic!("{wait:?}"),
        }
    }

    fn request(pin: Option<&str>, numbers: &[&str]) -> PortOutRequest {
        let numbers: Vec<Tn> = numbers.iter().map(|tn| tn.parse().unwrap()).collect();
        crate::testing::request(pin, &numbers)
    }

    fn account(country: &str, pin_version: u64, consecutive: u32) -> Account {
        let zip_codes = vec!["98052".parse().unwrap(), "60601".parse().unwrap()].try_into().unwrap();
        let failures = PinFailures { consecutive, ..PinFailures::default() };
        let last_set = Some((now() - SignedDuration::from_hours(24), "user:admin".to_owned()));
        Account {
            number: "CONTOSO".parse().unwrap(),
            profile: Profile { country: country.parse().unwrap(), name: None, zip_codes },
            protection: Protection::default(),
            pin: PinStatus { version: pin_version, last_set, failures, disclosed: false },
            decision_version: 1,
        }
    }

    fn protected() -> Account {
        let protection = Protection { enabled: true, last_switched: Some((now(), "user:admin".to_owned())) };
        Account { protection, ..account("US", 1, 0) }
    }

    fn id(digit: char) -> PortOutId {
        digit.to_string().repeat(32).parse().unwrap()
    }

    fn owned(by: &str) -> NumberRecord {
        NumberRecord { account: by.parse().ok(), hold: None, elsewhere_at: None }
    }

    fn held(by: char, requester: Requester) -> NumberRecord {
        let hold = Hold { by: id(by), requester, until: "2026-12-18T08:00:00Z".parse().unwrap() };
        NumberRecord { hold: Some(hold), ..owned("CONTOSO") }
    }

    fn other_carrier() -> Requester {
        Requester::Carrier("B456".parse().unwrap())
    }

    fn snapshot(account: Option<Account>, numbers: &[(&str, NumberRecord)]) -> Snapshot {
        let numbers = numbers.iter().map(|(tn, record)| (tn.parse().unwrap(), record.clone())).collect();
        Snapshot { account, numbers, ..Snapshot::default() }
    }

    fn valid_snapshot() -> Snapshot {
        snapshot(Some(account("US", 1, 0)), &[(TN, owned("CONTOSO"))])
    }

    fn codes(decision: &Decision) -> Vec<(&'static str, &str)> {
        decision.outcome.rejections().iter().map(|r| (r.code.as_str(), r.field.as_str())).collect()
    }

    fn is_confirmed(decision: &Decision) -> bool {
        decision.outcome.commitment().is_some()
    }

    #[test]
    fn the_right_pin_for_its_own_free_number_is_confirmed_for_the_first_possible_day() {
        let decision = decided(&request(PIN, &[TN]), &valid_snapshot(), PinCheck::Right);
        assert_eq!(decision.outcome.foc_date(), Some("2026-11-17".parse().unwrap()));
        assert_eq!(
            (decision.effect, decision.taken_over, decision.elsewhere),
            (AttemptEffect::Right, vec![], vec![])
        );
    }

    #[test]
    fn every_reason_is_given_at_once() {
        let mut request = request(PIN, &[TN, "2065550101", "8005550100", "2065550103"]);
        request.content.zip_code = Some("10001".parse().unwrap());
        request.content.desired_due_date = Some("2026-11-26".parse().unwrap());
        let numbers = [
            (TN, held('a', other_carrier())),
            ("2065550101", owned("FABRIKAM")),
            ("2065550103", owned("CONTOSO")),
        ];
        let decision = decided(&request, &snapshot(Some(account("US", 1, 0)), &numbers), PinCheck::Wrong);
        let expected = [
            ("pending_port", "/telephone_numbers/0"),
            ("tn_not_found", "/telephone_numbers/1"),
            ("tn_not_portable", "/telephone_numbers/2"),
            ("zip_code_invalid", "/zip_code"),
            ("pin_invalid", "/pin"),
        ];
        assert_eq!(codes(&decision), expected);
        assert_eq!(decision.effect, AttemptEffect::Wrong);
        let held = &decision.outcome.rejections()[0];
        assert!(held.detail.ends_with("It is free from 2026-12-18 at the latest."), "{}", held.detail);
        for reason in decision.outcome.rejections() {
            assert!(reason.resolution.ends_with("as version 02 of this PON."), "{}", reason.resolution);
        }
    }

    #[test]
    fn numbers_of_one_other_account_are_a_mismatch_whether_the_named_account_exists_or_not() {
        let both = [("2065550101", owned("FABRIKAM")), ("2065550102", owned("FABRIKAM"))];
        let request = request(PIN, &["2065550101", "2065550102"]);
        let mut request = request;
        request.content.zip_code = Some("10001".parse().unwrap());
        for account in [None, Some(account("US", 1, 0)), Some(account("US", 0, 0)), Some(protected())] {
            let decision = decided(&request, &snapshot(account, &both), PinCheck::Right);
            assert_eq!(codes(&decision), [("account_number_mismatch", "/account_number")]);
            assert_eq!(decision.effect, AttemptEffect::Uncompared);
            let text = format!("{:?}", decision.outcome);
            assert!(!text.contains("FABRIKAM"), "{text}");
        }
    }

    #[test]
    fn numbers_of_several_other_accounts_look_like_unknown_ones() {
        let request = request(PIN, &["2065550101", "2065550102"]);
        let several = [("2065550101", owned("FABRIKAM")), ("2065550102", owned("NORTHWIND"))];
        let known = decided(&request, &snapshot(Some(account("US", 1, 0)), &several), PinCheck::Right);
        let unknown = decided(&request, &snapshot(Some(account("US", 1, 0)), &[]), PinCheck::Right);
        assert_eq!(known.outcome, unknown.outcome);
        let unnamed = decided(&request, &snapshot(None, &several), PinCheck::Wrong);
        assert_eq!(codes(&unnamed), [("account_number_invalid", "/account_number")]);
    }

    #[test]
    fn the_owners_of_numbers_named_under_another_account_are_told_once_an_hour_and_five_at_most() {
        let names: Vec<String> = (0..8).map(|n| format!("OWNER{n}")).collect();
        let numbers: Vec<String> = (0..8).map(|n| format!("20655501{n:02}")).collect();
        let mut all: Vec<_> =
            numbers.iter().map(String::as_str).zip(names.iter().map(|n| owned(n))).collect();
        all[0].1.elsewhere_at = Some(now() - SignedDuration::from_mins(59));
        all[1].1.elsewhere_at = Some(now() - TOLD_AGAIN_AFTER);
        let request = request(None, &numbers.iter().map(String::as_str).collect::<Vec<_>>());
        let decision = decided(&request, &snapshot(None, &all), PinCheck::Wrong);
        let told: Vec<_> =
            decision.elsewhere.iter().map(|it| (it.owner.as_str(), it.numbers.len())).collect();
        assert_eq!(told, [("OWNER1", 1), ("OWNER2", 1), ("OWNER3", 1), ("OWNER4", 1), ("OWNER5", 1)]);
    }

    #[test]
    fn a_pin_is_compared_only_for_a_number_of_the_account() {
        let request = request(PIN, &["2065550101"]);
        let decision = decided(&request, &snapshot(Some(account("US", 1, 0)), &[]), PinCheck::Wrong);
        assert_eq!(codes(&decision), [("tn_not_found", "/telephone_numbers/0")]);
        assert_eq!(decision.effect, AttemptEffect::Uncompared);
    }

    #[test]
    fn an_account_outside_the_us_is_never_asked_for_its_pin() {
        let known = snapshot(Some(account("CA", 1, 0)), &[(TN, owned("CONTOSO"))]);
        let policy =
            PortOutPolicy { porting_contact: Some("ports@example.com".into()), ..Default::default() };
        for pin in [None, Some("1"), PIN] {
            let Verdict::Decided(decision) = verdict(&request(pin, &[TN]), &known, PinCheck::Right, &policy)
            else {
                panic!("limited");
            };
            assert_eq!(codes(&decision), [("account_not_us", "/account_number")]);
            assert_eq!(decision.effect, AttemptEffect::Uncompared);
            let resolution = &decision.outcome.rejections()[0].resolution;
            assert!(resolution.contains("The desk is reached at ports@example.com."), "{resolution}");
        }
    }

    #[test]
    fn the_desk_has_an_account_outside_the_us_judged_by_number_account_number_and_zip() {
        let known = snapshot(Some(account("CA", 1, 0)), &[(TN, owned("CONTOSO"))]);
        let mut request = request(None, &[TN]);
        request.intake = Intake::now(Channel::Desk(DeskChannel::Fax));
        assert!(is_confirmed(&decided(&request, &known, PinCheck::Wrong)));
        request.content.zip_code = Some("10001".parse().unwrap());
        assert_eq!(codes(&decided(&request, &known, PinCheck::Wrong)), [("zip_code_invalid", "/zip_code")]);
    }

    #[test]
    fn what_blocks_a_pin_is_said_and_the_pin_is_not_compared() {
        for (account, code, field) in [
            (account("US", 0, 0), "pin_not_set", "/pin"),
            (account("US", 1, 100), "pin_locked", "/pin"),
            (protected(), "port_protection_on", "/account_number"),
        ] {
            let known = snapshot(Some(account), &[(TN, owned("CONTOSO"))]);
            for check in [PinCheck::Right, PinCheck::Wrong] {
                let decision = decided(&request(PIN, &[TN]), &known, check);
                assert_eq!(
                    (codes(&decision), decision.effect),
                    (vec![(code, field)], AttemptEffect::Uncompared)
                );
            }
            let without = decided(&request(None, &[TN]), &known, PinCheck::Wrong);
            assert_eq!(codes(&without), [(code, field), ("pin_missing", "/pin")]);
        }
    }

    #[test]
    fn an_account_without_a_pin_is_judged_without_one_if_the_provider_so_decides() {
        let policy = PortOutPolicy { pin_required: PinRequired::WhenSet, ..Default::default() };
        for (pin_version, pin, confirmed) in [(0, None, true), (0, PIN, true), (1, None, false)] {
            let known = snapshot(Some(account("US", pin_version, 0)), &[(TN, owned("CONTOSO"))]);
            let Verdict::Decided(decision) = verdict(&request(pin, &[TN]), &known, PinCheck::Wrong, &policy)
            else {
                panic!("limited");
            };
            assert_eq!(is_confirmed(&decision), confirmed, "{pin_version} {pin:?}");
            assert_eq!(decision.effect == AttemptEffect::None, confirmed);
        }
    }

    #[test]
    fn a_missing_pin_is_not_counted_and_a_malformed_one_counts_as_wrong() {
        for (pin, code, effect) in [
            (None, "pin_missing", AttemptEffect::Uncompared),
            (Some("48x291"), "pin_invalid", AttemptEffect::Wrong),
        ] {
            let decision = decided(&request(pin, &[TN]), &valid_snapshot(), PinCheck::Right);
            assert_eq!((codes(&decision), decision.effect), (vec![(code, "/pin")], effect));
        }
    }

    #[test]
    fn rejections_without_a_comparison_are_limited_and_nothing_else_is() {
        let attempts = CarrierAttempts {
            uncompared: UNCOMPARED_LIMIT,
            uncompared_since: Some(now()),
            ..Default::default()
        };
        let known = Snapshot { attempts, ..valid_snapshot() };
        let policy = PortOutPolicy::default();
        let limited = verdict(&request(None, &[TN]), &known, PinCheck::Wrong, &policy);
        assert!(matches!(limited, Verdict::Limited(wait) if wait.seconds == 3_600));
        for check in [PinCheck::Right, PinCheck::Wrong] {
            assert!(matches!(verdict(&request(PIN, &[TN]), &known, check, &policy), Verdict::Decided(_)));
        }
    }

    #[test]
    fn a_zip_counts_only_if_both_sides_know_one_and_only_its_first_five_digits() {
        let mut request = request(PIN, &[TN]);
        for (given, code) in [
            (None, None),
            (Some("98052-9999"), None),
            (Some("60601"), None),
            (Some("98053"), Some("zip_code_invalid")),
        ] {
            request.content.zip_code = given.map(|zip| zip.parse().unwrap());
            let decision = decided(&request, &valid_snapshot(), PinCheck::Right);
            assert_eq!(codes(&decision).first().map(|(code, _)| *code), code, "{given:?}");
        }
        let mut unknown = valid_snapshot();
        unknown.account.as_mut().unwrap().profile.zip_codes = ZipCodes::default();
        assert_eq!(codes(&decided(&request, &unknown, PinCheck::Right)), []);
    }

    #[test]
    fn the_same_carrier_takes_its_numbers_over_and_another_waits_until_the_hold_ends() {
        let holders = |count: usize, requester: &Requester| -> Vec<(String, NumberRecord)> {
            let record =
                |n: usize| held(char::from_digit(u32::try_from(n).unwrap(), 16).unwrap(), requester.clone());
            (0..count).map(|n| (tns(n..n + 1)[0].national().to_owned(), record(n))).collect()
        };
        for (count, requester, taken_over) in
            [(1, a123(), Some(1)), (5, a123(), Some(5)), (6, a123(), None), (1, other_carrier(), None)]
        {
            let holders = holders(count, &requester);
            let numbers: Vec<_> = holders.iter().map(|(tn, record)| (tn.as_str(), record.clone())).collect();
            let named: Vec<_> = numbers.iter().map(|(tn, _)| *tn).collect();
            let known = snapshot(Some(account("US", 1, 0)), &numbers);
            let decision = decided(&request(PIN, &named), &known, PinCheck::Right);
            let taken = is_confirmed(&decision).then_some(decision.taken_over.len());
            assert_eq!(taken, taken_over, "{count} {requester}");
            let pending = decision.outcome.rejections().iter().all(|r| r.code == RejectionCode::PendingPort);
            assert!(pending);
            let late = "2026-12-18T08:00:00Z".parse().unwrap();
            let Verdict::Decided(decision) = decide(
                &request(PIN, &named),
                &known,
                PinCheck::Right,
                &PortOutPolicy::default(),
                Version::FIRST,
                late,
            ) else {
                panic!("limited");
            };
            assert!(is_confirmed(&decision) && decision.taken_over.is_empty());
        }
    }

    #[test]
    fn the_version_that_is_replaced_does_not_block_its_successor() {
        let mut known = snapshot(Some(account("US", 1, 0)), &[(TN, held('a', a123()))]);
        known.confirmed = Some(id('a'));
        let decision = decided(&request(PIN, &[TN]), &known, PinCheck::Right);
        assert!(is_confirmed(&decision) && decision.taken_over.is_empty());
    }

    #[test]
    fn a_late_entry_is_judged_as_of_now_and_says_what_changed_since_its_receipt() {
        let mut request = request(PIN, &[TN]);
        request.intake = Intake {
            channel: Channel::Desk(DeskChannel::Fax),
            received_at: Some(now() - SignedDuration::from_hours(72)),
            reference: None,
        };
        let changed = "This changed after the request was received.";
        let says = |known: &Snapshot| {
            let decision = decided(&request, known, PinCheck::Wrong);
            decision.outcome.rejections().iter().all(|reason| reason.resolution.contains(changed))
        };
        assert!(says(&valid_snapshot()));
        assert!(says(&snapshot(Some(protected()), &[(TN, owned("CONTOSO"))])));
        let mut older = valid_snapshot();
        older.account.as_mut().unwrap().pin.last_set =
            Some((now() - SignedDuration::from_hours(100), "user:admin".to_owned()));
        assert!(!says(&older));
    }

    prop_compose! {
        fn any_snapshot()(
            known in any::<bool>(),
            us in any::<bool>(),
            version in 0_u64..3,
            failed in 0_u32..130,
            protected in any::<bool>(),
            disclosed in any::<bool>(),
            owner in prop::sample::select(vec!["CONTOSO", "FABRIKAM"]),
            held_by_other in any::<bool>(),
        ) -> Snapshot {
            let account = known.then(|| {
                let mut account = account(if us { "US" } else { "CA" }, version, failed);
                account.protection.enabled = protected;
                account.pin.disclosed = disclosed;
                account
            });
            let mut record = if held_by_other { held('a', other_carrier()) } else { owned("CONTOSO") };
            record.account = owner.parse().ok();
            snapshot(account, &[(TN, record)])
        }
    }

    proptest! {
        #[test]
        fn nothing_is_ever_confirmed_without_the_right_pin_of_a_us_account_that_owns_the_free_number(
            snapshot in any_snapshot(),
            pin in prop::sample::select(vec![None, Some(""), Some("12345"), PIN, Some("48291x")]),
            right in any::<bool>(),
        ) {
            let check = if right { PinCheck::Right } else { PinCheck::Wrong };
            let decision = decided(&request(pin, &[TN]), &snapshot, check);
            let free = |n: &NumberRecord| n.hold.is_none() && n.account == "CONTOSO".parse().ok();
            let lawful = snapshot.account.as_ref().is_some_and(Account::compares_pins)
                && snapshot.numbers.values().all(free)
                && pin == PIN
                && right;
            prop_assert_eq!(is_confirmed(&decision), lawful);
        }

        #[test]
        fn an_answer_reveals_the_pin_exactly_if_it_is_counted(
            snapshot in any_snapshot(),
            pin in prop::sample::select(vec![None, Some("12345"), PIN]),
        ) {
            let request = request(pin, &[TN]);
            let (right, wrong) = (
                decided(&request, &snapshot, PinCheck::Right),
                decided(&request, &snapshot, PinCheck::Wrong),
            );
            let revealed = codes(&wrong).iter().any(|(code, _)| *code == "pin_invalid");
            prop_assert_eq!(revealed, wrong.effect == AttemptEffect::Wrong);
            // Where nothing is counted, right and wrong give the very same answer.
            prop_assert!(wrong.effect == AttemptEffect::Wrong || right == wrong);
        }
    }
}
