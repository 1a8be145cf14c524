//! No PIN, nothing made of one without the key, no token and no key shows up anywhere, and nothing personal in a log.

use crate::needles::{Needles, said_in};
use crate::secrets_tour::{ACCOUNT, NAME, NUMBERS, OTHER, Tour, ZIP};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::faults::{Action, Fault};
use harness::records::{Records, dump, text};
use harness::stack::{Builder, FUNCTIONS, Stack};
use ring::hmac;
use serde_json::json;

/// Ten digits that stand nowhere else; no telephone number and no date, but a number in JSON.
const CANARY: &str = "1947365028";
/// Easily guessed, and just as unlikely to stand anywhere by chance.
const WEAK_CANARY: &str = "8765432109";
const KEY: [u8; 32] = *b"a local key of thirty-two bytes!";

fn builder() -> Builder {
    Stack::builder().env("LOG_LEVEL", "trace").env("PIN_LOCAL_KEY", &STANDARD.encode(KEY))
}

/// Whatever must be nowhere: the PIN, the PIN hashed as the stored digests are but without the key, and the key.
fn secrets(records: &Records, pin: &str) -> Needles {
    let mut needles = Needles::default();
    needles.pin(pin);
    for account in &records.accounts {
        needles.pbkdf2_like("PBKDF2 without the key", pin.as_bytes(), text(account, "pin_digest"));
    }
    needles.bytes("key", &KEY);
    needles
}

/// What is told to callers and stored, but never logged.
fn private() -> Needles {
    let mut needles = Needles::default();
    for number in NUMBERS {
        needles.plain("telephone number", number);
        needles.plain("telephone number without +1", &number[2..]);
        needles.plain("end of a telephone number", &number[5..]);
    }
    needles.plain("ZIP+4", ZIP);
    needles.plain("ZIP code", &format!("\"{}\"", &ZIP[..5]));
    needles.plain("ZIP code in a text", &format!(" {}", &ZIP[..5]));
    needles.plain("name", NAME);
    needles.plain("account number", ACCOUNT);
    needles.plain("other account number", OTHER);
    needles
}

/// The end of every test: all processes stop, and everything that they ever said is searched.
async fn assert_silent(stack: &Stack, pin: &str, tokens: impl IntoIterator<Item = String>) {
    let records = Records::of(stack).await;
    let mut needles = secrets(&records, pin);
    tokens.into_iter().for_each(|token| needles.token(&token));
    let logs = stack.host().stop().await;
    for function in FUNCTIONS {
        assert!(logs.contains(&format!("{function}: {{")), "{function} said nothing: nothing was searched");
    }
    let (answers, items) = (stack.transcript(), dump(&stack.scan().await));
    for (place, text) in [("a log", &logs), ("an answer", &answers), ("an item or event", &items)] {
        assert_eq!(needles.found_in(text), Vec::<&str>::new(), "in {place}");
    }
    assert_eq!(private().found_in(&said_in(&logs)), Vec::<&str>::new(), "in a log:\n{logs}");
    records.check();
}

