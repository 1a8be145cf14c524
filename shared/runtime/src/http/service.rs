//! The frame around every function: event in, answer out, one log line, and no way to crash.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::aws_lambda_events::encodings::Body;
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue};
use lambda_http::lambda_runtime::{self, LambdaEvent};
use serde_json::value::RawValue;

use crate::clock::Clock;
use crate::error::Error;
use crate::http::endpoint::FunctionEndpoint;
use crate::http::gateway_event::HttpEvent;
use crate::http::identity::{Identity, unauthenticated};
use crate::http::jwt::TokenVerifier;
use crate::http::problem::Problem;
use crate::http::request::{Request, read_query};
use crate::http::response::Response;
use crate::http::routes::{self, Auth};

/// Handles the requests of one function.
pub trait Handler: Send + Sync + 'static {
    /// The function's endpoints; a request for any other function never reaches the handler.
    type Endpoint: FunctionEndpoint;

    /// Answers a request that was routed and, on routes that take a token, authenticated.
    fn handle(
        &self,
        endpoint: Self::Endpoint,
        request: &Request,
    ) -> impl Future<Output = Result<Response, Problem>> + Send;
}

/// A function: its handler, and what happens before and after it.
pub struct Service<H> {
    tokens: Option<TokenVerifier>,
    clock: Clock,
    handler: H,
}

/// Every call is answered within this; API Gateway gives up after 29 seconds.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Answers events until the runtime ends.
pub async fn run<H: Handler>(frame: Service<H>) -> Result<(), lambda_runtime::Error> {
    let frame = Arc::new(frame);
    let answer = move |event: LambdaEvent<Box<RawValue>>| {
        let frame = Arc::clone(&frame);
        async move {
            Ok::<_, lambda_runtime::Error>(frame.answer(event.payload.get(), &event.context.request_id).await)
        }
    };
    lambda_runtime::run(lambda_runtime::service_fn(answer)).await
}

/// What the log says of a call; nothing that a caller sent but the method.
struct RequestLog {
    method: Option<&'static str>,
    route: Option<&'static str>,
    request_id: String,
    facts: Vec<(&'static str, String)>,
}

impl<H: Handler> Service<H> {
    /// A frame; without `tokens` only callers whom the gateway verified are let in.
    pub fn new(tokens: Option<TokenVerifier>, clock: Clock, handler: H) -> Self {
        Self { tokens, clock, handler }
    }

    /// Answers one event, whatever it is.
    pub async fn answer(&self, event: &str, lambda_request_id: &str) -> ApiGatewayV2httpResponse {
        let began = self.clock.now();
        let request_id = lambda_request_id.to_owned();
        let mut story = RequestLog { method: None, route: None, request_id, facts: Vec::new() };
        let work = AssertUnwindSafe(self.work(event, &mut story)).catch_unwind();
        let result = match tokio::time::timeout(DEADLINE, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => Err(Error::internal("a panic was caught").into()),
            Err(_elapsed) => Err(Error::unavailable("the call took too long").into()),
        };
        let took_ms = self.clock.now().as_millisecond().saturating_sub(began.as_millisecond());
        log(H::Endpoint::FUNCTION, &story, &result, took_ms);
        response(result, &story.request_id)
    }

    async fn work(&self, event: &str, story: &mut RequestLog) -> Result<Response, Problem> {
        let event: HttpEvent =
            serde_json::from_str(event).map_err(|_| Error::internal("the event is not an HTTP API event"))?;
        story.method = Some(known_method(&event.request_context.http.method));
        if let Some(id) = event.request_context.request_id.as_deref().filter(|id| is_plain(id)) {
            story.request_id = id.to_owned();
        }
        let route = routes::find(&event.request_context.http.method, event.path());
        let identity = match &route {
            Ok(matched) if matched.route.auth == Auth::Webhook => Identity::nobody(),
            // Without a token nobody learns which routes there are.
            Ok(_) | Err(_) => self.identify(&event)?,
        };
        let route = route?;
        story.route = Some(route.route.path);
        let query = match route.route.query {
            Some(known) => read_query(&event.raw_query_string, known)?,
            None => Vec::new(),
        };
        let endpoint = H::Endpoint::of(route.route.endpoint).ok_or_else(routes::no_route)?;
        let request = Request { identity, route, query, event };
        // Boxed: the compiler lays out nested futures no deeper than so far.
        let mut result = Box::pin(self.handler.handle(endpoint, &request)).await;
        story.facts.append(match &mut result {
            Ok(answer) => &mut answer.log,
            Err(problem) => &mut problem.log,
        });
        result
    }

