//! Sequential steps: how often each answer waits for AWS, where calls that are in flight at once are one step.
//!
//! With the same delay in every call, an answer takes that many delays, besides the hash. Nothing is timed here, so a busy
//! machine changes nothing: each call is held until all calls of its step have come, and only then they are let go. A call
//! that waits for the answer to another one never comes to the same step, which fails the test.

use harness::clients::bandwidth::{self, SOURCE, ValidationRequest, request};
use harness::clients::standard_webhooks;
use harness::kms::Kms;
use harness::prelude::*;
use harness::wire::Wire;

use crate::NEW_PIN;

/// The source that signs its deliveries.
const SIGNED: &str = "acme";

/// Operations that are in flight at once.
type Step = &'static [&'static str];

const READ: Step = &["BatchGetItem"];
const READ_PART: Step = &["GetItem"];
/// The PIN is peppered while the tables are read.
const READ_TO_SET: Step = &["BatchGetItem", "GenerateMac", "Query"];
const READ_TO_DECIDE: Step = &["BatchGetItem", "GenerateMac"];
/// So the secret that proves the caller is derived.
const READ_TO_PROVE: Step = &["BatchGetItem", "GenerateMac"];
const READ_TO_PROVE_AND_DECIDE: Step = &["BatchGetItem", "GenerateMac", "GenerateMac"];
const WRITE: Step = &["TransactWriteItems"];

/// Functions with both keys in KMS: `CONTOSO` and a source of each kind.
struct Setup {
    kms: Kms,
    stack: Stack,
}

impl Setup {
    /// Starts them in this process, where no timeout of the SDK ends a held call.
    async fn start() -> Self {
        let kms = Kms::start().await;
        let fixture = Fixture::contoso().source(SIGNED, standard_webhooks::KIND, "A123");
        let fixture = fixture.source(SOURCE, bandwidth::KIND, "A123");
        let stack = kms.guard(fixture).start().await;
        let setup = Self { kms, stack };
        setup.take_operations();
        setup
    }

    fn wires(&self) -> [&Wire; 2] {
        [self.stack.wire(), self.kms.wire()]
    }

    /// Takes the operations since the last time, in alphabetical order.
    fn take_operations(&self) -> Vec<String> {
        let mut operations = self.wires().map(Wire::take_operations).concat();
        operations.sort_unstable();
        operations
    }

    /// Fails unless this call is answered with this status in these steps.
    async fn assert_steps(&self, call: CallBuilder, status: u16, steps: &[Step]) -> Answer {
        let gates = self.wires().map(Wire::hold_all);
        let (answer, mut come) = (tokio::spawn(call.send()), [0, 0]);
        for (at, step) in steps.iter().enumerate() {
            let of_kms = step.iter().filter(|operation| **operation == "GenerateMac").count();
            let calls = [step.len() - of_kms, of_kms];
            for wire in [0, 1] {
                come[wire] += calls[wire];
                gates[wire].wait(come[wire]).await;
            }
            assert_eq!(self.take_operations(), *step, "step {}", at + 1);
            gates.iter().zip(calls).for_each(|(gate, calls)| gate.let_go(calls));
        }
        drop(gates);
        let answer = answer.await.expect("an answer");
        answer.assert_status(status);
        assert_eq!(self.take_operations(), Vec::<String>::new(), "after {} steps", steps.len());
        answer
    }

    fn port_out(&self, pon: &str, pin: &str) -> CallBuilder {
        self.stack.submission("A123", &usual(pon, pin))
    }

    fn delivery(&self, pon: &str, pin: &str) -> CallBuilder {
        let sender = self.stack.sender(SIGNED);
        self.stack.sign(&sender, &format!("msg_{pon}"), &usual(pon, pin)).call(&self.stack)
    }

    /// Fails unless this request is answered so in these steps.
    async fn assert_validated(&self, request: &ValidationRequest, steps: &[Step], portable: bool) {
        let call = self.stack.bandwidth(SOURCE).header("authorization", &self.stack.credentials());
        let answer = self.assert_steps(call.body("application/xml", request.xml()), 200, steps).await;
        let text = answer.text();
        assert!(text.contains(&format!("<Portable>{portable}</Portable>")), "{text}");
    }
}

#[tokio::test]
async fn a_status_is_one_step() {
    let setup = Setup::start().await;
    let path = format!("/v1/accounts/{CONTOSO}/port-out-pin");
    let call = setup.stack.call("GET", &path).by(&Claims::account(CONTOSO));
    setup.assert_steps(call, 200, &[READ]).await;
}

#[tokio::test]
async fn a_pin_is_set_in_two_steps_and_the_same_one_again_in_three() {
    let setup = Setup::start().await;
    let change = || setup.stack.pin_change(CONTOSO, NEW_PIN);
    setup.assert_steps(change(), 200, &[READ_TO_SET, WRITE]).await;
    setup.assert_steps(change(), 200, &[READ_TO_SET, WRITE, READ]).await;
}

#[tokio::test]
async fn a_port_out_is_two_steps_whatever_its_answer() {
    let setup = Setup::start().await;
    for (pon, pin, outcome) in [("TX-1", WRONG_PIN, "rejected"), ("TX-2", PIN, "confirmed")] {
        let answer = setup.assert_steps(setup.port_out(pon, pin), 201, &[READ_TO_DECIDE, WRITE]).await;
        assert_eq!(answer.assert_json(201)["status"], outcome);
    }
}

#[tokio::test]
async fn a_webhook_is_three_steps_whatever_its_answer_and_again_three() {
    let setup = Setup::start().await;
    for (pon, pin, outcome) in [("TX-1", WRONG_PIN, "rejected"), ("TX-2", PIN, "confirmed")] {
        for (status, last) in [(201, WRITE), (200, READ_PART)] {
            let steps = [READ_PART, READ_TO_PROVE_AND_DECIDE, last];
            let answer = setup.assert_steps(setup.delivery(pon, pin), status, &steps).await;
            assert_eq!(answer.assert_json(status)["status"], outcome);
        }
    }
}

#[tokio::test]
async fn a_validation_is_three_steps_whatever_its_answer() {
    let setup = Setup::start().await;
    for (request, second, portable) in [
        (request("TX-1").pin(WRONG_PIN), READ_TO_PROVE_AND_DECIDE, false),
        // There is no PIN to pepper.
        (request("TX-2").no_pin(), READ_TO_PROVE, false),
        (request("TX-3").account("UNKNOWN"), READ_TO_PROVE_AND_DECIDE, false),
        (request("TX-4").numbers(&["2065550999"]), READ_TO_PROVE_AND_DECIDE, false),
        (request("TX-5"), READ_TO_PROVE_AND_DECIDE, true),
    ] {
        setup.assert_validated(&request, &[READ_PART, second, WRITE], portable).await;
    }
}

#[tokio::test]
async fn a_validation_again_is_three_steps_or_two_after_a_wrong_pin() {
    let setup = Setup::start().await;
    let steps = [READ_PART, READ_TO_PROVE_AND_DECIDE, WRITE];
    for (request, again, portable) in [(request("TX-1").pin(WRONG_PIN), 2, false), (request("TX-2"), 3, true)]
    {
        for steps in [&steps[..], &steps[..again]] {
            setup.assert_validated(&request, steps, portable).await;
        }
    }
}
