//! Running functions on a KMS key: an account with a PIN, and a webhook source of either kind.

use crate::delivery::Sender;
use crate::{ACCOUNT, PIN};
use aws_sdk_dynamodb::types::AttributeValue;
use harness::client::Answer;
use harness::engine::Item;
use harness::kms::Kms;
use harness::stack::{Builder, Stack};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// More than any function takes, so that the host ends nothing early.
const OF_HOST: Duration = Duration::from_secs(20);

/// `CONTOSO` with [`PIN`] and forty numbers; the source `bw` of carrier A123, of Bandwidth's kind; the source `acme` of
/// carrier B456, which signs.
pub struct Bench {
    pub kms: Kms,
    pub stack: Stack,
    pub bandwidth: String,
    pub sender: Sender,
}

impl Bench {
    /// On a key under an alias.
    pub async fn start() -> Self {
        let kms = Kms::start().await;
        let builder = kms.stack();
        Self::on(kms, builder).await
    }

    /// On a stack of this KMS.
    pub async fn on(kms: Kms, builder: Builder) -> Self {
        let stack = builder.timeout(OF_HOST).start().await;
        let numbers: Vec<_> = (0..40).map(tn).collect();
        stack.seed(ACCOUNT, &numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
        stack.set_pin(ACCOUNT, PIN).await.assert_status(201);
        let bandwidth = secret(&register(&stack, "bw", "bandwidth", "A123").await.assert_json(201));
        let signing = secret(&register(&stack, "acme", "standard-webhooks", "B456").await.assert_json(201));
        Self { kms, stack, bandwidth, sender: Sender::new("acme", &signing) }
    }

    /// Gives a source a new secret.
    pub async fn rotate(&self, source: &str) -> Answer {
        let call = self.stack.call("POST", &format!("/v1/webhook-sources/{source}/rotate"));
        call.bearer(&self.stack.tokens().operator()).send().await
    }

    /// Registers one more source.
    pub async fn register(&self, source: &str) -> Answer {
        register(&self.stack, source, "standard-webhooks", "C789").await
    }

    /// Every item, in an order of its own.
    pub async fn items(&self) -> Vec<String> {
        let all = self.stack.scan().await;
        let mut all: Vec<_> =
            all.iter().map(|item| format!("{:?}", item.iter().collect::<BTreeMap<_, _>>())).collect();
        all.sort();
        all
    }

    /// The key that the account's digest names.
    pub async fn key_of_digest(&self) -> String {
        let digest = self.item(&format!("ACCOUNT#{ACCOUNT}"), "ACCOUNT").await["pin_digest"].clone();
        digest.as_s().unwrap().split('$').nth(2).expect("a key").to_owned()
    }

    /// The key that a source's secret is derived from.
    pub async fn key_of_source(&self, source: &str) -> String {
        let item = self.item(&format!("WEBHOOK#{source}"), "WEBHOOK").await;
        item["secret_key_id"].as_s().unwrap().clone()
    }

    async fn item(&self, pk: &str, sk: &str) -> Item {
        let is = |item: &Item, name: &str, text: &str| item[name] == AttributeValue::S(text.to_owned());
        let all = self.stack.scan().await;
        all.into_iter().find(|item| is(item, "pk", pk) && is(item, "sk", sk)).expect("no such item")
    }

    /// Stops the functions and fails if they ever wrote or told anything of KMS but an error's name, or any PIN.
    pub async fn assert_silent(&self, pins: &[&str]) -> String {
        let logs = self.stack.host().stop().await;
        let told = self.stack.transcript();
        let key = self.kms.key();
        let inside = [harness::kms::trouble::CANARY, "garbage-canary", "arn:aws", "alias/", &key.id];
        for needle in inside.iter().chain(pins) {
            assert!(!logs.contains(needle), "{needle} in the logs");
            assert!(!told.contains(needle), "{needle} in an answer");
        }
        logs
    }
}

/// A number of the account, of forty.
pub fn tn(line: usize) -> String {
    format!("+1206555{:04}", 100 + line)
}

/// The secret that a source was given.
#[track_caller]
pub fn secret(source: &Value) -> String {
    source["secret"].as_str().expect("a secret").to_owned()
}

async fn register(stack: &Stack, source: &str, kind: &str, spid: &str) -> Answer {
    let call = stack.call("PUT", &format!("/v1/webhook-sources/{source}"));
    call.bearer(&stack.tokens().operator()).json(&json!({"kind": kind, "spid": spid})).send().await
}
