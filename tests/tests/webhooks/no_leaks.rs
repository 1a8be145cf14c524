//! No PIN, no webhook secret and no signature shows up anywhere but in the answers that show a new secret; and what a secret
//! is derived from shows up nowhere but in the source's item.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::api::source_path;
use harness::clients::standard_webhooks::{ID, SIGNATURE, Sender, TIMESTAMP};
use harness::leak_scan::{CANARY, LeakScan};
use harness::prelude::*;
use harness::records::{dump, maybe_text, text};
use jiff::Timestamp;

use crate::{SOURCE, fixture, of_line, rotate, started};

const KEY: [u8; 32] = *b"a webhook key of 32 bytes, local";

/// Starts functions that log as much as they can; each logs a first line.
async fn loud() -> (Stack, Sender) {
    let loud = fixture().processes(1).env("LOG_LEVEL", "trace");
    let (stack, sender) = started(loud.env("WEBHOOK_LOCAL_KEY", &STANDARD.encode(KEY))).await;
    stack.set_pin(CONTOSO, CANARY).await.assert_status(200);
    stack.pin_status(CONTOSO).await.assert_status(200);
    stack.protect(CONTOSO, false).await.assert_status(200);
    (stack, sender)
}

/// Searches everything that was logged and stored, and these answers.
async fn assert_no_leak(stack: &Stack, scan: &LeakScan, answers: &str) {
    let (_, items) = scan.assert_absent(stack, answers).await;
    assert!(items.contains("webhook_source.registered") && items.contains("SOURCE#acme"), "{items}");
}

