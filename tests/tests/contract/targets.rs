//! The routes of the API as tests call them: all of them, and those that take a body.

use axum::http::{HeaderMap, Method, Uri};
use harness::assertions::problems::Problem;
use harness::gateway;
use harness::prelude::*;
use runtime::http::endpoint::{
    BandwidthEndpoint, Endpoint, PortOutEndpoint, ProtectEndpoint, ProvisionEndpoint, SetPinEndpoint,
    StatusEndpoint,
};
use runtime::http::identity::Scope;
use runtime::http::routes::{self, Auth};

/// A text that no answer and no log line may have.
pub const CANARY: &str = "zqcanary";
/// The number of [`stack`]'s account.
pub const TN: &str = "+12065550123";
/// A number of its account that a port-out holds, where there is one.
pub const HELD: &str = "+12065550124";

/// A route with a path to call: its method, the path, and the function that answers it.
pub type Call = (&'static str, &'static str, &'static str);

/// Every route; the account exists in [`stack`].
pub const ROUTES: [Call; routes::ROUTES.len()] = {
    let mut all = [("", "", ""); routes::ROUTES.len()];
    let mut index = 0;
    while index < all.len() {
        all[index] = call_of(&routes::ROUTES[index]);
        index += 1;
    }
    all
};

const fn call_of(route: &routes::Route) -> Call {
    (route.method, path(route.endpoint), route.function())
}

/// Returns the routes that take a bearer token.
pub fn bearer_routes() -> impl Iterator<Item = (Endpoint, Call)> {
    let bearer = routes::ROUTES.iter().filter(|route| route.auth == Auth::Bearer);
    bearer.map(|route| (route.endpoint, call_of(route)))
}

/// Returns the route of an endpoint.
pub fn route(endpoint: Endpoint) -> Call {
    call_of(routes::ROUTES.iter().find(|route| route.endpoint == endpoint).expect("a route"))
}

/// Returns a path of an endpoint; a new endpoint does not compile without one.
const fn path(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Status(StatusEndpoint::Account) | Endpoint::Provision(ProvisionEndpoint::PutAccount) => {
            "/v1/accounts/CONTOSO"
        }
        Endpoint::Status(StatusEndpoint::TelephoneNumbers)
        | Endpoint::Provision(ProvisionEndpoint::AssignNumbers) => "/v1/accounts/CONTOSO/telephone-numbers",
        Endpoint::Provision(ProvisionEndpoint::RemoveNumber) => {
            "/v1/accounts/CONTOSO/telephone-numbers/+12065550199"
        }
        Endpoint::Status(StatusEndpoint::Pin)
        | Endpoint::SetPin(SetPinEndpoint::Set | SetPinEndpoint::Delete) => {
            "/v1/accounts/CONTOSO/port-out-pin"
        }
        Endpoint::Status(StatusEndpoint::AccountPortOuts) => "/v1/accounts/CONTOSO/port-outs",
        Endpoint::Status(StatusEndpoint::Events) => "/v1/accounts/CONTOSO/events",
        Endpoint::Status(StatusEndpoint::Protection)
        | Endpoint::Protect(ProtectEndpoint::SwitchProtection) => "/v1/accounts/CONTOSO/port-protection",
        Endpoint::Status(StatusEndpoint::PortOuts) | Endpoint::PortOut(PortOutEndpoint::Submit) => {
            "/v1/port-outs"
        }
        Endpoint::Status(StatusEndpoint::PortOut) => "/v1/port-outs/0123456789abcdef0123456789abcdef",
        Endpoint::Protect(ProtectEndpoint::Activate) => {
            "/v1/port-outs/0123456789abcdef0123456789abcdef/activations"
        }
        Endpoint::Protect(ProtectEndpoint::Cancel) => {
            "/v1/port-outs/0123456789abcdef0123456789abcdef/cancellation"
        }
        Endpoint::Protect(ProtectEndpoint::Release) => {
            "/v1/port-outs/0123456789abcdef0123456789abcdef/release"
        }
        Endpoint::Status(StatusEndpoint::TelephoneNumber) => "/v1/telephone-numbers/+12065550123",
        Endpoint::Provision(ProvisionEndpoint::GetWebhookSource | ProvisionEndpoint::PutWebhookSource) => {
            "/v1/webhook-sources/acme"
        }
        // Another one, so that a test may call every route in turn.
        Endpoint::Provision(ProvisionEndpoint::DeleteWebhookSource) => "/v1/webhook-sources/unknown",
        Endpoint::Provision(ProvisionEndpoint::RotateWebhookSource) => "/v1/webhook-sources/acme/rotate",
        Endpoint::PortOut(PortOutEndpoint::StandardWebhook) => "/v1/webhooks/acme/port-outs",
        Endpoint::Bandwidth(BandwidthEndpoint::Validation) => "/v1/webhooks/acme/bandwidth",
        Endpoint::Bandwidth(BandwidthEndpoint::Notice) => "/v1/webhooks/acme/bandwidth-port-outs",
        Endpoint::Console(_) => panic!("a page, not a route of the API"),
    }
}

