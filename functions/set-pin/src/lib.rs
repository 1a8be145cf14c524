//! Sets and changes an account's port-out PIN, and refuses to remove it.

use runtime::clock::{Clock, Timestamp};
use runtime::http::endpoint::SetPinEndpoint;
use runtime::http::identity::Scope;
use runtime::http::json_body::JsonBody;
use runtime::http::problem::{Code, FieldError, Problem};
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::routes;
use runtime::http::service::Handler;
use runtime::http::views::{self, PinView, Warning};
use runtime::pin_hash::hasher::Hasher;
use runtime::store::commit::{Commit, Retry};
use runtime::store::pin_writer::PinWriter;
use shared::account::{Account, AccountNumber, Country};
use shared::pin::{Pin, PinRefusal};
use shared::pin_policy::PinPolicy;
use shared::telephone_number::Tn;
use shared::weak_pin::{AccountHints, Weakness, weakness};

/// The handler of this function.
pub struct SetPin {
    pins: PinWriter,
    hasher: Hasher,
    policy: PinPolicy,
    clock: Clock,
}

impl Handler for SetPin {
    type Endpoint = SetPinEndpoint;

    async fn handle(&self, endpoint: SetPinEndpoint, request: &Request) -> Result<Response, Problem> {
        match endpoint {
            SetPinEndpoint::Set => self.set(request).await,
            SetPinEndpoint::Delete => Err(refuse_removal(request)),
        }
    }
}

fn refuse_removal(request: &Request) -> Problem {
    let allowed = request.identity.require_account(Scope::PinWrite, request.parameter("account_id"));
    allowed.err().unwrap_or_else(routes::pin_cannot_be_removed)
}

impl SetPin {
    /// A handler that writes there.
    pub fn new(pins: PinWriter, hasher: Hasher, policy: PinPolicy, clock: Clock) -> Self {
        Self { pins, hasher, policy, clock }
    }

    async fn set(&self, request: &Request) -> Result<Response, Problem> {
        let number = request.identity.require_account(Scope::PinWrite, request.parameter("account_id"))?;
        let pin = read_pin(request)?;
        let Ok(pin) = pin else { return Err(self.refuse(request, &number, pin.err()).await) };
        // Neither needs the other: the account and its numbers are read while the PIN is hashed.
        let (account, own, digest) = futures_util::future::join3(
            self.account(request, &number),
            self.pins.own_numbers(&number),
            async { self.hasher.digest(&self.hasher.pepper(&number, pin.expose_digits()).await?).await },
        )
        .await;
        let (mut account, own, digest) = (account?, own?, digest?);
        let warnings = self.weigh(&account, &own, &pin)?;
        let mut retry = Retry::new("every attempt to set a PIN met another change");
        loop {
            let now = self.clock.now();
            match self.pins.set(&account, &digest, &request.identity.actor(), now).await? {
                Commit::Done(version) => {
                    let status = if version == 1 { 201 } else { 200 };
                    return Ok(answer(status, account, version, request, now, warnings));
                }
                Commit::Stale => retry.after_stale().await?,
            }
            account = self.account(request, &number).await?;
        }
    }

    /// The account, if its PIN may be set and `If-Match` holds.
    async fn account(&self, request: &Request, number: &AccountNumber) -> Result<Account, Problem> {
        let record = self.pins.account(number).await?.ok_or_else(Problem::account_not_found)?;
        if record.account.profile.country != Country::US {
            let detail = "The account is not in the US: its numbers leave by another process, without a PIN.";
            return Err(Problem::new(Code::AccountNotUs, detail));
        }
        match request.header("if-match") {
            Some(wanted) if !views::matches(wanted, record.account.pin.version) => {
                let detail = "The PIN was changed since; read its status again for the ETag that it has now.";
                Err(Problem::new(Code::VersionMismatch, detail))
            }
            Some(_) | None => Ok(record.account),
        }
    }

    /// The problem of a PIN that breaks a rule, after those that count whatever the PIN.
    async fn refuse(
        &self,
        request: &Request,
        number: &AccountNumber,
        refusal: Option<PinRefusal>,
    ) -> Problem {
        let refusal = refusal.unwrap_or(PinRefusal::Blank);
        let error = || FieldError::new("/pin", refusal.code(), refusal.to_string());
        self.account(request, number).await.err().unwrap_or_else(|| Problem::invalid(vec![error()]))
    }

    /// A PIN that is easily guessed: a warning, or under the strict policy a refusal.
    fn weigh(&self, account: &Account, own: &[Tn], pin: &Pin) -> Result<Vec<Warning>, Problem> {
        let zip = account.profile.zip_code.as_ref().map(|zip| zip.five());
        let known = AccountHints { numbers: own, zip, account_number: account.number.as_str() };
        match (weakness(pin.expose_digits(), &known), self.policy) {
            (None, _) => Ok(Vec::new()),
            (Some(weakness), PinPolicy::Default) => Ok(vec![warning(weakness)]),
            (Some(weakness), PinPolicy::Strict) => {
                Err(Problem::invalid(vec![FieldError::new("/pin", PIN_WEAK, weakness.detail())]))
            }
        }
    }
}

const PIN_WEAK: &str = "pin_weak";

fn warning(weakness: Weakness) -> Warning {
    Warning { code: PIN_WEAK, detail: weakness.detail() }
}

/// The outer error is one of form, the inner one of the PIN's rules.
fn read_pin(request: &Request) -> Result<Result<Pin, PinRefusal>, Problem> {
    let mut fields = JsonBody::read(request)?;
    let pin: Result<Pin, PinRefusal> = fields.text("pin").as_deref().map_or("", String::as_str).parse();
    // By itself a broken rule of the PIN comes after those that count whatever the PIN; see `refuse`.
    if let (Err(refusal), true, false) = (&pin, fields.is_malformed(), fields.is_named("/pin")) {
        fields.invalid("/pin", refusal.code(), refusal.to_string());
    }
    fields.finish()?;
    Ok(pin)
}

fn answer(
    status: u16,
    mut account: Account,
    version: u64,
    request: &Request,
    now: Timestamp,
    warnings: Vec<Warning>,
) -> Response {
    account.pin.version = version;
    account.pin.last_set = Some((now, request.identity.actor().0));
    account.pin.failed_attempts = 0;
    PinView::new(&account, warnings).answer(status)
}
