//! The life of a source: registered, shown, renamed, rotated, deleted and registered again.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use harness::api::source_path;
use harness::assertions::bandwidth::assert_answer;
use harness::clients::bandwidth::{self, basic};
use harness::clients::standard_webhooks::{KIND, Sender};
use harness::corrupt_records::{n, s};
use harness::prelude::*;
use harness::records::{number, text};

use crate::{SOURCE, register, rotate, start};

/// A source without its secret, which is its first.
fn source(kind: &str, spid: &str, name: Value) -> Value {
    json!({
        "source_id": SOURCE, "kind": kind, "spid": spid, "name": name, "secret_version": 1,
        "previous_secret_valid_until": Value::Null,
    })
}

/// Fails unless this is the whole source, with an `ETag`.
#[track_caller]
fn assert_is(answer: &Answer, status: u16, expected: &Value) {
    answer.assert_revised(status, expected.clone());
    assert_eq!((answer.header("cache-control"), answer.header("location")), ("no-store", ""));
}

/// Fails unless this is the whole source and a secret, which it returns.
#[track_caller]
fn assert_shows_secret(answer: &Answer, status: u16, expected: &Value) -> String {
    let secret = answer.json()["secret"].as_str().expect("a secret").to_owned();
    assert_is(answer, status, &with(expected, "secret", secret.as_str()));
    secret
}

async fn get(stack: &Stack) -> Answer {
    stack.operator("GET", &source_path(SOURCE)).send().await
}

#[tokio::test]
async fn secret_of_32_bytes_is_shown_once_and_never_again() {
    let stack = Fixture::new().start().await;
    let body = json!({"kind": "standard-webhooks", "spid": "a123", "name": "Acme Carrier"});
    let expected = source("standard-webhooks", "A123", json!("Acme Carrier"));
    let shown = assert_shows_secret(&stack.put_source(SOURCE, &body).await, 201, &expected);
    let key = STANDARD.decode(shown.strip_prefix("whsec_").unwrap()).unwrap();
    assert_eq!(key.len(), 32);
    assert_is(&stack.put_source(SOURCE, &body).await, 200, &expected);
    assert_is(&get(&stack).await, 200, &expected);
}

#[tokio::test]
async fn second_put_replaces_the_name_and_leaves_the_secret() {
    let (stack, sender) = start().await;
    let body = json!({"kind": "standard-webhooks", "spid": "a123", "name": "Beta"});
    let expected = source("standard-webhooks", "A123", json!("Beta"));
    assert_is(&stack.put_source(SOURCE, &body).await, 200, &expected);
    assert_is(&get(&stack).await, 200, &expected);
    stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await.assert_status(201);
    for nameless in [json!({"kind": "standard-webhooks", "spid": "A123"}), with(&body, "name", Value::Null)] {
        stack.put_source(SOURCE, &body).await.assert_status(200);
        assert_is(&stack.put_source(SOURCE, &nameless).await, 200, &with(&expected, "name", Value::Null));
    }
}

/// The carrier before knows the old secrets, also the one that a rotation replaced.
#[tokio::test]
async fn another_carrier_gets_another_secret_and_the_old_ones_end_at_once() {
    let (stack, first) = start().await;
    let second = rotate(&stack, SOURCE).await;
    let body = json!({"kind": "standard-webhooks", "spid": "B456", "name": "Beta"});
    let expected = with(&source("standard-webhooks", "B456", json!("Beta")), "secret_version", 3);
    let shown = assert_shows_secret(&stack.put_source(SOURCE, &body).await, 200, &expected);
    assert_is(&get(&stack).await, 200, &expected);
    assert_is(&stack.put_source(SOURCE, &body).await, 200, &expected);
    for old in [&first, &second] {
        stack.send(old, "msg_1", &usual("TX-1", PIN)).await.assert_refused(&problems::not_signed());
    }
    let third = Sender::new(SOURCE, &shown);
    let order = stack.send(&third, "msg_1", &usual("TX-1", PIN)).await.assert_json(201);
    assert_eq!((&order["spid"], &order["status"]), (&json!("B456"), &json!("confirmed")));
    for ended in [1, 2] {
        stack.rotate_from(SOURCE, ended).await.assert_refused(&problems::outdated_rotation());
    }
    // Back to the first carrier is another change, and another secret.
    let back = json!({"kind": "standard-webhooks", "spid": "A123"});
    let expected = with(&source("standard-webhooks", "A123", Value::Null), "secret_version", 4);
    let fourth = assert_shows_secret(&stack.put_source(SOURCE, &back).await, 200, &expected);
    assert_eq!(HashSet::from([&first.secret, &second.secret, &shown, &fourth]).len(), 4);
}

