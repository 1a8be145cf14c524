//! Signed bodies that are invalid: answered as on the native route, and the id stays free for a corrected body.

use harness::clients::standard_webhooks::Sender;
use harness::prelude::*;

use crate::{of_line, start};

const JSON: &str = "application/json";

/// Sends the same bytes to the native route.
async fn native(stack: &Stack, content_type: &'static str, body: &[u8]) -> Answer {
    stack.call("POST", "/v1/port-outs").by(&Claims::carrier("A123")).body(content_type, body).send().await
}

/// Fails unless both routes refuse it with the same problem document, and nothing of it is stored.
async fn assert_refused(
    stack: &Stack,
    sender: &Sender,
    content_type: &'static str,
    body: &[u8],
    refusal: (u16, &str),
) {
    let before = stack.scan().await;
    let answer = stack.deliver(&sender.bytes("msg_1", stack.now(), body).typed(content_type)).await;
    answer.assert_problem(refusal.0, refusal.1);
    assert_eq!(answer.fingerprint(), native(stack, content_type, body).await.fingerprint());
    assert_eq!(stack.scan().await, before);
}

/// Fails unless the id that was refused is free for a good body.
async fn assert_id_is_free(stack: &Stack, sender: &Sender) {
    let answer = stack.send(sender, "msg_1", &usual("TX-1", PIN)).await;
    assert_confirmed(&answer, 201, "A123", &usual("TX-1", PIN));
}

#[tokio::test]
async fn body_of_wrong_form_is_told_as_natively_and_can_be_corrected() {
    let (stack, sender) = start().await;
    let good = usual("TX-1", PIN).to_string();
    let texts =
        ["", "x", "null", "[]", "7", "\"x\"", "{", "{}{}", "{\"pon\":}", "\u{feff}x", "<x/>", "pon=TX-1"];
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
        bodies.push(with(&usual("TX-1", PIN), field, value).to_string().into_bytes());
    }
    bodies.push(good.replacen('{', r#"{"pin":"482913","#, 1).into_bytes());
    for body in &bodies {
        assert_refused(&stack, &sender, JSON, body, (400, "malformed_request")).await;
    }
    assert_id_is_free(&stack, &sender).await;
}

#[tokio::test]
async fn values_that_break_rules_are_told_as_natively_and_can_be_corrected() {
    let (stack, sender) = start().await;
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
        bodies.push(with(&usual("TX-1", PIN), field, value));
    }
    for body in &bodies {
        assert_refused(&stack, &sender, JSON, body.to_string().as_bytes(), (422, "invalid_request")).await;
    }
    assert_id_is_free(&stack, &sender).await;
}

#[tokio::test]
async fn too_large_body_is_refused_at_64_kib_and_one_byte() {
    let (stack, sender) = start().await;
    let body = usual("TX-1", PIN).to_string();
    let padded = |size: usize| format!("{body}{}", " ".repeat(size - body.len())).into_bytes();
    let largest = padded(64 * 1024);
    assert_eq!(largest.len(), 65_536);
    assert_refused(&stack, &sender, JSON, &padded(64 * 1024 + 1), (413, "body_too_large")).await;
    let largest = sender.bytes("msg_1", stack.now(), &largest);
    assert_confirmed(&stack.deliver(&largest).await, 201, "A123", &usual("TX-1", PIN));
}

#[tokio::test]
async fn body_of_another_type_is_refused_and_can_be_corrected() {
    let (stack, sender) = start().await;
    let body = usual("TX-1", PIN).to_string();
    for content_type in [
        "",
        "text/plain",
        "text/json",
        "application/xml",
        "application/json; charset=latin1",
        "application/jsonx",
    ] {
        let refusal = (415, "unsupported_media_type");
        assert_refused(&stack, &sender, content_type, body.as_bytes(), refusal).await;
    }
    let typed = stack.sign(&sender, "msg_1", &usual("TX-1", PIN)).typed("Application/JSON; charset=UTF-8");
    assert_confirmed(&stack.deliver(&typed).await, 201, "A123", &usual("TX-1", PIN));
}

#[tokio::test]
async fn query_is_refused_and_can_be_left_out() {
    let (stack, sender) = start().await;
    let mut event = stack.sign(&sender, "msg_1", &usual("TX-1", PIN)).event(&stack);
    event["rawQueryString"] = json!("token=x");
    let problem = stack.answer(&event).await.assert_problem(400, "malformed_request");
    let detail = "This route accepts no query parameters.";
    assert_eq!(problem["errors"], json!([{"field": "token", "code": "unknown_field", "detail": detail}]));
    assert_id_is_free(&stack, &sender).await;
}

#[tokio::test]
async fn conflict_is_told_as_natively_and_a_new_version_is_good_under_the_same_id() {
    let (stack, sender) = start().await;
    stack.send(&sender, "msg_0", &usual("TX-1", PIN)).await.assert_status(201);
    let other = with(&usual("TX-1", PIN), "zip_code", "98053");
    stack.send(&sender, "msg_1", &other).await.assert_refused(&problems::conflict(Some("02")));
    stack.submit("A123", &other).await.assert_refused(&problems::conflict(Some("02")));
    let next = with(&of_line("TX-1", PIN, 1), "version", "02");
    let answer = stack.send(&sender, "msg_1", &next).await;
    assert_confirmed(&answer, 201, "A123", &next);
}

#[tokio::test]
async fn unsigned_body_is_not_looked_at() {
    let (stack, sender) = start().await;
    let good = stack.sign(&sender, "msg_1", &usual("TX-1", PIN));
    for body in [b"x".as_slice(), b"{}", b"\xff", b"{\"pin\":1}"] {
        stack.deliver(&good.of(body)).await.assert_refused(&problems::not_signed());
        stack.deliver(&good.of(body).typed("text/plain")).await.assert_refused(&problems::not_signed());
    }
}
