//! A delivery that is signed once, and every one-bit change of it.

use futures_util::future::join_all;
use harness::clients::standard_webhooks::{Delivery, ID, SIGNATURE, TIMESTAMP};
use harness::prelude::*;

use crate::{rotate, start};

/// Returns all texts that differ from this one in one bit; those that are not UTF-8 as Latin-1.
fn flipped(text: &str) -> Vec<String> {
    flips(text.as_bytes()).into_iter().map(|bytes| bytes.into_iter().map(char::from).collect()).collect()
}

fn flips(bytes: &[u8]) -> Vec<Vec<u8>> {
    let flip = |bit: usize| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    };
    (0..bytes.len() * 8).map(flip).collect()
}

/// Fails unless all of them are refused alike and leave nothing behind, and the delivery itself is good afterwards.
async fn assert_refused(stack: &Stack, good: &Delivery, changed: Vec<Delivery>, count: usize) {
    assert_eq!(changed.len(), count);
    let before = stack.scan().await;
    let reference = stack.deliver(&good.without(SIGNATURE)).await;
    reference.assert_refused(&problems::not_signed());
    let reference = reference.fingerprint();
    for some in changed.chunks(32) {
        let answers = join_all(some.iter().map(|delivery| stack.deliver(delivery))).await;
        for (answer, delivery) in answers.iter().zip(some) {
            assert_eq!(answer.fingerprint(), reference, "{delivery:?}");
        }
    }
    assert_eq!(stack.scan().await, before);
    assert_confirmed(&stack.deliver(good).await, 201, "A123", &usual("TX-1", PIN));
}

async fn signed() -> (Stack, Delivery) {
    let (stack, sender) = start().await;
    let delivery = stack.sign(&sender, "msg_27UH4WbU6Z5A", &usual("TX-1", PIN));
    (stack, delivery)
}

#[tokio::test]
async fn every_one_bit_change_of_the_body_is_refused() {
    let (stack, good) = signed().await;
    let changed: Vec<_> = flips(&good.body).iter().map(|body| good.of(body)).collect();
    assert_refused(&stack, &good, changed, good.body.len() * 8).await;
}

#[tokio::test]
async fn every_one_bit_change_of_a_header_is_refused() {
    let (stack, good) = signed().await;
    let mut changed = Vec::new();
    for name in [ID, TIMESTAMP, SIGNATURE] {
        changed.extend(flipped(&good.headers[name]).into_iter().map(|value| good.with(name, value)));
    }
    assert_refused(&stack, &good, changed, (16 + 10 + 47) * 8).await;
}

#[tokio::test]
async fn every_one_bit_change_of_each_of_two_signatures_is_refused() {
    let (stack, sender) = start().await;
    let rotated = rotate(&stack, "acme").await;
    let good = stack.sign(&sender, "msg_1", &usual("TX-1", PIN));
    let other = stack.sign(&rotated, "msg_1", &usual("TX-1", PIN));
    let (first, second) = (&good.headers[SIGNATURE], &other.headers[SIGNATURE]);
    let pairs = flipped(first).into_iter().zip(flipped(second));
    let changed: Vec<_> = pairs.map(|(a, b)| good.with(SIGNATURE, format!("{a} {b}"))).collect();
    assert_refused(&stack, &good, changed, 47 * 8).await;
}

#[tokio::test]
async fn nothing_can_be_added_left_out_or_moved() {
    let (stack, good) = signed().await;
    let mut changed = vec![good.of(b"")];
    for at in 0..good.body.len() {
        let mut shorter = good.body.clone();
        shorter.remove(at);
        changed.push(good.of(&shorter));
    }
    for extra in [" ", "\n", "\0", "{", "x"] {
        changed.push(good.of(&[extra.as_bytes(), &good.body].concat()));
        changed.push(good.of(&[&good.body, extra.as_bytes()].concat()));
    }
    let (id, timestamp) = (&good.headers[ID], &good.headers[TIMESTAMP]);
    for (other_id, other_timestamp) in [
        (format!("{id}.{timestamp}"), String::new()),
        (String::new(), format!("{id}.{timestamp}")),
        (format!("{id}.{}", &timestamp[..5]), timestamp[5..].to_owned()),
        (format!("{id} "), timestamp.clone()),
        (format!("{id}."), timestamp.clone()),
        (id.to_uppercase(), timestamp.clone()),
        (id.clone(), format!("0{timestamp}")),
        (id.clone(), format!("+{timestamp}")),
        (id.clone(), format!(" {timestamp}")),
        (id.clone(), format!("{timestamp} ")),
        (id.clone(), format!("{timestamp}.0")),
        (id.clone(), format!("{timestamp}000")),
        (timestamp.clone(), id.clone()),
    ] {
        changed.push(good.with(ID, other_id).with(TIMESTAMP, other_timestamp));
    }
    let count = changed.len();
    assert_refused(&stack, &good, changed, count).await;
}