    /// The gateway's verified claims, else those of a token that we verify ourselves; nothing else is ever believed.
    fn identify(&self, event: &HttpEvent) -> Result<Identity, Problem> {
        if let Some(claims) = event.verified_claims() {
            return Identity::from_claims(claims).ok_or_else(|| unauthenticated(true));
        }
        let Some(header) = event.header("authorization") else { return Err(unauthenticated(false)) };
        let token = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let Some((_, token)) = token else { return Err(unauthenticated(false)) };
        let claims = self.tokens.as_ref().and_then(|tokens| tokens.verify(token.trim()));
        claims.as_ref().and_then(Identity::from_claims).ok_or_else(|| unauthenticated(true))
    }
}

/// A method goes to the log only if it is one; anything else might be anything.
fn known_method(method: &str) -> &'static str {
    const KNOWN: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.iter().find(|known| **known == method).copied().unwrap_or("other")
}

fn is_plain(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=:".contains(&b))
}

/// The one line of a call. `facts` are words of ours and SPIDs; see `telemetry` for what never stands here.
fn log(function: &'static str, story: &RequestLog, result: &Result<Response, Problem>, took_ms: i64) {
    let (status, code, error) = match result {
        Ok(answer) => (answer.status, None, answer.error.as_deref()),
        Err(problem) => (problem.code.status(), Some(problem.code.as_str()), problem.error.as_deref()),
    };
    let fact = |name: &str| story.facts.iter().find(|(known, _)| *known == name).map(|(_, v)| v.as_str());
    macro_rules! line {
        ($level:ident, $text:literal) => {
            tracing::$level!(
                function,
                request_id = story.request_id,
                http_method = story.method,
                http_route = story.route,
                http_status = status,
                problem_code = code,
                port_out_status = fact("port_out_status"),
                port_out_reasons = fact("port_out_reasons"),
                pin_locked = fact("pin_locked"),
                carrier_spid = fact("carrier_spid"),
                webhook_portable = fact("webhook_portable"),
                webhook_codes = fact("webhook_codes"),
                error_kind = error.map(|t| t.kind().as_str()),
                error_cause = error.map(ToString::to_string),
                error_code = error.and_then(Error::code),
                took_ms,
                $text
            )
        };
    }
    if status >= 500 || error.is_some() {
        line!(error, "call failed");
    } else {
        line!(info, "call answered");
    }
}

fn response(result: Result<Response, Problem>, request_id: &str) -> ApiGatewayV2httpResponse {
    let (status, content_type, headers, body) = match result {
        Ok(answer) => (answer.status, answer.content_type, answer.headers, answer.body),
        Err(problem) => {
            let document = serde_json::to_string(&problem.document(request_id)).ok();
            (problem.code.status(), "application/problem+json", problem.headers, document)
        }
    };
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(status);
    response.headers = header_map(headers, body.is_some().then_some(content_type), request_id);
    response.body = body.map(Body::Text);
    response
}

fn header_map(
    headers: Vec<(&'static str, String)>,
    content_type: Option<&'static str>,
    request_id: &str,
) -> HeaderMap {
    let fixed = [
        ("content-type", content_type.unwrap_or_default().to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("x-request-id", request_id.to_owned()),
    ];
    let all = fixed.into_iter().filter(|(_, value)| !value.is_empty()).chain(headers);
    let pairs = all.filter_map(|(name, value)| {
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(&value).ok()?))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::endpoint::StatusEndpoint;
    use serde_json::{Value, json};

    /// Panics when it is asked for a PIN's status, and answers everything else.
    struct Nervous;

    impl Handler for Nervous {
        type Endpoint = StatusEndpoint;

        async fn handle(&self, endpoint: StatusEndpoint, _: &Request) -> Result<Response, Problem> {
            assert!(endpoint != StatusEndpoint::Pin, "a secret text");
            Ok(Response::no_content())
        }
    }

    async fn answer(path: &str) -> (i64, Option<Value>) {
        let event = json!({
            "rawPath": path,
            "requestContext": {
                "requestId": "r-1",
                "http": {"method": "GET"},
                "authorizer": {"jwt": {"claims": {"sub": "operator", "scope": "accounts:manage"}}},
            },
        });
        let frame = Service::new(None, Clock::system(), Nervous);
        let response = frame.answer(&event.to_string(), "lambda-1").await;
        let body = response.body.map(|body| serde_json::from_slice(body.as_ref()).unwrap());
        (response.status_code, body)
    }

    #[tokio::test]
    async fn a_panic_is_answered_with_a_problem_that_says_nothing_of_it() {
        let (status, body) = answer("/v1/accounts/CONTOSO/port-out-pin").await;
        let expected = json!({
            "type": "urn:port-out:problem:internal_error",
            "title": "Internal error",
            "status": 500,
            "detail": "The service could not do this. Sending the same request again is safe.",
            "code": "internal_error",
            "request_id": "r-1",
        });
        assert_eq!((status, body), (500, Some(expected)));
        assert_eq!(answer("/v1/accounts/CONTOSO").await, (204, None));
    }
}
