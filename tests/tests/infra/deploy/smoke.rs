//! `make smoke` passes on a running stack, and says what is wrong with one that only seems to work.

use std::process::Command;

use axum::http::{HeaderMap, StatusCode};
use harness::kms::Moto;
use harness::prelude::*;
use tokio::net::TcpListener;

use super::recipe::{Ended, make_at};
use crate::expanded_template::root;

async fn smoke(variables: &[&str]) -> Ended {
    make_at("http://127.0.0.1:9", "none", "smoke", variables).await
}

/// Serves an API that answers everything alike; ends with the runtime.
async fn serve(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let status = StatusCode::from_u16(status).expect("a status");
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
        .collect();
    let router = axum::Router::new().fallback(move || async move { (status, headers, body) });
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_stack_passes_with_tokens_and_skips_what_it_lacks_without() {
    let stack = Fixture::new().processes(1).start().await;
    let api = format!("API={}", stack.url());
    let tokens = stack.tokens();
    let [operator, owner, carrier] = [
        format!("OPERATOR={}", tokens.operator()),
        format!("OWNER={}", tokens.account("SMOKETEST")),
        format!("CARRIER={}", tokens.carrier("SMKE")),
    ];
    for _ in 0..2 {
        let ended = smoke(&[&api, &operator, &owner, &carrier]).await;
        assert!(ended.success, "{}", ended.output);
        assert_eq!(ended.output.matches("ok       ").count(), 8, "{}", ended.output);
        assert!(ended.output.ends_with("0 of 9 checks failed\n"), "{}", ended.output);
    }
    let ended = smoke(&[&api]).await;
    assert!(ended.success && ended.output.matches("skipped  ").count() == 5, "{}", ended.output);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_only_seems_to_work_is_named() {
    let renamed = [("x-amzn-remapped-www-authenticate", "Basic realm=\"x\"")];
    let approving = "<PortOutValidationResponse><Portable>true</Portable></PortOutValidationResponse>";
    let of_other_issuer = r#"{"issuer": "https://other.example.com"}"#;
    for (status, headers, body, part) in [
        (
            401,
            &renamed[..],
            "",
            "FAILED   Bandwidth's first call, without credentials, is challenged: API Gateway renames",
        ),
        (401, &[], "", "challenged: status 401 without WWW-Authenticate: Basic"),
        (401, &[], "", "FAILED   wrong credentials of Bandwidth approve nothing: status 401"),
        (403, &[], "", "FAILED   wrong credentials of Bandwidth approve nothing: status 403"),
        (200, &[], approving, "approve nothing: they approve a port-out"),
        (200, &[], "", "approve nothing: the refusal has no code 7598"),
        (
            200,
            &[],
            of_other_issuer,
            "FAILED   the issuer publishes RSA keys: it calls itself https://other.example.com",
        ),
        (404, &[], "", "publishes RSA keys: its OpenID configuration answers 404"),
        (200, &[], "", "FAILED   a call without a token gets 401: status 200"),
        (
            403,
            &[],
            r#"{"message": "Forbidden"}"#,
            "FAILED   an operator creates an account: status 403 Forbidden",
        ),
        (
            200,
            &[],
            "{}",
            "FAILED   an owner sets a PIN and reads its status: the status says that no PIN is set",
        ),
    ] {
        let url = serve(status, headers, body).await;
        let [api, issuer] = ["API", "ISSUER"].map(|name| format!("{name}={url}"));
        let ended = smoke(&[&api, &issuer, "OPERATOR=x", "OWNER=x", "CARRIER=x"]).await;
        assert!(!ended.success && ended.output.contains(part), "{part}: {}", ended.output);
    }
    let ended = smoke(&["API=http://127.0.0.1:9"]).await;
    assert!(!ended.success && ended.output.contains("does not answer"), "{}", ended.output);
    let ended = smoke(&[]).await;
    assert!(!ended.success && ended.output.contains("error: API must be a URL"), "{}", ended.output);
}

/// Creates a stack in moto, with everything right or wrong.
pub fn stack_in_moto(moto: &Moto, kind: &str, name: &str) {
    let mut python = Command::new(root().join(".tools/moto/bin/python"));
    let script = root().join("tests/tests/infra/deploy/moto_stack.py");
    let output = python.arg("-B").arg(script).args([moto.url(), kind, name]).output().expect("python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Returns what `make smoke` says of a stack in moto.
async fn smoke_in_moto(kind: &str) -> Ended {
    let moto = Moto::own().await;
    stack_in_moto(&moto, kind, "port-out-dev");
    make_at(moto.url(), "k", "smoke", &["STAGE=dev"]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_aws_made_of_the_template_is_checked_with_a_stage() {
    // moto judges no key policy, and has no policy simulator.
    let good = smoke_in_moto("good").await;
    for part in [
        "FAILED   an administrator cannot compute with the PIN key: ",
        "FAILED   an administrator cannot compute with the webhook key: ",
        "ok       the PIN key in use has the policy of the first",
        "ok       the webhook key in use has the policy of the first",
        "skipped  status cannot read a digest: ",
        "ok       every function's alias is at its newest version",
        "ok       someone receives the alarms",
        "ok       no alarm is on",
        "ok       no function was denied access in the last hour",
    ] {
        assert!(good.output.contains(part), "{part}: {}", good.output);
    }
    let bad = smoke_in_moto("bad").await;
    for part in [
        "FAILED   someone receives the alarms: no confirmed",
        "FAILED   no alarm is on: port-out-dev-ApiErrors",
    ] {
        assert!(bad.output.contains(part), "{part}: {}", bad.output);
    }
}
