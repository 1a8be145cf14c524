//! Serves one function: event in, answer out, one log line, and no way to crash.

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
use crate::http::authentication::Authentication;
use crate::http::endpoint::FunctionEndpoint;
use crate::http::gateway_event::HttpEvent;
use crate::http::identity::Caller;
use crate::http::problem::{Code, Problem};
use crate::http::request::{Request, read_query};
use crate::http::request_log::{self, Took, Trace};
use crate::http::response::{self, Response};
use crate::http::routes::{self, Auth, Matched};
use crate::timings::Timings;

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

    /// Returns what is sent in place of a problem, whether it comes from the handler or from anything before or after
    /// it.
    ///
    /// Bandwidth takes a problem for its consent, so it gets a refusal instead. The endpoint is known once the event
    /// has led to a route of this function.
    ///
    /// # Errors
    /// The problem, if it is to be sent as it is.
    fn refuse(
        &self,
        endpoint: Option<Self::Endpoint>,
        event: &str,
        problem: Problem,
    ) -> Result<Response, Problem> {
        let _ = (endpoint, event);
        Err(problem)
    }
}

/// A function: its handler, and what happens before and after it.
pub struct Service<H> {
    authentication: Authentication,
    clock: Clock,
    handler: H,
}

/// Time to answer a request; API Gateway gives up after 29 seconds.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Answers events until the runtime ends.
pub async fn run<H: Handler>(service: Service<H>) -> Result<(), lambda_runtime::Error> {
    let service = Arc::new(service);
    let answer = move |event: LambdaEvent<Box<RawValue>>| {
        let service = Arc::clone(&service);
        async move {
            Ok::<_, lambda_runtime::Error>(
                service.answer(event.payload.get(), &event.context.request_id).await,
            )
        }
    };
    lambda_runtime::run(lambda_runtime::service_fn(answer)).await
}

impl<H: Handler> Service<H> {
    /// Creates a service.
    pub fn new(authentication: Authentication, clock: Clock, handler: H) -> Self {
        Self { authentication, clock, handler }
    }

    /// Answers one event, even one that is not an HTTP request.
    pub async fn answer(&self, event: &str, lambda_request_id: &str) -> ApiGatewayV2httpResponse {
        let began = self.clock.now();
        let request_id = lambda_request_id.to_owned();
        let (mut trace, timings) = (Trace { method: None, route: None, request_id }, Timings::start());
        let mut endpoint = None;
        let work = Arc::clone(&timings).count(self.work(event, &mut trace, &mut endpoint));
        let work = AssertUnwindSafe(work).catch_unwind();
        let result = match tokio::time::timeout(DEADLINE, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => Err(Error::internal("a panic was caught").into()),
            Err(_elapsed) => Err(Error::unavailable("the request timed out").into()),
        };
        let result = result.or_else(|problem| self.handler.refuse(endpoint, event, problem));
        let took_ms = self.clock.now().as_millisecond().saturating_sub(began.as_millisecond());
        let took = Took { took_ms, lambda_request_id, timings: &timings };
        request_log::write(H::Endpoint::FUNCTION, &trace, &result, &took);
        to_gateway(result, &trace.request_id)
    }

    async fn work(
        &self,
        event: &str,
        trace: &mut Trace,
        endpoint: &mut Option<H::Endpoint>,
    ) -> Result<Response, Problem> {
        let event: HttpEvent = serde_json::from_str(event)
            .map_err(|_| Error::internal("the event is not an HTTP API event of payload format 2.0"))?;
        trace.method = Some(known_method(&event.request_context.http.method));
        if let Some(id) = event.request_context.request_id.as_deref().filter(|id| is_plain(id)) {
            trace.request_id = id.to_owned();
        }
        let route = find_route(&event);
        *endpoint = route.as_ref().ok().and_then(|matched| H::Endpoint::of(matched.route.endpoint));
        let caller = match route.as_ref().map(|matched| matched.route.auth) {
            Ok(Auth::Webhook) => Caller::Webhook,
            Ok(Auth::Session) => Caller::Browser,
            // Callers without a token do not learn which routes exist.
            Ok(Auth::Bearer) | Err(_) => {
                Caller::Token(self.authentication.identify(&event, self.clock.now())?)
            }
        };
        let route = route?;
        trace.route = Some(route.route.path);
        let endpoint = H::Endpoint::of(route.route.endpoint).ok_or_else(routes::no_route)?;
        if let Caller::Token(identity) = &caller {
            identity.require_any(route.route.scopes)?;
        }
        let query = match route.route.query {
            Some(known) => read_query(&event.raw_query_string, known)?,
            None => Vec::new(),
        };
        let request = Request { caller, route, query, event };
        // Boxed to keep the future's type within the compiler's depth limit.
        Box::pin(self.handler.handle(endpoint, &request)).await
    }
}

