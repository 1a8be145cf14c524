//! The writes and conditions of a decision's transaction. Each condition says which race it decides.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use shared::account::PortOutBlock;
use shared::attempts;
use shared::decision::AttemptEffect;
use shared::port_out::{Outcome, PortOut, Rejection, RejectionCode};
use shared::snapshot::NumberRecord;
use shared::telephone_number::Tn;
use shared::telephone_numbers::TelephoneNumbers;

use super::{Decided, PortOutSnapshot};
use crate::store::item::{number, string};
use crate::store::key::Key;
use crate::store::records::{AccountRecord, AttemptsRow, LatestAttempt, PonRow};
use crate::store::write::Write;

/// Moves the PON to this version.
pub(super) fn pon(snapshot: &PortOutSnapshot, decided: &Decided<'_>) -> Write {
    let port_out = &decided.record.port_out;
    let confirmed = match port_out.outcome {
        Outcome::Confirmed(_) => Some(port_out.id.clone()),
        Outcome::Rejected(_) | Outcome::Superseded(_) => snapshot.known.confirmed.clone(),
    };
    let attempt = decided.keeps_attempt.then(|| LatestAttempt {
        content_hash: port_out.content.hash(),
        outcome: port_out.outcome.clone(),
        received_at: port_out.received_at,
        fingerprint: decided.record.fingerprint.clone(),
    });
    let row = PonRow { latest: port_out.version, confirmed, attempt };
    let item = row.item(Key::pon(&port_out.spid, &port_out.pon));
    // Of two versions at once, one wins; the other reads again and meets it as the latest. Versions only go up, so
    // the number alone proves that nothing came between.
    match &snapshot.pon {
        None => Write::create(item),
        Some(read) => {
            Write::put(item, "#latest_version = :read", &[("read", string(read.latest.to_string()))])
        }
    }
}

/// Counts on the account, or only checks that it is as it was read.
pub(super) fn account(snapshot: &PortOutSnapshot, decided: &Decided<'_>) -> Write {
    let port_out = &decided.record.port_out;
    match (&snapshot.account, decided.effect) {
        (None, _) | (Some(_), AttemptEffect::Unchanged) => account_check(snapshot, port_out),
        (Some(record), AttemptEffect::Wrong) => count_wrong(record),
        (Some(record), AttemptEffect::Right) => {
            let mut values = account_values(record);
            let renew = match &decided.renewed_digest {
                Some(digest) => {
                    values.push(("digest", string(digest.expose_stored())));
                    ", #pin_digest = :digest"
                }
                None => "",
            };
            let change = format!("SET #failed_attempts = :zero{renew}");
            Write::update(Key::account(&record.account.number), change, account_unlocked(record), &values)
        }
    }
}

/// Checks that the account is as it was read, also if it was absent: an account or a PIN that appeared meanwhile
/// must not get an answer that was true before.
pub(super) fn account_check(snapshot: &PortOutSnapshot, port_out: &PortOut) -> Write {
    match &snapshot.account {
        None => {
            Write::check(Key::account(&port_out.content.account_number), "attribute_not_exists(#pk)", &[])
        }
        Some(record) => Write::check(
            Key::account(&record.account.number),
            account_as_read(record),
            &account_values(record),
        ),
    }
}

/// Counts a wrong PIN of a repetition, unless the account's PIN cannot be guessed now.
pub(super) fn count_wrong_repetition(snapshot: &PortOutSnapshot, port_out: &PortOut) -> Write {
    match snapshot.account.as_ref().filter(|record| record.account.block().is_none()) {
        Some(record) => count_wrong(record),
        None => account_check(snapshot, port_out),
    }
}

/// Checks that the numbers named in rejections are as they were read. A number that was assigned or freed meanwhile
/// would make the rejection wrong.
pub(super) fn rejected_numbers(
    snapshot: &PortOutSnapshot,
    port_out: &PortOut,
) -> impl Iterator<Item = Write> {
    let of_number = |r: &&Rejection| matches!(r.code, RejectionCode::TnNotFound | RejectionCode::PendingPort);
    let rejected = port_out.outcome.rejections().iter().filter(of_number).filter_map(|r| r.telephone_number);
    rejected.map(|tn| number_check(&tn, snapshot.known.numbers.get(&tn)))
}

fn number_check(tn: &Tn, read: Option<&NumberRecord>) -> Write {
    let Some(record) = read else { return Write::check(Key::number(tn), "attribute_not_exists(#pk)", &[]) };
    let condition = match &record.held_by {
        None => "#account_number = :account AND attribute_not_exists(#held_by)",
        Some(_) => "#account_number = :account AND #held_by = :held_by",
    };
    let mut values = vec![("account", string(record.account.as_str()))];
    values.extend(record.held_by.as_ref().map(|id| ("held_by", string(id.as_str()))));
    Write::check(Key::number(tn), condition, &values)
}

