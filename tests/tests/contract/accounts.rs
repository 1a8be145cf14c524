//! Accounts: created and replaced by the operator, shown as they are, and refused with every bad value named.

use crate::bodies::account;
use harness::assertions::problems::{account_changed, no_account};
use harness::assertions::recent_seconds;
use harness::prelude::*;
use std::time::Duration;

const ONLY: &[&str] = &["provision", "status"];

async fn show(stack: &Stack, account_id: &str) -> Answer {
    stack.get(&format!("/v1/accounts/{account_id}"), &Claims::operator()).await
}

fn full() -> Value {
    json!({
        "country": "US",
        "name": "Contoso, Ltd. – Zürich",
        "zip_codes": ["98052-1234", "60601"],
    })
}

/// What a body is answered with when every field is given as it is kept.
fn shown(account_id: &str, body: &Value) -> Value {
    let mut shown = account(account_id);
    for (name, value) in body.as_object().unwrap() {
        shown[name] = value.clone();
    }
    shown
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_of_a_country_alone_is_created_with_the_defaults() {
    let stack = Stack::builder().functions(ONLY).start().await;
    stack.put_account(CONTOSO, &json!({"country": "US"})).await.assert_revised(201, account(CONTOSO));
    show(&stack, CONTOSO).await.assert_revised(200, account(CONTOSO));
    let nulls = json!({"country": "US", "name": null, "zip_codes": null});
    stack.put_account("FABRIKAM", &nulls).await.assert_revised(201, account("FABRIKAM"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_keeps_every_field_and_writes_each_in_one_way() {
    let stack = Stack::builder().functions(ONLY).start().await;
    stack.put_account(CONTOSO, &full()).await.assert_revised(201, shown(CONTOSO, &full()));
    show(&stack, CONTOSO).await.assert_revised(200, shown(CONTOSO, &full()));
    let given = json!({"country": "us", "zip_codes": ["980521234", " 98052\u{2013}1234 ", "60601-"]});
    let kept = json!({"country": "US", "zip_codes": ["98052-1234", "60601"]});
    stack.put_account(CONTOSO, &given).await.assert_revised(200, shown(CONTOSO, &kept));
    let longest = json!({"country": "DE", "name": "ü".repeat(100)});
    stack.put_account(CONTOSO, &longest).await.assert_revised(200, shown(CONTOSO, &longest));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replacing_an_account_leaves_nothing_of_the_old_but_when_it_was_created() {
    let stack = Stack::builder().functions(ONLY).start().await;
    let first = stack.put_account(CONTOSO, &full()).await;
    first.assert_revised(201, shown(CONTOSO, &full()));
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let second = stack.put_account(CONTOSO, &json!({"country": "US"})).await;
    second.assert_revised(200, account(CONTOSO));
    let (before, after) = (first.json(), second.json());
    assert_eq!(before["created_at"], before["updated_at"]);
    assert_eq!(before["created_at"], after["created_at"]);
    let moved = |document: &Value| recent_seconds(document["updated_at"].as_str().unwrap());
    assert!(moved(&after) > moved(&before));
    assert_eq!(show(&stack, CONTOSO).await.json(), after);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writing_an_account_never_touches_its_pin_or_its_numbers() {
    let stack = Stack::start().await;
    stack.seed(CONTOSO, &["+12065550123"]).await;
    stack.set_pin(CONTOSO, PIN).await.assert_status(201);
    stack.submit("A123", &order("P-1", CONTOSO, "593824", &["+12065550123"])).await.assert_status(201);
    let before = stack.pin_status(CONTOSO).await;
    assert_eq!(before.json()["failed_attempts"], 1);
    for body in [full(), json!({"country": "CA"}), json!({"country": "US"})] {
        stack.put_account(CONTOSO, &body).await.assert_revised(200, shown(CONTOSO, &body));
    }
    let after = stack.pin_status(CONTOSO).await;
    assert_eq!((after.text(), after.header("etag")), (before.text(), before.header("etag")));
    let submitted = stack.submit("A123", &order("P-2", CONTOSO, PIN, &["+12065550123"])).await;
    assert_eq!(submitted.assert_json(201)["status"], "confirmed", "{}", submitted.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_number_in_either_case_is_the_same_account() {
    let stack = Stack::builder().functions(ONLY).start().await;
    stack.put_account("contoso", &full()).await.assert_revised(201, shown(CONTOSO, &full()));
    for same in [CONTOSO, "contoso", "ConToso", "%63ontoso"] {
        show(&stack, same).await.assert_revised(200, shown(CONTOSO, &full()));
        stack.put_account(same, &full()).await.assert_revised(200, shown(CONTOSO, &full()));
    }
    let longest = "a2".repeat(12) + "z";
    stack
        .put_account(&longest, &json!({"country": "US"}))
        .await
        .assert_revised(201, account(&longest.to_uppercase()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_is_not_there_is_not_found() {
    let stack = Stack::builder().functions(ONLY).start().await;
    stack.put_account(CONTOSO, &json!({"country": "US"})).await.assert_status(201);
    for other in ["CONTOS", "CONTOSO1", "FABRIKAM", "!", "%00", "%C3%87ONTOSO", "-", &"A".repeat(26)] {
        show(&stack, other).await.assert_refused(&no_account());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_account_number_cannot_be_created() {
    let stack = Stack::builder().functions(ONLY).start().await;
    for bad in [
        "CON-TOSO",
        "12345.5",
        "CONTOSO%20",
        "CONTOSO!",
        "%00",
        "%C3%87ONTOSO",
        "-._%20",
        "%EF%BC%91",
        &"A".repeat(26),
    ] {
        stack.put_account(bad, &json!({"country": "US"})).await.assert_refused(&no_account());
    }
    assert!(stack.scan().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_value_of_any_field_is_refused_and_changes_nothing() {
    let stack = Stack::builder().functions(ONLY).start().await;
    stack.put_account(CONTOSO, &full()).await.assert_status(201);
    let before = stack.scan().await;
    let long = "x".repeat(101);
    for (field, bad) in [
        ("country", vec!["", "U", "USA", "XX", "UK", "U1", " US", "ÜS", "840"]),
        ("name", vec!["", "   ", "a\nb", "a\0b", "a\u{7f}b", &long]),
    ] {
        for value in bad {
            let mut body = full();
            body[field] = value.into();
            let refused = invalid(&[error(&format!("/{field}"), &format!("{field}_invalid"))]);
            stack.put_account(CONTOSO, &body).await.assert_refused(&refused);
        }
    }
    for zip in ["", "9805", "980522", "98052-12", "98052.0", "98052,1234", "9805a", "９８０５２"] {
        let body = with(&full(), "zip_codes", json!(["98052", zip]));
        let refused = invalid(&[error("/zip_codes/1", "zip_code_invalid")]);
        stack.put_account(CONTOSO, &body).await.assert_refused(&refused);
    }
    for (zips, field, detail) in [
        (json!("98052"), "/zip_codes", "This field must be a JSON array of strings."),
        (json!(["98052", 98052]), "/zip_codes/1", "This entry must be a JSON string."),
    ] {
        let refused = malformed(&[error_because(field, "wrong_type", detail)]);
        stack.put_account(CONTOSO, &with(&full(), "zip_codes", zips)).await.assert_refused(&refused);
    }
    let many: Vec<_> = (0..101).map(|zip| format!("{zip:05}")).collect();
    let too_many = "An account can have at most 100 ZIP codes.";
    let refused = invalid(&[error_because("/zip_codes", "too_many_zip_codes", too_many)]);
    stack.put_account(CONTOSO, &with(&full(), "zip_codes", json!(many))).await.assert_refused(&refused);
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bad_field_is_named_at_once() {
    let stack = Stack::builder().functions(ONLY).start().await;
    let bad = json!({"country": "XX", "name": "\t", "zip_codes": ["98052", "K1A 0B1"]});
    let refused = invalid(&[
        error("/country", "country_invalid"),
        error("/name", "name_invalid"),
        error("/zip_codes/1", "zip_code_invalid"),
    ]);
    stack.put_account(CONTOSO, &bad).await.assert_refused(&refused);
    let refused = invalid(&[error("/country", "required")]);
    for without in [json!({}), json!({"country": null}), json!({"name": "Contoso"})] {
        stack.put_account(CONTOSO, &without).await.assert_refused(&refused);
    }
    assert!(stack.scan().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tag_keeps_an_account_from_being_replaced_by_mistake() {
    let stack = Stack::builder().functions(ONLY).start().await;
    let put = async |name: &'static str, tag: &str| {
        let call = stack.operator("PUT", "/v1/accounts/CONTOSO").header(name, tag);
        call.json(&json!({"country": "US"})).send().await
    };
    for (name, tag) in [("if-match", "*"), ("if-match", "\"1\""), ("if-none-match", "\"0\"")] {
        put(name, tag).await.assert_refused(&account_changed());
    }
    assert!(stack.scan().await.is_empty());
    let created = put("if-none-match", "*").await;
    created.assert_revised(201, account(CONTOSO));
    assert_eq!(created.header("etag"), "\"1\"");
    for (name, tag) in [
        ("if-none-match", "*"),
        ("if-none-match", "\"1\""),
        ("if-none-match", "W/\"1\""),
        ("if-match", "\"2\""),
        ("if-match", "W/\"1\""),
    ] {
        put(name, tag).await.assert_refused(&account_changed());
    }
    assert_eq!(show(&stack, CONTOSO).await.header("etag"), "\"1\"");
    assert_eq!(put("if-match", "\"1\"").await.header("etag"), "\"2\"");
    assert_eq!(put("if-match", "*").await.header("etag"), "\"3\"");
    assert_eq!(show(&stack, CONTOSO).await.header("etag"), "\"3\"");
}
