//! The life of a source: registered, shown, renamed, rotated, deleted and registered again.

use crate::bench::{Bench, SOURCE, path, secret, usual};
use crate::told::{assert_kind_fixed, assert_no_source, assert_not_signed};
use crate::{delivery::Sender, with};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use harness::client::Answer;
use harness::records::{Records, number, text};
use harness::tokens::Claims;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::HashSet;

/// A source without its secret.
fn source(kind: &str, spid: &str, name: Value) -> Value {
    let until = Value::Null;
    json!({"source_id": SOURCE, "kind": kind, "spid": spid, "name": name, "previous_secret_valid_until": until})
}

/// Fails unless this is the whole source.
#[track_caller]
fn assert_is(answer: &Answer, status: u16, expected: &Value) {
    assert_eq!(answer.assert_json(status), *expected);
    assert_eq!((answer.header("cache-control"), answer.header("location")), ("no-store", ""));
}

/// Fails unless this is the whole source and a secret, which it returns.
#[track_caller]
fn assert_shows_secret(answer: &Answer, status: u16, expected: &Value) -> String {
    let secret = secret(&answer.json()).to_owned();
    assert_is(answer, status, &with(expected, "secret", secret.as_str()));
    secret
}

async fn put(bench: &Bench, body: &Value) -> Answer {
    bench.operator("PUT", &path(SOURCE), body).await
}

async fn get(bench: &Bench) -> Answer {
    bench.operator("GET", &path(SOURCE), &Value::Null).await
}

#[tokio::test]
async fn secret_of_32_bytes_is_shown_once_and_never_again() {
    let bench = Bench::empty().await;
    let body = json!({"kind": "standard-webhooks", "spid": "a123", "name": "Acme Carrier"});
    let expected = source("standard-webhooks", "A123", json!("Acme Carrier"));
    let shown = assert_shows_secret(&put(&bench, &body).await, 201, &expected);
    let key = STANDARD.decode(shown.strip_prefix("whsec_").unwrap()).unwrap();
    assert_eq!(key.len(), 32);
    assert_is(&put(&bench, &body).await, 200, &expected);
    assert_is(&get(&bench).await, 200, &expected);
}

#[tokio::test]
async fn second_put_replaces_carrier_and_name_and_leaves_the_secret() {
    let (bench, sender) = Bench::start().await;
    let body = json!({"kind": "standard-webhooks", "spid": "B456", "name": "Beta"});
    let expected = source("standard-webhooks", "B456", json!("Beta"));
    assert_is(&put(&bench, &body).await, 200, &expected);
    assert_is(&get(&bench).await, 200, &expected);
    let order = bench.send(&sender, "msg_1", &usual("TX-1")).await.assert_json(201);
    assert_eq!((&order["spid"], &order["status"]), (&json!("B456"), &json!("confirmed")));
    for nameless in [json!({"kind": "standard-webhooks", "spid": "B456"}), with(&body, "name", Value::Null)] {
        put(&bench, &body).await.assert_status(200);
        assert_is(&put(&bench, &nameless).await, 200, &with(&expected, "name", Value::Null));
    }
}

#[tokio::test]
async fn password_of_bandwidth_goes_into_basic_and_opens_its_route() {
    let bench = Bench::empty().await;
    let body = json!({"kind": "bandwidth", "spid": "A123"});
    let expected = source("bandwidth", "A123", Value::Null);
    let password = assert_shows_secret(&put(&bench, &body).await, 201, &expected);
    assert_eq!(URL_SAFE_NO_PAD.decode(&password).unwrap().len(), 32);
    assert!(!password.contains(':'));
    for (user, password, status) in
        [(SOURCE, &*password, 200), (SOURCE, "wrong", 401), ("other", &*password, 401)]
    {
        let mut event = Sender::new(SOURCE, "whsec_").bytes("x", bench.now(), b"<x/>").event();
        event["rawPath"] = json!(format!("/v1/webhooks/{SOURCE}/bandwidth"));
        let basic = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        event["headers"] = json!({"content-type": "application/xml", "authorization": basic});
        bench.answer(&event).await.assert_status(status);
    }
}

/// Computed once with Python's hmac over `webhook-secret/v1\0acme\0<kind>\0<version>`: secrets that carriers hold
/// stay good with every release.
#[tokio::test]
async fn secrets_are_the_same_for_ever() {
    let (bench, sender) = Bench::start().await;
    assert_eq!(sender.secret, "whsec_ybkBZvcLhKkHycu5eFGmpNfDQ/ieXInUBW8DpktLbiw=");
    assert_eq!(bench.rotate(SOURCE).await.secret, "whsec_gSKthetZ4yRQsx5tW0Qp2v6fg6hsbYoshEH1iDo8HlM=");
    bench.delete(SOURCE).await;
    let password = put(&bench, &json!({"kind": "bandwidth", "spid": "A123"})).await.assert_json(201);
    assert_eq!(secret(&password), "GKilDgm136qrT0MvasflCNqjG9VgTmFsIHygS2I6Tck");
}

#[tokio::test]
async fn source_keeps_its_kind() {
    let (bench, sender) = Bench::start().await;
    let other = json!({"kind": "bandwidth", "spid": "B456", "name": "Beta"});
    assert_kind_fixed(&put(&bench, &other).await);
    assert_is(&get(&bench).await, 200, &source("standard-webhooks", "A123", Value::Null));
    bench.send(&sender, "msg_1", &usual("TX-1")).await.assert_status(201);
    assert_eq!(Records::of(&bench.stack).await.events_named("webhook_source.").len(), 1);
}

