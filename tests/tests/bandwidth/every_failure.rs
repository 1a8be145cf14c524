//! Every way in which the route can fail, with the bytes that Bandwidth gets: the table of docs/api.md, row by row.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use harness::assertions::bandwidth::assert_challenge;
use harness::clients::bandwidth::{SOURCE, basic, request};
use harness::corrupt_records::s;
use harness::prelude::*;
use tokio::net::TcpListener;

use crate::{IN_TIME, TN, lines, processes};

/// The refusal of the document, to the last byte.
const REFUSAL: &str = r#"<?xml version="1.0" encoding="UTF-8"?><PortOutValidationResponse><Portable>false</Portable><PON>TX-1</PON><Errors><Error><Code>7598</Code><Description>Invalid request, or it cannot be validated now</Description></Error></Errors><AcceptableValues><TelephoneNumbers><TelephoneNumber>2065550100</TelephoneNumber></TelephoneNumbers></AcceptableValues></PortOutValidationResponse>"#;
const DOCUMENT: &str = include_str!("../../../docs/api.md");
/// The rows that the tests here execute; the last two are those of the service's own tests and of `flood`.
const ROWS: [&str; 20] = [
    "no `Authorization` header",
    "a wrong password",
    "a password that was rotated out",
    "another source's credentials",
    "malformed credentials",
    "a deleted source",
    "XML that is not well-formed",
    "a body over 64 KiB",
    "a wait after wrong PINs",
    "DynamoDB fails",
    "DynamoDB throttles the table",
    "DynamoDB does not answer",
    "pooled connections died",
    "a stored record that cannot be",
    "KMS fails",
    "KMS does not answer",
    "broken configuration or a failed self-test",
    "another path, method, or event at this function",
    "a panic",
    "a flood of the other routes",
];
const NEVER: Duration = Duration::from_secs(3600);

/// Sends the usual request with this header and body; fails unless it is refused in time with exactly these bytes.
async fn assert_row(stack: &Stack, row: &str, authorization: &str, body: &str) {
    assert!(ROWS.contains(&row), "{row}");
    let began = Instant::now();
    let call = stack.bandwidth(SOURCE).header("authorization", authorization);
    let answer = call.body("application/xml", body).send().await;
    assert!(began.elapsed() < IN_TIME, "{row}: {:?}", began.elapsed());
    let expected = if body.contains("</Pin>") { REFUSAL } else { &REFUSAL.replace("<PON>TX-1</PON>", "") };
    assert_eq!((answer.status, answer.text().as_str()), (200, expected), "{row}");
    assert_eq!(answer.header("content-type"), "application/xml", "{row}");
}

