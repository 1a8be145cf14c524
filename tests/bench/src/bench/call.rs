//! The events, and what their answers have to be.

use crate::subject::{Subject, What, Who};
use axum::http::{HeaderMap, HeaderValue, Method};
use harness::client::Answer;
use harness::gateway;
use harness::tokens::Claims;
use serde_json::{Value, json};
use shared::port_out_id::{PortOutId, Version};

/// The PIN that every account has; easily guessed by no rule.
pub const PIN: &str = "739184";
/// The carrier of every order.
pub const SPID: &str = "B123";
/// The account that Rust, Node and Python share, whose PIN each of them sets and each of them verifies.
pub const SHARED: &str = "BENCH";
/// The account whose PIN is hashed with the fewest rounds.
pub const LEAST: &str = "LEAST";
/// The account whose digest is none.
pub const BARE: &str = "BARE";
/// The accounts and their first numbers; each has ten.
pub const ACCOUNTS: [(&str, u64); 3] =
    [(SHARED, 12_065_550_100), (LEAST, 12_065_550_110), (BARE, 12_065_550_120)];

/// An event on its way, and what has to come back.
pub struct Call {
    /// The event.
    pub event: Vec<u8>,
    account: &'static str,
    expected: Option<Value>,
    status: u16,
}

/// The account that a subject works on.
pub fn account(subject: Subject) -> &'static str {
    match (subject.who, subject.what) {
        (_, _) if subject.least => LEAST,
        (Who::Bare, What::SetPin | What::PortOut) => BARE,
        _ => SHARED,
    }
}

/// An account's first number.
pub fn number(account: &str) -> String {
    let first = ACCOUNTS.iter().find(|(name, _)| *name == account).map_or(0, |(_, first)| *first);
    format!("+{first}")
}

/// An event as the gateway passes it on, its token verified.
pub fn event(method: &Method, path: &str, body: Option<&Value>, claims: &Claims) -> Vec<u8> {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer verified-by-the-gateway"));
    if body.is_some() {
        headers.insert("content-type", HeaderValue::from_static("application/json"));
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    let event = gateway::event(method, &path.parse().expect("a path"), &headers, body.as_bytes());
    gateway::authorized(event, claims).to_string().into_bytes()
}

impl Call {
    /// The next call of a subject: the account's PIN has this version, and no order has this PON.
    pub fn new(subject: Subject, version: u64, pon: &str, due: &str) -> Self {
        let account = account(subject);
        let path = format!("/v1/accounts/{account}/port-out-pin");
        let (event, status, expected) = match subject.what {
            What::Provision => {
                let (path, body) =
                    (format!("/v1/accounts/{account}"), json!({"country": "US", "zip_code": "98052"}));
                (event(&Method::PUT, &path, Some(&body), &Claims::operator()), 200, account_view(account))
            }
            What::Status => {
                (event(&Method::GET, &path, None, &Claims::account(account)), 200, pin_view(account, version))
            }
            What::SetPin => {
                let event = event(&Method::PUT, &path, Some(&json!({"pin": PIN})), &Claims::account(account));
                (event, if version == 0 { 201 } else { 200 }, pin_view(account, version + 1))
            }
            What::PortOut => {
                let order = order(account, pon, due);
                (
                    event(&Method::POST, "/v1/port-outs", Some(&order), &Claims::carrier(SPID)),
                    201,
                    confirmed(&order),
                )
            }
        };
        match subject.who {
            Who::Bare => Self { event, account, expected: None, status: 200 },
            Who::Ours | Who::Node | Who::Python => Self { event, account, expected: Some(expected), status },
        }
    }

    /// The account that it is about.
    pub fn account(&self) -> &'static str {
        self.account
    }

    /// Fails unless status and body are what they have to be.
    pub fn check(&self, answer: &Answer) -> Result<(), String> {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status == self.status && self.expected.as_ref().is_none_or(|expected| same(&body, expected))
        {
            return Ok(());
        }
        let expected = self.expected.clone().unwrap_or_default();
        Err(format!("answered {} {body}, and not {} {expected}", answer.status, self.status))
    }
}

