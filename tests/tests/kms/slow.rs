//! A KMS that is late or silent: the answer comes in time all the same.

use std::time::{Duration, Instant};

use futures_util::future::join;
use harness::assertions::bandwidth::{approved, assert_answer};
use harness::clients::bandwidth::ValidationRequest;
use harness::kms::outages::{every, of_pin, of_secret, silence};
use harness::prelude::*;

use crate::outages::assert_works_again;
use crate::{NEW_PIN, Setup, right, wrong};

/// Bandwidth and the gateway wait 30 s; every answer must come well before.
const IN_TIME: Duration = Duration::from_secs(10);

/// Returns the answer; fails unless it comes in time.
async fn timed(call: impl Future<Output = Answer>) -> Answer {
    let began = Instant::now();
    let answer = call.await;
    assert!(began.elapsed() < IN_TIME, "{}: {:?}", answer.call, began.elapsed());
    answer
}

/// Fails unless all are refused in time; waits for all at once, because each takes seconds.
async fn assert_in_time(fault: Fault, of_secrets: bool) {
    let setup = Setup::start().await;
    let (before, why) = (setup.scan().await, format!("{fault:?}"));
    setup.kms.wire().fault(fault);
    let order = right("TX-1", 1);
    let own = async {
        if of_secrets {
            timed(setup.rotate("acme")).await.under(&why).assert_refused(&unavailable());
            timed(setup.register("other")).await.under(&why).assert_refused(&unavailable());
        } else {
            timed(setup.set_pin(CONTOSO, NEW_PIN)).await.under(&why).assert_refused(&unavailable());
        }
    };
    let webhooks = async {
        assert_answer(
            &timed(setup.validate(&order)).await.under(&why),
            &ValidationRequest::of(&order).refused_as_asked(7598),
        );
        timed(setup.deliver(&order)).await.under(&why).assert_refused(&unavailable());
        if !of_secrets {
            timed(setup.submit(&order)).await.under(&why).assert_refused(&unavailable());
        }
    };
    join(own, webhooks).await;
    assert_eq!(setup.scan().await, before);
    assert_works_again(&setup).await;
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
    let setup = Setup::start().await;
    setup.kms.wire().fault(every(Action::Delay(Duration::from_millis(1_200))));
    assert_outcome(&timed(setup.submit(&wrong("TX-1", 1))).await, Outcome::WrongPin);
    assert_outcome(&timed(setup.submit(&right("TX-2", 1))).await, Outcome::Confirmed);
    assert_answer(&timed(setup.validate(&right("TX-3", 2))).await, &approved("TX-3"));
    assert_outcome(&timed(setup.deliver(&right("TX-4", 3))).await, Outcome::Confirmed);
    timed(setup.rotate("acme")).await.assert_status(200);
    timed(setup.set_pin(CONTOSO, NEW_PIN)).await.assert_status(200);
}
