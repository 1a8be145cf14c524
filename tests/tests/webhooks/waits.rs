//! Wrong PINs by webhook: counted like any others, and then the carrier waits.

use crate::bench::{Bench, NEXT_DAY, of_line, usual};
use crate::told::{assert_port_out, assert_wait, confirmed, wrong_pin};
use crate::{PIN, WRONG, with};
use harness::records::Records;
use jiff::SignedDuration;
use serde_json::json;

#[tokio::test]
async fn five_wrong_pins_are_free_and_then_nothing_is_evaluated_or_recorded() {
    let (bench, sender) = Bench::start().await;
    for guess in 0..5 {
        let order = of_line(&format!("TX-{guess}"), WRONG, 0);
        let answer = bench.send(&sender, &format!("msg_{guess}"), &order).await;
        assert_port_out(&answer, 201, &wrong_pin("A123", &order));
    }
    let before = bench.stack.scan().await;
    for pin in [PIN, WRONG] {
        let answer = bench.send(&sender, "msg_late", &with(&usual("TX-9"), "pin", pin)).await;
        assert_wait(&answer, "60");
    }
    assert_wait(&bench.submit("A123", &usual("TX-9")).await, "60");
    assert_eq!(bench.stack.scan().await, before);
    assert_eq!(bench.pin_state("CONTOSO").await, (json!(true), json!([]), json!(5)));
}

#[tokio::test]
async fn delivery_that_had_to_wait_is_evaluated_under_the_same_id_afterwards() {
    let (bench, sender) = Bench::start().await;
    for guess in 0..5 {
        let order = of_line(&format!("TX-{guess}"), WRONG, 0);
        bench.send(&sender, &format!("msg_{guess}"), &order).await.assert_status(201);
    }
    assert_wait(&bench.send(&sender, "msg_late", &usual("TX-9")).await, "60");
    bench.pass(SignedDuration::from_secs(60));
    let expected = with(&confirmed("A123", &usual("TX-9"), NEXT_DAY), "received_at", "2026-11-23T16:05:05Z");
    assert_port_out(&bench.send(&sender, "msg_late", &usual("TX-9")).await, 201, &expected);
    assert_eq!(Records::of(&bench.stack).await.failures("CONTOSO", "A123"), 0);
}

#[tokio::test]
async fn answers_from_before_the_wait_are_told_during_it() {
    let (bench, sender) = Bench::start().await;
    for guess in 0..5 {
        let order = of_line(&format!("TX-{guess}"), WRONG, 0);
        bench.send(&sender, &format!("msg_{guess}"), &order).await.assert_status(201);
    }
    assert_wait(&bench.send(&sender, "msg_5", &usual("TX-5")).await, "60");
    for guess in 0..5 {
        let order = of_line(&format!("TX-{guess}"), WRONG, 0);
        let answer = bench.send(&sender, &format!("msg_{guess}"), &order).await;
        assert_port_out(&answer, 200, &wrong_pin("A123", &order));
    }
}

#[tokio::test]
async fn guesses_of_one_carrier_count_together_whichever_way_they_come() {
    let (bench, first) = Bench::start().await;
    let second = bench.register("acme-2", "A123").await;
    let stranger = bench.register("stranger", "B456").await;
    let guess = |n: usize| of_line(&format!("TX-{n}"), WRONG, 0);
    bench.send(&first, "msg_1", &guess(1)).await.assert_status(201);
    bench.send(&second, "msg_1", &guess(2)).await.assert_status(201);
    bench.submit("A123", &guess(3)).await.assert_status(201);
    bench.send(&first, "msg_2", &guess(4)).await.assert_status(201);
    bench.submit("A123", &guess(5)).await.assert_status(201);
    assert_wait(&bench.send(&second, "msg_2", &usual("TX-6")).await, "60");
    assert_wait(&bench.send(&first, "msg_3", &usual("TX-6")).await, "60");
    // Nobody else has to wait.
    let order = usual("TX-6");
    let expected = confirmed("B456", &order, NEXT_DAY);
    assert_port_out(&bench.send(&stranger, "msg_1", &order).await, 201, &expected);
}

#[tokio::test]
async fn bad_signatures_cost_the_carrier_nothing() {
    let (bench, sender) = Bench::start().await;
    let before = bench.stack.scan().await;
    for guess in 0..20 {
        let delivery = bench.sign(&sender, &format!("msg_{guess}"), &usual("TX-1"));
        let forged = of_line("TX-1", WRONG, 0).to_string();
        bench.deliver(&delivery.of(forged.as_bytes())).await.assert_status(401);
    }
    assert_eq!(bench.stack.scan().await, before);
    bench.send(&sender, "msg_0", &usual("TX-1")).await.assert_status(201);
}
