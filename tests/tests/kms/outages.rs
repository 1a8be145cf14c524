//! A KMS that fails for longer: every caller is told that it is our trouble, nothing is recorded, and Bandwidth is not
//! left to think that the port may go.

use harness::assertions::bandwidth::{approved, assert_answer, contoso, refused};
use harness::clients::bandwidth::{SOURCE, ValidationRequest, national};
use harness::corrupt_records::s;
use harness::kms::outages::{ERRORS, answers, every, mac_of, of_pin, of_secret, other_key};
use harness::kms::{Alias, Kms};
use harness::prelude::*;

use crate::{NEW_PIN, SIGNING, Setup, right, wrong};

/// Fails unless every operation that needs the MAC of a PIN is refused: setting one, and submitting one, right or wrong.
async fn assert_no_pin(setup: &Setup, why: &str) {
    setup.set_pin(CONTOSO, NEW_PIN).await.under(why).assert_refused(&unavailable());
    for order in [right("TX-1", 1), wrong("TX-1", 1)] {
        setup.submit(&order).await.under(why).assert_refused(&unavailable());
    }
    assert_no_webhook(setup, why).await;
}

/// Fails unless every operation that needs a source's secret is refused: registering, rotating, authenticating.
async fn assert_no_secret(setup: &Setup, why: &str) {
    for answer in [setup.register("other").await, setup.rotate("acme").await, setup.rotate("bw").await] {
        answer.under(why).assert_refused(&unavailable());
    }
    assert_no_webhook(setup, why).await;
}

async fn assert_no_webhook(setup: &Setup, why: &str) {
    for order in [right("TX-2", 2), wrong("TX-2", 2)] {
        assert_answer(
            &setup.validate(&order).await.under(why),
            &ValidationRequest::of(&order).refused_as_asked(7598),
        );
        setup.deliver(&order).await.under(why).assert_refused(&unavailable());
    }
}

