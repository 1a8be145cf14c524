//! Decides a request from its records and the time: confirmed, or rejected with every reason at once.
//!
//! Only the telephone number, the account number, the ZIP code (if both sides know it), the PIN, and the due date can
//! be a reason: FCC 07-188 and 47 CFR 52.36 limit how a port may be validated. Names and addresses never are.

use jiff::Timestamp;

use crate::account::{Account, PortOutBlock};
use crate::business_days::Holidays;
use crate::due_date;
use crate::pin::SubmittedPin;
use crate::port_out::{Content, Outcome, PortOutRequest, Rejection, RejectionCode};
use crate::snapshot::Snapshot;
use crate::telephone_number::Tn;

/// Result of comparing a well-formed PIN with the account's PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinCheck {
    /// The PINs are equal.
    Right,
    /// The PINs differ, or the account has none.
    Wrong,
}

/// How an answer changes the counts of wrong PINs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptEffect {
    /// The answer reveals nothing about the PIN: the counts stay.
    Unchanged,
    /// The answer reveals that the PIN is wrong: each count goes up by one.
    Wrong,
    /// The answer reveals that the PIN is right: the counts restart at zero.
    Right,
}

/// The provider's choices.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PortOutPolicy {
    /// The days on which it does not handle port requests.
    pub holidays: Holidays,
}

/// The answer, and what it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Answer to the carrier.
    pub outcome: Outcome,
    /// Change of the counts, which must be stored in the same write as the answer.
    pub effect: AttemptEffect,
}

/// Decides a request that is new and whose carrier need not wait.
pub fn decide(
    request: &PortOutRequest,
    known: &Snapshot,
    check: PinCheck,
    policy: &PortOutPolicy,
    now: Timestamp,
) -> Decision {
    let account = known.account.as_ref();
    let (pin_reasons, effect) = check_pin(request, account, check);
    // Field by field, in the order of `RejectionCode::ALL`.
    let mut reasons: Vec<Rejection> = account_reasons(account).collect();
    reasons.extend(number_reasons(request, known));
    reasons.extend(zip_reason(request, account));
    reasons.extend(pin_reasons);
    let outcome = if reasons.is_empty() {
        let Content { numbers, desired_due_date, .. } = &request.content;
        Outcome::Confirmed(due_date::foc_date(now, numbers, *desired_due_date, &policy.holidays))
    } else {
        Outcome::Rejected(reasons)
    };
    Decision { outcome, effect }
}

fn reason(code: RejectionCode, field: &str, detail: impl Into<String>) -> Rejection {
    Rejection { code, field: field.to_owned(), telephone_number: None, detail: detail.into() }
}

fn account_reasons(account: Option<&Account>) -> impl Iterator<Item = Rejection> {
    let found = match account {
        None => Some((RejectionCode::AccountNumberInvalid, "No account has this account number.")),
        Some(account) if account.block() == Some(PortOutBlock::AccountNotUs) => Some((
            RejectionCode::AccountNotUs,
            "The account is not in the US. Its numbers are ported through a separate process, without a PIN.",
        )),
        Some(_) => None,
    };
    found.into_iter().map(|(code, detail)| reason(code, "/account_number", detail))
}

fn number_reasons<'a>(
    request: &'a PortOutRequest,
    known: &'a Snapshot,
) -> impl Iterator<Item = Rejection> + 'a {
    request.content.numbers.as_slice().iter().enumerate().filter_map(move |(index, tn)| {
        let (code, detail) = number_reason(tn, known)?;
        let field = format!("/telephone_numbers/{index}");
        Some(Rejection { code, field, telephone_number: Some(*tn), detail })
    })
}

fn number_reason(tn: &Tn, known: &Snapshot) -> Option<(RejectionCode, String)> {
    if let Some(why) = tn.not_portable() {
        return Some((RejectionCode::TnNotPortable, why.to_string()));
    }
    // An unknown account owns no numbers, and its own reason already says why.
    let account = known.account.as_ref()?;
    let Some(record) = known.numbers.get(tn).filter(|record| record.account == account.number) else {
        return Some((RejectionCode::TnNotFound, "The number does not belong to this account.".into()));
    };
    // A hold by the version that this one replaces does not count: the replacement takes the number over.
    let held = record.held_by.is_some() && record.held_by != known.confirmed;
    held.then(|| (RejectionCode::PendingPort, "The number is held by another confirmed port-out.".into()))
}

