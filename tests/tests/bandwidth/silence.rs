//! Neither a PIN nor a source's password shows up anywhere, whatever became of the request that carried it.

use crate::answers::{approved, assert_answer, assert_challenge, contoso, refused};
use crate::ask::Ask;
use crate::bench::basic;
use crate::remote::Remote;
use crate::{TN, WRONG};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use harness::faults::{Action, Fault};
use harness::stack::Stack;
use ring::digest::{SHA256, digest};
use serde_json::Value;

/// Ten digits that stand nowhere else, and are no telephone number.
const CANARY: &str = "1947365028";
const NUMBERS: [&str; 2] = [TN, "2065550101"];

/// A secret in every form in which it might show up.
fn forms(secret: &str) -> Vec<String> {
    let bytes = [secret.as_bytes().to_vec(), digest(&SHA256, secret.as_bytes()).as_ref().to_vec()];
    let of_bytes = |bytes: &Vec<u8>| {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let base64 = [STANDARD_NO_PAD.encode(bytes), URL_SAFE_NO_PAD.encode(bytes)];
        [hex.to_uppercase(), hex, base64[0].clone(), base64[1].clone(), format!("{bytes:?}")]
    };
    bytes.iter().flat_map(of_bytes).chain([secret.to_owned()]).collect()
}

async fn start() -> Remote {
    let builder = Stack::builder().env("LOG_LEVEL", "trace");
    Remote::on(builder, CANARY, &NUMBERS.map(str::to_owned)).await
}

/// The PIN as right and as wrong, in its place and in places that are not for it.
async fn carry_everywhere(remote: &Remote) {
    let secret = CANARY;
    remote.expect(&Ask::usual("R-1").pin(secret), &approved("R-1")).await;
    remote.expect(&Ask::usual("R-1").pin(secret), &approved("R-1")).await;
    let seven = |pon: &str, code: u16| refused(Some(pon), &[code], contoso(&[NUMBERS[1]]));
    let free = |pon: &str| Ask::usual(pon).numbers(&[NUMBERS[1]]);
    remote.expect(&free("Z-1").pin(secret).zip("10001"), &seven("Z-1", 7515)).await;
    for (n, pin) in [format!("{secret}9"), format!("0{secret}"), format!("pin {secret}!")].iter().enumerate()
    {
        let pon = format!("W-{n}");
        remote.expect(&free(&pon).pin(pin), &seven(&pon, 7513)).await;
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
        crate::mutate::assert_refusal(&remote.send(body.as_str()).await, body.as_bytes());
    }
    let harmless = usual.replace("B-1", "H-1").replace("98052", "10001");
    let harmless = harmless.replace("Contoso, Ltd.", &format!("{secret}<!--{secret}--><?x {secret}?>"));
    let harmless =
        harmless.replace("</ZipCode>", &format!("</ZipCode><Unknown a=\"{secret}\">{secret}</Unknown>"));
    assert_answer(&remote.send(harmless).await, &seven("H-1", 7515));
    with_faults(remote, &usual).await;
}

async fn with_faults(remote: &Remote, usual: &str) {
    let echo = Action::Error {
        status: 400,
        error_type: "com.amazonaws.dynamodb.v20120810#ValidationException",
        // As an engine might quote what it was given.
        message: "One or more parameter values were invalid: 1947365028",
    };
    for operation in ["GetItem", "BatchGetItem", "TransactWriteItems"] {
        for action in [Action::Garbage, Action::throttled(), echo.clone()] {
            remote.stack.wire().fault(Fault::on(operation, action).forever());
            crate::mutate::assert_refusal(&remote.send(usual).await, usual.as_bytes());
            remote.stack.wire().heal();
        }
    }
}

/// Right and wrong passwords in headers, users and paths; none of them is let in.
async fn carry_credentials(remote: &Remote) {
    let password = &remote.password;
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
        let call = remote.stack.call("POST", "/v1/webhooks/bw/bandwidth").header("authorization", &header);
        let answer = call.body("application/xml", Ask::usual("C-1").pin(WRONG).xml()).send().await;
        assert_challenge(&answer);
    }
    let call = remote.stack.call("POST", &format!("/v1/webhooks/{password}/bandwidth"));
    assert_challenge(&call.header("authorization", &basic(password, password)).send().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_pin_nor_password_shows_up_in_a_log_an_answer_an_event_or_an_item() {
    let remote = start().await;
    // The password was told once, when the source was registered.
    let told_before = remote.stack.transcript().len();
    assert!(remote.stack.transcript().contains(&remote.password), "so the search works");
    carry_everywhere(&remote).await;
    carry_credentials(&remote).await;
    let logs = remote.stack.host().stop().await;
    let items = format!("{:?}", remote.stack.scan().await);
    let answers = remote.stack.transcript()[told_before..].to_owned();
    let pair = format!("bw:{}", remote.password);
    let header = STANDARD.encode(&pair).trim_end_matches('=').to_owned();
    let secrets = [CANARY, remote.password.as_str(), &pair, header.as_str()];
    let said = said_in(&logs);
    for needle in secrets.into_iter().flat_map(forms) {
        for (place, text) in [("a log", &said), ("an answer", &answers), ("an item or event", &items)] {
            assert!(!text.contains(&needle), "{needle} in {place}");
        }
    }
    assert!(
        said.contains("\"webhook_portable\":\"true\"") && answers.contains("R-1") && items.contains("R-1")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_hold_nothing_personal_of_a_request_but_say_what_became_of_it() {
    let remote = start().await;
    carry_everywhere(&remote).await;
    let said = said_in(&remote.stack.host().stop().await);
    for personal in ["20655501", "CONTOSO", "\"98052", " 98052", "Contoso", "R-1", "W-1", "webhooks/bw"] {
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

/// The lines of a log without what is random or counts time, where any digits may stand by chance.
fn said_in(logs: &str) -> String {
    let line = |line: &str| {
        let Some((function, json)) = line.split_once(": ") else { return line.to_owned() };
        let Ok(Value::Object(mut fields)) = serde_json::from_str(json) else { return line.to_owned() };
        ["timestamp", "request_id", "took_ms"].iter().for_each(|random| drop(fields.remove(*random)));
        format!("{function}: {}\n", Value::Object(fields))
    };
    logs.lines().map(line).collect()
}
