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
use runtime::pin_hash::digest::StoredPin;
use runtime::pin_hash::hasher::Hasher;
use runtime::pin_hash::parameters::HashParameters;
use runtime::pin_hash::pepper::PepperedPin;
use runtime::random;
use runtime::store::commit::Retry;
use runtime::store::pin_writer::{PinOwner, PinSet, PinWriter};
use shared::account::{Account, AccountNumber, PinRequired, PinStatus};
use shared::actor::Actor;
use shared::pin::Pin;
use shared::pin_policy::PinPolicy;
use shared::telephone_number::Tn;
use shared::weak_pin::{
    AccountHints, LEADING_ZERO_CODE, LEADING_ZERO_DETAIL, Weakness, has_leading_zero, weakness,
};

const PIN: &str = "/pin";
const CHANGED: &str = "The PIN was changed in the meantime. Read its status again to get the current ETag.";

/// Sets PINs under a policy.
pub struct PinSetter {
    pub pins: PinWriter,
    pub hasher: Hasher,
    pub policy: PinPolicy,
    pub clock: Clock,
}

/// What a PIN is set for: the account as it was read, and the PIN's slow hashes.
struct Change<'a> {
    request: &'a Request,
    actor: &'a Actor,
    pin: &'a Pin,
    peppered: PepperedPin,
    /// The PIN's digest under the parameters of the one that is set, if they could be used.
    same: Option<StoredPin>,
}

impl PinSetter {
    pub async fn set(&self, request: &Request) -> Result<Response, Problem> {
        let identity = request.identity()?;
        let number = identity.require_owner(Scope::PinWrite, request.parameter("account_id"))?;
        let pin = match read_pin(request.json()?) {
            // What is wrong with the account comes before the rules of the PIN.
            Err(broken) if broken.code() == Code::InvalidRequest => {
                self.owner(request, &number).await?;
                return Err(broken);
            }
            read => read?,
        };
        // None needs the others: the account and its numbers are read while the PIN is peppered.
        let peppered = self.hasher.pepper(&number, pin.expose_digits());
        let (owner, own, peppered) =
            join3(self.owner(request, &number), self.pins.own_numbers(&number), peppered).await;
        let (owner, own, peppered) = (owner?, own?, peppered?);
        let warnings = self.check_strength(&owner.account, &own, &pin)?;
        let actor = identity.actor();
        let change = Change { request, actor: &actor, pin: &pin, peppered, same: None };
        self.write(change, owner, warnings).await
    }

    /// Writes the digest to the account as it was read, and reads the account again for as long as that is stale.
    async fn write(
        &self,
        mut change: Change<'_>,
        mut owner: PinOwner,
        warnings: Vec<Warning>,
    ) -> Result<Response, Problem> {
        let mut retry = Retry::new("setting a PIN conflicted with another write on every attempt");
        loop {
            let new = self.hash(&mut change, &owner).await?;
            let (now, account) = (self.clock.now(), &owner.account);
            let same = change.same.as_ref().map(|same| &same.digest);
            let set = self.pins.set(account, same, &new, change.actor, now).await?;
            if let PinSet::Done(version) = set {
                return Ok(answer(owner.account, version, change.actor, now, warnings));
            }
            let read = self.owner(change.request, &owner.account.number).await?;
            // No other write changed the PIN, so this one failed because the PIN is the one that is set already.
            if set == PinSet::ChangedOrSame && read.account.pin.version == owner.account.pin.version {
                return unchanged(&read.account, warnings);
            }
            owner = read;
            retry.after_stale().await?;
        }
    }

    /// Hashes the PIN under the account's salt and today's other parameters, and under those of the PIN that is set, if
    /// they are older ones, to find out whether it is the same.
    async fn hash(&self, change: &mut Change<'_>, owner: &PinOwner) -> Result<StoredPin, Error> {
        let Some(stored) = &owner.parameters else {
            change.same = None;
            let first = self.hasher.parameters(&change.peppered, random::bytes()?);
            return self.digest(change, owner, &first).await;
        };
        if change.same.as_ref().is_none_or(|same| same.parameters != *stored) {
            change.same = match self.digest(change, owner, stored).await {
                Ok(same) => Some(same),
                // PINs cannot be compared without their key; setting a new one must be possible all the same.
                Err(error) if error.is_key_gone() => None,
                Err(error) => return Err(error),
            };
        }
        match &change.same {
            Some(same) if !self.hasher.is_outdated(stored, &change.peppered) => Ok(same.clone()),
            _ => self.digest(change, owner, &self.hasher.parameters(&change.peppered, stored.salt)).await,
        }
    }

    async fn digest(
        &self,
        change: &Change<'_>,
        owner: &PinOwner,
        parameters: &HashParameters,
    ) -> Result<StoredPin, Error> {
        let (number, digits) = (&owner.account.number, change.pin.expose_digits());
        Ok(self.hasher.hash(number, digits, &change.peppered, parameters).await?.digest())
    }

    /// Reads the account, if its PIN may be set and `If-Match` holds.
    async fn owner(&self, request: &Request, number: &AccountNumber) -> Result<PinOwner, Problem> {
        let owner = self.pins.owner(number).await?.ok_or_else(Problem::account_not_found)?;
        if !owner.account.profile.country.is_us() {
            let detail = "The account is not in the US. Its numbers are ported through a separate process, without a PIN.";
            return Err(Problem::new(Code::AccountNotUs, detail));
        }
        request.check_preconditions(owner.account.pin.version, CHANGED)?;
        Ok(owner)
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
    let last_set = Some((now, actor.as_str().to_owned()));
    account.pin = PinStatus { version, last_set, ..PinStatus::default() };
    view(&account, warnings).response(if version == 1 { 201 } else { 200 })
}

/// Answers that the PIN is the one that is set already: nothing changed, and a lock stays.
fn unchanged(account: &Account, warnings: Vec<Warning>) -> Result<Response, Problem> {
    if account.pin.is_locked() {
        let detail = "The PIN is the one that is locked. Set a different one.";
        return Err(Problem::invalid(vec![FieldError::new(PIN, "pin_unchanged", detail)]));
    }
    Ok(view(account, warnings).response(200))
}

/// Returns the view of an account that has a PIN, so that it does not matter whether one is required.
fn view(account: &Account, warnings: Vec<Warning>) -> PinView<'_> {
    PinView::new(account, PinRequired::Always, warnings)
}
