//! What callers see of the audit trail.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::store::lists::ShownEvent;
use crate::timestamp;

/// An event.
#[derive(Serialize)]
pub struct EventView<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    occurred_at: String,
    actor: &'a str,
    data: &'a Map<String, Value>,
}

impl<'a> EventView<'a> {
    /// Creates the view of an event.
    pub fn new(event: &'a ShownEvent) -> Self {
        let ShownEvent { id, kind, occurred_at, actor, data } = event;
        Self { id, kind, occurred_at: timestamp::millis(*occurred_at), actor, data }
    }
}

/// A page of events.
#[derive(Serialize)]
pub struct EventsPage<'a> {
    /// The events.
    pub events: Vec<EventView<'a>>,
    /// The `after` of the next page, which may still be empty; `null` before the first event.
    pub next_after: Option<&'a str>,
}
