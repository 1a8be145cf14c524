//! What no source can be: every bad value by its field, paths that name nothing, methods that are none.

use crate::bench::{Bench, path};
use crate::told::{assert_no_method, assert_no_source, assert_no_token};
use crate::with;
use harness::client::Answer;
use harness::stack::Stack;
use serde_json::{Value, json};

const SPID: &str = "a SPID is exactly 4 ASCII letters or digits";
const KIND: &str = "a kind is standard-webhooks or bandwidth";
const NAME: &str = "a name is 1 to 100 characters, not blank and without control characters";
const ID: &str = "a source id is 1 to 32 of the letters a-z, the digits and -";
const REQUIRED: &str = "this field is required";
const TYPE: &str = "this field is a JSON string";
const UNKNOWN: &str = "this route takes only the fields kind, spid, name";

fn good() -> Value {
    json!({"kind": "standard-webhooks", "spid": "A123"})
}

/// Fails unless this is the whole 400 or 422 with exactly these bad fields.
#[track_caller]
fn assert_bad(answer: &Answer, status: u16, errors: &[(&str, &str, &str)]) {
    let (code, title, detail) = match status {
        400 => (
            "malformed_request",
            "Malformed request",
            "The request does not have the form that this route takes.",
        ),
        _ => {
            let detail = "At least one value breaks a rule; nothing was stored.";
            ("invalid_request", "A value breaks a rule", detail)
        }
    };
    let errors: Vec<_> = errors
        .iter()
        .map(|(field, code, detail)| json!({"field": field, "code": code, "detail": detail}))
        .collect();
    let kind = format!("urn:port-out:problem:{code}");
    let expected = json!({
        "type": kind, "title": title, "status": status, "detail": detail, "code": code, "errors": errors,
    });
    assert_eq!(answer.assert_problem(status, code), expected);
}

#[tokio::test]
async fn every_bad_value_is_named_with_its_rule() {
    let bench = Bench::empty().await;
    let long = "x".repeat(101);
    let mut bad = Vec::new();
    for kind in ["", "Standard-Webhooks", "standard_webhooks", "standard-webhooks ", "bandwidth2", "bw"] {
        bad.push(("kind", json!(kind), 422, "/kind", "kind_invalid", KIND));
    }
    for spid in ["", "A12", "A1234", "A-23", "A 23", "Ä123", " A123", "\u{661}\u{662}\u{663}\u{664}"] {
        bad.push(("spid", json!(spid), 422, "/spid", "spid_invalid", SPID));
    }
    for name in ["", "  ", "a\nb", "a\u{0}b", &long] {
        bad.push(("name", json!(name), 422, "/name", "name_invalid", NAME));
    }
    for (field, place) in [("kind", "/kind"), ("spid", "/spid")] {
        bad.push((field, Value::Null, 422, place, "required", REQUIRED));
    }
    for (field, place) in [("kind", "/kind"), ("spid", "/spid"), ("name", "/name")] {
        for value in [json!(1), json!(true), json!([]), json!({})] {
            bad.push((field, value, 400, place, "wrong_type", TYPE));
        }
    }
    for (field, place) in
        [("secret", "/secret"), ("source_id", "/source_id"), ("Kind", "/Kind"), ("482913", "/")]
    {
        bad.push((field, json!("x"), 400, place, "unknown_field", UNKNOWN));
    }
    for (field, value, status, place, code, detail) in bad {
        let answer = bench.operator("PUT", &path("acme"), &with(&good(), field, value)).await;
        assert_bad(&answer, status, &[(place, code, detail)]);
    }
    assert_eq!(bench.stack.scan().await, []);
}

#[tokio::test]
async fn all_bad_values_are_named_at_once() {
    let bench = Bench::empty().await;
    let answer = bench.operator("PUT", &path("Acme"), &json!({"kind": "x", "name": ""})).await;
    let errors = [
        ("source_id", "source_id_invalid", ID),
        ("/kind", "kind_invalid", KIND),
        ("/spid", "required", REQUIRED),
        ("/name", "name_invalid", NAME),
    ];
    assert_bad(&answer, 422, &errors);
    assert_eq!(bench.stack.scan().await, []);
}

#[tokio::test]
async fn id_is_1_to_32_small_letters_digits_and_hyphens() {
    let bench = Bench::empty().await;
    for id in ["a", "0", "-", "acme-2", &"z".repeat(32)] {
        let body = bench.put(id, "A123").await.assert_json(201);
        assert_eq!(body["source_id"], *id);
    }
    let before = bench.stack.scan().await;
    for id in ["Acme", "a_b", "a.b", "a%20b", "%C3%A4", "a%2Fb", "%00", "a+b", &"z".repeat(33)] {
        assert_bad(&bench.put(id, "A123").await, 422, &[("source_id", "source_id_invalid", ID)]);
        // What is no id names no source.
        assert_no_source(&bench.operator("GET", &path(id), &Value::Null).await);
        assert_no_source(&bench.operator("DELETE", &path(id), &Value::Null).await);
        assert_no_source(&bench.operator("POST", &format!("{}/rotate", path(id)), &Value::Null).await);
    }
    assert_eq!(bench.stack.scan().await, before);
}

#[tokio::test]
async fn unknown_source_cannot_be_shown_or_rotated() {
    let bench = Bench::empty().await;
    assert_no_source(&bench.operator("GET", &path("acme"), &Value::Null).await);
    assert_no_source(&bench.operator("POST", &format!("{}/rotate", path("acme")), &Value::Null).await);
    bench.delete("acme").await;
    assert_eq!(bench.stack.scan().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_methods_are_refused_with_those_that_the_path_takes() {
    let stack = Stack::start().await;
    let paths = [
        ("/v1/webhook-sources/acme", "GET, PUT, DELETE"),
        ("/v1/webhook-sources/acme/rotate", "POST"),
        ("/v1/webhooks/acme/port-outs", "POST"),
        ("/v1/webhooks/acme/bandwidth", "POST"),
    ];
    for (path, allow) in paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            if allow.split(", ").all(|known| known != method) {
                let operator = stack.tokens().operator();
                assert_no_method(&stack.call(method, path).bearer(&operator).send().await, allow);
                // Without a token nobody learns which routes there are.
                assert_no_token(&stack.call(method, path).send().await);
            }
        }
    }
    assert_eq!(stack.scan().await, []);
}
