//! Another key under the alias: what the old one made stays good and is renewed, and nobody notices.

use crate::asks::Ask;
use crate::bench::{Bench, secret};
use crate::delivery::Sender;
use crate::told::{assert_approved, assert_confirmed, assert_refused_for_pin, assert_wrong_pin};
use crate::{ACCOUNT, PIN};
use harness::kms::Key;

async fn rotated() -> (Bench, Key) {
    let bench = Bench::start().await;
    let new = bench.kms.create_key().await;
    assert_ne!(new, *bench.kms.key());
    bench.kms.point_alias_to(&new).await;
    bench.kms.take_asked();
    (bench, new)
}

fn keys(bench: &Bench) -> Vec<String> {
    bench.kms.take_asked().into_iter().map(|asked| asked.key).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_pin_is_confirmed_under_its_own_key_and_its_digest_renewed_under_the_new_one() {
    let (bench, new) = rotated().await;
    let (alias, old) = (bench.kms.alias().to_owned(), bench.kms.key().arn.clone());
    assert_wrong_pin(&bench.submit(&Ask::wrong("TX-1", 1)).await);
    assert_eq!(keys(&bench), [alias.clone(), old.clone()]);
    assert_eq!(bench.key_of_digest().await, old, "a wrong PIN renews nothing");
    assert_confirmed(&bench.submit(&Ask::right("TX-2", 1)).await);
    assert_eq!(keys(&bench), [alias.clone(), old]);
    assert_eq!(bench.key_of_digest().await, new.arn);
    assert_wrong_pin(&bench.submit(&Ask::wrong("TX-3", 2)).await);
    assert_confirmed(&bench.submit(&Ask::right("TX-4", 2)).await);
    assert_eq!(keys(&bench), [alias.clone(), alias], "the old key is needed no more");
    let state = bench.stack.pin_state(ACCOUNT).await.assert_json(200);
    assert_eq!(
        (&state["pin_version"], &state["failed_attempts"]),
        (&1.into(), &0.into()),
        "no change of the PIN"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn right_pin_through_a_webhook_renews_the_digest_too() {
    for by_bandwidth in [true, false] {
        let (bench, new) = rotated().await;
        if by_bandwidth {
            assert_refused_for_pin(&bench.validate(&Ask::wrong("TX-1", 1)).await);
            assert_eq!(bench.key_of_digest().await, bench.kms.key().arn);
            assert_approved(&bench.validate(&Ask::right("TX-2", 1)).await, "TX-2");
        } else {
            assert_wrong_pin(&bench.deliver(&Ask::wrong("TX-1", 1)).await);
            assert_eq!(bench.key_of_digest().await, bench.kms.key().arn);
            assert_confirmed(&bench.deliver(&Ask::right("TX-2", 1)).await);
        }
        assert_eq!(bench.key_of_digest().await, new.arn);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_pin_is_under_the_new_key_at_once() {
    let (bench, new) = rotated().await;
    bench.stack.set_pin(ACCOUNT, "620948").await.assert_status(200);
    assert_eq!(bench.key_of_digest().await, new.arn);
    assert_wrong_pin(&bench.submit(&Ask::new("TX-1", PIN, 1)).await);
    assert_confirmed(&bench.submit(&Ask::new("TX-2", "620948", 1)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_of_the_old_key_stay_good_until_they_are_rotated_themselves() {
    let (bench, new) = rotated().await;
    assert_approved(&bench.validate(&Ask::right("TX-1", 1)).await, "TX-1");
    assert_confirmed(&bench.deliver(&Ask::right("TX-2", 2)).await);
    let old = bench.kms.key().arn.clone();
    assert_eq!([bench.key_of_source("bw").await, bench.key_of_source("acme").await], [old.clone(), old]);
    let password = secret(&bench.rotate("bw").await.assert_json(200));
    let signing = Sender::new("acme", &secret(&bench.rotate("acme").await.assert_json(200)));
    let now = [bench.key_of_source("bw").await, bench.key_of_source("acme").await];
    assert_eq!(now, [new.arn.clone(), new.arn]);
    // For a day the old secret, of the old key, is as good as the new one.
    assert_approved(&bench.validate_with(&bench.bandwidth, &Ask::right("TX-3", 3)).await, "TX-3");
    assert_approved(&bench.validate_with(&password, &Ask::right("TX-4", 4)).await, "TX-4");
    assert_confirmed(&bench.deliver_as(&bench.sender, &Ask::right("TX-5", 5)).await);
    assert_confirmed(&bench.deliver_as(&signing, &Ask::right("TX-6", 6)).await);
}
