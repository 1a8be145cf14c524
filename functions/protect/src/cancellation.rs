//! `POST /v1/port-outs/{id}/cancellation`: the owner cancels a port-out of its account.
//!
//! The owner's statement is the authority to cancel a confirmed port, and it is later than the request (FCC DA 14-842).

use runtime::clock::Clock;
use runtime::http::field_error::FieldRule;
use runtime::http::identity::Scope;
use runtime::http::port_out_view::{CancelledView, PortOutView};
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::response_meta::WithMeta as _;
use runtime::store::commit::{Commit, Retry};
use runtime::store::lifecycle::{LifecycleStore, evidence};
use shared::account::Account;
use shared::intake::Reference;
use shared::port_out::{Cancellation, CancelledBy, PortOut};
use shared::port_out_id::Requester;

use crate::port_out::{existing, not_found, require_open};

/// What the owner states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Statement {
    /// Nobody was allowed to request the port-out: whoever did knew the PIN.
    NotAuthorized,
    /// The owner wants to stay.
    ChangedMind,
}

/// Why a text is not a statement.
#[derive(Debug)]
struct StatementError;

impl Statement {
    fn as_str(self) -> &'static str {
        match self {
            Self::NotAuthorized => "not_authorized",
            Self::ChangedMind => "changed_mind",
        }
    }
}

impl std::str::FromStr for Statement {
    type Err = StatementError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::NotAuthorized, Self::ChangedMind]
            .into_iter()
            .find(|it| it.as_str() == text)
            .ok_or(StatementError)
    }
}

impl std::fmt::Display for StatementError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("The statement must be not_authorized or changed_mind.")
    }
}

impl FieldRule for StatementError {
    fn code(&self) -> &'static str {
        "statement_invalid"
    }
}

/// Cancels a port-out, and locks the PIN if the owner did not authorize it.
pub async fn cancel(store: &LifecycleStore, clock: &Clock, request: &Request) -> Result<Response, Problem> {
    let identity = request.identity()?;
    let owner = identity.owner(Scope::Protection).ok_or_else(Problem::forbidden)?;
    let (statement, name) = read_statement(request)?;
    let mut retry = Retry::new("cancelling a port-out conflicted with another write on every attempt");
    loop {
        let before = existing(store, request).await?;
        if before.account_number != *owner {
            return Err(not_found());
        }
        let now = clock.now();
        require_open(&before, now)?;
        let cancellation =
            Cancellation { by: CancelledBy::Owner, reason: statement.as_str().to_owned(), at: now };
        let after = before.clone().cancelled(cancellation);
        let account = store.account(&before.account_number).await?.ok_or_else(Problem::account_not_found)?;
        let disclosed = Some(&account).filter(|account| is_disclosed(statement, &before, account));
        let evidence = vec![("name", evidence(name.as_str()))];
        match store.cancel(&before, &after, disclosed, evidence, &identity.actor(), now).await? {
            Commit::Done(()) => return Ok(answer(&after, disclosed.is_some(), now)),
            Commit::Stale => retry.after_stale().await?,
        }
    }
}

/// Returns whether whoever requested the port-out knows the account's PIN. One that was set since is not that PIN.
fn is_disclosed(statement: Statement, port_out: &PortOut, account: &Account) -> bool {
    let version = account.pin.version;
    statement == Statement::NotAuthorized && version > 0 && port_out.judged_under.pin_version == version
}

fn read_statement(request: &Request) -> Result<(Statement, Reference), Problem> {
    let mut body = request.json()?;
    let fields = (body.required("statement"), body.required("name"));
    body.finish(fields)
}

fn answer(after: &PortOut, locked: bool, now: runtime::clock::Timestamp) -> Response {
    // A validation is an answer that the other side cannot take back.
    let carrier_must_be_told = matches!(after.requester, Requester::Source(_));
    let view = CancelledView { port_out: PortOutView::new(after, now), carrier_must_be_told };
    let response = Response::json(200, &view).with_log(|log| log.port_out(after, now));
    let response = if locked { response.with_log(|log| log.pin_locked()) } else { response };
    if carrier_must_be_told { response.with_log(|log| log.carrier_must_be_told()) } else { response }
}
