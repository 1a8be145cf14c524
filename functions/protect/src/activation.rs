//! `POST /v1/port-outs/{id}/activations`: the porting desk records that numbers were ported.

use std::collections::{BTreeMap, HashMap};

use runtime::clock::{Clock, Timestamp};
use runtime::http::field_error::FieldError;
use runtime::http::problem::{Code, Problem};
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::telephone_numbers_field::telephone_numbers;
use runtime::http::time_field::Instant;
use runtime::store::TRANSACTION;
use runtime::store::commit::{Commit, Retry};
use runtime::store::lifecycle::{LifecycleStore, Ported};
use shared::account::AccountNumber;
use shared::lifecycle::Status;
use shared::port_out::PortOut;
use shared::snapshot::NumberRecord;
use shared::telephone_number::Tn;
use shared::telephone_numbers::{TelephoneNumbers, TelephoneNumbersError};

use crate::port_out::{existing, shown};

/// The most numbers and their owners' events beside the port-out's change and the event of its end.
const MOST_WRITES: usize = TRANSACTION - 2;

/// Records ported numbers: all of them or none. One that was recorded before is left as it is.
pub async fn record(store: &LifecycleStore, clock: &Clock, request: &Request) -> Result<Response, Problem> {
    let identity = request.identity()?;
    identity.require_desk()?;
    let (numbers, activated_at) = read_activation(request)?;
    let mut retry = Retry::new("recording ported numbers conflicted with another write on every attempt");
    loop {
        let (before, now) = (existing(store, request).await?, clock.now());
        let at = activated_at.unwrap_or(now);
        check_time(at, &before, now)?;
        let new = new_numbers(&before, &numbers)?;
        if new.is_empty() {
            return Ok(shown(&before, now));
        }
        let known = store.numbers(&new).await?;
        check_holds(&before, &numbers, &known, now)?;
        let ported = grouped(&before, &new, &known, at);
        check_owners(&ported)?;
        let after = before.clone().ported(&new, now);
        let completed = after.status(now) == Status::Completed && before.status(now) != Status::Completed;
        match store.activate(&after, &ported, at, completed, &identity.actor(), now).await? {
            Commit::Done(()) => return Ok(shown(&after, now)),
            Commit::Stale => retry.after_stale().await?,
        }
    }
}

fn read_activation(request: &Request) -> Result<(TelephoneNumbers, Option<Timestamp>), Problem> {
    let mut body = request.json()?;
    let fields =
        (telephone_numbers(&mut body), body.optional("activated_at").map(|at| at.map(|Instant(at)| at)));
    body.finish(fields)
}

fn check_time(at: Timestamp, port_out: &PortOut, now: Timestamp) -> Result<(), Problem> {
    if at > port_out.received_at && at <= now || at == now {
        return Ok(());
    }
    let detail = "The time must be after the port-out was received, and not in the future.";
    Err(Problem::invalid(vec![FieldError::new("/activated_at", "activated_at_invalid", detail)]))
}

/// Returns the numbers that were not recorded before.
fn new_numbers(port_out: &PortOut, numbers: &TelephoneNumbers) -> Result<Vec<Tn>, Problem> {
    let named = port_out.numbers.as_slice();
    let detail = "The port-out does not name this number.";
    let errors = errors(numbers, "tn_not_in_port_out", detail, |tn| !named.contains(tn));
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    Ok(numbers.as_slice().iter().filter(|tn| !port_out.ported.contains(tn)).copied().collect())
}

fn check_holds(
    port_out: &PortOut,
    numbers: &TelephoneNumbers,
    known: &HashMap<Tn, NumberRecord>,
    now: Timestamp,
) -> Result<(), Problem> {
    let held_by_other = |tn: &Tn| {
        let hold = known.get(tn).and_then(|record| record.held(now));
        hold.is_some_and(|hold| hold.by != port_out.id)
    };
    let code = Code::NumberHeld;
    let errors = errors(numbers, code.as_str(), "Another port-out holds this number.", held_by_other);
    if errors.is_empty() {
        return Ok(());
    }
    let detail = "Another port-out holds at least one of the numbers. Nothing was recorded.";
    Err(Problem::new(code, detail).with_errors(errors))
}

/// Checks that the numbers and an event for each owner fit into one write, so that all are recorded or none.
fn check_owners(ported: &[Ported]) -> Result<(), Problem> {
    let numbers: usize = ported.iter().map(|group| group.numbers.len()).sum();
    if numbers.saturating_add(ported.len()) <= MOST_WRITES {
        return Ok(());
    }
    let detail = "The numbers have too many owners to be recorded at once. Send them in smaller groups.";
    let code = TelephoneNumbersError::TooMany.code();
    Err(Problem::invalid(vec![FieldError::new("/telephone_numbers", code, detail)]))
}

fn errors(
    numbers: &TelephoneNumbers,
    code: &'static str,
    detail: &str,
    is_bad: impl Fn(&Tn) -> bool,
) -> Vec<FieldError> {
    let numbered = numbers.as_slice().iter().enumerate().filter(|(_, tn)| is_bad(tn));
    numbered.map(|(place, _)| FieldError::new(format!("/telephone_numbers/{place}"), code, detail)).collect()
}

/// Groups the numbers by owner, and by whether the port-out held them when they were ported.
fn grouped(port_out: &PortOut, new: &[Tn], known: &HashMap<Tn, NumberRecord>, at: Timestamp) -> Vec<Ported> {
    let mut groups: BTreeMap<(Option<&AccountNumber>, bool), Vec<Tn>> = BTreeMap::new();
    for tn in new {
        let owner = known.get(tn).and_then(|record| record.account.as_ref());
        let expected = owner == Some(&port_out.account_number) && port_out.held_at(at).contains(tn);
        groups.entry((owner, !expected)).or_default().push(*tn);
    }
    let group = |((owner, unexpected), numbers): ((Option<&AccountNumber>, bool), Vec<Tn>)| Ported {
        owner: owner.cloned(),
        numbers,
        unexpected,
    };
    groups.into_iter().map(group).collect()
}
