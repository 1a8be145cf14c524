//! Signed bodies that are no good: told as the native route tells them, and the id stays free for a corrected one.

use crate::bench::{Bench, NEXT_DAY, of_line, usual};
use crate::delivery::Sender;
use crate::told::{assert_conflict, assert_not_signed, assert_port_out, confirmed, fingerprint};
use crate::{PIN, with};
use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use harness::client::Answer;
use harness::gateway;
use harness::tokens::Claims;
use serde_json::{Value, json};

const JSON: &str = "application/json";

/// The same bytes by the native route.
async fn native(bench: &Bench, content_type: &'static str, body: &[u8]) -> Answer {
    let content_type = HeaderValue::from_static(content_type);
    let headers = HeaderMap::from_iter([("content-type".parse().unwrap(), content_type)]);
    let event = gateway::event(&Method::POST, &Uri::from_static("/v1/port-outs"), &headers, body);
    bench.answer(&gateway::authorized(event, &Claims::carrier("A123"))).await
}

/// Fails unless both routes refuse it with the same problem document, and nothing of it is stored.
async fn assert_refused(
    bench: &Bench,
    sender: &Sender,
    content_type: &'static str,
    body: &[u8],
    refusal: (u16, &str),
) {
    let before = bench.stack.scan().await;
    let answer = bench.deliver(&sender.bytes("msg_1", bench.now(), body).typed(content_type)).await;
    answer.assert_problem(refusal.0, refusal.1);
    assert_eq!(fingerprint(&answer), fingerprint(&native(bench, content_type, body).await));
    assert_eq!(bench.stack.scan().await, before);
}

/// Fails unless the id that was refused is free for a good body.
async fn assert_id_is_free(bench: &Bench, sender: &Sender) {
    let answer = bench.send(sender, "msg_1", &usual("TX-1")).await;
    assert_port_out(&answer, 201, &confirmed("A123", &usual("TX-1"), NEXT_DAY));
}

