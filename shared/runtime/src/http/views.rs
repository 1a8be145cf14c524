//! What callers see of accounts, PINs, port-outs and webhook sources: the bodies of the contract.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::http::response::Response;
use crate::http::response_meta::WithMeta as _;
use crate::timestamp;
use shared::account::{Account, AccountNumber, PortOutBlock, Profile};
use shared::port_out::{PortOut, Rejection};
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
    warnings: Vec<Warning>,
}

impl<'a> PinView<'a> {
    /// Creates the view of an account's PIN.
    pub fn new(account: &'a Account, warnings: Vec<Warning>) -> Self {
        let (block, pin) = (account.block(), &account.pin);
        Self {
            account_id: account.number.as_str(),
            pin_set: pin.is_set(),
            pin_version: pin.version,
            updated_at: pin.last_set.as_ref().map(|(at, _)| timestamp::seconds(*at)),
            updated_by: pin.last_set.as_ref().map(|(_, by)| by.as_str()),
            port_out_allowed: block.is_none(),
            blocked_by: block.into_iter().map(PortOutBlock::code).collect(),
            failed_attempts: pin.failed_attempts,
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
            secret,
            previous_secret_valid_until: source.previous_valid_until(now).map(timestamp::seconds),
        }
    }
}

/// A port-out with its decision.
#[derive(Serialize)]
pub struct PortOutView<'a> {
    id: &'a str,
    spid: &'a str,
    pon: &'a str,
    version: String,
    account_number: &'a str,
    telephone_numbers: Vec<String>,
    status: &'static str,
    desired_due_date: Option<String>,
    foc_date: Option<String>,
    due_date_changed: bool,
    rejections: Vec<RejectionView<'a>>,
    received_at: String,
}

#[derive(Serialize)]
struct RejectionView<'a> {
    code: &'static str,
    field: &'a str,
    telephone_number: Option<String>,
    detail: &'a str,
    resolution: String,
}

impl<'a> PortOutView<'a> {
    /// Creates the view of a port-out.
    pub fn new(port_out: &'a PortOut) -> Self {
        let rejection = |r: &'a Rejection| RejectionView {
            code: r.code.as_str(),
            field: &r.field,
            telephone_number: r.telephone_number.as_ref().map(Tn::to_string),
            detail: &r.detail,
            resolution: r.resolution(port_out.version),
        };
        Self {
            id: port_out.id.as_str(),
            spid: port_out.spid.as_str(),
            pon: port_out.pon.as_str(),
            version: port_out.version.to_string(),
            account_number: port_out.content.account_number.as_str(),
            telephone_numbers: port_out.content.numbers.as_slice().iter().map(Tn::to_string).collect(),
            status: port_out.outcome.status(),
            desired_due_date: port_out.content.desired_due_date.map(|date| date.to_string()),
            foc_date: port_out.outcome.foc_date().map(|date| date.to_string()),
            due_date_changed: port_out.due_date_changed(),
            rejections: port_out.outcome.rejections().iter().map(rejection).collect(),
            received_at: timestamp::seconds(port_out.received_at),
        }
    }
}
