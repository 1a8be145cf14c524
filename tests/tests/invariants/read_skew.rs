//! What is read at two moments is never taken for the state of one.

use harness::assertions::port_outs::superseded;
use harness::engine::Item;
use harness::prelude::*;

use crate::NEW_PIN;

const PON: (&str, &str) = ("PON#", "PON");
const ORDER: (&str, &str) = ("PORTOUT#", "PORTOUT");
const NUMBER: (&str, &str) = ("NUMBER#", "NUMBER");
const ACCOUNT_ITEM: (&str, &str) = ("ACCOUNT#", "ACCOUNT");
const PIN_ITEM: (&str, &str) = ("PIN#", "PIN");
const ATTEMPTS: (&str, &str) = ("ATTEMPTS#", "");

async fn two_processes() -> Stack {
    Fixture::contoso().processes(2).start().await
}

/// Submits an order of A123 whose `late` items are read after what happens between.
async fn skewed(
    stack: &Stack,
    order: Value,
    late: &'static [(&'static str, &'static str)],
    between: impl AsyncFnOnce(),
) -> Answer {
    let skewed = stack.wire().skew(late);
    let submitted = tokio::spawn(stack.submission("A123", &order).send());
    skewed.wait(1).await;
    between().await;
    skewed.release();
    submitted.await.unwrap()
}

/// Wrong PINs of A123 from the `first` on, as many as `count`.
async fn guess(stack: &Stack, first: usize, count: usize) {
    for guess in first..first + count {
        let wrong = order(&format!("G-{guess}"), CONTOSO, WRONG_PIN, &[TN]);
        assert_eq!(outcome(&stack.submit("A123", &wrong).await), Outcome::WrongPin);
    }
}

/// Items that a repetition reads after the account, after the PIN, and after both of them.
const AFTER_ONE_OR_BOTH: [&[(&str, &str)]; 3] =
    [&[PIN_ITEM, ATTEMPTS], &[ACCOUNT_ITEM, ATTEMPTS], &[ATTEMPTS]];

/// Returns the account and its PIN.
async fn account_items(stack: &Stack) -> [Item; 2] {
    [stack.item(("ACCOUNT#CONTOSO", "ACCOUNT")).await, stack.item(("PIN#CONTOSO", "PIN")).await]
}

async fn put_items(stack: &Stack, items: [Item; 2]) {
    for item in items {
        stack.put_item(item).await;
    }
}

