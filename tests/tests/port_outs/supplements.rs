//! Supplements: a later version cancels the open one or moves its due date, without a PIN.

use harness::assertions::port_outs::{NEXT_DAY, at};
use harness::prelude::*;
use harness::records::text;

use crate::contoso;

const TNS: [&str; 2] = ["+12065550100", "+12065550101"];

fn first() -> Value {
    order("TX-1", CONTOSO, PIN, &TNS)
}

fn cancel(version: &str) -> Value {
    json!({"pon": "TX-1", "version": version, "account_number": CONTOSO, "supplement": "cancel"})
}

fn due_date(version: &str, day: &str) -> Value {
    let body =
        json!({"pon": "TX-1", "version": version, "account_number": CONTOSO, "supplement": "due_date"});
    with(&body, "desired_due_date", day)
}

/// Returns the answer to a cancellation that frees all numbers.
fn cancelled(order: &Value, numbers: &[&str]) -> Value {
    let mut expected = confirmed("A123", &with(order, "telephone_numbers", json!(numbers)), NEXT_DAY);
    for (field, value) in [
        ("status", json!("cancelled")),
        ("foc_date", Value::Null),
        ("hold_expires_on", Value::Null),
        ("due_date_changed", json!(false)),
        ("released_numbers", json!(numbers)),
        ("cancellation", json!({"by": "carrier", "reason": "supplement", "at": START})),
    ] {
        expected[field] = value;
    }
    expected
}

async fn status(stack: &Stack, order: &Value) -> Value {
    stack.port_out("A123", &id("A123", order)).await.assert_json(200)["status"].clone()
}

#[tokio::test]
async fn a_cancellation_needs_no_pin_and_frees_the_numbers_that_are_still_held() {
    let stack = contoso(&TNS).await;
    stack.confirm("A123", &first()).await;
    stack.activate(&id("A123", &first()), &TNS[..1]).await.assert_status(200);
    let answer = stack.submit("A123", &cancel("02")).await;
    assert_port_out(&answer, 201, &at(&cancelled(&cancel("02"), &TNS[1..]), START));
    assert_eq!(status(&stack, &first()).await, "cancelled");
    let earlier = stack.port_out("A123", &id("A123", &first())).await.assert_json(200);
    assert_eq!(
        (&earlier["ported_numbers"], &earlier["released_numbers"]),
        (&json!(&TNS[..1]), &json!(&TNS[1..]))
    );
    let before = stack.records().await;
    before.check();
    assert_port_out(&stack.submit("A123", &cancel("02")).await, 200, &cancelled(&cancel("02"), &TNS[1..]));
    assert_eq!(stack.records().await, before, "a repetition changes nothing");
    stack.submit("A123", &cancel("03")).await.assert_refused(&problems::nothing_open());
    let other = with(&cancel("02"), "zip_code", "98052");
    stack.submit("A123", &other).await.assert_refused(&problems::conflict(Some("03")));
    let theirs = order("TX-1", CONTOSO, PIN, &TNS[1..]);
    stack.confirm("B456", &theirs).await;
}

#[tokio::test]
async fn a_supplement_passes_waits_the_lock_and_protection_and_its_pin_is_not_looked_at() {
    let stack = contoso(&TNS).await;
    stack.confirm("A123", &first()).await;
    for _ in 0..5 {
        let guess = order(&stack.new_pon(), CONTOSO, WRONG_PIN, &TNS);
        stack.submit("A123", &guess).await.assert_status(201);
    }
    stack.protect(CONTOSO, true).await.assert_status(200);
    let counts = stack.records().await.counts(CONTOSO, "A123");
    let moved = with(&due_date("02", "2026-12-10"), "pin", WRONG_PIN);
    let answer = stack.submit("A123", &moved).await.assert_json(201);
    assert_eq!((&answer["status"], &answer["foc_date"]), (&json!("confirmed"), &json!("2026-12-10")));
    stack.submit("A123", &with(&cancel("03"), "pin", "x")).await.assert_status(201);
    let records = stack.records().await;
    records.check();
    assert_eq!(records.counts(CONTOSO, "A123"), counts);
    assert!(!harness::records::dump(&records.orders).contains("pin_fingerprint\": S(\"x"));
}

