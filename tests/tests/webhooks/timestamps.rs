//! When a delivery is too old or too new, to the millisecond, and what a timestamp looks like.

use harness::assertions::port_outs::at;
use harness::clients::standard_webhooks::{ID, SIGNATURE, TIMESTAMP};
use harness::prelude::*;

use crate::{confirmed, start};

const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

#[tokio::test]
async fn delivery_is_good_for_five_minutes_and_not_a_millisecond_longer() {
    let (stack, sender) = start().await;
    let delivery = stack.sign(&sender, "msg_1", &usual("TX-1", PIN));
    stack.pass(TOLERANCE + MILLISECOND);
    stack.deliver(&delivery).await.assert_refused(&problems::not_signed());
    stack.pass(-MILLISECOND);
    let received = at(&confirmed("A123", &usual("TX-1", PIN)), "2026-11-23T16:09:05Z");
    assert_port_out(&stack.deliver(&delivery).await, 201, &received);
    stack.pass(MILLISECOND);
    // A stale delivery does not get even the first answer.
    stack.deliver(&delivery).await.assert_refused(&problems::not_signed());
}

#[tokio::test]
async fn sender_whose_clock_is_ahead_may_be_five_minutes_ahead() {
    let (stack, sender) = start().await;
    let delivery = sender.sign("msg_1", stack.now() + TOLERANCE, &usual("TX-1", PIN));
    stack.pass(-MILLISECOND);
    stack.deliver(&delivery).await.assert_refused(&problems::not_signed());
    stack.pass(MILLISECOND);
    let expected = confirmed("A123", &usual("TX-1", PIN));
    assert_port_out(&stack.deliver(&delivery).await, 201, &expected);
}

#[tokio::test]
async fn stale_and_future_deliveries_are_refused_however_far_away() {
    let (stack, sender) = start().await;
    let before = stack.scan().await;
    for seconds in [301, 3_600, 86_400, 31_536_000].map(SignedDuration::from_secs) {
        for at in [stack.now() + seconds, stack.now() - seconds] {
            stack
                .deliver(&sender.sign("msg_1", at, &usual("TX-1", PIN)))
                .await
                .assert_refused(&problems::not_signed());
        }
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test]
async fn signed_timestamp_that_is_not_plain_digits_is_refused() {
    let (stack, sender) = start().await;
    let before = stack.scan().await;
    let (good, now) = (stack.sign(&sender, "msg_1", &usual("TX-1", PIN)), stack.now().as_second());
    for timestamp in [
        String::new(),
        format!("+{now}"),
        format!("-{now}"),
        format!(" {now}"),
        format!("{now} "),
        format!("{now}.0"),
        format!("{now}e0"),
        format!("{now}000"),
        format!("{now}, {now}"),
        format!("{now:x}"),
        format!("0x{now:x}"),
        "2026-11-23T16:04:05Z".to_owned(),
        now.to_string().replace('1', "\u{661}"),
        "0".to_owned(),
        "9".repeat(19),
        "9".repeat(400),
        "NaN".to_owned(),
    ] {
        let signature = sender.signature(&good.headers[ID], &timestamp, &good.body);
        let delivery = good.with(TIMESTAMP, timestamp.as_str()).with(SIGNATURE, signature);
        let answer = stack.deliver(&delivery).await;
        assert_eq!(answer.status, 401, "{timestamp}");
        answer.assert_refused(&problems::not_signed());
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test]
async fn text_of_the_timestamp_is_what_is_signed() {
    let (stack, sender) = start().await;
    let good = stack.sign(&sender, "msg_1", &usual("TX-1", PIN));
    let zeros = format!("00{}", good.headers[TIMESTAMP]);
    // Zeros in front are digits too, but a signature over the number is none over the text.
    stack.deliver(&good.with(TIMESTAMP, zeros.as_str())).await.assert_refused(&problems::not_signed());
    let signature = sender.signature(&good.headers[ID], &zeros, &good.body);
    let delivery = good.with(TIMESTAMP, zeros).with(SIGNATURE, signature);
    assert_confirmed(&stack.deliver(&delivery).await, 201, "A123", &usual("TX-1", PIN));
}
