//! Random operations of several callers at once; afterwards every invariant holds.

use futures_util::future::join_all;
use harness::engine::Item;
use harness::prelude::*;
use harness::random::Random;
use harness::records::{reasons, text};
use shared::port_out_id::{PortOutId, Requester, Version};

use crate::NEW_PIN;

const CALLERS: usize = 6;
const OPERATIONS: usize = 60;
/// Two accounts that are served, and one that is only guessed at.
const ACCOUNTS: [&str; 2] = [CONTOSO, "FABRIKAM"];
const GUESSED: &str = "LITWARE";
/// Its number; a PIN is compared only where one of the account's own is named.
const GUESSED_TN: &str = "+12065550120";
const CARRIERS: [&str; 3] = ["A123", "B456", "C789"];
const PINS: [&str; 2] = [PIN, NEW_PIN];

fn number(random: &mut Random) -> String {
    tn(random.below(8))
}

fn numbers(random: &mut Random) -> Vec<String> {
    let mut numbers: Vec<_> = (0..=random.below(3)).map(|_| number(random)).collect();
    numbers.sort();
    numbers.dedup();
    numbers
}

/// Returns one random call.
fn operation(stack: &Stack, random: &mut Random) -> CallBuilder {
    let (account, operator) = (*random.pick(&ACCOUNTS), stack.tokens().operator());
    let numbers_path = format!("/v1/accounts/{account}/telephone-numbers");
    match random.below(13) {
        0 | 1 => {
            let body = json!({"telephone_numbers": numbers(random)});
            stack.call("POST", &numbers_path).bearer(&operator).json(&body)
        }
        2 | 3 => stack.call("DELETE", &format!("{numbers_path}/{}", number(random))).bearer(&operator),
        4 => {
            let body = json!({"country": "US", "zip_codes": [*random.pick(&["98052", "98052-1234"])]});
            stack.call("PUT", &format!("/v1/accounts/{account}")).bearer(&operator).json(&body)
        }
        5 => {
            let call = stack.call("PUT", &format!("/v1/accounts/{account}/port-out-pin"));
            call.by(&Claims::account(account)).json(&json!({"pin": *random.pick(&PINS)}))
        }
        6 => port_out(stack, random, GUESSED, WRONG_PIN),
        7 => {
            let id = port_out_id(random);
            let statement = *random.pick(&["changed_mind", "changed_mind", "not_authorized"]);
            let call = stack.call("POST", &format!("/v1/port-outs/{id}/cancellation"));
            call.by(&Claims::account(account)).json(&json!({"statement": statement, "name": "Ada Admin"}))
        }
        8 => {
            let path = format!("/v1/port-outs/{}/activations", port_out_id(random));
            stack.desk("POST", &path).json(&json!({"telephone_numbers": [number(random)]}))
        }
        9 => {
            let call = stack.call("PUT", &format!("/v1/accounts/{account}/port-protection"));
            call.by(&Claims::account(account)).json(&json!({"enabled": random.below(4) == 0}))
        }
        _ => {
            let pin = *random.pick(&PINS);
            port_out(stack, random, account, pin)
        }
    }
}

/// Returns a name that a port-out may have: PON and version.
fn name(random: &mut Random) -> [String; 2] {
    [format!("TX-{}", random.below(4)), format!("{:02}", 1 + random.below(20))]
}

/// Returns the id of a port-out that may exist.
fn port_out_id(random: &mut Random) -> PortOutId {
    let [pon, version] = name(random);
    let carrier = Requester::Carrier(random.pick(&CARRIERS).parse().unwrap());
    PortOutId::of(&carrier, &pon.parse().unwrap(), Version::recorded(&version).unwrap())
}

fn port_out(stack: &Stack, random: &mut Random, account: &str, pin: &str) -> CallBuilder {
    let mut numbers = numbers(random);
    if account == GUESSED && random.below(4) > 0 {
        numbers.push(GUESSED_TN.to_owned());
    }
    let [pon, version] = name(random);
    let mut body = order(&pon, account, pin, &numbers);
    body["version"] = json!(version);
    let carrier = *random.pick(&CARRIERS);
    let token = stack.tokens().carrier(carrier);
    stack.call("POST", "/v1/port-outs").bearer(&token).json(&body)
}

#[track_caller]
fn assert_foreseen(answer: &Answer) {
    let foreseen = match answer.call.split(' ').next() {
        Some("DELETE") => &[204, 409][..],
        // Setting the locked PIN again changes nothing.
        Some("PUT") if answer.call.ends_with("port-out-pin") => &[200, 422],
        Some("PUT") => &[200],
        _ if answer.call.ends_with("cancellation") => &[200, 404, 409],
        _ if answer.call.ends_with("activations") => &[200, 404, 409, 422],
        _ if answer.call.contains("telephone-numbers") => &[200, 409],
        _ => &[200, 201, 409, 429],
    };
    assert!(foreseen.contains(&answer.status), "{}: {} {}", answer.call, answer.status, answer.text());
}

async fn processes() -> Stack {
    let fixture = Fixture::new().account(ACCOUNTS[0]).pin(PIN).account(ACCOUNTS[1]).pin(PIN);
    fixture.account(GUESSED).pin(PIN).numbers(&[GUESSED_TN]).processes(3).start().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_operations_at_once_leave_no_contradiction() {
    let stack = processes().await;
    let seed = u64::from_le_bytes(harness::random_bytes(8).try_into().unwrap());
    println!("seed {seed}");
    let statuses = join_all((0..CALLERS).map(|caller| {
        let (stack, mut random) = (&stack, Random::seeded(seed.wrapping_add(caller as u64)));
        async move {
            let mut confirmed = 0;
            for _ in 0..OPERATIONS {
                let answer = operation(stack, &mut random).send().await;
                assert_foreseen(&answer);
                confirmed += usize::from(answer.status == 201 && answer.json()["status"] == "confirmed");
            }
            confirmed
        }
    }))
    .await;
    let records = stack.records().await;
    records.check();
    let confirmed: usize = statuses.iter().sum();
    let told: usize = ACCOUNTS.iter().map(|name| records.count_events(name, "port_out.confirmed")).sum();
    assert_eq!(confirmed, told, "what was told as confirmed is what was recorded");
    assert_guesses_counted(&records);
}

/// No request carried that account's right PIN, so all of its counts agree exactly.
#[track_caller]
fn assert_guesses_counted(records: &Records) {
    let failed = records.failed_attempts(GUESSED);
    assert!(failed > 0, "no guess was compared");
    assert_eq!(failed, records.wrong_pins(GUESSED));
    assert_eq!(failed, CARRIERS.iter().map(|spid| records.failures(GUESSED, spid)).sum::<u64>());
    assert!(CARRIERS.iter().all(|spid| records.failures(GUESSED, spid) <= 5));
    let compared =
        |order: &&Item| text(order, "account_number") == GUESSED && reasons(order).contains(&"pin_invalid");
    assert_eq!(records.orders.iter().filter(compared).count() as u64, failed);
    assert_eq!(records.pin_version(GUESSED), 1);
}
