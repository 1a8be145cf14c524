//! Whatever reaches Bandwidth's function is refused with data, though it is no request of Bandwidth's: its sender may
//! be.

use harness::assertions::bandwidth::{assert_answer, assert_challenge, refused_as_asked};
use harness::clients::bandwidth::{SOURCE, request};
use harness::prelude::*;

use crate::{TN, processes};

/// Returns the usual request as the gateway sends it, with credentials.
fn usual(stack: &Stack, method: &str, path: &str) -> Value {
    let call = stack.call(method, path).header("authorization", &stack.credentials());
    call.body("application/xml", request("TX-1").xml()).event()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_paths_and_methods_are_refused_with_the_numbers_as_asked_and_logged_as_errors() {
    let stack = processes(&[TN]).start().await;
    let path = format!("/v1/webhooks/{SOURCE}/bandwidth");
    let calls = [
        ("GET", path.as_str()),
        ("PUT", &path),
        ("OPTIONS", &path),
        ("POST", "/"),
        ("POST", "/v1/webhooks/bw/bandwidths"),
        ("POST", "/v1/webhooks//bandwidth"),
        ("POST", "/v1/webhooks/%FF/bandwidth"),
        ("POST", "/v1/webhooks/bw/bandwidth/more"),
        ("POST", "/v1/webhooks/bw/bandwidth//"),
        ("POST", "/v1/webhooks/bw/port-outs"),
        ("POST", "/v1/port-outs"),
        ("PUT", "/v1/accounts/CONTOSO/port-out-pin"),
    ];
    for (method, path) in calls {
        // Function URLs hand the path over as it was sent.
        let mut event = usual(&stack, method, path);
        event["rawPath"] = json!(path);
        let answer = stack.invoke("bandwidth", &event).await;
        assert_answer(&answer, &request("TX-1").refused_as_asked(7598));
    }
    // The gateway replaces what is not UTF-8, so that it names a source that does not exist.
    let answer = stack.invoke("bandwidth", &usual(&stack, "POST", "/v1/webhooks/%FF/bandwidth")).await;
    assert_answer(&answer, &request("TX-1").refused_as_asked(7598));
    // A token that allows everything else makes no difference.
    let call = stack.call("PUT", "/v1/accounts/CONTOSO").bearer(&stack.tokens().operator());
    let event = call.json(&json!({"country": "NO"})).event();
    assert_answer(&stack.invoke("bandwidth", &event).await, &refused_as_asked(None, 7598, &[]));
    assert_eq!(stack.records().await.orders.len(), 0);
    let logs = stack.host().stop().await;
    let errors = logs.lines().filter(|line| line.starts_with("bandwidth") && line.contains("\"ERROR\""));
    let causes = errors.filter(|line| line.contains("\"error_kind\":\"internal\""));
    assert_eq!(causes.count(), calls.len() + 1, "{logs}");
    assert_eq!(logs.matches("\"webhook_credentials\":\"refused\"").count(), 1, "{logs}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_are_not_http_requests_are_refused_with_the_numbers_that_they_hold() {
    let stack = processes(&[TN]).start().await;
    let pids = stack.host().pids("bandwidth");
    let good = usual(&stack, "POST", &format!("/v1/webhooks/{SOURCE}/bandwidth"));
    let with = |name: &str, value: Value| {
        let mut event = good.clone();
        event[name] = value;
        event
    };
    for event in [
        with("requestContext", json!(null)),
        with("requestContext", json!({"http": {"method": 7}})),
        with("headers", json!([["host", "x"]])),
        with("headers", json!({"authorization": ["x"]})),
        with("rawPath", json!(7)),
        with("isBase64Encoded", json!("true")),
        json!({"Records": [{"body": request("TX-1").xml()}]}),
    ] {
        let answer = stack.invoke("bandwidth", &event).await;
        assert_answer(&answer, &refused_as_asked(None, 7598, &[TN]));
    }
    for event in [json!(null), json!([]), json!({}), json!("x"), json!(7), with("body", json!(7))] {
        let mut event = event;
        if event.is_object() && event["rawPath"].is_string() {
            event["requestContext"] = json!(null);
        }
        let answer = stack.invoke("bandwidth", &event).await;
        assert_answer(&answer, &refused_as_asked(None, 7598, &[]));
    }
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let outcome = stack.host().invoke_raw("bandwidth", deep.as_bytes()).await;
    let answer = harness::gateway::answer(outcome).expect("an answer");
    assert_answer(&answer, &refused_as_asked(None, 7598, &[]));
    assert_eq!(stack.host().pids("bandwidth"), pids);
}

/// Base64 that does not decode leaves nothing to read, and is no reason for anything else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_base64_and_oversized_bodies_are_refused() {
    let stack = processes(&[TN]).start().await;
    let path = format!("/v1/webhooks/{SOURCE}/bandwidth");
    let mut event = usual(&stack, "POST", &path);
    event["isBase64Encoded"] = json!(true);
    for broken in ["*", "====", "é"] {
        event["body"] = json!(broken);
        assert_answer(&stack.invoke("bandwidth", &event).await, &refused_as_asked(None, 7598, &[]));
    }
    // The challenge depends on nothing but the absence of the header.
    event["headers"].as_object_mut().unwrap().remove("authorization");
    assert_challenge(&stack.invoke("bandwidth", &event).await);
    let large = request("TX-1").xml().replace("Contoso, Ltd.", &"x".repeat(5 * 1024 * 1024));
    assert_answer(&stack.send_xml(large).await, &refused_as_asked(None, 7598, &[TN]));
}
