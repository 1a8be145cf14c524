//! What becomes of a confirmed port-out: it is ported, taken over, cancelled, released, or its hold ends.

use harness::assertions::port_outs::{NEXT_DAY, superseded};
use harness::prelude::*;
use harness::records::{maybe_text, text, texts};

use crate::{NEW_PIN, contoso};

const TNS: [&str; 3] = ["+12065550100", "+12065550101", "+12065550102"];
/// From [`START`]: the last day is December 24 for one number, until midnight in Denver.
const HOLD_ENDS: &str = "2026-12-25T07:00:00Z";

/// Confirms a port-out of `A123` for the first of [`TNS`]; returns its id.
async fn confirm(stack: &Stack, pon: &str, count: usize) -> String {
    let order = order(pon, CONTOSO, PIN, &TNS[..count]);
    stack.confirm("A123", &order).await.json()["id"].as_str().unwrap().to_owned()
}

/// Fails unless the port-out has this status and these ported and released numbers.
async fn assert_state(stack: &Stack, id: &str, status: &str, ported: &[&str], released: &[&str]) {
    let body = stack.port_out("A123", id).await.assert_json(200);
    let found = (&body["status"], &body["ported_numbers"], &body["released_numbers"]);
    assert_eq!(found, (&json!(status), &json!(ported), &json!(released)), "{body}");
    stack.records().await.check();
}

async fn lookup(stack: &Stack, tn: &str) -> Value {
    stack.desk("GET", &format!("/v1/telephone-numbers/{tn}")).send().await.assert_json(200)
}

#[tokio::test]
async fn a_hold_ends_at_midnight_after_thirty_days_and_then_another_carrier_gets_the_number() {
    let stack = contoso(&TNS).await;
    let id = confirm(&stack, "TX-1", 1).await;
    let theirs = order("TX-1", CONTOSO, PIN, &TNS[..1]);
    let ends: jiff::Timestamp = HOLD_ENDS.parse().unwrap();
    stack.set_time(ends - SignedDuration::from_millis(1));
    assert_state(&stack, &id, "confirmed", &[], &[]).await;
    let pending = stack.submit("B456", &theirs).await.json();
    assert_eq!(rejection_codes(&pending), ["pending_port"]);
    let tn = TNS[0].replace('+', "%2B");
    stack.remove(CONTOSO, &tn).await.assert_refused(&problems::held());
    stack.set_time(ends);
    assert_state(&stack, &id, "expired", &[], &[]).await;
    let second = with(&theirs, "version", "02");
    assert_outcome(&stack.submit("B456", &second).await, Outcome::Confirmed);
    assert_state(&stack, &id, "expired", &[], &[]).await;
}

#[tokio::test]
async fn an_expired_hold_does_not_keep_a_number_in_its_account() {
    let stack = contoso(&TNS).await;
    confirm(&stack, "TX-1", 1).await;
    stack.set_time(HOLD_ENDS.parse().unwrap());
    stack.remove(CONTOSO, &TNS[0].replace('+', "%2B")).await.assert_status(204);
}

#[tokio::test]
async fn the_same_carrier_takes_its_numbers_over_with_another_pon_and_the_right_pin_only() {
    let stack = contoso(&TNS).await;
    let (first, second) = (confirm(&stack, "TX-1", 1).await, order("TX-2", CONTOSO, PIN, &TNS[..2]));
    let wrong = with(&second, "pin", WRONG_PIN);
    stack.reject("A123", &wrong, &[reason("pin_invalid", "/pin")]).await;
    assert_state(&stack, &first, "confirmed", &[], &[]).await;
    let second = with(&second, "version", "02");
    stack.confirm("A123", &second).await;
    let expected = confirmed("A123", &order("TX-1", CONTOSO, PIN, &TNS[..1]), NEXT_DAY);
    assert_port_out(&stack.port_out("A123", &first).await, 200, &superseded(&expected));
    // What it still held of others stays held.
    let third = order("TX-3", CONTOSO, PIN, &TNS[1..2]);
    stack.confirm("A123", &third).await;
    assert_state(&stack, &id("A123", &second), "confirmed", &[], &TNS[1..2]).await;
    let records = stack.records().await;
    assert_eq!(records.held_by(TNS[0]), Some(id("A123", &second)));
    let events = records.events_named("port_out.confirmed");
    let event = events.into_iter().find(|event| text(event, "pon") == "TX-3").unwrap();
    assert_eq!(texts(event, "replaces"), [id("A123", &second)]);
}

