//! Who is not let in: all of them are told the same, so that nobody learns which sources there are.

use crate::bench::{Bench, usual};
use crate::delivery::{Delivery, ID, SIGNATURE, Sender, TIMESTAMP};
use crate::told::{assert_not_signed, fingerprint};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use harness::gateway::authorized;
use harness::stack::Stack;
use harness::tokens::Claims;
use serde_json::{Value, json};

/// A source of Bandwidth's kind, as if its password were a secret to sign with.
async fn bandwidth(bench: &Bench) -> Sender {
    let body = json!({"kind": "bandwidth", "spid": "A123"});
    let source = bench.operator("PUT", "/v1/webhook-sources/other-kind", &body).await.assert_json(201);
    let key = URL_SAFE_NO_PAD.decode(crate::bench::secret(&source)).unwrap();
    Sender::new("other-kind", &format!("whsec_{}", STANDARD.encode(key)))
}

/// Fails unless all of these are told the same, and nothing of them is stored.
async fn assert_strangers(bench: &Bench, events: Vec<(String, Value)>) {
    let before = bench.stack.scan().await;
    let mut first = None;
    for (what, event) in events {
        let answer = bench.answer(&event).await;
        assert_eq!(answer.status, 401, "{what}");
        assert_not_signed(&answer);
        let told = fingerprint(&answer);
        assert_eq!(*first.get_or_insert_with(|| told.clone()), told, "{what}");
    }
    assert_eq!(bench.stack.scan().await, before);
}

#[tokio::test]
async fn unknown_and_deleted_sources_and_those_of_another_kind_are_told_what_a_bad_signature_is_told() {
    let (bench, sender) = Bench::start().await;
    let deleted = bench.register("deleted", "A123").await;
    bench.delete("deleted").await;
    // All tables here have the same key: what this source would sign with if it were of the kind that signs.
    let as_if = Bench::empty().await.register("other-kind", "A123").await;
    let neighbour = bench.register("neighbour", "A123").await;
    let good = bench.sign(&sender, "msg_1", &usual("TX-1"));
    let signed = |sender: &Sender| bench.sign(sender, "msg_1", &usual("TX-1"));
    let strangers = [
        ("bad signature", good.with(SIGNATURE, "v1,AAAA")),
        ("unknown", good.to("unknown")),
        ("deleted", signed(&deleted)),
        ("other kind", signed(&bandwidth(&bench).await)),
        ("other kind, as if it were this one", signed(&as_if)),
        ("other kind, other key", good.to("other-kind")),
        ("another's secret", signed(&neighbour).to("acme")),
        ("no id", good.to("No%20Id")),
        ("another case", good.to("ACME")),
        ("too long", good.to(&"a".repeat(33))),
    ];
    let events = strangers.map(|(what, delivery)| (what.to_owned(), delivery.event()));
    assert_strangers(&bench, events.into()).await;
    bench.deliver(&good).await.assert_status(201);
}

#[tokio::test]
async fn each_header_must_be_there() {
    let (bench, sender) = Bench::start().await;
    let good = bench.sign(&sender, "msg_1", &usual("TX-1"));
    let mut events = Vec::new();
    for name in [ID, TIMESTAMP, SIGNATURE] {
        events.push((format!("no {name}"), good.without(name).event()));
        events.push((format!("empty {name}"), good.with(name, "").event()));
        let twice = format!("{0},{0}", good.headers[name]);
        events.push((format!("{name} twice"), good.with(name, twice).event()));
    }
    let nothing = good.without(ID).without(TIMESTAMP).without(SIGNATURE);
    events.push(("nothing".to_owned(), nothing.event()));
    events.push(("nothing at all".to_owned(), nothing.of(b"").event()));
    // Names that some senders use are not those of the specification.
    let mut svix = good.event();
    svix["headers"] = json!({
        "content-type": "application/json",
        "svix-id": good.headers[ID],
        "svix-timestamp": good.headers[TIMESTAMP],
        "svix-signature": good.headers[SIGNATURE],
    });
    events.push(("svix".to_owned(), svix));
    assert_strangers(&bench, events).await;
}

#[tokio::test]
async fn no_token_and_no_password_stands_for_a_signature() {
    let (bench, sender) = Bench::start().await;
    let unsigned = bench.sign(&sender, "msg_1", &usual("TX-1")).without(SIGNATURE);
    let mut events = Vec::new();
    for claims in [Claims::carrier("A123"), Claims::operator(), Claims::account("CONTOSO")] {
        events.push((format!("{claims:?}"), authorized(unsigned.event(), &claims)));
    }
    let basic = STANDARD.encode(format!("acme:{}", sender.secret));
    for authorization in [format!("Basic {basic}"), format!("Bearer {}", sender.secret)] {
        let mut event = unsigned.event();
        event["headers"]["authorization"] = authorization.as_str().into();
        events.push((authorization, event));
    }
    assert_strangers(&bench, events).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn good_bearer_token_is_no_signature_and_a_bad_one_does_no_harm_to_one() {
    let stack = Stack::start().await;
    stack.seed("CONTOSO", &[crate::bench::TN]).await;
    let body = json!({"kind": "standard-webhooks", "spid": "A123"});
    let call = stack.call("PUT", "/v1/webhook-sources/acme").bearer(&stack.tokens().operator());
    let source = call.json(&body).send().await.assert_json(201);
    let sender = Sender::new("acme", crate::bench::secret(&source));
    let delivery: Delivery = sender.sign("msg_1", jiff::Timestamp::now(), &usual("TX-1"));
    let before = stack.scan().await;
    for token in [stack.tokens().carrier("A123"), stack.tokens().operator()] {
        assert_not_signed(&delivery.without(SIGNATURE).call(&stack).bearer(&token).send().await);
    }
    assert_eq!(stack.scan().await, before);
    let answer = delivery.call(&stack).bearer("garbage").send().await.assert_json(201);
    assert_eq!(answer["rejections"][0]["code"], "pin_not_set");
}
