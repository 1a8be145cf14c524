//! Deliveries that are not let in: all are answered alike, so that they do not reveal which sources exist.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use harness::clients::bandwidth::basic;
use harness::clients::standard_webhooks::{ID, SIGNATURE, Sender, TIMESTAMP};
use harness::prelude::*;

use crate::{fixture, register, start, started};

/// A source of Bandwidth's kind, as if its password were a secret to sign with.
async fn bandwidth(stack: &Stack) -> Sender {
    let password = stack.register("other-kind", "bandwidth", "A123").await;
    let key = URL_SAFE_NO_PAD.decode(password).unwrap();
    Sender::new("other-kind", &format!("whsec_{}", STANDARD.encode(key)))
}

/// Fails unless all of these are answered alike and nothing of them is stored.
async fn assert_unauthenticated(stack: &Stack, events: Vec<(String, Value)>) {
    let before = stack.scan().await;
    let mut first = None;
    for (what, event) in events {
        let answer = stack.answer(&event).await;
        assert_eq!(answer.status, 401, "{what}");
        answer.assert_refused(&problems::not_signed());
        let told = answer.fingerprint();
        assert_eq!(*first.get_or_insert_with(|| told.clone()), told, "{what}");
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test]
async fn unknown_and_deleted_sources_and_those_of_another_kind_are_told_what_a_bad_signature_is_told() {
    let (stack, sender) = start().await;
    let deleted = register(&stack, "deleted", "A123").await;
    stack.delete_source("deleted").await;
    // All tables here have the same key: what this source would sign with if it were of the kind that signs.
    let as_if = register(&Fixture::new().start().await, "other-kind", "A123").await;
    let neighbor = register(&stack, "neighbor", "A123").await;
    let good = stack.sign(&sender, "msg_1", &usual("TX-1", PIN));
    let signed = |sender: &Sender| stack.sign(sender, "msg_1", &usual("TX-1", PIN));
    let deliveries = [
        ("bad signature", good.with(SIGNATURE, "v1,AAAA")),
        ("unknown", good.to("unknown")),
        ("deleted", signed(&deleted)),
        ("other kind", signed(&bandwidth(&stack).await)),
        ("other kind, as if it were this one", signed(&as_if)),
        ("other kind, other key", good.to("other-kind")),
        ("another's secret", signed(&neighbor).to("acme")),
        ("no id", good.to("No%20Id")),
        ("another case", good.to("ACME")),
        ("too long", good.to(&"a".repeat(33))),
    ];
    let events = deliveries.map(|(what, delivery)| (what.to_owned(), delivery.event(&stack)));
    assert_unauthenticated(&stack, events.into()).await;
    stack.deliver(&good).await.assert_status(201);
}

#[tokio::test]
async fn each_header_must_be_there() {
    let (stack, sender) = start().await;
    let good = stack.sign(&sender, "msg_1", &usual("TX-1", PIN));
    let mut events = Vec::new();
    for name in [ID, TIMESTAMP, SIGNATURE] {
        events.push((format!("no {name}"), good.without(name).event(&stack)));
        events.push((format!("empty {name}"), good.with(name, "").event(&stack)));
        let twice = format!("{0},{0}", good.headers[name]);
        events.push((format!("{name} twice"), good.with(name, twice).event(&stack)));
    }
    let nothing = good.without(ID).without(TIMESTAMP).without(SIGNATURE);
    events.push(("nothing".to_owned(), nothing.event(&stack)));
    events.push(("nothing at all".to_owned(), nothing.of(b"").event(&stack)));
    // What is signed must be what one sender said, so the names of two sets are never mixed.
    for svix in [&[ID][..], &[TIMESTAMP], &[SIGNATURE], &[ID, TIMESTAMP], &[TIMESTAMP, SIGNATURE]] {
        events.push((format!("{svix:?} of the other set"), good.svix(svix).event(&stack)));
    }
    let mut both = good.svix(&[ID, TIMESTAMP, SIGNATURE]);
    both.headers.insert(ID, "msg_2".to_owned());
    events.push(("all of one set and one of the other".to_owned(), both.event(&stack)));
    assert_unauthenticated(&stack, events).await;
}

#[tokio::test]
async fn no_token_and_no_password_stands_for_a_signature() {
    let (stack, sender) = start().await;
    let unsigned = stack.sign(&sender, "msg_1", &usual("TX-1", PIN)).without(SIGNATURE);
    let mut events = Vec::new();
    for claims in [Claims::carrier("A123"), Claims::operator(), Claims::account(CONTOSO)] {
        events.push((format!("{claims:?}"), unsigned.call(&stack).by(&claims).event()));
    }
    for authorization in [basic("acme", &sender.secret), format!("Bearer {}", sender.secret)] {
        let call = unsigned.call(&stack).header("authorization", &authorization);
        events.push((authorization, call.event()));
    }
    assert_unauthenticated(&stack, events).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn good_bearer_token_is_no_signature_and_a_bad_one_does_no_harm_to_one() {
    let (stack, sender) = started(fixture().no_pin().processes(1)).await;
    let delivery = stack.sign(&sender, "msg_1", &usual("TX-1", PIN));
    let before = stack.scan().await;
    for claims in [Claims::carrier("A123"), Claims::operator()] {
        let unsigned = delivery.without(SIGNATURE).call(&stack).by(&claims).send().await;
        unsigned.assert_refused(&problems::not_signed());
    }
    assert_eq!(stack.scan().await, before);
    let answer = delivery.call(&stack).bearer("garbage").send().await.assert_json(201);
    assert_eq!(answer["rejections"][0]["code"], "pin_not_set");
}
