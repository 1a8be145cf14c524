//! No PIN, no webhook secret and no signature shows up anywhere but in the two answers that show a new secret.

use crate::bench::{SOURCE, TN, of_line, path, secret};
use crate::delivery::{ID, SIGNATURE, Sender, TIMESTAMP};
use crate::needles::Needles;
use crate::{WRONG, running, with};
use harness::records::dump;
use harness::stack::{Builder, FUNCTIONS, Stack};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Ten digits that stand nowhere else; no telephone number and no date, but a number in JSON.
const CANARY: &str = "1947365028";

fn loud() -> Builder {
    Stack::builder().env("LOG_LEVEL", "trace")
}

/// Stops every process and searches everything that was said and stored, but not the answers named.
async fn assert_silent(stack: &Stack, needles: &Needles, answers: &str) {
    let logs = stack.host().stop().await;
    for function in FUNCTIONS {
        assert!(logs.contains(&format!("{function}: {{")), "{function} said nothing: nothing was searched");
    }
    let items = dump(&stack.scan().await);
    assert!(items.contains("webhook_source.registered") && items.contains("WEBHOOK#acme"), "{items}");
    for (place, text) in [("a log", logs.as_str()), ("an answer", answers), ("an item or event", &items)] {
        assert_eq!(needles.found_in(text), Vec::<&str>::new(), "in {place}");
    }
}

/// Every function says something.
async fn wake_all(stack: &Stack) {
    stack.set_pin("CONTOSO", CANARY).await.assert_status(200);
    stack.pin_state("CONTOSO").await.assert_status(200);
}

/// Sends a body every way that is refused or taken, and notes every signature.
async fn tour(stack: &Stack, sender: &Sender, id: &str, body: &[u8], needles: &mut Needles) {
    let good = sender.bytes(id, Timestamp::now(), body);
    needles.signature(&good.headers[SIGNATURE]);
    let stale = sender.bytes(id, Timestamp::UNIX_EPOCH, body);
    needles.signature(&stale.headers[SIGNATURE]);
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
        refused.call(stack).send().await.assert_status(401);
    }
    for content_type in ["text/plain", "application/json"] {
        let answer = good.typed(content_type).call(stack).send().await;
        assert!([200, 201, 400, 409, 413, 415, 422, 429].contains(&answer.status), "{}", answer.status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_that_goes_through_the_signed_route_shows_up_nowhere() {
    let (stack, sender) = running::start(loud()).await;
    wake_all(&stack).await;
    let mut needles = Needles::default();
    needles.pin(CANARY);
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
            large.call(&stack).send().await.assert_status(413);
        } else {
            tour(&stack, &sender, &format!("msg_{n}"), body, &mut needles).await;
        }
    }
    let answer = sender.sign("msg_last", Timestamp::now(), &right).call(&stack).send().await;
    assert_eq!(answer.json()["telephone_numbers"], json!([TN]));
    let wrong =
        sender.sign("msg_wrong", Timestamp::now(), &of_line("W-1", WRONG, 5)).call(&stack).send().await;
    assert_eq!(wrong.assert_json(201)["rejections"][0]["code"], "pin_invalid");
    assert_silent(&stack, &needles, &stack.transcript()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secret_is_in_the_answer_that_shows_it_and_nowhere_else() {
    let (stack, first) = running::start(loud()).await;
    wake_all(&stack).await;
    let operator = stack.tokens().operator();
    let second = running::rotate(&stack).await;
    let password = stack.call("PUT", &path("bw")).bearer(&operator);
    let password = password.json(&json!({"kind": "bandwidth", "spid": "A123"})).send().await.assert_json(201);
    let mut needles = Needles::default();
    needles.secret("first secret", &first.secret);
    needles.secret("second secret", &second.secret);
    needles.secret("password", secret(&password));
    let shown = stack.transcript();
    // How many more forms of them are found depends on whether their base64 needs the characters + and /.
    let found = needles.found_in(&shown);
    for name in ["first secret", "second secret", "password"] {
        assert!(found.contains(&name), "{name} is not among {found:?}");
    }
    for (n, sender) in [&first, &second].into_iter().enumerate() {
        let order = of_line(&format!("TX-{n}"), CANARY, n).to_string();
        tour(&stack, sender, &format!("msg_{n}"), order.as_bytes(), &mut needles).await;
    }
    let basic = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        format!("bw:{}", secret(&password)),
    );
    needles.plain("Basic credentials", &basic);
    for header in [format!("Basic {basic}"), format!("Basic {basic}x"), format!("Bearer {}", first.secret)] {
        let call = stack.call("POST", "/v1/webhooks/bw/bandwidth").header("authorization", &header);
        call.body("application/xml", format!("<x>{}</x>", first.secret)).send().await;
    }
    let kind = json!({"kind": "standard-webhooks", "spid": "A123", "name": "New"});
    running::put(&stack, &kind).await.assert_status(200);
    for value in [&first.secret, &second.secret] {
        running::put(&stack, &with(&kind, "secret", value.as_str())).await.assert_status(400);
        running::put(&stack, &with(&kind, "kind", value.as_str())).await.assert_status(422);
        running::put(&stack, &with(&kind, "spid", value.as_str())).await.assert_status(422);
    }
    stack.get(&path(SOURCE), &operator).await.assert_status(200);
    stack.call("DELETE", &path(SOURCE)).bearer(&operator).send().await.assert_status(204);
    stack.call("POST", &format!("{}/rotate", path(SOURCE))).bearer(&operator).json(&Value::Null).send().await;
    let since = stack.transcript().split_off(shown.len());
    assert_silent(&stack, &needles, &since).await;
}
