//! The official Python library as the client, with nothing of ours between it and the running functions.

use std::path::Path;
use std::process::Stdio;

use harness::clients::standard_webhooks::{Delivery, SIGNATURE, Sender};
use harness::prelude::*;
use jiff::Timestamp;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::{SOURCE, assert_shown, fixture, of_line, rotate, started};

/// Has the library do these things, one after the other.
async fn library(tasks: &[Value]) -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    let python = root.join(".venv/bin/python");
    let missing = "the official library standardwebhooks is not in .venv: `make test` installs it";
    assert!(python.exists(), "{missing}");
    let script = root.join("tests/tests/webhooks/official_client.py");
    let (input, output, errors) = (Stdio::piped(), Stdio::piped(), Stdio::piped());
    let mut client = Command::new(python)
        .arg("-I")
        .arg(script)
        .stdin(input)
        .stdout(output)
        .stderr(errors)
        .kill_on_drop(true)
        .spawn()
        .expect("no Python");
    let lines: String = tasks.iter().map(|task| format!("{task}\n")).collect();
    // It may end early; its errors are shown below.
    let _ = client.stdin.take().expect("a pipe").write_all(lines.as_bytes()).await;
    let ended = client.wait_with_output().await.expect("no output");
    let (said, errors) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(!errors.contains("ModuleNotFoundError"), "{missing}\n{errors}");
    assert!(ended.status.success(), "{errors}");
    said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Has the library sign a body with this secret and send it.
fn send(stack: &Stack, secret: &str, id: &str, body: &str) -> Value {
    let url = format!("{}/v1/webhooks/{SOURCE}/port-outs", stack.url());
    json!({"do": "send", "url": url, "secret": secret, "id": id, "body": body})
}

/// Has the library send one body.
async fn sent(stack: &Stack, secret: &str, id: &str, body: &str) -> Answer {
    answer(&library(&[send(stack, secret, id, body)]).await[0])
}

/// Parses an answer as the library received it.
fn answer(told: &Value) -> Answer {
    let headers = told["headers"].as_object().expect("headers");
    let pair = |(name, value): (&String, &Value)| {
        (name.parse().expect("a name"), value.as_str().expect("text").parse().expect("a value"))
    };
    Answer {
        call: "official library".to_owned(),
        status: told["status"].as_u64().and_then(|status| status.try_into().ok()).expect("a status"),
        headers: headers.iter().map(pair).collect(),
        body: told["body"].as_str().expect("a body").into(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_library_signs_is_taken_and_sent_again_gets_the_first_answer() {
    let (stack, sender) = started(fixture().processes(1)).await;
    let body = usual("TX-1", PIN).to_string();
    let first = sent(&stack, &sender.secret, "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", &body).await;
    assert_shown(&stack, &first, 201, &usual("TX-1", PIN), Outcome::Confirmed).await;
    let again = sent(&stack, &sender.secret, "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", &body).await;
    assert_shown(&stack, &again, 200, &usual("TX-1", PIN), Outcome::Confirmed).await;
    assert_eq!(stack.records().await.port_out_events(), [["port_out.confirmed", "webhook:acme", "A123"]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_library_signs_of_any_text_is_taken_byte_for_byte() {
    let (stack, sender) = started(fixture().processes(1)).await;
    let wrong = of_line("TX-1", WRONG_PIN, 1);
    let pretty = serde_json::to_string_pretty(&wrong).unwrap() + "\r\n";
    let answer = sent(&stack, &sender.secret, "msg_1", &pretty).await;
    assert_shown(&stack, &answer, 201, &wrong, Outcome::WrongPin).await;
    let foreign = with(&of_line("TX-2", WRONG_PIN, 2), "pin", "٤٨٢٩١٣ – 🔑");
    let answer = sent(&stack, &sender.secret, "msg_2", &foreign.to_string()).await;
    assert_shown(&stack, &answer, 201, &foreign, Outcome::WrongPin).await;
    let problem = sent(&stack, &sender.secret, "msg_3", "ünlesbar").await;
    problem.assert_problem(400, "malformed_request");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_library_signs_with_another_secret_is_refused() {
    let (stack, _) = started(fixture().processes(1)).await;
    let before = stack.scan().await;
    let other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    sent(&stack, other, "msg_1", &usual("TX-1", PIN).to_string())
        .await
        .assert_refused(&problems::not_signed());
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_rotation_the_library_may_sign_with_either_secret() {
    let (stack, old) = started(fixture().processes(1)).await;
    let new = rotate(&stack, SOURCE).await;
    for (n, sender) in [old, new].iter().enumerate() {
        let order = of_line(&format!("TX-{n}"), PIN, n);
        let answer = sent(&stack, &sender.secret, &format!("msg_{n}"), &order.to_string()).await;
        assert_shown(&stack, &answer, 201, &order, Outcome::Confirmed).await;
    }
}

/// Returns the command that has the library verify a delivery.
fn verify(secret: &str, delivery: &Delivery) -> Value {
    let body = String::from_utf8(delivery.body.clone()).expect("text");
    json!({"do": "verify", "secret": secret, "headers": delivery.headers, "body": body})
}

#[tokio::test]
async fn library_verifies_what_our_own_signer_signs_and_nothing_else() {
    let sender = Sender::new(SOURCE, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=");
    let now = Timestamp::now();
    let good = sender.sign("msg_1", now, &with(&usual("TX-1", PIN), "pin", "4829-ü"));
    let two = format!("v1,{} {}", "A".repeat(43) + "=", good.headers[SIGNATURE]);
    let long_ago = Timestamp::from_second(now.as_second() - 3_600).unwrap();
    let told = library(&[
        verify(&sender.secret, &good),
        verify(&sender.secret, &good.with(SIGNATURE, two)),
        verify("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", &good),
        verify(&sender.secret, &good.of(format!("{{\"tn\":\"{TN}\"}}").as_bytes())),
        verify(&sender.secret, &sender.sign("msg_1", long_ago, &usual("TX-1", PIN))),
    ])
    .await;
    let verified: Vec<_> = told.iter().map(|one| one["verified"] == true).collect();
    assert_eq!(verified, [true, true, false, false, false], "{told:?}");
}