#[tokio::test]
async fn a_put_can_ask_for_the_revision_that_it_replaces() {
    let stack = Fixture::new().start().await;
    let body = json!({"kind": KIND, "spid": "A123"});
    let put = async |header, tag| {
        stack.operator("PUT", &source_path(SOURCE)).header(header, tag).json(&body).send().await
    };
    let refused = |answer: Answer| answer.assert_refused(&problems::source_changed());
    for (header, tag) in [("if-match", "*"), ("if-match", "\"1\""), ("if-none-match", "\"0\"")] {
        refused(put(header, tag).await);
    }
    assert_eq!(stack.scan().await, []);
    let created = put("if-none-match", "*").await;
    created.assert_status(201);
    assert_eq!(created.header("etag"), "\"1\"");
    assert_eq!(get(&stack).await.header("etag"), "\"1\"");
    for (header, tag) in [("if-none-match", "*"), ("if-match", "\"0\""), ("if-match", "W/\"1\"")] {
        refused(put(header, tag).await);
    }
    let first = get(&stack).await;
    assert_eq!(put("if-match", first.header("etag")).await.header("etag"), "\"2\"");
    refused(put("if-match", first.header("etag")).await);
    assert_eq!(stack.rotate_from(SOURCE, 1).await.header("etag"), "\"3\"");
    // Showing a secret again writes nothing.
    assert_eq!(stack.rotate_from(SOURCE, 1).await.header("etag"), "\"3\"");
    refused(put("if-match", "\"2\"").await);
    // A deleted source is not there, and its revisions do not come again.
    stack.delete_source(SOURCE).await;
    refused(put("if-match", "*").await);
    assert_eq!(put("if-none-match", "*").await.header("etag"), "\"5\"");
}

#[tokio::test]
async fn password_of_bandwidth_goes_into_basic_and_opens_its_route() {
    let stack = Fixture::new().start().await;
    let body = json!({"kind": "bandwidth", "spid": "A123"});
    let expected = source("bandwidth", "A123", Value::Null);
    let password = assert_shows_secret(&stack.put_source(SOURCE, &body).await, 201, &expected);
    assert_eq!(URL_SAFE_NO_PAD.decode(&password).unwrap().len(), 32);
    assert!(!password.contains(':'));
    let missing = bandwidth::request("TX-1").no_account();
    for (user, password, code) in
        [(SOURCE, &*password, 7510), (SOURCE, "wrong", 7598), ("other", &*password, 7598)]
    {
        let call = stack.bandwidth(SOURCE).header("authorization", &basic(user, password));
        let answer = call.body("application/xml", missing.xml()).send().await;
        assert_answer(&answer, &missing.refused_as_asked(code));
    }
}

/// A source as it was stored, and its secrets, computed once with Python's hmac over
/// `webhook-secret/v1\0acme\0<kind>\0<salt>`: secrets that carriers hold stay good with every release.
#[tokio::test]
async fn secrets_of_stored_sources_never_change() {
    let (stack, _) = start().await;
    let item = stack.item(("SOURCE#acme", "SOURCE")).await;
    for stored in [
        ("secret_salt", s("000102030405060708090a0b0c0d0e0f")),
        ("secret_version", n("3")),
        ("previous_salt", s("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")),
        ("previous_version", n("2")),
        ("previous_key_id", s(text(&item, "secret_key_id"))),
        ("previous_valid_until", s("2026-11-24T16:04:05.000Z")),
    ] {
        stack.corrupt(("SOURCE#acme", "SOURCE"), stored).await;
    }
    for (line, secret) in [
        "whsec_ITDSlIne6iB4WgGQlo8XeZYJANRH29G8waEnzP8zvTI=",
        "whsec_pdJd97GDR3ZmVe83nuizRYwqwzxFEERRdE85juMadnY=",
    ]
    .into_iter()
    .enumerate()
    {
        let order = order(&format!("TX-{line}"), CONTOSO, PIN, &[tn(100 + line)]);
        stack.send(&Sender::new(SOURCE, secret), &format!("msg_{line}"), &order).await.assert_status(201);
    }
    let shown = stack.rotate_from(SOURCE, 2).await.assert_json(200);
    assert_eq!(shown["secret"], "whsec_ITDSlIne6iB4WgGQlo8XeZYJANRH29G8waEnzP8zvTI=");
}

