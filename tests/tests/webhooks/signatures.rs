//! What a rightly signed delivery does: the same as the native route, in the name of the source's carrier.

use harness::assertions::port_outs::at;
use harness::clients::standard_webhooks::{ID, SIGNATURE, TIMESTAMP};
use harness::prelude::*;

use crate::{SOURCE, confirmed, of_line, register, start, wrong_pin};

#[tokio::test]
async fn signed_delivery_is_answered_as_the_native_route_answers() {
    let (stack, sender) = start().await;
    let order = usual("TX-1", PIN);
    let answer = stack.send(&sender, "msg_1", &order).await;
    let expected = confirmed("A123", &order);
    assert_port_out(&answer, 201, &expected);
    // The same order by the native route is the same order.
    assert_port_out(&stack.submit("A123", &order).await, 200, &expected);
    let native = stack.submit("A123", &of_line("TX-2", PIN, 1)).await;
    assert_confirmed(&native, 201, "A123", &of_line("TX-2", PIN, 1));
    let shape = |answer: &Answer| {
        let names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        (names, answer.json().as_object().unwrap().keys().cloned().collect::<Vec<_>>())
    };
    assert_eq!(shape(&answer), shape(&native));
}

#[tokio::test]
async fn order_is_recorded_for_the_source_and_its_carrier() {
    let (stack, sender) = start().await;
    let wrong = of_line("TX-2", WRONG_PIN, 1);
    stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await.assert_status(201);
    stack.pass(SignedDuration::from_secs(1));
    let rejected = stack.send(&sender, "msg_2", &wrong).await;
    let expected = at(&wrong_pin("A123", &wrong), "2026-11-23T16:04:06Z");
    assert_port_out(&rejected, 201, &expected);
    let records = stack.records().await;
    let actor = format!("webhook:{SOURCE}");
    let event = |kind| [kind, actor.as_str(), "A123"];
    assert_eq!(records.port_out_events(), [event("port_out.confirmed"), event("port_out.rejected")]);
    assert_eq!((records.orders.len(), records.failures(CONTOSO, "A123")), (2, 1));
}

#[tokio::test]
async fn order_is_shown_only_to_its_carrier_the_accounts_owner_and_the_desk() {
    let (stack, sender) = start().await;
    let answer = stack.send(&sender, "msg_1", &usual("TX-1", PIN)).await;
    let (body, path) = (answer.assert_json(201), answer.header("location").to_owned());
    for (claims, status) in [
        (Claims::carrier("A123"), 200),
        (Claims::account(CONTOSO), 200),
        (Claims::desk(), 200),
        (Claims::carrier("B456"), 404),
        (Claims::account("FABRIKAM"), 404),
    ] {
        let shown = stack.get(&path, &claims).await;
        shown.assert_status(status);
        // Only to the owner, numbers may be left out.
        let shown = without(&shown.json(), "other_numbers");
        assert_eq!(shown == body, status == 200, "{shown}");
    }
}

#[tokio::test]
async fn two_sources_of_one_carrier_share_its_orders_and_each_has_deliveries_of_its_own() {
    let (stack, first) = start().await;
    let second = register(&stack, "acme-2", "A123").await;
    let order = usual("TX-1", PIN);
    let expected = confirmed("A123", &order);
    assert_port_out(&stack.send(&first, "msg_1", &order).await, 201, &expected);
    assert_port_out(&stack.send(&second, "msg_1", &order).await, 200, &expected);
    let other = of_line("TX-2", PIN, 1);
    let third = register(&stack, "acme-3", "B456").await;
    assert_confirmed(&stack.send(&third, "msg_1", &other).await, 201, "B456", &other);
}

