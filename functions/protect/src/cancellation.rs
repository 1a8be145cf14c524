//! `POST /v1/port-outs/{id}/cancellation`: the owner cancels a port-out of its account.
//!
//! The owner's statement is the authority to cancel a confirmed port, and it is later than the request (FCC DA 14-842).

use runtime::clock::{Clock, Timestamp};
use runtime::http::identity::Scope;
use runtime::http::port_out_view::{CancelledView, PortOutView};
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::response_meta::WithMeta as _;
use runtime::store::commit::{Commit, Retry};
use runtime::store::lifecycle::{LifecycleStore, evidence};
use shared::account::Account;
use shared::cancellation::{Cancellation, Statement};
use shared::intake::Reference;
use shared::port_out::PortOut;
use shared::port_out_id::Requester;

use crate::port_out::{existing, require_open};

/// Cancels a port-out, and locks the PIN if the owner did not authorize it.
pub async fn cancel(store: &LifecycleStore, clock: &Clock, request: &Request) -> Result<Response, Problem> {
    let identity = request.identity()?;
    let owner = identity.owner(Scope::Protection).ok_or_else(Problem::forbidden)?;
    let (statement, name) = read_statement(request)?;
    let mut retry = Retry::new("cancelling a port-out conflicted with another write on every attempt");
    loop {
        let before = existing(store, request).await?;
        if before.account_number != *owner {
            return Err(Problem::port_out_not_found());
        }
        let now = clock.now();
        require_open(&before, now)?;
        let after = before.clone().cancelled(Cancellation::by_owner(statement, now));
        let disclosed = match statement {
            Statement::NotAuthorized => store.account(owner).await?.filter(|it| is_disclosed(&before, it)),
            Statement::ChangedMind => None,
        };
        let evidence = vec![("name", evidence(name.as_str()))];
        match store.cancel(&before, &after, disclosed.as_ref(), evidence, &identity.actor(), now).await? {
            Commit::Done(()) => return Ok(answer(&after, disclosed.is_some(), now)),
            Commit::Stale => retry.after_stale().await?,
        }
    }
}

/// Returns whether the sender of a port-out that was not authorized knows the account's PIN. A PIN that was set since is
/// another one.
fn is_disclosed(port_out: &PortOut, account: &Account) -> bool {
    account.pin.is_set() && port_out.judged_under.pin_version == account.pin.version
}

fn read_statement(request: &Request) -> Result<(Statement, Reference), Problem> {
    let mut body = request.json()?;
    let fields = (body.required("statement"), body.required("name"));
    body.finish(fields)
}

fn answer(after: &PortOut, locked: bool, now: Timestamp) -> Response {
    // A validation is an answer that the other side cannot take back.
    let carrier_must_be_told = matches!(after.requester, Requester::Source(_));
    let view = CancelledView { port_out: PortOutView::new(after, now), carrier_must_be_told };
    let response = Response::json(200, &view).with_log(|log| log.port_out(after, now));
    let response = if locked { response.with_log(|log| log.pin_locked()) } else { response };
    if carrier_must_be_told { response.with_log(|log| log.carrier_must_be_told()) } else { response }
}
