//! Tokens that the functions verify themselves: what makes one good, and each way of being bad.

use harness::assertions::problems::bad_token;
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
