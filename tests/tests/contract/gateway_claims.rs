//! Claims that the gateway verified: the same rules as for tokens, and in AWS the only way in.

use harness::assertions::problems::{bad_token, no_removal, no_token};
use harness::authorizer::authorized;
use harness::prelude::*;
use runtime::http::endpoint::{Endpoint, PortOutEndpoint, ProvisionEndpoint, SetPinEndpoint, StatusEndpoint};

use crate::bodies::account;
use crate::targets::{bearer_routes, body, call, event, route, stack};

const PUT_ACCOUNT: Endpoint = Endpoint::Provision(ProvisionEndpoint::PutAccount);
const SET_PIN: Endpoint = Endpoint::SetPin(SetPinEndpoint::Set);
const SUBMIT: Endpoint = Endpoint::PortOut(PortOutEndpoint::Submit);
const PIN_PATH: &str = "/v1/accounts/CONTOSO/port-out-pin";

/// Functions as they run in AWS: they verify no tokens themselves.
async fn behind_the_gateway() -> Stack {
    let none = ["JWT_ISSUER", "JWT_AUDIENCE", "JWT_KEYS"];
    none.iter().fold(Stack::builder(), |builder, name| builder.env(name, "")).start().await
}

/// Returns the event of a route, with a valid body if it takes one.
fn request(method: &str, path: &str, headers: &[(&'static str, &str)]) -> Value {
    let json = [("content-type", "application/json")];
    match body(method, path) {
        Some(body) => event(method, path, &[headers, &json].concat(), body.to_string().as_bytes()),
        None => event(method, path, headers, b""),
    }
}

async fn as_claimed(stack: &Stack, route: (&str, &str, &str), claims: &Claims) -> Answer {
    let (method, path, function) = route;
    stack.invoke(function, &authorized(request(method, path, &[]), claims)).await
}

async fn get_pin(stack: &Stack, authorizer: Value) -> Answer {
    let mut event = request("GET", PIN_PATH, &[]);
    event["requestContext"]["authorizer"] = authorizer;
    stack.invoke("status", &event).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verified_claims_need_no_token_and_no_keys() {
    let stack = behind_the_gateway().await;
    let operator = Claims::operator();
    let account = with(&account(CONTOSO), "zip_codes", json!(["98052"]));
    as_claimed(&stack, route(PUT_ACCOUNT), &operator).await.assert_revised(201, account.clone());
    as_claimed(&stack, route(Endpoint::Status(StatusEndpoint::Account)), &operator)
        .await
        .assert_revised(200, account);
    let assign = route(Endpoint::Provision(ProvisionEndpoint::AssignNumbers));
    as_claimed(&stack, assign, &operator).await.assert_json(200);
    let admin = Claims::account("contoso").with("sub", "alice");
    let pin = as_claimed(&stack, route(SET_PIN), &admin).await;
    assert_eq!(pin.assert_json(201)["updated_by"], "user:alice");
    let delete_pin = route(Endpoint::SetPin(SetPinEndpoint::Delete));
    as_claimed(&stack, delete_pin, &admin).await.assert_refused(&no_removal());
    let port_out = as_claimed(&stack, route(SUBMIT), &Claims::carrier("a123")).await.assert_json(201);
    assert_eq!((&port_out["spid"], &port_out["status"]), (&json!("A123"), &json!("confirmed")), "{port_out}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_keys_even_a_well_signed_token_is_refused() {
    let stack = behind_the_gateway().await;
    for (_, (method, path, _)) in bearer_routes() {
        for token in
            [stack.tokens().operator(), stack.tokens().account(CONTOSO), stack.tokens().carrier("A123")]
        {
            call(&stack, method, path).bearer(&token).send().await.assert_refused(&bad_token());
        }
        call(&stack, method, path).send().await.assert_refused(&no_token());
    }
    assert!(stack.scan().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_with_neither_claims_nor_token_is_unauthenticated() {
    let claims = Claims::operator().to_json();
    let none = [
        json!(null),
        json!({}),
        json!({"jwt": null}),
        json!({"jwt": {}}),
        json!({"jwt": {"claims": null, "scopes": null}}),
        json!({"jwt": []}),
        json!({"lambda": claims}),
        json!({"iam": {"userId": "operator"}, "principalId": "operator"}),
        // Where a REST API and an authorizer of one's own put them.
        json!({"claims": claims, "scope": "accounts:manage"}),
    ];
    let verified = json!({"jwt": {"claims": claims, "scopes": null}});
    for (stack, also) in [(behind_the_gateway().await, None), (stack().await, Some(verified))] {
        for (_, (method, path, function)) in bearer_routes() {
            stack.invoke(function, &request(method, path, &[])).await.assert_refused(&no_token());
        }
        // Where the functions verify tokens themselves, claims in the event are no better than none.
        for authorizer in none.iter().chain(&also) {
            get_pin(&stack, authorizer.clone()).await.assert_refused(&no_token());
        }
    }
    let stack = behind_the_gateway().await;
    get_pin(&stack, json!({"jwt": {"claims": {}}})).await.assert_refused(&bad_token());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_in_headers_body_or_query_are_never_believed() {
    let stack = behind_the_gateway().await;
    let claims = Claims::operator().to_json().to_string();
    for name in ["x-amzn-oidc-data", "x-claims", "x-authorizer", "x-amzn-request-context", "x-forwarded-user"]
    {
        stack
            .invoke("status", &request("GET", PIN_PATH, &[(name, &claims)]))
            .await
            .assert_refused(&no_token());
    }
    let context =
        json!({"requestContext": {"authorizer": {"jwt": {"claims": Claims::operator().to_json()}}}});
    let call = stack.call("PUT", "/v1/accounts/CONTOSO?sub=operator&scope=accounts:manage").json(&context);
    call.send().await.assert_refused(&no_token());
    assert!(stack.scan().await.is_empty());
}
