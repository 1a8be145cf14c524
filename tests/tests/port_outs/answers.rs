//! What carriers are told, word for word; every assertion compares the whole body.

use crate::days::{self, NEW_YORK};
use harness::client::Answer;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

/// The PIN of accounts here.
pub const PIN: &str = "482913";
/// Well-formed, and not the PIN.
pub const WRONG: &str = "482914";
/// Stands for a time that was checked.
const CHECKED: &str = "checked";

/// Code, what it says and what it advises.
const REASONS: [(&str, &str, &str); 11] = [
    (
        "account_number_invalid",
        "There is no account with this account number.",
        "Ask the end user for the account number on the current provider's bill.",
    ),
    (
        "account_not_us",
        "The account is not in the US: its numbers leave by another process, without a PIN.",
        "Ask the current provider for its process in that country.",
    ),
    (
        "tn_not_found",
        "The number is not one of this account's.",
        "Check the number and the account number with the end user.",
    ),
    ("tn_not_portable", "", "Leave this number out."),
    (
        "pending_port",
        "Another confirmed port-out holds the number.",
        "Wait until the other port-out is done or withdrawn, or leave this number out.",
    ),
    (
        "zip_code_invalid",
        "The ZIP code is not the account's: the first five digits differ.",
        "Ask the end user for the ZIP code on the current provider's bill.",
    ),
    (
        "pin_not_set",
        "The account has no port-out PIN: nothing can be ported out until its admin sets one.",
        "Ask the end user to have the account's admin set a port-out PIN.",
    ),
    (
        "pin_locked",
        "The account's port-out PIN is locked after too many wrong ones, until its admin sets a new one.",
        "Ask the end user to have the account's admin set a new port-out PIN.",
    ),
    ("pin_missing", "The request carries no PIN.", "Ask the end user for the account's port-out PIN."),
    (
        "pin_invalid",
        "The PIN is not the account's port-out PIN.",
        "Ask the end user for the account's port-out PIN.",
    ),
    (
        "due_date_invalid",
        "Ports are done from Monday to Friday, except on US federal holidays.",
        "Choose another day, or leave the date out to get the first possible one.",
    ),
];

/// A reason of a refusal; [`rejected`] completes its advice.
pub fn reason(code: &str, field: &str) -> Value {
    let (_, detail, remedy) = REASONS.iter().find(|(known, ..)| *known == code).expect("a known reason");
    json!({"code": code, "field": field, "telephone_number": null, "detail": detail, "resolution": remedy})
}

/// A reason that lies in one of the numbers.
pub fn number_reason(code: &str, index: usize, number: &str) -> Value {
    let mut reason = reason(code, &format!("/telephone_numbers/{index}"));
    reason["telephone_number"] = number.into();
    reason
}