#[tokio::test]
async fn numbers_are_taken_over_from_five_port_outs_at_most() {
    let numbers = tns(100, 6);
    let stack = contoso(&numbers).await;
    for (n, tn) in numbers.iter().enumerate() {
        stack.confirm("A123", &order(&format!("TX-{n}"), CONTOSO, PIN, &[tn])).await;
    }
    let all = stack.submit("A123", &order("ALL", CONTOSO, PIN, &numbers)).await.json();
    assert_eq!(rejection_codes(&all), ["pending_port"; 6]);
    assert!(all["rejections"][0]["detail"].as_str().unwrap().contains("Cancel the earlier PONs"), "{all}");
    stack.confirm("A123", &order("FIVE", CONTOSO, PIN, &numbers[..5])).await;
    let records = stack.records().await;
    records.check();
    assert_eq!(records.count_events(CONTOSO, "port_out.superseded"), 5);
}

#[tokio::test]
async fn ninety_numbers_and_port_outs_taken_over_fit_and_ninety_one_do_not() {
    let numbers = tns(0, 90);
    let stack = contoso(&numbers).await;
    let taken: Vec<_> = numbers[..86].chunks(18).collect();
    for (n, part) in taken.iter().enumerate() {
        stack.confirm("A123", &order(&format!("TX-{n}"), CONTOSO, PIN, part)).await;
    }
    let many = stack.submit("A123", &order("MANY", CONTOSO, PIN, &numbers[..86])).await;
    assert_eq!(many.assert_errors(422), [["/telephone_numbers", "too_many_tns"]]);
    stack.confirm("A123", &order("FIT", CONTOSO, PIN, &numbers[..85])).await;
    stack.records().await.check();
}

#[tokio::test]
async fn ported_numbers_leave_the_account_and_the_last_one_completes_the_port_out() {
    let stack = contoso(&TNS).await;
    let id = confirm(&stack, "TX-1", 2).await;
    let first = stack.activate(&id, &TNS[..1]).await.assert_json(200);
    assert_eq!((&first["status"], &first["ported_numbers"]), (&json!("confirmed"), &json!(&TNS[..1])));
    assert_eq!(lookup(&stack, TNS[0]).await["account_number"], Value::Null);
    let before = stack.records().await;
    before.check();
    stack.activate(&id, &TNS[..1]).await.assert_status(200);
    assert_eq!(stack.records().await, before, "the same activation again changes nothing");
    stack.activate(&id, &TNS[..2]).await.assert_status(200);
    assert_state(&stack, &id, "completed", &TNS[..2], &[]).await;
    let records = stack.records().await;
    let activated = records.events_named("port_out.activated");
    let unexpected = |event: &&harness::engine::Item| event["unexpected"].as_bool().copied().unwrap();
    assert_eq!(activated.iter().map(unexpected).collect::<Vec<_>>(), [false, false]);
    assert_eq!(records.count_events(CONTOSO, "port_out.completed"), 1);
    // A number that left can be won back.
    stack.assign("FABRIKAM", &TNS[..1]).await.assert_status(404);
    stack.assign(CONTOSO, &TNS[..1]).await.assert_status(200);
    stack.records().await.check();
}

#[tokio::test]
async fn a_port_after_the_end_of_a_port_out_is_recorded_as_unexpected() {
    let stack = contoso(&TNS).await;
    let ended = confirm(&stack, "TX-1", 2).await;
    stack.pass(SignedDuration::from_secs(1));
    stack.release(&ended, "carrier").await.assert_status(200);
    stack.activate(&ended, &TNS[..1]).await.assert_status(200);
    assert_state(&stack, &ended, "cancelled", &TNS[..1], &TNS[1..2]).await;
    let rejected = order("TX-2", CONTOSO, WRONG_PIN, &TNS[1..2]);
    stack.reject("A123", &rejected, &[reason("pin_invalid", "/pin")]).await;
    stack.activate(&id("A123", &rejected), &TNS[1..2]).await.assert_status(200);
    assert_state(&stack, &id("A123", &rejected), "rejected", &TNS[1..2], &[]).await;
    let records = stack.records().await;
    for event in records.events_named("port_out.activated") {
        assert_eq!(event["unexpected"].as_bool(), Ok(&true), "{event:?}");
    }
}

