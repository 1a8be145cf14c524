//! Sets and changes an account's port-out PIN, and refuses to remove it.

use shared::clock::{Clock, Timestamp};
use shared::config::PinPolicy;
use shared::digest::hasher::Hasher;
use shared::http::answer::Answer;
use shared::http::call::Call;
use shared::http::fields::Fields;
use shared::http::identity::Scope;
use shared::http::problem::{Code, FieldError, Problem};
use shared::http::routes::{self, Endpoint};
use shared::http::serve::Handler;
use shared::http::views::{self, PinView, Warning};
use shared::rules::account::{Account, AccountNumber, Country};
use shared::rules::pin::{Pin, PinRefusal};
use shared::rules::tn::Tn;
use shared::rules::weak_pin::{Known, Weakness, weakness};
use shared::store::pin_writer::PinWriter;
use shared::trouble::Trouble;

/// The handler of this function.
pub struct SetPin {
    pins: PinWriter,
    hasher: Hasher,
    policy: PinPolicy,
    clock: Clock,
}

/// How often a change that met another one is tried again.
const TRIES: u32 = 8;

impl Handler for SetPin {
    async fn handle(&self, call: &Call) -> Result<Answer, Problem> {
        match call.endpoint() {
            Endpoint::SetPin => self.set(call).await,
            Endpoint::DeletePin => Err(refuse_removal(call)),
            Endpoint::PutAccount
            | Endpoint::GetAccount
            | Endpoint::AssignNumbers
            | Endpoint::ListNumbers
            | Endpoint::RemoveNumber
            | Endpoint::GetPin
            | Endpoint::SubmitPortOut
            | Endpoint::GetPortOut
            | Endpoint::PutWebhookSource
            | Endpoint::GetWebhookSource
            | Endpoint::DeleteWebhookSource
            | Endpoint::RotateWebhookSource
            | Endpoint::StandardWebhook
            | Endpoint::BandwidthWebhook => Err(routes::no_route()),
        }
    }
}

fn refuse_removal(call: &Call) -> Problem {
    let allowed = call.identity.require_account(Scope::PinWrite, call.parameter("account_id"));
    allowed.err().unwrap_or_else(routes::pin_cannot_be_removed)
}

impl SetPin {
    /// A handler that writes there.
    pub fn new(pins: PinWriter, hasher: Hasher, policy: PinPolicy, clock: Clock) -> Self {
        Self { pins, hasher, policy, clock }
    }

    async fn set(&self, call: &Call) -> Result<Answer, Problem> {
        let number = call.identity.require_account(Scope::PinWrite, call.parameter("account_id"))?;
        let pin = read_pin(call)?;
        let Ok(pin) = pin else { return Err(self.refuse(call, &number, pin.err()).await) };
        // Neither needs the other: the account and its numbers are read while the PIN is hashed.
        let (account, own, digest) =
            futures_util::future::join3(self.account(call, &number), self.pins.own_numbers(&number), async {
                self.hasher.digest(&self.hasher.key(&number, pin.expose_digits()).await?).await
            })
            .await;
        let mut account = account?;
        let (own, digest) = (own?, digest?);
        let warnings = self.weigh(&account, &own, &pin)?;
        for _ in 0..TRIES {
            let now = self.clock.now();
            if let Some(version) = self.pins.set(&account, &digest, &call.identity.actor(), now).await? {
                let status = if version == 1 { 201 } else { 200 };
                return Ok(answer(status, account, version, call, now, warnings));
            }
            account = self.account(call, &number).await?;
        }
        Err(Trouble::unavailable("a PIN was changed by others every time").into())
    }

    /// The account, if its PIN may be set and `If-Match` holds.
    async fn account(&self, call: &Call, number: &AccountNumber) -> Result<Account, Problem> {
        let record = self.pins.account(number).await?.ok_or_else(Problem::account_not_found)?;
        if record.account.profile.country != Country::US {
            let detail = "The account is not in the US: its numbers leave by another process, without a PIN.";
            return Err(Problem::new(Code::AccountNotUs, detail));
        }
        match call.header("if-match") {
            Some(wanted) if !views::matches(wanted, record.account.pin.version) => {
                let detail = "The PIN was changed since; read its status again for the ETag that it has now.";
                Err(Problem::new(Code::VersionMismatch, detail))
            }
            Some(_) | None => Ok(record.account),
        }
    }

    /// The problem of a PIN that breaks a rule, after those that count whatever the PIN.
    async fn refuse(&self, call: &Call, number: &AccountNumber, refusal: Option<PinRefusal>) -> Problem {
        let refusal = refusal.unwrap_or(PinRefusal::Blank);
        let error = || FieldError::new("/pin", refusal.code(), refusal.to_string());
        self.account(call, number).await.err().unwrap_or_else(|| Problem::invalid(vec![error()]))
    }

    /// A PIN that is easily guessed: a warning, or under the strict policy a refusal.
    fn weigh(&self, account: &Account, own: &[Tn], pin: &Pin) -> Result<Vec<Warning>, Problem> {
        let zip = account.profile.zip_code.as_ref().map(|zip| zip.five());
        let known = Known { numbers: own, zip, account_number: account.number.as_str() };
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
fn read_pin(call: &Call) -> Result<Result<Pin, PinRefusal>, Problem> {
    let mut fields = Fields::read(call)?;
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
    call: &Call,
    now: Timestamp,
    warnings: Vec<Warning>,
) -> Answer {
    account.pin.version = version;
    account.pin.last_set = Some((now, call.identity.actor().0));
    account.pin.failed_attempts = 0;
    PinView::new(&account, warnings).answer(status)
}