/// 128 bits of SHA-256 over carrier, PON and version: the same order has the same id for ever.
pub fn id(spid: &str, order: &Value) -> String {
    let name = format!("{spid} {} {}", order["pon"].as_str().expect("a PON"), version(order));
    digest(&SHA256, name.as_bytes()).as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn version(order: &Value) -> &str {
    order["version"].as_str().unwrap_or("01")
}

fn port_out(spid: &str, order: &Value, status: &str, foc_date: Value, rejections: Vec<Value>) -> Value {
    json!({
        "id": id(spid, order),
        "spid": spid,
        "pon": order["pon"],
        "version": version(order),
        "account_number": order["account_number"],
        "telephone_numbers": order["telephone_numbers"],
        "status": status,
        "foc_date": foc_date,
        "rejections": rejections,
        "received_at": CHECKED,
    })
}

/// A commitment for this day; the order's account and numbers as they are answered.
pub fn confirmed(spid: &str, order: &Value, foc_date: &str) -> Value {
    port_out(spid, order, "confirmed", foc_date.into(), Vec::new())
}

/// A refusal for exactly these reasons, in this order.
pub fn rejected(spid: &str, order: &Value, reasons: &[Value]) -> Value {
    let advice = match version(order).parse::<u8>().expect("a version") {
        99 => "under a new PON".to_owned(),
        number => format!("as version {:02} of this PON", number + 1),
    };
    let complete = |reason: &Value| {
        let remedy = reason["resolution"].as_str().expect("a remedy");
        crate::with(reason, "resolution", format!("{remedy} Then send the request again {advice}."))
    };
    port_out(spid, order, "rejected", Value::Null, reasons.iter().map(complete).collect())
}

/// Fails unless this is the whole answer; a new port-out has a `Location`, one that is told again has none.
#[track_caller]
pub fn assert_port_out(answer: &Answer, status: u16, expected: &Value) {
    let body = answer.assert_json(status);
    received_at(&body);
    assert_eq!(crate::with(&body, "received_at", CHECKED), *expected, "{}", answer.text());
    let id = expected["id"].as_str().expect("an id");
    let location = if status == 201 { format!("/v1/port-outs/{id}") } else { String::new() };
    assert_eq!((answer.header("location"), answer.header("cache-control")), (&*location, "no-store"));
}

/// Fails unless it is confirmed for the first possible day in New York; returns that day.
#[track_caller]
pub fn assert_confirmed(answer: &Answer, status: u16, spid: &str, order: &Value) -> String {
    let numbers = order["telephone_numbers"].as_array().expect("numbers").len();
    let foc_date = days::first_possible(received_at(&answer.json()), NEW_YORK, numbers).to_string();
    assert_port_out(answer, status, &confirmed(spid, order, &foc_date));
    foc_date
}

/// Fails unless it is refused for exactly these reasons.
#[track_caller]
pub fn assert_rejected(answer: &Answer, spid: &str, order: &Value, reasons: &[Value]) {
    assert_port_out(answer, 201, &rejected(spid, order, reasons));
}

/// When it was received: RFC 3339 in UTC, whole seconds.
#[track_caller]
pub fn received_at(body: &Value) -> Timestamp {
    let text = body["received_at"].as_str().unwrap_or_default();
    let time: Timestamp = text.parse().unwrap_or_else(|_| panic!("no received_at in {body}"));
    assert_eq!(text, time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    time
}

/// Fails unless this is the whole problem document.
#[track_caller]
pub fn assert_problem(answer: &Answer, status: u16, code: &str, title: &str, detail: &str) {
    let document = answer.assert_problem(status, code);
    let kind = format!("urn:port-out:problem:{code}");
    let expected = json!({"type": kind, "title": title, "status": status, "detail": detail, "code": code});
    assert_eq!(document, expected);
}

/// Fails unless this is the whole 400 or 422 with this one bad field.
#[track_caller]
pub fn assert_bad_field(answer: &Answer, status: u16, field: &str, code: &str, detail: &str) {
    let mut document =
        answer.assert_problem(status, if status == 400 { "malformed_request" } else { "invalid_request" });
    let errors = document.as_object_mut().expect("an object").remove("errors");
    assert_eq!(errors, Some(json!([{"field": field, "code": code, "detail": detail}])));
    let (title, detail) = match status {
        400 => ("Malformed request", "The request does not have the form that this route takes."),
        _ => ("A value breaks a rule", "At least one value breaks a rule; nothing was stored."),
    };
    assert_eq!((&document["title"], &document["detail"]), (&json!(title), &json!(detail)));
    assert_eq!(document.as_object().map(|fields| fields.len()), Some(5), "{document}");
}

/// Fails unless this is the whole 409; `next` is the version to use, or none when only a new PON is left.
#[track_caller]
pub fn assert_conflict(answer: &Answer, next: Option<&str>) {
    let advice = match next {
        Some(next) => format!("a correction is a new version: use version {next}."),
        None => "this PON has no version left: use a new PON.".to_owned(),
    };
    let detail =
        format!("This PON was already used with this or a later version and other content; {advice}");
    assert_problem(answer, 409, "pon_conflict", "PON and version already used", &detail);
}

/// Fails unless this is the whole 429 with these seconds to wait.
#[track_caller]
pub fn assert_wait(answer: &Answer, seconds: u64) {
    let detail = "Too many wrong PINs for this account. Nothing was evaluated or recorded; wait, then send the \
                  request again.";
    assert_problem(answer, 429, "too_many_pin_attempts", "Too many wrong PINs", detail);
    assert_eq!(answer.header("retry-after"), seconds.to_string());
}
