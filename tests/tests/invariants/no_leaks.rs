//! No PIN, nothing made of one without the key, no token and no key shows up anywhere; what records keep of PINs shows up in
//! no log, answer or event; and nothing personal in a log.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::{join, join3};
use harness::corrupt_records::s;
use harness::leak_scan::{CANARY, LeakScan, without_noise};
use harness::prelude::*;
use harness::records::{dump, maybe_text, text};
use harness::stack::API_BINARIES;
use ring::hmac;

use crate::canary_requests::{ACCOUNT, NAME, NUMBERS, OTHER, REFERENCE, Tour, ZIP};

/// Easily guessed, and just as unlikely to stand anywhere by chance.
const WEAK_CANARY: &str = "8765432109";
const KEY: [u8; 32] = *b"a local key of thirty-two bytes!";

fn fixture() -> Fixture {
    Fixture::new().processes(1).env("LOG_LEVEL", "trace").env("PIN_LOCAL_KEY", &STANDARD.encode(KEY))
}

/// Returns the MAC of the canary account's PIN, the first step of its hash.
fn mac(pin: &str) -> hmac::Tag {
    let message = format!("port-out-pin/v1\0{ACCOUNT}\0{pin}");
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &KEY), message.as_bytes())
}

/// Returns the fingerprints of the PINs that port-outs carried.
fn fingerprints(records: &Records) -> Vec<&str> {
    let with_one = records.orders.iter().chain(&records.pons);
    with_one.filter_map(|item| maybe_text(item, "pin_fingerprint")).collect()
}

/// Whatever must be nowhere: the PIN, its MAC and its slow hash, the PIN hashed as the stored ones are but without the key,
/// and the key.
fn secrets(records: &Records, pin: &str) -> LeakScan {
    let mut scan = LeakScan::default();
    scan.pin(pin);
    scan.bytes("MAC", mac(pin).as_ref());
    let of_pins = records.pins.iter().map(|pin| text(pin, "pin_parameters"));
    let of_port_outs = fingerprints(records).into_iter().map(|it| it.rsplit_once('$').expect("a tag").0);
    for parameters in of_pins.chain(of_port_outs).collect::<BTreeSet<_>>() {
        scan.slow_hash("slow hash", mac(pin).as_ref(), parameters);
        scan.slow_hash("PBKDF2 without the key", pin.as_bytes(), parameters);
        scan.digest_like("digest without the key", pin.as_bytes(), parameters);
    }
    scan.bytes("key", &KEY);
    scan
}

/// Returns a scan for what the table keeps of PINs: digests, fingerprints, salts.
fn stored(records: &Records) -> LeakScan {
    let mut scan = LeakScan::default();
    for pin in &records.pins {
        scan.stored("digest", text(pin, "pin_digest"));
        scan.stored("parameters", text(pin, "pin_parameters"));
    }
    fingerprints(records).into_iter().for_each(|it| scan.stored("fingerprint", it));
    scan
}

/// Returns a scan for what callers see and the table stores, but no log holds.
fn private() -> LeakScan {
    let mut scan = LeakScan::default();
    for number in NUMBERS {
        scan.plain("telephone number", number);
        scan.plain("telephone number without +1", &number[2..]);
        scan.plain("end of a telephone number", &number[5..]);
    }
    scan.plain("ZIP+4", ZIP);
    scan.plain("ZIP code", &format!("\"{}\"", &ZIP[..5]));
    scan.plain("ZIP code in a text", &format!(" {}", &ZIP[..5]));
    scan.plain("name", NAME);
    scan.plain("reference", REFERENCE);
    scan.plain("account number", ACCOUNT);
    scan.plain("other account number", OTHER);
    scan
}

/// Ends every test: stops all processes and searches all of their output.
async fn assert_no_leak(stack: &Stack, pin: &str, tokens: impl IntoIterator<Item = String>) {
    let records = stack.records().await;
    let mut scan = secrets(&records, pin);
    tokens.into_iter().for_each(|token| scan.token(&token));
    let (logs, items) = scan.assert_absent(stack, &stack.transcript()).await;
    let stored = stored(&records);
    for (place, text) in
        [("a log", &logs), ("an answer", &stack.transcript()), ("an event", &dump(&records.events))]
    {
        assert_eq!(stored.found_in(text), Vec::<&str>::new(), "in {place}");
    }
    assert!(stored.found_in(&items).contains(&"salt of the parameters in base64"), "so the search works");
    assert_eq!(private().found_in(&without_noise(&logs)), Vec::<&str>::new(), "in a log:\n{logs}");
    records.check();
}

/// Fails if the tour's secret or one of its tokens shows up anywhere.
async fn assert_tour_leaks_nothing(tour: &Tour<'_>) {
    assert_no_leak(tour.stack, tour.secret, tour.tokens().map(str::to_owned)).await;
}