/// Forgets every fault; fails unless each way of bringing or setting a PIN and of making a secret works.
pub async fn assert_works_again(setup: &Setup) {
    setup.kms.wire().heal();
    assert_outcome(&setup.submit(&wrong("TX-1", 1)).await, Outcome::WrongPin);
    assert_outcome(&setup.deliver(&right("TX-2", 1)).await, Outcome::Confirmed);
    assert_answer(&setup.validate(&right("TX-2", 2)).await, &approved("TX-2"));
    setup.register("other").await.assert_status(201);
    setup.rotate("acme").await.assert_status(200);
    setup.set_pin(CONTOSO, NEW_PIN).await.assert_status(200);
    let state = setup.pin_status(CONTOSO).await.assert_json(200);
    assert_eq!(state["failed_attempts"], Value::from(0), "a new PIN starts anew");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_kms_answers_for_a_pin_but_its_mac_is_503_and_records_nothing() {
    let setup = Setup::start().await;
    let before = setup.scan().await;
    for (why, action) in answers() {
        setup.kms.wire().heal();
        setup.kms.wire().fault(every(action).when(of_pin));
        assert_no_pin(&setup, why).await;
        assert_eq!(setup.scan().await, before, "{why}");
    }
    assert_works_again(&setup).await;
    let logs = setup.assert_no_leak(&[PIN, WRONG_PIN, NEW_PIN]).await;
    for (_, name) in ERRORS {
        assert!(logs.contains(&format!("\"error_code\":\"{name}\"")), "no {name} in the logs");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_kms_answers_for_a_secret_but_its_mac_is_503_and_records_nothing() {
    let setup = Setup::start().await;
    let before = setup.scan().await;
    for (why, action) in answers() {
        setup.kms.wire().heal();
        setup.kms.wire().fault(every(action).when(of_secret));
        assert_no_secret(&setup, why).await;
        assert_eq!(setup.scan().await, before, "{why}");
    }
    assert_works_again(&setup).await;
    let logs = setup.assert_no_leak(&[PIN, WRONG_PIN]).await;
    assert!(!logs.contains(&setup.secret(SOURCE)) && !logs.contains(&setup.secret(SIGNING)));
}

/// An account that never had a PIN has none after a failure either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_pin_is_not_set_while_kms_fails_and_nothing_can_be_ported_out() {
    let setup = Setup::start().await;
    setup.seed("FABRIKAM", &["+12065550900"]).await;
    let before = setup.scan().await;
    for (why, action) in answers() {
        setup.kms.wire().heal();
        setup.kms.wire().fault(every(action));
        setup.set_pin("FABRIKAM", NEW_PIN).await.under(why).assert_refused(&unavailable());
    }
    assert_eq!(setup.scan().await, before);
    let state = setup.pin_status("FABRIKAM").await.assert_json(200);
    assert_eq!((&state["pin_set"], &state["port_out_allowed"]), (&false.into(), &false.into()));
    setup.kms.wire().heal();
    setup.set_pin("FABRIKAM", NEW_PIN).await.assert_status(201);
}

/// Digests and secrets name their key, so an answer in another key's name cannot be right.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answer_in_the_name_of_another_key_than_the_requested_one_is_503() {
    let setup = Setup::start().await;
    let before = setup.scan().await;
    setup.kms.wire().fault(every(other_key()));
    for order in [right("TX-1", 1), wrong("TX-1", 1)] {
        setup.submit(&order).await.under("another key").assert_refused(&unavailable());
    }
    assert_no_webhook(&setup, "another key").await;
    assert_eq!(setup.scan().await, before);
    assert_works_again(&setup).await;
}

/// A key that is configured by its ARN instead of an alias must not be replaced by another one either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answer_in_the_name_of_another_key_than_the_configured_one_is_503() {
    let names: [fn(&Alias) -> &str; 2] = [|alias| &alias.key.arn, |alias| &alias.key.id];
    for name in names {
        let setup = Setup::with_keys(Kms::start().await, name).await;
        let before = setup.scan().await;
        setup.kms.wire().fault(every(other_key()));
        assert_no_pin(&setup, "another key").await;
        assert_no_secret(&setup, "another key").await;
        assert_eq!(setup.scan().await, before);
        assert_works_again(&setup).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mac_of_the_wrong_length_under_an_older_key_confirms_nothing() {
    let setup = Setup::start().await;
    let new = setup.kms.create_key().await;
    setup.kms.point(setup.kms.pin(), &new).await;
    let before = setup.scan().await;
    setup.kms.wire().fault(every(Action::Rewrite(|answer| answer["Mac"] = mac_of(33))));
    assert_no_pin(&setup, "33 bytes").await;
    assert_eq!(setup.scan().await, before);
    assert_works_again(&setup).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_of_a_local_key_is_not_taken_for_one_of_kms() {
    let setup = Setup::start().await;
    let parameters = setup.digest_parts(CONTOSO).await[..4].join("$");
    let of_local = parameters.replace(&setup.kms.pin().key.arn, "local-0000000000000000");
    assert_ne!(of_local, parameters);
    setup.corrupt(("PIN#CONTOSO", "PIN"), ("pin_parameters", s(&of_local))).await;
    let answer = setup.submit(&right("TX-1", 0)).await;
    // KMS does not know the key: either way it is our error, not a carrier's wrong PIN.
    let is_unavailable = answer.status == 503;
    answer.assert_refused(&if is_unavailable { unavailable() } else { problems::internal_error() });
    assert_eq!(setup.records().await.orders.len(), 0);
}

/// After every failure Bandwidth gets the right answer, and a wrong PIN is counted once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bandwidth_is_refused_while_kms_fails_and_rightly_answered_afterwards() {
    let setup = Setup::start().await;
    let cases = [of_secret, of_pin].into_iter().flat_map(|of| answers().into_iter().map(move |it| (of, it)));
    for (n, (of, (why, action))) in cases.enumerate() {
        let tn = format!("+1206556{n:04}");
        setup.assign(CONTOSO, &[&tn]).await.assert_status(200);
        let pon = format!("TX-{n}");
        let order = |pin: &str| order(&pon, CONTOSO, pin, &[&tn]);
        let before = setup.scan().await;
        setup.kms.wire().fault(every(action).when(of));
        for pin in [PIN, WRONG_PIN] {
            let answer = setup.validate(&order(pin)).await.under(why);
            assert_answer(&answer, &ValidationRequest::of(&order(pin)).refused_as_asked(7598));
        }
        setup.kms.wire().heal();
        assert_eq!(setup.scan().await, before);
        let number = national(&tn);
        let wrong_pin = refused(Some(&pon), &[7513], contoso(&[&number]));
        assert_answer(&setup.validate(&order(WRONG_PIN)).await, &wrong_pin);
        assert_eq!(setup.records().await.counts(CONTOSO, "source:bw"), (1, 1));
        assert_answer(&setup.validate(&order(PIN)).await, &approved(&pon));
    }
}

/// Repeating an approval needs the PIN's MAC too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bandwidth_is_not_told_an_approval_again_while_kms_fails() {
    let setup = Setup::start().await;
    let order = right("TX-1", 1);
    assert_answer(&setup.validate(&order).await, &approved("TX-1"));
    for (why, action) in answers() {
        setup.kms.wire().fault(every(action).when(of_pin));
        assert_answer(
            &setup.validate(&order).await.under(why),
            &ValidationRequest::of(&order).refused_as_asked(7598),
        );
        setup.kms.wire().heal();
    }
    assert_answer(&setup.validate(&order).await, &approved("TX-1"));
}
