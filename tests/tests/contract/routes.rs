//! Paths, methods and queries: unknown routes, unsupported methods, and what a path may hold.

use std::collections::BTreeSet;

use harness::assertions::problems::{
    forbidden, no_account, no_method, no_port_out, no_removal, no_route, no_token,
};
use harness::leak_scan::CANARY as DIGITS;
use harness::prelude::*;
use runtime::http::identity::Scope;
use runtime::http::routes;

use crate::targets::{ROUTES, allowed, call, event, stack};

const METHODS: [&str; 9] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"];

/// Every path with the methods that it takes.
const PATHS: [(&str, &str); 18] = [
    ("/v1/accounts/CONTOSO", "GET, PUT"),
    ("/v1/accounts/CONTOSO/telephone-numbers", "GET, POST"),
    ("/v1/accounts/CONTOSO/telephone-numbers/+12065550199", "DELETE"),
    ("/v1/accounts/CONTOSO/port-out-pin", "GET, PUT"),
    ("/v1/accounts/CONTOSO/port-outs", "GET"),
    ("/v1/accounts/CONTOSO/events", "GET"),
    ("/v1/accounts/CONTOSO/port-protection", "GET, PUT"),
    ("/v1/port-outs", "GET, POST"),
    ("/v1/port-outs/0123456789abcdef0123456789abcdef", "GET"),
    ("/v1/port-outs/0123456789abcdef0123456789abcdef/activations", "POST"),
    ("/v1/port-outs/0123456789abcdef0123456789abcdef/cancellation", "POST"),
    ("/v1/port-outs/0123456789abcdef0123456789abcdef/release", "POST"),
    ("/v1/telephone-numbers/+12065550123", "GET"),
    ("/v1/webhook-sources/acme", "GET, PUT, DELETE"),
    ("/v1/webhook-sources/acme/rotate", "POST"),
    ("/v1/webhooks/acme/port-outs", "POST"),
    ("/v1/webhooks/acme/bandwidth", "POST"),
    ("/v1/webhooks/acme/bandwidth-port-outs", "POST"),
];

#[test]
fn every_path_of_a_route_is_listed_here() {
    let template = |(path, allow): (&str, &str)| {
        let method = allow.split(", ").next().unwrap();
        routes::find(method, path).unwrap().route.path
    };
    let known: BTreeSet<_> = routes::ROUTES.iter().map(|route| route.path).collect();
    assert_eq!(PATHS.map(template).into_iter().collect::<BTreeSet<_>>(), known);
}

