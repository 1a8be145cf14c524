//! Ten thousand random bodies for each route: none is a panic, and none is approved without the right PIN.

use std::collections::BTreeMap;

use harness::assertions::bandwidth::{approved, assert_answer, codes};
use harness::clients::bandwidth::request;
use harness::prelude::*;
use harness::random::Random;

use crate::fuzz_mutations::{assert_refusal, mutate};
use crate::{TN, add_account, start};

const BODIES: usize = 10_000;
/// Between two bodies, so that no wait for wrong PINs hides what would have been decided.
const LONGER_THAN_ANY_WAIT: SignedDuration = SignedDuration::from_hours(25);
/// A new PIN, the same digits, ends the counts before a hundred wrong ones could lock it.
const NEW_PIN_EVERY: usize = 400;

const XML: &[&str] = &[
    "<Pin>",
    "</Pin>",
    "<Pin/>",
    "<PON>",
    "</PON>",
    "<TelephoneNumber>",
    "</TelephoneNumber>",
    "<TelephoneNumbers>",
    "<AccountNumber>CONTOSO</AccountNumber>",
    "<ZipCode>98052</ZipCode>",
    "<PortOutValidationRequest>",
    "</PortOutValidationRequest>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x ?>",
    "<!DOCTYPE x>",
    "&lt;",
    "&amp;",
    "&x;",
    "&#0;",
    "&#57;",
    "&#x1;",
    "<",
    ">",
    "&",
    "\"",
    "/",
    "xmlns=\"x\"",
    "\u{0}",
    "\u{fffe}",
    "\u{feff}",
    "é",
    "0",
    "9999999999",
    "true",
    "<Portable>true</Portable>",
];
const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "null",
    "true",
    "0",
    "-1",
    "1e999",
    "1.5",
    "\\u0000",
    "\\ud800",
    "\\",
    "\"pin\":",
    "\"pin\":null,",
    "\"version\":\"02\",",
    "\"version\":\"99\",",
    "\"account_number\":\"CONTOSO\",",
    "\"zip_code\":null,",
    "\"desired_due_date\":\"2026-12-01\",",
    "\u{0}",
    "é",
    "\u{feff}",
    "9999999999",
    "\"+12065550101\",",
    "confirmed",
];

async fn stack() -> Stack {
    let stack = start().await;
    add_account(&stack, "PINLESS", &json!({"country": "US"}), &["2065550200"]).await;
    add_account(&stack, "NORDWIND", &json!({"country": "NO"}), &["2065550300"]).await;
    stack
}

/// No PIN mostly, as comparing one is slow on purpose.
fn pin(random: &mut Random) -> Option<&'static str> {
    match random.below(40) {
        0 => Some(WRONG_PIN),
        1..=3 => Some("48291"),
        _ => None,
    }
}

fn account(random: &mut Random) -> (&'static str, &'static str) {
    *random.pick(&[
        (CONTOSO, TN),
        (CONTOSO, "2065550101"),
        (CONTOSO, "2065550101"),
        ("PINLESS", "2065550200"),
        ("NORDWIND", "2065550300"),
        ("NOBODY", "2065550999"),
    ])
}

fn xml(random: &mut Random) -> Vec<u8> {
    if random.below(20) == 0 {
        let count = random.below(300);
        return random.bytes(count);
    }
    let (account, number) = account(random);
    let validation = request(&format!("F-{}", random.below(2_000))).account(account).numbers(&[number]);
    let validation = if random.below(5) == 0 { validation.no_account() } else { validation };
    let validation = if random.below(5) == 0 { validation.no_pon() } else { validation };
    let validation = pin(random).map_or(validation.clone().no_pin(), |pin| validation.clone().pin(pin));
    mutate(random, &validation.xml(), XML, 14)
}

fn native(random: &mut Random) -> Vec<u8> {
    if random.below(20) == 0 {
        let count = random.below(300);
        return random.bytes(count);
    }
    let (account, number) = account(random);
    let pon = format!("F-{}", random.below(2_000));
    let mut order = order(&pon, account, "", &[number]);
    order["pin"] = pin(random).map_or(Value::Null, Value::from);
    mutate(random, &order.to_string(), JSON, 5)
}

#[tokio::test]
async fn no_xml_body_without_the_right_pin_is_approved_or_unanswered() {
    let stack = stack().await;
    let mut random = Random::stream(1);
    let mut seen = BTreeMap::<u16, usize>::new();
    for n in 0..BODIES {
        if n % NEW_PIN_EVERY == 0 {
            stack.set_pin(CONTOSO, PIN).await.assert_status(200);
        }
        let body = xml(&mut random);
        let answer = stack.send_xml(&body).await;
        assert_refusal(&answer, &body);
        codes(&answer.text()).into_iter().for_each(|code| *seen.entry(code).or_default() += 1);
        stack.pass(LONGER_THAN_ANY_WAIT);
    }
    // Not everything was refused for its form.
    for code in [7511, 7512, 7513, 7516] {
        assert!(seen.get(&code).is_some_and(|count| *count >= 10), "{code}: {seen:?}");
    }
    assert!(seen[&7512] >= BODIES / 40, "{seen:?}");
    let records = stack.records().await;
    assert_eq!([TN, "2065550101"].map(|number| records.held_by(number)), [None, None]);
    assert_answer(&stack.validate(&request("LAST")).await, &approved("LAST"));
}

#[tokio::test]
async fn no_json_body_without_the_right_pin_is_confirmed_or_unanswered() {
    let stack = stack().await;
    let mut random = Random::stream(2);
    let mut seen = BTreeMap::<u16, usize>::new();
    for n in 0..BODIES {
        if n % NEW_PIN_EVERY == 0 {
            stack.set_pin(CONTOSO, PIN).await.assert_status(200);
        }
        let body = native(&mut random);
        let answer = stack
            .call("POST", "/v1/port-outs")
            .by(&Claims::carrier("A123"))
            .body("application/json", body.clone())
            .send()
            .await;
        let told = format!("{} {}\nfor {:?}", answer.status, answer.text(), String::from_utf8_lossy(&body));
        match answer.status {
            200 | 201 => assert_eq!(answer.json()["status"], "rejected", "{told}"),
            400 | 409 | 413 | 415 | 422 => assert_eq!(answer.json()["status"], answer.status, "{told}"),
            _ => panic!("{told}"),
        }
        *seen.entry(answer.status).or_default() += 1;
        stack.pass(LONGER_THAN_ANY_WAIT);
    }
    assert!(seen[&201] >= BODIES / 20 && seen[&400] >= BODIES / 20 && seen[&422] >= BODIES / 200, "{seen:?}");
    let records = stack.records().await;
    assert_eq!([TN, "2065550101"].map(|number| records.held_by(number)), [None, None]);
    let order = order("LAST", CONTOSO, PIN, &[TN]);
    assert_eq!(stack.submit("A123", &order).await.assert_json(201)["status"], "confirmed");
}
