//! Requests that the porting desk enters for carriers: by fax, e-mail, telephone, or its portal.

use harness::prelude::*;
use harness::records::{text, texts};

use crate::contoso;

/// Returns a request as the desk enters it.
fn entry(pon: &str, pin: &str) -> Value {
    let mut body = usual(pon, pin);
    body["spid"] = "A123".into();
    body["channel"] = "fax".into();
    body
}

async fn enter(stack: &Stack, body: &Value) -> Answer {
    stack.desk("POST", "/v1/port-outs").json(body).send().await
}

#[tokio::test]
async fn an_earlier_receipt_moves_the_dates_and_nothing_else() {
    let stack = contoso(&[TN]).await;
    // Friday morning, three days before: the next business day was this Monday, and the first one after the entry is
    // Tuesday.
    let body = with(&entry("TX-1", PIN), "received_at", "2026-11-20T15:00:00Z");
    let answer = enter(&stack, &body).await.assert_json(201);
    let found = ["status", "channel", "received_at", "entered_at", "foc_date"]
        .map(|name| answer[name].as_str().unwrap());
    assert_eq!(found, ["confirmed", "fax", "2026-11-20T15:00:00Z", START, "2026-11-24"]);
    // Late on Monday: as if it had come in time.
    let stack = contoso(&[TN]).await;
    stack.set_time("2026-11-23T22:00:00Z".parse().unwrap());
    let late = enter(&stack, &entry("TX-1", PIN)).await.assert_json(201);
    assert_eq!(late["foc_date"], "2026-11-25");
    let in_time = with(&with(&entry("TX-1", PIN), "version", "02"), "received_at", "2026-11-23T19:59:00Z");
    assert_eq!(enter(&stack, &in_time).await.assert_json(201)["foc_date"], "2026-11-24");
}

#[tokio::test]
async fn a_receipt_is_at_most_ten_days_ago_and_never_in_the_future() {
    let stack = contoso(&[TN]).await;
    for (at, status) in [
        ("2026-11-23T16:04:06Z", 422),
        ("2026-11-13T16:04:04Z", 422),
        ("2026-11-13T16:04:05Z", 201),
        ("yesterday", 422),
    ] {
        let answer = enter(&stack, &with(&entry("TX-1", PIN), "received_at", at)).await;
        answer.assert_status(status);
        if status == 422 {
            assert_eq!(answer.json()["errors"][0]["field"], "/received_at", "{at}");
        }
    }
}

#[tokio::test]
async fn the_desk_is_counted_and_answered_like_the_carrier_and_is_told_what_changed_since_the_receipt() {
    let stack = contoso(&[TN]).await;
    let body = with(&entry("TX-1", WRONG_PIN), "received_at", "2026-11-20T15:00:00Z");
    let answer = enter(&stack, &body).await.assert_json(201);
    assert_eq!(rejection_codes(&answer), ["pin_invalid"]);
    let resolution = answer["rejections"][0]["resolution"].as_str().unwrap();
    assert!(resolution.contains("This changed after the request was received."), "{resolution}");
    for n in 2..6 {
        enter(&stack, &entry(&format!("TX-{n}"), WRONG_PIN)).await.assert_status(201);
    }
    stack.submit("A123", &usual("TX-9", PIN)).await.assert_refused(&wait(60));
    enter(&stack, &entry("TX-9", PIN)).await.assert_refused(&wait(60));
    let records = stack.records().await;
    assert_eq!(records.counts(CONTOSO, "A123"), (5, 5));
    let event = records.events_named("port_out.rejected")[0];
    assert_eq!((text(event, "actor"), text(event, "channel")), ("user:desk", "fax"));
}

#[tokio::test]
async fn only_the_desk_names_a_carrier_and_it_must() {
    let stack = contoso(&[TN]).await;
    let carrier = stack.submit("A123", &entry("TX-1", PIN)).await;
    let unknown = ["/channel", "/spid"].map(|field| [field, "unknown_field"]);
    assert_eq!(carrier.assert_errors(400), unknown);
    for name in ["spid", "channel"] {
        let answer = enter(&stack, &without(&entry("TX-1", PIN), name)).await;
        answer.assert_refused(&invalid(&[error(&format!("/{name}"), "required")]));
    }
    let telegram = enter(&stack, &with(&entry("TX-1", PIN), "channel", "telegram")).await;
    assert_eq!(telegram.assert_errors(422), [["/channel", "channel_invalid"]]);
}

#[tokio::test]
async fn an_account_outside_the_us_is_ported_by_the_desk_without_a_pin() {
    let abroad = Fixture::new().account("NORDWIND").profile(json!({"country": "DE", "zip_codes": ["98052"]}));
    let stack = abroad.numbers(&[TN]).start().await;
    let order = without(&order("TX-1", "NORDWIND", "", &[TN]), "pin");
    let by_carrier = stack.submit("A123", &order).await.assert_json(201);
    assert_eq!(rejection_codes(&by_carrier), ["account_not_us"]);
    let mut entry = with(&with(&order, "spid", "A123"), "channel", "phone");
    entry["version"] = "02".into();
    let wrong_zip = enter(&stack, &with(&entry, "zip_code", "10001")).await.assert_json(201);
    assert_eq!(rejection_codes(&wrong_zip), ["zip_code_invalid"]);
    entry["version"] = "03".into();
    assert_eq!(enter(&stack, &entry).await.assert_json(201)["status"], "confirmed");
}

#[tokio::test]
async fn the_other_standard_fields_are_kept_and_never_a_reason() {
    let stack = contoso(&[TN]).await;
    let lsr = json!({"agauth": "Y", "initiator_phone": "206-555-0199", "npdi": "B"});
    let order = with(&usual("TX-1", PIN), "lsr", lsr.clone());
    stack.confirm("A123", &order).await;
    let records = stack.records().await;
    let kept = records.orders[0]["lsr"].as_m().unwrap();
    for (name, value) in lsr.as_object().unwrap() {
        assert_eq!(text(kept, name), value.as_str().unwrap());
    }
    assert!(texts(&records.orders[0], "telephone_numbers").contains(&TN));
    let other = with(&order, "lsr", json!({"agauth": "N"}));
    stack.submit("A123", &other).await.assert_refused(&problems::conflict(Some("02")));
    let unknown = stack.submit("A123", &with(&usual("TX-2", PIN), "lsr", json!({"color": "red"}))).await;
    assert_eq!(unknown.assert_errors(400), [["/lsr/color", "unknown_field"]]);
    let blank = stack.submit("A123", &with(&usual("TX-2", PIN), "lsr", json!({"agauth": " "}))).await;
    assert_eq!(blank.assert_errors(422), [["/lsr/agauth", "text_invalid"]]);
    let text = stack.submit("A123", &with(&usual("TX-2", PIN), "lsr", "agauth=Y")).await;
    assert_eq!(text.assert_errors(400), [["/lsr", "wrong_type"]]);
}
