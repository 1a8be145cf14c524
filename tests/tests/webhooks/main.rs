//! Webhooks end to end: where they come from, who signed them, what sending them again does, and what nobody tells.

mod bad_bodies;
mod bench;
mod delivery;
mod needles;
mod official;
mod replays;
mod rotation;
mod running;
mod same_moment;
mod signed;
mod silence;
mod source_callers;
mod source_refusals;
mod sources;
mod strangers;
mod tampering;
mod timestamps;
mod told;
mod trouble;
mod waits;

use serde_json::Value;

/// The PIN of accounts here.
const PIN: &str = "482913";
/// Well-formed, and not the PIN.
const WRONG: &str = "482914";

/// The same body with another value in one field.
fn with(body: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut body = body.clone();
    body[field] = value.into();
    body
}
