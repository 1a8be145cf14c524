//! What no source can be: every bad value by its field, and paths that name nothing.

use harness::api::source_path;
use harness::prelude::*;

const SPID: &str = "The SPID must be exactly 4 ASCII letters or digits.";
const KIND: &str = "The kind must be standard-webhooks or bandwidth.";
const NAME: &str =
    "The name must be 1 to 100 characters, must not be blank, and must not contain control characters.";
const ID: &str = "The source id must be 1 to 32 characters. Only the letters a-z, digits, and - are allowed.";
const REQUIRED: &str = "This field is required.";
const TYPE: &str = "This field must be a JSON string.";
const WHOLE: &str = "This field must be a whole number.";
const SECRET_VERSION: &str = "A secret version is a whole number from 1 to 4294967295.";
const ONLY_REPLACES: &str = "This route accepts only these fields: replaces";
const UNKNOWN: &str = "This route accepts only these fields: kind, spid, name";

fn good() -> Value {
    json!({"kind": "standard-webhooks", "spid": "A123"})
}

async fn put(stack: &Stack, id: &str) -> Answer {
    stack.put_source(id, &good()).await
}

fn id_invalid() -> problems::Problem {
    invalid(&[error_because("source_id", "source_id_invalid", ID)])
}

#[tokio::test]
async fn every_bad_value_is_named_with_its_rule() {
    let stack = Fixture::new().start().await;
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
        let refused = if status == 400 { malformed } else { invalid };
        let refused = refused(&[error_because(place, code, detail)]);
        stack.put_source("acme", &with(&good(), field, value)).await.assert_refused(&refused);
    }
    assert_eq!(stack.scan().await, []);
}

#[tokio::test]
async fn a_rotation_names_a_version() {
    let stack = Fixture::new().source("acme", "standard-webhooks", "A123").start().await;
    let before = stack.scan().await;
    for (body, status, place, code, detail) in [
        (json!({}), 422, "/replaces", "required", REQUIRED),
        (json!({"replaces": Value::Null}), 422, "/replaces", "required", REQUIRED),
        (json!({"replaces": 0}), 422, "/replaces", "secret_version_invalid", SECRET_VERSION),
        (json!({"replaces": -1}), 422, "/replaces", "secret_version_invalid", SECRET_VERSION),
        (json!({"replaces": 4_294_967_296_u64}), 422, "/replaces", "secret_version_invalid", SECRET_VERSION),
        (json!({"replaces": "1"}), 400, "/replaces", "wrong_type", WHOLE),
        (json!({"replaces": 1.5}), 400, "/replaces", "wrong_type", WHOLE),
        (json!({"replaces": [1]}), 400, "/replaces", "wrong_type", WHOLE),
        (json!({"replaces": 1, "secret": "x"}), 400, "/secret", "unknown_field", ONLY_REPLACES),
    ] {
        let refused = if status == 400 { malformed } else { invalid };
        let call = stack.operator("POST", &format!("{}/rotate", source_path("acme")));
        let refused = refused(&[error_because(place, code, detail)]);
        call.json(&body).send().await.assert_refused(&refused);
    }
    let bare = stack.operator("POST", &format!("{}/rotate", source_path("acme"))).send().await;
    bare.assert_problem(415, "unsupported_media_type");
    assert_eq!(stack.scan().await, before);
}

#[tokio::test]
async fn all_bad_values_are_named_at_once() {
    let stack = Fixture::new().start().await;
    let refused = invalid(&[
        error_because("source_id", "source_id_invalid", ID),
        error_because("/kind", "kind_invalid", KIND),
        error("/spid", "required"),
        error_because("/name", "name_invalid", NAME),
    ]);
    stack.put_source("Acme", &json!({"kind": "x", "name": ""})).await.assert_refused(&refused);
    assert_eq!(stack.scan().await, []);
}

#[tokio::test]
async fn id_is_1_to_32_small_letters_digits_and_hyphens() {
    let stack = Fixture::new().start().await;
    for id in ["a", "0", "-", "acme-2", &"z".repeat(32)] {
        let body = put(&stack, id).await.assert_json(201);
        assert_eq!(body["source_id"], *id);
    }
    let before = stack.scan().await;
    for id in ["Acme", "a_b", "a.b", "a%20b", "%C3%A4", "%00", "a+b", &"z".repeat(33)] {
        put(&stack, id).await.assert_refused(&id_invalid());
        // An invalid id names no source.
        stack.operator("GET", &source_path(id)).send().await.assert_refused(&problems::no_source());
        stack.operator("DELETE", &source_path(id)).send().await.assert_refused(&problems::no_source());
        stack.rotate(id).await.assert_refused(&problems::no_source());
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test]
async fn unknown_source_cannot_be_shown_or_rotated() {
    let stack = Fixture::new().start().await;
    stack.operator("GET", &source_path("acme")).send().await.assert_refused(&problems::no_source());
    stack.rotate("acme").await.assert_refused(&problems::no_source());
    stack.delete_source("acme").await;
    assert_eq!(stack.scan().await, []);
}
