//! When a delivery is too old or too new, to the millisecond, and what a timestamp looks like.

use crate::bench::{Bench, NEXT_DAY, later, usual};
use crate::delivery::{ID, SIGNATURE, TIMESTAMP};
use crate::told::{assert_not_signed, assert_port_out, confirmed};
use crate::with;
use jiff::SignedDuration;

const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

#[tokio::test]
async fn delivery_is_good_for_five_minutes_and_not_a_millisecond_longer() {
    let (bench, sender) = Bench::start().await;
    let delivery = bench.sign(&sender, "msg_1", &usual("TX-1"));
    bench.pass(TOLERANCE + MILLISECOND);
    assert_not_signed(&bench.deliver(&delivery).await);
    bench.pass(-MILLISECOND);
    let received = with(&confirmed("A123", &usual("TX-1"), NEXT_DAY), "received_at", "2026-11-23T16:09:05Z");
    assert_port_out(&bench.deliver(&delivery).await, 201, &received);
    bench.pass(MILLISECOND);
    // Not even the first answer is told to a stale one.
    assert_not_signed(&bench.deliver(&delivery).await);
}

#[tokio::test]
async fn sender_whose_clock_is_ahead_may_be_five_minutes_ahead() {
    let (bench, sender) = Bench::start().await;
    let delivery = sender.sign("msg_1", later(bench.now(), 300), &usual("TX-1"));
    bench.pass(-MILLISECOND);
    assert_not_signed(&bench.deliver(&delivery).await);
    bench.pass(MILLISECOND);
    let expected = confirmed("A123", &usual("TX-1"), NEXT_DAY);
    assert_port_out(&bench.deliver(&delivery).await, 201, &expected);
}

#[tokio::test]
async fn stale_and_future_deliveries_are_refused_however_far_away() {
    let (bench, sender) = Bench::start().await;
    let before = bench.stack.scan().await;
    for seconds in [301, 3_600, 86_400, 31_536_000] {
        for at in [later(bench.now(), seconds), later(bench.now(), -seconds)] {
            assert_not_signed(&bench.deliver(&sender.sign("msg_1", at, &usual("TX-1"))).await);
        }
    }
    assert_eq!(bench.stack.scan().await, before);
}

#[tokio::test]
async fn signed_timestamp_that_is_not_plain_digits_is_refused() {
    let (bench, sender) = Bench::start().await;
    let before = bench.stack.scan().await;
    let (good, now) = (bench.sign(&sender, "msg_1", &usual("TX-1")), bench.now().as_second());
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
        let answer = bench.deliver(&delivery).await;
        assert_eq!(answer.status, 401, "{timestamp}");
        assert_not_signed(&answer);
    }
    assert_eq!(bench.stack.scan().await, before);
}

#[tokio::test]
async fn text_of_the_timestamp_is_what_is_signed() {
    let (bench, sender) = Bench::start().await;
    let good = bench.sign(&sender, "msg_1", &usual("TX-1"));
    let zeros = format!("00{}", good.headers[TIMESTAMP]);
    // Zeros in front are digits too, but a signature over the number is none over the text.
    assert_not_signed(&bench.deliver(&good.with(TIMESTAMP, zeros.as_str())).await);
    let signature = sender.signature(&good.headers[ID], &zeros, &good.body);
    let delivery = good.with(TIMESTAMP, zeros).with(SIGNATURE, signature);
    assert_port_out(&bench.deliver(&delivery).await, 201, &confirmed("A123", &usual("TX-1"), NEXT_DAY));
}
