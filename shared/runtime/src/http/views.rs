//! What callers see of accounts, PINs, port-outs and webhook sources: the bodies of the contract.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::http::response::Response;
use crate::http::response_meta::WithMeta as _;
use crate::timestamp;
use shared::account::{Account, AccountNumber, PinRequired, PortOutBlock, Profile};
use shared::telephone_number::Tn;
use shared::webhook_source::Source;

/// An account.
#[derive(Serialize)]
pub struct AccountView<'a> {
    account_id: &'a str,
    country: &'a str,
    name: Option<&'a str>,
    zip_codes: Vec<&'a str>,
    created_at: String,
    updated_at: String,
}

impl<'a> AccountView<'a> {
    /// Creates the view of an account.
    pub fn new(
        number: &'a AccountNumber,
        profile: &'a Profile,
        created_at: Timestamp,
        updated_at: Timestamp,
    ) -> Self {
        Self {
            account_id: number.as_str(),
            country: profile.country.as_str(),
            name: profile.name.as_ref().map(|name| name.as_str()),
            zip_codes: profile.zip_codes.as_slice().iter().map(|zip| zip.as_str()).collect(),
            created_at: timestamp::seconds(created_at),
            updated_at: timestamp::seconds(updated_at),
        }
    }
}

/// A warning about a new PIN; sent once and never stored, since it is derived from the PIN.
#[derive(Serialize)]
pub struct Warning {
    /// Which rule.
    pub code: &'static str,
    /// The rule in a sentence.
    pub detail: &'static str,
}

/// The status of a PIN, without anything that is derived from its digits.
#[derive(Serialize)]
pub struct PinView<'a> {
    account_id: &'a str,
    pin_set: bool,
    pin_version: u64,
    updated_at: Option<String>,
    updated_by: Option<&'a str>,
    port_out_allowed: bool,
    blocked_by: Vec<&'static str>,
    failed_attempts: u32,
    consecutive_failures: u32,
    last_failed_at: Option<String>,
    warnings: Vec<Warning>,
}

impl<'a> PinView<'a> {
    /// Creates the view of an account's PIN.
    pub fn new(account: &'a Account, pin_required: PinRequired, warnings: Vec<Warning>) -> Self {
        let (blocks, pin) = (account.blocks(pin_required), &account.pin);
        Self {
            account_id: account.number.as_str(),
            pin_set: pin.is_set(),
            pin_version: pin.version,
            updated_at: pin.last_set.as_ref().map(|(at, _)| timestamp::seconds(*at)),
            updated_by: pin.last_set.as_ref().map(|(_, by)| by.as_str()),
            port_out_allowed: blocks.is_empty(),
            blocked_by: blocks.into_iter().map(PortOutBlock::code).collect(),
            failed_attempts: pin.failures.since_change,
            consecutive_failures: pin.failures.consecutive,
            last_failed_at: pin.failures.last_failed_at.map(timestamp::seconds),
            warnings,
        }
    }

    /// Creates the response, with the `ETag` that `If-Match` takes.
    pub fn response(&self, status: u16) -> Response {
        Response::json(status, self).with_header("ETag", format!("\"{}\"", self.pin_version))
    }
}

/// What the operator sees of a PIN. Attempts and what blocks a port-out would tell that a port is under way, which a
/// carrier tells for that port alone (47 USC 222(b)).
#[derive(Serialize)]
pub struct OperatorPinView<'a> {
    account_id: &'a str,
    pin_set: bool,
    pin_version: u64,
    updated_at: Option<String>,
}

impl<'a> OperatorPinView<'a> {
    /// Creates the view of an account's PIN.
    pub fn new(account: &'a Account) -> Self {
        Self {
            account_id: account.number.as_str(),
            pin_set: account.pin.is_set(),
            pin_version: account.pin.version,
            updated_at: account.pin.last_set.as_ref().map(|(at, _)| timestamp::seconds(*at)),
        }
    }

    /// Creates the response, with the same `ETag` as the owner's.
    pub fn response(&self, status: u16) -> Response {
        Response::json(status, self).with_header("ETag", format!("\"{}\"", self.pin_version))
    }
}

/// Numbers of an account.
#[derive(Serialize)]
pub struct NumbersView<'a> {
    account_id: &'a str,
    telephone_numbers: Vec<String>,
}

impl<'a> NumbersView<'a> {
    /// Creates the view.
    pub fn new(account_id: &'a str, numbers: &[Tn]) -> Self {
        Self { account_id, telephone_numbers: numbers.iter().map(Tn::to_string).collect() }
    }
}

/// A page of an account's numbers.
#[derive(Serialize)]
pub struct NumbersPage<'a> {
    /// The numbers.
    #[serde(flatten)]
    pub numbers: NumbersView<'a>,
    /// The `cursor` of the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// A webhook source; its secret is shown only when it is new.
#[derive(Serialize)]
pub struct WebhookSourceView<'a> {
    source_id: &'a str,
    kind: &'static str,
    spid: &'a str,
    name: Option<&'a str>,
    secret_version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
    previous_secret_valid_until: Option<String>,
}

impl<'a> WebhookSourceView<'a> {
    /// Creates the view of a source at this time.
    pub fn new(source: &'a Source, secret: Option<&'a str>, now: Timestamp) -> Self {
        Self {
            source_id: source.id.as_str(),
            kind: source.kind.as_str(),
            spid: source.spid.as_str(),
            name: source.name.as_ref().map(|name| name.as_str()),
            secret_version: source.secret.version.get(),
            secret,
            previous_secret_valid_until: source.previous_valid_until(now).map(timestamp::seconds),
        }
    }
}
