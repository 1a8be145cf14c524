//! The routes of the API as tests call them: all of them, and those that take a body.

use harness::assertions::problems::Problem;
use axum::http::{HeaderMap, Method, Uri};
use harness::client::CallBuilder;
use harness::gateway;
use harness::stack::{Stack, order};
use harness::tokens::Claims;
use serde_json::{Value, json};

/// A text that no answer and no log line may have.
pub const CANARY: &str = "zqcanary";
/// The number of [`stack`]'s account.
pub const TN: &str = "+12065550123";

/// Every route, with the function that answers it; the account exists in [`stack`].
pub const ROUTES: [(&str, &str, &str); 10] = [
    ("PUT", "/v1/accounts/CONTOSO", "provision"),
    ("GET", "/v1/accounts/CONTOSO", "status"),
    ("POST", "/v1/accounts/CONTOSO/telephone-numbers", "provision"),
    ("GET", "/v1/accounts/CONTOSO/telephone-numbers", "status"),
    ("DELETE", "/v1/accounts/CONTOSO/telephone-numbers/+12065550199", "provision"),
    ("GET", "/v1/accounts/CONTOSO/port-out-pin", "status"),
    ("PUT", "/v1/accounts/CONTOSO/port-out-pin", "set-pin"),
    ("DELETE", "/v1/accounts/CONTOSO/port-out-pin", "set-pin"),
    ("POST", "/v1/port-outs", "port-out"),
    ("GET", "/v1/port-outs/0123456789abcdef0123456789abcdef", "status"),
];

/// A stack with one account and one number.
pub async fn stack() -> Stack {
    let stack = Stack::start().await;
    stack.seed("CONTOSO", &[TN]).await;
    stack
}

/// Only what provisions and shows: a stack whose account has these numbers and nothing else.
pub async fn provisioned(numbers: &[&str]) -> Stack {
    let stack = Stack::builder().functions(&["provision", "status"]).start().await;
    stack.put_account("CONTOSO", &json!({"country": "US"})).await.assert_status(201);
    if !numbers.is_empty() {
        stack.assign("CONTOSO", numbers).await.assert_status(200);
    }
    stack
}

/// A good body for those routes that take one.
pub fn body(method: &str, path: &str) -> Option<Value> {
    match (method, path.rsplit('/').next().unwrap_or_default()) {
        ("PUT", "port-out-pin") => Some(json!({"pin": "482913"})),
        ("POST", "telephone-numbers") => Some(json!({"telephone_numbers": [TN]})),
        ("POST", "port-outs") => Some(order("TX-1001", "CONTOSO", "482913", &[TN])),
        ("PUT", _) => Some(json!({"country": "US", "zip_code": "98052"})),
        _ => None,
    }
}

/// A call of a route, with a good body if it takes one, and without a token.
pub fn call(stack: &Stack, method: &str, path: &str) -> CallBuilder {
    let call = stack.call(method, path);
    match body(method, path.split('?').next().unwrap_or_default()) {
        Some(body) => call.json(&body),
        None => call,
    }
}

/// The event of a request, as the gateway sends it.
pub fn event(method: &str, path: &str, headers: &[(&'static str, &str)], body: &[u8]) -> Value {
    let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    let (method, uri) = (Method::from_bytes(method.as_bytes()).unwrap(), path.parse::<Uri>().unwrap());
    gateway::event(&method, &uri, &headers.collect::<HeaderMap>(), body)
}

/// A route that takes a body, and everything about it.
pub struct Target {
    pub method: &'static str,
    pub path: &'static str,
    pub function: &'static str,
    pub token: String,
    /// A body that it takes.
    pub good: Value,
    /// What a first call with that body is answered.
    pub status: u16,
    /// Fields that are texts, with the code of one that breaks its rule, if there is one.
    pub texts: &'static [(&'static str, Option<&'static str>)],
    /// Whether there is a list of telephone numbers.
    pub lists: bool,
    /// Fields that must be there, all but the PIN.
    pub required: &'static [&'static str],
    /// All fields, as the answer lists them.
    pub fields: &'static str,
}

/// The four routes that take a body.
pub fn targets(stack: &Stack) -> [Target; 4] {
    let good = |method, path| body(method, path).unwrap();
    let issuer = stack.tokens();
    let [account, .., port_outs, _] = ROUTES;
    let (numbers, pin) = (ROUTES[2], ROUTES[6]);
    let target =
        |(method, path, function): (&'static str, &'static str, &'static str), claims: &Claims| Target {
            method,
            path,
            function,
            token: issuer.sign(claims),
            good: good(method, path),
            status: 200,
            texts: &[],
            lists: path.ends_with("s"),
            required: &[],
            fields: "",
        };
    [
        Target {
            texts: &[
                ("country", Some("country_invalid")),
                ("name", Some("name_invalid")),
                ("zip_code", Some("zip_code_invalid")),
                ("time_zone", Some("time_zone_invalid")),
            ],
            required: &["country"],
            fields: "country, name, zip_code, time_zone",
            ..target(account, &Claims::operator())
        },
        Target {
            required: &["telephone_numbers"],
            fields: "telephone_numbers",
            ..target(numbers, &Claims::operator())
        },
        Target {
            status: 201,
            texts: &[("pin", Some("pin_not_digits"))],
            fields: "pin",
            ..target(pin, &Claims::account("CONTOSO"))
        },
        Target {
            status: 201,
            texts: &[
                ("pon", Some("pon_invalid")),
                ("version", Some("version_invalid")),
                ("account_number", Some("account_number_invalid")),
                // A wrong PIN is an answer here, not an error.
                ("pin", None),
                ("zip_code", Some("zip_code_invalid")),
                ("desired_due_date", Some("date_invalid")),
            ],
            required: &["pon", "account_number", "telephone_numbers"],
            fields: "pon, version, account_number, pin, zip_code, telephone_numbers, desired_due_date",
            ..target(port_outs, &Claims::carrier("A123"))
        },
    ]
}

impl Target {
    /// Its call, with its token and without a body.
    pub fn call(&self, stack: &Stack) -> CallBuilder {
        stack.call(self.method, self.path).bearer(&self.token)
    }

    /// Fails unless these bytes, sent as JSON, are refused like this.
    pub async fn refuses(&self, stack: &Stack, body: &[u8], refusal: &Problem) {
        self.call(stack).body("application/json", body).send().await.assert_refused(refusal);
    }

    /// The good body with another value in one field.
    pub fn with(&self, field: &str, value: Value) -> Value {
        let mut body = self.good.clone();
        body[field] = value;
        body
    }
}

/// Fails if anything was stored since, or if the canary was told to anybody.
pub async fn assert_untouched(stack: &Stack, before: &[harness::engine::Item]) {
    assert_eq!(stack.scan().await, before);
    assert_no_canary(stack);
}

/// Fails if an answer or a log line has the canary.
pub fn assert_no_canary(stack: &Stack) {
    for text in [stack.transcript(), stack.logs()] {
        assert!(!text.contains(CANARY), "{text}");
    }
}
