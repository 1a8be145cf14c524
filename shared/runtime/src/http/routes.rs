//! The one table of routes, which the functions, the local stack, the template and the tests share: those of the API, and
//! the pages of the console.

use crate::http::endpoint::{
    BandwidthEndpoint, ConsoleEndpoint, Endpoint, PortOutEndpoint, ProtectEndpoint, ProvisionEndpoint,
    SetPinEndpoint, StatusEndpoint,
};
use crate::http::identity::Scope;
use crate::http::problem::{Code, Problem};
use crate::http::response_meta::WithMeta as _;

/// How callers authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// With a bearer token, verified before the handler runs.
    Bearer,
    /// With a webhook's signature or password, verified by the handler.
    Webhook,
    /// With the cookie of a session in a browser, if at all, verified by the handler.
    Session,
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
    /// Scopes, one of which a bearer token needs. Which account or carrier it is for is the endpoint's question.
    pub scopes: &'static [Scope],
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
const ACCOUNT_PORT_OUTS: &str = "/v1/accounts/{account_id}/port-outs";
const EVENTS: &str = "/v1/accounts/{account_id}/events";
const PORT_OUT: &str = "/v1/port-outs/{id}";
const ACTIVATIONS: &str = "/v1/port-outs/{id}/activations";
const CANCELLATION: &str = "/v1/port-outs/{id}/cancellation";
const RELEASE: &str = "/v1/port-outs/{id}/release";
const PROTECTION: &str = "/v1/accounts/{account_id}/port-protection";
const TELEPHONE_NUMBER: &str = "/v1/telephone-numbers/{tn}";
const SOURCE: &str = "/v1/webhook-sources/{source_id}";
const ROTATE: &str = "/v1/webhook-sources/{source_id}/rotate";
const STANDARD: &str = "/v1/webhooks/{source_id}/port-outs";
const BANDWIDTH: &str = "/v1/webhooks/{source_id}/bandwidth";
const BANDWIDTH_NOTICE: &str = "/v1/webhooks/{source_id}/bandwidth-port-outs";

/// Scopes of owners who read, and of the operator.
const OWNER_OR_OPERATOR: &[Scope] = &[Scope::PinRead, Scope::Accounts];
const OPERATOR: &[Scope] = &[Scope::Accounts];
const OWNER_OR_DESK: &[Scope] = &[Scope::PinRead, Scope::Desk];
const DESK: &[Scope] = &[Scope::Desk];

/// Query parameters of the lists of port-outs.
const PORT_OUT_FILTERS: &[&str] =
    &["status", "telephone_number", "pon", "spid", "received_from", "received_to", "limit", "cursor"];
const CARRIER_FILTERS: &[&str] = &[
    "account_number",
    "status",
    "telephone_number",
    "pon",
    "spid",
    "received_from",
    "received_to",
    "limit",
    "cursor",
];

const CANCEL_PAGE: &str = "/console/port-outs/{id}/cancel";