/// Counts a wrong PIN over all carriers. The count itself is not a condition, or carriers would make each other's
/// requests stale; the ceiling is, so that no guess is evaluated once the PIN is locked.
fn count_wrong(record: &AccountRecord) -> Write {
    let key = Key::account(&record.account.number);
    let change = "SET #failed_attempts = #failed_attempts + :one";
    Write::update(key, change, account_unlocked(record), &account_values(record))
}

/// The revision covers what the operator writes, the PIN version what the owner sets.
fn account_as_read(record: &AccountRecord) -> String {
    match record.account.pin.version {
        0 => "#revision = :revision AND attribute_not_exists(#pin_version)".to_owned(),
        _ => "#revision = :revision AND #pin_version = :pin_version".to_owned(),
    }
}

fn account_unlocked(record: &AccountRecord) -> String {
    debug_assert_ne!(record.account.block(), Some(PortOutBlock::PinNotSet));
    format!("{} AND #failed_attempts < :lock", account_as_read(record))
}

fn account_values(record: &AccountRecord) -> Vec<(&'static str, AttributeValue)> {
    vec![
        ("revision", number(record.revision)),
        ("pin_version", number(record.account.pin.version)),
        ("lock", number(attempts::LOCK_AT)),
        ("zero", number(0)),
        ("one", number(1)),
    ]
}

/// Moves this carrier's count. Of guesses in parallel only one finds it as it was read, so none is evaluated before
/// the count that it costs is stored.
pub(super) fn attempts(
    snapshot: &PortOutSnapshot,
    port_out: &PortOut,
    effect: AttemptEffect,
    now: Timestamp,
) -> Option<Write> {
    let key = attempts_key(port_out);
    let (as_read, values) = attempts_as_read(snapshot);
    match (effect, snapshot.attempts) {
        (AttemptEffect::Unchanged, _) => None,
        (AttemptEffect::Right, None) => Some(Write::check(key, as_read, &values)),
        (AttemptEffect::Right, Some(_)) => Some(Write::delete(key, as_read, &values)),
        (AttemptEffect::Wrong, _) => {
            let attempts = snapshot.known.attempts.after_wrong(now);
            let row = AttemptsRow { attempts, pin_version: snapshot.pin_version() };
            Some(Write::put(row.item(key), as_read, &values))
        }
    }
}

/// Checks that this carrier's count is as it was read.
pub(super) fn attempts_check(snapshot: &PortOutSnapshot, port_out: &PortOut) -> Write {
    let (as_read, values) = attempts_as_read(snapshot);
    Write::check(attempts_key(port_out), as_read, &values)
}

fn attempts_key(port_out: &PortOut) -> Key {
    Key::attempts(&port_out.content.account_number, &port_out.spid)
}

fn attempts_as_read(snapshot: &PortOutSnapshot) -> (&'static str, Vec<(&'static str, AttributeValue)>) {
    let Some(row) = &snapshot.attempts else { return ("attribute_not_exists(#pk)", Vec::new()) };
    let values = vec![
        ("failures", number(row.attempts.failures())),
        ("last", number(row.attempts.last_failed_at().as_millisecond())),
        ("pin_version", number(row.pin_version)),
    ];
    ("#failures = :failures AND #last_failed_at = :last AND #pin_version = :pin_version", values)
}

/// Holds each number: it must still be the account's, and free or held by the version that this one replaces. The
/// condition decides which of two port-outs gets a number.
pub(super) fn holds<'a>(
    port_out: &'a PortOut,
    earlier: Option<&'a PortOut>,
) -> impl Iterator<Item = Write> + 'a {
    let free = match earlier {
        None => "#account_number = :account AND attribute_not_exists(#held_by)",
        Some(_) => "#account_number = :account AND (attribute_not_exists(#held_by) OR #held_by = :earlier)",
    };
    let account = string(port_out.content.account_number.as_str());
    let mut values = vec![("id", string(port_out.id.as_str())), ("account", account)];
    values.extend(earlier.map(|earlier| ("earlier", string(earlier.id.as_str()))));
    let hold = move |tn| Write::update(Key::number(tn), "SET #held_by = :id", free, &values);
    port_out.content.numbers.as_slice().iter().map(hold)
}

/// Supersedes the earlier version, and frees the numbers that the new one does not list. Its status is a condition:
/// a version must be replaced once only.
pub(super) fn supersede(earlier: &PortOut, numbers: &TelephoneNumbers) -> Vec<Write> {
    let values = [
        ("now", string("superseded")),
        ("was", string("confirmed")),
        ("earlier", string(earlier.id.as_str())),
    ];
    let change = "SET #port_out_status = :now";
    let mut writes =
        vec![Write::update(Key::port_out(&earlier.id), change, "#port_out_status = :was", &values)];
    let free = |tn: &Tn| Write::update(Key::number(tn), "REMOVE #held_by", "#held_by = :earlier", &values);
    writes.extend(earlier.content.numbers.without(numbers).iter().map(free));
    writes
}
