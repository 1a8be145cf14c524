//! Every route of the API: the one table that the functions, the local stack, the template and the tests agree on.

use percent_encoding::percent_decode_str;

use crate::http::problem::{Code, Problem};

/// What a route does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// Create or replace an account.
    PutAccount,
    /// Show an account.
    GetAccount,
    /// Give numbers to an account.
    AssignNumbers,
    /// Show an account's numbers.
    ListNumbers,
    /// Take a number from an account.
    RemoveNumber,
    /// Set or change a PIN.
    SetPin,
    /// Show a PIN's status.
    GetPin,
    /// Refused: once set, a PIN can be changed, not removed.
    DeletePin,
    /// Submit a port-out.
    SubmitPortOut,
    /// Show a port-out.
    GetPortOut,
    /// Register or rename a webhook source.
    PutWebhookSource,
    /// Show a webhook source.
    GetWebhookSource,
    /// Delete a webhook source.
    DeleteWebhookSource,
    /// Give a webhook source a new secret.
    RotateWebhookSource,
    /// Submit a port-out as a signed webhook.
    StandardWebhook,
    /// Have Bandwidth validate a port-out.
    BandwidthWebhook,
}

/// How callers authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// With a bearer token, verified before the handler runs.
    Bearer,
    /// With a webhook's signature or password, verified by the handler.
    Webhook,
}

/// One method of one path.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// HTTP method.
    pub method: &'static str,
    /// Path, with `{name}` for a parameter.
    pub path: &'static str,
    /// The function that answers it.
    pub function: &'static str,
    /// What it does.
    pub endpoint: Endpoint,
    /// The query parameters that it takes; `None`: whatever there are, they are not read.
    pub query: Option<&'static [&'static str]>,
    /// How callers authenticate.
    pub auth: Auth,
}

const fn route(
    method: &'static str,
    path: &'static str,
    function: &'static str,
    endpoint: Endpoint,
) -> Route {
    Route { method, path, function, endpoint, query: Some(&[]), auth: Auth::Bearer }
}

const ACCOUNT: &str = "/v1/accounts/{account_id}";
const NUMBERS: &str = "/v1/accounts/{account_id}/telephone-numbers";
const NUMBER: &str = "/v1/accounts/{account_id}/telephone-numbers/{tn}";
const PIN: &str = "/v1/accounts/{account_id}/port-out-pin";
const PORT_OUTS: &str = "/v1/port-outs";
const PORT_OUT: &str = "/v1/port-outs/{id}";
const SOURCE: &str = "/v1/webhook-sources/{source_id}";
const ROTATE: &str = "/v1/webhook-sources/{source_id}/rotate";
const STANDARD: &str = "/v1/webhooks/{source_id}/port-outs";
const BANDWIDTH: &str = "/v1/webhooks/{source_id}/bandwidth";

const fn webhook(path: &'static str, endpoint: Endpoint) -> Route {
    Route { auth: Auth::Webhook, ..route("POST", path, "port-out", endpoint) }
}

/// All of them. Methods of one path stand in the order in which `Allow` lists them.
pub const ROUTES: &[Route] = &[
    route("GET", ACCOUNT, "status", Endpoint::GetAccount),
    route("PUT", ACCOUNT, "provision", Endpoint::PutAccount),
    Route { query: Some(&["limit", "cursor"]), ..route("GET", NUMBERS, "status", Endpoint::ListNumbers) },
    route("POST", NUMBERS, "provision", Endpoint::AssignNumbers),
    route("DELETE", NUMBER, "provision", Endpoint::RemoveNumber),
    route("GET", PIN, "status", Endpoint::GetPin),
    route("PUT", PIN, "set-pin", Endpoint::SetPin),
    route("DELETE", PIN, "set-pin", Endpoint::DeletePin),
    route("POST", PORT_OUTS, "port-out", Endpoint::SubmitPortOut),
    route("GET", PORT_OUT, "status", Endpoint::GetPortOut),
    route("GET", SOURCE, "provision", Endpoint::GetWebhookSource),
    route("PUT", SOURCE, "provision", Endpoint::PutWebhookSource),
    route("DELETE", SOURCE, "provision", Endpoint::DeleteWebhookSource),
    route("POST", ROTATE, "provision", Endpoint::RotateWebhookSource),
    webhook(STANDARD, Endpoint::StandardWebhook),
    // To Bandwidth a refusal of its query would be consent.
    Route { query: None, ..webhook(BANDWIDTH, Endpoint::BandwidthWebhook) },
];