fn zip_reason(request: &PortOutRequest, account: Option<&Account>) -> Option<Rejection> {
    let known = &account?.profile.zip_codes;
    let given = request.content.zip_code.as_ref()?;
    let matches = known.as_slice().is_empty() || known.contains(given);
    let detail = "The first five digits of the ZIP code match none of the account's ZIP codes.";
    (!matches).then(|| reason(RejectionCode::ZipCodeInvalid, "/zip_code", detail))
}

/// Returns the reasons that concern the PIN, and the effect of revealing them.
fn check_pin(
    request: &PortOutRequest,
    account: Option<&Account>,
    check: PinCheck,
) -> (Vec<Rejection>, AttemptEffect) {
    let block = account.and_then(Account::block);
    if block == Some(PortOutBlock::AccountNotUs) {
        // Numbers outside the US are ported without a PIN, so it is not even a reason that one is missing.
        return (Vec::new(), AttemptEffect::Unchanged);
    }
    let missing = matches!(request.pin, SubmittedPin::Missing);
    let mut reasons = Vec::new();
    if missing {
        reasons.push(reason(RejectionCode::PinMissing, "/pin", "The request has no PIN."));
    }
    // A PIN that is not set, locked, or missing is not compared, so the answer does not depend on it and costs nothing.
    let comparable = account.is_some() && block.is_none() && !missing;
    let effect = match (&request.pin, check) {
        _ if !comparable => AttemptEffect::Unchanged,
        (SubmittedPin::WellFormed(_), PinCheck::Right) => AttemptEffect::Right,
        // A malformed PIN counts as well: a carrier that sends one learns that it is wrong.
        _ => AttemptEffect::Wrong,
    };
    if effect == AttemptEffect::Wrong {
        reasons.push(reason(
            RejectionCode::PinInvalid,
            "/pin",
            "The PIN does not match the account's port-out PIN.",
        ));
    }
    match block {
        Some(PortOutBlock::PinNotSet) => reasons.insert(0, pin_not_set()),
        Some(PortOutBlock::PinLocked) => reasons.insert(0, pin_locked()),
        Some(PortOutBlock::AccountNotUs) | None => {}
    }
    (reasons, effect)
}

fn pin_not_set() -> Rejection {
    let detail =
        "The account has no port-out PIN. No number can be ported out until the account's admin sets one.";
    reason(RejectionCode::PinNotSet, "/pin", detail)
}

