//! A PIN under a KMS key, whichever way the key is named.

use harness::assertions::bandwidth::{approved, assert_answer};
use harness::kms::{Alias, Kms};
use harness::prelude::*;

use crate::{NEW_PIN, Setup, assert_refused_for_pin, of_line, right, wrong};

/// Sets a PIN, sees it set, and brings it right and wrong on every way; the functions know the keys by these names.
async fn assert_works(name: fn(&Alias) -> &str) {
    let setup = Setup::with_keys(Kms::start().await, name).await;
    assert_eq!(setup.key_of_digest().await, setup.kms.pin().key.arn);
    for source in ["bw", "acme"] {
        assert_eq!(setup.derivation(source).await.0, setup.kms.webhook().key.arn);
    }
    assert_state(&setup).await;
    assert_outcome(&setup.submit(&wrong("TX-1", 1)).await, Outcome::WrongPin);
    assert_outcome(&setup.submit(&right("TX-2", 1)).await, Outcome::Confirmed);
    assert_refused_for_pin(&setup.validate(&wrong("TX-3", 2)).await);
    assert_answer(&setup.validate(&right("TX-4", 2)).await, &approved("TX-4"));
    assert_outcome(&setup.deliver(&wrong("TX-5", 3)).await, Outcome::WrongPin);
    assert_outcome(&setup.deliver(&right("TX-6", 3)).await, Outcome::Confirmed);
    setup.assert_no_leak(&[PIN, WRONG_PIN]).await;
}

async fn assert_state(setup: &Setup) {
    let mut state = setup.pin_status(CONTOSO).await.assert_json(200);
    assert!(state["updated_at"].take().is_string());
    let expected = json!({
        "account_id": CONTOSO,
        "pin_set": true,
        "pin_version": 1,
        "updated_at": Value::Null,
        "updated_by": format!("user:admin@{CONTOSO}"),
        "port_out_allowed": true,
        "blocked_by": [],
        "failed_attempts": 0,
        "consecutive_failures": 0,
        "last_failed_at": Value::Null,
        "warnings": [],
    });
    assert_eq!(state, expected);
}

macro_rules! works_with_key_named_by {
    ($($test:ident: $name:expr;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                assert_works($name).await;
            }
        )*
    };
}

works_with_key_named_by! {
    key_named_by_its_alias_guards_a_pin_and_the_digest_names_its_arn: |alias| &alias.name;
    key_named_by_its_id_guards_a_pin_and_the_digest_names_its_arn: |alias| &alias.key.id;
    key_named_by_its_arn_guards_a_pin_and_the_digest_names_it: |alias| &alias.key.arn;
    key_named_by_its_aliass_arn_guards_a_pin_and_the_digest_names_its_own: |alias| &alias.arn;
}

/// One call a PIN, and the functions never look at what they keep to themselves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_asks_kms_for_nothing_and_setting_or_bringing_a_pin_for_one_mac() {
    let setup = Setup::start().await;
    setup.kms.take_requests();
    assert_state(&setup).await;
    assert_eq!(setup.kms.take_requests(), []);
    setup.set_pin(CONTOSO, NEW_PIN).await.assert_status(200);
    assert_eq!(setup.kms.take_requests(), [setup.mac_of_pin(NEW_PIN)]);
    assert_outcome(&setup.submit(&right("TX-1", 1)).await, Outcome::WrongPin);
    assert_eq!(setup.kms.take_requests(), [setup.mac_of_pin(PIN)]);
    // The alias may have moved, so every PIN needs a call; while it has not moved, one is enough.
    assert_outcome(&setup.submit(&of_line("TX-2", NEW_PIN, 1)).await, Outcome::Confirmed);
    assert_eq!(setup.kms.take_requests(), [setup.mac_of_pin(NEW_PIN)]);
    setup.records().await.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_account_has_a_message_of_its_own_for_the_same_pin() {
    let setup = Setup::start().await;
    setup.kms.take_requests();
    setup.seed_with_pin("FABRIKAM", PIN, &["+12065550200"]).await;
    let requests = setup.kms.take_requests();
    let [fabrikam] = requests.as_slice() else { panic!("{} calls", requests.len()) };
    assert_ne!(fabrikam.message, setup.mac_of_pin(PIN).message);
    let message = String::from_utf8_lossy(&fabrikam.message);
    assert!(message.contains("FABRIKAM") && message.contains(PIN), "{message:?}");
    assert_ne!(setup.digest_parts(CONTOSO).await, setup.digest_parts("FABRIKAM").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kms_and_the_table_are_asked_at_the_same_time() {
    let setup = Setup::start().await;
    let held = setup.kms.wire().hold("GenerateMac");
    let gates = [setup.wire().hold("BatchGetItem"), setup.wire().hold("Query")];
    let change = tokio::spawn(setup.pin_change(CONTOSO, NEW_PIN).send());
    for gate in gates.iter().chain([&held]) {
        gate.wait(1).await;
    }
    drop(gates);
    held.let_go(1);
    change.await.unwrap().assert_json(200);
    let gate = setup.wire().hold("BatchGetItem");
    let port_out = tokio::spawn(setup.submission("A123", &of_line("TX-1", NEW_PIN, 0)).send());
    gate.wait(1).await;
    held.wait(2).await;
    gate.release();
    held.release();
    assert_outcome(&port_out.await.unwrap(), Outcome::Confirmed);
}
