//! Calls of the functions: the events that the gateway would pass on, and the answers that they must get.

use axum::http::{HeaderMap, HeaderValue, Method};
use harness::client::Answer;
use harness::lambda_host::LambdaHost;
use harness::tokens::Claims;
use harness::{authorizer, gateway};
use jiff::Span;
use jiff::civil::Date;
use serde_json::{Value, json};
use shared::due_date::HOLD_DAYS;
use shared::port_out_id::{PortOutId, Requester, Version};
use std::time::{Duration, Instant};

/// The carrier of every port-out.
pub const SPID: &str = "B123";

/// Matches any time in an expected body.
const A_TIME: &str = "a time";

/// An event and the answer that it must get.
pub struct Call {
    event: Vec<u8>,
    status: u16,
    /// Any body will do without this.
    body: Option<Value>,
}

impl Call {
    /// Creates an account, or replaces it.
    pub fn put_account(account: &str, status: u16) -> Self {
        let body = json!({"country": "US", "zip_codes": ["98052"]});
        let event = event(&Method::PUT, &format!("/v1/accounts/{account}"), &body, &Claims::operator());
        Self { event, status, body: Some(account_body(account)) }
    }

    /// Assigns numbers to an account.
    pub fn assign(account: &str, numbers: &[String]) -> Self {
        let path = format!("/v1/accounts/{account}/telephone-numbers");
        let body = json!({"telephone_numbers": numbers});
        Self { event: event(&Method::POST, &path, &body, &Claims::operator()), status: 200, body: None }
    }

    /// Reads the status of a PIN that has this version and was never guessed.
    pub fn status(account: &str, version: u64) -> Self {
        let event = event(&Method::GET, &pin_path(account), &Value::Null, &Claims::account(account));
        Self { event, status: 200, body: Some(pin_body(account, version)) }
    }

    /// Sets a PIN other than the current one, which has this version, 0 if there is none.
    pub fn set_pin(account: &str, pin: &str, version: u64) -> Self {
        let claims = Claims::account(account);
        let event = event(&Method::PUT, &pin_path(account), &json!({"pin": pin}), &claims);
        let status = if version == 0 { 201 } else { 200 };
        Self { event, status, body: Some(pin_body(account, version + 1)) }
    }

    /// Submits a port-out that has a desired due date and is to be confirmed.
    pub fn port_out(order: &Value) -> Self {
        let event = event(&Method::POST, "/v1/port-outs", order, &Claims::carrier(SPID));
        Self { event, status: 201, body: Some(confirmed_body(order)) }
    }

    /// Reads the console's page without a session.
    pub fn console() -> Self {
        let event =
            gateway::event(&Method::GET, &"/console".parse().expect("a path"), &HeaderMap::new(), b"");
        Self { event: event.to_string().into_bytes(), status: 200, body: None }
    }

    /// Reads something that must be answered with this body, if one is given.
    pub fn read(path: &str, claims: &Claims, body: Option<Value>) -> Self {
        Self { event: event(&Method::GET, path, &Value::Null, claims), status: 200, body }
    }

    /// Cancels a port-out as the owner of its account.
    pub fn cancellation(account: &str, id: &str) -> Self {
        let (path, claims) = (format!("/v1/port-outs/{id}/cancellation"), Claims::account(account));
        let body = json!({"statement": "changed_mind", "name": "Ada Admin"});
        Self { event: event(&Method::POST, &path, &body, &claims), status: 200, body: None }
    }

    /// The same event for a bare function, which answers 200 without a body.
    #[must_use]
    pub fn into_bare(self) -> Self {
        Self { status: 200, body: None, ..self }
    }

    /// Sends it to a function. Returns how long the answer took, which is checked afterwards.
    pub async fn send(&self, host: &LambdaHost, function: &str) -> Result<Duration, String> {
        self.exchange(host, function).await.map(|(took, _)| took)
    }

    /// Sends it, and returns the answer's body besides.
    pub async fn exchange(&self, host: &LambdaHost, function: &str) -> Result<(Duration, Value), String> {
        let began = Instant::now();
        let outcome = host.invoke_raw(function, &self.event).await;
        let took = began.elapsed();
        let answer = gateway::answer(outcome);
        let answer = answer.map_err(|(_, error)| format!("{function} {error}\n{}", host.logs()))?;
        self.check(&answer).map_err(|error| format!("{function} {error}\n{}", host.logs()))?;
        Ok((took, serde_json::from_slice(&answer.body).unwrap_or_default()))
    }

