//! Neither a PIN nor a source's password shows up anywhere, whatever became of the request that carried it.

use harness::assertions::bandwidth::{
    approved, assert_answer, contoso, contoso_without_zip, refused, refused_as_asked,
};
use harness::clients::bandwidth::{SOURCE, basic, request};
use harness::leak_scan::{CANARY, LeakScan, without_noise};
use harness::prelude::*;

use crate::fuzz_mutations::assert_refusal;
use crate::{TN, processes};

const NUMBERS: [&str; 2] = [TN, "2065550101"];

async fn start() -> Stack {
    processes(&NUMBERS).pin(CANARY).env("LOG_LEVEL", "trace").start().await
}

/// Sends the PIN as the right and as a wrong one, in its field and in other places.
async fn carry_everywhere(stack: &Stack) {
    let secret = CANARY;
    stack.assert_validated(&request("R-1").pin(secret), &approved("R-1")).await;
    stack.assert_validated(&request("R-1").pin(secret), &approved("R-1")).await;
    let numbers = &[NUMBERS[1]];
    let acceptable = |code| if code == 7515 { contoso_without_zip(numbers) } else { contoso(numbers) };
    let seven = |pon: &str, code: u16| refused(Some(pon), &[code], acceptable(code));
    let free = |pon: &str| request(pon).numbers(&[NUMBERS[1]]);
    stack.assert_validated(&free("Z-1").pin(secret).zip("10001"), &seven("Z-1", 7515)).await;
    for (n, pin) in [format!("{secret}9"), format!("0{secret}"), format!("pin {secret}!")].iter().enumerate()
    {
        let pon = format!("W-{n}");
        stack.assert_validated(&free(&pon).pin(pin), &seven(&pon, 7513)).await;
    }
    let usual = free("B-1").pin(secret).xml();
    let bodies = [
        usual.replace("</PortOut", ""),
        usual.replace("<Pin>", "<Pin><"),
        usual.replace(secret, &format!("{secret}</Pin><Pin>{secret}")),
        usual.replace("Contoso, Ltd.", &format!("&{secret};")),
        usual.replace("<PortOut", &format!("<!DOCTYPE x [<!ENTITY p \"{secret}\">]><PortOut")),
        usual.replace("98052", secret),
        usual.replace(NUMBERS[1], secret),
        usual.replace("Contoso, Ltd.", &secret.repeat(7_000)),
        format!("{{\"pin\":\"{secret}\"}}"),
        secret.to_owned(),
        format!("\u{0}{secret}"),
    ];
    for body in bodies {
        assert_refusal(&stack.send_xml(body.as_str()).await, body.as_bytes());
    }
    let harmless = usual.replace("B-1", "H-1").replace("98052", "10001");
    let harmless = harmless.replace("Contoso, Ltd.", &format!("{secret}<!--{secret}--><?x {secret}?>"));
    let harmless =
        harmless.replace("</ZipCode>", &format!("</ZipCode><Unknown a=\"{secret}\">{secret}</Unknown>"));
    assert_answer(&stack.send_xml(harmless).await, &seven("H-1", 7515));
    with_faults(stack, &usual).await;
}

async fn with_faults(stack: &Stack, usual: &str) {
    let echo = Action::Error {
        status: 400,
        error_type: "com.amazonaws.dynamodb.v20120810#ValidationException",
        // As an engine might quote what it was given.
        message: "One or more parameter values were invalid: 1947365028",
    };
    for operation in ["GetItem", "BatchGetItem", "TransactWriteItems"] {
        for action in [Action::Garbage, Action::throttled(), echo.clone()] {
            stack.wire().fault(Fault::on(operation, action).forever());
            assert_refusal(&stack.send_xml(usual).await, usual.as_bytes());
            stack.wire().heal();
        }
    }
}

/// Right and wrong passwords in headers, users and paths; none of them is let in.
async fn carry_credentials(stack: &Stack) {
    let password = &stack.secret(SOURCE);
    let headers = [
        basic("bw", &format!("{password}x")),
        basic("bwx", password),
        basic("", password),
        format!("Bearer {password}"),
        format!("Basic {password}"),
        format!("Basic bw:{password}"),
        basic("bw", CANARY),
    ];
    for header in headers {
        let call = stack.bandwidth(SOURCE).header("authorization", &header);
        let answer = call.body("application/xml", request("C-1").pin(WRONG_PIN).xml()).send().await;
        assert_answer(&answer, &request("C-1").refused_as_asked(7598));
    }
    let call = stack.call("POST", &format!("/v1/webhooks/{password}/bandwidth"));
    let answer = call.header("authorization", &basic(password, password)).send().await;
    assert_answer(&answer, &refused_as_asked(None, 7598, &[]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_pin_nor_password_shows_up_in_a_log_an_answer_an_event_or_an_item() {
    let stack = start().await;
    // The password was shown once, when the source was registered.
    let told_before = stack.transcript().len();
    assert!(stack.transcript().contains(&stack.secret(SOURCE)), "so the search works");
    carry_everywhere(&stack).await;
    carry_credentials(&stack).await;
    let mut scan = LeakScan::default();
    scan.pin(CANARY);
    let (password, answers) = (stack.secret(SOURCE), stack.transcript()[told_before..].to_owned());
    scan.text("password", &password);
    scan.text("credentials", &format!("{SOURCE}:{password}"));
    scan.text("header", stack.credentials().trim_start_matches("Basic ").trim_end_matches('='));
    // Each function logs something to search.
    stack.set_pin(CONTOSO, CANARY).await.assert_status(200);
    stack.submit("B456", &order("N-1", CONTOSO, CANARY, &[NUMBERS[1]])).await.assert_status(201);
    stack.pin_status(CONTOSO).await.assert_status(200);
    stack.protect(CONTOSO, false).await.assert_status(200);
    let (logs, items) = scan.assert_absent(&stack, &answers).await;
    let said = without_noise(&logs);
    let name = request("R-1").stored_pon();
    assert!(
        said.contains("\"webhook_portable\":\"true\"") && answers.contains("R-1") && items.contains(&name)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_hold_nothing_personal_of_a_request_but_say_what_became_of_it() {
    let stack = start().await;
    carry_everywhere(&stack).await;
    let said = without_noise(&stack.host().stop().await);
    for personal in ["20655501", CONTOSO, "\"98052", " 98052", "Contoso", "R-1", "W-1", "webhooks/bw"] {
        assert!(!said.contains(personal), "{personal} in a log");
    }
    for fact in [
        "\"http_route\":\"/v1/webhooks/{source_id}/bandwidth\"",
        "\"webhook_portable\":\"false\"",
        "\"webhook_codes\":\"7513\"",
        "\"webhook_codes\":\"7598\"",
        "\"error_kind\":\"unavailable\"",
        "\"error_cause\":\"TransactWriteItems failed\"",
    ] {
        assert!(said.contains(fact), "no {fact}");
    }
}
