//! The secrets of webhook sources: derived in KMS when issued, and again to authenticate a caller.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use harness::assertions::bandwidth::{approved, assert_answer};
use harness::clients::bandwidth::{SOURCE, ValidationRequest};
use harness::clients::standard_webhooks::Sender;
use harness::kms::{Alias, Key, MacRequest};
use harness::prelude::*;

use crate::{Setup, right};

/// Returns the KMS request for the secret of a source, by a name of the webhook key.
async fn of_secret(setup: &Setup, key: &str, source: &str, kind: &str) -> MacRequest {
    let (_, salt) = setup.derivation(source).await;
    let message = [format!("webhook-secret/v1\0{source}\0{kind}\0").as_bytes(), &salt].concat();
    MacRequest { key: key.to_owned(), message }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secret_is_derived_under_the_key_in_use_and_again_under_the_same_key_by_its_arn() {
    let setup = Setup::start().await;
    let Alias { name: alias, key: Key { arn, .. }, .. } = setup.kms.webhook().clone();
    let requests = setup.kms.take_requests();
    let bandwidths = async |key: &str| of_secret(&setup, key, "bw", "bandwidth").await;
    let acmes = async |key: &str| of_secret(&setup, key, "acme", "standard-webhooks").await;
    assert_eq!(requests[1..], [bandwidths(&alias).await, acmes(&alias).await]);
    assert_answer(&setup.validate(&right("TX-1", 1)).await, &approved("TX-1"));
    assert!(setup.kms.take_requests().contains(&bandwidths(&arn).await));
    assert_outcome(&setup.deliver(&right("TX-2", 2)).await, Outcome::Confirmed);
    assert!(setup.kms.take_requests().contains(&acmes(&arn).await));
    // Making one draws other bytes; showing one again derives it from the stored ones.
    let before = setup.derivation("acme").await;
    for alias_or_arn in [&alias, &arn] {
        setup.rotate_from("acme", 1).await.assert_status(200);
        assert_eq!(setup.kms.take_requests(), [acmes(alias_or_arn).await]);
    }
    assert_ne!(setup.derivation("acme").await.1, before.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_secret_is_refused_and_nothing_is_stored_or_leaked() {
    let setup = Setup::start().await;
    let before = setup.scan().await;
    setup.kms.take_requests();
    let password = URL_SAFE_NO_PAD.encode([1; 32]);
    let order = right("TX-1", 1);
    let refused = ValidationRequest::of(&order).refused_as_asked(7598);
    assert_answer(&setup.validate_with(&password, &order).await, &refused);
    let signing = Sender::new("acme", &format!("whsec_{}", STANDARD.encode([1; 32])));
    setup.deliver_as(&signing, &right("TX-2", 2)).await.assert_problem(401, "unauthenticated");
    let requests = setup.kms.take_requests();
    // The PIN's MAC is computed at the same time as the secret, to save a round trip, and thrown away.
    let count = |tag: &[u8]| requests.iter().filter(|requests| requests.message.starts_with(tag)).count();
    assert_eq!((count(b"webhook-secret/v1\0"), count(b"port-out-pin/v1\0"), requests.len()), (2, 2, 4));
    assert_eq!(setup.scan().await, before);
    let logs = setup.assert_no_leak(&[PIN]).await;
    assert!(![&password, &setup.secret(SOURCE)].into_iter().any(|secret| logs.contains(secret)));
}
