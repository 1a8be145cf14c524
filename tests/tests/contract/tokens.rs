//! Tokens that the functions verify themselves: what makes one good, and each way of being bad.

use harness::assertions::problems::{bad_token, forbidden};
use harness::prelude::*;
use harness::tokens::{AUDIENCE, now};

use crate::bodies::no_pin;
use crate::targets::{bearer_routes, call, stack};

const PIN_PATH: &str = "/v1/accounts/CONTOSO/port-out-pin";

async fn get_pin(stack: &Stack, claims: &Claims) -> Answer {
    stack.get(PIN_PATH, &stack.tokens().sign(claims)).await
}

#[track_caller]
fn is_pin_status(answer: &Answer) {
    answer.assert_pin_status(200, no_pin(CONTOSO));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bad_token_is_refused_with_a_challenge() {
    let stack = stack().await;
    let before = stack.scan().await;
    let bad = stack.tokens().bad_tokens(&Claims::operator());
    assert!(bad.len() >= 21);
    for (what, token) in bad {
        let answer = call(&stack, "PUT", "/v1/accounts/CONTOSO").bearer(&token).send().await;
        assert_eq!(answer.status, 401, "{what}");
        answer.assert_refused(&bad_token());
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_refuses_a_token_of_another_key() {
    let stack = stack().await;
    let before = stack.scan().await;
    let stranger = harness::tokens::Issuer::default();
    for (_, (method, path, _)) in bearer_routes() {
        for token in
            [stranger.operator(), stranger.account(CONTOSO), stranger.carrier("A123"), "x".repeat(5000)]
        {
            call(&stack, method, path).bearer(&token).send().await.assert_refused(&bad_token());
        }
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tokens_are_none() {
    let stack = stack().await;
    let good = stack.tokens().account(CONTOSO);
    let twice = stack.call("GET", PIN_PATH).bearer(&good).bearer(&good).send().await;
    twice.assert_refused(&bad_token());
    stack.get(PIN_PATH, &format!("{good} {good}")).await.assert_refused(&bad_token());
    stack.get(PIN_PATH, &format!("{good},{good}")).await.assert_refused(&bad_token());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_does_not_say_its_key_is_refused() {
    let stack = stack().await;
    let token = stack.tokens().without_kid(&Claims::account(CONTOSO));
    stack.get(PIN_PATH, &token).await.assert_refused(&bad_token());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_without_a_usable_subject_is_refused() {
    let stack = stack().await;
    get_pin(&stack, &Claims::account(CONTOSO).without("sub")).await.assert_refused(&bad_token());
    for sub in
        [json!(null), json!(""), json!("  "), json!(7), json!(["a"]), json!("a\nb"), json!("x".repeat(257))]
    {
        get_pin(&stack, &Claims::account(CONTOSO).with("sub", sub)).await.assert_refused(&bad_token());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_scheme_and_the_audience_may_be_written_in_other_ways() {
    let stack = stack().await;
    let token = stack.tokens().account(CONTOSO);
    for scheme in ["bearer", "BEARER", "Bearer "] {
        let call = stack.call("GET", PIN_PATH).header("authorization", &format!("{scheme} {token}"));
        is_pin_status(&call.send().await);
    }
    let several = Claims::account(CONTOSO).with("aud", json!(["another-api", AUDIENCE]));
    is_pin_status(&get_pin(&stack, &several).await);
    is_pin_status(&get_pin(&stack, &Claims::account(CONTOSO).with("exp", now() + 5)).await);
    is_pin_status(&get_pin(&stack, &Claims::account(CONTOSO).without("nbf").without("iat")).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scopes_are_words_in_a_text_or_an_array_of_them() {
    let stack = stack().await;
    let with = |scope: Value| Claims::account(CONTOSO).with("scope", scope);
    for scope in [
        json!("port-out-pin:read"),
        json!("openid  port-out-pin:read profile"),
        json!(["port-out-pin:read"]),
        json!(["openid", "port-out-pin:write", "port-out-pin:read"]),
        json!("accounts:manage"),
        json!(["accounts:manage"]),
    ] {
        is_pin_status(&get_pin(&stack, &with(scope)).await);
    }
    for scope in [
        json!(""),
        json!([]),
        json!(null),
        json!(7),
        json!({"port-out-pin:read": true}),
        json!("port-out-pin"),
        json!("port-out-pin:readonly"),
        json!("Port-Out-Pin:Read"),
        json!("port-out-pin:read,port-out-pin:write"),
        json!([["port-out-pin:read"]]),
        json!(["port-out-pin: read"]),
        json!("port-out:submit port-out-pin:write"),
    ] {
        get_pin(&stack, &with(scope)).await.assert_refused(&forbidden());
    }
    get_pin(&stack, &Claims::account(CONTOSO).without("scope")).await.assert_refused(&forbidden());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admins_account_is_one_account_number_in_either_case() {
    let stack = stack().await;
    for account in [CONTOSO, "contoso", "ConToso"] {
        is_pin_status(&get_pin(&stack, &Claims::account(CONTOSO).with("account_id", account)).await);
    }
    for account in [
        json!(null),
        json!(""),
        json!("*"),
        json!(7),
        json!([CONTOSO]),
        json!("CONTOSO,FABRIKAM"),
        json!("con-toso"),
        json!("CONTOSO.5"),
    ] {
        let claims = Claims::account(CONTOSO).with("account_id", account);
        get_pin(&stack, &claims).await.assert_refused(&forbidden());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_carriers_spid_is_four_letters_or_digits_in_any_case() {
    let stack = stack().await;
    let before = stack.scan().await;
    let submit = async |spid: Value| {
        let token = stack.tokens().sign(&Claims::carrier("A123").with("spid", spid));
        call(&stack, "POST", "/v1/port-outs").bearer(&token).send().await
    };
    for spid in [
        json!(null),
        json!(""),
        json!("A12"),
        json!("A1234"),
        json!("Ä12"),
        json!("A 12"),
        json!(1234),
        json!(["A123"]),
    ] {
        submit(spid).await.assert_refused(&forbidden());
    }
    assert_eq!(stack.scan().await, before);
    assert_eq!(submit(json!("a123")).await.assert_json(201)["spid"], "A123");
}
