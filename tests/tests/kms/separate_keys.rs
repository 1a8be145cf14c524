//! The failure of one key stops what needs it, and nothing else.

use std::time::Duration;

use harness::assertions::bandwidth::assert_answer;
use harness::clients::bandwidth::ValidationRequest;
use harness::kms::outages::{error, every, of_pin, of_secret, silence};
use harness::prelude::*;

use crate::{NEW_PIN, SIGNING, Setup, right};

/// Long enough to be seen, and short enough to be waited for.
const LATE: Duration = Duration::from_millis(1_200);

/// Refused, throttled and silent: with any of them, no MAC comes.
fn failures() -> [(&'static str, Action); 3] {
    [
        ("refused", error(400, "AccessDeniedException")),
        ("throttled", error(400, "ThrottlingException")),
        ("silent", silence()),
    ]
}

/// Fails unless a webhook, which needs both keys, is refused.
async fn assert_no_webhook(setup: &Setup, why: &str) {
    let order = right("WH-1", 1);
    setup.deliver(&order).await.under(why).assert_refused(&unavailable());
    let refused = ValidationRequest::of(&order).refused_as_asked(7598);
    assert_answer(&setup.validate(&order).await.under(why), &refused);
}

/// Fails unless sources are registered, transferred, rotated, shown again and deleted.
async fn assert_sources_work(setup: &Setup, why: &str) {
    setup.register("other").await.under(why).assert_status(201);
    let moved = json!({"kind": "standard-webhooks", "spid": "D012"});
    setup.put_source("other", &moved).await.under(why).assert_status(200);
    for _ in 0..2 {
        setup.rotate_from("other", 2).await.under(why).assert_status(200);
    }
    setup.delete_source("other").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_pin_key_sources_are_registered_and_rotated_all_the_same() {
    for (why, action) in failures() {
        let setup = Setup::start().await;
        setup.kms.wire().fault(every(action).when(of_pin));
        assert_sources_work(&setup, why).await;
        setup.set_pin(CONTOSO, NEW_PIN).await.under(why).assert_refused(&unavailable());
        assert_no_webhook(&setup, why).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_webhook_key_pins_are_set_and_carriers_with_tokens_served_all_the_same() {
    for (why, action) in failures() {
        let setup = Setup::start().await;
        setup.kms.wire().fault(every(action).when(of_secret));
        assert_outcome(&setup.submit(&right("TX-1", 2)).await.under(why), Outcome::Confirmed);
        setup.set_pin(CONTOSO, NEW_PIN).await.under(why).assert_status(200);
        setup.rotate(SIGNING).await.under(why).assert_refused(&unavailable());
        let moved = json!({"kind": "standard-webhooks", "spid": "D012"});
        setup.put_source(SIGNING, &moved).await.under(why).assert_refused(&unavailable());
        // A name needs no secret.
        let renamed = json!({"kind": "standard-webhooks", "spid": "B456", "name": "Beta"});
        setup.put_source(SIGNING, &renamed).await.under(why).assert_status(200);
        assert_no_webhook(&setup, why).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_key_delays_only_what_needs_it() {
    let setup = Setup::start().await;
    let took = async |call: Answer, began: std::time::Instant| {
        assert!(call.status < 300, "{}", call.text());
        began.elapsed()
    };
    for (of, pins_are_late) in [(of_pin as fn(&Value) -> bool, true), (of_secret, false)] {
        setup.kms.wire().heal();
        setup.kms.wire().fault(every(Action::Delay(LATE)).when(of));
        let began = std::time::Instant::now();
        let pin = took(setup.set_pin(CONTOSO, PIN).await, began).await;
        let began = std::time::Instant::now();
        let secret = took(setup.rotate(SIGNING).await, began).await;
        assert_eq!((pin >= LATE, secret >= LATE), (pins_are_late, !pins_are_late), "{pin:?} {secret:?}");
    }
}
