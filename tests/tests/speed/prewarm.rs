//! Connections are open before the first event comes: it pays for no handshake.

use std::time::{Duration, Instant};

use harness::engine::Engine;
use harness::kms::Kms;
use harness::prelude::*;

use crate::tls_front::{Authority, TlsFront};

/// What every handshake takes at least; under the second that a start waits for them.
const SLOW: Duration = Duration::from_millis(600);

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
    assert_eq!(front.handshakes(), 2);
    let began = Instant::now();
    stack.pin_status(CONTOSO).await.assert_status(404);
    let took = began.elapsed();
    assert!(took < SLOW, "{took:?}");
    // An item and a list, at the same time.
    let numbers = "/v1/accounts/CONTOSO/telephone-numbers";
    stack.get(numbers, &Claims::operator()).await.assert_status(404);
    assert_eq!(front.handshakes(), 2, "later calls use the connections that the start opened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_pin_and_the_first_port_out_pay_for_no_handshake_with_dynamodb_or_kms() {
    let (authority, kms) = (Authority::new(), Kms::start().await);
    let (engine, front) = dynamodb(&authority).await;
    let kms_front = TlsFront::start(&authority, kms.wire().url(), SLOW).await;
    let stack = authority.trusted_by(kms.guard(Fixture::new().processes(1))).engine(engine).without_wire();
    let stack = stack.env("AWS_ENDPOINT_URL_DYNAMODB", front.url());
    let stack = stack.env("AWS_ENDPOINT_URL_KMS", kms_front.url()).start().await;
    let opened = (front.handshakes(), kms_front.handshakes());
    assert_eq!(opened, (8, 3), "two for the table in each function, one for the key where it is used");
    assert!(kms.take_requests().is_empty(), "opening a connection asks for no MAC");
    stack.seed(CONTOSO, &[TN]).await;
    let began = Instant::now();
    stack.set_pin(CONTOSO, PIN).await.assert_json(201);
    let set = began.elapsed();
    let answer = stack.submit("A123", &usual("TX-1", PIN)).await;
    let submitted = began.elapsed() - set;
    assert_outcome(&answer, Outcome::Confirmed);
    assert!(set < SLOW && submitted < SLOW, "{set:?} {submitted:?}");
    assert_eq!((front.handshakes(), kms_front.handshakes()), opened);
}
