//! A KMS that goes away and comes back, while the functions run on.

use harness::assertions::bandwidth::{approved, assert_answer};
use harness::clients::bandwidth::ValidationRequest;
use harness::kms::{Kms, Moto};
use harness::prelude::*;

use crate::{NEW_PIN, Setup, right, wrong};

const FUNCTIONS: [&str; 4] = ["set-pin", "port-out", "bandwidth", "provision"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_kms_is_away_calls_fail_and_after_its_return_the_same_processes_serve_them() {
    let server = Moto::own().await;
    let kms = Kms::on(&server).await;
    let mut setup = Setup::on(kms).await;
    let processes = FUNCTIONS.map(|name| setup.host().pids(name));
    assert_outcome(&setup.submit(&right("TX-1", 1)).await, Outcome::Confirmed);
    let before = setup.scan().await;
    let gone = server.gone().await;
    for order in [right("TX-2", 2), wrong("TX-2", 2)] {
        setup.submit(&order).await.under("no KMS").assert_refused(&unavailable());
        setup.deliver(&order).await.under("no KMS").assert_refused(&unavailable());
        assert_answer(
            &setup.validate(&order).await.under("no KMS"),
            &ValidationRequest::of(&order).refused_as_asked(7598),
        );
    }
    setup.set_pin(CONTOSO, NEW_PIN).await.under("no KMS").assert_refused(&unavailable());
    setup.rotate("acme").await.under("no KMS").assert_refused(&unavailable());
    assert_eq!(setup.scan().await, before);
    let server = gone.again().await;
    setup.kms.turn_to(&server).await;
    assert_outcome(&setup.submit(&wrong("TX-2", 2)).await, Outcome::WrongPin);
    assert_outcome(&setup.submit(&right("TX-3", 2)).await, Outcome::Confirmed);
    assert_outcome(&setup.deliver(&right("TX-4", 3)).await, Outcome::Confirmed);
    assert_answer(&setup.validate(&right("TX-5", 4)).await, &approved("TX-5"));
    setup.rotate("acme").await.assert_status(200);
    setup.set_pin(CONTOSO, PIN).await.assert_status(200);
    assert_eq!(FUNCTIONS.map(|name| setup.host().pids(name)), processes);
}
