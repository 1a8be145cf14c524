//! The audit trail: one event per change, written with it, without any secret, so that its stream may be exported.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::error::Error;
use crate::random;
use crate::store::item::{Item, number, string, time};
use crate::store::key::{self, Key};
use crate::store::write::Write;
use shared::account::AccountNumber;
use shared::actor::Actor;
use shared::port_out::PortOut;
use shared::webhook_source::Source;

/// An event of an account or a webhook source.
pub struct Event {
    partition: String,
    kind: &'static str,
    facts: Vec<(&'static str, AttributeValue)>,
}

impl Event {
    pub fn account_written(account: &AccountNumber, created: bool) -> Self {
        Self::of(account, if created { "account.created" } else { "account.replaced" })
    }

    pub fn numbers_assigned(account: &AccountNumber, count: usize) -> Self {
        Self::of(account, "telephone_numbers.assigned").with("count", number(count))
    }

    pub fn number_removed(account: &AccountNumber, tn: &shared::telephone_number::Tn) -> Self {
        Self::of(account, "telephone_number.removed").with("telephone_number", string(tn.to_string()))
    }

    pub fn pin_set(account: &AccountNumber, pin_version: u64) -> Self {
        let kind = if pin_version == 1 { "pin.set" } else { "pin.changed" };
        Self::of(account, kind).with("pin_version", number(pin_version))
    }

    /// Records the decision on a port-out.
    pub fn port_out(order: &PortOut) -> Self {
        let kind = match order.outcome.foc_date() {
            Some(_) => "port_out.confirmed",
            None => "port_out.rejected",
        };
        let reasons = order.outcome.rejections().iter().map(|r| string(r.code.as_str())).collect();
        Self::about(order, kind).with("reasons", AttributeValue::L(reasons))
    }

    /// Records, for this account, that a newer version for another account replaced its port-out.
    pub fn superseded(order: &PortOut) -> Self {
        Self::about(order, "port_out.superseded")
    }

    /// Records that a port-out was repeated with another PIN, which counts as a wrong one.
    pub fn wrong_pin_on_repeat(order: &PortOut) -> Self {
        Self::about(order, "port_out.repeated_with_other_pin")
    }

    /// Records that a webhook source was registered, changed, rotated or deleted.
    pub fn webhook_source(source: &Source, kind: &'static str) -> Self {
        let facts = vec![
            ("source_id", string(source.id.as_str())),
            ("spid", string(source.spid.as_str())),
            ("secret_version", number(source.secret.version)),
        ];
        Self { partition: key::source_partition(&source.id), kind, facts }
    }

    fn about(order: &PortOut, kind: &'static str) -> Self {
        Self::of(&order.content.account_number, kind)
            .with("port_out_id", string(order.id.as_str()))
            .with("spid", string(order.spid.as_str()))
            .with("pon", string(order.pon.as_str()))
            .with("port_out_version", string(order.version.to_string()))
    }

    fn of(account: &AccountNumber, kind: &'static str) -> Self {
        let facts = vec![("account_number", string(account.as_str()))];
        Self { partition: key::account_partition(account), kind, facts }
    }

    fn with(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.facts.push((name, value));
        self
    }

    /// Returns the write that records it; its key sorts by time.
    pub fn write(self, actor: &Actor, now: Timestamp) -> Result<Write, Error> {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &random::bytes()?).into_uuid();
        let item = Item::at(Key::event(self.partition, &id))
            .with("event", string(self.kind))
            .with("at", time(now))
            .with("actor", string(actor.as_str()));
        let item = self.facts.into_iter().fold(item, |item, (name, value)| item.with(name, value));
        Ok(Write::create(item))
    }
}
