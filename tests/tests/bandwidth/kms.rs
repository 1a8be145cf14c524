//! A KMS that fails, whether asked for a source's password or for a PIN: 7598, and once it works the right answer.

use crate::PIN;
use crate::answers::{approved, contoso, refused};
use crate::fake_kms::{FakeKms, Mode, Of};
use crate::remote::{Remote, lines, right, wrong};
use futures_util::future::join_all;

const MODES: [Mode; 12] = [
    Mode::Error(400, "DisabledException"),
    Mode::Error(400, "ThrottlingException"),
    Mode::Error(400, "AccessDeniedException"),
    Mode::Error(400, "NotFoundException"),
    Mode::Error(400, "KMSInvalidStateException"),
    Mode::Error(500, "KMSInternalException"),
    Mode::Error(500, "KeyUnavailableException"),
    Mode::Error(503, "ServiceUnavailable"),
    Mode::Garbage,
    Mode::MacOf(0),
    Mode::MacOf(33),
    Mode::NoKeyId,
];

async fn start(numbers: &[String]) -> (FakeKms, Remote) {
    let kms = FakeKms::start().await;
    let remote = Remote::on(kms.stack(), PIN, numbers).await;
    (kms, remote)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_kms_answers_but_a_mac_is_7598_and_does_nothing() {
    let numbers = lines(30);
    let (kms, remote) = start(&numbers).await;
    let cases = [Of::Secret, Of::Pin].into_iter().flat_map(|of| MODES.map(|mode| (of, mode)));
    for (n, (of, mode)) in cases.enumerate() {
        let (pon, number) = (format!("TX-{n}"), numbers[n].as_str());
        let before = remote.records().await;
        kms.set(of, mode);
        for ask in [right(&pon, number), wrong(&pon, number)] {
            remote.assert_refused(&ask, &pon, &format!("{mode:?} of {of:?}")).await;
        }
        kms.set(of, Mode::Well);
        assert_eq!(remote.records().await, before);
        remote.expect(&wrong(&pon, number), &refused(Some(&pon), &[7513], contoso(&[number]))).await;
        assert_eq!(remote.records().await.wrong_pins("CONTOSO", "A123"), (1, 1));
        remote.expect(&right(&pon, number), &approved(&pon)).await;
    }
    let logs = remote.stack.host().stop().await;
    assert!(!logs.contains("kms-canary") && !remote.stack.transcript().contains("kms-canary"));
}

/// Repeating an approval needs the PIN's MAC too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_kms_answers_approves_nothing_again() {
    let numbers = lines(1);
    let (kms, remote) = start(&numbers).await;
    let ask = right("TX-1", &numbers[0]);
    remote.expect(&ask, &approved("TX-1")).await;
    for mode in MODES {
        kms.set(Of::Pin, mode);
        remote.assert_refused(&ask, "TX-1", &format!("{mode:?}")).await;
        kms.set(Of::Pin, Mode::Well);
    }
    remote.expect(&ask, &approved("TX-1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kms_that_does_not_answer_is_7598_in_time() {
    let number = &lines(1)[0];
    let silent = [Of::Secret, Of::Pin].map(async |of| {
        let (kms, remote) = start(&lines(1)).await;
        kms.set(of, Mode::Never);
        remote.assert_refused(&right("TX-1", number), "TX-1", &format!("{of:?}")).await;
        kms.set(of, Mode::Well);
        remote.expect(&right("TX-1", number), &approved("TX-1")).await;
        assert_eq!(remote.records().await.orders("TX-1"), [("01".into(), "confirmed".into())]);
    });
    join_all(silent).await;
}