/// Starts a tour whose secret is the account's PIN.
async fn start_with_pin(stack: &Stack) -> Tour<'_> {
    let tour = Tour::start(stack, CANARY).await;
    tour.set().await.assert_status(201);
    tour
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pin_that_goes_through_every_route_shows_up_nowhere() {
    let stack = fixture().start().await;
    let tour = Tour::start(&stack, CANARY).await;
    tour.everywhere().await;
    let wrong = tour.wrong_tokens().await;
    assert_no_leak(&stack, CANARY, tour.tokens().map(str::to_owned).into_iter().chain(wrong)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_weak_pin_is_named_weak_and_not_told() {
    let stack = fixture().start().await;
    let tour = Tour::start(&stack, WEAK_CANARY).await;
    let set = tour.set().await.assert_json(201);
    assert_eq!(set["warnings"][0]["code"], "pin_weak");
    tour.submit("R-1", ACCOUNT, NUMBERS[0]).await.assert_status(201);
    stack.get(&format!("/v1/accounts/{ACCOUNT}"), &Claims::operator()).await.assert_status(200);
    assert_tour_leaks_nothing(&tour).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_weak_pin_under_the_strict_policy_is_refused_and_not_told() {
    let stack = fixture().pin_policy("strict").start().await;
    let tour = Tour::start(&stack, WEAK_CANARY).await;
    let refused = tour.set().await;
    let run = "The PIN counts up or down in a regular pattern.";
    refused.assert_refused(&invalid(&[error_because("/pin", "pin_weak", run)]));
    stack.set_pin(ACCOUNT, "750264").await.assert_status(201);
    tour.submit("W-1", ACCOUNT, NUMBERS[0]).await.assert_status(201);
    stack.pin_status(ACCOUNT).await.assert_status(200);
    assert_tour_leaks_nothing(&tour).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_table_leaks_nothing() {
    let stack = fixture().start().await;
    let tour = start_with_pin(&stack).await;
    let first =
        tour.submit("R-1", ACCOUNT, NUMBERS[0]).await.assert_json(201)["id"].as_str().unwrap().to_owned();
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
            let (pon, statement) =
                (format!("{operation}-{n}"), json!({"statement": "changed_mind", "name": NAME}));
            let submitted = tour.submit(&pon, ACCOUNT, NUMBERS[0]);
            let changes = join3(tour.set(), submitted, tour.switch_protection(false));
            let others = join3(
                tour.cancellation(&first).json(&statement).send(),
                tour.admins("GET", "/port-outs").send(),
                tour.admins("GET", "/events").send(),
            );
            let (changes, others) = join(changes, others).await;
            let answers = [changes.0, changes.1, changes.2, others.0, others.1, others.2];
            stack.wire().heal();
            assert!(answers.iter().any(|answer| answer.status == 503), "{action:?} on {operation}");
        }
    }
    assert_tour_leaks_nothing(&tour).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn corrupt_records_leak_nothing() {
    let stack = fixture().start().await;
    let tour = start_with_pin(&stack).await;
    let [account, pin] = ["ACCOUNT", "PIN"].map(|kind| (format!("{kind}#{ACCOUNT}"), kind));
    // Which of submitting, setting, reading the status and switching protection reads it.
    for ((pk, sk), attribute, read) in [
        (&account, "zip_codes", [true, true, true, true]),
        (&account, "protection", [true, true, true, true]),
        (&pin, "pin_version", [true, true, true, true]),
        (&pin, "pin_parameters", [true, true, false, false]),
        (&pin, "pin_digest", [true, false, false, false]),
    ] {
        let whole = stack.corrupt((pk, sk), (attribute, s(CANARY))).await;
        let answers = [
            tour.submit(&attribute.replace('_', "-"), ACCOUNT, NUMBERS[0]).await,
            tour.set().await,
            stack.pin_status(ACCOUNT).await,
            tour.switch_protection(false).await,
        ];
        assert_eq!(answers.map(|answer| answer.status == 500), read, "{attribute}");
        stack.put_item(whole).await;
    }
    assert_tour_leaks_nothing(&tour).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_are_no_requests_are_not_quoted() {
    let stack = fixture().start().await;
    let tour = start_with_pin(&stack).await;
    for function in API_BINARIES {
        for event in [json!(CANARY), json!({"pin": CANARY}), json!([CANARY, {"body": CANARY}])] {
            stack.invoke(function, &event).await.assert_problem(500, "internal_error");
        }
    }
    assert_tour_leaks_nothing(&tour).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_and_stored_on_purpose_is_found_so_the_search_works() {
    let stack = fixture().start().await;
    let tour = start_with_pin(&stack).await;
    let told = "7700112244";
    tour.submit(told, ACCOUNT, NUMBERS[0]).await.assert_status(201);
    let (items, logs) = (dump(&stack.scan().await), stack.host().stop().await);
    let mut scan = LeakScan::default();
    scan.plain("PON", told);
    assert_eq!((scan.found_in(&stack.transcript()), scan.found_in(&items)), (vec!["PON"], vec!["PON"]));
    // The stored digest is found when the key is used, so it would be found if it were made without.
    let records = stack.records().await;
    let mut digest = LeakScan::default();
    let parameters = text(records.pin(ACCOUNT).expect("a PIN"), "pin_parameters");
    digest.digest_like("digest", mac(CANARY).as_ref(), parameters);
    assert!(digest.found_in(&items).contains(&"digest in base64"));
    let mut carrier = LeakScan::default();
    carrier.plain("SPID", "\"carrier_spid\":\"C0DE\"");
    assert_eq!(carrier.found_in(&without_noise(&logs)), ["SPID"]);
}