/// Returns a token of each role, because every caller sees the same routes.
fn tokens(stack: &Stack) -> [String; 3] {
    [stack.tokens().operator(), stack.tokens().account(CONTOSO), stack.tokens().carrier("A123")]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_that_is_none_of_ours_is_no_route_under_any_method() {
    let stack = stack().await;
    let before = stack.scan().await;
    let operator = stack.tokens().operator();
    for path in [
        "/",
        "/v1",
        "/v1/",
        "/v2/accounts/CONTOSO",
        "/accounts/CONTOSO",
        "/v1/accounts",
        "/v1/accounts/",
        "/v1/accounts//",
        "/v1/accounts/CONTOSO//",
        "/v1/accounts//port-out-pin",
        "/v1/accounts/CONTOSO//port-out-pin",
        "/v1//accounts/CONTOSO",
        "//v1/accounts/CONTOSO",
        "/v1/accounts/CONTOSO/port-out-pin//",
        "/v1/accounts/CONTOSO/port-out-pin/1",
        "/v1/accounts/CONTOSO/pin",
        "/v1/accounts/CONTOSO/Port-Out-Pin",
        "/v1/accounts/CONTOSO/telephone-numbers//",
        "/v1/accounts/CONTOSO/telephone-numbers/+12065550123/x",
        "/V1/accounts/CONTOSO",
        "/v1/Accounts/CONTOSO",
        "/v1/accounts/CONTOSO%2Fx",
        "/v1/port-outs//",
        "/v1/port-outs/a/b",
        "/health",
        "/favicon.ico",
    ] {
        for method in METHODS {
            call(&stack, method, path).bearer(&operator).send().await.assert_refused(&no_route());
        }
    }
    for token in tokens(&stack) {
        stack.get("/v1/nothing", &token).await.assert_refused(&no_route());
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_slash_at_the_end_of_a_path_is_ignored_on_every_route() {
    let stack = stack().await;
    for (method, path, _) in ROUTES {
        let token = allowed(&stack, method, path);
        let plain = call(&stack, method, path).bearer(&token).send().await;
        let slash = call(&stack, method, &format!("{path}/")).bearer(&token).send().await;
        assert_eq!(
            slash.status,
            if plain.status == 201 { 200 } else { plain.status },
            "{method} {path}: {slash:?}"
        );
        if plain.status > 201 {
            assert_eq!(slash.fingerprint(), plain.fingerprint(), "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_method_is_refused_with_those_that_the_path_takes() {
    let stack = stack().await;
    let before = stack.scan().await;
    for (path, allow) in PATHS {
        let others = METHODS.into_iter().filter(|method| allow.split(", ").all(|known| known != *method));
        for method in others {
            let refused = match (method, path.ends_with("/port-out-pin")) {
                ("DELETE", true) => no_removal(),
                _ => no_method(allow),
            };
            let answer = call(&stack, method, path).by(&Claims::operator()).send().await;
            answer.assert_refused(&refused);
            // Without a token a caller does not learn which routes there are.
            call(&stack, method, path).send().await.assert_refused(&no_token());
        }
        for token in tokens(&stack) {
            call(&stack, "PATCH", path).bearer(&token).send().await.assert_refused(&no_method(allow));
        }
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn head_is_a_method_like_any_other_and_its_answer_has_no_body() {
    let stack = stack().await;
    let bearer = format!("Bearer {}", stack.tokens().operator());
    for (path, allow) in PATHS {
        let answer = stack.call("HEAD", path).header("authorization", &bearer).send().await;
        assert_eq!(
            (answer.status, answer.header("allow"), answer.text().as_str()),
            (405, allow, ""),
            "{path}"
        );
        let event = event("HEAD", path, &[("authorization", &bearer)], b"");
        stack.invoke("status", &event).await.assert_refused(&no_method(allow));
    }
    let nothing = stack.call("HEAD", "/v1/nothing").header("authorization", &bearer).send().await;
    assert_eq!((nothing.status, nothing.text().as_str()), (404, ""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_parameter_that_a_route_does_not_know_is_malformed() {
    let stack = stack().await;
    let before = stack.scan().await;
    for (route, (method, path, _)) in routes::ROUTES.iter().zip(ROUTES) {
        let detail = match route.query {
            Some([]) => "This route accepts no query parameters.".to_owned(),
            Some(known) => format!("This route accepts only these query parameters: {}", known.join(", ")),
            None => continue,
        };
        let unknown = |name: &str| error_because(name, "unknown_field", &detail);
        let token = allowed(&stack, method, path);
        for (query, names) in [
            ("dry_run=true", vec!["dry_run"]),
            ("Dry-Run", vec!["Dry-Run"]),
            ("a=1&b=2", vec!["a", "b"]),
            ("=", vec![""]),
            (&format!("{DIGITS}=1"), vec![""]),
            ("%FF=1", vec![""]),
            ("%00=zqcanary", vec![""]),
        ] {
            let errors: Vec<_> = names.into_iter().map(unknown).collect();
            let answer = call(&stack, method, &format!("{path}?{query}")).bearer(&token).send().await;
            answer.assert_refused(&malformed(&errors));
        }
    }
    assert_eq!(stack.scan().await, before);
    assert!(!stack.transcript().contains(DIGITS));
    stack.get("/v1/accounts/CONTOSO?", &Claims::operator()).await.assert_json(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parameter_of_8_kb_is_refused_like_any_that_is_no_name() {
    let stack = stack().await;
    let before = stack.scan().await;
    let too_long = "The telephone number must not be longer than 100 characters.";
    for long in
        ["A".repeat(8192), "-".repeat(8192), "%41".repeat(8192), "%C3%A9".repeat(4096), "%00".repeat(8192)]
    {
        for (route, (method, path, _)) in routes::ROUTES.iter().zip(ROUTES) {
            if path.contains(CONTOSO) {
                let path = path.replace(CONTOSO, &long);
                let ask = |caller: &Claims| call(&stack, method, &path).by(caller).send();
                for (claims, scope) in [(Claims::operator(), Scope::Accounts), (Claims::desk(), Scope::Desk)]
                {
                    let refused = if route.scopes.contains(&scope) { no_account() } else { forbidden() };
                    ask(&claims).await.assert_refused(&refused);
                }
                ask(&Claims::account(CONTOSO)).await.assert_refused(&forbidden());
            }
        }
        let number = format!("/v1/accounts/CONTOSO/telephone-numbers/{long}");
        let refused = invalid(&[error_because("tn", "tn_invalid", too_long)]);
        call(&stack, "DELETE", &number).by(&Claims::operator()).send().await.assert_refused(&refused);
        stack.get(&format!("/v1/telephone-numbers/{long}"), &Claims::desk()).await.assert_refused(&refused);
        let port_out = format!("/v1/port-outs/{long}");
        stack.get(&port_out, &Claims::desk()).await.assert_refused(&no_port_out());
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parameter_that_the_gateway_decoded_is_not_decoded_again() {
    let stack = stack().await;
    let operator = stack.tokens().operator();
    let get = async |path: &str| stack.get(path, &operator).await;
    get("/v1/accounts/%43ONTOSO").await.assert_json(200);
    // The gateway ends a path at its decoded question mark.
    get("/v1/accounts/CONTOSO%3F").await.assert_json(200);
    for other in ["%2543ONTOSO", "100%25", "CONTOSO%23", "CONTOSO+", "%C3%A9", "%C3%28", "%FF", "%"] {
        get(&format!("/v1/accounts/{other}")).await.assert_refused(&no_account());
    }
    get("/v1/accounts/x%2F..%2FCONTOSO").await.assert_refused(&no_route());
    get("/v1/port-outs/%80").await.assert_refused(&forbidden());
    // Once decoded this is the path of another route, whose own scopes count.
    get("/v1/accounts/CONTOSO%2Fport-out-pin").await.assert_json(200);
    let owner = Claims::account("FABRIKAM");
    stack.get("/v1/accounts/CONTOSO%2Fport-out-pin", &owner).await.assert_refused(&forbidden());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_that_no_gateway_decoded_names_the_same_number() {
    let stack = stack().await;
    let bearer = format!("Bearer {}", stack.tokens().operator());
    for tn in ["%2B12065550123", "+12065550123", "%E2%80%AA2065550123%E2%80%AC", "(206)%20555-0123"] {
        stack.assign(CONTOSO, &["+12065550123"]).await.assert_status(200);
        let mut event = event("DELETE", "/x", &[("authorization", &bearer)], b"");
        event["rawPath"] = format!("/v1/accounts/CONTOSO/telephone-numbers/{tn}").into();
        stack.invoke("provision", &event).await.assert_status(204);
        let numbers = stack.operator("GET", "/v1/accounts/CONTOSO/telephone-numbers").send().await;
        assert_eq!(numbers.assert_json(200)["telephone_numbers"], json!([]), "{tn}");
    }
}