/// Every route of the API, and who may call it. The `Allow` header lists the methods of a path in this order.
pub const ROUTES: &[Route] = &[
    route("GET", ACCOUNT, Endpoint::Status(StatusEndpoint::Account), OPERATOR),
    route("PUT", ACCOUNT, Endpoint::Provision(ProvisionEndpoint::PutAccount), OPERATOR),
    Route {
        query: Some(&["limit", "cursor"]),
        ..route("GET", NUMBERS, Endpoint::Status(StatusEndpoint::TelephoneNumbers), OWNER_OR_OPERATOR)
    },
    route("POST", NUMBERS, Endpoint::Provision(ProvisionEndpoint::AssignNumbers), OPERATOR),
    route("DELETE", NUMBER, Endpoint::Provision(ProvisionEndpoint::RemoveNumber), OPERATOR),
    route("GET", PIN, Endpoint::Status(StatusEndpoint::Pin), OWNER_OR_OPERATOR),
    // A PIN that the provider chose must not be used to refuse a port (LNPA best practice 60, 47 CFR 52.36(c)).
    route("PUT", PIN, Endpoint::SetPin(SetPinEndpoint::Set), &[Scope::PinWrite]),
    route("DELETE", PIN, Endpoint::SetPin(SetPinEndpoint::Delete), &[Scope::PinWrite, Scope::Accounts]),
    Route {
        query: Some(PORT_OUT_FILTERS),
        ..route("GET", ACCOUNT_PORT_OUTS, Endpoint::Status(StatusEndpoint::AccountPortOuts), OWNER_OR_DESK)
    },
    Route {
        query: Some(&["type", "after", "limit"]),
        ..route("GET", EVENTS, Endpoint::Status(StatusEndpoint::Events), OWNER_OR_DESK)
    },
    Route {
        query: Some(CARRIER_FILTERS),
        ..route("GET", PORT_OUTS, Endpoint::Status(StatusEndpoint::PortOuts), &[Scope::Submit, Scope::Desk])
    },
    route("POST", PORT_OUTS, Endpoint::PortOut(PortOutEndpoint::Submit), &[Scope::Submit, Scope::Desk]),
    // Not the operator: what a carrier asks for is not for other purposes (47 USC 222(b)).
    route(
        "GET",
        PORT_OUT,
        Endpoint::Status(StatusEndpoint::PortOut),
        &[Scope::Submit, Scope::PinRead, Scope::Desk],
    ),
    route("POST", ACTIVATIONS, Endpoint::Protect(ProtectEndpoint::Activate), DESK),
    route("POST", CANCELLATION, Endpoint::Protect(ProtectEndpoint::Cancel), &[Scope::Protection]),
    route("POST", RELEASE, Endpoint::Protect(ProtectEndpoint::Release), DESK),
    route("GET", PROTECTION, Endpoint::Status(StatusEndpoint::Protection), OWNER_OR_DESK),
    route(
        "PUT",
        PROTECTION,
        Endpoint::Protect(ProtectEndpoint::SwitchProtection),
        &[Scope::Protection, Scope::Desk],
    ),
    route("GET", TELEPHONE_NUMBER, Endpoint::Status(StatusEndpoint::TelephoneNumber), DESK),
    route("GET", SOURCE, Endpoint::Provision(ProvisionEndpoint::GetWebhookSource), OPERATOR),
    route("PUT", SOURCE, Endpoint::Provision(ProvisionEndpoint::PutWebhookSource), OPERATOR),
    route("DELETE", SOURCE, Endpoint::Provision(ProvisionEndpoint::DeleteWebhookSource), OPERATOR),
    route("POST", ROTATE, Endpoint::Provision(ProvisionEndpoint::RotateWebhookSource), OPERATOR),
    webhook(STANDARD, Endpoint::PortOut(PortOutEndpoint::StandardWebhook)),
    bandwidth(BANDWIDTH, BandwidthEndpoint::Validation),
    bandwidth(BANDWIDTH_NOTICE, BandwidthEndpoint::Notice),
];

/// Every page of the console, and what its forms are sent to.
pub const PAGES: &[Route] = &[
    page("GET", "/console", ConsoleEndpoint::Panel),
    page("GET", "/console/sign-in", ConsoleEndpoint::SignIn),
    page("GET", "/console/callback", ConsoleEndpoint::Callback),
    page("POST", "/console/sign-out", ConsoleEndpoint::SignOut),
    page("GET", "/console/signed-out", ConsoleEndpoint::SignedOut),
    page("POST", "/console/pin", ConsoleEndpoint::SetPin),
    page("POST", "/console/protection", ConsoleEndpoint::SwitchProtection),
    page("GET", CANCEL_PAGE, ConsoleEndpoint::ConfirmCancellation),
    page("POST", CANCEL_PAGE, ConsoleEndpoint::Cancel),
    page("GET", "/console/history", ConsoleEndpoint::History),
    page("GET", "/console/assets/{asset}", ConsoleEndpoint::Asset),
];

/// Returns the routes of the API and the pages of the console.
pub fn all() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().chain(PAGES)
}

const fn route(
    method: &'static str,
    path: &'static str,
    endpoint: Endpoint,
    scopes: &'static [Scope],
) -> Route {
    Route { method, path, endpoint, query: Some(&[]), auth: Auth::Bearer, scopes }
}

const fn webhook(path: &'static str, endpoint: Endpoint) -> Route {
    Route { auth: Auth::Webhook, ..route("POST", path, endpoint, &[]) }
}

/// Bandwidth takes every 4xx for an approval, so its query is never a reason to refuse, and neither is a trailing
/// slash.
const fn bandwidth(path: &'static str, endpoint: BandwidthEndpoint) -> Route {
    Route { query: None, ..webhook(path, Endpoint::Bandwidth(endpoint)) }
}

/// Links to a page come with parameters of others, such as those of a mailing, so its query is never a reason to refuse.
const fn page(method: &'static str, path: &'static str, endpoint: ConsoleEndpoint) -> Route {
    Route { auth: Auth::Session, query: None, ..route(method, path, Endpoint::Console(endpoint), &[]) }
}

