//! The HTTP API before the functions: requests become events of payload format 2.0, answers become responses.
//!
//! It does what AWS was seen to do, also where that surprises; each behavior names its public source. The JWT authorizer
//! in front of it is in `authorizer`.

use std::collections::BTreeMap;
use std::str;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use runtime::http::routes;
use serde_json::{Value, json};

use crate::client::Answer;
use crate::lambda_host::Functions;
use crate::runtime_api::{FunctionError, Outcome};

/// Says which function answers a method and path.
pub type Route = Arc<dyn Fn(&Method, &str) -> &'static str + Send + Sync>;

/// Largest body that an HTTP API takes.
const MAX_BODY: usize = 10 * 1024 * 1024;
/// What the gateway adds where the client did not say it.
const ADDED_HEADERS: [(&str, &str); 4] = [
    ("host", "api.test.example"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-forwarded-port", "443"),
    ("x-forwarded-proto", "https"),
];
/// Set on answers that no function gave.
pub const HOST_ERROR: &str = "x-test-host-error";

pub(crate) fn router(functions: Arc<Functions>, route: Route) -> Router {
    Router::new().fallback(handle).with_state((functions, route))
}

async fn handle(State((functions, route)): State<(Arc<Functions>, Route)>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return host_error(StatusCode::PAYLOAD_TOO_LARGE, "request too large");
    };
    let event = event(&parts.method, &parts.uri, &parts.headers, &body);
    let name = route(&parts.method, parts.uri.path());
    let outcome = functions.invoke(name, event.to_string().into()).await;
    answer(outcome)
        .map_or_else(|(status, why)| host_error(status, &format!("function {name} {why}")), into_response)
}

/// Returns the event of a request.
pub fn event(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Value {
    let (cookies, headers) = event_headers(headers);
    let (path, route_key) = (decoded(uri.path()), route_key(method, uri.path()));
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": uri.query().unwrap_or_default(),
        "headers": headers,
        "requestContext": context(method, &path, &route_key, &headers),
        "isBase64Encoded": false,
    });
    if let Some(query) = uri.query().filter(|query| !query.is_empty()) {
        event["queryStringParameters"] = json!(joined(form_urlencoded::parse(query.as_bytes()).into_owned()));
    }
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    if !body.is_empty() {
        add_body(&mut event, body);
    }
    event
}

/// Decodes a path, against its name `rawPath` (honojs/hono issue 2156, fastify/aws-lambda-fastify issue 169), and cuts it
/// off at a decoded question mark (hotsock/voker pull request 8). A slash at its end stays (floci-io/floci issue 2136).
fn decoded(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    decoded.split('?').next().unwrap_or_default().to_owned()
}

/// Returns the key of the route that is chosen by the path as it was sent: `%2F` does not split it, and a slash at its end
/// counts for nothing (floci-io/floci pull request 2367).
fn route_key(method: &Method, path: &str) -> String {
    let found = routes::find(method.as_str(), path);
    found.map_or("$default".to_owned(), |found| format!("{method} {}", found.route.path))
}

/// Returns cookies, and all other headers in lower case with those of one name joined by commas (API Gateway Developer
/// Guide, "Lambda proxy integrations for HTTP APIs", payload format version 2.0).
fn event_headers(headers: &HeaderMap) -> (Vec<String>, BTreeMap<String, String>) {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let cookies = headers
        .get_all("cookie")
        .iter()
        .flat_map(|line| text(line).split("; ").map(str::to_owned).collect::<Vec<_>>());
    let cookies = cookies.collect();
    let others = headers.iter().filter(|(name, _)| *name != "cookie");
    let mut headers = joined(others.map(|(name, value)| (name.to_string(), text(value))));
    for (name, value) in ADDED_HEADERS {
        headers.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
    (cookies, headers)
}

fn joined(pairs: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::<String, String>::new();
    for (name, value) in pairs {
        all.entry(name).and_modify(|before| *before += &format!(",{value}")).or_insert(value);
    }
    all
}

fn context(method: &Method, path: &str, route_key: &str, headers: &BTreeMap<String, String>) -> Value {
    let now = jiff::Timestamp::now();
    let header = |name: &str| headers.get(name).cloned().unwrap_or_default();
    json!({
        "accountId": "123456789012",
        "apiId": "test",
        "domainName": header("host"),
        "domainPrefix": "test",
        "http": {
            "method": method.as_str(),
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": header("user-agent"),
        },
        "requestId": crate::random_hex(8),
        "routeKey": route_key,
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": now.as_millisecond(),
    })
}

fn add_body(event: &mut Value, body: &[u8]) {
    let content_type = event["headers"]["content-type"].as_str().unwrap_or_default();
    match str::from_utf8(body) {
        Ok(text) if is_text(content_type) => event["body"] = text.into(),
        _ => {
            event["body"] = STANDARD.encode(body).into();
            event["isBase64Encoded"] = true.into();
        }
    }
}

/// Everything else is binary, also without a type (measured in ministackorg/ministack pull request 766). That text which
/// is not UTF-8 is binary too is an assumption; a test sends it both ways.
fn is_text(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type.starts_with("text/")
        || ["application/json", "application/xml", "application/javascript"].contains(&media_type.as_str())
}

/// Returns the answer in a function's outcome; an error is a status and what happened.
pub fn answer(outcome: Outcome) -> Result<Answer, (StatusCode, String)> {
    let bytes = outcome.map_err(|error| (error_status(&error), error.to_string()))?;
    let broken =
        || (StatusCode::BAD_GATEWAY, format!("answered nonsense: {}", String::from_utf8_lossy(&bytes)));
    let value: Value = serde_json::from_slice(&bytes).map_err(|_| broken())?;
    read_answer(&value).ok_or_else(broken)
}

fn error_status(error: &FunctionError) -> StatusCode {
    match error {
        FunctionError::TimedOut => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_GATEWAY,
    }
}

fn read_answer(value: &Value) -> Option<Answer> {
    let status = u16::try_from(value["statusCode"].as_u64()?).ok()?;
    let text = value["body"].as_str().unwrap_or_default();
    let body = if value["isBase64Encoded"] == true { STANDARD.decode(text).ok()? } else { text.into() };
    Some(Answer { call: "invocation".to_owned(), status, headers: answer_headers(value)?, body })
}

fn answer_headers(value: &Value) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    let single = value["headers"].as_object().into_iter().flatten();
    for (name, value) in single {
        headers.insert(header_name(name)?, value.as_str()?.parse().ok()?);
    }
    for (name, values) in value["multiValueHeaders"].as_object().into_iter().flatten() {
        headers.remove(header_name(name)?);
        for value in values.as_array()? {
            headers.append(header_name(name)?, value.as_str()?.parse().ok()?);
        }
    }
    for cookie in value["cookies"].as_array().into_iter().flatten() {
        headers.append("set-cookie", cookie.as_str()?.parse().ok()?);
    }
    Some(headers)
}

fn header_name(name: &str) -> Option<HeaderName> {
    name.parse().ok()
}

/// Framing is this connection's business, not the function's.
fn into_response(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    *response.headers_mut() = answer.headers;
    for name in ["content-length", "transfer-encoding", "connection"] {
        response.headers_mut().remove(name);
    }
    response
}

fn host_error(status: StatusCode, why: &str) -> Response {
    (status, [(HOST_ERROR, "true")], format!("test host: {why}")).into_response()
}
