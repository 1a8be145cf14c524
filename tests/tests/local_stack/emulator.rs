//! The contract where it depends on the server in front of the functions: here `cargo lambda watch`.

use harness::assertions::bandwidth::{assert_answer, refused_as_asked};
use harness::client::{Answer, Client};
use runtime::http::routes::ROUTES;
use serde_json::json;

use crate::stack::Stack;
use crate::workspace_dir::WorkspaceDir;

const PIN: &str = "/v1/accounts/CONTOSO/port-out-pin";

/// A body of the largest size that is taken.
const MOST: usize = 64 * 1024;

fn example(path: &str) -> String {
    path.replace("{source_id}", "EXAMPLE")
        .replace("{account_id}", "CONTOSO")
        .replace("{tn}", "+12065550100")
        .replace("{id}", &"0".repeat(32))
}

/// Returns whether a path requires a bearer token; webhooks have signatures or passwords instead.
fn wants_token(path: &str) -> bool {
    !path.starts_with("/v1/webhooks/")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_route_answers_without_proof_of_who_calls() {
    let workspace = WorkspaceDir::new().await;
    let stack = Stack::run(&workspace).await;
    let routes = ROUTES.iter().map(|it| (it.method, example(it.path)));
    let others =
        [("GET", "/"), ("GET", "/v1/nowhere"), ("POST", "/v1/accounts"), ("OPTIONS", PIN), ("PATCH", PIN)];
    for (method, path) in routes.chain(others.map(|(method, path)| (method, path.to_owned()))) {
        for token in [None, Some("no token"), Some("a.b.c")] {
            let call = stack.client().call(method, &path);
            let call = token.into_iter().fold(call, |call, token| call.bearer(token));
            let answer = call.send().await;
            // Bandwidth takes a 401 for an approval, so only a request without credentials is challenged.
            if token.is_some() && path.contains("/bandwidth") {
                assert_answer(&answer, &refused_as_asked(None, 7598, &[]));
                continue;
            }
            answer.assert_problem(401, "unauthenticated");
            let challenge = answer.header("www-authenticate");
            assert_eq!(challenge.starts_with("Bearer"), wants_token(&path), "{method} {path}: {challenge}");
            assert_ne!(challenge, "", "{method} {path}");
        }
    }
    stack.stop().await;
}

async fn send(client: &Client, token: &str, method: &str, path: &str) -> Answer {
    client.call(method, path).bearer(token).json(&json!({})).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_paths_and_methods_get_problem_documents() {
    let workspace = WorkspaceDir::new().await;
    let stack = Stack::run(&workspace).await;
    let (client, token) = (stack.client(), workspace.token("ROLE=operator").await);
    let unknown = [
        "/",
        "/v1",
        "/v1/",
        "/v2/port-outs",
        "/v1/accounts",
        "/v1/accounts/",
        "/v1/accounts/CONTOSO//",
        "/v1/nowhere",
        "/v1/accounts/CONTOSO/port-out-pin/x",
        "/V1/port-outs",
        "//v1/port-outs",
        "/v1/accounts/%FF/port-out-pin",
        "/v1/accounts//port-out-pin",
        "/favicon.ico",
        "/2015-03-31/functions",
    ];
    for path in unknown {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            send(&client, &token, method, path).await.assert_problem(404, "route_not_found");
        }
    }
    for (path, allow, method) in [
        ("/v1/accounts/CONTOSO", "GET, PUT", "DELETE"),
        ("/v1/accounts/CONTOSO", "GET, PUT", "POST"),
        ("/v1/accounts/CONTOSO/telephone-numbers", "GET, POST", "PUT"),
        ("/v1/accounts/CONTOSO/telephone-numbers/+12065550100", "DELETE", "GET"),
        (PIN, "GET, PUT", "POST"),
        (PIN, "GET, PUT", "PATCH"),
        (PIN, "GET, PUT", "OPTIONS"),
        ("/v1/accounts/CONTOSO/port-out-pin/", "GET, PUT", "POST"),
        ("/v1/port-outs", "GET, POST", "PUT"),
        ("/v1/port-outs/", "GET, POST", "PUT"),
        ("/v1/port-outs/00000000000000000000000000000000", "GET", "DELETE"),
        ("/v1/port-outs/00000000000000000000000000000000/release", "POST", "GET"),
        ("/v1/accounts/CONTOSO/port-protection", "GET, PUT", "POST"),
    ] {
        let answer = send(&client, &token, method, path).await;
        answer.assert_problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    }
    let answer = send(&client, &token, "DELETE", PIN).await;
    answer.assert_problem(405, "pin_cannot_be_removed");
    assert_eq!(answer.header("allow"), "GET, PUT");
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn encoded_paths_and_refused_bodies_are_what_the_contract_says() {
    let workspace = WorkspaceDir::new().await;
    let stack = Stack::run(&workspace).await;
    let (client, token) = (stack.client(), workspace.token("ROLE=owner ACCOUNT=CONTOSO").await);
    for path in [PIN, "/v1/accounts/contoso/port-out-pin", "/v1/accounts/CONTOSO/port-out-pin/"] {
        let body = client.call("GET", path).bearer(&token).send().await.assert_json(200);
        assert_eq!((&body["account_id"], &body["pin_version"]), (&json!("CONTOSO"), &json!(0)), "{path}");
    }
    // Not an account number, so it is not the token's account either; an encoded letter stays encoded.
    for id in ["con-toso", "con%2Dtoso", "con%20toso", "con%2Ftoso", "con%2ftoso", "%43ontoso", "%2543ontoso"]
    {
        let path = format!("/v1/accounts/{id}/port-out-pin");
        client.call("GET", &path).bearer(&token).send().await.assert_problem(403, "forbidden");
    }
    let other = client.call("GET", "/v1/accounts/FABRIKAM/port-out-pin").bearer(&token);
    other.send().await.assert_problem(403, "forbidden");
    // Blanks after the value count for nothing but the size.
    let short = r#"{"pin": "48291"}"#;
    let body = |size: usize| short.to_owned() + &" ".repeat(size - short.len());
    let put =
        |kind: &'static str, body: String| client.call("PUT", PIN).bearer(&token).body(kind, body).send();
    let json = "application/json";
    put(json, body(MOST)).await.assert_problem(422, "invalid_request");
    put(json, body(MOST + 1)).await.assert_problem(413, "body_too_large");
    put(json, body(1024 * 1024)).await.assert_problem(413, "body_too_large");
    put("application/json; charset=utf-8", body(20)).await.assert_problem(422, "invalid_request");
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "application/octet-stream"]
    {
        put(kind, body(20)).await.assert_problem(415, "unsupported_media_type");
    }
    let bare = client.call("PUT", PIN).bearer(&token).send().await;
    bare.assert_problem(415, "unsupported_media_type");
    put(json, String::new()).await.assert_problem(400, "malformed_request");
    put(json, "{".to_owned()).await.assert_problem(400, "malformed_request");
    let state = client.call("GET", PIN).bearer(&token).send().await;
    assert_eq!((&state.assert_json(200)["pin_set"], state.header("etag")), (&json!(false), "\"0\""));
    stack.stop().await;
}