fn owned(tokens: [&str; 3]) -> Vec<String> {
    tokens.map(str::to_owned).to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pin_that_goes_through_every_route_shows_up_nowhere() {
    let stack = builder().start().await;
    let tour = Tour::start(&stack, CANARY).await;
    tour.everywhere().await;
    let wrong = tour.wrong_tokens().await;
    assert_silent(&stack, CANARY, owned(tour.tokens()).into_iter().chain(wrong)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_weak_pin_is_named_weak_and_not_told() {
    let stack = builder().start().await;
    let tour = Tour::start(&stack, WEAK_CANARY).await;
    let set = tour.set().await.assert_json(201);
    assert_eq!(set["warnings"][0]["code"], "pin_weak");
    tour.submit("R-1", ACCOUNT, NUMBERS[0]).await.assert_status(201);
    stack.get(&format!("/v1/accounts/{ACCOUNT}"), &stack.tokens().operator()).await.assert_status(200);
    assert_silent(&stack, WEAK_CANARY, owned(tour.tokens())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_weak_pin_under_the_strict_policy_is_refused_and_not_told() {
    let stack = builder().pin_policy("strict").start().await;
    let tour = Tour::start(&stack, WEAK_CANARY).await;
    let refused = tour.set().await;
    refused.assert_problem(422, "invalid_request");
    refused.assert_errors(&[("/pin", "pin_weak")]);
    stack.set_pin(ACCOUNT, "750264").await.assert_status(201);
    tour.submit("W-1", ACCOUNT, NUMBERS[0]).await.assert_status(201);
    stack.pin_state(ACCOUNT).await.assert_status(200);
    assert_silent(&stack, WEAK_CANARY, owned(tour.tokens())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trouble_with_the_table_makes_nobody_talk() {
    let stack = builder().start().await;
    let tour = Tour::start(&stack, CANARY).await;
    tour.set().await.assert_status(201);
    stack.pin_state(ACCOUNT).await.assert_status(200);
    let echo = Action::Error {
        status: 400,
        error_type: "com.amazonaws.dynamodb.v20120810#ValidationException",
        // As an engine might quote what it was given.
        message: "One or more parameter values were invalid: 1947365028 +12065550142 98052-7741",
    };
    let actions = [
        Action::throttled(),
        Action::internal_error(),
        Action::Garbage,
        Action::Drop,
        Action::TransactionConflict,
        echo,
    ];
    for (n, action) in actions.into_iter().enumerate() {
        for operation in ["GetItem", "Query", "BatchGetItem", "TransactWriteItems"] {
            stack.wire().fault(Fault::on(operation, action.clone()).forever());
            let answers =
                [tour.set().await, tour.submit(&format!("{operation}-{n}"), ACCOUNT, NUMBERS[0]).await];
            stack.wire().heal();
            assert!(answers.iter().any(|answer| answer.status == 503), "{action:?} on {operation}");
        }
    }
    assert_silent(&stack, CANARY, owned(tour.tokens())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trouble_with_stored_data_makes_nobody_talk() {
    let stack = builder().start().await;
    let tour = Tour::start(&stack, CANARY).await;
    tour.set().await.assert_status(201);
    stack.pin_state(ACCOUNT).await.assert_status(200);
    let endpoint = stack.engine().endpoint();
    let damage = async |attribute: &str, value: &str| {
        let value = aws_sdk_dynamodb::types::AttributeValue::S(value.to_owned());
        let update = harness::engine::client(endpoint, stack.table()).update_item().table_name(stack.table());
        let update = update.key("pk", s(&format!("ACCOUNT#{ACCOUNT}"))).key("sk", s("ACCOUNT"));
        let update = update.update_expression("SET #a = :v").expression_attribute_names("#a", attribute);
        update.expression_attribute_values(":v", value).send().await.expect("not stored");
    };
    damage("zip_code", "not a ZIP").await;
    tour.submit("R-1", ACCOUNT, NUMBERS[0]).await.assert_problem(500, "internal_error");
    tour.set().await.assert_problem(500, "internal_error");
    stack.pin_state(ACCOUNT).await.assert_problem(500, "internal_error");
    damage("zip_code", ZIP).await;
    assert_silent(&stack, CANARY, owned(tour.tokens())).await;
}

fn s(text: &str) -> aws_sdk_dynamodb::types::AttributeValue {
    aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_are_no_requests_are_not_quoted() {
    let stack = builder().start().await;
    let tour = Tour::start(&stack, CANARY).await;
    tour.set().await.assert_status(201);
    for function in FUNCTIONS {
        for event in [json!(CANARY), json!({"pin": CANARY}), json!([CANARY, {"body": CANARY}])] {
            stack.invoke(function, &event).await.assert_problem(500, "internal_error");
        }
    }
    assert_silent(&stack, CANARY, owned(tour.tokens())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_and_stored_on_purpose_is_found_so_the_search_works() {
    let stack = builder().start().await;
    let tour = Tour::start(&stack, CANARY).await;
    tour.set().await.assert_status(201);
    let told = "7700112244";
    tour.submit(told, ACCOUNT, NUMBERS[0]).await.assert_status(201);
    let (items, logs) = (dump(&stack.scan().await), stack.host().stop().await);
    let mut needles = Needles::default();
    needles.plain("PON", told);
    assert_eq!((needles.found_in(&stack.transcript()), needles.found_in(&items)), (vec!["PON"], vec!["PON"]));
    // The stored digest is found when the key is used, so it would be found if it were made without.
    let records = Records::of(&stack).await;
    let message = format!("port-out-pin/v1\0{ACCOUNT}\0{CANARY}");
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &KEY), message.as_bytes());
    let mut digest = Needles::default();
    digest.pbkdf2_like("digest", mac.as_ref(), text(records.account(ACCOUNT), "pin_digest"));
    assert!(digest.found_in(&items).contains(&"digest in base64"));
    let mut carrier = Needles::default();
    carrier.plain("SPID", "\"carrier_spid\":\"C0DE\"");
    assert_eq!(carrier.found_in(&said_in(&logs)), ["SPID"]);
}