/// Repeats TX-1 with this PIN while the account gets a new PIN, on which its carrier guesses five times: the late items,
/// the count among them, are read as they are after all that, and the others as they were before it.
async fn repeat_around_a_new_pin(
    stack: &Stack,
    pin: &str,
    late: &'static [(&'static str, &'static str)],
) -> Answer {
    let before = account_items(stack).await;
    stack.set_pin(CONTOSO, NEW_PIN).await.assert_status(200);
    guess(stack, 0, 5).await;
    let after = account_items(stack).await;
    // All that takes longer than a read may, so the past is put back for the first half.
    put_items(stack, before).await;
    skewed(stack, usual("TX-1", pin), late, async || put_items(stack, after).await).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_version_is_not_refused_for_a_number_that_an_earlier_one_of_its_own_held() {
    let stack = two_processes().await;
    stack.submit("A123", &usual("TX-1", PIN)).await.assert_json(201);
    // It sees the number held by version 01, and version 02 as the one that it replaces.
    let third = skewed(&stack, version(usual("TX-1", PIN), 3), &[PON], async || {
        let second = stack.submit("A123", &version(usual("TX-1", PIN), 2)).await;
        assert_eq!(outcome(&second), Outcome::Confirmed);
    });
    let third = third.await.assert_json(201);
    assert_eq!((third["status"].as_str(), rejection_codes(&third)), (Some("confirmed"), vec![]));
    let records = stack.records().await;
    assert_eq!(records.held_by(TN).as_deref(), third["id"].as_str());
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_that_reads_half_before_the_first_one_was_written_is_told_the_same() {
    for (pin, status) in [(PIN, "confirmed"), (WRONG_PIN, "rejected")] {
        for late in [&[PON][..], &[ORDER], &[NUMBER], &[ACCOUNT_ITEM, ATTEMPTS], &[PIN_ITEM, ATTEMPTS]] {
            let stack = two_processes().await;
            let mut first = None;
            let repeat = skewed(&stack, usual("TX-1", pin), late, async || {
                first = Some(stack.submit("A123", &usual("TX-1", pin)).await.assert_json(201));
            });
            let repeat = repeat.await.assert_json(200);
            assert_eq!((repeat["status"].as_str(), Some(repeat.clone())), (Some(status), first), "{late:?}");
            let records = stack.records().await;
            assert_eq!(records.orders.len(), 1);
            records.check();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_that_reads_half_before_the_first_one_and_a_later_version_is_no_conflict() {
    let stack = two_processes().await;
    let mut first = None;
    let repeat = skewed(&stack, usual("TX-1", PIN), &[PON], async || {
        first = Some(stack.submit("A123", &usual("TX-1", PIN)).await.assert_json(201));
        let second = stack.submit("A123", &version(usual("TX-1", PIN), 2)).await;
        assert_eq!(outcome(&second), Outcome::Confirmed);
    });
    let (repeat, first) = (repeat.await.assert_json(200), first.unwrap());
    let now = stack.port_out("A123", first["id"].as_str().unwrap()).await.assert_json(200);
    assert_eq!(repeat, now);
    assert_eq!(repeat, with(&superseded(&first), "updated_at", now["updated_at"].clone()));
    stack.records().await.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_names_the_next_version_although_its_pon_was_read_before_its_order() {
    let stack = two_processes().await;
    let other = order("TX-1", CONTOSO, PIN, &["+12065550101"]);
    let refused = skewed(&stack, other, &[ORDER], async || {
        stack.submit("A123", &usual("TX-1", PIN)).await.assert_json(201);
    });
    let problem = refused.await.assert_problem(409, "pon_conflict");
    assert!(problem["detail"].as_str().unwrap().contains("use version 02"), "{problem}");
    stack.records().await.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_another_carrier_takes_meanwhile_is_pending() {
    for late in [&[NUMBER][..], &[ACCOUNT_ITEM, PIN_ITEM, ATTEMPTS, PON, ORDER]] {
        let stack = two_processes().await;
        let refused = skewed(&stack, usual("TX-1", PIN), late, async || {
            assert_eq!(outcome(&stack.submit("B456", &usual("TX-1", PIN)).await), Outcome::Confirmed);
        });
        assert_eq!(rejection_codes(&refused.await.assert_json(201)), ["pending_port"], "{late:?}");
        stack.records().await.check();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guess_that_reads_its_count_before_the_fifth_wrong_pin_is_counted_has_to_wait() {
    for late in
        [&[PON, ORDER, NUMBER, ACCOUNT_ITEM, PIN_ITEM][..], &[PIN_ITEM], &[ATTEMPTS], &[ATTEMPTS, PIN_ITEM]]
    {
        let stack = two_processes().await;
        guess(&stack, 0, 4).await;
        let right = skewed(&stack, usual("TX-1", PIN), late, async || guess(&stack, 4, 1).await);
        assert_eq!(outcome(&right.await), Outcome::Wait, "{late:?}");
        let records = stack.records().await;
        assert_eq!((records.failures(CONTOSO, "A123"), records.orders.len()), (5, 5));
        records.check();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pin_that_was_replaced_meanwhile_confirms_nothing() {
    for late in [
        &[ACCOUNT_ITEM][..],
        &[PIN_ITEM],
        &[ACCOUNT_ITEM, PIN_ITEM],
        &[ATTEMPTS, PON, ORDER, NUMBER],
        &[ATTEMPTS, PON, ORDER, NUMBER, PIN_ITEM],
    ] {
        let stack = two_processes().await;
        let old = skewed(&stack, usual("TX-1", PIN), late, async || {
            stack.set_pin(CONTOSO, NEW_PIN).await.assert_status(200);
        });
        assert_eq!(outcome(&old.await), Outcome::WrongPin, "{late:?}");
        let records = stack.records().await;
        assert_eq!((records.failures(CONTOSO, "A123"), records.failed_attempts(CONTOSO)), (1, 1));
        records.check();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pin_that_its_owner_reported_as_known_to_others_meanwhile_confirms_nothing() {
    for late in [&[ACCOUNT_ITEM][..], &[PIN_ITEM], &[ATTEMPTS, PON, ORDER, NUMBER]] {
        let stack = Fixture::contoso().numbers(&[TN, "+12065550101"]).processes(2).start().await;
        let stolen =
            stack.submit("B456", &order("TX-0", CONTOSO, PIN, &["+12065550101"])).await.assert_json(201);
        let id = stolen["id"].as_str().unwrap();
        let next = skewed(&stack, usual("TX-1", PIN), late, async || {
            stack.cancel(CONTOSO, id, "not_authorized").await.assert_status(200);
        });
        assert_eq!(rejection_codes(&next.await.assert_json(201)), ["pin_locked"], "{late:?}");
        let records = stack.records().await;
        assert_eq!(records.held_by(TN), None);
        records.check();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_that_reads_the_account_before_a_new_pin_and_five_wrong_ones_has_to_wait() {
    for pin in [PIN, WRONG_PIN] {
        for late in AFTER_ONE_OR_BOTH {
            let stack = two_processes().await;
            stack.submit("A123", &usual("TX-1", PIN)).await.assert_json(201);
            let repeat = repeat_around_a_new_pin(&stack, pin, late).await;
            assert_eq!(outcome(&repeat), Outcome::Wait, "{late:?}");
            let records = stack.records().await;
            assert_eq!((records.failures(CONTOSO, "A123"), records.failed_attempts(CONTOSO)), (5, 5));
            records.check();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_that_reads_the_account_as_locked_does_not_undo_the_count_of_the_new_pin() {
    for late in [AFTER_ONE_OR_BOTH[1], AFTER_ONE_OR_BOTH[2]] {
        let stack = two_processes().await;
        stack.submit("A123", &usual("TX-1", PIN)).await.assert_json(201);
        lock(&stack).await;
        let repeat = repeat_around_a_new_pin(&stack, WRONG_PIN, late).await;
        assert_eq!(outcome(&repeat), Outcome::Wait, "{late:?}");
        let records = stack.records().await;
        assert_eq!((records.failures(CONTOSO, "A123"), records.failed_attempts(CONTOSO)), (5, 5));
        records.check();
    }
}

/// Twenty carriers guess five times each.
async fn lock(stack: &Stack) {
    for guess in 0..100 {
        let wrong = order(&format!("L-{}", guess / 20), CONTOSO, WRONG_PIN, &[TN]);
        assert_eq!(outcome(&stack.submit(&format!("L{:03}", guess % 20), &wrong).await), Outcome::WrongPin);
    }
    let state = stack.pin_status(CONTOSO).await.assert_json(200);
    assert_eq!(state["blocked_by"], json!(["pin_locked"]));
}
