//! A wrong PIN never becomes known without costing an attempt, however many come at the same moment.

use harness::engine::Item;
use harness::prelude::*;
use harness::records::{reasons, text};
use harness::wire::Call;

use crate::concurrent::{count, crowded, send_all, submit_all};
use crate::{NEW_PIN, start};

/// What a carrier has before it waits.
const FREE: usize = 5;
/// What all carriers together have before the PIN locks.
const CEILING: usize = 100;
const GUESSER: &str = "G000";

/// Different PINs, all of them wrong.
fn wrong_pins(count: usize) -> impl Iterator<Item = String> {
    (0..).map(|n| format!("{:06}", 500_000 + n)).filter(|pin| pin != PIN).take(count)
}

/// Different wrong PINs and the right one, at a random place.
fn pins_with_the_right_one(count: usize) -> Vec<String> {
    let mut pins: Vec<_> = wrong_pins(count - 1).collect();
    let place = u64::from_le_bytes(harness::random_bytes(8).try_into().unwrap()) as usize % count;
    pins.insert(place, PIN.to_owned());
    pins
}

fn outcomes(answers: &[Answer]) -> Vec<Outcome> {
    answers.iter().map(outcome).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_guesses_of_one_carrier_at_once_five_become_known() {
    let stack = crowded(4, &[TN]).await;
    let pins = pins_with_the_right_one(1000);
    let orders: Vec<_> =
        pins.iter().enumerate().map(|(at, pin)| (GUESSER, usual(&format!("G-{at}"), pin))).collect();
    let began = std::time::Instant::now();
    let answers = submit_all(&stack, &orders).await;
    // On a machine so slow that the first wait ends meanwhile, one more guess is lawful.
    let most = FREE + usize::from(began.elapsed().as_secs() >= 60);
    let outcomes = outcomes(&answers);
    let right = outcomes[pins.iter().position(|pin| pin == PIN).unwrap()];
    let (wrong, confirmed) = (count(&outcomes, Outcome::WrongPin), count(&outcomes, Outcome::Confirmed));
    assert_eq!(confirmed, usize::from(right == Outcome::Confirmed), "only the right PIN confirms");
    assert_eq!(count(&outcomes, Outcome::Wait), 1000 - wrong - confirmed, "all others have to wait");
    let records = stack.records().await;
    let failures = records.failures(CONTOSO, GUESSER) as usize;
    // A right PIN ends the carrier's count, so it confirms only if fewer than five wrong ones were answered before it.
    assert!((FREE..=most).contains(&failures), "{failures} counted, {most} at most");
    assert_eq!(records.failed_attempts(CONTOSO) as usize, failures);
    let before = wrong - failures;
    assert!(if confirmed == 1 { before < FREE } else { before == 0 }, "{wrong} wrong, {failures} counted");
    assert_eq!(records.orders.len(), wrong + confirmed, "exactly the answers were recorded");
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_right_pin_among_the_first_five_confirms_and_after_them_does_not() {
    let stack = crowded(2, &[TN, "+12065550101"]).await;
    for (spid, wrong, expected) in [("A004", 4, Outcome::Confirmed), ("A005", 5, Outcome::Wait)] {
        let guesses: Vec<_> = wrong_pins(wrong)
            .enumerate()
            .map(|(at, pin)| (spid, order(&format!("W-{at}"), CONTOSO, &pin, &["+12065550101"])))
            .collect();
        let answers = submit_all(&stack, &guesses).await;
        assert_eq!(count(&outcomes(&answers), Outcome::WrongPin), wrong);
        let right = stack.submit(spid, &usual("R-1", PIN)).await;
        assert_eq!(outcome(&right), expected, "after {wrong} wrong ones");
    }
    let records = stack.records().await;
    assert_eq!((records.failures(CONTOSO, "A004"), records.failures(CONTOSO, "A005")), (0, 5));
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_carriers_at_once_learn_of_a_hundred_guesses_then_the_pin_is_locked() {
    let stack = crowded(4, &[TN]).await;
    let spids: Vec<_> = (0..30).map(|n| format!("C{n:03}")).collect();
    let pins: Vec<_> = wrong_pins(300).collect();
    let orders: Vec<_> = pins
        .iter()
        .enumerate()
        .map(|(at, pin)| (spids[at % 30].as_str(), usual(&format!("G-{}", at / 30), pin)))
        .collect();
    let outcomes = outcomes(&submit_all(&stack, &orders).await);
    assert_eq!(count(&outcomes, Outcome::WrongPin), CEILING);
    assert_eq!(count(&outcomes, Outcome::Confirmed), 0);
    let locked = count(&outcomes, Outcome::Locked);
    assert!(locked > 0);
    let records = stack.records().await;
    assert_eq!(records.orders.len(), CEILING + locked);
    assert_eq!(records.failed_attempts(CONTOSO) as usize, CEILING);
    assert_eq!(records.attempts.len(), 30);
    assert!(spids.iter().all(|spid| records.failures(CONTOSO, spid) <= FREE as u64));
    records.check();
    // The one that locked it may say so too.
    let logged = stack.logs().matches("\"pin_locked\":\"yes\"").count();
    assert!((locked..=locked + 1).contains(&logged), "{logged} lines tell of {locked} answers");
    assert_locked_until_a_new_pin(&stack).await;
}

async fn assert_locked_until_a_new_pin(stack: &Stack) {
    let state = stack.pin_status(CONTOSO).await.assert_json(200);
    let seen = (&state["port_out_allowed"], &state["blocked_by"], &state["failed_attempts"]);
    assert_eq!(seen, (&json!(false), &json!(["pin_locked"]), &json!(CEILING)));
    let right = stack.submit("N001", &usual("N-1", PIN)).await.assert_json(201);
    assert_eq!(rejection_codes(&right), ["pin_locked"]);
    stack.set_pin(CONTOSO, NEW_PIN).await.assert_json(200);
    let state = stack.pin_status(CONTOSO).await.assert_json(200);
    assert_eq!((&state["blocked_by"], &state["failed_attempts"]), (&json!([]), &json!(0)));
    assert_eq!(outcome(&stack.submit("C000", &usual("N-2", NEW_PIN)).await), Outcome::Confirmed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_carrier_gets_its_port_while_the_first_one_waits() {
    let stack = crowded(4, &[TN, "+12065550101"]).await;
    let pins: Vec<_> = wrong_pins(100).collect();
    let mut orders: Vec<_> =
        pins.iter().enumerate().map(|(at, pin)| (GUESSER, usual(&format!("G-{at}"), pin))).collect();
    orders.insert(50, ("L001", usual("L-1", PIN)));
    let mut told_all = outcomes(&submit_all(&stack, &orders).await);
    assert_eq!(told_all.remove(50), Outcome::Confirmed, "in the middle of the crowd");
    assert_eq!((count(&told_all, Outcome::WrongPin), count(&told_all, Outcome::Wait)), (FREE, 95));
    let late = stack.submit("L001", &order("L-2", CONTOSO, PIN, &["+12065550101"])).await;
    assert_eq!(outcome(&late), Outcome::Confirmed, "after it");
    assert_eq!(outcome(&stack.submit(GUESSER, &usual("G-100", PIN)).await), Outcome::Wait);
    let records = stack.records().await;
    assert_eq!(records.failures(CONTOSO, GUESSER) as usize, FREE);
    let left = records.failed_attempts(CONTOSO) as usize;
    assert_eq!(left, FREE, "a right PIN leaves what others added to the count over all carriers");
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_repeats_of_a_confirmed_order_at_once_tell_of_five_wrong_pins() {
    let stack = crowded(4, &[TN]).await;
    let first = stack.submit(GUESSER, &usual("G-1", PIN)).await.assert_json(201);
    assert_eq!(first["status"], "confirmed");
    let pins = pins_with_the_right_one(200);
    let orders: Vec<_> = pins.iter().map(|pin| (GUESSER, usual("G-1", pin))).collect();
    stack.wire().take_calls();
    let answers = submit_all(&stack, &orders).await;
    let (mut conflicts, mut waits, mut same) = (0, 0, 0);
    for (answer, pin) in answers.iter().zip(&pins) {
        match answer.status {
            200 => {
                same += 1;
                assert_eq!((answer.json(), pin.as_str()), (first.clone(), PIN));
            }
            409 => {
                conflicts += 1;
                answer.assert_problem(409, "pon_conflict");
                assert_ne!(pin, PIN);
            }
            _ => {
                waits += 1;
                assert_eq!(outcome(answer), Outcome::Wait);
            }
        }
    }
    assert_eq!((conflicts, waits), (FREE, 195 - same), "a right repeat counts nothing");
    assert_eq!(counts_behind_confirmations(&stack.wire().take_calls()).len(), same);
    let records = stack.records().await;
    assert_eq!(records.failures(CONTOSO, GUESSER) as usize, FREE);
    assert_eq!(records.failed_attempts(CONTOSO) as usize, FREE);
    assert_eq!(wrong_repetitions(&records), FREE);
    assert_eq!(text(&records.orders[0], "port_out_status"), "confirmed");
    records.check();
}

/// Counts the events that tell of a repetition with a wrong PIN.
fn wrong_repetitions(records: &Records) -> usize {
    let of_it = |event: &&Item| {
        let is_repeated = event.get("repeated").is_some_and(|value| value.as_bool() == Ok(&true));
        text(event, "event") == "port_out.rejected" && is_repeated && reasons(event) == ["pin_invalid"]
    };
    records.events_of(CONTOSO).filter(of_it).count()
}

/// Returns the count behind each confirmed repetition with the right PIN; fails unless each is under five. Until a
/// carrier waits, nothing but a wrong PIN moves the revision of its row.
fn counts_behind_confirmations(calls: &[Call]) -> Vec<u64> {
    let written = calls.iter().filter(|call| {
        call.operation == "TransactWriteItems"
            && call.answer.as_ref().is_some_and(|(status, _)| *status == 200)
    });
    let of_counts = |check: &&Value| check["Key"]["pk"]["S"].as_str().unwrap().starts_with("ATTEMPTS#");
    // A transaction that only checks is one that confirms a repetition with the right PIN.
    let checks = written.filter_map(|call| {
        let items = call.body["TransactItems"].as_array().unwrap();
        let checks: Option<Vec<_>> = items.iter().map(|item| item.get("ConditionCheck")).collect();
        Some(checks?.into_iter().find(of_counts).expect("no check of the count"))
    });
    let count = |check: &Value| {
        let condition = check["ConditionExpression"].as_str().unwrap();
        match check["ExpressionAttributeValues"][":row_revision"]["N"].as_str() {
            Some(read) if condition == "#row_revision = :row_revision" => read.parse::<u64>().unwrap(),
            None if condition == "attribute_not_exists(#pk)" => 0,
            _ => panic!("no check of the row: {check}"),
        }
    };
    checks.map(count).inspect(|count| assert!(*count < FREE as u64, "confirmed after {count}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_carrier_that_waits_is_not_told_that_its_repeat_is_right() {
    let stack = start().await;
    stack.submit(GUESSER, &usual("G-1", PIN)).await.assert_json(201);
    for pin in wrong_pins(4) {
        stack.submit(GUESSER, &usual("G-1", &pin)).await.assert_problem(409, "pon_conflict");
    }
    stack.wire().take_calls();
    stack.submit(GUESSER, &usual("G-1", PIN)).await.assert_json(200);
    assert_eq!(counts_behind_confirmations(&stack.wire().take_calls()), [4]);
    for pin in wrong_pins(1) {
        stack.submit(GUESSER, &usual("G-1", &pin)).await.assert_problem(409, "pon_conflict");
    }
    for pin in [PIN.to_owned()].into_iter().chain(wrong_pins(3)) {
        assert_eq!(outcome(&stack.submit(GUESSER, &usual("G-1", &pin)).await), Outcome::Wait);
    }
    stack.records().await.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_over_http_at_once_are_counted_as_those_of_the_queue() {
    let stack = crowded(4, &[TN]).await;
    let pins: Vec<_> = wrong_pins(60).collect();
    let calls = pins.iter().enumerate();
    let calls = calls.map(|(at, pin)| stack.submission(GUESSER, &usual(&format!("G-{at}"), pin))).collect();
    let outcomes = outcomes(&send_all(calls).await);
    assert_eq!((count(&outcomes, Outcome::WrongPin), count(&outcomes, Outcome::Wait)), (FREE, 55));
    stack.records().await.check();
}
