//! Creates and replaces accounts, gives them numbers, and registers webhook sources, for the operator; never touches a PIN.

mod webhook_sources;

use runtime::clock::Clock;
use runtime::error::Error;
use runtime::http::endpoint::ProvisionEndpoint;
use runtime::http::json_body::JsonBody;
use runtime::http::problem::{Code, FieldError, Problem};
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::service::Handler;
use runtime::http::views::{AccountView, NumbersView};
use runtime::store::commit::{Commit, Retry};
use runtime::store::provisioner::{Assigned, Provisioner, Removed};
use shared::account::{AccountNumber, Country, Profile};
use shared::telephone_number::Tn;
use shared::telephone_numbers::TelephoneNumbers;

pub use webhook_sources::WebhookSources;

/// The handler of this function.
pub struct Provision {
    store: Provisioner,
    sources: WebhookSources,
    clock: Clock,
}

impl Handler for Provision {
    type Endpoint = ProvisionEndpoint;

    async fn handle(&self, endpoint: ProvisionEndpoint, request: &Request) -> Result<Response, Problem> {
        match endpoint {
            ProvisionEndpoint::PutAccount => self.put_account(request).await,
            ProvisionEndpoint::AssignNumbers => self.assign(request).await,
            ProvisionEndpoint::RemoveNumber => self.remove(request).await,
            ProvisionEndpoint::PutWebhookSource => self.sources.put(request).await,
            ProvisionEndpoint::GetWebhookSource => self.sources.get(request).await,
            ProvisionEndpoint::DeleteWebhookSource => self.sources.delete(request).await,
            ProvisionEndpoint::RotateWebhookSource => self.sources.rotate(request).await,
        }
    }
}

impl Provision {
    /// A handler that writes there.
    pub fn new(store: Provisioner, sources: WebhookSources, clock: Clock) -> Self {
        Self { store, sources, clock }
    }

    async fn put_account(&self, request: &Request) -> Result<Response, Problem> {
        request.identity.require_operator()?;
        let (number, profile) = read_account(request)?;
        let mut retry = Retry::new("an account was changed by others every time");
        loop {
            let (read, now) = (self.store.account(&number).await?, self.clock.now());
            let actor = request.identity.actor();
            match self.store.write_account(&number, &profile, read.as_ref(), &actor, now).await? {
                Commit::Done(()) => {
                    let created_at = read.as_ref().map_or(now, |record| record.created_at);
                    let view = AccountView::of(&number, &profile, created_at, now);
                    return Ok(Response::json(if read.is_none() { 201 } else { 200 }, &view));
                }
                Commit::Stale => retry.after_stale().await?,
            }
        }
    }

    async fn assign(&self, request: &Request) -> Result<Response, Problem> {
        let number = request.identity.require_operators_account(request.parameter("account_id"))?;
        let numbers = read_numbers(request)?;
        match self.store.assign(&number, &numbers, &request.identity.actor(), self.clock.now()).await? {
            Assigned::All => Ok(Response::json(200, &NumbersView::new(number.as_str(), numbers.as_slice()))),
            Assigned::NoAccount => Err(Problem::account_not_found()),
            Assigned::Elsewhere(places) => Err(elsewhere(&places)),
        }
    }

    async fn remove(&self, request: &Request) -> Result<Response, Problem> {
        let number = request.identity.require_operators_account(request.parameter("account_id"))?;
        let tn: Tn =
            request.parameter("tn").parse().map_err(|error: shared::telephone_number::TnError| {
                Problem::invalid(vec![FieldError::new("tn", "tn_invalid", error.to_string())])
            })?;
        match self.store.remove(&number, &tn, &request.identity.actor(), self.clock.now()).await? {
            Removed::Gone => Ok(Response::no_content()),
            Removed::NoAccount => Err(Problem::account_not_found()),
            Removed::Held => {
                let detail = "A confirmed port-out holds the number, so it stays with the account.";
                Err(Problem::new(Code::PendingPort, detail))
            }
        }
    }
}

fn read_account(request: &Request) -> Result<(AccountNumber, Profile), Problem> {
    let mut fields = JsonBody::read(request)?;
    let number = request.parameter("account_id").parse::<AccountNumber>();
    if let Err(error) = &number {
        fields.invalid("account_id", "account_number_invalid", error.to_string());
    }
    let country = fields.required::<Country>("country", "country_invalid");
    let name = fields.optional("name", "name_invalid");
    let zip_code = fields.optional("zip_code", "zip_code_invalid");
    let time_zone = fields.optional("time_zone", "time_zone_invalid").unwrap_or_default();
    fields.finish()?;
    match (number, country) {
        (Ok(number), Some(country)) => Ok((number, Profile { country, name, zip_code, time_zone })),
        // Both are named by `finish` when they are missing.
        _ => Err(Error::internal("a missing field was not named").into()),
    }
}

fn read_numbers(request: &Request) -> Result<TelephoneNumbers, Problem> {
    let mut fields = JsonBody::read(request)?;
    let not_portable = |tn: &Tn| tn.not_portable().map(|why| ("tn_not_portable", why.to_string()));
    let numbers = fields.telephone_numbers(not_portable);
    fields.finish()?;
    numbers.ok_or_else(|| Error::internal("a missing field was not named").into())
}

fn elsewhere(places: &[usize]) -> Problem {
    let error = |place: &usize| {
        FieldError::new(
            format!("/telephone_numbers/{place}"),
            Code::NumberAssignedElsewhere.as_str(),
            "this number is another account's",
        )
    };
    let detail = "At least one number is another account's; none was assigned.";
    Problem::new(Code::NumberAssignedElsewhere, detail).with_errors(places.iter().map(error).collect())
}
