//! Pages of port-outs, and port-outs as those who may see them see them.

use crate::call::Call;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use harness::lambda_host::LambdaHost;
use harness::tokens::Claims;
use jiff::Timestamp;
use runtime::timestamp::seconds;
use serde_json::{Value, json};
use shared::business_days::Holidays;
use shared::due_date::{self, DAYS_AHEAD, Received};
use std::time::Duration;

/// Entries of a page if the caller does not say how many.
pub const PAGE: usize = 50;

/// Reads a page of a list of port-outs, which must begin as expected, and returns how long that took.
pub async fn time(
    host: &LambdaHost,
    path: &str,
    claims: &Claims,
    list: &str,
    mut expected: Vec<Value>,
) -> Result<Duration, String> {
    let (took, body) = Call::read(path, claims, None).exchange(host, "status").await?;
    let more = expected.len() > PAGE;
    expected.truncate(PAGE);
    let cursor = body["next_cursor"].as_str().map(|cursor| place(cursor).ok_or(cursor));
    let next = expected
        .last()
        .filter(|_| more)
        .map(|last| Ok([list, text(last, "entered_at"), text(last, "id")].map(str::to_owned)));
    same(path, &body["port_outs"], &Value::Array(expected.clone()))?;
    if cursor == next {
        Ok(took)
    } else {
        Err(format!("{path} answered the cursor {cursor:?}, not {next:?}"))
    }
}

/// Returns the list of a cursor, and the time and id of the port-out that the next page begins after.
fn place(cursor: &str) -> Option<[String; 3]> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (list, place) = text.split_once(' ')?;
    let (entered_at, id) = place.split_once('#')?;
    Some([list.to_owned(), seconds(entered_at.parse().ok()?), id.to_owned()])
}

/// Returns the cursor of the page after this place of a list.
pub fn cursor(list: &str, place: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{list} {place}"))
}

/// Returns a port-out of our own numbers alone as its owner sees it.
pub fn seen_by_owner(view: &Value) -> Value {
    let mut view = view.clone();
    view["other_numbers"] = 0.into();
    view
}

/// Returns an owner's view as the carrier sees it.
pub fn seen_by_carrier(mut view: Value) -> Value {
    view.as_object_mut().expect("an object").remove("other_numbers");
    view
}

/// Returns a confirmed port-out as it is after its owner cancelled it.
pub fn cancelled_view(mut view: Value, at: &str) -> Value {
    let at = at.parse().map(seconds).expect("a time");
    view["status"] = "cancelled".into();
    view["released_numbers"] = view["telephone_numbers"].clone();
    view["cancellation"] = json!({"by": "owner", "reason": "changed_mind", "at": at});
    view["updated_at"] = at.into();
    view
}

/// Returns when the hold of a confirmed port-out of one number ends.
pub fn held_until(view: &Value) -> String {
    let numbers = vec![text(&view["telephone_numbers"], "0").parse().expect("a number")];
    let numbers = numbers.try_into().expect("one number");
    let at: Timestamp = text(view, "entered_at").parse().expect("a time");
    let received = Received { at, entered_at: at, numbers: &numbers, days_ahead: DAYS_AHEAD };
    let desired = text(view, "desired_due_date").parse().ok();
    seconds(due_date::commit(received, desired, &Holidays::default()).hold_until)
}

/// Returns a text at a name, or at an index of a list.
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.pointer(&format!("/{name}")).and_then(Value::as_str).unwrap_or_default()
}

/// Fails unless both are equal.
pub fn same(what: &str, body: &Value, expected: &Value) -> Result<(), String> {
    if body == expected { Ok(()) } else { Err(format!("{what} answered {body}, not {expected}")) }
}