/// A path that matched, with its parameters decoded.
#[derive(Debug)]
pub struct Matched {
    /// The route.
    pub route: &'static Route,
    parameters: Vec<(&'static str, String)>,
}

impl Matched {
    /// A parameter of the path; empty if the route has none of that name.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }
}

/// The route of a method and a raw, still percent-encoded path.
pub fn find(method: &str, path: &str) -> Result<Matched, Problem> {
    let known: Vec<_> =
        ROUTES.iter().filter_map(|route| parameters(route.path, path).map(|found| (route, found))).collect();
    let allowed: Vec<_> = known.iter().map(|(route, _)| *route).filter(|route| is_allowed(route)).collect();
    match known.into_iter().find(|(route, _)| route.method == method) {
        Some((route, parameters)) => Ok(Matched { route, parameters }),
        None if allowed.is_empty() => Err(no_route()),
        None => {
            let detail = "This path does not take that method; the Allow header lists those that it takes.";
            Err(Problem::new(Code::MethodNotAllowed, detail).with_header("Allow", allow(&allowed)))
        }
    }
}

/// The answer to the one method that is known in order to be refused.
pub fn pin_cannot_be_removed() -> Problem {
    let allowed: Vec<_> = ROUTES.iter().filter(|route| route.path == PIN && is_allowed(route)).collect();
    let detail = "Once set, a port-out PIN can be changed, not removed or blanked.";
    Problem::new(Code::PinCannotBeRemoved, detail).with_header("Allow", allow(&allowed))
}

/// No such route; also of a call that the gateway sent to a function which does not answer it.
pub fn no_route() -> Problem {
    Problem::new(Code::RouteNotFound, "There is no such route.")
}

fn is_allowed(route: &Route) -> bool {
    route.endpoint != Endpoint::DeletePin
}

fn allow(routes: &[&Route]) -> String {
    routes.iter().map(|route| route.method).collect::<Vec<_>>().join(", ")
}

fn parameters(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let mut found = Vec::new();
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(found),
            (Some(part), Some(segment)) => match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
                Some(name) => found.push((name, decode(segment)?)),
                None if part == segment => {}
                None => return None,
            },
            (Some(_), None) | (None, Some(_)) => return None,
        }
    }
}

/// An empty segment, or one that does not decode to UTF-8, names nothing.
fn decode(segment: &str) -> Option<String> {
    let decoded = percent_decode_str(segment).decode_utf8().ok()?;
    (!decoded.is_empty()).then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_path_and_method_is_found_with_its_parameters_decoded() {
        let matched = find("DELETE", "/v1/accounts/con%2Dtoso/telephone-numbers/%2B12065550100").unwrap();
        assert_eq!(matched.route.endpoint, Endpoint::RemoveNumber);
        assert_eq!((matched.parameter("account_id"), matched.parameter("tn")), ("con-toso", "+12065550100"));
    }

    #[test]
    fn another_method_of_a_known_path_is_405_with_the_methods_of_all_functions() {
        for (method, path, allow) in [
            ("POST", "/v1/accounts/CONTOSO", "GET, PUT"),
            ("PATCH", "/v1/accounts/CONTOSO/port-out-pin", "GET, PUT"),
            ("GET", "/v1/port-outs", "POST"),
            ("get", "/v1/accounts/CONTOSO", "GET, PUT"),
        ] {
            let problem = find(method, path).unwrap_err();
            assert_eq!(problem.code(), Code::MethodNotAllowed, "{method} {path}");
            assert_eq!(problem.headers, [("Allow", allow.to_owned())]);
        }
    }

    #[test]
    fn anything_else_is_no_route() {
        for path in [
            "",
            "/",
            "/v1",
            "/v1/accounts/",
            "/v1/accounts//port-out-pin",
            "/v1/port-outs/a/b",
            "/v1/accounts/%FF",
        ] {
            assert_eq!(find("GET", path).unwrap_err().code(), Code::RouteNotFound, "{path}");
        }
    }
}