/// Sends a body every way that is refused or taken, and notes every signature.
async fn send_in_every_way(stack: &Stack, sender: &Sender, id: &str, body: &[u8], scan: &mut LeakScan) {
    let good = sender.bytes(id, Timestamp::now(), body);
    scan.signature(&good.headers[SIGNATURE]);
    let stale = sender.bytes(id, Timestamp::UNIX_EPOCH, body);
    scan.signature(&stale.headers[SIGNATURE]);
    for refused in [
        good.without(SIGNATURE),
        good.without(ID),
        good.with(TIMESTAMP, CANARY),
        good.with(SIGNATURE, format!("v1,{CANARY}")),
        good.with(SIGNATURE, sender.secret.as_str()),
        good.with(ID, CANARY),
        good.to("unknown"),
        good.to(CANARY),
        good.of(&[body, b" "].concat()),
        stale,
    ] {
        stack.deliver(&refused).await.assert_status(401);
    }
    for content_type in ["text/plain", "application/json"] {
        let answer = stack.deliver(&good.typed(content_type)).await;
        assert!([200, 201, 400, 409, 413, 415, 422, 429].contains(&answer.status), "{}", answer.status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_that_goes_through_the_signed_route_shows_up_nowhere() {
    let (stack, sender) = loud().await;
    let mut scan = LeakScan::default();
    scan.pin(CANARY);
    let right = of_line("R-1", CANARY, 0);
    let strings = [CANARY.to_owned(), format!("{CANARY}1"), format!(" {CANARY}"), format!("{CANARY}x")];
    let mut bodies: Vec<Vec<u8>> = Vec::new();
    for (n, pin) in strings.iter().enumerate() {
        bodies.push(with(&of_line(&format!("S-{n}"), pin, n), "zip_code", "98052").to_string().into_bytes());
    }
    for (field, value) in [
        ("pin", json!(CANARY.parse::<u64>().unwrap())),
        ("pin", json!([CANARY])),
        ("pin", json!({CANARY: CANARY})),
        ("pon", json!(format!("{CANARY}!"))),
        ("version", json!(CANARY)),
        ("zip_code", json!(CANARY)),
        ("telephone_numbers", json!([CANARY])),
        ("desired_due_date", json!(CANARY)),
        (CANARY, json!(CANARY)),
    ] {
        bodies.push(with(&right, field, value).to_string().into_bytes());
    }
    let text = right.to_string();
    bodies.extend(
        [&text[..text.len() - 1], CANARY, "\"1947365028\"", "pin=1947365028"].map(|text| text.into()),
    );
    bodies.push([text.as_bytes(), &b" ".repeat(65 * 1024)].concat());
    bodies.push([b"{\"pin\":\"", CANARY.as_bytes(), b"\xff\"}"].concat());
    bodies.push(right.to_string().into_bytes());
    for (n, body) in bodies.iter().enumerate() {
        // One after the other, as five wrong ones would make the rest wait; a right one ends the count.
        if body.len() > 64 * 1024 {
            let large = sender.bytes("large", Timestamp::now(), body);
            stack.deliver(&large).await.assert_status(413);
        } else {
            send_in_every_way(&stack, &sender, &format!("msg_{n}"), body, &mut scan).await;
        }
    }
    let answer = stack.send(&sender, "msg_last", &right).await;
    assert_eq!(answer.json()["telephone_numbers"], json!([TN]));
    let wrong = stack.send(&sender, "msg_wrong", &of_line("W-1", WRONG_PIN, 5)).await;
    assert_eq!(wrong.assert_json(201)["rejections"][0]["code"], "pin_invalid");
    assert_no_leak(&stack, &scan, &stack.transcript()).await;
}

/// Returns a scan for the random bytes under all secrets of the stored sources, with their key's id.
async fn salts(stack: &Stack) -> LeakScan {
    let (mut scan, records) = (LeakScan::default(), stack.records().await);
    for item in &records.sources {
        for name in ["secret_salt", "previous_salt"] {
            let Some(salt) = maybe_text(item, name) else { continue };
            scan.bytes(name, &u128::from_str_radix(salt, 16).expect("hexadecimal digits").to_be_bytes());
        }
        scan.plain("key id", text(item, "secret_key_id"));
    }
    let found = scan.found_in(&dump(&records.sources));
    assert!(["secret_salt in hex", "previous_salt in hex"].iter().all(|it| found.contains(it)), "{found:?}");
    scan
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secret_is_in_the_answer_that_shows_it_and_nowhere_else() {
    let (stack, first) = loud().await;
    let second = rotate(&stack, SOURCE).await;
    let password = stack.register("bw", "bandwidth", "A123").await;
    let mut scan = LeakScan::default();
    scan.bytes("webhook key", &KEY);
    scan.secret("first secret", &first.secret);
    scan.secret("second secret", &second.secret);
    scan.secret("password", &password);
    assert_eq!(stack.rotate_from(SOURCE, 1).await.assert_json(200)["secret"], second.secret);
    let shown = stack.transcript();
    let salts = salts(&stack).await;
    // How many more forms of them are found depends on whether their base64 needs the characters + and /.
    let found = scan.found_in(&shown);
    for name in ["first secret", "second secret", "password"] {
        assert!(found.contains(&name), "{name} is not among {found:?}");
    }
    for (n, sender) in [&first, &second].into_iter().enumerate() {
        let order = of_line(&format!("TX-{n}"), CANARY, n).to_string();
        send_in_every_way(&stack, sender, &format!("msg_{n}"), order.as_bytes(), &mut scan).await;
    }
    let basic = stack.credentials();
    scan.plain("Basic credentials", basic.trim_start_matches("Basic "));
    for header in [basic.clone(), format!("{basic}x"), format!("Bearer {}", first.secret)] {
        let call = stack.bandwidth("bw").header("authorization", &header);
        call.body("application/xml", format!("<x>{}</x>", first.secret)).send().await;
    }
    let kind = json!({"kind": "standard-webhooks", "spid": "A123", "name": "New"});
    stack.put_source(SOURCE, &kind).await.assert_status(200);
    for value in [&first.secret, &second.secret] {
        for (field, status) in [("secret", 400), ("kind", 422), ("spid", 422)] {
            let body = with(&kind, field, value.as_str());
            stack.put_source(SOURCE, &body).await.assert_status(status);
        }
    }
    stack.operator("GET", &source_path(SOURCE)).send().await.assert_status(200);
    stack.delete_source(SOURCE).await;
    stack.operator("POST", &format!("{}/rotate", source_path(SOURCE))).json(&Value::Null).send().await;
    let since = stack.transcript().split_off(shown.len());
    assert_no_leak(&stack, &scan, &since).await;
    let (logs, events) = (stack.logs(), dump(&stack.records().await.events));
    for (place, text) in [("a log", &logs), ("an answer", &stack.transcript()), ("an event", &events)] {
        assert_eq!(salts.found_in(text), Vec::<&str>::new(), "in {place}");
    }
}
