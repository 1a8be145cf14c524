//! Functions and gateway: what a request becomes, and what happens to processes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, Method, Uri};
use harness::authorizer::{self, Authorizer, TurnedAway};
use harness::client::{Answer, Client};
use harness::gateway::{self, HOST_ERROR};
use harness::lambda_host::{Function, LambdaHost};
use harness::runtime_api::FunctionError;
use harness::tokens::{Claims, ISSUER};
use serde_json::{Value, json};

use crate::until;

fn fake() -> Function {
    Function::new("fake", PathBuf::from(env!("CARGO_BIN_EXE_fake-function")))
}

async fn host(function: Function) -> (LambdaHost, Client) {
    let host = LambdaHost::start(vec![function], Arc::new(|_, _| "fake")).await.unwrap();
    let client = Client::new(host.url());
    (host, client)
}

async fn get(client: &Client, path: &str) -> Answer {
    client.call("GET", path).send().await
}

#[track_caller]
fn assert_host_error(answer: &Answer, status: u16, why: &str) {
    assert_eq!((answer.status, answer.header(HOST_ERROR)), (status, "true"), "{}", answer.text());
    assert!(answer.text().contains(why), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_becomes_event_and_answer_response() {
    let (host, client) = host(fake()).await;
    let call = client.call("PUT", "/a%2Fb/?x=1&x=%32").json(&json!({"pin": "1"}));
    let answer = call.header("cookie", "a=1; b=2").send().await;
    let body = answer.assert_json(207);
    assert_eq!(answer.header("etag"), "\"7\"");
    // Decoded, and with its slash at the end, as an HTTP API hands it over.
    assert_eq!(body["path"], "/a/b/");
    assert!(body["uri"].as_str().unwrap().ends_with("/a/b/?x=1&x=%32"), "{body}");
    assert_eq!((&body["method"], &body["binary"]), (&json!("PUT"), &json!(false)));
    assert!(client.transcript().contains("207\n") && client.transcript().contains("/a/b/"));
    assert!(host.stop().await.contains("fake: stderr line of /a/b/\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_no_text_arrive_as_bytes() {
    let (_host, client) = host(fake()).await;
    for (content_type, bytes, binary) in [
        ("application/json", &b"{}"[..], false),
        ("application/json; charset=utf-8", b"{}", false),
        ("application/json", b"\xff", true),
        ("application/xml; charset=utf-8", b"<a/>", false),
        ("application/soap+xml", b"<a/>", true),
        ("application/problem+json", b"{}", true),
        ("text/plain", b"a", false),
        ("application/x-www-form-urlencoded", b"a=1", true),
    ] {
        let body = client.call("POST", "/").body(content_type, bytes).send().await.assert_json(207);
        assert_eq!((&body["binary"], &body["body"]), (&json!(binary), &json!(bytes)), "{content_type}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn environment_is_lambdas_and_the_tests_and_nothing_else() {
    let (_host, client) =
        host(Function { env: vec![("TABLE_NAME".to_owned(), "t".to_owned())], ..fake() }).await;
    let body = get(&client, "/").await.assert_json(207);
    let mut env: Vec<_> = body["env"].as_object().unwrap().keys().cloned().collect();
    // Set by the runtime itself on every invocation.
    env.retain(|name| name != "_X_AMZN_TRACE_ID");
    let lambda = ["AWS_ACCESS_KEY_ID", "AWS_EC2_METADATA_DISABLED", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"];
    let more = ["AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE"];
    let rest =
        ["AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "HOME", "PATH", "TABLE_NAME"];
    assert_eq!(env, [&lambda[..], &more, &rest].concat());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_that_dies_answers_502_and_is_replaced() {
    let (_host, client) = host(fake()).await;
    let before = get(&client, "/").await.json()["pid"].clone();
    assert_host_error(&get(&client, "/exit").await, 502, "died: exit status: 3");
    assert_ne!(get(&client, "/").await.assert_json(207)["pid"], before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_without_restart_stays_dead() {
    let (host, client) = host(Function { restart: false, ..fake() }).await;
    host.kill("fake").await;
    assert_host_error(&get(&client, "/").await, 502, "no process");
    assert_eq!(host.pids("fake"), Vec::<u32>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deadline_answers_504_and_kills_the_process() {
    let (_host, client) = host(Function { timeout: Duration::from_millis(200), ..fake() }).await;
    let before = get(&client, "/").await.json()["pid"].clone();
    assert_host_error(&get(&client, "/sleep").await, 504, "timed out");
    assert_ne!(get(&client, "/").await.assert_json(207)["pid"], before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_during_an_invocation_answers_502() {
    let (host, client) = host(fake()).await;
    let sleeper = tokio::spawn({
        let client = client.clone();
        async move { get(&client, "/sleep").await }
    });
    until(|| host.logs().contains("stderr line of /sleep")).await;
    host.kill("fake").await;
    assert_host_error(&sleeper.await.unwrap(), 502, "died: signal: 9");
    get(&client, "/").await.assert_status(207);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_work_at_once_and_no_call_is_lost_in_the_queue() {
    let (host, client) = host(Function { processes: 3, ..fake() }).await;
    assert_eq!(host.pids("fake").len(), 3);
    let calls: Vec<_> = (0..60)
        .map(|_| {
            tokio::spawn({
                let client = client.clone();
                async move { get(&client, "/").await }
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap().assert_status(207);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_while_busy_lose_only_what_the_dead_were_doing() {
    let (host, client) = host(Function { processes: 2, ..fake() }).await;
    let calls: Vec<_> = (0..200)
        .map(|_| {
            tokio::spawn({
                let client = client.clone();
                async move { get(&client, "/").await }
            })
        })
        .collect();
    for _ in 0..5 {
        host.kill("fake").await;
    }
    let mut lost = 0;
    for call in calls {
        let answer = call.await.unwrap();
        if answer.status != 207 {
            assert_host_error(&answer, 502, "died");
            lost += 1;
        }
    }
    assert!(lost <= 10, "{lost} lost in 5 kills of 2 processes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_and_panics_are_failures_of_the_function() {
    let (host, client) = host(fake()).await;
    assert_host_error(&get(&client, "/fail").await, 502, "asked to fail");
    let pid = host.pids("fake");
    assert_host_error(&get(&client, "/panic").await, 502, "asked to");
    assert_eq!(host.pids("fake"), pid, "a panic leaves the process alive");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_event_fails_and_the_process_lives() {
    let (host, client) = host(fake()).await;
    for event in ["", "{", "[]", "{}", "null"] {
        let outcome = host.invoke_raw("fake", event.as_bytes()).await;
        assert!(matches!(outcome, Err(FunctionError::Failed(_))), "{event}: {outcome:?}");
    }
    get(&client, "/").await.assert_status(207);
    assert_eq!(host.invoke_raw("nobody", b"{}").await, Err(FunctionError::NoProcess));
}

#[test]
fn event_is_that_of_an_http_api() {
    let headers = [("x-a", "1"), ("cookie", "a=1; b=2"), ("x-a", "2"), ("content-type", "text/plain")];
    let headers = headers.map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()));
    let uri = Uri::from_static("/v1/accounts/%43ON%2Ftoso%3Fx/?a=%41&a=b");
    let event = gateway::event(&Method::PUT, &uri, &headers.into_iter().collect::<HeaderMap>(), b"");
    let at = |pointer: &str| event.pointer(pointer).cloned().unwrap_or_default();
    for (pointer, expected) in [
        ("/routeKey", json!("PUT /v1/accounts/{account_id}")),
        ("/requestContext/routeKey", json!("PUT /v1/accounts/{account_id}")),
        ("/rawPath", json!("/v1/accounts/CON/toso")),
        ("/requestContext/http/path", json!("/v1/accounts/CON/toso")),
        ("/rawQueryString", json!("a=%41&a=b")),
        ("/queryStringParameters/a", json!("A,b")),
        ("/headers/x-a", json!("1,2")),
        ("/headers/cookie", Value::Null),
        ("/cookies", json!(["a=1", "b=2"])),
    ] {
        assert_eq!(at(pointer), expected, "{pointer}");
    }
}

#[test]
fn authorizer_looks_at_scp_before_scope_and_at_the_client_where_there_is_no_audience() {
    let audiences = ["api", "carrier-a"].map(str::to_owned).to_vec();
    let authorizer = Authorizer { issuer: ISSUER.to_owned(), audiences };
    let judge = |claims: &Claims| authorizer.authorize(json!({}), claims, &["a".to_owned(), "b".to_owned()]);
    let good = || Claims::new("u", "a c").with("aud", "api");
    for claims in [
        good(),
        good().with("aud", json!(["x", "api"])),
        good().without("aud").with("client_id", "carrier-a"),
        good().without("scope").with("scp", json!(["c", "b"])),
        good().with("scope", "c").with("scp", "b"),
    ] {
        assert!(judge(&claims).is_ok(), "{claims:?}");
    }
    for (claims, how) in [
        (good().with("aud", "x").with("client_id", "carrier-a"), TurnedAway::Unauthorized),
        (good().with("iss", ISSUER.trim_end_matches('/')), TurnedAway::Unauthorized),
        (good().with("scp", "c"), TurnedAway::Forbidden),
        (good().without("scope").with("roles", json!(["a"])), TurnedAway::Forbidden),
    ] {
        assert_eq!(judge(&claims), Err(how), "{claims:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_of_the_gateway_reach_the_function() {
    let (host, _client) = host(fake()).await;
    let event = gateway::event(&Method::GET, &Uri::from_static("/x"), &HeaderMap::new(), b"");
    let event = authorizer::authorized(
        event,
        &Claims::carrier("A123").with("scope", json!(["a", "b"])).with("nothing", json!(null)),
    );
    let outcome = host.invoke_raw("fake", event.to_string().as_bytes()).await;
    let body = gateway::answer(outcome).unwrap().json();
    let claims = &body["claims"]["jwt"]["claims"];
    assert_eq!((&claims["spid"], &claims["scope"]), (&json!("A123"), &json!("[a b]")), "{body}");
    assert!(claims["exp"].is_string() && claims.get("nothing").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn function_that_fails_to_start_shows_its_logs() {
    let function = Function { env: vec![("FAIL_INIT".to_owned(), "1".to_owned())], ..fake() };
    let logs = LambdaHost::start(vec![function], Arc::new(|_, _| "fake")).await.err().unwrap();
    assert!(logs.contains("fake: stdout line\n") && logs.contains("init fails"), "{logs}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_host_leaves_no_process() {
    let (host, _client) = host(Function { processes: 2, ..fake() }).await;
    let pids = host.pids("fake");
    drop(host);
    until(|| !pids.iter().any(|pid| is_running(*pid))).await;
}

fn is_running(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raw_http_goes_out_as_written() {
    let (_host, client) = host(fake()).await;
    let answer = client.raw_http(b"BREW /pot HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 207 ") && answer.contains(r#""method":"BREW""#), "{answer}");
    let refused = client.raw_http(b"no http at all\r\n\r\n").await;
    assert!(refused.starts_with(b"HTTP/1.1 400 "));
    assert!(client.transcript().contains(r#""method":"BREW""#));
}