#[tokio::test]
async fn a_number_that_another_port_out_holds_is_not_recorded_as_ported_with_this_one() {
    let stack = contoso(&TNS).await;
    let ended = confirm(&stack, "TX-1", 2).await;
    stack.pass(SignedDuration::from_secs(1));
    stack.release(&ended, "carrier").await.assert_status(200);
    let holder = order("TX-9", CONTOSO, PIN, &TNS[..1]);
    assert_outcome(&stack.submit("B456", &holder).await, Outcome::Confirmed);
    let before = stack.records().await;
    let answer = stack.activate(&ended, &TNS[..2]).await;
    answer.assert_problem(409, "number_held");
    assert_eq!(answer.json()["errors"][0]["field"], "/telephone_numbers/0");
    assert_eq!(stack.records().await, before, "all or nothing");
    let foreign = stack.activate(&ended, &TNS[2..]).await;
    assert_eq!(foreign.assert_errors(422), [["/telephone_numbers/0", "tn_not_in_port_out"]]);
}

#[tokio::test]
async fn the_desk_releases_on_an_authority_that_is_later_than_the_request() {
    let stack = contoso(&TNS).await;
    let id = confirm(&stack, "TX-1", 2).await;
    let path = format!("/v1/port-outs/{id}/release");
    let body =
        |authority: &str, at: &str| json!({"authority": authority, "reference": "LTR-7", "obtained_at": at});
    for (authority, at, error) in [
        ("carrier", START, ["/obtained_at", "obtained_at_invalid"]),
        ("carrier", "2027-01-01T00:00:00Z", ["/obtained_at", "obtained_at_invalid"]),
        ("abandoned", "2026-11-23T16:04:06Z", ["/authority", "authority_invalid"]),
        ("provider", "2026-11-23T16:04:06Z", ["/authority", "authority_invalid"]),
    ] {
        stack.set_time("2026-11-23T16:04:07Z".parse().unwrap());
        let answer = stack.desk("POST", &path).json(&body(authority, at)).send().await;
        assert_eq!(answer.assert_errors(422), [error], "{authority} {at}");
    }
    // Abandoned only after the due date, here November 30.
    stack.set_time("2026-12-01T06:59:59Z".parse().unwrap());
    stack.release(&id, "abandoned").await.assert_problem(422, "invalid_request");
    stack.set_time("2026-12-01T07:00:00Z".parse().unwrap());
    let released = stack.release(&id, "abandoned").await.assert_json(200);
    let cancellation = json!({"by": "desk", "reason": "abandoned", "at": "2026-12-01T07:00:00Z"});
    assert_eq!((&released["status"], &released["cancellation"]), (&json!("cancelled"), &cancellation));
    assert_state(&stack, &id, "cancelled", &[], &TNS[..2]).await;
    let records = stack.records().await;
    let event = records.events_named("port_out.cancelled")[0];
    assert_eq!((text(event, "reference"), text(event, "by")), ("LTR-7", "desk"));
    stack.release(&id, "carrier").await.assert_refused(&problems::not_open());
}