#[tokio::test]
async fn source_keeps_its_kind() {
    let (stack, sender) = start().await;
    let other = json!({"kind": "bandwidth", "spid": "B456", "name": "Beta"});
    stack.put_source(SOURCE, &other).await.assert_refused(&problems::kind_fixed());
    assert_is(&get(&stack).await, 200, &source("standard-webhooks", "A123", Value::Null));
    stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await.assert_status(201);
    assert_eq!(stack.records().await.events_named("webhook_source.").len(), 1);
}

#[tokio::test]
async fn deleted_source_is_gone_and_deleting_it_again_is_no_error() {
    let (stack, sender) = start().await;
    for _ in 0..2 {
        let answer = stack.operator("DELETE", &source_path(SOURCE)).send().await;
        assert_eq!((answer.status, answer.text().as_str(), answer.header("content-type")), (204, "", ""));
    }
    get(&stack).await.assert_refused(&problems::no_source());
    stack.rotate(SOURCE).await.assert_refused(&problems::no_source());
    stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await.assert_refused(&problems::not_signed());
    assert_eq!(stack.records().await.orders.len(), 0);
}

#[tokio::test]
async fn source_registered_again_has_another_secret_and_those_before_stay_dead() {
    let (stack, first) = start().await;
    let second = rotate(&stack, SOURCE).await;
    stack.delete_source(SOURCE).await;
    let body = json!({"kind": "standard-webhooks", "spid": "A123"});
    let expected = with(&source("standard-webhooks", "A123", Value::Null), "secret_version", 3);
    let third = assert_shows_secret(&stack.put_source(SOURCE, &body).await, 201, &expected);
    stack.delete_source(SOURCE).await;
    let fourth = register(&stack, SOURCE, "A123").await;
    let secrets = HashSet::from([&first.secret, &second.secret, &third, &fourth.secret]);
    assert_eq!(secrets.len(), 4);
    for dead in [&first, &second, &Sender::new(SOURCE, &third)] {
        stack.send(dead, "msg_1", &usual("TX-1", PIN)).await.assert_refused(&problems::not_signed());
    }
    stack.send(&fourth, "msg_1", &usual("TX-1", PIN)).await.assert_status(201);
}

#[tokio::test]
async fn rotation_shows_a_new_secret_and_how_long_the_one_before_is_good() {
    let (stack, first) = start().await;
    let rotated = with(&source("standard-webhooks", "A123", Value::Null), "secret_version", 2);
    let standing = with(&rotated, "previous_secret_valid_until", "2026-11-24T16:04:05Z");
    assert_ne!(assert_shows_secret(&stack.rotate(SOURCE).await, 200, &standing), first.secret);
    assert_is(&get(&stack).await, 200, &standing);
    let renamed = json!({"kind": "standard-webhooks", "spid": "A123", "name": "New"});
    assert_is(&stack.put_source(SOURCE, &renamed).await, 200, &with(&standing, "name", "New"));
    stack.pass(SignedDuration::from_hours(24));
    assert_is(&get(&stack).await, 200, &with(&rotated, "name", "New"));
}

#[tokio::test]
async fn a_repeated_rotation_shows_the_same_secret_for_a_day_and_then_none() {
    let (stack, _) = start().await;
    let rotated = stack.rotate_from(SOURCE, 1).await.assert_json(200);
    let before = stack.scan().await;
    let outdated = async |replaces| {
        stack.rotate_from(SOURCE, replaces).await.assert_refused(&problems::outdated_rotation());
    };
    for _ in 0..2 {
        assert_eq!(stack.rotate_from(SOURCE, 1).await.assert_json(200), rotated);
    }
    for other in [3, 4, 4_294_967_295] {
        outdated(other).await;
    }
    stack.pass(SignedDuration::from_hours(24) - SignedDuration::from_millis(1));
    assert_eq!(stack.rotate_from(SOURCE, 1).await.assert_json(200), rotated);
    stack.pass(SignedDuration::from_millis(1));
    outdated(1).await;
    assert_eq!(stack.scan().await, before, "nothing but the first was written");
    let next = stack.rotate_from(SOURCE, 2).await.assert_json(200);
    assert_eq!(next["secret_version"], 3);
    outdated(1).await;
    assert_eq!(stack.rotate_from(SOURCE, 2).await.assert_json(200), next);
    let again = stack.rotate_from(SOURCE, 3).await.assert_json(200);
    outdated(2).await;
    let secrets = [&rotated, &next, &again].map(|source| source["secret"].as_str().expect("a secret"));
    assert_eq!(HashSet::from(secrets).len(), 3);
}