fn pin_locked() -> Rejection {
    let detail = "The account's port-out PIN is locked after too many wrong attempts, until the account's admin sets a new one.";
    reason(RejectionCode::PinLocked, "/pin", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{PinStatus, Profile};
    use crate::port_out::VersionChoice;
    use crate::port_out_id::{PortOutId, Version};
    use crate::snapshot::NumberRecord;
    use crate::zip_code::ZipCodes;
    use proptest::prelude::*;

    fn decided(request: &PortOutRequest, known: &Snapshot, check: PinCheck, now: Timestamp) -> Decision {
        decide(request, known, check, &PortOutPolicy::default(), now)
    }

    // Monday, 10 a.m. in New York; the next day is a business day.
    fn monday() -> Timestamp {
        "2026-11-16T15:00:00Z".parse().unwrap()
    }

    fn request(pin: Option<&str>, numbers: &[&str]) -> PortOutRequest {
        let numbers: Vec<Tn> = numbers.iter().map(|tn| tn.parse().unwrap()).collect();
        let content = Content {
            account_number: "CONTOSO".parse().unwrap(),
            zip_code: None,
            numbers: numbers.try_into().unwrap(),
            desired_due_date: None,
        };
        let (spid, pon) = ("A123".parse().unwrap(), "TX-1".parse().unwrap());
        let version = VersionChoice::Given(Version::FIRST);
        PortOutRequest { spid, pon, version, content, pin: SubmittedPin::classify(pin) }
    }

    fn account(country: &str, pin_version: u64, failed_attempts: u32) -> Account {
        Account {
            number: "CONTOSO".parse().unwrap(),
            profile: Profile {
                country: country.parse().unwrap(),
                name: None,
                zip_codes: vec!["98052".parse().unwrap(), "60601".parse().unwrap()].try_into().unwrap(),
            },
            pin: PinStatus { version: pin_version, last_set: None, failed_attempts },
        }
    }

    fn id(digit: char) -> PortOutId {
        digit.to_string().repeat(32).parse().unwrap()
    }

    fn number_record(by: &str, held_by: Option<PortOutId>) -> NumberRecord {
        NumberRecord { account: by.parse().unwrap(), held_by }
    }

    fn snapshot(account: Option<Account>, numbers: &[(&str, NumberRecord)]) -> Snapshot {
        let numbers = numbers.iter().map(|(tn, record)| (tn.parse().unwrap(), record.clone())).collect();
        Snapshot { account, numbers, ..Snapshot::default() }
    }

    fn codes(decision: &Decision) -> Vec<(&'static str, &str)> {
        decision.outcome.rejections().iter().map(|r| (r.code.as_str(), r.field.as_str())).collect()
    }

    const TN: &str = "2065550100";

    fn valid_snapshot() -> Snapshot {
        snapshot(Some(account("US", 1, 0)), &[(TN, number_record("CONTOSO", None))])
    }

    #[test]
    fn the_right_pin_for_its_own_free_number_is_confirmed_for_the_first_possible_day() {
        let decision = decided(&request(Some("482913"), &[TN]), &valid_snapshot(), PinCheck::Right, monday());
        assert_eq!(decision.outcome, Outcome::Confirmed("2026-11-17".parse().unwrap()));
        assert_eq!(decision.effect, AttemptEffect::Right);
    }

    #[test]
    fn every_reason_is_given_at_once() {
        let mut request = request(Some("482913"), &[TN, "2065550101", "8005550100", "2065550103"]);
        request.content.zip_code = Some("10001".parse().unwrap());
        request.content.desired_due_date = Some("2026-11-26".parse().unwrap());
        let numbers = [
            (TN, number_record("CONTOSO", Some(id('a')))),
            ("2065550101", number_record("FABRIKAM", None)),
            ("2065550103", number_record("CONTOSO", None)),
        ];
        let decision =
            decided(&request, &snapshot(Some(account("US", 1, 0)), &numbers), PinCheck::Wrong, monday());
        let expected = [
            ("pending_port", "/telephone_numbers/0"),
            ("tn_not_found", "/telephone_numbers/1"),
            ("tn_not_portable", "/telephone_numbers/2"),
            ("zip_code_invalid", "/zip_code"),
            ("pin_invalid", "/pin"),
        ];
        assert_eq!(codes(&decision), expected);
        assert_eq!(decision.effect, AttemptEffect::Wrong);
    }

    #[test]
    fn another_accounts_number_and_an_unknown_one_look_the_same() {
        let theirs = [("2065550101", number_record("FABRIKAM", Some(id('b'))))];
        let request = request(Some("482913"), &["2065550101"]);
        let known =
            decided(&request, &snapshot(Some(account("US", 1, 0)), &theirs), PinCheck::Right, monday());
        let unknown = decided(&request, &snapshot(Some(account("US", 1, 0)), &[]), PinCheck::Right, monday());
        assert_eq!(known, unknown);
    }

    #[test]
    fn an_unknown_account_is_the_only_reason_about_account_numbers_and_pin() {
        let decision =
            decided(&request(Some("482913"), &[TN]), &snapshot(None, &[]), PinCheck::Wrong, monday());
        assert_eq!(codes(&decision), [("account_number_invalid", "/account_number")]);
        assert_eq!(decision.effect, AttemptEffect::Unchanged);
    }

    #[test]
    fn an_account_outside_the_us_is_never_asked_for_its_pin() {
        let snapshot = snapshot(Some(account("CA", 1, 0)), &[(TN, number_record("CONTOSO", None))]);
        for pin in [None, Some("1"), Some("482913")] {
            let decision = decided(&request(pin, &[TN]), &snapshot, PinCheck::Right, monday());
            assert_eq!(codes(&decision), [("account_not_us", "/account_number")]);
            assert_eq!(decision.effect, AttemptEffect::Unchanged);
        }
    }

    #[test]
    fn without_a_pin_or_with_a_locked_one_nothing_about_the_pin_is_revealed_and_nothing_counted() {
        for (account, code) in [(account("US", 0, 0), "pin_not_set"), (account("US", 1, 100), "pin_locked")] {
            let snapshot = snapshot(Some(account), &[(TN, number_record("CONTOSO", None))]);
            for check in [PinCheck::Right, PinCheck::Wrong] {
                let decision = decided(&request(Some("482913"), &[TN]), &snapshot, check, monday());
                assert_eq!(
                    (codes(&decision), decision.effect),
                    (vec![(code, "/pin")], AttemptEffect::Unchanged)
                );
            }
            let without = decided(&request(None, &[TN]), &snapshot, PinCheck::Wrong, monday());
            assert_eq!(codes(&without), [(code, "/pin"), ("pin_missing", "/pin")]);
        }
    }

    #[test]
    fn a_missing_pin_costs_nothing_and_a_malformed_one_counts_as_wrong() {
        let missing = decided(&request(None, &[TN]), &valid_snapshot(), PinCheck::Wrong, monday());
        assert_eq!(
            (codes(&missing), missing.effect),
            (vec![("pin_missing", "/pin")], AttemptEffect::Unchanged)
        );
        let malformed =
            decided(&request(Some("48-291"), &[TN]), &valid_snapshot(), PinCheck::Right, monday());
        assert_eq!(
            (codes(&malformed), malformed.effect),
            (vec![("pin_invalid", "/pin")], AttemptEffect::Wrong)
        );
    }

    #[test]
    fn a_zip_counts_only_if_both_sides_know_one_and_only_its_first_five_digits() {
        let mut request = request(Some("482913"), &[TN]);
        for (given, code) in [
            (None, None),
            (Some("98052-9999"), None),
            (Some("60601"), None),
            (Some("98053"), Some("zip_code_invalid")),
        ] {
            request.content.zip_code = given.map(|zip| zip.parse().unwrap());
            let decision = decided(&request, &valid_snapshot(), PinCheck::Right, monday());
            assert_eq!(codes(&decision).first().map(|(code, _)| *code), code, "{given:?}");
        }
        let mut unknown = valid_snapshot();
        if let Some(account) = &mut unknown.account {
            account.profile.zip_codes = ZipCodes::default();
        }
        assert_eq!(codes(&decided(&request, &unknown, PinCheck::Right, monday())), []);
    }

    #[test]
    fn the_version_that_is_replaced_does_not_block_its_successor() {
        let mut snapshot =
            snapshot(Some(account("US", 1, 0)), &[(TN, number_record("CONTOSO", Some(id('a'))))]);
        let request = request(Some("482913"), &[TN]);
        assert_eq!(
            codes(&decided(&request, &snapshot, PinCheck::Right, monday())),
            [("pending_port", "/telephone_numbers/0")]
        );
        snapshot.confirmed = Some(id('a'));
        assert_eq!(codes(&decided(&request, &snapshot, PinCheck::Right, monday())), []);
        snapshot.confirmed = Some(id('b'));
        assert_eq!(codes(&decided(&request, &snapshot, PinCheck::Right, monday())).len(), 1);
    }

    prop_compose! {
        fn any_snapshot()(
            known in any::<bool>(),
            us in any::<bool>(),
            version in 0_u64..3,
            failed in 0_u32..130,
            owner in prop::sample::select(vec!["CONTOSO", "FABRIKAM"]),
            held in any::<bool>(),
        ) -> Snapshot {
            let account = known.then(|| account(if us { "US" } else { "CA" }, version, failed));
            snapshot(account, &[(TN, number_record(owner, held.then(|| id('a'))))])
        }
    }

    proptest! {
        #[test]
        fn nothing_is_ever_confirmed_without_the_right_pin_of_a_us_account_that_owns_the_free_number(
            snapshot in any_snapshot(),
            pin in prop::sample::select(vec![None, Some(""), Some("12345"), Some("482913"), Some("48291x")]),
            right in any::<bool>(),
        ) {
            let check = if right { PinCheck::Right } else { PinCheck::Wrong };
            let decision = decided(&request(pin, &[TN]), &snapshot, check, monday());
            let lawful = snapshot.account.as_ref().is_some_and(|a| a.block().is_none())
                && snapshot.numbers.values().all(|n| n.account.as_str() == "CONTOSO" && n.held_by.is_none())
                && pin == Some("482913")
                && right;
            prop_assert_eq!(matches!(decision.outcome, Outcome::Confirmed(_)), lawful);
        }

        #[test]
        fn an_answer_reveals_the_pin_exactly_if_it_is_counted(
            snapshot in any_snapshot(),
            pin in prop::sample::select(vec![None, Some("12345"), Some("482913")]),
        ) {
            let request = request(pin, &[TN]);
            let (right, wrong) = (
                decided(&request, &snapshot, PinCheck::Right, monday()),
                decided(&request, &snapshot, PinCheck::Wrong, monday()),
            );
            let revealed = codes(&wrong).iter().any(|(code, _)| *code == "pin_invalid");
            prop_assert_eq!(revealed, wrong.effect == AttemptEffect::Wrong);
            // Where nothing is counted, right and wrong give the very same answer.
            prop_assert!(wrong.effect != AttemptEffect::Unchanged || right == wrong);
        }
    }
}
