//! `POST /v1/port-outs/{id}/release`: the porting desk releases a port-out on the authority of another party.

use runtime::clock::{Clock, Timestamp};
use runtime::http::field_error::FieldError;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::store::commit::{Commit, Retry};
use runtime::store::lifecycle::{Evidence, LifecycleStore};
use shared::cancellation::{Authority, AuthorityError, Cancellation};
use shared::due_date::local_date;
use shared::port_out::PortOut;

use crate::evidence;
use crate::port_out::{existing, require_open, shown};

/// Releases a port-out.
pub async fn release(store: &LifecycleStore, clock: &Clock, request: &Request) -> Result<Response, Problem> {
    let identity = request.identity()?;
    identity.require_desk()?;
    let (authority, evidence, obtained_at) = read_authority(request)?;
    let mut retry = Retry::new("releasing a port-out conflicted with another write on every attempt");
    loop {
        let (before, now) = (existing(store, request).await?, clock.now());
        require_open(&before, now)?;
        check(authority, obtained_at, &before, now)?;
        let after = before.clone().cancelled(Cancellation::by_desk(authority, now));
        match store.cancel(&before, &after, None, evidence.clone(), &identity.actor(), now).await? {
            Commit::Done(()) => return Ok(shown(&after, now)),
            Commit::Stale => retry.after_stale().await?,
        }
    }
}

fn read_authority(request: &Request) -> Result<(Authority, Evidence, Timestamp), Problem> {
    let mut body = request.json()?;
    let fields = (body.required("authority"), evidence::read(&mut body));
    let (authority, (evidence, obtained_at)) = body.finish(fields)?;
    Ok((authority, evidence, obtained_at))
}

/// Checks that the authority fits the port-out: it is later than the request, and an abandoned port was due.
fn check(
    authority: Authority,
    obtained_at: Timestamp,
    port_out: &PortOut,
    now: Timestamp,
) -> Result<(), Problem> {
    let mut errors = Vec::new();
    if obtained_at <= port_out.received_at || obtained_at > now {
        let detail = "The authority must be obtained after the port-out was received, and not in the future.";
        errors.push(FieldError::new("/obtained_at", "obtained_at_invalid", detail));
    }
    let today = local_date(now, port_out.numbers.as_slice());
    if authority == Authority::Abandoned && port_out.outcome.foc_date().is_some_and(|due| today <= due) {
        let detail = "A port-out is abandoned only after its due date.";
        errors.push(FieldError::new("/authority", AuthorityError::CODE, detail));
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}
