//! Events that no gateway would send: answered with a problem document by a process that lives on.

use harness::assertions::problems::{Problem, internal_error, no_method, no_route, not_json};
use harness::gateway;
use harness::prelude::*;
use harness::stack::API_BINARIES;

use crate::targets::{ROUTES, allowed, body, event, stack};

const ACCOUNT: &str = "/v1/accounts/CONTOSO";

/// Returns the event of an operator's call.
fn operators(stack: &Stack, method: &str, path: &str) -> Value {
    let bearer = format!("Bearer {}", stack.tokens().operator());
    let body = body(method, path).map_or_else(Vec::new, |body| body.to_string().into_bytes());
    event(method, path, &[("authorization", &bearer), ("content-type", "application/json")], &body)
}

/// Sends an event as it is; fails unless the answer has the form that the gateway takes.
async fn invoke_raw(stack: &Stack, function: &str, event: &str) -> Answer {
    let outcome = stack.host().invoke_raw(function, event.as_bytes()).await;
    let raw: Value = serde_json::from_slice(outcome.as_ref().expect("no answer")).unwrap();
    assert!(raw["statusCode"].is_u64() && raw["headers"].is_object() && raw["body"].is_string(), "{raw}");
    assert_eq!(raw["isBase64Encoded"], false, "{raw}");
    gateway::answer(outcome).unwrap()
}