#[test]
fn document_has_exactly_these_rows_and_shows_the_bytes_of_the_refusal() {
    let (_, table) = DOCUMENT.split_once("| what goes wrong |").expect("the table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let rows: BTreeSet<_> = rows.map(|line| line.split('|').nth(1).unwrap().trim()).collect();
    assert_eq!(rows, BTreeSet::from(ROWS));
    assert!(DOCUMENT.contains(REFUSAL));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_that_are_missing_wrong_old_or_malformed() {
    let stack = processes(&[TN]).source("other", "bandwidth", "B456").start().await;
    assert_challenge(&stack.bandwidth(SOURCE).body("application/xml", request("TX-1").xml()).send().await);
    let xml = request("TX-1").xml();
    let oldest = stack.credentials();
    stack.rotate(SOURCE).await.assert_status(200);
    stack.rotate(SOURCE).await.assert_status(200);
    assert_row(&stack, "a password that was rotated out", &oldest, &xml).await;
    assert_row(&stack, "a wrong password", &basic(SOURCE, "wrong"), &xml).await;
    assert_row(&stack, "another source's credentials", &basic("other", &stack.secret("other")), &xml).await;
    for malformed in ["", "Basic", "Basic *", "Bearer a.b.c"] {
        assert_row(&stack, "malformed credentials", malformed, &xml).await;
    }
    let credentials = stack.credentials();
    stack.delete_source(SOURCE).await;
    assert_row(&stack, "a deleted source", &credentials, &xml).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_cannot_be_read_or_judged() {
    let stack = processes(&lines(10)).start().await;
    let (credentials, xml) = (stack.credentials(), request("TX-1").xml());
    let cut =
        xml.split("<Pin>").next().unwrap().to_owned() + &xml[xml.find("    <TelephoneNumbers>").unwrap()..];
    assert_row(&stack, "XML that is not well-formed", &credentials, &cut.replace("</PON>", "")).await;
    let large = cut.replace("<PON>", &format!("<!--{}--><PON>", "x".repeat(64 * 1024)));
    assert_row(&stack, "a body over 64 KiB", &credentials, &large).await;
    for n in 0..5 {
        let guess = request(&format!("G-{n}")).pin(WRONG_PIN);
        assert!(stack.validate(&guess).await.text().contains("7513"));
    }
    assert_row(&stack, "a wait after wrong PINs", &credentials, &xml).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dynamodb_that_fails_throttles_or_hangs_and_records_that_cannot_be() {
    let stack = processes(&[TN]).start().await;
    let (credentials, xml) = (stack.credentials(), request("TX-1").xml());
    for operation in ["GetItem", "BatchGetItem", "TransactWriteItems"] {
        for (row, action) in [
            ("DynamoDB fails", Action::access_denied()),
            ("DynamoDB fails", Action::Garbage),
            ("DynamoDB fails", Action::Drop),
            ("DynamoDB throttles the table", Action::throttled()),
            ("DynamoDB does not answer", Action::Delay(NEVER)),
        ] {
            stack.wire().fault(Fault::on(operation, action).forever());
            assert_row(&stack, row, &credentials, &xml).await;
            stack.wire().heal();
        }
    }
    stack.corrupt((&format!("PIN#{CONTOSO}"), "PIN"), ("pin_digest", s("no digest"))).await;
    assert_row(&stack, "a stored record that cannot be", &credentials, &xml).await;
}

/// After a freeze, the connections that are open may lead nowhere: each costs a try.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pooled_connections_that_died_cost_tries_and_not_the_answer() {
    let stack = processes(&lines(2)).start().await;
    for (n, dead) in [Action::Drop, Action::Delay(NEVER)].into_iter().enumerate() {
        let validation = request(&format!("TX-{n}")).numbers(&[lines(2)[n].clone()]);
        stack.wire().fault(Fault::any(dead).times(2));
        let began = Instant::now();
        stack
            .assert_validated(&validation, &harness::assertions::bandwidth::approved(&format!("TX-{n}")))
            .await;
        assert!(began.elapsed() < IN_TIME, "{:?}", began.elapsed());
        stack.wire().heal();
    }
    // If every connection is dead, it is as if DynamoDB did not answer.
    stack.wire().fault(Fault::any(Action::Delay(NEVER)).forever());
    assert_row(&stack, "pooled connections died", &stack.credentials(), &request("TX-1").xml()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kms_that_fails_or_hangs() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    for (row, endpoint) in [("KMS fails", "http://127.0.0.1:1"), ("KMS does not answer", silent.as_str())] {
        // The source's secret is of a local key, which this function does not have and asks KMS for.
        let stack = processes(&[TN]).start().await;
        let again = Fixture::new().processes(1).functions(&["bandwidth"]).tables_of(&stack);
        let again = again.env("AWS_ENDPOINT_URL_DYNAMODB", &stack.wire().url_of("bandwidth"));
        let again = again.env("PIN_LOCAL_KEY", "").env("PIN_KEY_ID", "alias/pin");
        let again = again.env("WEBHOOK_LOCAL_KEY", "").env("WEBHOOK_KEY_ID", "alias/webhook");
        let again = again.env("AWS_ENDPOINT_URL_KMS", endpoint).start().await;
        assert_row(&again, row, &stack.credentials(), &request("TX-1").xml()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn function_that_is_not_configured_and_events_that_are_not_requests() {
    let unconfigured = Fixture::new().processes(1).functions(&["bandwidth"]).env("TABLE_NAME", "");
    let stack = unconfigured.start().await;
    assert_row(
        &stack,
        "broken configuration or a failed self-test",
        &basic(SOURCE, "x"),
        &request("TX-1").xml(),
    )
    .await;
    let event = stack.call("GET", "/elsewhere").body("text/xml", request("TX-1").xml()).event();
    let answer = stack.invoke("bandwidth", &event).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, REFUSAL));
}
