//! A KMS that fails for a moment: nobody notices.

use crate::asks::Ask;
use crate::bench::Bench;
use crate::told::{assert_approved, assert_confirmed, assert_wrong_pin};
use crate::{ACCOUNT, PIN};
use harness::faults::{Action, Fault};
use harness::kms::trouble::error;

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
        .chain([Action::Drop, Action::PassThenDrop])
        .collect()
}

/// Fails unless that many calls came, one of them in vain.
#[track_caller]
fn assert_asked(bench: &Bench, calls: usize) {
    assert_eq!(bench.kms.take_asked().len(), calls);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_once_is_asked_again_and_succeeds() {
    let bench = Bench::start().await;
    bench.register("other").await.assert_status(201);
    bench.kms.take_asked();
    for (n, action) in moments().into_iter().enumerate() {
        let once = || bench.kms.wire().fault(Fault::on("GenerateMac", action.clone()));
        once();
        bench.stack.set_pin(ACCOUNT, PIN).await.assert_status(200);
        assert_asked(&bench, 2);
        once();
        bench.rotate("other").await.assert_status(200);
        assert_asked(&bench, 2);
        once();
        assert_confirmed(&bench.submit(&Ask::right(&format!("TX-{n}"), 3 * n)).await);
        assert_asked(&bench, 2);
        once();
        let pon = format!("BW-{n}");
        assert_approved(&bench.validate(&Ask::right(&pon, 3 * n + 1)).await, &pon);
        assert_asked(&bench, 3);
        once();
        assert_confirmed(&bench.deliver(&Ask::right(&format!("SW-{n}"), 3 * n + 2)).await);
        assert_asked(&bench, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_pin_is_counted_once_however_often_kms_was_asked() {
    let bench = Bench::start().await;
    bench.kms.wire().fault(Fault::on("GenerateMac", error(400, "ThrottlingException")).times(2));
    assert_wrong_pin(&bench.submit(&Ask::wrong("TX-1", 1)).await);
    let state = bench.stack.pin_state(ACCOUNT).await.assert_json(200);
    assert_eq!(state["failed_attempts"], 1);
}
