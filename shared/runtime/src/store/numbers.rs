//! The writes that hold, free, check, and take away telephone numbers.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use shared::account::AccountNumber;
use shared::port_out::PortOut;
use shared::port_out_id::PortOutId;
use shared::rejection::RejectionCode;
use shared::snapshot::{NumberRecord, Snapshot};
use shared::telephone_number::Tn;

use crate::store::item::{string, time};
use crate::store::key::Key;
use crate::store::write::Write;

const HOLD: &str = "SET #held_by = :id, #held_for = :requester, #held_until = :until";
const FREE: &str = "REMOVE #held_by, #held_for, #held_until";

/// Holds each number of a confirmed port-out: it must still be the account's, and free or held by the port-out that it was
/// read to be held by, which this one replaces. The condition decides which of two port-outs gets a number.
pub(super) fn hold<'a>(
    port_out: &'a PortOut,
    known: &'a Snapshot,
    now: Timestamp,
) -> impl Iterator<Item = Write> + 'a {
    port_out.held.iter().map(move |tn| {
        let replaced = known.numbers.get(tn).and_then(|record| record.held(now)).map(|hold| &hold.by);
        let free = match replaced {
            None => "#account_number = :account AND (attribute_not_exists(#held_by) OR #held_until <= :now)",
            Some(_) => "#account_number = :account AND #held_by = :replaced",
        };
        hold_one(port_out, tn, free, replaced, now)
    })
}

/// Moves the hold of each number from one version to the next.
pub(super) fn move_hold<'a>(
    port_out: &'a PortOut,
    from: &'a PortOutId,
    now: Timestamp,
) -> impl Iterator<Item = Write> + 'a {
    let moved = move |tn| hold_one(port_out, tn, "#held_by = :replaced", Some(from), now);
    port_out.held.iter().map(moved)
}

fn hold_one(
    port_out: &PortOut,
    tn: &Tn,
    free: &'static str,
    replaced: Option<&PortOutId>,
    now: Timestamp,
) -> Write {
    let until = port_out.outcome.commitment().map_or(now, |commitment| commitment.hold_until);
    let mut values = vec![
        ("id", string(port_out.id.as_str())),
        ("requester", string(port_out.requester.to_string())),
        ("until", time(until)),
        ("account", string(port_out.account_number.as_str())),
        ("now", time(now)),
    ];
    values.extend(replaced.map(|id| ("replaced", string(id.as_str()))));
    Write::update(Key::number(tn), HOLD, free, &values)
}

/// Frees numbers that this port-out holds.
pub(super) fn free<'a>(numbers: &'a [Tn], held_by: &PortOutId) -> impl Iterator<Item = Write> + 'a {
    let values = [("held_by", string(held_by.as_str()))];
    numbers.iter().map(move |tn| Write::update(Key::number(tn), FREE, "#held_by = :held_by", &values))
}

/// Returns the numbers that a rejection names: one that was assigned or freed meanwhile would make it wrong.
pub(super) fn rejected(port_out: &PortOut) -> Vec<Tn> {
    let reasons = port_out.outcome.rejections();
    let all = reasons.iter().any(|reason| reason.code == RejectionCode::AccountNumberMismatch);
    let named = |tn: &&Tn| {
        let about = |code| matches!(code, RejectionCode::TnNotFound | RejectionCode::PendingPort);
        all || reasons.iter().any(|reason| about(reason.code) && reason.telephone_number == Some(**tn))
    };
    port_out.numbers.as_slice().iter().filter(named).copied().collect()
}

/// Checks that a number is as it was read.
pub(super) fn check(tn: &Tn, read: Option<&NumberRecord>) -> Write {
    let Some(record) = read else { return Write::check(Key::number(tn), "attribute_not_exists(#pk)", &[]) };
    let owner = record.account.as_ref();
    let mut values = Vec::from_iter(owner_value(owner));
    let held = match &record.hold {
        None => "attribute_not_exists(#held_by)",
        Some(hold) => {
            values.push(("held_by", string(hold.by.as_str())));
            "#held_by = :held_by"
        }
    };
    Write::check(Key::number(tn), format!("{} AND {held}", owned_by(owner)), &values)
}

/// Marks that the owner of these numbers is told now, unless that happened since they were read.
pub(super) fn mark_told(
    owner: &AccountNumber,
    numbers: &[Tn],
    known: &Snapshot,
    now: Timestamp,
) -> Vec<Write> {
    let mark = |tn: &Tn| {
        let read = known.numbers.get(tn).and_then(|record| record.elsewhere_at);
        let mut values = vec![("now", time(now)), ("owner", string(owner.as_str()))];
        let untold = match read {
            None => "attribute_not_exists(#elsewhere_at)",
            Some(at) => {
                values.push(("read", time(at)));
                "#elsewhere_at = :read"
            }
        };
        let condition = format!("#account_number = :owner AND {untold}");
        Write::update(Key::number(tn), "SET #elsewhere_at = :now", condition, &values)
    };
    numbers.iter().map(mark).collect()
}

/// Takes a number away from its account, unless that changed since it was read or another port-out holds the number.
pub(super) fn leave(
    tn: &Tn,
    owner: Option<&AccountNumber>,
    id: &PortOutId,
    at: Timestamp,
    now: Timestamp,
) -> Write {
    let change = "SET #telephone_number = :tn, #ported_at = :at, #ported_by = :id \
                  REMOVE #account_number, #list_pk, #list_sk, #held_by, #held_for, #held_until, #assigned_at";
    let mut values = vec![
        ("tn", string(tn.to_string())),
        ("at", time(at)),
        ("id", string(id.as_str())),
        ("now", time(now)),
    ];
    values.extend(owner_value(owner));
    let free = "(attribute_not_exists(#held_by) OR #held_by = :id OR #held_until <= :now)";
    Write::update(Key::number(tn), change, format!("{} AND {free}", owned_by(owner)), &values)
}

/// Returns the condition that a number is this account's, or none's.
fn owned_by(owner: Option<&AccountNumber>) -> &'static str {
    if owner.is_some() { "#account_number = :owner" } else { "attribute_not_exists(#account_number)" }
}

fn owner_value(owner: Option<&AccountNumber>) -> Option<(&'static str, AttributeValue)> {
    owner.map(|owner| ("owner", string(owner.as_str())))
}
