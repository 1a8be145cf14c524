//! A PIN under a KMS key, whichever way the key is named.

use crate::asks::Ask;
use crate::bench::Bench;
use crate::told::{assert_approved, assert_confirmed, assert_refused_for_pin, assert_wrong_pin};
use crate::{ACCOUNT, PIN};
use harness::kms::{Asked, Kms};
use serde_json::{Value, json};

/// Sets a PIN, sees it set, and brings it right and wrong on every way; the functions know the key by this name.
async fn assert_works(kms: Kms, name: &str) {
    let builder = kms.stack_with(name);
    let bench = Bench::on(kms, builder).await;
    let arn = bench.kms.key().arn.clone();
    assert_eq!(bench.key_of_digest().await, arn);
    assert_eq!([bench.key_of_source("bw").await, bench.key_of_source("acme").await], [arn.clone(), arn]);
    assert_state(&bench).await;
    assert_wrong_pin(&bench.submit(&Ask::wrong("TX-1", 1)).await);
    assert_confirmed(&bench.submit(&Ask::right("TX-2", 1)).await);
    assert_refused_for_pin(&bench.validate(&Ask::wrong("TX-3", 2)).await);
    assert_approved(&bench.validate(&Ask::right("TX-4", 2)).await, "TX-4");
    assert_wrong_pin(&bench.deliver(&Ask::wrong("TX-5", 3)).await);
    assert_confirmed(&bench.deliver(&Ask::right("TX-6", 3)).await);
    bench.assert_silent(&[PIN, crate::WRONG]).await;
}

async fn assert_state(bench: &Bench) {
    let mut state = bench.stack.pin_state(ACCOUNT).await.assert_json(200);
    assert!(state["updated_at"].take().is_string());
    let expected = json!({
        "account_id": ACCOUNT,
        "pin_set": true,
        "pin_version": 1,
        "updated_at": Value::Null,
        "updated_by": format!("admin@{ACCOUNT}"),
        "port_out_allowed": true,
        "blocked_by": [],
        "failed_attempts": 0,
        "warnings": [],
    });
    assert_eq!(state, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_named_by_its_alias_guards_a_pin_and_the_digest_names_its_arn() {
    let kms = Kms::start().await;
    let alias = kms.alias().to_owned();
    assert_works(kms, &alias).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_named_by_its_aliass_arn_guards_a_pin_and_the_digest_names_its_own() {
    let kms = Kms::start().await;
    let alias = kms.key().arn.replace(&format!("key/{}", kms.key().id), kms.alias());
    assert!(alias.starts_with("arn:aws:kms:us-east-1:123456789012:alias/"), "{alias}");
    assert_works(kms, &alias).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_named_by_its_id_guards_a_pin_and_the_digest_names_its_arn() {
    let kms = Kms::start().await;
    let id = kms.key().id.clone();
    assert_works(kms, &id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_named_by_its_arn_guards_a_pin_and_the_digest_names_it() {
    let kms = Kms::start().await;
    let arn = kms.key().arn.clone();
    assert_works(kms, &arn).await;
}

/// One call a PIN, and the functions never look at what they keep to themselves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_asks_kms_for_nothing_and_setting_or_bringing_a_pin_for_one_mac() {
    let bench = Bench::start().await;
    bench.kms.take_asked();
    assert_state(&bench).await;
    assert_eq!(bench.kms.take_asked(), []);
    let of_pin = |pin: &str| {
        let message = format!("port-out-pin/v1\0{ACCOUNT}\0{pin}").into_bytes();
        Asked { key: bench.kms.alias().to_owned(), message }
    };
    bench.stack.set_pin(ACCOUNT, "620948").await.assert_status(200);
    assert_eq!(bench.kms.take_asked(), [of_pin("620948")]);
    assert_wrong_pin(&bench.submit(&Ask::right("TX-1", 1)).await);
    assert_eq!(bench.kms.take_asked(), [of_pin(PIN)]);
}
