//! Creates and replaces accounts, gives them numbers, and registers webhook sources, for the operator; never touches a PIN.

mod webhook_sources;

use shared::clock::Clock;
use shared::http::answer::Answer;
use shared::http::call::Call;
use shared::http::fields::Fields;
use shared::http::problem::{Code, FieldError, Problem};
use shared::http::routes::{self, Endpoint};
use shared::http::serve::Handler;
use shared::http::views::{AccountView, NumbersView};
use shared::rules::account::{AccountNumber, Country, Profile};
use shared::rules::numbers::NumberList;
use shared::rules::tn::Tn;
use shared::store::provisioner::{Assigned, Provisioner, Removed};
use shared::trouble::Trouble;

pub use webhook_sources::WebhookSources;

/// The handler of this function.
pub struct Provision {
    store: Provisioner,
    sources: WebhookSources,
    clock: Clock,
}

/// How often a write that met another one is tried again.
const TRIES: u32 = 8;

impl Handler for Provision {
    async fn handle(&self, call: &Call) -> Result<Answer, Problem> {
        match call.endpoint() {
            Endpoint::PutAccount => self.put_account(call).await,
            Endpoint::AssignNumbers => self.assign(call).await,
            Endpoint::RemoveNumber => self.remove(call).await,
            Endpoint::PutWebhookSource => self.sources.put(call).await,
            Endpoint::GetWebhookSource => self.sources.get(call).await,
            Endpoint::DeleteWebhookSource => self.sources.delete(call).await,
            Endpoint::RotateWebhookSource => self.sources.rotate(call).await,
            Endpoint::GetAccount
            | Endpoint::ListNumbers
            | Endpoint::SetPin
            | Endpoint::GetPin
            | Endpoint::DeletePin
            | Endpoint::SubmitPortOut
            | Endpoint::GetPortOut
            | Endpoint::StandardWebhook
            | Endpoint::BandwidthWebhook => Err(routes::no_route()),
        }
    }
}

impl Provision {
    /// A handler that writes there.
    pub fn new(store: Provisioner, sources: WebhookSources, clock: Clock) -> Self {
        Self { store, sources, clock }
    }

    async fn put_account(&self, call: &Call) -> Result<Answer, Problem> {
        call.identity.require_operator()?;
        let (number, profile) = read_account(call)?;
        for _ in 0..TRIES {
            let (read, now) = (self.store.account(&number).await?, self.clock.now());
            let actor = call.identity.actor();
            if self.store.write_account(&number, &profile, read.as_ref(), &actor, now).await? {
                let created_at = read.as_ref().map_or(now, |record| record.created_at);
                let view = AccountView::of(&number, &profile, created_at, now);
                return Ok(Answer::json(if read.is_none() { 201 } else { 200 }, &view));
            }
        }
        Err(Trouble::unavailable("an account was changed by others every time").into())
    }

    async fn assign(&self, call: &Call) -> Result<Answer, Problem> {
        let number = call.identity.require_operators_account(call.parameter("account_id"))?;
        let numbers = read_numbers(call)?;
        match self.store.assign(&number, &numbers, &call.identity.actor(), self.clock.now()).await? {
            Assigned::All => Ok(Answer::json(200, &NumbersView::new(number.as_str(), numbers.as_slice()))),
            Assigned::NoAccount => Err(Problem::account_not_found()),
            Assigned::Elsewhere(places) => Err(elsewhere(&places)),
        }
    }

    async fn remove(&self, call: &Call) -> Result<Answer, Problem> {
        let number = call.identity.require_operators_account(call.parameter("account_id"))?;
        let tn: Tn = call.parameter("tn").parse().map_err(|error: shared::rules::tn::TnError| {
            Problem::invalid(vec![FieldError::new("tn", "tn_invalid", error.to_string())])
        })?;
        match self.store.remove(&number, &tn, &call.identity.actor(), self.clock.now()).await? {
            Removed::Gone => Ok(Answer::no_content()),
            Removed::NoAccount => Err(Problem::account_not_found()),
            Removed::Held => {
                let detail = "A confirmed port-out holds the number, so it stays with the account.";
                Err(Problem::new(Code::PendingPort, detail))
            }
        }
    }
}

fn read_account(call: &Call) -> Result<(AccountNumber, Profile), Problem> {
    let mut fields = Fields::read(call)?;
    let number = call.parameter("account_id").parse::<AccountNumber>();
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
        _ => Err(Trouble::internal("a missing field was not named").into()),
    }
}

fn read_numbers(call: &Call) -> Result<NumberList, Problem> {
    let mut fields = Fields::read(call)?;
    let not_portable = |tn: &Tn| tn.not_portable().map(|why| ("tn_not_portable", why.to_string()));
    let numbers = fields.telephone_numbers(not_portable);
    fields.finish()?;
    numbers.ok_or_else(|| Trouble::internal("a missing field was not named").into())
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
