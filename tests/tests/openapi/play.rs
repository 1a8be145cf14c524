//! Plays the file's examples against the running service: what the file shows is what is answered, word for word.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use harness::client::{Answer, CallBuilder};
use harness::clients::bandwidth::basic;
use harness::clients::standard_webhooks::Sender;
use harness::tokens::Claims;
use serde_json::{Value, json};

use crate::file::{FILE, example, root};
use crate::script::{Body, NOT_SHOWN, Step, Who, script};
use crate::service::Service;
use crate::tools::{beside, program, run};

/// What differs from run to run, and is compared by its form only.
const VOLATILE: [&str; 14] = [
    "created_at",
    "updated_at",
    "received_at",
    "entered_at",
    "occurred_at",
    "last_failed_at",
    "at",
    "held_until",
    "foc_date",
    "hold_expires_on",
    "id",
    "next_after",
    "secret",
    "previous_secret_valid_until",
];

/// How long an event can take to be shown, and some time for the calls.
const EVENTS_WITHIN: Duration = Duration::from_secs(40);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_is_what_the_service_answers() {
    let (service, documents) = (Service::start().await, xml_examples().await);
    let mut met = BTreeSet::new();
    for step in script() {
        let answer = settled(&service, &step, &documents).await;
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
        let is_request = name.contains("Request") && !name.ends_with("Problem");
        is_request || name.starts_with("AccountProfile") || name == "BandwidthNotice"
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

/// Asks until the answer shows an event, if it is to show one.
async fn settled(service: &Service, step: &Step, documents: &BTreeMap<String, Value>) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = ask(service, step, documents).await;
        let is_empty = step.answer == "EventsPage" && answer.json()["events"] == json!([]);
        if !is_empty || begun.elapsed() > EVENTS_WITHIN {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
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
        Who::Source => return deliver(service, call, &harness::random_hex(8), step).await,
        Who::Delivery(id) => return deliver(service, call, id, step).await,
    };
    let call = if step.status == 412 { call.header("if-match", "\"0\"") } else { call };
    match &step.body {
        Body::None => call.send().await,
        Body::Example(name) if documents.contains_key(*name) => {
            call.body("application/xml", documents[*name].as_str().expect("a document")).send().await
        }
        Body::Text(kind, text) => call.body(kind, text.as_str()).send().await,
        Body::Example(_) | Body::ExampleNow(..) | Body::Json(_) => call.json(&step.body.json()).send().await,
    }
}

async fn deliver(service: &Service, call: CallBuilder, id: &str, step: &Step) -> Answer {
    let sender = Sender::new("acme", &service.standard_secret);
    service.stack.sign(&sender, id, &step.body.json()).by(call).send().await
}

fn body(answer: &Answer) -> Value {
    if answer.header("content-type") == "application/xml" { answer.text().into() } else { answer.json() }
}

/// Replaces volatile texts with their format, at any depth.
fn formed(value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(formed).collect(),
        Value::Object(fields) => {
            let form = |(name, value): (String, Value)| {
                let form = form_of(&name, formed(value));
                (name, form)
            };
            fields.into_iter().map(form).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn form_of(name: &str, value: Value) -> Value {
    match value.as_str().filter(|_| VOLATILE.contains(&name)) {
        // The id of a port-out follows from what it names, that of an event does not.
        Some(text) if ["id", "next_after"].contains(&name) && !text.contains('-') => value,
        Some(text) if ["id", "next_after", "secret"].contains(&name) => text.len().into(),
        Some(text) => text.replace(|c: char| c.is_ascii_digit(), "0").into(),
        None => value,
    }
}
