//! schemathesis calls everything in the file on the running service, in each role; every answer conforms to it.

use std::path::Path;

use serde_json::{Value, json};

use crate::file::{changed, root};
use crate::service::Service;
use crate::tools::{Outcome, beside, program, run};

/// Runs it on a service with this token.
async fn ask(service: &Service, file: &Path, token: &str, arguments: &[&str]) -> Outcome {
    // It writes beside itself.
    let folder = tempfile::tempdir().unwrap();
    let mut command = program("schemathesis");
    command
        .current_dir(folder.path())
        .arg("--config-file")
        .arg(beside("schemathesis.toml"))
        .args(["--no-color", "run", "--url", service.stack.url()])
        .args(arguments)
        .arg(file)
        .env("PYTHONPATH", beside(""))
        .env("ROLE_TOKEN", token)
        .env("STANDARD_SECRET", &service.standard_secret)
        .env("BANDWIDTH_SECRET", &service.bandwidth_secret);
    run(&mut command).await
}

/// Starts a service whose account has the examples' PIN.
async fn service() -> Service {
    let service = Service::start().await;
    service.stack.set_pin("CONTOSO", "482913").await.assert_status(201);
    service
}

/// Runs all checks on the operations of these tags, on a new service.
async fn keeps_to_the_file(token: impl Fn(&Service) -> String, arguments: &[&str]) {
    let service = service().await;
    let file = root().join("infra/openapi.yaml");
    let outcome = ask(&service, &file, &token(&service), arguments).await;
    assert!(outcome.content, "{}\n{}", outcome.said, failed_calls(&service.stack.logs()));
    assert!(outcome.said.contains("No issues found"), "{}", outcome.said);
}

/// Returns the log lines of failed calls, to explain a 5xx.
fn failed_calls(logs: &str) -> String {
    logs.lines().filter(|line| line.contains("ERROR")).map(|line| format!("{line}\n")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn service_keeps_to_the_file_towards_the_operator() {
    let operator = |service: &Service| service.stack.tokens().operator();
    keeps_to_the_file(operator, &["--exclude-tag", "webhooks"]).await;
}

/// By itself, as the operator's questions rotate and delete sources; no link leads from one webhook to another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn service_keeps_to_the_file_towards_webhook_sources() {
    keeps_to_the_file(
        |_| String::new(),
        &["--include-tag", "webhooks", "--phases", "examples,coverage,fuzzing"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn service_keeps_to_the_file_towards_an_account_admin() {
    let admin = |service: &Service| service.stack.tokens().account("CONTOSO");
    keeps_to_the_file(admin, &["--exclude-tag", "webhooks"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn service_keeps_to_the_file_towards_a_carrier() {
    let carrier = |service: &Service| service.stack.tokens().carrier("A123");
    keeps_to_the_file(carrier, &["--exclude-tag", "webhooks"]).await;
}

/// Changes of the file that the service does not keep to: (where, what it says then, what is found).
fn lies() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        // An answer under a status that the file does not know.
        (
            "/paths/~1v1~1webhooks~1{source_id}~1port-outs/post/responses",
            json!({"418": {"description": ""}}),
            "Undocumented status code",
        ),
        (
            "/paths/~1v1~1accounts~1{account_id}/get/responses/200/content",
            json!({"text/plain": {}}),
            "Undocumented Content-Type",
        ),
        (
            "/components/schemas/Account/properties/zip_codes",
            json!({"type": "string"}),
            "is not of type \"string\"",
        ),
        (
            "/components/schemas/PortOutValidationResponse/properties/Portable",
            json!({"type": "integer"}),
            "is not of type \"integer\"",
        ),
        ("/components/headers/ETag/schema/pattern", json!("^never$"), "^never$"),
        ("/components/parameters/Limit/schema/maximum", json!(5), "Invalid data should have been rejected"),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lie_in_the_file_is_found() {
    let service = service().await;
    let (_folder, path) = changed(lies().into_iter().map(|(pointer, lie, _)| (pointer, lie)));
    let operator = service.stack.tokens().operator();
    let outcome = ask(&service, &path, &operator, &["--phases", "examples,coverage"]).await;
    assert!(!outcome.content);
    for (pointer, _, finding) in lies() {
        assert!(outcome.said.contains(finding), "{pointer} was not found:\n{}", outcome.said);
    }
}