/// Fails unless every function but Bandwidth's refuses each event like this, and the same process then answers a good
/// one.
async fn all_survive(stack: &Stack, events: &[String], refusal: &Problem) {
    for function in API_BINARIES {
        let pids = stack.host().pids(function);
        for event in events {
            invoke_raw(stack, function, event).await.assert_refused(refusal);
        }
        let next = operators(stack, "GET", "/v1/nothing");
        stack.invoke(function, &next).await.assert_refused(&no_route());
        assert_eq!(stack.host().pids(function), pids, "{function} was replaced");
    }
    stack.get(ACCOUNT, &Claims::operator()).await.assert_json(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_no_http_call_is_an_internal_error() {
    let stack = stack().await;
    let good = operators(&stack, "GET", ACCOUNT);
    let without = |name: &str| {
        let mut event = good.clone();
        event.as_object_mut().unwrap().remove(name);
        event
    };
    let with = |name: &str, value: Value| {
        let mut event = good.clone();
        event[name] = value;
        event
    };
    let mut events = vec!["{}", "[]", "null", "\"x\"", "7", "true", "[{}]"]
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    events.push(format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)));
    events.extend(
        [
            json!({"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "x"}, "object": {"key": "y"}}}]}),
            json!({"Records": [{"eventSource": "aws:sqs", "messageId": "x", "body": good.to_string()}]}),
            json!({"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}),
            rest_v1(&stack),
            load_balancer(),
            json!({"requestContext": {"routeKey": "$connect", "eventType": "CONNECT", "connectionId": "x"}}),
            without("requestContext"),
            with("requestContext", json!(null)),
            with("requestContext", json!([])),
            with("requestContext", json!({"http": null})),
            with("requestContext", json!({"http": {"method": 7}})),
            with("headers", json!([["host", "x"]])),
            with("headers", json!({"host": ["x"]})),
            with("rawPath", json!(7)),
            with("body", json!({"pin": PIN})),
            with("isBase64Encoded", json!("true")),
        ]
        .map(|event| event.to_string()),
    );
    all_survive(&stack, &events, &internal_error()).await;
}

/// Returns the call as a REST API sends it (payload format 1.0).
fn rest_v1(stack: &Stack) -> Value {
    json!({
        "version": "1.0",
        "resource": "/v1/accounts/{account_id}",
        "path": ACCOUNT,
        "httpMethod": "GET",
        "headers": {"authorization": format!("Bearer {}", stack.tokens().operator())},
        "multiValueHeaders": {},
        "queryStringParameters": null,
        "pathParameters": {"account_id": CONTOSO},
        "requestContext": {"httpMethod": "GET", "path": ACCOUNT, "stage": "prod", "identity": {"sourceIp": "127.0.0.1"}},
        "body": null,
        "isBase64Encoded": false,
    })
}

fn load_balancer() -> Value {
    json!({
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:x"}},
        "httpMethod": "GET",
        "path": ACCOUNT,
        "headers": {},
        "body": "",
        "isBase64Encoded": false,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_came_to_the_wrong_function_is_no_route_there() {
    let stack = stack().await;
    let before = stack.scan().await;
    for (method, path, right) in ROUTES {
        for function in API_BINARIES.into_iter().filter(|function| *function != right) {
            stack.invoke(function, &operators(&stack, method, path)).await.assert_refused(&no_route());
        }
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_without_a_path_is_no_route() {
    let stack = stack().await;
    let mut events = Vec::new();
    for path in [json!(null), json!(""), json!("x"), json!("/é"), json!("/v1/accounts/\u{0}/\r\n")] {
        let mut event = operators(&stack, "GET", ACCOUNT);
        event["rawPath"] = path;
        events.push(event.to_string());
    }
    all_survive(&stack, &events, &no_route()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_method_that_is_none_is_not_allowed() {
    let stack = stack().await;
    let mut events = Vec::new();
    for method in ["", "get", "GET ", "GET\r\nx: y", "\u{0}", "é", &"X".repeat(8192)] {
        let mut event = operators(&stack, "GET", ACCOUNT);
        event["requestContext"]["http"]["method"] = method.into();
        events.push(event.to_string());
    }
    all_survive(&stack, &events, &no_method("GET, PUT")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_whose_base64_is_broken_is_no_json() {
    let stack = stack().await;
    let before = stack.scan().await;
    for (method, path, function) in
        ROUTES.into_iter().filter(|(method, path, _)| body(method, path).is_some())
    {
        let pids = stack.host().pids(function);
        for broken in ["*", "{\"pin\":\"482913\"}", "eyJwaW4iOiI0ODI5MTMifQ=", "é", "====", "e"] {
            let mut event = operators(&stack, method, path);
            event["headers"]["authorization"] = format!("Bearer {}", allowed(&stack, method, path)).into();
            event["body"] = broken.into();
            event["isBase64Encoded"] = true.into();
            stack.invoke(function, &event).await.assert_refused(&not_json());
        }
        assert_eq!(stack.host().pids(function), pids);
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_headers_and_context_change_nothing() {
    let stack = stack().await;
    let expected = stack.get(ACCOUNT, &Claims::operator()).await;
    let pids = stack.host().pids("status");
    let hostile =
        ["", " ", "a b", "x\r\nset-cookie: a=b", "[::1", "http://x/", "é\u{0}", "@", ":", &"x".repeat(8192)];
    for text in hostile {
        let mut event = operators(&stack, "GET", ACCOUNT);
        for name in ["host", "x-forwarded-proto", "x-forwarded-for", "user-agent", text] {
            event["headers"][name] = text.into();
        }
        for name in ["domainName", "domainPrefix", "apiId", "requestId", "time", "routeKey"] {
            event["requestContext"][name] = text.into();
        }
        event["requestContext"]["http"]["path"] = text.into();
        event["routeKey"] = text.into();
        event["pathParameters"] = json!({"account_id": text});
        event["cookies"] = json!([text]);
        let answer = invoke_raw(&stack, "status", &event.to_string()).await;
        assert_eq!((answer.status, answer.text()), (200, expected.text()), "{text}");
        assert_eq!(answer.header("set-cookie"), "");
        let id = answer.header("x-request-id");
        assert!((1..=128).contains(&id.len()) && !id.contains([' ', '\r', '\n', '@', '[']), "{id}");
    }
    assert_eq!(stack.host().pids("status"), pids);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_named_stage_may_stand_before_the_path() {
    let stack = stack().await;
    let expected = stack.get(ACCOUNT, &Claims::operator()).await.text();
    let mut event = operators(&stack, "GET", ACCOUNT);
    for (stage, path) in [
        ("prod", ACCOUNT),
        ("prod", "/prod/v1/accounts/CONTOSO"),
        ("v1", ACCOUNT),
        ("v1", "/v1/v1/accounts/CONTOSO"),
    ] {
        event["requestContext"]["stage"] = stage.into();
        event["rawPath"] = path.into();
        assert_eq!(invoke_raw(&stack, "status", &event.to_string()).await.text(), expected, "{stage} {path}");
    }
    event["rawPath"] = "/production/v1/accounts/CONTOSO".into();
    invoke_raw(&stack, "status", &event.to_string()).await.assert_refused(&no_route());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn null_in_the_event_is_as_good_as_left_out() {
    let stack = stack().await;
    let expected = stack.get(ACCOUNT, &Claims::operator()).await.text();
    let mut event = operators(&stack, "GET", ACCOUNT);
    for name in [
        "cookies",
        "queryStringParameters",
        "pathParameters",
        "stageVariables",
        "body",
        "isBase64Encoded",
        "rawQueryString",
        "version",
        "routeKey",
    ] {
        event[name] = Value::Null;
    }
    for name in ["stage", "requestId", "authorizer", "authentication", "time", "routeKey"] {
        event["requestContext"][name] = Value::Null;
    }
    event["headers"]["user-agent"] = Value::Null;
    for authorizer in [json!(null), json!({"jwt": null}), json!({"jwt": {"claims": null, "scopes": null}})] {
        event["requestContext"]["authorizer"] = authorizer;
        assert_eq!(invoke_raw(&stack, "status", &event.to_string()).await.text(), expected);
    }
}
