//! A KMS that is late or silent: the answer comes in time all the same.

use crate::ACCOUNT;
use crate::asks::Ask;
use crate::bench::Bench;
use crate::told::{
    assert_approved, assert_confirmed, assert_refused_as_trouble, assert_unavailable, assert_wrong_pin,
};
use crate::trouble::assert_works_again;
use futures_util::future::join;
use harness::client::Answer;
use harness::faults::{Action, Fault};
use harness::kms::trouble::{every, of_pin, of_secret, silence};
use std::time::{Duration, Instant};

/// Bandwidth waits 30 s, the gateway as long; after this nobody of ours may still be thinking.
const IN_TIME: Duration = Duration::from_secs(10);

/// An answer, if it comes in time.
async fn timed(call: impl Future<Output = Answer>) -> Answer {
    let began = Instant::now();
    let answer = call.await;
    assert!(began.elapsed() < IN_TIME, "{}: {:?}", answer.call, began.elapsed());
    answer
}

/// All of them wait at once, as each waits for seconds.
async fn assert_in_time(fault: Fault, of_secrets: bool) {
    let bench = Bench::start().await;
    let (before, why) = (bench.items().await, format!("{fault:?}"));
    bench.kms.wire().fault(fault);
    let ask = Ask::right("TX-1", 1);
    let own = async {
        if of_secrets {
            assert_unavailable(&timed(bench.rotate("acme")).await, &why);
            assert_unavailable(&timed(bench.register("other")).await, &why);
        } else {
            assert_unavailable(&timed(bench.stack.set_pin(ACCOUNT, "620948")).await, &why);
        }
    };
    let webhooks = async {
        assert_refused_as_trouble(&timed(bench.validate(&ask)).await, "TX-1", &why);
        assert_unavailable(&timed(bench.deliver(&ask)).await, &why);
        if !of_secrets {
            assert_unavailable(&timed(bench.submit(&ask)).await, &why);
        }
    };
    join(own, webhooks).await;
    assert_eq!(bench.items().await, before);
    assert_works_again(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kms_that_does_not_answer_for_a_pin_is_told_in_time() {
    assert_in_time(every(silence()).when(of_pin), false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kms_that_does_not_answer_for_a_secret_is_told_in_time() {
    assert_in_time(every(silence()).when(of_secret), true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kms_that_is_late_but_answers_is_waited_for() {
    let bench = Bench::start().await;
    bench.kms.wire().fault(every(Action::Delay(Duration::from_millis(1_200))));
    assert_wrong_pin(&timed(bench.submit(&Ask::wrong("TX-1", 1))).await);
    assert_confirmed(&timed(bench.submit(&Ask::right("TX-2", 1))).await);
    assert_approved(&timed(bench.validate(&Ask::right("TX-3", 2))).await, "TX-3");
    assert_confirmed(&timed(bench.deliver(&Ask::right("TX-4", 3))).await);
    timed(bench.rotate("acme")).await.assert_status(200);
    timed(bench.stack.set_pin(ACCOUNT, "620948")).await.assert_status(200);
}
