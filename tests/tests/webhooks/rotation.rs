//! Which secrets are good after a rotation, and for how long.

use crate::bench::{Bench, SOURCE, of_line, path};
use crate::delivery::{SIGNATURE, Sender};
use crate::told::{assert_not_signed, assert_port_out, confirmed};
use crate::{PIN, with};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Counts deliveries, so that each is a new one of another number.
#[derive(Default)]
struct Lines(AtomicUsize);

impl Lines {
    /// Fails unless a new delivery signed with this secret is taken.
    async fn assert_good(&self, bench: &Bench, sender: &Sender) {
        let line = self.0.fetch_add(1, Ordering::SeqCst);
        let order = of_line(&format!("TX-{line}"), PIN, line);
        let answer = bench.send(sender, &format!("msg_{line}"), &order).await;
        let received = bench.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let day = answer.json()["foc_date"].as_str().unwrap_or_default().to_owned();
        assert_port_out(&answer, 201, &with(&confirmed("A123", &order, &day), "received_at", received));
    }

    /// Fails unless one is refused.
    async fn assert_dead(&self, bench: &Bench, sender: &Sender) {
        let line = self.0.load(Ordering::SeqCst);
        let order = of_line(&format!("TX-{line}"), PIN, line);
        assert_not_signed(&bench.send(sender, &format!("msg_{line}"), &order).await);
    }
}

#[tokio::test]
async fn after_a_rotation_both_secrets_are_good_for_a_day_and_then_only_the_new_one() {
    let (bench, old) = Bench::start().await;
    let (new, lines) = (bench.rotate(SOURCE).await, Lines::default());
    lines.assert_good(&bench, &old).await;
    lines.assert_good(&bench, &new).await;
    bench.pass(DAY - MILLISECOND);
    lines.assert_good(&bench, &old).await;
    lines.assert_good(&bench, &new).await;
    bench.pass(MILLISECOND);
    lines.assert_dead(&bench, &old).await;
    lines.assert_good(&bench, &new).await;
    bench.pass(DAY * 1_000);
    lines.assert_dead(&bench, &old).await;
    lines.assert_good(&bench, &new).await;
}

#[tokio::test]
async fn after_two_rotations_the_last_two_secrets_are_good() {
    let (bench, first) = Bench::start().await;
    let (second, lines) = (bench.rotate(SOURCE).await, Lines::default());
    bench.pass(SignedDuration::from_hours(1));
    let third = bench.rotate(SOURCE).await;
    lines.assert_dead(&bench, &first).await;
    lines.assert_good(&bench, &second).await;
    lines.assert_good(&bench, &third).await;
    // A day after the second rotation, not after the first.
    bench.pass(DAY - MILLISECOND);
    lines.assert_good(&bench, &second).await;
    bench.pass(MILLISECOND);
    lines.assert_dead(&bench, &second).await;
    lines.assert_dead(&bench, &first).await;
    lines.assert_good(&bench, &third).await;
}

#[tokio::test]
async fn delivery_signed_with_both_secrets_is_good_before_during_and_after_a_rotation() {
    let (bench, old) = Bench::start().await;
    let lone = bench.sign(&old, "msg_1", &of_line("TX-1", PIN, 1));
    let new = bench.rotate(SOURCE).await;
    let signatures = |id: &str, order: &Value| {
        let (a, b) = (bench.sign(&old, id, order), bench.sign(&new, id, order));
        a.with(SIGNATURE, format!("{} {}", a.headers[SIGNATURE], b.headers[SIGNATURE]))
    };
    bench.deliver(&lone).await.assert_status(201);
    bench.deliver(&signatures("msg_2", &of_line("TX-2", PIN, 2))).await.assert_status(201);
    bench.pass(DAY);
    bench.deliver(&signatures("msg_3", &of_line("TX-3", PIN, 3))).await.assert_status(201);
}

#[tokio::test]
async fn replay_signed_with_the_other_secret_is_the_same_delivery() {
    let (bench, old) = Bench::start().await;
    let order = of_line("TX-1", PIN, 1);
    let first = bench.send(&old, "msg_1", &order).await.assert_json(201);
    let new = bench.rotate(SOURCE).await;
    for sender in [&new, &old] {
        assert_eq!(bench.send(sender, "msg_1", &order).await.assert_json(200), first);
    }
}

#[tokio::test]
async fn neither_a_new_name_nor_deleting_another_source_touches_the_secrets() {
    let (bench, old) = Bench::start().await;
    let (new, lines) = (bench.rotate(SOURCE).await, Lines::default());
    bench.register("other", "A123").await;
    bench.delete("other").await;
    let renamed = json!({"kind": "standard-webhooks", "spid": "A123", "name": "New"});
    bench.operator("PUT", &path(SOURCE), &renamed).await.assert_status(200);
    lines.assert_good(&bench, &old).await;
    lines.assert_good(&bench, &new).await;
    bench.delete(SOURCE).await;
    lines.assert_dead(&bench, &old).await;
    lines.assert_dead(&bench, &new).await;
}