#[tokio::test]
async fn deleted_source_is_gone_and_deleting_it_again_is_no_error() {
    let (bench, sender) = Bench::start().await;
    for _ in 0..2 {
        let answer = bench.operator("DELETE", &path(SOURCE), &Value::Null).await;
        assert_eq!((answer.status, answer.text().as_str(), answer.header("content-type")), (204, "", ""));
    }
    assert_no_source(&get(&bench).await);
    assert_no_source(&bench.operator("POST", &format!("{}/rotate", path(SOURCE)), &Value::Null).await);
    assert_not_signed(&bench.send(&sender, "msg_1", &usual("TX-1")).await);
    assert_eq!(Records::of(&bench.stack).await.orders.len(), 0);
}

#[tokio::test]
async fn source_registered_again_has_another_secret_and_those_before_stay_dead() {
    let (bench, first) = Bench::start().await;
    let second = bench.rotate(SOURCE).await;
    bench.delete(SOURCE).await;
    let body = json!({"kind": "standard-webhooks", "spid": "A123"});
    let expected = source("standard-webhooks", "A123", Value::Null);
    let third = assert_shows_secret(&put(&bench, &body).await, 201, &expected);
    bench.delete(SOURCE).await;
    let fourth = bench.register(SOURCE, "A123").await;
    let secrets = HashSet::from([&first.secret, &second.secret, &third, &fourth.secret]);
    assert_eq!(secrets.len(), 4);
    for dead in [&first, &second, &Sender::new(SOURCE, &third)] {
        assert_not_signed(&bench.send(dead, "msg_1", &usual("TX-1")).await);
    }
    bench.send(&fourth, "msg_1", &usual("TX-1")).await.assert_status(201);
}

#[tokio::test]
async fn rotation_shows_a_new_secret_and_how_long_the_one_before_is_good() {
    let (bench, first) = Bench::start().await;
    let standing = with(
        &source("standard-webhooks", "A123", Value::Null),
        "previous_secret_valid_until",
        "2026-11-24T16:04:05Z",
    );
    let rotated = bench.operator("POST", &format!("{}/rotate", path(SOURCE)), &Value::Null).await;
    assert_ne!(assert_shows_secret(&rotated, 200, &standing), first.secret);
    assert_is(&get(&bench).await, 200, &standing);
    let renamed = json!({"kind": "standard-webhooks", "spid": "A123", "name": "New"});
    assert_is(&put(&bench, &renamed).await, 200, &with(&standing, "name", "New"));
    bench.pass(SignedDuration::from_hours(24));
    assert_is(&get(&bench).await, 200, &source("standard-webhooks", "A123", json!("New")));
}

#[tokio::test]
async fn every_change_is_an_event_with_who_did_it() {
    let bench = Bench::empty().await;
    let body = json!({"kind": "standard-webhooks", "spid": "A123", "name": "Acme"});
    put(&bench, &body).await.assert_status(201);
    put(&bench, &with(&body, "spid", "B456")).await.assert_status(200);
    bench.rotate(SOURCE).await;
    get(&bench).await.assert_status(200);
    put(&bench, &with(&body, "kind", "bandwidth")).await.assert_status(409);
    let deputy = Claims::operator().with("sub", "deputy");
    bench.call("DELETE", &path(SOURCE), &deputy, &Value::Null).await.assert_status(204);
    bench.delete(SOURCE).await;
    bench.register(SOURCE, "C789").await;
    let expected = [
        ["webhook_source.registered", "operator", "A123", "1"],
        ["webhook_source.replaced", "operator", "B456", "1"],
        ["webhook_source.rotated", "operator", "B456", "2"],
        ["webhook_source.deleted", "deputy", "B456", "2"],
        ["webhook_source.registered", "operator", "C789", "3"],
    ];
    let mut expected: Vec<_> = expected.map(|all| all.map(str::to_owned).to_vec()).into();
    let records = Records::of(&bench.stack).await;
    let mut found = Vec::new();
    for event in records.events_named("") {
        let mut told = ["event", "actor", "spid"].map(|name| text(event, name).to_owned()).to_vec();
        told.push(number(event, "secret_version").to_string());
        found.push(told);
        assert_eq!([text(event, "source_id"), text(event, "at")], [SOURCE, "2026-11-23T16:04:05.000Z"]);
        assert_eq!(event.len(), 8, "{event:?}");
    }
    // All at one moment, so in any order.
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn of_many_registrations_at_once_one_shows_the_secret() {
    let bench = Bench::empty().await;
    let answers = join_all((0..5).map(|_| bench.put(SOURCE, "A123"))).await;
    let mut told: Vec<_> =
        answers.iter().map(|answer| (answer.status, answer.json().get("secret").is_some())).collect();
    told.sort_unstable();
    assert_eq!(told, [(200, false), (200, false), (200, false), (200, false), (201, true)]);
    let rotated = join_all((0..4).map(|_| bench.rotate(SOURCE))).await;
    let secrets: HashSet<_> = rotated.iter().map(|sender| &sender.secret).collect();
    assert_eq!(
        (secrets.len(), Records::of(&bench.stack).await.events_named("webhook_source.rotated").len()),
        (4, 4)
    );
}
