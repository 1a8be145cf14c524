//! `make key-use` counts every record that needs a key, of either kind.

use std::collections::BTreeMap;

use harness::clients::standard_webhooks;
use harness::engine::access_key;
use harness::prelude::*;

use super::recipe::make_at;

const NAMING: [&str; 4] = ["pin_parameters", "pin_fingerprint", "secret_key_id", "previous_key_id"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_record_that_names_a_key_is_counted() {
    let stack = Fixture::contoso().start().await;
    stack.submit("A123", &usual("TX-1", PIN)).await.assert_status(201);
    stack.register("acme", standard_webhooks::KIND, "A123").await;
    stack.rotate("acme").await.assert_status(200);
    let items = stack.scan().await;
    let texts = |name: &str| -> Vec<String> {
        items.iter().filter_map(|item| item.get(name)?.as_s().ok().cloned()).collect()
    };
    let key_use = async |key: &str| {
        let variables = [&*format!("KEY={key}"), &*format!("TABLE={}", stack.table())];
        make_at(stack.engine().endpoint(), &access_key(stack.table()), "key-use", &variables).await
    };
    let parameters = texts("pin_parameters").pop().expect("a PIN");
    let pin_key = parameters.split('$').nth(2).expect("a key").to_owned();
    let webhook_key = texts("secret_key_id").pop().expect("a source");
    for (key, needing) in [(pin_key, &NAMING[..2]), (webhook_key, &NAMING[2..])] {
        let counted = |name: &str| texts(name).iter().filter(|text| text.contains(&key)).count();
        let expected: BTreeMap<_, _> = NAMING.map(|name| (name.to_owned(), counted(name))).into();
        let is_right = |name: &&str| (expected[*name] > 0) == needing.contains(name);
        assert!(NAMING.iter().all(is_right), "{expected:?}");

        let ended = key_use(&key).await;
        let lines = ended.output.lines().filter_map(|line| line.split_once('\t'));
        let found: BTreeMap<_, _> =
            lines.map(|(name, count)| (name.to_owned(), count.parse().expect("a count"))).collect();
        assert_eq!(found, expected, "{}", ended.output);
        assert!(
            !ended.success && ended.output.contains("error: this key is still needed"),
            "{}",
            ended.output
        );
    }
    let unused = key_use("arn:other").await;
    assert!(unused.success, "{}", unused.output);
}
