//! The audit trail: one event per change, written with it, without any secret, so that its stream may be exported.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::error::Error;
use crate::random;
use crate::store::item::{Item, number, string, strings, time};
use crate::store::key::Partition;
use crate::store::write::Write;
use shared::account::AccountNumber;
use shared::actor::Actor;
use shared::attempts::Wait;
use shared::lifecycle::Status;
use shared::port_out::{Outcome, PortOut};
use shared::port_out_id::PortOutId;
use shared::rejection::{Rejection, RejectionCode};
use shared::spid::Spid;
use shared::telephone_number::Tn;
use shared::webhook_source::Source;

/// Types of the events of an account. Those of webhook sources are not listed for callers.
pub const ACCOUNT_EVENTS: [&str; 18] = [
    "account.created",
    "account.replaced",
    "telephone_number.assigned",
    "telephone_number.removed",
    "pin.set",
    "pin.changed",
    "pin.attempts_high",
    "pin.locked",
    "port_out.confirmed",
    "port_out.rejected",
    "port_out.deferred",
    "port_out.superseded",
    "port_out.cancelled",
    "port_out.completed",
    "port_out.activated",
    "port_out.attempted_elsewhere",
    "port_protection.enabled",
    "port_protection.disabled",
];

/// An event of an account, a carrier or a webhook source.
pub struct Event {
    partition: Partition,
    kind: &'static str,
    data: HashMap<String, AttributeValue>,
}

/// Accounts, their numbers and PINs.
impl Event {
    pub fn account_written(account: &AccountNumber, created: bool) -> Self {
        Self::of(account, if created { "account.created" } else { "account.replaced" })
    }

    pub fn numbers_assigned(account: &AccountNumber, assigned: &[Tn]) -> Self {
        Self::of(account, "telephone_number.assigned").with("telephone_numbers", numbers(assigned))
    }

    pub fn number_removed(account: &AccountNumber, tn: &Tn) -> Self {
        Self::of(account, "telephone_number.removed").with("telephone_numbers", numbers(&[*tn]))
    }

    pub fn pin_set(account: &AccountNumber, pin_version: u64) -> Self {
        let kind = if pin_version == 1 { "pin.set" } else { "pin.changed" };
        Self::of(account, kind).with("pin_version", number(pin_version))
    }

    /// Records that the wrong PINs in a row reached a number that the owner is told about.
    pub fn attempts_high(account: &AccountNumber, pin_version: u64, count: u32, locks: bool) -> Self {
        let kind = if locks { "pin.locked" } else { "pin.attempts_high" };
        Self::of(account, kind)
            .with("pin_version", number(pin_version))
            .with("consecutive_failures", number(count))
    }

    /// Records that the PIN is locked because the owner said that it is known to others.
    pub fn pin_disclosed(account: &AccountNumber, pin_version: u64) -> Self {
        let event = Self::of(account, "pin.locked").with("pin_version", number(pin_version));
        event.with("reason", string("not_authorized"))
    }

    pub fn protection(account: &AccountNumber, enabled: bool) -> Self {
        Self::of(account, if enabled { "port_protection.enabled" } else { "port_protection.disabled" })
    }
}

/// Port-outs.
impl Event {
    /// Records the decision on a port-out. `own` are those of its numbers that are the account's; a request that names no
    /// account is recorded under its carrier.
    pub fn decided(port_out: &PortOut, own: Option<&[Tn]>) -> Self {
        let kind = match port_out.outcome {
            Outcome::Confirmed(_) => "port_out.confirmed",
            Outcome::Rejected(_) => "port_out.rejected",
            Outcome::Cancelled => "port_out.cancelled",
        };
        let partition = match own {
            Some(_) => Partition::Account(port_out.account_number.clone()),
            None => Partition::Carrier(port_out.spid.clone()),
        };
        let shown = own.unwrap_or(port_out.numbers.as_slice());
        let rejections = port_out.outcome.rejections();
        let reasons = rejections.iter().map(|reason| reason_value(reason, shown)).collect();
        Self::about(port_out, partition, kind)
            .with("telephone_numbers", numbers(shown))
            .with_count("other_numbers", port_out.numbers.as_slice().len().saturating_sub(shown.len()))
            .with("rejections", AttributeValue::L(reasons))
            .with_some("supplement", port_out.supplement.map(|it| string(it.as_str())))
            .with_some("foc_date", port_out.outcome.foc_date().map(|date| string(date.to_string())))
            .with("received_at", time(port_out.received_at))
    }

