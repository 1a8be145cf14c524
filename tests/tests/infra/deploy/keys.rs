//! `make key-use` counts every record that needs a key, and `make pin-key` makes keys that only the functions can use.

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
    let key = texts("secret_key_id").pop().expect("a source");
    let counted = |name: &str| texts(name).iter().filter(|text| text.contains(&key)).count();
    let expected: BTreeMap<_, _> = NAMING.map(|name| (name.to_owned(), counted(name))).into();
    assert!(expected.values().all(|count| *count > 0), "{expected:?}");

    let key = format!("KEY={key}");
    let variables = [key.as_str(), &format!("TABLE={}", stack.table())];
    let ended = make_at(stack.engine().endpoint(), &access_key(stack.table()), "key-use", &variables).await;
    let lines = ended.output.lines().filter_map(|line| line.split_once('\t'));
    let found: BTreeMap<_, _> =
        lines.map(|(name, count)| (name.to_owned(), count.parse().expect("a count"))).collect();
    assert_eq!(found, expected, "{}", ended.output);
    assert!(!ended.success && ended.output.contains("error: this key is still needed"), "{}", ended.output);

    let unused = make_at(
        stack.engine().endpoint(),
        &access_key(stack.table()),
        "key-use",
        &["KEY=arn:other", variables[1]],
    )
    .await;
    assert!(unused.success, "{}", unused.output);
}