#[tokio::test]
async fn body_of_wrong_form_is_told_as_natively_and_can_be_corrected() {
    let (bench, sender) = Bench::start().await;
    let good = usual("TX-1").to_string();
    let texts =
        ["", "x", "null", "[]", "7", "\"x\"", "{", "{}{}", "{\"pon\":}", "\u{feff}{}", "<x/>", "pon=TX-1"];
    let mut bodies: Vec<Vec<u8>> = texts.map(|text| text.as_bytes().to_vec()).into();
    bodies.push([good.as_bytes(), b"x"].concat());
    bodies.push(good.replace("TX-1", "TX\u{0}").into_bytes());
    bodies.push([b"{\"pon\":\"".as_slice(), b"\xff\"}"].concat());
    bodies.push(format!("{}{}", "[".repeat(2_000), "]".repeat(2_000)).into_bytes());
    for (field, value) in [
        ("pin", json!(482_913)),
        ("pin", json!(["482913"])),
        ("pon", json!(1)),
        ("zip_code", json!(98_052)),
        ("telephone_numbers", json!("+12065550100")),
        ("telephone_numbers", json!([12_065_550_100_u64])),
        ("spid", json!("A123")),
        ("type", json!("port-out.requested")),
        ("482913", json!(1)),
    ] {
        bodies.push(with(&usual("TX-1"), field, value).to_string().into_bytes());
    }
    bodies.push(good.replacen('{', r#"{"pin":"482913","#, 1).into_bytes());
    for body in &bodies {
        assert_refused(&bench, &sender, JSON, body, (400, "malformed_request")).await;
    }
    assert_id_is_free(&bench, &sender).await;
}

#[tokio::test]
async fn values_that_break_rules_are_told_as_natively_and_can_be_corrected() {
    let (bench, sender) = Bench::start().await;
    let many: Vec<_> = (0..91).map(|line| format!("+1206556{line:04}")).collect();
    let mut bodies = vec![json!({}), json!({"pon": "", "account_number": "!", "telephone_numbers": []})];
    for (field, value) in [
        ("pon", json!("TX 1")),
        ("pon", Value::Null),
        ("version", json!("1")),
        ("account_number", json!("")),
        ("zip_code", json!("9805")),
        ("telephone_numbers", json!(["+12065550100", "+12065550100"])),
        ("telephone_numbers", json!(["+1206555010"])),
        ("telephone_numbers", json!(many)),
        ("desired_due_date", json!("2026-11-31")),
    ] {
        bodies.push(with(&usual("TX-1"), field, value));
    }
    for body in &bodies {
        assert_refused(&bench, &sender, JSON, body.to_string().as_bytes(), (422, "invalid_request")).await;
    }
    assert_id_is_free(&bench, &sender).await;
}

#[tokio::test]
async fn too_large_body_is_refused_at_64_kib_and_one_byte() {
    let (bench, sender) = Bench::start().await;
    let body = usual("TX-1").to_string();
    let padded = |size: usize| format!("{body}{}", " ".repeat(size - body.len())).into_bytes();
    let largest = padded(64 * 1024);
    assert_eq!(largest.len(), 65_536);
    assert_refused(&bench, &sender, JSON, &padded(64 * 1024 + 1), (413, "body_too_large")).await;
    let largest = sender.bytes("msg_1", bench.now(), &largest);
    assert_port_out(&bench.deliver(&largest).await, 201, &confirmed("A123", &usual("TX-1"), NEXT_DAY));
}

#[tokio::test]
async fn body_of_another_type_is_refused_and_can_be_corrected() {
    let (bench, sender) = Bench::start().await;
    let body = usual("TX-1").to_string();
    for content_type in [
        "",
        "text/plain",
        "text/json",
        "application/xml",
        "application/json; charset=latin1",
        "application/jsonx",
    ] {
        let refusal = (415, "unsupported_media_type");
        assert_refused(&bench, &sender, content_type, body.as_bytes(), refusal).await;
    }
    let typed = bench.sign(&sender, "msg_1", &usual("TX-1")).typed("Application/JSON; charset=UTF-8");
    assert_port_out(&bench.deliver(&typed).await, 201, &confirmed("A123", &usual("TX-1"), NEXT_DAY));
}

#[tokio::test]
async fn query_is_refused_and_can_be_left_out() {
    let (bench, sender) = Bench::start().await;
    let mut event = bench.sign(&sender, "msg_1", &usual("TX-1")).event();
    event["rawQueryString"] = json!("token=x");
    let problem = bench.answer(&event).await.assert_problem(400, "malformed_request");
    let detail = "this route takes no query parameters";
    assert_eq!(problem["errors"], json!([{"field": "token", "code": "unknown_field", "detail": detail}]));
    assert_id_is_free(&bench, &sender).await;
}

#[tokio::test]
async fn conflict_is_told_as_natively_and_a_new_version_is_good_under_the_same_id() {
    let (bench, sender) = Bench::start().await;
    bench.send(&sender, "msg_0", &usual("TX-1")).await.assert_status(201);
    let other = with(&usual("TX-1"), "zip_code", "98053");
    assert_conflict(&bench.send(&sender, "msg_1", &other).await, "02");
    assert_conflict(&bench.submit("A123", &other).await, "02");
    let next = with(&of_line("TX-1", PIN, 1), "version", "02");
    let answer = bench.send(&sender, "msg_1", &next).await;
    assert_port_out(&answer, 201, &confirmed("A123", &next, NEXT_DAY));
}

#[tokio::test]
async fn unsigned_body_is_not_looked_at() {
    let (bench, sender) = Bench::start().await;
    let good = bench.sign(&sender, "msg_1", &usual("TX-1"));
    for body in [b"x".as_slice(), b"{}", b"\xff", b"{\"pin\":1}"] {
        assert_not_signed(&bench.deliver(&good.of(body)).await);
        assert_not_signed(&bench.deliver(&good.of(body).typed("text/plain")).await);
    }
}
