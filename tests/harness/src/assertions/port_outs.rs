//! What carriers are answered to a port-out, word for word.

use jiff::Timestamp;
use jiff::civil::Date;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::whole_seconds;
use crate::client::Answer;
use crate::clients::carrier::with;
use crate::fixture::START;
use crate::stack::Stack;

/// The first day on which a port of one number can be done that was received at [`START`].
pub const NEXT_DAY: &str = "2026-11-24";
/// The first such day for several numbers: Thanksgiving and weekends are not business days.
pub const FOURTH_DAY: &str = "2026-11-30";
/// Placeholder for a time whose format was checked.
const CHECKED: &str = "checked";
/// Placeholder for the channel that the path of the call implies.
const BY_CALL: &str = "by call";

/// Code, what it says and what it advises.
const REASONS: [(&str, &str, &str); 12] = [
    (
        "account_number_invalid",
        "No account has this account number.",
        "Ask the end user for the account number on the current provider's bill.",
    ),
    (
        "account_number_mismatch",
        "The telephone numbers do not belong to this account.",
        "Ask the end user for the account number on the current provider's bill.",
    ),
    (
        "account_not_us",
        "The account is not in the US. Its numbers are ported through a separate process, without a PIN.",
        "Ask the current provider's porting desk about the process for that country.",
    ),
    (
        "tn_not_found",
        "The number does not belong to this account.",
        "Check the number and the account number with the end user.",
    ),
    ("tn_not_portable", "", "Remove this number from the request."),
    (
        "pending_port",
        "The number is held by a confirmed port-out of another carrier. It is free from 2026-12-25 at the latest.",
        "Wait until the number is free, or remove it from the request.",
    ),
    (
        "port_protection_on",
        "The account's admin switched port protection on. No number can be ported out until it is off.",
        "Ask the end user to have the account's admin switch port protection off.",
    ),
    (
        "zip_code_invalid",
        "The first five digits of the ZIP code match none of the account's ZIP codes.",
        "Ask the end user for the ZIP code of the service address.",
    ),
    (
        "pin_not_set",
        "The account has no port-out PIN. No number can be ported out until the account's admin sets one.",
        "Ask the end user to have the account's admin set a port-out PIN.",
    ),
    (
        "pin_locked",
        "The account's port-out PIN is locked until the account's admin sets a new one.",
        "Ask the end user to have the account's admin set a new port-out PIN.",
    ),
    ("pin_missing", "The request has no PIN.", "Ask the end user for the account's port-out PIN."),
    (
        "pin_invalid",
        "The PIN does not match the account's port-out PIN.",
        "Ask the end user for the account's port-out PIN.",
    ),
];

/// Returns a rejection reason; [`rejected`] completes its advice.
pub fn reason(code: &str, field: &str) -> Value {
    let (_, detail, remedy) = REASONS.iter().find(|(known, ..)| *known == code).expect("a known reason");
    json!({"code": code, "field": field, "telephone_number": null, "detail": detail, "resolution": remedy})
}

/// Returns a rejection reason for one of the numbers.
pub fn number_reason(code: &str, index: usize, number: &str) -> Value {
    let mut reason = reason(code, &format!("/telephone_numbers/{index}"));
    reason["telephone_number"] = number.into();
    reason
}