/// After a restore the versions come again, and the secrets that were given out under them do not.
#[tokio::test]
async fn a_restored_source_is_never_given_a_secret_that_was_given_out_before() {
    let (stack, _) = start().await;
    let restored = stack.item(("SOURCE#acme", "SOURCE")).await;
    let mut secrets = HashSet::new();
    for _ in 0..2 {
        stack.put_item(restored.clone()).await;
        secrets.insert(stack.rotate_from(SOURCE, 1).await.assert_json(200)["secret"].clone());
        stack.put_item(restored.clone()).await;
        let body = json!({"kind": "standard-webhooks", "spid": "B456"});
        secrets.insert(stack.put_source(SOURCE, &body).await.assert_json(200)["secret"].clone());
        stack.put_item(restored.clone()).await;
        stack.delete_source(SOURCE).await;
        secrets.insert(register(&stack, SOURCE, "A123").await.secret.into());
    }
    assert_eq!(secrets.len(), 6);
}

#[tokio::test]
async fn every_change_is_an_event_with_who_did_it() {
    let stack = Fixture::new().start().await;
    let body = json!({"kind": "standard-webhooks", "spid": "A123", "name": "Acme"});
    stack.put_source(SOURCE, &body).await.assert_status(201);
    stack.put_source(SOURCE, &with(&body, "spid", "B456")).await.assert_status(200);
    rotate(&stack, SOURCE).await;
    stack.rotate_from(SOURCE, 2).await.assert_status(200);
    get(&stack).await.assert_status(200);
    stack.put_source(SOURCE, &with(&body, "kind", "bandwidth")).await.assert_status(409);
    let deputy = Claims::operator().with("sub", "deputy");
    stack.call("DELETE", &source_path(SOURCE)).by(&deputy).send().await.assert_status(204);
    stack.delete_source(SOURCE).await;
    register(&stack, SOURCE, "C789").await;
    let expected = [
        ["webhook_source.registered", "user:operator", "A123", "1"],
        ["webhook_source.replaced", "user:operator", "B456", "2"],
        ["webhook_source.rotated", "user:operator", "B456", "3"],
        ["webhook_source.deleted", "user:deputy", "B456", "3"],
        ["webhook_source.registered", "user:operator", "C789", "4"],
    ];
    let mut expected: Vec<_> = expected.map(|all| all.map(str::to_owned).to_vec()).into();
    let records = stack.records().await;
    let mut found = Vec::new();
    for event in records.events_named("") {
        let mut told = ["event", "actor", "spid"].map(|name| text(event, name).to_owned()).to_vec();
        told.push(number(event, "secret_version").to_string());
        found.push(told);
        assert_eq!(
            [text(event, "source_id"), text(event, "occurred_at")],
            [SOURCE, "2026-11-23T16:04:05.000Z"]
        );
        assert_eq!(event.len(), 8, "{event:?}");
    }
    // All at one moment, so in any order.
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn of_many_registrations_at_once_one_shows_the_secret() {
    let stack = Fixture::new().start().await;
    let body = json!({"kind": KIND, "spid": "A123"});
    let answers = join_all((0..5).map(|_| stack.put_source(SOURCE, &body))).await;
    let mut told: Vec<_> =
        answers.iter().map(|answer| (answer.status, answer.json().get("secret").is_some())).collect();
    told.sort_unstable();
    assert_eq!(told, [(200, false), (200, false), (200, false), (200, false), (201, true)]);
}

#[tokio::test]
async fn of_many_rotations_of_one_version_at_once_all_show_one_secret() {
    let (stack, _) = start().await;
    let rotated = join_all((0..4).map(|_| stack.rotate_from(SOURCE, 1))).await;
    let shown: Vec<_> = rotated.iter().map(|answer| answer.assert_json(200)).collect();
    assert!(shown.iter().all(|source| *source == shown[0]), "{shown:?}");
    assert_eq!(stack.records().await.events_named("webhook_source.rotated").len(), 1);
}

/// Which comes first decides whether the rotation is one; the old secret is dead either way.
#[tokio::test]
async fn a_rotation_never_brings_the_carrier_before_back() {
    let (stack, first) = start().await;
    let other = json!({"kind": KIND, "spid": "B456"});
    let (rotated, moved) =
        futures_util::future::join(stack.rotate_from(SOURCE, 1), stack.put_source(SOURCE, &other)).await;
    let moved = moved.assert_json(200);
    assert_eq!(moved["spid"], "B456");
    if rotated.status != 200 {
        rotated.assert_refused(&problems::outdated_rotation());
    }
    let standing = get(&stack).await.assert_json(200);
    assert_eq!((&standing["spid"], &standing["secret_version"]), (&moved["spid"], &moved["secret_version"]));
    stack.send(&first, "msg_1", &usual("TX-1", PIN)).await.assert_refused(&problems::not_signed());
}
