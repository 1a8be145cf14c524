//! A KMS that fails for a moment: retries hide it.

use std::time::Instant;

use harness::assertions::bandwidth::{approved, assert_answer};
use harness::kms::Kms;
use harness::kms::outages::error;
use harness::links::{End, Links};
use harness::prelude::*;

use crate::{HOST_TIMEOUT, Setup, right, wrong};

/// What passes by itself.
fn moments() -> Vec<Action> {
    let errors = [
        (400, "ThrottlingException"),
        (500, "KMSInternalException"),
        (500, "KeyUnavailableException"),
        (503, "ServiceUnavailable"),
    ];
    errors
        .map(|(status, name)| error(status, name))
        .into_iter()
        .chain([Action::Drop, Action::PassThenDrop, Action::late_signature()])
        .collect()
}

/// Fails unless that many calls came, one of them in vain.
#[track_caller]
fn assert_asked(setup: &Setup, calls: usize) {
    assert_eq!(setup.kms.take_requests().len(), calls);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_once_is_asked_again_and_succeeds() {
    let setup = Setup::start().await;
    setup.register("other").await.assert_status(201);
    setup.kms.take_requests();
    for (n, action) in moments().into_iter().enumerate() {
        let once = || setup.kms.wire().fault(Fault::on("GenerateMac", action.clone()));
        once();
        setup.set_pin(CONTOSO, PIN).await.assert_status(200);
        assert_asked(&setup, 2);
        once();
        setup.rotate("other").await.assert_status(200);
        assert_asked(&setup, 2);
        once();
        assert_outcome(&setup.submit(&right(&format!("TX-{n}"), 3 * n)).await, Outcome::Confirmed);
        assert_asked(&setup, 2);
        once();
        let pon = format!("BW-{n}");
        assert_answer(&setup.validate(&right(&pon, 3 * n + 1)).await, &approved(&pon));
        assert_asked(&setup, 3);
        once();
        assert_outcome(&setup.deliver(&right(&format!("SW-{n}"), 3 * n + 2)).await, Outcome::Confirmed);
        assert_asked(&setup, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_connections_cost_time_and_no_answer() {
    let kms = Kms::start().await;
    let links = Links::start(kms.wire().url()).await;
    let fixture = Fixture::contoso().processes(1).timeout(HOST_TIMEOUT);
    let stack = kms.guard(fixture).env("AWS_ENDPOINT_URL_KMS", links.url()).start().await;
    for end in [End::Fin, End::Rst, End::Silence] {
        stack.set_pin(CONTOSO, PIN).await.assert_status(200);
        links.end(end);
        let began = Instant::now();
        stack.set_pin(CONTOSO, PIN).await.assert_status(200);
        // What is closed is noticed at once; silence costs one try of two seconds.
        let most = if end == End::Silence { 6 } else { 2 };
        assert!(began.elapsed().as_secs() < most, "{end:?}: {:?}", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_pin_is_counted_once_however_often_kms_was_asked() {
    let setup = Setup::start().await;
    setup.kms.wire().fault(Fault::on("GenerateMac", error(400, "ThrottlingException")).times(2));
    assert_outcome(&setup.submit(&wrong("TX-1", 1)).await, Outcome::WrongPin);
    let state = setup.pin_status(CONTOSO).await.assert_json(200);
    assert_eq!(state["failed_attempts"], 1);
}