#[tokio::test]
async fn an_owner_that_did_not_authorize_a_port_out_ends_it_and_locks_the_pin() {
    let stack = contoso(&TNS).await;
    let id = confirm(&stack, "TX-1", 1).await;
    let cancelled = stack.cancel(CONTOSO, &id, "not_authorized").await.assert_json(200);
    let cancellation = json!({"by": "owner", "reason": "not_authorized", "at": START});
    assert_eq!(cancelled["cancellation"], cancellation);
    assert_eq!(cancelled["carrier_must_be_told"], false);
    assert_state(&stack, &id, "cancelled", &[], &TNS[..1]).await;
    stack.assert_pin(CONTOSO, false, &["pin_locked"], 0).await;
    for spid in ["A123", "B456"] {
        let order = usual(&stack.new_pon(), PIN);
        stack.reject(spid, &order, &[reason("pin_locked", "/pin")]).await;
    }
    // A repetition of what was cancelled names it, and confirms nothing.
    let again = stack.submit("A123", &order("TX-1", CONTOSO, PIN, &TNS[..1])).await.assert_json(200);
    assert_eq!(again["status"], "cancelled");
    let detail = "The PIN is the one that is locked. Set a different one.";
    let unchanged = invalid(&[error_because("/pin", "pin_unchanged", detail)]);
    stack.set_pin(CONTOSO, PIN).await.assert_refused(&unchanged);
    stack.set_pin(CONTOSO, NEW_PIN).await.assert_status(200);
    stack.assert_pin(CONTOSO, true, &[], 0).await;
    let order = usual("TX-9", NEW_PIN);
    stack.confirm("B456", &order).await;
    let records = stack.records().await;
    assert_eq!(records.count_events(CONTOSO, "pin.locked"), 1);
    let event = records.events_named("port_out.cancelled")[0];
    assert_eq!((text(event, "name"), text(event, "actor")), ("Ada Admin", "user:admin@CONTOSO"));
}

#[tokio::test]
async fn an_owner_that_changed_its_mind_ends_a_port_out_and_keeps_its_pin() {
    let stack = contoso(&TNS).await;
    let id = confirm(&stack, "TX-1", 2).await;
    stack.activate(&id, &TNS[..1]).await.assert_status(200);
    stack.cancel("FABRIKAM", &id, "changed_mind").await.assert_refused(&problems::no_port_out());
    stack.cancel(CONTOSO, &id, "changed_mind").await.assert_status(200);
    assert_state(&stack, &id, "cancelled", &TNS[..1], &TNS[1..2]).await;
    stack.assert_pin(CONTOSO, true, &[], 0).await;
    stack.cancel(CONTOSO, &id, "changed_mind").await.assert_refused(&problems::not_open());
    let answer = stack.cancel(CONTOSO, &id, "no_reason").await;
    assert_eq!(answer.assert_errors(422), [["/statement", "statement_invalid"]]);
}

#[tokio::test]
async fn the_desk_looks_a_number_up() {
    let stack = contoso(&TNS).await;
    let unknown = stack.desk("GET", "/v1/telephone-numbers/+12065559999").send().await;
    unknown.assert_problem(404, "telephone_number_not_found");
    let free = lookup(&stack, TNS[0]).await;
    assert_eq!(
        (&free["account_number"], &free["held_by"], &free["last_port_out"]),
        (&json!(CONTOSO), &Value::Null, &Value::Null)
    );
    let id = confirm(&stack, "TX-1", 1).await;
    let held = lookup(&stack, TNS[0]).await;
    assert_eq!((&held["held_by"], &held["held_until"]), (&json!(id), &json!(HOLD_ENDS)));
    assert_eq!(held["last_port_out"]["status"], "confirmed");
    stack.activate(&id, &TNS[..1]).await.assert_status(200);
    let ported = lookup(&stack, TNS[0]).await;
    assert_eq!((&ported["ported_at"], &ported["last_port_out"]["id"]), (&json!(START), &json!(id)));
    let records = stack.records().await;
    assert!(records.numbers.iter().any(|item| maybe_text(item, "ported_by") == Some(&id)));
}

#[tokio::test]
async fn numbers_of_too_many_owners_are_recorded_in_smaller_groups() {
    let numbers = tns(200, 60);
    let fixture = numbers.iter().enumerate().fold(Fixture::contoso().numbers(&TNS), |fixture, (n, tn)| {
        fixture.account(&format!("OWNER{n}")).numbers(&[tn])
    });
    let stack = fixture.start().await;
    let foreign = order("TX-1", CONTOSO, PIN, &numbers);
    let rejected = stack.submit("A123", &foreign).await.json();
    assert_eq!(rejected["status"], "rejected");
    let before = stack.records().await;
    let all = stack.activate(&id("A123", &foreign), &numbers).await;
    assert_eq!(all.assert_errors(422), [["/telephone_numbers", "too_many_tns"]]);
    assert_eq!(stack.records().await, before);
    for group in numbers.chunks(49) {
        stack.activate(&id("A123", &foreign), group).await.assert_status(200);
    }
    stack.records().await.check();
}
