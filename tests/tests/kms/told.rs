//! What callers are told, the whole of it.

use harness::client::Answer;
use serde_json::{Value, json};

/// Fails unless this is a confirmed port-out that was not there before.
#[track_caller]
pub fn assert_confirmed(answer: &Answer) {
    let body = answer.assert_json(201);
    assert_eq!((&body["status"], &body["rejections"]), (&json!("confirmed"), &json!([])), "{body}");
    assert!(body["foc_date"].is_string(), "{body}");
}

/// Fails unless this is a port-out that is rejected for its PIN alone.
#[track_caller]
pub fn assert_wrong_pin(answer: &Answer) {
    let body = answer.assert_json(201);
    let codes: Vec<_> = body["rejections"].as_array().unwrap().iter().map(|why| &why["code"]).collect();
    assert_eq!((&body["status"], codes), (&json!("rejected"), vec![&json!("pin_invalid")]), "{body}");
    assert_eq!(body["foc_date"], Value::Null);
}

/// Fails unless this is the whole 503.
#[track_caller]
pub fn assert_unavailable(answer: &Answer, why: &str) {
    let detail = "The service could not do this in time. Nothing was lost; send the same request again.";
    let expected = json!({
        "type": "urn:port-out:problem:temporarily_unavailable",
        "title": "Temporarily unavailable",
        "status": 503,
        "detail": detail,
        "code": "temporarily_unavailable",
        "request_id": answer.header("x-request-id"),
    });
    assert_eq!((answer.status, answer.json()), (503, expected), "{} with {why}", answer.call);
    let headers = (answer.header("content-type"), answer.header("retry-after"));
    assert_eq!(headers, ("application/problem+json", "2"), "{} with {why}", answer.call);
}

/// Fails unless Bandwidth is told, under the one status that it does not take for an approval, not to let the port go.
#[track_caller]
pub fn assert_refused_as_trouble(answer: &Answer, pon: &str, why: &str) {
    let expected = bandwidth(&format!(
        "<Portable>false</Portable><PON>{pon}</PON><Errors><Error><Code>7598</Code><Description>Invalid request, or it \
         cannot be validated now</Description></Error></Errors><AcceptableValues><TelephoneNumbers></TelephoneNumbers>\
         </AcceptableValues>"
    ));
    assert_eq!((answer.status, answer.text()), (200, expected), "{why}");
    assert_eq!(answer.header("content-type"), "application/xml");
}

/// Fails unless Bandwidth is told that the port may go.
#[track_caller]
pub fn assert_approved(answer: &Answer, pon: &str) {
    let expected = bandwidth(&format!("<Portable>true</Portable><PON>{pon}</PON>"));
    assert_eq!((answer.status, answer.text()), (200, expected));
}

/// Fails unless Bandwidth is told that the PIN, and nothing else, is wrong.
#[track_caller]
pub fn assert_refused_for_pin(answer: &Answer) {
    let text = answer.text();
    assert!(answer.status == 200 && text.contains("<Portable>false</Portable>"), "{text}");
    let codes: Vec<_> = text.split("<Code>").skip(1).map(|rest| &rest[..4]).collect();
    assert_eq!(codes, ["7513"], "{text}");
}

fn bandwidth(inner: &str) -> String {
    let declaration = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
    format!("{declaration}<PortOutValidationResponse>{inner}</PortOutValidationResponse>")
}