#[test]
fn every_path_to_call_is_one_of_its_own_route() {
    for (found, (method, path, _)) in routes::ROUTES.iter().zip(ROUTES) {
        assert_eq!(routes::find(method, path).unwrap().route.endpoint, found.endpoint, "{method} {path}");
    }
}

/// Starts a stack with one account and one number.
pub async fn stack() -> Stack {
    let stack = Stack::start().await;
    stack.seed(CONTOSO, &[TN]).await;
    stack
}

/// Starts only `provision` and `status`, with one account that has these numbers.
pub async fn provisioned(numbers: &[&str]) -> Stack {
    let stack = Stack::builder().functions(&["provision", "status"]).start().await;
    stack.put_account(CONTOSO, &json!({"country": "US"})).await.assert_status(201);
    if !numbers.is_empty() {
        stack.assign(CONTOSO, numbers).await.assert_status(200);
    }
    stack
}

/// Returns a valid body if the endpoint takes JSON; a new endpoint does not compile without an answer.
pub fn body(method: &str, path: &str) -> Option<Value> {
    match routes::find(method, path).ok()?.route.endpoint {
        Endpoint::Provision(ProvisionEndpoint::PutAccount) => {
            Some(json!({"country": "US", "zip_codes": ["98052"]}))
        }
        Endpoint::Provision(ProvisionEndpoint::AssignNumbers) => Some(json!({"telephone_numbers": [TN]})),
        Endpoint::Provision(ProvisionEndpoint::PutWebhookSource) => {
            Some(json!({"kind": "standard-webhooks", "spid": "A123"}))
        }
        Endpoint::Provision(ProvisionEndpoint::RotateWebhookSource) => Some(json!({"replaces": 1})),
        Endpoint::SetPin(SetPinEndpoint::Set) => Some(json!({"pin": PIN})),
        Endpoint::PortOut(PortOutEndpoint::Submit | PortOutEndpoint::StandardWebhook) => {
            Some(order("TX-1001", CONTOSO, PIN, &[TN]))
        }
        Endpoint::Protect(ProtectEndpoint::Activate) => Some(json!({"telephone_numbers": [HELD]})),
        Endpoint::Protect(ProtectEndpoint::Cancel) => {
            Some(json!({"statement": "changed_mind", "name": "Ada Admin"}))
        }
        Endpoint::Protect(ProtectEndpoint::Release) => {
            let obtained_at = "2026-11-20T09:00:00Z";
            Some(json!({"authority": "end_user", "reference": "LTR-7", "obtained_at": obtained_at}))
        }
        Endpoint::Protect(ProtectEndpoint::SwitchProtection) => Some(json!({"enabled": false})),
        Endpoint::Bandwidth(_)
        | Endpoint::Console(_)
        | Endpoint::SetPin(SetPinEndpoint::Delete)
        | Endpoint::Status(
            StatusEndpoint::Account
            | StatusEndpoint::TelephoneNumbers
            | StatusEndpoint::Pin
            | StatusEndpoint::PortOut
            | StatusEndpoint::TelephoneNumber
            | StatusEndpoint::Protection
            | StatusEndpoint::AccountPortOuts
            | StatusEndpoint::PortOuts
            | StatusEndpoint::Events,
        )
        | Endpoint::Provision(
            ProvisionEndpoint::RemoveNumber
            | ProvisionEndpoint::GetWebhookSource
            | ProvisionEndpoint::DeleteWebhookSource,
        ) => None,
    }
}

