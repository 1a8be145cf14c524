//! A KMS that fails, whether asked for a source's password or for a PIN: 7598, and once it works the right answer.

use crate::PIN;
use crate::answers::{approved, contoso, refused};
use crate::remote::{Remote, lines, right, wrong};
use futures_util::future::join_all;
use harness::kms::Kms;
use harness::kms::trouble::{CANARY, answers, every, of_pin, of_secret, silence};
use serde_json::Value;

type Of = fn(&Value) -> bool;

/// What a MAC is asked for: the password of a source, or a PIN.
const OF: [(&str, Of); 2] = [("a secret", of_secret), ("a PIN", of_pin)];

async fn start(numbers: &[String]) -> (Kms, Remote) {
    let kms = Kms::start().await;
    let remote = Remote::on(kms.stack(), PIN, numbers).await;
    (kms, remote)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_kms_answers_but_a_mac_is_7598_and_does_nothing() {
    let numbers = lines(OF.len() * answers().len());
    let (kms, remote) = start(&numbers).await;
    let cases = OF.into_iter().flat_map(|of| answers().into_iter().map(move |answer| (of, answer)));
    for (n, ((name, of), (why, action))) in cases.enumerate() {
        let (pon, number) = (format!("TX-{n}"), numbers[n].as_str());
        let before = remote.records().await;
        kms.wire().fault(every(action).when(of));
        for ask in [right(&pon, number), wrong(&pon, number)] {
            remote.assert_refused(&ask, &pon, &format!("{why} for {name}")).await;
        }
        kms.wire().heal();
        assert_eq!(remote.records().await, before);
        remote.expect(&wrong(&pon, number), &refused(Some(&pon), &[7513], contoso(&[number]))).await;
        assert_eq!(remote.records().await.counts("CONTOSO", "A123"), (1, 1));
        remote.expect(&right(&pon, number), &approved(&pon)).await;
    }
    let logs = remote.stack.host().stop().await;
    assert!(!logs.contains(CANARY) && !remote.stack.transcript().contains(CANARY));
}

/// Repeating an approval needs the PIN's MAC too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_kms_answers_approves_nothing_again() {
    let numbers = lines(1);
    let (kms, remote) = start(&numbers).await;
    let ask = right("TX-1", &numbers[0]);
    remote.expect(&ask, &approved("TX-1")).await;
    for (why, action) in answers() {
        kms.wire().fault(every(action).when(of_pin));
        remote.assert_refused(&ask, "TX-1", why).await;
        kms.wire().heal();
    }
    remote.expect(&ask, &approved("TX-1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kms_that_does_not_answer_is_7598_in_time() {
    let number = &lines(1)[0];
    let silent = OF.map(async |(name, of)| {
        let (kms, remote) = start(&lines(1)).await;
        kms.wire().fault(every(silence()).when(of));
        remote.assert_refused(&right("TX-1", number), "TX-1", name).await;
        kms.wire().heal();
        remote.expect(&right("TX-1", number), &approved("TX-1")).await;
        assert_eq!(remote.records().await.versions("TX-1"), [("01".into(), "confirmed".into())]);
    });
    join_all(silent).await;
}
