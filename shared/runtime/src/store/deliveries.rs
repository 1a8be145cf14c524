//! Deliveries of webhook sources: what a delivery was answered, so that sending it again finds the first answer.

use jiff::{SignedDuration, Timestamp};
use shared::port_out::{PortOutRequest, VersionChoice};
use shared::port_out_id::PortOutId;
use shared::webhook_source::{Source, SourceId};

use crate::error::Error;
use crate::store::item::{Item, number, string};
use crate::store::key::Key;
use crate::store::write::Write;

/// How long a delivery's first answer is found by its id.
const DELIVERY_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// A delivery: the source, the sender's own id, and what it carries.
#[derive(Debug, Clone)]
pub struct Delivery {
    source: SourceId,
    name: String,
    /// Name and content of the request, but nothing of its PIN: a hash of that would be a cheap way to guess it.
    carries: String,
}

/// What a delivery was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The answer.
    pub answer: DeliveredAnswer,
    /// What the delivery carried.
    carried: String,
}

/// Answer to a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveredAnswer {
    /// This port-out.
    PortOut(PortOutId),
    /// A conflict with this port-out, which cost an attempt.
    Conflict(PortOutId),
}

impl Delivery {
    /// Creates the delivery of a request; a source that is registered for another carrier starts with new ids.
    pub fn new(source: &Source, id: &str, request: &PortOutRequest) -> Self {
        let version = match request.version {
            VersionChoice::Given(version) => version.to_string(),
            VersionChoice::LatestOrNext => String::new(),
        };
        let carries = format!("{} {version} {}", request.pon.as_str(), request.content_hash());
        Self { source: source.id.clone(), name: format!("{} {id}", source.spid), carries }
    }

    /// Returns whether what was delivered under this id before is what it carries now.
    pub fn repeats(&self, delivered: &Delivered) -> bool {
        self.carries == delivered.carried
    }

    pub(super) fn key(&self) -> Key {
        Key::delivery(&self.source, &self.name)
    }

    /// Returns the write that records the answer, unless there is one already.
    pub(super) fn write(&self, answer: &DeliveredAnswer, now: Timestamp) -> Write {
        let (id, conflict) = match answer {
            DeliveredAnswer::PortOut(id) => (id, false),
            DeliveredAnswer::Conflict(id) => (id, true),
        };
        let expires = now.as_second().saturating_add(DELIVERY_KEPT.as_secs());
        let item = Item::at(self.key())
            .with("port_out_id", string(id.as_str()))
            .with("carried", string(&self.carries))
            .with_some("conflict", conflict.then(|| string("yes")))
            .with("expires_at", number(expires));
        // DynamoDB deletes expired items late, so an expired one counts as absent.
        let free = "attribute_not_exists(#pk) OR #expires_at <= :now";
        Write::put(item, free, &[("now", number(now.as_second()))])
    }
}

impl Delivered {
    pub(super) const ATTRIBUTES: &[&str] = &["port_out_id", "carried", "conflict", "expires_at"];

    /// Reads an item; an expired one is absent.
    pub(super) fn read(item: &Item, now: Timestamp) -> Result<Option<Self>, Error> {
        if item.number::<i64>("expires_at")? <= now.as_second() {
            return Ok(None);
        }
        let id = item.get("port_out_id")?;
        let conflict = item.optional_text("conflict")?.is_some();
        let answer = if conflict { DeliveredAnswer::Conflict(id) } else { DeliveredAnswer::PortOut(id) };
        Ok(Some(Self { answer, carried: item.text("carried")?.to_owned() }))
    }
}
