//! Which secrets are good after a rotation, and for how long.

use std::sync::atomic::{AtomicUsize, Ordering};

use harness::api::source_path;
use harness::assertions::port_outs::at;
use harness::clients::standard_webhooks::{SIGNATURE, Sender};
use harness::prelude::*;

use crate::{SOURCE, of_line, register, rotate, start};

const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Counts deliveries, so that each is a new one of another number.
#[derive(Default)]
struct Lines(AtomicUsize);

impl Lines {
    /// Fails unless a new delivery signed with this secret is taken.
    async fn assert_good(&self, stack: &Stack, sender: &Sender) {
        let line = self.0.fetch_add(1, Ordering::SeqCst);
        let order = of_line(&format!("TX-{line}"), PIN, line);
        let answer = stack.send(sender, &format!("msg_{line}"), &order).await;
        let received = stack.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let day = answer.json()["foc_date"].as_str().unwrap_or_default().to_owned();
        assert_port_out(&answer, 201, &at(&confirmed("A123", &order, &day), &received));
    }

    /// Fails unless one is refused.
    async fn assert_dead(&self, stack: &Stack, sender: &Sender) {
        let line = self.0.load(Ordering::SeqCst);
        let order = of_line(&format!("TX-{line}"), PIN, line);
        stack.send(sender, &format!("msg_{line}"), &order).await.assert_refused(&problems::not_signed());
    }
}

#[tokio::test]
async fn after_a_rotation_both_secrets_are_good_for_a_day_and_then_only_the_new_one() {
    let (stack, old) = start().await;
    let (new, lines) = (rotate(&stack, SOURCE).await, Lines::default());
    lines.assert_good(&stack, &old).await;
    lines.assert_good(&stack, &new).await;
    stack.pass(DAY - MILLISECOND);
    lines.assert_good(&stack, &old).await;
    lines.assert_good(&stack, &new).await;
    stack.pass(MILLISECOND);
    lines.assert_dead(&stack, &old).await;
    lines.assert_good(&stack, &new).await;
    stack.pass(DAY * 1_000);
    lines.assert_dead(&stack, &old).await;
    lines.assert_good(&stack, &new).await;
}

#[tokio::test]
async fn after_two_rotations_the_last_two_secrets_are_good() {
    let (stack, first) = start().await;
    let (second, lines) = (rotate(&stack, SOURCE).await, Lines::default());
    stack.pass(SignedDuration::from_hours(1));
    let third = rotate(&stack, SOURCE).await;
    lines.assert_dead(&stack, &first).await;
    lines.assert_good(&stack, &second).await;
    lines.assert_good(&stack, &third).await;
    // A day after the second rotation, not after the first.
    stack.pass(DAY - MILLISECOND);
    lines.assert_good(&stack, &second).await;
    stack.pass(MILLISECOND);
    lines.assert_dead(&stack, &second).await;
    lines.assert_dead(&stack, &first).await;
    lines.assert_good(&stack, &third).await;
}

#[tokio::test]
async fn delivery_signed_with_both_secrets_is_good_before_during_and_after_a_rotation() {
    let (stack, old) = start().await;
    let lone = stack.sign(&old, "msg_1", &of_line("TX-1", PIN, 1));
    let new = rotate(&stack, SOURCE).await;
    let signatures = |id: &str, order: &Value| {
        let (a, b) = (stack.sign(&old, id, order), stack.sign(&new, id, order));
        a.with(SIGNATURE, format!("{} {}", a.headers[SIGNATURE], b.headers[SIGNATURE]))
    };
    stack.deliver(&lone).await.assert_status(201);
    stack.deliver(&signatures("msg_2", &of_line("TX-2", PIN, 2))).await.assert_status(201);
    stack.pass(DAY);
    stack.deliver(&signatures("msg_3", &of_line("TX-3", PIN, 3))).await.assert_status(201);
}

#[tokio::test]
async fn replay_signed_with_the_other_secret_is_the_same_delivery() {
    let (stack, old) = start().await;
    let order = of_line("TX-1", PIN, 1);
    let first = stack.send(&old, "msg_1", &order).await.assert_json(201);
    let new = rotate(&stack, SOURCE).await;
    for sender in [&new, &old] {
        assert_eq!(stack.send(sender, "msg_1", &order).await.assert_json(200), first);
    }
}

#[tokio::test]
async fn neither_a_new_name_nor_deleting_another_source_touches_the_secrets() {
    let (stack, old) = start().await;
    let (new, lines) = (rotate(&stack, SOURCE).await, Lines::default());
    register(&stack, "other", "A123").await;
    stack.delete_source("other").await;
    let renamed = json!({"kind": "standard-webhooks", "spid": "A123", "name": "New"});
    stack.operator("PUT", &source_path(SOURCE)).json(&renamed).send().await.assert_status(200);
    lines.assert_good(&stack, &old).await;
    lines.assert_good(&stack, &new).await;
    stack.delete_source(SOURCE).await;
    lines.assert_dead(&stack, &old).await;
    lines.assert_dead(&stack, &new).await;
}