/// Finds the route of the path, or else of what follows the stage: a route may begin as a stage is named.
fn find_route(event: &HttpEvent) -> Result<Matched, Problem> {
    let method = &event.request_context.http.method;
    let found = routes::find(method, &event.raw_path);
    match (event.path_after_stage(), &found) {
        (Some(path), Err(problem)) if problem.code() == Code::RouteNotFound => routes::find(method, path),
        _ => found,
    }
}

/// Logs only known methods; arbitrary text never reaches the log.
fn known_method(method: &str) -> &'static str {
    const KNOWN: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.iter().find(|known| **known == method).copied().unwrap_or("other")
}

fn is_plain(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=:".contains(&b))
}

fn to_gateway(result: Result<Response, Problem>, request_id: &str) -> ApiGatewayV2httpResponse {
    let (status, body, headers) = match result {
        Ok(response) => (response.status, response.body, response.meta.headers),
        Err(problem) => {
            let text = serde_json::to_string(&problem.document(request_id)).ok();
            let body = text.map(|text| response::Body { content_type: "application/problem+json", text });
            (problem.code().status(), body, problem.meta.headers)
        }
    };
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(status);
    let (cookies, headers): (Vec<_>, Vec<_>) =
        headers.into_iter().partition(|(name, _)| *name == response::SET_COOKIE);
    // The gateway takes each header once, and so has a field of its own for the one that may repeat.
    response.cookies = cookies.into_iter().map(|(_, value)| value).collect();
    response.headers = header_map(headers, body.as_ref().map(|body| body.content_type), request_id);
    response.body = body.map(|body| Body::Text(body.text));
    response
}

fn header_map(
    headers: Vec<(&'static str, String)>,
    content_type: Option<&'static str>,
    request_id: &str,
) -> HeaderMap {
    let is_set = |name: &str| headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
    let cache_control = if is_set("cache-control") { String::new() } else { "no-store".to_owned() };
    let fixed = [("cache-control", cache_control), ("x-request-id", request_id.to_owned())];
    let content_type = content_type.map(|content_type| ("content-type", content_type.to_owned()));
    let all = content_type.into_iter().chain(fixed).filter(|(_, value)| !value.is_empty()).chain(headers);
    let pairs = all.filter_map(|(name, value)| {
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(&value).ok()?))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::claims::ClaimNames;
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

    /// Refuses instead of every problem, naming the endpoint that it is about.
    struct Refusing;

    impl Handler for Refusing {
        type Endpoint = StatusEndpoint;

        async fn handle(&self, endpoint: StatusEndpoint, request: &Request) -> Result<Response, Problem> {
            Nervous.handle(endpoint, request).await
        }

        fn refuse(
            &self,
            endpoint: Option<StatusEndpoint>,
            event: &str,
            problem: Problem,
        ) -> Result<Response, Problem> {
            let endpoint = endpoint.map(|endpoint| format!("{endpoint:?}"));
            let is_error = problem.into_error().is_some();
            Ok(Response::json(200, &json!({"endpoint": endpoint, "event": event, "is_error": is_error})))
        }
    }

    async fn answer(path: &str) -> (i64, Option<Value>) {
        answer_of(Nervous, &event(path)).await
    }

    fn event(path: &str) -> String {
        let event = json!({
            "rawPath": path,
            "requestContext": {
                "requestId": "r-1",
                "http": {"method": "GET"},
                "authorizer": {"jwt": {"claims": {"sub": "operator", "scope": "accounts:manage"}}},
            },
        });
        event.to_string()
    }

    async fn answer_of(handler: impl Handler, event: &str) -> (i64, Option<Value>) {
        let authentication = Authentication::by_gateway(ClaimNames::default());
        let response = Service::new(authentication, Clock::system(), handler).answer(event, "lambda-1").await;
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
            "detail": "The service could not complete the request. It is safe to send the same request again.",
            "code": "internal_error",
            "request_id": "r-1",
        });
        assert_eq!((status, body), (500, Some(expected)));
        assert_eq!(answer("/v1/accounts/CONTOSO").await, (204, None));
    }

    #[tokio::test]
    async fn a_handler_may_refuse_in_place_of_every_problem_wherever_it_arose() {
        for (event, endpoint, is_error) in [
            (event("/v1/accounts/CONTOSO/port-out-pin"), json!("Pin"), true),
            (event("/v1/nothing"), json!(null), false),
            (event("/v1/webhook-sources/acme/rotate"), json!(null), false),
            ("[]".to_owned(), json!(null), true),
        ] {
            let expected = json!({"endpoint": endpoint, "event": event, "is_error": is_error});
            assert_eq!(answer_of(Refusing, &event).await, (200, Some(expected)));
        }
        assert_eq!(answer_of(Refusing, &event("/v1/accounts/CONTOSO")).await, (204, None));
    }
}
