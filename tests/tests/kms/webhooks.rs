//! The secrets of webhook sources: derived in KMS when given out, and again whenever somebody shows one.

use crate::PIN;
use crate::asks::Ask;
use crate::bench::Bench;
use crate::delivery::Sender;
use crate::told::{assert_approved, assert_confirmed};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use harness::kms::Asked;

fn of_secret(key: &str, source: &str, kind: &str) -> Asked {
    let message = format!("webhook-secret/v1\0{source}\0{kind}\x001").into_bytes();
    Asked { key: key.to_owned(), message }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secret_is_derived_under_the_key_in_use_and_again_under_the_same_key_by_its_arn() {
    let bench = Bench::start().await;
    let (alias, arn) = (bench.kms.alias().to_owned(), bench.kms.key().arn.clone());
    let asked = bench.kms.take_asked();
    let given_out = [of_secret(&alias, "bw", "bandwidth"), of_secret(&alias, "acme", "standard-webhooks")];
    assert_eq!(asked[1..], given_out);
    assert_approved(&bench.validate(&Ask::right("TX-1", 1)).await, "TX-1");
    assert_eq!(bench.kms.take_asked()[0], of_secret(&arn, "bw", "bandwidth"));
    assert_confirmed(&bench.deliver(&Ask::right("TX-2", 2)).await);
    assert_eq!(bench.kms.take_asked()[0], of_secret(&arn, "acme", "standard-webhooks"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_secret_lets_nobody_in_and_no_pin_is_looked_at() {
    let bench = Bench::start().await;
    let before = bench.items().await;
    bench.kms.take_asked();
    let password = URL_SAFE_NO_PAD.encode([1; 32]);
    bench.validate_with(&password, &Ask::right("TX-1", 1)).await.assert_problem(401, "unauthenticated");
    let signing = Sender::new("acme", &format!("whsec_{}", STANDARD.encode([1; 32])));
    bench.deliver_as(&signing, &Ask::right("TX-2", 2)).await.assert_problem(401, "unauthenticated");
    let asked = bench.kms.take_asked();
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|asked| asked.message.starts_with(b"webhook-secret/v1\0")));
    assert_eq!(bench.items().await, before);
    let logs = bench.assert_silent(&[PIN]).await;
    assert!(![&password, &bench.bandwidth].into_iter().any(|secret| logs.contains(secret)));
}
