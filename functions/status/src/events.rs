//! `GET /v1/accounts/{account_id}/events`: the audit trail of an account, for its owner and the porting desk.

use runtime::clock::Timestamp;
use runtime::http::event_view::{EventView, EventsPage};
use runtime::http::field::Field;
use runtime::http::field_error::FieldError;
use runtime::http::identity::Scope;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::store::audit_event::ACCOUNT_EVENTS;
use runtime::store::lists::MAX_EXAMINED;
use runtime::store::status_reader::StatusReader;

use crate::account::existing;
use crate::pagination;

/// Shows events, the oldest first. A consumer that passes `next_after` each time misses nothing and sees nothing twice.
pub async fn list(reader: &StatusReader, request: &Request, now: Timestamp) -> Result<Response, Problem> {
    let number =
        request.identity()?.require_desk_or_owner(Scope::PinRead, request.parameter("account_id"))?;
    let fields = (kind(request), after(request), pagination::limit(request, pagination::ENTRIES));
    let (kind, after, limit) = Field::all(fields).finish()?;
    existing(reader, &number).await?;
    let count = if kind.is_none() { limit } else { MAX_EXAMINED };
    let found = reader.events(&number, after, count, now).await?;
    let (mut shown, mut last) = (Vec::new(), after);
    for event in &found {
        if shown.len() == limit {
            break;
        }
        last = Some(&event.id);
        if kind.is_none_or(|kind| event.kind == kind) {
            shown.push(EventView::new(event));
        }
    }
    Ok(Response::json(200, &EventsPage { events: shown, next_after: last }))
}

fn kind(request: &Request) -> Field<Option<&str>> {
    match request.query("type") {
        Some(kind) if !ACCOUNT_EVENTS.contains(&kind) => {
            let detail = "No event has this type.";
            Field::invalid(FieldError::new("type", "type_invalid", detail))
        }
        kind => Field::good(kind),
    }
}

fn after(request: &Request) -> Field<Option<&str>> {
    let is_id = |id: &str| id.len() == 36 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    match request.query("after") {
        Some(after) if !is_id(after) => {
            let detail = "This must be the id of an event, such as the next_after of the previous page.";
            Field::invalid(FieldError::new("after", "after_invalid", detail))
        }
        after => Field::good(after),
    }
}
