//! Wrong PINs by webhook: counted like any others, and then the carrier waits.

use harness::assertions::port_outs::at;
use harness::clients::standard_webhooks::Sender;
use harness::prelude::*;

use crate::{confirmed, of_line, register, start, wrong_pin};

/// Delivers five wrong PINs; fails unless each is rejected for that alone, under this status.
async fn send_guesses(stack: &Stack, sender: &Sender, status: u16) {
    for guess in 0..5 {
        let order = of_line(&format!("TX-{guess}"), WRONG_PIN, 0);
        let answer = stack.send(sender, &format!("msg_{guess}"), &order).await;
        assert_port_out(&answer, status, &wrong_pin("A123", &order));
    }
}

#[tokio::test]
async fn five_wrong_pins_are_free_and_then_nothing_is_evaluated_or_recorded() {
    let (stack, sender) = start().await;
    send_guesses(&stack, &sender, 201).await;
    stack.submit("A123", &usual("TX-9", PIN)).await.assert_refused(&wait(60));
    let before = stack.scan().await;
    for pin in [PIN, WRONG_PIN] {
        let answer = stack.send(&sender, "msg_late", &with(&usual("TX-9", PIN), "pin", pin)).await;
        answer.assert_refused(&wait(60));
    }
    stack.submit("A123", &usual("TX-9", PIN)).await.assert_refused(&wait(60));
    assert_eq!(stack.scan().await, before);
    stack.assert_pin(CONTOSO, true, &[], 5).await;
}

#[tokio::test]
async fn delivery_that_had_to_wait_is_evaluated_under_the_same_id_afterwards() {
    let (stack, sender) = start().await;
    send_guesses(&stack, &sender, 201).await;
    stack.send(&sender, "msg_late", &usual("TX-9", PIN)).await.assert_refused(&wait(60));
    stack.pass(SignedDuration::from_secs(60));
    let expected = at(&confirmed("A123", &usual("TX-9", PIN)), "2026-11-23T16:05:05Z");
    assert_port_out(&stack.send(&sender, "msg_late", &usual("TX-9", PIN)).await, 201, &expected);
    assert_eq!(stack.records().await.failures(CONTOSO, "A123"), 0);
}

#[tokio::test]
async fn answers_from_before_the_wait_are_told_during_it() {
    let (stack, sender) = start().await;
    send_guesses(&stack, &sender, 201).await;
    stack.send(&sender, "msg_5", &usual("TX-5", PIN)).await.assert_refused(&wait(60));
    send_guesses(&stack, &sender, 200).await;
}

#[tokio::test]
async fn guesses_of_one_carrier_count_together_whichever_way_they_come() {
    let (stack, first) = start().await;
    let second = register(&stack, "acme-2", "A123").await;
    let stranger = register(&stack, "stranger", "B456").await;
    let guess = |n: usize| of_line(&format!("TX-{n}"), WRONG_PIN, 0);
    stack.send(&first, "msg_1", &guess(1)).await.assert_status(201);
    stack.send(&second, "msg_1", &guess(2)).await.assert_status(201);
    stack.submit("A123", &guess(3)).await.assert_status(201);
    stack.send(&first, "msg_2", &guess(4)).await.assert_status(201);
    stack.submit("A123", &guess(5)).await.assert_status(201);
    stack.send(&second, "msg_2", &usual("TX-6", PIN)).await.assert_refused(&wait(60));
    stack.send(&first, "msg_3", &usual("TX-6", PIN)).await.assert_refused(&wait(60));
    // No other carrier has to wait.
    let order = usual("TX-6", PIN);
    let expected = confirmed("B456", &order);
    assert_port_out(&stack.send(&stranger, "msg_1", &order).await, 201, &expected);
}

#[tokio::test]
async fn bad_signatures_cost_the_carrier_nothing() {
    let (stack, sender) = start().await;
    let before = stack.scan().await;
    for guess in 0..20 {
        let delivery = stack.sign(&sender, &format!("msg_{guess}"), &usual("TX-1", PIN));
        let forged = of_line("TX-1", WRONG_PIN, 0).to_string();
        stack.deliver(&delivery.of(forged.as_bytes())).await.assert_status(401);
    }
    assert_eq!(stack.scan().await, before);
    stack.send(&sender, "msg_0", &usual("TX-1", PIN)).await.assert_status(201);
}
