//! A flood of the other routes: it fills the carriers' function, and not one answer to Bandwidth is late.

use std::time::{Duration, Instant};

use harness::assertions::bandwidth::{approved, assert_challenge, contoso, refused};
use harness::clients::bandwidth::{SOURCE, request};
use harness::prelude::*;
use tokio::task::JoinSet;

use crate::{lines, processes};

/// More than one process does while Bandwidth's requests are answered.
const FLOOD: usize = 600;
/// Far below the 30 seconds that Bandwidth waits, and far more than an idle machine takes.
const LATE: Duration = Duration::from_secs(3);

/// Sends this many requests at once and waits for none: port-outs with a PIN of other accounts, signed and unsigned
/// deliveries.
fn flood(stack: &Stack) -> JoinSet<()> {
    let sender = stack.sender("acme");
    let mut tasks = JoinSet::new();
    for n in 0..FLOOD {
        let body = order(&format!("F-{n}"), "FABRIKAM", PIN, &["+12065550900"]);
        let call = match n % 3 {
            0 => stack.submission("B456", &body),
            1 => stack.sign(&sender, &format!("msg_{n}"), &body).call(stack),
            _ => stack.call("POST", "/v1/webhooks/acme/port-outs").json(&body),
        };
        tasks.spawn(async move { drop(call.try_send().await) });
    }
    tasks
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flooded_native_and_webhook_routes_make_no_answer_to_bandwidth_late() {
    let numbers = lines(12);
    let fixture = processes(&numbers).account("FABRIKAM").numbers(&["+12065550900"]).pin("739154");
    let stack = fixture.source("acme", "standard-webhooks", "C789").start().await;
    let flood = flood(&stack);
    // The carriers' function has work for longer than all of this takes.
    for (n, number) in numbers.iter().enumerate() {
        let began = Instant::now();
        assert_challenge(&stack.bandwidth(SOURCE).send().await);
        let (pon, validation) = (format!("TX-{n}"), request(&format!("TX-{n}")).numbers(&[number]));
        match n % 2 {
            0 => stack.assert_validated(&validation, &approved(&pon)).await,
            _ => {
                let expected = refused(Some(&pon), &[7512], contoso(&[number]));
                stack.assert_validated(&validation.no_pin(), &expected).await;
            }
        }
        assert!(began.elapsed() < LATE, "{pon}: {:?}", began.elapsed());
    }
    let waiting = flood.len() - completed(flood);
    assert!(waiting > 0, "the flood ended before Bandwidth's requests did, so it proves nothing");
}

/// Returns how many tasks of the flood are over, and ends the others.
fn completed(mut tasks: JoinSet<()>) -> usize {
    std::iter::from_fn(|| tasks.try_join_next()).count()
}