    /// Fails unless status and body are the expected ones.
    fn check(&self, answer: &Answer) -> Result<(), String> {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let same = self.body.as_ref().is_none_or(|expected| without_times(&body) == *expected);
        if answer.status == self.status && same {
            return Ok(());
        }
        let expected = self.body.clone().unwrap_or_default();
        Err(format!("answered {} {body}, not {} {expected}", answer.status, self.status))
    }
}

/// Returns a port-out request for these numbers.
pub fn order(pon: &str, account: &str, pin: &str, tns: &[impl AsRef<str>], due: &str) -> Value {
    let mut order = harness::stack::order(pon, account, pin, tns);
    order["desired_due_date"] = due.into();
    order
}

/// Returns a Wednesday that is not a holiday, at least two weeks from now.
pub fn due_date() -> String {
    wednesday_after(jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date())
}

fn wednesday_after(today: Date) -> String {
    let fixed_holidays = [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)];
    let mut days = today.series(Span::new().days(1)).skip(14);
    let due = days.find(|day| {
        day.weekday() == jiff::civil::Weekday::Wednesday
            && !fixed_holidays.contains(&(day.month(), day.day()))
    });
    due.expect("a Wednesday").to_string()
}

/// An event as the gateway passes it on, its token verified.
fn event(method: &Method, path: &str, body: &Value, claims: &Claims) -> Vec<u8> {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer verified-by-the-gateway"));
    let mut text = String::new();
    if !body.is_null() {
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        text = body.to_string();
    }
    let event = gateway::event(method, &path.parse().expect("a path"), &headers, text.as_bytes());
    authorizer::authorized(event, claims).to_string().into_bytes()
}

fn pin_path(account: &str) -> String {
    format!("/v1/accounts/{account}/port-out-pin")
}

/// Replaces the times, so that what is left can be compared.
fn without_times(body: &Value) -> Value {
    let mut body = body.clone();
    for name in ["created_at", "updated_at", "received_at", "entered_at"] {
        let text = body.get(name).and_then(Value::as_str);
        if text.is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()) {
            body[name] = A_TIME.into();
        }
    }
    body
}

fn account_body(account: &str) -> Value {
    json!({
        "account_id": account,
        "country": "US",
        "name": null,
        "zip_codes": ["98052"],
        "created_at": A_TIME,
        "updated_at": A_TIME,
    })
}

fn pin_body(account: &str, version: u64) -> Value {
    json!({
        "account_id": account,
        "pin_set": true,
        "pin_version": version,
        "updated_at": A_TIME,
        "updated_by": format!("user:admin@{account}"),
        "port_out_allowed": true,
        "blocked_by": [],
        "failed_attempts": 0,
        "consecutive_failures": 0,
        "last_failed_at": null,
        "warnings": [],
    })
}

fn confirmed_body(order: &Value) -> Value {
    let pon = order["pon"].as_str().and_then(|pon| pon.parse().ok()).expect("a PON");
    let carrier = Requester::Carrier(SPID.parse().expect("a SPID"));
    let id = PortOutId::of(&carrier, &pon, Version::FIRST);
    let foc_date =
        order["desired_due_date"].as_str().and_then(|date| date.parse::<Date>().ok()).expect("a date");
    json!({
        "id": id.as_str(),
        "spid": SPID,
        "pon": order["pon"],
        "version": "01",
        "supplement": null,
        "account_number": order["account_number"],
        "telephone_numbers": order["telephone_numbers"],
        "status": "confirmed",
        "rejections": [],
        "desired_due_date": foc_date.to_string(),
        "foc_date": foc_date.to_string(),
        "due_date_changed": false,
        "hold_expires_on": foc_date.saturating_add(Span::new().days(HOLD_DAYS)).to_string(),
        "ported_numbers": [],
        "released_numbers": [],
        "cancellation": null,
        "channel": "api",
        "received_at": A_TIME,
        "entered_at": A_TIME,
        "updated_at": A_TIME,
    })
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
        let call = Call::status("CONTOSO", 7);
        let mut body = pin_body("CONTOSO", 7);
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
        let call =
            Call::port_out(&order("TX-1", "CONTOSO", "739184", &["+12065550100"], "2026-12-02")).into_bare();
        assert_eq!(call.check(&answer(200, &json!(null))), Ok(()));
        assert!(call.check(&answer(500, &json!(null))).is_err());
    }

    #[test]
    fn the_due_date_is_a_wednesday_two_weeks_off_that_is_not_a_holiday() {
        let day = |month, day| wednesday_after(jiff::civil::date(2026, month, day));
        assert_eq!([day(11, 23), day(10, 28), day(1, 1)], ["2026-12-09", "2026-11-18", "2026-01-21"]);
    }
}