#[tokio::test]
async fn a_due_date_moves_within_sixty_days_of_the_first_receipt() {
    let stack = contoso(&TNS).await;
    stack.confirm("A123", &first()).await;
    // Received on November 23: the fourth business day is the 30th, and the 60th day January 22.
    for (version, desired, confirmed) in [
        ("02", "2026-11-24", "2026-11-30"),
        ("03", "2026-12-12", "2026-12-14"),
        ("04", "2027-01-22", "2027-01-22"),
        ("05", "2027-01-23", "2027-01-22"),
        ("06", "2031-01-01", "2027-01-22"),
    ] {
        let moved = due_date(version, desired);
        let answer = stack.submit("A123", &moved).await.assert_json(201);
        let found = (&answer["foc_date"], &answer["due_date_changed"], &answer["telephone_numbers"]);
        let changed = json!(confirmed != desired);
        assert_eq!(found, (&json!(confirmed), &changed, &json!(TNS)), "{desired}");
        let records = stack.records().await;
        records.check();
        assert_eq!(records.holders(&TNS), [Some(id("A123", &moved)), Some(id("A123", &moved))]);
    }
    assert_eq!(status(&stack, &first()).await, "superseded");
    // Later, never before the next business day.
    stack.set_time("2026-12-18T20:00:00Z".parse().unwrap());
    let answer = stack.submit("A123", &due_date("07", "2026-12-01")).await.assert_json(201);
    assert_eq!(answer["foc_date"], "2026-12-21");
}

#[tokio::test]
async fn a_moved_due_date_moves_the_end_of_the_hold() {
    let stack = contoso(&TNS[..1]).await;
    let one = order("TX-1", CONTOSO, PIN, &TNS[..1]);
    stack.confirm("A123", &one).await;
    let moved = due_date("02", "2026-12-24");
    let answer = stack.submit("A123", &moved).await.assert_json(201);
    assert_eq!(answer["hold_expires_on"], "2027-01-23");
    stack.set_time("2026-12-26T00:00:00Z".parse().unwrap());
    let theirs = stack.submit("B456", &one).await.assert_json(201);
    let pending = &theirs["rejections"][0];
    assert_eq!(pending["code"], "pending_port");
    assert!(pending["detail"].as_str().unwrap().contains("2027-01-24"), "{pending}");
}

#[tokio::test]
async fn a_supplement_comes_the_way_its_pon_came_or_from_the_desk() {
    let stack = Fixture::contoso()
        .numbers(&TNS)
        .source("acme", "standard-webhooks", "A123")
        .source("other", "standard-webhooks", "A123")
        .start()
        .await;
    let [acme, other] = ["acme", "other"].map(|source| stack.sender(source));
    stack.send(&acme, "1", &first()).await.assert_status(201);
    stack.submit("A123", &cancel("02")).await.assert_refused(&problems::other_channel());
    stack.send(&other, "1", &cancel("02")).await.assert_refused(&problems::other_channel());
    stack.submit("B456", &cancel("02")).await.assert_refused(&problems::nothing_open());
    stack.send(&acme, "2", &due_date("02", "2026-12-10")).await.assert_status(201);
    let desk = json!({"spid": "A123", "channel": "email", "reference": "LTR-9"});
    let mut by_desk = cancel("03");
    by_desk.as_object_mut().unwrap().extend(desk.as_object().unwrap().clone());
    let submit = |body: Value| stack.desk("POST", "/v1/port-outs").json(&body).send();
    let missing = submit(without(&by_desk, "reference")).await;
    assert_eq!(missing.assert_errors(422), [["/reference", "required"]]);
    let answer = submit(by_desk).await.assert_json(201);
    assert_eq!((&answer["status"], &answer["channel"]), (&json!("cancelled"), &json!("email")));
    let records = stack.records().await;
    assert_eq!(text(records.events_named("port_out.cancelled")[0], "actor"), "user:desk");
}

#[tokio::test]
async fn a_supplement_of_another_account_or_of_nothing_is_refused_and_a_full_one_is_judged() {
    let stack = contoso(&TNS).await;
    stack.submit("A123", &cancel("01")).await.assert_refused(&problems::nothing_open());
    stack.confirm("A123", &first()).await;
    let elsewhere = with(&cancel("02"), "account_number", "FABRIKAM");
    stack.submit("A123", &elsewhere).await.assert_refused(&problems::other_account("02"));
    stack.submit("A123", &cancel("01")).await.assert_refused(&problems::conflict(Some("02")));
    let missing = stack.submit("A123", &without(&due_date("02", ""), "desired_due_date")).await;
    let required = error("/desired_due_date", "required");
    missing.assert_refused(&invalid(&[required]));
    let full = with(&with(&first(), "version", "02"), "supplement", "other");
    stack.reject("A123", &with(&full, "pin", WRONG_PIN), &[reason("pin_invalid", "/pin")]).await;
    stack.confirm("A123", &with(&full, "version", "03")).await;
    let unknown = stack.submit("A123", &with(&first(), "supplement", "SUP1")).await;
    assert_eq!(unknown.assert_errors(422), [["/supplement", "supplement_invalid"]]);
    stack.set_time("2026-12-31T12:00:00Z".parse().unwrap());
    stack.submit("A123", &cancel("04")).await.assert_refused(&problems::nothing_open());
}
