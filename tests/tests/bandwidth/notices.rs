//! Bandwidth's notice that numbers were ported out: it is compared with the confirmed port-outs, and changes nothing.

use harness::assertions::bandwidth::{approved, assert_answer, assert_challenge, refused_as_asked};
use harness::clients::bandwidth::{SOURCE, basic, notice, request};
use harness::prelude::*;

use crate::{TN, processes};

/// Returns the warnings that a notice with an uncovered number sets off, as counts of numbers.
fn uncovered(logs: &str) -> Vec<u64> {
    let lines = logs.lines().filter_map(|line| line.split_once(": ")).map(|(_, json)| json);
    let lines = lines.filter_map(|json| serde_json::from_str::<Value>(json).ok());
    let warnings = lines.filter(|line| {
        line["level"] == "WARN"
            && line["http_route"].as_str().is_some_and(|route| route.ends_with("port-outs"))
    });
    warnings.filter_map(|line| line["webhook_uncovered_numbers"].as_u64()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notice_is_answered_204_and_warns_of_numbers_that_no_confirmed_port_out_holds() {
    let stack = processes(&tns(100, 3)).start().await;
    stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
    let before = stack.records().await;
    let many: Vec<_> = (0..250).map(|n| format!("212555{n:04}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    for numbers in [
        &[TN][..],
        &[TN, TN],
        &[],
        &["2065550101"],
        &[TN, "2065550101", "2065550999"],
        &[TN, "not a number"],
        &many,
    ] {
        let answer = stack.notify(numbers).await;
        assert_eq!((answer.status, answer.text()), (204, String::new()), "{numbers:?}");
    }
    assert_eq!(stack.records().await, before, "nothing is moved");
    let logs = stack.host().stop().await;
    assert_eq!(uncovered(&logs), [1, 2, 1, 250], "{logs}");
    assert!(!logs.contains("20655501"), "{logs}");
}

/// A notice may come after the desk's record of the same port.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_that_were_ported_with_a_port_out_are_covered_and_those_of_an_ended_one_are_not() {
    let stack = processes(&tns(100, 3)).start().await;
    let validations = [TN, "2065550101"].map(|number| request("TX-1").numbers(&[number]));
    for validation in &validations {
        stack.assert_validated(validation, &approved("TX-1")).await;
    }
    let records = stack.records().await;
    let [ported, cancelled] = validations.map(|it| records.port_out_id(&it.stored_pon(), "01"));
    stack.activate(&ported, &["+12065550100"]).await.assert_status(200);
    stack.cancel(CONTOSO, &cancelled, "changed_mind").await.assert_status(200);
    for numbers in [&[TN][..], &[TN, "2065550101"]] {
        let answer = stack.notify(numbers).await;
        assert_eq!((answer.status, answer.text()), (204, String::new()), "{numbers:?}");
    }
    let logs = stack.host().stop().await;
    assert_eq!(uncovered(&logs), [1], "{logs}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notice_needs_the_sources_credentials() {
    let stack = processes(&[TN]).start().await;
    let before = stack.records().await;
    assert_challenge(&stack.notice(SOURCE).send().await);
    assert_challenge(&stack.notice(SOURCE).body("application/xml", notice(&[TN])).send().await);
    for header in [basic(SOURCE, "wrong"), "Basic x".to_owned(), String::new()] {
        let call = stack.notice(SOURCE).header("authorization", &header);
        let answer = call.body("application/xml", notice(&[TN])).send().await;
        assert_answer(&answer, &refused_as_asked(None, 7598, &[TN]));
    }
    assert_eq!(stack.records().await, before);
    let logs = stack.host().stop().await;
    assert_eq!(logs.matches("\"webhook_credentials\":\"refused\"").count(), 3, "{logs}");
}

/// A validation that is sent to the wrong URL must not be taken for approved.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_a_notice_is_refused_like_a_validation_and_logged_as_an_error() {
    let stack = processes(&[TN]).start().await;
    let bodies = [
        request("TX-1").xml(),
        String::new(),
        "{}".to_owned(),
        notice(&[TN]).replace("</Notification>", ""),
        notice(&[TN]).replace("<Notification>", "<!DOCTYPE x><Notification>"),
    ];
    for body in &bodies {
        let call = stack.notice(SOURCE).header("authorization", &stack.credentials());
        let answer = call.body("application/xml", body.as_str()).send().await;
        let pon = if body.contains("TX-1") { Some("TX-1") } else { None };
        let numbers: &[&str] = if body.contains(TN) { &[TN] } else { &[] };
        assert_answer(&answer, &refused_as_asked(pon, 7598, numbers));
    }
    stack.wire().fault(Fault::on("BatchGetItem", Action::access_denied()).forever());
    assert_answer(&stack.notify(&[TN]).await, &refused_as_asked(None, 7598, &[TN]));
    let logs = stack.host().stop().await;
    let errors = logs.lines().filter(|line| line.starts_with("bandwidth") && line.contains("\"ERROR\""));
    assert_eq!(errors.count(), bodies.len() + 1, "{logs}");
}
