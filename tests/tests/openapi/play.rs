//! Plays the file's examples against the running service: what the file shows is what is answered, word for word.

use std::collections::{BTreeMap, BTreeSet};

use harness::client::Answer;
use harness::clients::bandwidth::basic;
use harness::clients::standard_webhooks::Sender;
use harness::tokens::Claims;
use serde_json::Value;

use crate::file::{FILE, example, root};
use crate::script::{Body, NOT_SHOWN, Step, Who, script};
use crate::service::Service;
use crate::tools::{beside, program, run};

/// What differs from run to run, and is compared by its form only.
const VOLATILE: [&str; 6] =
    ["created_at", "updated_at", "received_at", "foc_date", "secret", "previous_secret_valid_until"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_is_what_the_service_answers() {
    let (service, documents) = (Service::start().await, xml_examples().await);
    let mut met = BTreeSet::new();
    for step in script() {
        let answer = ask(&service, &step, &documents).await;
        answer.assert_status(step.status);
        if step.answer == NOT_SHOWN {
            continue;
        }
        let expected = documents.get(step.answer).unwrap_or_else(|| example(step.answer));
        assert_eq!(formed(body(&answer)), formed(expected.clone()), "{}", answer.text());
        met.insert(step.answer);
    }
    assert_eq!(met, shown());
}

/// Returns the names of all examples of answers. Those of our own errors are tested elsewhere.
fn shown() -> BTreeSet<&'static str> {
    let examples = FILE.at("/components/examples").as_object().unwrap().keys().map(String::as_str);
    let is_sent = |name: &str| {
        let kinds =
            ["AccountProfile", "NumbersRequest", "PinRequest", "PortOutRequest", "PortOutValidationRequest"];
        kinds.iter().any(|kind| name.starts_with(kind)) || name == "WebhookSourceRequest"
    };
    let troubles = ["InternalErrorProblem", "TemporarilyUnavailableProblem"];
    examples.filter(|name| !is_sent(name) && !troubles.contains(name)).collect()
}

/// Returns the documents that the values of the XML examples are sent as.
async fn xml_examples() -> BTreeMap<String, Value> {
    let mut command = program("python");
    command.args(["-I", "-B"]).arg(beside("xml_examples.py")).arg(root().join("infra/openapi.yaml"));
    let outcome = run(&mut command).await;
    assert!(outcome.content, "{}", outcome.said);
    serde_json::from_str(&outcome.said).expect("names and documents")
}

async fn ask(service: &Service, step: &Step, documents: &BTreeMap<String, Value>) -> Answer {
    let (stack, tokens) = (&service.stack, service.stack.tokens());
    let call = stack.call(step.method, step.path);
    let call = match step.who {
        Who::Anonymous => call,
        Who::Forger => call.bearer("a.b.c"),
        Who::Owner(account) => call.bearer(&tokens.account(account)),
        Who::Desk => call.bearer(&tokens.sign(&Claims::desk())),
        Who::Carrier(spid) => call.bearer(&tokens.carrier(spid)),
        Who::Operator => call.bearer(&tokens.operator()),
        Who::Bandwidth => call.header("authorization", &basic("bw", &service.bandwidth_secret)),
        Who::Source => {
            let sender = Sender::new("acme", &service.standard_secret);
            let delivery = stack.sign(&sender, &harness::random_hex(8), &step.body.json());
            return delivery.by(call).send().await;
        }
    };
    let call = if step.status == 412 { call.header("if-match", "\"0\"") } else { call };
    match &step.body {
        Body::None => call.send().await,
        Body::Example(name) if documents.contains_key(*name) => {
            call.body("application/xml", documents[*name].as_str().expect("a document")).send().await
        }
        Body::Text(kind, text) => call.body(kind, text.as_str()).send().await,
        Body::Example(_) | Body::Json(_) => call.json(&step.body.json()).send().await,
    }
}

fn body(answer: &Answer) -> Value {
    if answer.header("content-type") == "application/xml" { answer.text().into() } else { answer.json() }
}

/// Replaces volatile texts with their format.
fn formed(mut value: Value) -> Value {
    for (name, field) in value.as_object_mut().into_iter().flatten() {
        if let (true, Some(text)) = (VOLATILE.contains(&name.as_str()), field.as_str()) {
            let sign = |c: char| if c.is_ascii_digit() { '0' } else { c };
            let form: String = text.chars().map(sign).collect();
            *field = if name == "secret" { text.len().into() } else { form.into() };
        }
    }
    value
}
