//! A function that cannot start: it starts all the same, says so in one line, and refuses with data.

use harness::assertions::bandwidth::{approved, assert_answer, assert_challenge, refused_as_asked};
use harness::clients::bandwidth::{SOURCE, basic, notice, request};
use harness::prelude::*;

use crate::{TN, lines, processes};

/// Part of values that no log may repeat.
const CANARY: &str = "canary-4711";

/// Fails unless the function answers every call as one that is not configured, and lives on.
async fn assert_refuses(stack: &Stack, why: &str) {
    let pids = stack.host().pids("bandwidth");
    let credentials = basic(SOURCE, "any password");
    assert_challenge(&stack.bandwidth(SOURCE).send().await.under(why));
    let call = stack.bandwidth(SOURCE).header("authorization", &credentials);
    let answer = call.body("application/xml", request("TX-1").xml()).send().await.under(why);
    assert_answer(&answer, &request("TX-1").refused_as_asked(7598));
    let call = stack.notice(SOURCE).header("authorization", &credentials);
    let answer = call.body("application/xml", notice(&[TN])).send().await.under(why);
    assert_answer(&answer, &refused_as_asked(None, 7598, &[TN]));
    let answer = stack.invoke("bandwidth", &json!({"body": request("TX-1").xml()})).await.under(why);
    assert_answer(&answer, &refused_as_asked(None, 7598, &[TN]));
    assert_eq!(stack.host().pids("bandwidth"), pids, "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn function_that_is_not_configured_refuses_with_data_and_an_error_in_its_log() {
    let cases: [(&[(&str, &str)], &str); 15] = [
        (&[("TABLE_NAME", "")], "TABLE_NAME must be set to the name of the DynamoDB table"),
        (&[("PIN_LOCAL_KEY", "")], "PIN_KEY_ID must be set to a KMS HMAC_256 key"),
        (&[("PIN_KEY_ID", CANARY)], "PIN_KEY_ID and PIN_LOCAL_KEY are both set"),
        (&[("PIN_LOCAL_KEY", CANARY)], "PIN_LOCAL_KEY is not base64"),
        (&[("PIN_PREVIOUS_LOCAL_KEY", CANARY)], "PIN_PREVIOUS_LOCAL_KEY is not base64"),
        (&[("WEBHOOK_LOCAL_KEY", "")], "WEBHOOK_KEY_ID must be set to a KMS HMAC_256 key"),
        (&[("WEBHOOK_LOCAL_KEY", CANARY)], "WEBHOOK_LOCAL_KEY is not base64"),
        (&[("PBKDF2_ITERATIONS", CANARY)], "PBKDF2_ITERATIONS is not a whole number"),
        (&[("COMPANY_HOLIDAYS", CANARY)], "COMPANY_HOLIDAYS "),
        (&[("JWT_KEYS", CANARY)], "JWT_KEYS cannot be used"),
        (&[("JWT_KEYS", "")], "JWT_KEYS must be set too"),
        (&[("LOG_LEVEL", CANARY)], "LOG_LEVEL must be one of"),
        (&[("AWS_REGION", "")], "AWS_REGION must be set"),
        (&[("BANDWIDTH_ADDRESSES", CANARY)], "BANDWIDTH_ADDRESSES must be IP addresses or ranges"),
        (&[("ROUTES", CANARY)], "ROUTES must be carrier or bandwidth"),
    ];
    for (variables, reason) in cases {
        let fixture = Fixture::new().processes(1).functions(&["bandwidth"]).no_restart();
        let fixture = variables.iter().fold(fixture, |fixture, (name, value)| fixture.env(name, value));
        let stack = fixture.start().await;
        assert_refuses(&stack, reason).await;
        let logs = stack.host().stop().await;
        let errors = logs.lines().filter(|line| line.contains("\"level\":\"ERROR\"")).count();
        assert!(logs.contains(&format!("this function cannot start: {reason}")), "{logs}");
        assert_eq!(errors, 4, "one of the start and one of each refusal but the challenge: {logs}");
        assert!(
            !logs.contains(CANARY) && logs.lines().all(|line| line.starts_with("bandwidth: {")),
            "{logs}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn carriers_function_has_no_route_of_bandwidths() {
    let stack = processes(&[TN]).start().await;
    for path in ["bandwidth", "bandwidth/", "bandwidth-port-outs"] {
        let call = stack.call("POST", &format!("/v1/webhooks/{SOURCE}/{path}"));
        let event = call.header("authorization", &stack.credentials()).event();
        stack.invoke("port-out", &event).await.assert_refused(&problems::no_route());
    }
}

/// As in local runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_routes_one_process_serves_carriers_and_bandwidth() {
    let stack = processes(&lines(2)).env("ROUTES", "").start().await;
    let validation = |pon: &str| {
        let call = stack.bandwidth(SOURCE).header("authorization", &stack.credentials());
        call.body("application/xml", request(pon).xml()).event()
    };
    assert_answer(&stack.invoke("port-out", &validation("TX-1")).await, &approved("TX-1"));
    assert_outcome(&stack.submit("B456", &order("TX-2", CONTOSO, PIN, &[tn(101)])).await, Outcome::Confirmed);
    stack.wire().fault(Fault::on("BatchGetItem", Action::access_denied()).forever());
    let answer = stack.invoke("port-out", &validation("TX-3")).await;
    assert_answer(&answer, &request("TX-3").refused_as_asked(7598));
    stack.submit("B456", &order("TX-4", CONTOSO, PIN, &[TN])).await.assert_refused(&unavailable());
}