/// Returns the token of a caller that is allowed on this route.
pub fn allowed(stack: &Stack, method: &str, path: &str) -> String {
    let scopes = routes::find(method, path).map_or(&[][..], |found| found.route.scopes);
    match scopes.first() {
        Some(Scope::PinRead | Scope::PinWrite | Scope::Protection) => stack.tokens().account(CONTOSO),
        Some(Scope::Submit) => stack.tokens().carrier("A123"),
        Some(Scope::Desk) => stack.tokens().sign(&Claims::desk()),
        Some(Scope::Accounts) | None => stack.tokens().operator(),
    }
}

/// Begins a call of a route with a valid body if it takes one, without a token.
pub fn call(stack: &Stack, method: &str, path: &str) -> CallBuilder {
    let call = stack.call(method, path);
    match body(method, path.split('?').next().unwrap_or_default()) {
        Some(body) => call.json(&body),
        None => call,
    }
}

/// Returns the event of a request, as the gateway sends it.
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

/// Returns the routes that take a JSON body and a token.
pub fn targets(stack: &Stack) -> [Target; 6] {
    let target = |endpoint, claims: &Claims| {
        let (method, path, function) = route(endpoint);
        Target {
            method,
            path,
            function,
            token: stack.tokens().sign(claims),
            good: body(method, path).unwrap(),
            status: 200,
            texts: &[],
            lists: path.ends_with("s"),
            required: &[],
            fields: "",
        }
    };
    [
        Target {
            texts: &[("country", Some("country_invalid")), ("name", Some("name_invalid"))],
            required: &["country"],
            fields: "country, name, zip_codes",
            ..target(Endpoint::Provision(ProvisionEndpoint::PutAccount), &Claims::operator())
        },
        Target {
            required: &["telephone_numbers"],
            fields: "telephone_numbers",
            ..target(Endpoint::Provision(ProvisionEndpoint::AssignNumbers), &Claims::operator())
        },
        Target {
            status: 201,
            texts: &[("pin", Some("pin_not_digits"))],
            fields: "pin",
            ..target(Endpoint::SetPin(SetPinEndpoint::Set), &Claims::account(CONTOSO))
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
            fields: "pon, version, account_number, pin, zip_code, supplement, telephone_numbers, desired_due_date, lsr",
            ..target(Endpoint::PortOut(PortOutEndpoint::Submit), &Claims::carrier("A123"))
        },
        Target {
            status: 201,
            texts: &[
                ("kind", Some("kind_invalid")),
                ("spid", Some("spid_invalid")),
                ("name", Some("name_invalid")),
            ],
            required: &["kind", "spid"],
            fields: "kind, spid, name",
            ..target(Endpoint::Provision(ProvisionEndpoint::PutWebhookSource), &Claims::operator())
        },
        Target {
            required: &["enabled"],
            fields: "enabled",
            ..target(Endpoint::Protect(ProtectEndpoint::SwitchProtection), &Claims::account(CONTOSO))
        },
    ]
}

impl Target {
    /// Begins its call, with its token and without a body.
    pub fn call(&self, stack: &Stack) -> CallBuilder {
        stack.call(self.method, self.path).bearer(&self.token)
    }

    /// Fails unless these bytes, sent as JSON, are refused like this.
    pub async fn refuses(&self, stack: &Stack, body: &[u8], refusal: &Problem) {
        self.call(stack).body("application/json", body).send().await.assert_refused(refusal);
    }

    /// Returns the valid body with another value in one field.
    pub fn with(&self, field: &str, value: Value) -> Value {
        let mut body = self.good.clone();
        body[field] = value;
        body
    }
}

/// Runs a check for each target on a new stack; fails if anything was stored, or if an answer holds the canary.
pub async fn each_target(check: impl AsyncFn(&Stack, &Target)) {
    let stack = stack().await;
    let before = stack.scan().await;
    for target in targets(&stack) {
        check(&stack, &target).await;
    }
    assert_untouched(&stack, &before).await;
}

/// Fails if anything was stored since, or if an answer holds the canary.
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
