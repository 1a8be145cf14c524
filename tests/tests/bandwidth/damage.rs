//! Stored data that nobody could have written: a refusal with 7598, never an approval and never a 5xx.

use crate::answers::{approved, contoso, refused};
use crate::ask::Ask;
use crate::remote::{Remote, lines, right, wrong};
use aws_sdk_dynamodb::types::AttributeValue;

type Damage = ((&'static str, &'static str), &'static str, Option<AttributeValue>);

const ACCOUNT: (&str, &str) = ("ACCOUNT#CONTOSO", "ACCOUNT");
const ATTEMPTS: (&str, &str) = ("ACCOUNT#CONTOSO", "ATTEMPTS#A123");
const NUMBER: (&str, &str) = ("NUMBER#+12065550101", "NUMBER");
const SOURCE: (&str, &str) = ("WEBHOOK#bw", "WEBHOOK");
const PON: (&str, &str) = ("PON#A123#TX-1", "PON");

fn s(text: &str) -> Option<AttributeValue> {
    Some(AttributeValue::S(text.to_owned()))
}

fn n(number: &str) -> Option<AttributeValue> {
    Some(AttributeValue::N(number.to_owned()))
}

/// With a confirmed order TX-1 for the first number, and then one wrong PIN.
async fn start() -> Remote {
    let numbers = lines(2);
    let remote = Remote::start(&numbers).await;
    remote.expect(&right("TX-1", &numbers[0]), &approved("TX-1")).await;
    let expected = refused(Some("W-1"), &[7513], contoso(&[&numbers[1]]));
    remote.expect(&wrong("W-1", &numbers[1]), &expected).await;
    remote
}

/// Fails unless the request is refused under each damage, and rightly answered once all are mended.
async fn assert_refused_under(remote: &Remote, damages: &[Damage], ask: &Ask, pon: &str) {
    for (key, attribute, value) in damages {
        let whole = remote.stack.item(*key).await;
        let mut damaged = whole.clone();
        damaged.remove(*attribute);
        damaged.extend(value.clone().map(|value| ((*attribute).to_owned(), value)));
        remote.stack.put_item(damaged).await;
        let before = remote.records().await;
        remote.assert_refused(ask, pon, &format!("{attribute} {value:?}")).await;
        assert_eq!(remote.records().await, before);
        remote.stack.put_item(whole).await;
    }
    remote.expect(ask, &approved(pon)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_account_digest_count_or_number_is_7598() {
    let remote = start().await;
    let digest = remote.stack.item(ACCOUNT).await["pin_digest"].as_s().unwrap().clone();
    let damages = [
        (ACCOUNT, "pin_digest", None),
        (ACCOUNT, "pin_digest", s("")),
        (ACCOUNT, "pin_digest", s("garbage")),
        (ACCOUNT, "pin_digest", s(&digest[..digest.len() - 1])),
        (ACCOUNT, "pin_digest", s(&digest.replace("$100000$", "$0$"))),
        (ACCOUNT, "pin_digest", s(&digest.replace("$local-", "$local-0"))),
        (ACCOUNT, "country", s("??")),
        (ACCOUNT, "failed_attempts", s("0")),
        (ACCOUNT, "failed_attempts", None),
        (ACCOUNT, "pin_version", n("1.5")),
        (ACCOUNT, "zip_code", s("9")),
        (ACCOUNT, "account_number", None),
        (ATTEMPTS, "failures", s("1")),
        (ATTEMPTS, "failures", n("-1")),
        (ATTEMPTS, "last_failed_at", s("now")),
        (NUMBER, "held_by", s("garbage")),
        (NUMBER, "account_number", s("!")),
        (NUMBER, "telephone_number", s("+1")),
    ];
    assert_refused_under(&remote, &damages, &right("TX-2", &lines(2)[1]), "TX-2").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_source_is_7598_and_no_challenge() {
    let remote = start().await;
    let damages = [
        (SOURCE, "kind", s("garbage")),
        (SOURCE, "kind", None),
        (SOURCE, "spid", s("")),
        (SOURCE, "spid", n("1")),
        (SOURCE, "secret_version", s("1")),
        (SOURCE, "secret_version", None),
        (SOURCE, "secret_key_id", s("")),
        (SOURCE, "secret_key_id", s("local-0000000000000000")),
        (SOURCE, "source_id", s("!")),
        (SOURCE, "previous_version", n("1")),
        (SOURCE, "source_name", s("")),
    ];
    assert_refused_under(&remote, &damages, &right("TX-2", &lines(2)[1]), "TX-2").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_pon_or_order_is_7598_when_it_is_repeated_and_when_it_is_changed() {
    let remote = start().await;
    let numbers = lines(2);
    let pon = [
        (PON, "latest_version", s("1")),
        (PON, "latest_version", s("99")),
        (PON, "latest_version", None),
        (PON, "confirmed_id", s("garbage")),
        (PON, "port_out_status", s("ported")),
        (PON, "foc_date", s("soon")),
        (PON, "received_at", None),
        (PON, "pin_fingerprint", s("garbage")),
    ];
    assert_refused_under(&remote, &pon, &right("TX-1", &numbers[0]), "TX-1").await;
    // The earlier version is read only where another one replaces it.
    let id = remote.records().await.port_out_id("TX-1", "01");
    let pk: &'static str = format!("PORTOUT#{id}").leak();
    let port_out = (pk, "PORTOUT");
    let earlier = [
        (port_out, "port_out_status", s("ported")),
        (port_out, "foc_date", s("soon")),
        (port_out, "telephone_numbers", s("+12065550100")),
        (port_out, "account_number", None),
    ];
    let damages: Vec<_> = pon.into_iter().chain(earlier).collect();
    assert_refused_under(&remote, &damages, &right("TX-1", &numbers[1]), "TX-1").await;
}