/// The same but for the time, which has to be one.
fn same(body: &Value, expected: &Value) -> bool {
    let mut body = body.clone();
    for name in ["created_at", "updated_at", "received_at"] {
        let is_time =
            |value: &Value| value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok());
        if body.get(name).is_some_and(is_time) {
            body[name] = "a time".into();
        }
    }
    body == *expected
}

fn account_view(account: &str) -> Value {
    json!({
        "account_id": account,
        "country": "US",
        "name": null,
        "zip_code": "98052",
        "time_zone": "America/New_York",
        "created_at": "a time",
        "updated_at": "a time",
    })
}

fn pin_view(account: &str, version: u64) -> Value {
    json!({
        "account_id": account,
        "pin_set": true,
        "pin_version": version,
        "updated_at": "a time",
        "updated_by": format!("admin@{account}"),
        "port_out_allowed": true,
        "blocked_by": [],
        "failed_attempts": 0,
        "warnings": [],
    })
}

fn order(account: &str, pon: &str, due: &str) -> Value {
    let mut order = harness::stack::order(pon, account, PIN, &[&number(account)]);
    order["desired_due_date"] = due.into();
    order
}

fn confirmed(order: &Value) -> Value {
    let text = |name: &str| order[name].as_str().unwrap_or_default();
    let (spid, pon) = (SPID.parse().expect("a SPID"), text("pon").parse().expect("a PON"));
    json!({
        "id": PortOutId::of(&spid, &pon, Version::FIRST).as_str(),
        "spid": SPID,
        "pon": order["pon"],
        "version": "01",
        "account_number": order["account_number"],
        "telephone_numbers": order["telephone_numbers"],
        "status": "confirmed",
        "foc_date": order["desired_due_date"],
        "rejections": [],
        "received_at": "a time",
    })
}

/// A Wednesday that is no holiday, so that nobody has to know any.
pub fn due(today: jiff::civil::Date) -> String {
    let holidays = [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)];
    let days = today.series(jiff::Span::new().days(1)).skip(14);
    let mut days = days.filter(|day| day.weekday() == jiff::civil::Weekday::Wednesday);
    days.find(|day| !holidays.contains(&(day.month(), day.day())))
        .map_or(String::new(), |day| day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &Value) -> Answer {
        let body = body.to_string().into_bytes();
        Answer { call: String::new(), status, headers: HeaderMap::new(), body }
    }

    #[test]
    fn the_right_answer_passes_at_any_time_and_another_does_not() {
        let call = Call::new(Subject::new(What::Status, Who::Ours), 7, "", "");
        let mut body = pin_view(SHARED, 7);
        body["updated_at"] = "2026-11-23T16:04:05Z".into();
        assert_eq!(call.check(&answer(200, &body)), Ok(()));
        assert!(call.check(&answer(201, &body)).is_err());
        for (name, value) in
            [("pin_version", json!(6)), ("updated_at", json!(null)), ("warnings", json!([1]))]
        {
            let mut other = body.clone();
            other[name] = value;
            assert!(call.check(&answer(200, &other)).is_err(), "{name}");
        }
    }

    #[test]
    fn a_bare_function_has_only_to_succeed() {
        let call = Call::new(Subject::new(What::PortOut, Who::Bare), 1, "TX-1", "2026-12-02");
        assert_eq!((call.account(), call.check(&answer(200, &json!(null)))), (BARE, Ok(())));
        assert!(call.check(&answer(500, &json!(null))).is_err());
    }

    #[test]
    fn the_due_date_is_a_wednesday_two_weeks_off_that_is_no_holiday() {
        let day = |month, day| due(jiff::civil::date(2026, month, day));
        assert_eq!([day(11, 23), day(10, 28), day(1, 1)], ["2026-12-09", "2026-11-18", "2026-01-21"]);
    }
}
