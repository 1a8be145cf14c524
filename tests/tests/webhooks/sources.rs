//! The life of a source: registered, shown, renamed, rotated, deleted and registered again.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use harness::api::source_path;
use harness::assertions::bandwidth::assert_answer;
use harness::clients::bandwidth::{self, basic};
use harness::clients::standard_webhooks::{KIND, Sender};
use harness::prelude::*;
use harness::records::{number, text};

use crate::{SOURCE, register, rotate, start};

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
async fn second_put_replaces_carrier_and_name_and_leaves_the_secret() {
    let (stack, sender) = start().await;
    let body = json!({"kind": "standard-webhooks", "spid": "B456", "name": "Beta"});
    let expected = source("standard-webhooks", "B456", json!("Beta"));
    assert_is(&stack.put_source(SOURCE, &body).await, 200, &expected);
    assert_is(&get(&stack).await, 200, &expected);
    let order = stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await.assert_json(201);
    assert_eq!((&order["spid"], &order["status"]), (&json!("B456"), &json!("confirmed")));
    for nameless in [json!({"kind": "standard-webhooks", "spid": "B456"}), with(&body, "name", Value::Null)] {
        stack.put_source(SOURCE, &body).await.assert_status(200);
        assert_is(&stack.put_source(SOURCE, &nameless).await, 200, &with(&expected, "name", Value::Null));
    }
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

/// Computed once with Python's hmac over `webhook-secret/v1\0acme\0<kind>\0<version>`: secrets that carriers hold
/// stay good with every release.
#[tokio::test]
async fn secrets_never_change() {
    let (stack, sender) = start().await;
    assert_eq!(sender.secret, "whsec_ybkBZvcLhKkHycu5eFGmpNfDQ/ieXInUBW8DpktLbiw=");
    assert_eq!(rotate(&stack, SOURCE).await.secret, "whsec_gSKthetZ4yRQsx5tW0Qp2v6fg6hsbYoshEH1iDo8HlM=");
    stack.delete_source(SOURCE).await;
    let password =
        stack.put_source(SOURCE, &json!({"kind": "bandwidth", "spid": "A123"})).await.assert_json(201);
    assert_eq!(password["secret"], "GKilDgm136qrT0MvasflCNqjG9VgTmFsIHygS2I6Tck");
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
    stack
        .operator("POST", &format!("{}/rotate", source_path(SOURCE)))
        .send()
        .await
        .assert_refused(&problems::no_source());
    stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await.assert_refused(&problems::not_signed());
    assert_eq!(stack.records().await.orders.len(), 0);
}

#[tokio::test]
async fn source_registered_again_has_another_secret_and_those_before_stay_dead() {
    let (stack, first) = start().await;
    let second = rotate(&stack, SOURCE).await;
    stack.delete_source(SOURCE).await;
    let body = json!({"kind": "standard-webhooks", "spid": "A123"});
    let expected = source("standard-webhooks", "A123", Value::Null);
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
    let standing = with(
        &source("standard-webhooks", "A123", Value::Null),
        "previous_secret_valid_until",
        "2026-11-24T16:04:05Z",
    );
    let rotated = stack.operator("POST", &format!("{}/rotate", source_path(SOURCE))).send().await;
    assert_ne!(assert_shows_secret(&rotated, 200, &standing), first.secret);
    assert_is(&get(&stack).await, 200, &standing);
    let renamed = json!({"kind": "standard-webhooks", "spid": "A123", "name": "New"});
    assert_is(&stack.put_source(SOURCE, &renamed).await, 200, &with(&standing, "name", "New"));
    stack.pass(SignedDuration::from_hours(24));
    assert_is(&get(&stack).await, 200, &source("standard-webhooks", "A123", json!("New")));
}

#[tokio::test]
async fn every_change_is_an_event_with_who_did_it() {
    let stack = Fixture::new().start().await;
    let body = json!({"kind": "standard-webhooks", "spid": "A123", "name": "Acme"});
    stack.put_source(SOURCE, &body).await.assert_status(201);
    stack.put_source(SOURCE, &with(&body, "spid", "B456")).await.assert_status(200);
    rotate(&stack, SOURCE).await;
    get(&stack).await.assert_status(200);
    stack.put_source(SOURCE, &with(&body, "kind", "bandwidth")).await.assert_status(409);
    let deputy = Claims::operator().with("sub", "deputy");
    stack.call("DELETE", &source_path(SOURCE)).by(&deputy).send().await.assert_status(204);
    stack.delete_source(SOURCE).await;
    register(&stack, SOURCE, "C789").await;
    let expected = [
        ["webhook_source.registered", "user:operator", "A123", "1"],
        ["webhook_source.replaced", "user:operator", "B456", "1"],
        ["webhook_source.rotated", "user:operator", "B456", "2"],
        ["webhook_source.deleted", "user:deputy", "B456", "2"],
        ["webhook_source.registered", "user:operator", "C789", "3"],
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
    let rotated = join_all((0..4).map(|_| rotate(&stack, SOURCE))).await;
    let secrets: HashSet<_> = rotated.iter().map(|sender| &sender.secret).collect();
    assert_eq!((secrets.len(), stack.records().await.events_named("webhook_source.rotated").len()), (4, 4));
}
