//! The one table of routes, which the functions, the local stack, the template and the tests share.

use percent_encoding::percent_decode_str;

use crate::http::endpoint::{
    BandwidthEndpoint, Endpoint, PortOutEndpoint, ProvisionEndpoint, SetPinEndpoint, StatusEndpoint,
};
use crate::http::problem::{Code, Problem};
use crate::http::response_meta::WithMeta as _;

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
    /// What it does, and by which function.
    pub endpoint: Endpoint,
    /// The query parameters that it takes; `None` if it ignores its query.
    pub query: Option<&'static [&'static str]>,
    /// How callers authenticate.
    pub auth: Auth,
}

impl Route {
    /// Returns the name of the function that answers it.
    pub const fn function(&self) -> &'static str {
        self.endpoint.function()
    }
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
const BANDWIDTH_NOTICE: &str = "/v1/webhooks/{source_id}/bandwidth-port-outs";

/// Every route. The `Allow` header lists the methods of a path in this order.
pub const ROUTES: &[Route] = &[
    route("GET", ACCOUNT, Endpoint::Status(StatusEndpoint::Account)),
    route("PUT", ACCOUNT, Endpoint::Provision(ProvisionEndpoint::PutAccount)),
    Route {
        query: Some(&["limit", "cursor"]),
        ..route("GET", NUMBERS, Endpoint::Status(StatusEndpoint::TelephoneNumbers))
    },
    route("POST", NUMBERS, Endpoint::Provision(ProvisionEndpoint::AssignNumbers)),
    route("DELETE", NUMBER, Endpoint::Provision(ProvisionEndpoint::RemoveNumber)),
    route("GET", PIN, Endpoint::Status(StatusEndpoint::Pin)),
    route("PUT", PIN, Endpoint::SetPin(SetPinEndpoint::Set)),
    route("DELETE", PIN, Endpoint::SetPin(SetPinEndpoint::Delete)),
    route("POST", PORT_OUTS, Endpoint::PortOut(PortOutEndpoint::Submit)),
    route("GET", PORT_OUT, Endpoint::Status(StatusEndpoint::PortOut)),
    route("GET", SOURCE, Endpoint::Provision(ProvisionEndpoint::GetWebhookSource)),
    route("PUT", SOURCE, Endpoint::Provision(ProvisionEndpoint::PutWebhookSource)),
    route("DELETE", SOURCE, Endpoint::Provision(ProvisionEndpoint::DeleteWebhookSource)),
    route("POST", ROTATE, Endpoint::Provision(ProvisionEndpoint::RotateWebhookSource)),
    webhook(STANDARD, Endpoint::PortOut(PortOutEndpoint::StandardWebhook)),
    bandwidth(BANDWIDTH, BandwidthEndpoint::Validation),
    bandwidth(BANDWIDTH_NOTICE, BandwidthEndpoint::Notice),
];

const fn route(method: &'static str, path: &'static str, endpoint: Endpoint) -> Route {
    Route { method, path, endpoint, query: Some(&[]), auth: Auth::Bearer }
}

const fn webhook(path: &'static str, endpoint: Endpoint) -> Route {
    Route { auth: Auth::Webhook, ..route("POST", path, endpoint) }
}

/// Bandwidth takes every 4xx for an approval, so its query is never a reason to refuse, and neither is a trailing
/// slash.
const fn bandwidth(path: &'static str, endpoint: BandwidthEndpoint) -> Route {
    Route { query: None, ..webhook(path, Endpoint::Bandwidth(endpoint)) }
}

/// A route that matched, with its path parameters decoded.
#[derive(Debug)]
pub struct Matched {
    /// The route.
    pub route: &'static Route,
    parameters: Vec<(&'static str, String)>,
}

impl Matched {
    /// Returns a path parameter; empty if the route has none of that name.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }
}

/// Finds the route of a method and a raw, still percent-encoded path.
///
/// # Errors
/// 404 for an unknown path; 405 with `Allow` for another method of a known one.
pub fn find(method: &str, path: &str) -> Result<Matched, Problem> {
    let match_one = |route: &'static Route| {
        let lenient = matches!(route.endpoint, Endpoint::Bandwidth(_));
        let path = if lenient { path.strip_suffix('/').unwrap_or(path) } else { path };
        parameters(route.path, path).map(|found| (route, found))
    };
    let known: Vec<_> = ROUTES.iter().filter_map(match_one).collect();
    let allowed: Vec<_> = known.iter().map(|(route, _)| *route).filter(|route| is_allowed(route)).collect();
    match known.into_iter().find(|(route, _)| route.method == method) {
        Some((route, parameters)) => Ok(Matched { route, parameters }),
        None if allowed.is_empty() => Err(no_route()),
        None => {
            let detail =
                "This path does not support the method. The Allow header lists the supported methods.";
            Err(Problem::new(Code::MethodNotAllowed, detail).with_header("Allow", allow(&allowed)))
        }
    }
}

/// Refuses to remove a PIN, with the methods that its path does allow.
pub fn pin_cannot_be_removed() -> Problem {
    let allowed: Vec<_> = ROUTES.iter().filter(|route| route.path == PIN && is_allowed(route)).collect();
    let detail = "Once set, a port-out PIN can be changed but not removed or blanked.";
    Problem::new(Code::PinCannotBeRemoved, detail).with_header("Allow", allow(&allowed))
}

/// Refuses an unknown path, or a route that another function answers.
pub fn no_route() -> Problem {
    Problem::new(Code::RouteNotFound, "No route matches this path.")
}

fn is_allowed(route: &Route) -> bool {
    route.endpoint != Endpoint::SetPin(SetPinEndpoint::Delete)
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

/// Decodes a segment; one that is empty or not UTF-8 matches no parameter.
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
        assert_eq!(matched.route.endpoint, Endpoint::Provision(ProvisionEndpoint::RemoveNumber));
        assert_eq!((matched.parameter("account_id"), matched.parameter("tn")), ("con-toso", "+12065550100"));
    }

    #[test]
    fn bandwidths_routes_have_a_trailing_slash_or_not() {
        for path in ["/v1/webhooks/bw/bandwidth", "/v1/webhooks/bw/bandwidth/"] {
            let matched = find("POST", path).unwrap();
            assert_eq!(matched.route.endpoint, Endpoint::Bandwidth(BandwidthEndpoint::Validation));
            assert_eq!(matched.parameter("source_id"), "bw");
        }
        assert!(find("POST", "/v1/webhooks/bw/bandwidth//").is_err());
        assert!(find("POST", "/v1/webhooks/bw/bandwidth-port-outs/").is_ok());
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
            assert_eq!(problem.meta.headers, [("Allow", allow.to_owned())]);
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