    /// Adds the port-outs that this one replaces or takes numbers over from.
    #[must_use]
    pub fn replacing<'a>(self, replaced: impl Iterator<Item = &'a PortOutId>) -> Self {
        let ids: Vec<_> = replaced.map(PortOutId::as_str).collect();
        if ids.is_empty() { self } else { self.with("replaces", strings(ids.into_iter())) }
    }

    /// Records that a port-out was repeated with another PIN, which counts as a wrong one.
    pub fn wrong_pin_on_repeat(port_out: &PortOut) -> Self {
        let reason = string(RejectionCode::PinInvalid.as_str());
        let reason = AttributeValue::M(HashMap::from([("code".to_owned(), reason)]));
        let partition = Partition::Account(port_out.account_number.clone());
        Self::about(port_out, partition, "port_out.rejected")
            .with("repeated", AttributeValue::Bool(true))
            .with("rejections", AttributeValue::L(vec![reason]))
    }

    /// Records that a port-out ended, as its status says; none if it did not.
    pub fn ended(port_out: &PortOut, now: Timestamp) -> Option<Self> {
        let kind = match port_out.status(now) {
            Status::Superseded => "port_out.superseded",
            Status::Completed => "port_out.completed",
            Status::Cancelled => "port_out.cancelled",
            Status::Rejected | Status::Confirmed | Status::Expired => return None,
        };
        let partition = Partition::Account(port_out.account_number.clone());
        let event = Self::about(port_out, partition, kind)
            .with("ported_numbers", numbers(&port_out.ported))
            .with("released_numbers", numbers(&port_out.released));
        Some(match &port_out.cancellation {
            Some(cancellation) => event
                .with("by", string(cancellation.by.as_str()))
                .with("reason", string(&cancellation.reason)),
            None => event,
        })
    }

    /// Records, for their owner, that numbers were ported, perhaps without a hold of this port-out.
    pub fn activated(
        port_out: &PortOut,
        owner: Option<&AccountNumber>,
        ported: &[Tn],
        at: Timestamp,
        unexpected: bool,
    ) -> Self {
        let account = owner.unwrap_or(&port_out.account_number);
        Self::about(port_out, Partition::Account(account.clone()), "port_out.activated")
            .with("telephone_numbers", numbers(ported))
            .with("activated_at", time(at))
            .with("unexpected", AttributeValue::Bool(unexpected))
    }

    /// Records that a carrier was turned away, once per wait.
    pub fn deferred(partition: Partition, spid: &Spid, wait: Wait, reason: &'static str) -> Self {
        let account =
            if let Partition::Account(account) = &partition { Some(string(account.as_str())) } else { None };
        Self::new(partition, "port_out.deferred")
            .with_some("account_number", account)
            .with("spid", string(spid.as_str()))
            .with("until", time(wait.until))
            .with("reason", string(reason))
    }

    /// Records, for their owner, that numbers were requested under another account.
    pub fn attempted_elsewhere(owner: &AccountNumber, spid: &Spid, requested: &[Tn]) -> Self {
        Self::of(owner, "port_out.attempted_elsewhere")
            .with("spid", string(spid.as_str()))
            .with("telephone_numbers", numbers(requested))
    }

    fn about(port_out: &PortOut, partition: Partition, kind: &'static str) -> Self {
        Self::new(partition, kind)
            .with("account_number", string(port_out.account_number.as_str()))
            .with("port_out_id", string(port_out.id.as_str()))
            .with("spid", string(port_out.spid.as_str()))
            .with("pon", string(port_out.pon.as_str()))
            .with("version", string(port_out.version.to_string()))
            .with("channel", string(port_out.channel.as_str()))
            .with("pin_version", number(port_out.judged_under.pin_version))
    }
}

/// Webhook sources.
impl Event {
    /// Records that a webhook source was registered, changed, rotated or deleted.
    pub fn webhook_source(source: &Source, kind: &'static str) -> Self {
        Self::new(Partition::Source(source.id.clone()), kind)
            .with("source_id", string(source.id.as_str()))
            .with("spid", string(source.spid.as_str()))
            .with("secret_version", number(source.secret.version))
    }
}

impl Event {
    fn new(partition: Partition, kind: &'static str) -> Self {
        Self { partition, kind, data: HashMap::new() }
    }

    fn of(account: &AccountNumber, kind: &'static str) -> Self {
        Self::new(Partition::Account(account.clone()), kind).with("account_number", string(account.as_str()))
    }

    /// Adds a value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.data.insert(name.to_owned(), value);
        self
    }

    /// Adds a value if there is one.
    #[must_use]
    pub fn with_some(self, name: &'static str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn with_count(self, name: &'static str, count: usize) -> Self {
        self.with_some(name, (count > 0).then(|| number(count)))
    }

    /// Returns the write that records it; its key sorts by time.
    pub fn write(self, actor: &Actor, now: Timestamp) -> Result<Write, Error> {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &random::bytes()?).into_uuid();
        let key = HashMap::from([
            ("pk".to_owned(), string(self.partition.key())),
            ("sk".to_owned(), string(id.to_string())),
        ]);
        let item = Item::of(key)
            .with("type", string(self.kind))
            .with("occurred_at", time(now))
            .with("actor", string(actor.as_str()))
            .with("data", AttributeValue::M(self.data));
        Ok(Write::append(item))
    }
}

fn numbers(numbers: &[Tn]) -> AttributeValue {
    AttributeValue::L(numbers.iter().map(|tn| string(tn.to_string())).collect())
}

/// Returns a reason, with its number if that may be shown.
fn reason_value(reason: &Rejection, shown: &[Tn]) -> AttributeValue {
    let mut map = HashMap::from([("code".to_owned(), string(reason.code.as_str()))]);
    if let Some(tn) = reason.telephone_number.filter(|tn| shown.contains(tn)) {
        map.insert("telephone_number".to_owned(), string(tn.to_string()));
    }
    AttributeValue::M(map)
}