/// 128 bits of SHA-256 over carrier, PON and version: the same order has the same id .
pub fn id(spid: &str, order: &Value) -> String {
    let name = format!("{spid} {} {}", order["pon"].as_str().expect("a PON"), version(order));
    digest(&SHA256, name.as_bytes()).as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn version(order: &Value) -> &str {
    order["version"].as_str().unwrap_or("01")
}

fn port_out(spid: &str, order: &Value, status: &str, foc_date: Value, rejections: Vec<Value>) -> Value {
    let desired = order.get("desired_due_date").cloned().unwrap_or_default();
    let changed = !foc_date.is_null() && !desired.is_null() && foc_date != desired;
    let day: Option<Date> = foc_date.as_str().map(|day| day.parse().expect("a day"));
    let hold_expires_on = day.map(|day| (day + jiff::Span::new().days(30)).to_string());
    json!({
        "id": id(spid, order),
        "spid": spid,
        "pon": order["pon"],
        "version": version(order),
        "account_number": order["account_number"],
        "telephone_numbers": order["telephone_numbers"],
        "status": status,
        "desired_due_date": desired,
        "foc_date": foc_date,
        "due_date_changed": changed,
        "hold_expires_on": hold_expires_on,
        "rejections": rejections,
        "supplement": order.get("supplement").cloned().unwrap_or_default(),
        "ported_numbers": [],
        "released_numbers": [],
        "cancellation": null,
        "channel": BY_CALL,
        "received_at": CHECKED,
        "entered_at": CHECKED,
        "updated_at": CHECKED,
    })
}

/// Returns a commitment for this day, received at any time, with the order's account and numbers as answered.
pub fn confirmed(spid: &str, order: &Value, foc_date: &str) -> Value {
    port_out(spid, order, "confirmed", foc_date.into(), Vec::new())
}

/// Returns a rejection for exactly these reasons, in this order.
pub fn rejected(spid: &str, order: &Value, reasons: &[Value]) -> Value {
    let advice = match version(order).parse::<u8>().expect("a version") {
        99 => "under a new PON".to_owned(),
        number => format!("as version {:02} of this PON", number + 1),
    };
    let complete = |reason: &Value| {
        let remedy = reason["resolution"].as_str().expect("a remedy");
        with(reason, "resolution", format!("{remedy} Then send the request again {advice}."))
    };
    port_out(spid, order, "rejected", Value::Null, reasons.iter().map(complete).collect())
}

/// Times of a port-out.
const TIMES: [&str; 3] = ["received_at", "entered_at", "updated_at"];

/// Returns a port-out that was received, entered and updated at this time.
pub fn at(port_out: &Value, time: &str) -> Value {
    TIMES.iter().fold(port_out.clone(), |port_out, name| with(&port_out, name, time))
}

/// Returns a port-out that a later version replaced, or whose numbers were taken over.
pub fn superseded(port_out: &Value) -> Value {
    let released = with(port_out, "released_numbers", port_out["telephone_numbers"].clone());
    with(&released, "status", "superseded")
}

/// Fails unless this is the whole answer; a new port-out has a `Location`, one that is repeated has none.
#[track_caller]
pub fn assert_port_out(answer: &Answer, status: u16, expected: &Value) {
    let mut body = answer.assert_json(status);
    received_at(&body);
    for name in TIMES.into_iter().filter(|name| expected[*name] == CHECKED) {
        whole_seconds(body[name].as_str().unwrap_or_default());
        body[name] = CHECKED.into();
    }
    let channel = if answer.call.contains("/v1/webhooks/") { "webhook" } else { "api" };
    let by_call = with(expected, "channel", channel);
    let expected = if expected["channel"] == BY_CALL { &by_call } else { expected };
    assert_eq!(body, *expected, "{} answered\n{}", answer.call, answer.text());
    let id = expected["id"].as_str().expect("an id");
    let location = ("location", &*format!("/v1/port-outs/{id}"));
    answer.assert_headers(if status == 201 { std::slice::from_ref(&location) } else { &[] });
}

/// Returns a rejection for the PIN alone.
pub fn wrong_pin(spid: &str, order: &Value) -> Value {
    rejected(spid, order, &[reason("pin_invalid", "/pin")])
}

/// Fails unless it was received at [`START`] and is confirmed for the first possible day.
#[track_caller]
pub fn assert_confirmed(answer: &Answer, status: u16, spid: &str, order: &Value) {
    let is_simple = order["telephone_numbers"].as_array().expect("numbers").len() == 1;
    let expected = confirmed(spid, order, if is_simple { NEXT_DAY } else { FOURTH_DAY });
    assert_port_out(answer, status, &at(&expected, START));
}

/// Fails unless it is newly refused for exactly these reasons.
#[track_caller]
pub fn assert_rejected(answer: &Answer, spid: &str, order: &Value, reasons: &[Value]) {
    assert_port_out(answer, 201, &rejected(spid, order, reasons));
}

/// Port-outs whose answer is known beforehand.
impl Stack {
    /// Submits a new port-out at [`START`]; fails unless it is confirmed for the first possible day.
    pub async fn confirm(&self, spid: &str, order: &Value) -> Answer {
        let answer = self.submit(spid, order).await;
        assert_confirmed(&answer, 201, spid, order);
        answer
    }

    /// Submits a new port-out; fails unless it is rejected for exactly these reasons.
    pub async fn reject(&self, spid: &str, order: &Value, reasons: &[Value]) -> Answer {
        let answer = self.submit(spid, order).await;
        assert_rejected(&answer, spid, order, reasons);
        answer
    }
}

/// Returns when a port-out was received: RFC 3339 in UTC, whole seconds.
#[track_caller]
pub fn received_at(body: &Value) -> Timestamp {
    whole_seconds(body["received_at"].as_str().unwrap_or_default())
}

/// What an answer to a port-out says of its PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The PIN was right, and the port is confirmed.
    Confirmed,
    /// The PIN was wrong; a hold on the number is reported as well.
    WrongPin,
    /// The PIN is locked; the answer does not reveal whether the PIN was right.
    Locked,
    /// The carrier has to wait; the answer reveals nothing else.
    Wait,
}

/// Reads the outcome of a new port-out; fails on any other answer, a 503 included.
#[track_caller]
pub fn outcome(answer: &Answer) -> Outcome {
    if answer.status == 429 {
        let seconds = answer.header("retry-after").parse().expect("whole seconds");
        assert!((1..=14_400).contains(&seconds), "{seconds}");
        answer.assert_refused(&super::problems::wait(seconds));
        return Outcome::Wait;
    }
    let body = answer.assert_json(201);
    let dated = body["foc_date"].is_string();
    match (body["status"].as_str(), rejection_codes(&body).as_slice(), dated) {
        (Some("confirmed"), [], true) => Outcome::Confirmed,
        (Some("rejected"), ["pin_invalid"] | ["pending_port", "pin_invalid"], false) => Outcome::WrongPin,
        (Some("rejected"), ["pin_locked"], false) => Outcome::Locked,
        _ => panic!("{} answered {body}", answer.call),
    }
}

/// Returns the codes of a port-out's rejections, in the answer's order.
pub fn rejection_codes(body: &Value) -> Vec<&str> {
    body["rejections"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect()
}

/// Fails unless this is the outcome of a new port-out; a wrong PIN must be the only reason.
#[track_caller]
pub fn assert_outcome(answer: &Answer, expected: Outcome) {
    assert_eq!(outcome(answer), expected, "{} answered\n{}", answer.call, answer.text());
    if expected == Outcome::WrongPin {
        assert_eq!(rejection_codes(&answer.json()), ["pin_invalid"]);
    }
}
