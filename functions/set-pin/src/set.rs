//! Sets or changes a PIN.

use futures_util::future::join3;
use runtime::clock::{Clock, Timestamp};
use runtime::error::Error;
use runtime::http::field::Field;
use runtime::http::identity::Scope;
use runtime::http::json_body::JsonBody;
use runtime::http::problem::{Code, FieldError, Problem};
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::views::{PinView, Warning};
use runtime::pin_hash::digest::PinDigest;
use runtime::pin_hash::hasher::Hasher;
use runtime::store::commit::{Commit, Retry};
use runtime::store::pin_writer::PinWriter;
use shared::account::{Account, AccountNumber};
use shared::actor::Actor;
use shared::pin::Pin;
use shared::pin_policy::PinPolicy;
use shared::telephone_number::Tn;
use shared::weak_pin::{
    AccountHints, LEADING_ZERO_CODE, LEADING_ZERO_DETAIL, Weakness, has_leading_zero, weakness,
};

const PIN: &str = "/pin";

/// Sets PINs under a policy.
pub struct PinSetter {
    pub pins: PinWriter,
    pub hasher: Hasher,
    pub policy: PinPolicy,
    pub clock: Clock,
}

impl PinSetter {
    pub async fn set(&self, request: &Request) -> Result<Response, Problem> {
        let identity = request.identity()?;
        let number = identity.require_owner(Scope::PinWrite, request.parameter("account_id"))?;
        let pin = match read_pin(request.json()?) {
            // What is wrong with the account comes before the rules of the PIN.
            Err(broken) if broken.code() == Code::InvalidRequest => {
                self.account(request, &number).await?;
                return Err(broken);
            }
            read => read?,
        };
        // Neither needs the other: the account and its numbers are read while the PIN is hashed.
        let (account, own, digest) =
            join3(self.account(request, &number), self.pins.own_numbers(&number), self.digest(&number, &pin))
                .await;
        let (account, own, digest) = (account?, own?, digest?);
        let warnings = self.check_strength(&account, &own, &pin)?;
        self.write(request, account, &digest, &identity.actor(), warnings).await
    }

    /// Writes the digest to the account as it was read, and reads the account again for as long as that is stale.
    async fn write(
        &self,
        request: &Request,
        mut account: Account,
        digest: &PinDigest,
        actor: &Actor,
        warnings: Vec<Warning>,
    ) -> Result<Response, Problem> {
        let mut retry = Retry::new("setting a PIN conflicted with another write on every attempt");
        loop {
            let now = self.clock.now();
            match self.pins.set(&account, digest, actor, now).await? {
                Commit::Done(version) => return Ok(answer(account, version, actor, now, warnings)),
                Commit::Stale => retry.after_stale().await?,
            }
            let number = account.number;
            account = self.account(request, &number).await?;
        }
    }

    /// Reads the account, if its PIN may be set and `If-Match` holds.
    async fn account(&self, request: &Request, number: &AccountNumber) -> Result<Account, Problem> {
        let record = self.pins.account(number).await?.ok_or_else(Problem::account_not_found)?;
        if !record.account.profile.country.is_us() {
            let detail = "The account is not in the US. Its numbers are ported through a separate process, without a PIN.";
            return Err(Problem::new(Code::AccountNotUs, detail));
        }
        if !request.preconditions_hold(record.account.pin.version) {
            let detail =
                "The PIN was changed in the meantime. Read its status again to get the current ETag.";
            return Err(Problem::new(Code::VersionMismatch, detail));
        }
        Ok(record.account)
    }

    async fn digest(&self, number: &AccountNumber, pin: &Pin) -> Result<PinDigest, Error> {
        self.hasher.digest(&self.hasher.pepper(number, pin.expose_digits()).await?).await
    }

    /// Warns about a PIN that is easily guessed, or refuses it under the strict policy; warns about a leading zero.
    fn check_strength(&self, account: &Account, own: &[Tn], pin: &Pin) -> Result<Vec<Warning>, Problem> {
        let zip_codes = account.profile.zip_codes.as_slice();
        let hints = AccountHints { numbers: own, zip_codes, account_number: account.number.as_str() };
        let weak = match (weakness(pin.expose_digits(), &hints), self.policy) {
            (None, _) => None,
            (Some(weakness), PinPolicy::Default) => {
                Some(Warning { code: Weakness::CODE, detail: weakness.detail() })
            }
            (Some(weakness), PinPolicy::Strict) => {
                let error = FieldError::new(PIN, Weakness::CODE, weakness.detail());
                return Err(Problem::invalid(vec![error]));
            }
        };
        let zero = has_leading_zero(pin.expose_digits())
            .then_some(Warning { code: LEADING_ZERO_CODE, detail: LEADING_ZERO_DETAIL });
        Ok(weak.into_iter().chain(zero).collect())
    }
}

/// An absent PIN is a blank one: the rule that it breaks says more than that the field is required.
fn read_pin(mut body: JsonBody) -> Result<Pin, Problem> {
    let pin = body.text("pin").and_then(|text| Field::parse(PIN, text.as_deref().map_or("", String::as_str)));
    body.finish(pin)
}

fn answer(
    mut account: Account,
    version: u64,
    actor: &Actor,
    now: Timestamp,
    warnings: Vec<Warning>,
) -> Response {
    account.pin.version = version;
    account.pin.last_set = Some((now, actor.as_str().to_owned()));
    account.pin.failed_attempts = 0;
    PinView::new(&account, warnings).response(if version == 1 { 201 } else { 200 })
}
