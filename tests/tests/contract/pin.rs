//! The PIN: each row of the contract's table, and what its account's admin sees before and after.

use harness::assertions::problems::{no_account, no_removal, not_us};
use harness::prelude::*;

use crate::bodies::{no_pin, pin_status_code, shown_pin, zero_warning};

/// PINs without any weakness that the rules know.
const OTHER_PIN: &str = "593826";

async fn contoso() -> Stack {
    let stack = Stack::start().await;
    stack.seed(CONTOSO, &["+12065550123"]).await;
    stack
}

async fn put(stack: &Stack, account: &str, body: &Value) -> Answer {
    let call = stack.call("PUT", &format!("/v1/accounts/{account}/port-out-pin"));
    call.by(&Claims::account(account)).json(body).send().await
}

fn set(version: u64, by: &str) -> Value {
    shown_pin(CONTOSO, version, by)
}

/// Submits a port-out with this PIN and returns its outcome.
async fn outcome(stack: &Stack, pon: &str, pin: &str) -> Value {
    let answer = stack.submit("A123", &order(pon, CONTOSO, pin, &["+12065550123"])).await;
    answer.assert_json(201)["status"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_pin_is_created_and_every_other_is_a_change() {
    let stack = contoso().await;
    let admin = "user:admin@CONTOSO";
    stack.pin_status(CONTOSO).await.assert_pin_status(200, no_pin(CONTOSO));
    stack.set_pin(CONTOSO, PIN).await.assert_pin_status(201, set(1, admin));
    stack.pin_status(CONTOSO).await.assert_pin_status(200, set(1, admin));
    stack.set_pin(CONTOSO, OTHER_PIN).await.assert_pin_status(200, set(2, admin));
    // The same again is a change too: nothing tells whether a PIN is the one that was there.
    stack.set_pin(CONTOSO, OTHER_PIN).await.assert_pin_status(200, set(3, admin));
    stack.pin_status(CONTOSO).await.assert_pin_status(200, set(3, admin));
    assert_eq!(outcome(&stack, "P-1", PIN).await, "rejected");
    assert_eq!(outcome(&stack, "P-2", OTHER_PIN).await, "confirmed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_to_ten_digits_are_accepted_and_leading_zeros_are_kept_with_a_warning() {
    let stack = contoso().await;
    let pins = [PIN, "4829137", "48291375", "482913750", "4829137506", "007391", "0073910482"];
    for (version, pin) in (1..).zip(pins) {
        let answer = stack.set_pin(CONTOSO, pin).await;
        let warned = with(&set(version, "user:admin@CONTOSO"), "warnings", Vec::from_iter(zero_warning(pin)));
        answer.assert_pin_status(pin_status_code(version), warned);
    }
    for (pon, pin) in [("P-1", "73910482"), ("P-2", "007391048"), ("P-3", "00073910482")] {
        assert_eq!(outcome(&stack, pon, pin).await, "rejected", "{pin}");
    }
    assert_eq!(outcome(&stack, "P-4", "0073910482").await, "confirmed");
}

/// Returns the rows of the table that refuse, with values for each.
fn refused_pins() -> Vec<(&'static str, Vec<String>)> {
    let pins = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let (long, longer) = ("4".repeat(11), "4".repeat(40_000));
    vec![
        ("pin_blank", pins(&["", " ", "      ", "\t\n\r", "\u{a0}\u{3000}"])),
        ("pin_too_short", pins(&["4", "48291", "00000"])),
        ("pin_too_long", pins(&["48291375064", "00000000000", &long, &longer])),
        (
            "pin_not_digits",
            pins(&[
                "48291a",
                "abcdef",
                "482 913",
                " 482913",
                "482913 ",
                "482913\n",
                "482-913",
                "+482913",
                "-48291",
                "4829.13",
                "4.82913e5",
                "0x48291",
                "482913\0",
                "\u{feff}482913",
                "４８２９１３",
                "٤٨٢٩١٣",
                "①②③④⑤⑥",
                "48291३",
                "a",
                "1 2",
            ]),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pin_that_breaks_a_rule_is_refused_and_the_one_before_stays() {
    let stack = contoso().await;
    for version in [0, 1] {
        let before = stack.scan().await;
        for (code, pins) in refused_pins() {
            let refused = invalid(&[error("/pin", code)]);
            for pin in pins {
                stack.set_pin(CONTOSO, &pin).await.assert_refused(&refused);
            }
        }
        let blank = invalid(&[error("/pin", "pin_blank")]);
        put(&stack, CONTOSO, &json!({})).await.assert_refused(&blank);
        put(&stack, CONTOSO, &json!({"pin": null})).await.assert_refused(&blank);
        assert_eq!(stack.scan().await, before);
        if version == 0 {
            stack.set_pin(CONTOSO, PIN).await.assert_status(201);
        }
    }
    assert_eq!(outcome(&stack, "P-1", PIN).await, "confirmed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_outside_the_us_has_no_pin_to_set_whatever_the_pin() {
    let stack = contoso().await;
    stack.put_account(CONTOSO, &json!({"country": "CA"})).await.assert_status(200);
    let before = stack.scan().await;
    let abroad = with(&no_pin(CONTOSO), "blocked_by", json!(["account_not_us"]));
    stack.pin_status(CONTOSO).await.assert_pin_status(200, abroad);
    let refused = refused_pins().into_iter().flat_map(|(_, pins)| pins);
    for pin in refused.chain([PIN.to_owned(), "111111".to_owned()]) {
        stack.set_pin(CONTOSO, &pin).await.assert_refused(&not_us());
    }
    put(&stack, CONTOSO, &json!({})).await.assert_refused(&not_us());
    put(&stack, CONTOSO, &json!({"pin": null})).await.assert_refused(&not_us());
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pin_stays_when_its_account_leaves_the_us_and_counts_when_it_comes_back() {
    let stack = contoso().await;
    stack.set_pin(CONTOSO, PIN).await.assert_status(201);
    stack.put_account(CONTOSO, &json!({"country": "CA"})).await.assert_status(200);
    let abroad = with(&set(1, "user:admin@CONTOSO"), "blocked_by", json!(["account_not_us"]));
    let abroad = with(&abroad, "port_out_allowed", json!(false));
    stack.pin_status(CONTOSO).await.assert_pin_status(200, abroad);
    stack.set_pin(CONTOSO, OTHER_PIN).await.assert_refused(&not_us());
    stack.put_account(CONTOSO, &json!({"country": "US"})).await.assert_status(200);
    stack.pin_status(CONTOSO).await.assert_pin_status(200, set(1, "user:admin@CONTOSO"));
    assert_eq!(outcome(&stack, "P-1", PIN).await, "confirmed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_account_has_no_pin_status_and_takes_no_pin() {
    let stack = contoso().await;
    let (before, operator) = (stack.scan().await, stack.tokens().operator());
    for unknown in ["FABRIKAM", "CONTOS", "!"] {
        let path = format!("/v1/accounts/{unknown}/port-out-pin");
        stack.get(&path, &operator).await.assert_refused(&no_account());
    }
    // Its own admin may know that too.
    for pin in [PIN, "", "x"] {
        put(&stack, "FABRIKAM", &json!({"pin": pin})).await.assert_refused(&no_account());
    }
    stack.pin_status("FABRIKAM").await.assert_refused(&no_account());
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pin_cannot_be_removed_whether_it_is_set_or_not() {
    let stack = contoso().await;
    for by in [stack.tokens().account(CONTOSO), stack.tokens().operator()] {
        let delete = || stack.call("DELETE", "/v1/accounts/CONTOSO/port-out-pin").bearer(&by);
        stack.set_pin(CONTOSO, PIN).await;
        let before = stack.scan().await;
        delete().send().await.assert_refused(&no_removal());
        delete()
            .json(&json!({"pin": PIN}))
            .header("if-match", "*")
            .send()
            .await
            .assert_refused(&no_removal());
        assert_eq!(stack.scan().await, before);
    }
    stack.put_account("FABRIKAM", &json!({"country": "US"})).await.assert_status(201);
    let unset = stack.operator("DELETE", "/v1/accounts/FABRIKAM/port-out-pin");
    unset.send().await.assert_refused(&no_removal());
    assert_eq!(outcome(&stack, "P-1", PIN).await, "confirmed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_pins_are_shown_until_a_new_pin_ends_the_count() {
    let stack = contoso().await;
    stack.set_pin(CONTOSO, PIN).await.assert_status(201);
    for (failed, pon) in [(1, "P-1"), (2, "P-2"), (3, "P-3")] {
        assert_eq!(outcome(&stack, pon, OTHER_PIN).await, "rejected");
        let counted = with(&set(1, "user:admin@CONTOSO"), "failed_attempts", json!(failed));
        stack.pin_status(CONTOSO).await.assert_pin_status(200, counted);
    }
    stack.set_pin(CONTOSO, PIN).await.assert_pin_status(200, set(2, "user:admin@CONTOSO"));
    stack.pin_status(CONTOSO).await.assert_pin_status(200, set(2, "user:admin@CONTOSO"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_set_the_pin_is_the_subject_of_the_token_with_its_kind() {
    let stack = contoso().await;
    let owner = Claims::account(CONTOSO);
    let subjects = [
        (owner.clone().with("sub", "user|0042"), "user:user|0042"),
        (owner.clone().with("sub", "webhook:acme"), "user:webhook:acme"),
        (owner.clone().without("sub").with("client_id", "zoë"), "client:zoë"),
    ];
    for (version, (claims, by)) in (1..).zip(subjects) {
        let call =
            stack.call("PUT", "/v1/accounts/contoso/port-out-pin").bearer(&stack.tokens().sign(&claims));
        let answer = call.json(&json!({"pin": PIN})).send().await;
        answer.assert_pin_status(pin_status_code(version), set(version, by));
        stack.pin_status(CONTOSO).await.assert_pin_status(200, set(version, by));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operator_sees_whether_there_is_a_pin_and_nothing_that_a_port_out_leaves() {
    let stack = contoso().await;
    let seen = async |expected: Value| {
        let answer = stack.operator("GET", "/v1/accounts/CONTOSO/port-out-pin").send().await;
        answer.assert_pin_status(200, expected);
    };
    seen(json!({"account_id": CONTOSO, "pin_set": false, "pin_version": 0, "updated_at": null})).await;
    stack.set_pin(CONTOSO, PIN).await.assert_status(201);
    assert_eq!(outcome(&stack, "P-1", OTHER_PIN).await, "rejected");
    seen(json!({"account_id": CONTOSO, "pin_set": true, "pin_version": 1, "updated_at": "TIME"})).await;
}
