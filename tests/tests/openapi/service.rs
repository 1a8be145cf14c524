//! The service as the file's examples find it: CONTOSO with ten numbers, and two sources of webhooks.

use harness::stack::Stack;
use serde_json::{Value, json};

use crate::file::example;

/// A running service, and the secrets of its sources.
pub struct Service {
    pub stack: Stack,
    /// Of the source `acme`, which signs.
    pub standard_secret: String,
    /// Of the source `bw`, Bandwidth's.
    pub bandwidth_secret: String,
}

impl Service {
    /// Starts it; no PIN is set.
    pub async fn start() -> Self {
        let stack = Stack::start().await;
        stack.put_account("CONTOSO", example("AccountProfile")).await.assert_status(201);
        let numbers: Vec<_> = (0..10).map(|line| format!("+1206555010{line}")).collect();
        let numbers: Vec<_> = numbers.iter().map(String::as_str).collect();
        stack.assign("CONTOSO", &numbers).await.assert_status(200);
        let standard_secret = register(&stack, "acme", example("WebhookSourceRequest")).await;
        let bandwidth = json!({"kind": "bandwidth", "spid": "A123"});
        let bandwidth_secret = register(&stack, "bw", &bandwidth).await;
        Self { stack, standard_secret, bandwidth_secret }
    }
}

async fn register(stack: &Stack, source: &str, body: &Value) -> String {
    let call = stack.call("PUT", &format!("/v1/webhook-sources/{source}"));
    let answer = call.bearer(&stack.tokens().operator()).json(body).send().await;
    answer.assert_json(201)["secret"].as_str().expect("a secret").to_owned()
}
