//! A KMS that goes away and comes back, while the functions run on.

use crate::asks::Ask;
use crate::bench::Bench;
use crate::told::{
    assert_approved, assert_confirmed, assert_refused_as_trouble, assert_unavailable, assert_wrong_pin,
};
use crate::{ACCOUNT, PIN};
use harness::kms::{Kms, Moto};

const FUNCTIONS: [&str; 3] = ["set-pin", "port-out", "provision"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_kms_is_away_calls_fail_and_after_its_return_the_same_processes_serve_them() {
    let server = Moto::own().await;
    let kms = Kms::on(&server).await;
    let builder = kms.stack();
    let mut bench = Bench::on(kms, builder).await;
    let processes = FUNCTIONS.map(|name| bench.stack.host().pids(name));
    assert_confirmed(&bench.submit(&Ask::right("TX-1", 1)).await);
    let before = bench.items().await;
    let gone = server.gone().await;
    for ask in [Ask::right("TX-2", 2), Ask::wrong("TX-2", 2)] {
        assert_unavailable(&bench.submit(&ask).await, "no KMS");
        assert_unavailable(&bench.deliver(&ask).await, "no KMS");
        assert_refused_as_trouble(&bench.validate(&ask).await, "TX-2", "no KMS");
    }
    assert_unavailable(&bench.stack.set_pin(ACCOUNT, "620948").await, "no KMS");
    assert_unavailable(&bench.rotate("acme").await, "no KMS");
    assert_eq!(bench.items().await, before);
    let server = gone.again().await;
    bench.kms.turn_to(&server).await;
    assert_wrong_pin(&bench.submit(&Ask::wrong("TX-2", 2)).await);
    assert_confirmed(&bench.submit(&Ask::right("TX-3", 2)).await);
    assert_confirmed(&bench.deliver(&Ask::right("TX-4", 3)).await);
    assert_approved(&bench.validate(&Ask::right("TX-5", 4)).await, "TX-5");
    bench.rotate("acme").await.assert_status(200);
    bench.stack.set_pin(ACCOUNT, PIN).await.assert_status(200);
    assert_eq!(FUNCTIONS.map(|name| bench.stack.host().pids(name)), processes);
}