/// A route that matched, with its path parameters.
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

/// Finds the route of a method and a path, decoded or not; one slash at its end is ignored.
///
/// # Errors
/// 404 for an unknown path; 405 with `Allow` for another method of a known one.
pub fn find(method: &str, path: &str) -> Result<Matched, Problem> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let of_method = all().filter(|route| route.method == method);
    let matched = |route| parameters(route, path).map(|parameters| Matched { route, parameters });
    if let Some(matched) = of_method.filter_map(matched).next() {
        return Ok(matched);
    }
    let known = all().filter(|route| parameters(route, path).is_some());
    let allowed: Vec<_> = known.filter(|route| is_allowed(route)).collect();
    if allowed.is_empty() {
        return Err(no_route());
    }
    let detail = "This path does not support the method. The Allow header lists the supported methods.";
    Err(Problem::new(Code::MethodNotAllowed, detail).with_header("Allow", allow(&allowed)))
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

/// Returns the parameters of a path, if it is one of this route: a segment in place of each name, and all else the same.
fn parameters(route: &'static Route, path: &str) -> Option<Vec<(&'static str, String)>> {
    let (mut parts, mut found) = (route.path.split(['{', '}']), Vec::new());
    let mut rest = path.strip_prefix(parts.next()?)?;
    while let (Some(name), Some(text)) = (parts.next(), parts.next()) {
        let (segment, after) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len()))?;
        found.push((name, segment));
        rest = after.strip_prefix(text)?;
    }
    let decoded = found.into_iter().map(|(name, segment)| Some((name, decode(segment)?)));
    if rest.is_empty() { decoded.collect() } else { None }
}

/// Decodes a segment as far as a client had to encode it; one that is empty or not UTF-8 matches no parameter.
///
/// HTTP APIs hand over the path decoded, function URLs and local emulators do not, and an event does not tell which.
/// So letters, digits, `-`, `.`, `_` and `~` stay encoded, which no client needs (RFC 3986, section 2.3): whatever was
/// decoded before, `%2543ONTOSO` never becomes `CONTOSO`.
fn decode(segment: &str) -> Option<String> {
    let mut parts = segment.split('%');
    let mut decoded = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (byte, rest) = encoded_byte(part).unwrap_or((b'%', part));
        decoded.push(byte);
        decoded.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(decoded).ok().filter(|text| !text.is_empty())
}

/// Reads the two digits after a percent sign, and returns what follows them.
fn encoded_byte(text: &str) -> Option<(u8, &str)> {
    let (hex, rest) = text.split_at_checked(2)?;
    let digits = hex.bytes().all(|b| b.is_ascii_hexdigit());
    let byte = u8::from_str_radix(hex, 16).ok().filter(|_| digits)?;
    let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (!unreserved).then_some((byte, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_path_and_method_is_found_with_or_without_a_slash_at_its_end() {
        for path in [
            "/v1/accounts/contoso/telephone-numbers/+12065550100",
            "/v1/accounts/contoso/telephone-numbers/%2B12065550100/",
        ] {
            let matched = find("DELETE", path).unwrap();
            assert_eq!(matched.route.endpoint, Endpoint::Provision(ProvisionEndpoint::RemoveNumber));
            assert_eq!(
                (matched.parameter("account_id"), matched.parameter("tn")),
                ("contoso", "+12065550100")
            );
        }
    }

    #[test]
    fn decoding_adds_nothing_that_could_name_an_account() {
        for (segment, decoded) in [
            ("CONTOSO", Some("CONTOSO")),
            ("%43ONTOSO", Some("%43ONTOSO")),
            ("%20a%2fb%3F", Some(" a/b?")),
            ("%E2%80%AA206", Some("\u{202a}206")),
            ("\u{202a}206", Some("\u{202a}206")),
            ("100%", Some("100%")),
            ("%2", Some("%2")),
            ("%+1", Some("%+1")),
            ("%zz%", Some("%zz%")),
            ("%é", Some("%é")),
            ("%FF", None),
            ("", None),
        ] {
            assert_eq!(decode(segment).as_deref(), decoded, "{segment}");
        }
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
            ("PUT", "/v1/port-outs", "GET, POST"),
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
            "/v1/accounts/CONTOSO//",
            "/v1/port-outs/a/b",
            "/v1/accounts/%FF",
        ] {
            assert_eq!(find("GET", path).unwrap_err().code(), Code::RouteNotFound, "{path}");
        }
    }
}