#[tokio::test]
async fn one_good_signature_among_several_is_enough_and_unknown_versions_are_passed_over() {
    let (stack, sender) = start().await;
    let order = usual("TX-1", PIN);
    let delivery = stack.sign(&sender, "msg_1", &order);
    let good = delivery.headers[SIGNATURE].clone();
    let tag = good.strip_prefix("v1,").unwrap();
    let wrong = sender.signature("msg_2", &delivery.headers[TIMESTAMP], &delivery.body);
    let expected = confirmed("A123", &order);
    let bad = [
        String::new(),
        tag.to_owned(),
        wrong.clone(),
        format!("{wrong} {wrong}"),
        format!("v1a,{tag}"),
        format!("v2,{tag}"),
        format!("V1,{tag}"),
        format!("v1,{tag},"),
        format!("v1,,{tag}"),
        format!("v1, {tag}"),
        format!("v1;{tag}"),
        format!("v1={tag}"),
        format!(",{tag}"),
        format!("v1{tag}"),
        format!("v1,{tag}{tag}"),
        format!("v1,{}", tag.trim_end_matches('=')),
        format!("v1,{}", &tag[..40]),
        format!("{wrong},{good}"),
        // Eight are enough for any sender, and each more would cost a comparison.
        format!("{good} {}", vec![wrong.clone(); 8].join(" ")),
    ];
    for signatures in bad {
        let answer = stack.deliver(&delivery.with(SIGNATURE, signatures.as_str())).await;
        assert_eq!(answer.status, 401, "{signatures}");
        answer.assert_refused(&problems::not_signed());
    }
    let mut status = 201;
    for signatures in [
        format!("{wrong} {good}"),
        format!("{good} {wrong}"),
        format!("v1a,{tag} {good} v2,x"),
        format!("v1 x, garbage v1,*** {good}"),
        format!("{} {good}", vec![wrong.clone(); 7].join("  ")),
        format!("  {good}  "),
    ] {
        let answer = stack.deliver(&delivery.with(SIGNATURE, signatures.as_str())).await;
        assert_port_out(&answer, status, &expected);
        status = 200;
    }
}

#[tokio::test]
async fn raw_bytes_are_signed_and_not_what_they_mean() {
    let (stack, sender) = start().await;
    let order = usual("TX-1", PIN);
    let pretty = serde_json::to_string_pretty(&order).unwrap() + "\r\n \t";
    let escaped = pretty.replace("TX-1", "T\\u0058-1");
    let expected = confirmed("A123", &order);
    let first = sender.bytes("msg_1", stack.now(), escaped.as_bytes());
    stack.deliver(&first.of(pretty.as_bytes())).await.assert_refused(&problems::not_signed());
    stack.deliver(&first.of(order.to_string().as_bytes())).await.assert_refused(&problems::not_signed());
    stack.deliver(&first.of(escaped.trim_end().as_bytes())).await.assert_refused(&problems::not_signed());
    assert_port_out(&stack.deliver(&first).await, 201, &expected);
}

#[tokio::test]
async fn body_in_base64_is_signed_as_what_was_sent() {
    let (stack, sender) = start().await;
    let order = usual("TX-1", PIN);
    let delivery = stack.sign(&sender, "msg_1", &order);
    let mut event = delivery.event(&stack);
    event["isBase64Encoded"] = json!(true);
    event["body"] = json!(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &delivery.body));
    assert_port_out(&stack.answer(&event).await, 201, &confirmed("A123", &order));
}

#[tokio::test]
async fn header_names_of_svix_are_read_too_and_name_the_same_delivery() {
    let (stack, sender) = start().await;
    let order = usual("TX-1", PIN);
    let delivery = stack.sign(&sender, "msg_1", &order);
    for (delivery, status) in [(&delivery.svix(&[ID, TIMESTAMP, SIGNATURE]), 201), (&delivery, 200)] {
        assert_port_out(&stack.deliver(delivery).await, status, &confirmed("A123", &order));
    }
}

#[tokio::test]
async fn header_names_are_read_in_any_case() {
    let (stack, sender) = start().await;
    let order = usual("TX-1", PIN);
    let mut event = stack.sign(&sender, "msg_1", &order).event(&stack);
    let headers = event["headers"].as_object().unwrap().clone();
    event["headers"] = headers.into_iter().map(|(name, value)| (name.to_uppercase(), value)).collect();
    assert_port_out(&stack.answer(&event).await, 201, &confirmed("A123", &order));
}

#[tokio::test]
async fn id_may_be_any_visible_text_up_to_256() {
    let (stack, sender) = start().await;
    let order = usual("TX-1", PIN);
    let mut status = 201;
    for id in ["1", "a.b.c", "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "x,y;z=\"~", &"i".repeat(256)] {
        assert_confirmed(&stack.send(&sender, id, &order).await, status, "A123", &order);
        status = 200;
    }
    for id in ["", " ", "a b", "é", "a\u{0}", &"i".repeat(257)] {
        stack.send(&sender, id, &order).await.assert_refused(&problems::not_signed());
    }
}
