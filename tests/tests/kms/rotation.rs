//! Another key under an alias: digests of the old one stay valid and are renewed without callers noticing, and secrets of
//! the old one stay valid until they are rotated.

use harness::assertions::bandwidth::{approved, assert_answer};
use harness::clients::bandwidth::SOURCE;
use harness::kms::{Alias, Key};
use harness::prelude::*;

use crate::{NEW_PIN, SIGNING, Setup, assert_refused_for_pin, of_line, right, wrong};

/// Points an alias to a new key.
async fn rotate_key(setup: &Setup, alias: &Alias) -> Key {
    let new = setup.kms.create_key().await;
    assert_ne!(new, alias.key);
    setup.kms.point(alias, &new).await;
    setup.kms.take_requests();
    new
}

/// Starts with a new PIN key.
async fn rotated() -> (Setup, Key) {
    let setup = Setup::start().await;
    let new = rotate_key(&setup, setup.kms.pin()).await;
    (setup, new)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_pin_is_confirmed_under_its_own_key_and_its_digest_renewed_under_the_new_one() {
    let setup = Setup::start().await;
    let first = setup.submit(&right("TX-0", 0)).await.assert_json(201);
    let new = rotate_key(&setup, setup.kms.pin()).await;
    let Alias { name: alias, key: Key { arn: old, .. }, .. } = setup.kms.pin().clone();
    assert_outcome(&setup.submit(&wrong("TX-1", 1)).await, Outcome::WrongPin);
    assert_eq!(setup.take_keys(), [alias.clone(), old.clone()]);
    assert_eq!(setup.key_of_digest().await, old, "a wrong PIN renews nothing");
    assert_eq!(setup.submit(&right("TX-0", 0)).await.assert_json(200), first, "by the old fingerprint");
    setup.kms.take_requests();
    assert_outcome(&setup.submit(&right("TX-2", 1)).await, Outcome::Confirmed);
    assert_eq!(setup.take_keys(), [alias.clone(), old]);
    assert_eq!(setup.key_of_digest().await, new.arn);
    assert_outcome(&setup.submit(&wrong("TX-3", 2)).await, Outcome::WrongPin);
    assert_outcome(&setup.submit(&right("TX-4", 2)).await, Outcome::Confirmed);
    assert_eq!(setup.take_keys(), [alias.clone(), alias], "the old key is needed no more");
    let state = setup.pin_status(CONTOSO).await.assert_json(200);
    let kept = ["pin_version", "failed_attempts", "consecutive_failures"].map(|name| &state[name]);
    assert_eq!(kept, [1, 2, 0], "a change of the PIN would forget both wrong ones");
    let records = setup.records().await;
    assert_eq!(records.count_events(CONTOSO, "pin.set"), 1, "a renewal is no change of the PIN");
    records.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn right_pin_through_a_webhook_renews_the_digest_too() {
    for by_bandwidth in [true, false] {
        let (setup, new) = rotated().await;
        if by_bandwidth {
            assert_refused_for_pin(&setup.validate(&wrong("TX-1", 1)).await);
            assert_eq!(setup.key_of_digest().await, setup.kms.pin().key.arn);
            assert_answer(&setup.validate(&right("TX-2", 1)).await, &approved("TX-2"));
        } else {
            assert_outcome(&setup.deliver(&wrong("TX-1", 1)).await, Outcome::WrongPin);
            assert_eq!(setup.key_of_digest().await, setup.kms.pin().key.arn);
            assert_outcome(&setup.deliver(&right("TX-2", 1)).await, Outcome::Confirmed);
        }
        assert_eq!(setup.key_of_digest().await, new.arn);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_pin_is_under_the_new_key_at_once() {
    let (setup, new) = rotated().await;
    setup.set_pin(CONTOSO, NEW_PIN).await.assert_status(200);
    assert_eq!(setup.key_of_digest().await, new.arn);
    assert_outcome(&setup.submit(&right("TX-1", 1)).await, Outcome::WrongPin);
    assert_outcome(&setup.submit(&of_line("TX-2", NEW_PIN, 1)).await, Outcome::Confirmed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_of_the_old_key_stay_good_until_they_are_rotated_themselves() {
    let setup = Setup::start().await;
    let new = rotate_key(&setup, setup.kms.webhook()).await;
    assert_answer(&setup.validate(&right("TX-1", 1)).await, &approved("TX-1"));
    assert_outcome(&setup.deliver(&right("TX-2", 2)).await, Outcome::Confirmed);
    let keys = async || [setup.derivation(SOURCE).await.0, setup.derivation(SIGNING).await.0];
    let old = setup.kms.webhook().key.arn.clone();
    assert_eq!(keys().await, [old.clone(), old]);
    let (old_password, old_sender) = (setup.secret(SOURCE), setup.sender(SIGNING));
    for source in [SOURCE, SIGNING] {
        setup.rotate(source).await.assert_status(200);
    }
    assert_eq!(keys().await, [new.arn.clone(), new.arn]);
    assert_eq!(setup.key_of_digest().await, setup.kms.pin().key.arn, "PINs have a key of their own");
    // For a day the old secret, of the old key, is as good as the new one.
    assert_answer(&setup.validate_with(&old_password, &right("TX-3", 3)).await, &approved("TX-3"));
    assert_answer(&setup.validate(&right("TX-4", 4)).await, &approved("TX-4"));
    assert_outcome(&setup.deliver_as(&old_sender, &right("TX-5", 5)).await, Outcome::Confirmed);
    assert_outcome(&setup.deliver(&right("TX-6", 6)).await, Outcome::Confirmed);
}
