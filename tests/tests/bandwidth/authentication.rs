//! Who is let in: the challenge of RFC 7235 without credentials, and a refusal for everything that is not this source's
//! password: Bandwidth takes a second challenge for an approval.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::assertions::bandwidth::{approved, assert_answer, assert_challenge, contoso, refused};
use harness::clients::bandwidth::{basic, request};
use harness::prelude::*;

use crate::{TN, start};

async fn post(stack: &Stack, source: &str, authorization: Option<&str>) -> Answer {
    let call = stack.bandwidth(source).body("application/xml", request("TX-1").xml());
    authorization.iter().fold(call, |call, value| call.header("authorization", value)).send().await
}

/// Fails unless each is refused alike, with its own numbers and nothing else, and nothing is recorded.
async fn assert_all_refused(stack: &Stack, tries: &[(&str, String)]) {
    let before = stack.records().await;
    for (source, authorization) in tries {
        let answer = post(stack, source, Some(authorization)).await;
        assert_answer(&answer, &request("TX-1").refused_as_asked(7598));
    }
    assert_eq!(stack.records().await, before);
}

#[tokio::test]
async fn first_call_without_credentials_and_body_is_challenged_and_the_second_one_answered() {
    let stack = start().await;
    assert_challenge(&stack.bandwidth("bw").send().await);
    assert_challenge(&post(&stack, "bw", None).await);
    assert_eq!(stack.records().await.orders.len(), 0);
    assert_answer(&post(&stack, "bw", Some(&stack.credentials())).await, &approved("TX-1"));
}

#[tokio::test]
async fn whatever_is_not_the_sources_user_name_and_password_is_refused_alike() {
    let stack = start().await;
    let other = stack.register("other", "bandwidth", "B456").await;
    let signed = stack.register("signed", "standard-webhooks", "C789").await;
    let ours = stack.secret("bw").to_owned();
    let mut flipped = ours.clone().into_bytes();
    flipped[42] = if flipped[42] == b'A' { b'E' } else { b'A' };
    let flipped = String::from_utf8(flipped).unwrap();
    let tries = [
        ("bw", "bw", flipped.as_str()),
        ("bw", "bw", &ours[..42]),
        ("bw", "bw", &format!("{ours}=")),
        ("bw", "bw", &format!(" {ours}")),
        ("bw", "bw", &ours.to_uppercase()),
        ("bw", "bw", ""),
        ("bw", "bw", &other),
        ("bw", "", &ours),
        ("bw", "BW", &ours),
        ("bw", "bw ", &ours),
        ("bw", "other", &ours),
        ("bw", "other", &other),
        ("other", "bw", &ours),
        ("other", "other", &ours),
        ("signed", "signed", &signed),
        ("signed", "signed", signed.strip_prefix("whsec_").unwrap()),
        ("unknown", "unknown", &ours),
        ("unknown", "bw", &ours),
        ("BW", "BW", &ours),
        ("no%20id", "no id", &ours),
        ("b%77x", "bwx", &ours),
    ];
    let tries: Vec<_> = tries.map(|(source, user, password)| (source, basic(user, password))).to_vec();
    assert_all_refused(&stack, &tries).await;
    assert_answer(&post(&stack, "b%77", Some(&stack.credentials())).await, &approved("TX-1"));
}

#[tokio::test]
async fn headers_that_are_no_basic_credentials_are_refused_alike() {
    let stack = start().await;
    let pair = format!("bw:{}", stack.secret("bw"));
    let good = STANDARD.encode(&pair);
    let headers = [
        String::new(),
        " ".to_owned(),
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic *".to_owned(),
        format!("Basic{good}"),
        format!("Bearer {good}"),
        format!("Digest {good}"),
        format!("Basic {pair}"),
        format!("Basic {good}{good}"),
        format!("Basic {good},Basic {good}"),
        format!("Basic {good} {good}"),
        format!("Basic {}", STANDARD.encode("bw")),
        format!("Basic {}", STANDARD.encode(b"bw:\xff\xfe")),
        format!("Basic {}", "A".repeat(8_000)),
        "\u{00e9}".to_owned(),
    ];
    let tries: Vec<_> = headers.into_iter().map(|header| ("bw", header)).collect();
    assert_all_refused(&stack, &tries).await;
    for scheme in ["Basic", "basic", "BASIC", "Basic "] {
        assert_answer(&post(&stack, "bw", Some(&format!("{scheme} {good}"))).await, &approved("TX-1"));
    }
}

#[tokio::test]
async fn deleted_source_is_refused_like_one_that_never_was() {
    let stack = start().await;
    let credentials = stack.credentials();
    stack.delete_source("bw").await;
    assert_all_refused(&stack, &[("bw", credentials.clone())]).await;
    let again = stack.register("bw", "bandwidth", "A123").await;
    assert_all_refused(&stack, &[("bw", credentials)]).await;
    assert_answer(&post(&stack, "bw", Some(&basic("bw", &again))).await, &approved("TX-1"));
}

#[tokio::test]
async fn source_whose_id_is_as_long_as_may_be_is_let_in_and_a_longer_one_refused() {
    let stack = start().await;
    let longest = "b".repeat(32);
    let password = stack.register(&longest, "bandwidth", "B456").await;
    assert_answer(&post(&stack, &longest, Some(&basic(&longest, &password))).await, &approved("TX-1"));
    let longer = "b".repeat(33);
    assert_all_refused(&stack, &[(&longer, basic(&longer, &password))]).await;
}

/// No part of the URL but the source may cause anything else than an answer.
#[tokio::test]
async fn query_and_trailing_slash_are_no_reason_for_anything_but_an_answer() {
    let stack = start().await;
    let tails = ["?", "?trace=1", "?a=1&a=2", "?%FF", "?=", "/", "/?x"];
    for (n, tail) in tails.into_iter().enumerate() {
        let pon = format!("Q-{n}");
        let path = format!("/v1/webhooks/bw/bandwidth{tail}");
        assert_challenge(&stack.call("POST", &path).send().await);
        let call = stack.call("POST", &path).header("authorization", &stack.credentials());
        let answer = call.body("application/xml", request(&pon).no_pin().xml()).send().await;
        assert_answer(&answer, &refused(Some(&pon), &[7512], contoso(&[TN])));
    }
}
