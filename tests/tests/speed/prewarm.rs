//! Connections are open before the first event comes: it pays for no handshake.

use std::time::{Duration, Instant};

use harness::engine::Engine;
use harness::kms::Kms;
use harness::prelude::*;
use harness::stack::{WITH_PIN_KEY, WITH_WEBHOOK_KEY};

use crate::tls_front::{Authority, TlsFront};

/// What every handshake takes at least: long enough that a start which does not wait for it is seen, and well under the
/// second that a start waits, so that a busy machine does not matter.
const SLOW: Duration = Duration::from_millis(100);

async fn dynamodb(authority: &Authority) -> (Engine, TlsFront) {
    let engine = Engine::start();
    let front = TlsFront::start(authority, engine.endpoint(), SLOW).await;
    (engine, front)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_status_pays_for_no_handshake() {
    let authority = Authority::new();
    let (engine, front) = dynamodb(&authority).await;
    let stack = authority
        .trusted_by(Fixture::new().processes(1))
        .functions(&["status"])
        .engine(engine)
        .without_wire();
    let stack = stack.env("AWS_ENDPOINT_URL_DYNAMODB", front.url()).start().await;
    let started = Instant::now();
    stack.pin_status(CONTOSO).await.assert_status(404);
    front.assert_opened_before(started, 2);
    // An item and a list, at the same time.
    let numbers = "/v1/accounts/CONTOSO/telephone-numbers";
    stack.get(numbers, &Claims::operator()).await.assert_status(404);
    // Later calls use the connections that the start opened.
    front.assert_opened_before(started, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_pin_and_the_first_port_out_pay_for_no_handshake_with_dynamodb_or_kms() {
    let (authority, kms) = (Authority::new(), Kms::start().await);
    let (engine, front) = dynamodb(&authority).await;
    let kms_front = TlsFront::start(&authority, kms.wire().url(), SLOW).await;
    let stack = authority.trusted_by(kms.guard(Fixture::new().processes(1))).engine(engine).without_wire();
    let stack = stack.env("AWS_ENDPOINT_URL_DYNAMODB", front.url());
    let stack = stack.env("AWS_ENDPOINT_URL_KMS", kms_front.url()).start().await;
    let started = Instant::now();
    assert!(kms.take_requests().is_empty(), "opening a connection asks for no MAC");
    stack.seed(CONTOSO, &[TN]).await;
    stack.set_pin(CONTOSO, PIN).await.assert_json(201);
    assert_outcome(&stack.submit("A123", &usual("TX-1", PIN)).await, Outcome::Confirmed);
    // Two for the tables in each of six functions, and one for each key in the functions that use it.
    front.assert_opened_before(started, 12);
    kms_front.assert_opened_before(started, WITH_PIN_KEY.len() + WITH_WEBHOOK_KEY.len());
}
