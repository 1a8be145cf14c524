//! Port protection: the owner's switch, and what the porting desk can do with it.

use std::collections::BTreeSet;

use harness::prelude::*;
use harness::records::text;

use crate::contoso;

const TNS: [&str; 2] = [TN, "+12065550101"];
const PATH: &str = "/v1/accounts/CONTOSO/port-protection";

async fn shown(stack: &Stack) -> Value {
    stack.get(PATH, &Claims::account(CONTOSO)).await.assert_json(200)
}

#[tokio::test]
async fn protection_rejects_without_comparing_the_pin_until_it_is_off_and_lists_what_stays_confirmed() {
    let stack = contoso(&TNS).await;
    assert_eq!(shown(&stack).await["enabled"], false);
    let open = stack.confirm("A123", &usual("TX-1", PIN)).await.json();
    let on = stack.protect(CONTOSO, true).await.assert_json(200);
    assert_eq!((&on["enabled"], &on["open_port_outs"][0]["id"]), (&json!(true), &open["id"]));
    assert_eq!(shown(&stack).await, on);
    stack.assert_pin(CONTOSO, false, &["port_protection_on"], 0).await;
    for (n, pin) in [PIN, WRONG_PIN].into_iter().enumerate() {
        let order = order(&format!("TX-{n}"), CONTOSO, pin, &TNS[1..]);
        stack.reject("B456", &order, &[reason("port_protection_on", "/account_number")]).await;
    }
    stack.assert_pin(CONTOSO, false, &["port_protection_on"], 0).await;
    let before = stack.records().await;
    assert_eq!(stack.protect(CONTOSO, true).await.assert_json(200), on);
    assert_eq!(stack.records().await, before, "on already");
    assert_eq!(stack.protect(CONTOSO, false).await.assert_json(200)["enabled"], false);
    stack.confirm("B456", &order("TX-9", CONTOSO, PIN, &TNS[1..])).await;
    let records = stack.records().await;
    let count = |kind| records.count_events(CONTOSO, kind);
    assert_eq!((count("port_protection.enabled"), count("port_protection.disabled")), (1, 1));
}

#[tokio::test]
async fn the_desk_switches_protection_off_on_a_recorded_wish_and_never_on() {
    let stack = contoso(&TNS).await;
    stack.protect(CONTOSO, true).await.assert_status(200);
    let wish = json!({"enabled": false, "reference": "CALL-12", "obtained_at": START});
    let by_desk = async |body: &Value| stack.desk("PUT", PATH).json(body).send().await;
    let before = stack.records().await;
    let refused = by_desk(&with(&wish, "enabled", true)).await;
    assert_eq!(refused.assert_errors(422), [["/enabled", "enabled_invalid"]]);
    let unfounded = by_desk(&json!({"enabled": false})).await;
    assert_eq!(unfounded.assert_errors(422), [["/reference", "required"], ["/obtained_at", "required"]]);
    let by_owner = stack.call("PUT", PATH).by(&Claims::account(CONTOSO)).json(&wish).send().await;
    let unknown = [["/reference", "unknown_field"], ["/obtained_at", "unknown_field"]];
    assert_eq!(
        BTreeSet::from_iter(by_owner.assert_errors(400)),
        BTreeSet::from(unknown.map(|it| it.map(str::to_owned)))
    );
    assert_eq!(stack.records().await, before);
    assert_eq!(by_desk(&wish).await.assert_json(200)["enabled"], false);
    let records = stack.records().await;
    let event = records.events_named("port_protection.disabled")[0];
    assert_eq!((text(event, "actor"), text(event, "reference")), ("user:desk", "CALL-12"));
}
