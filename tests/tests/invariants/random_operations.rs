//! Random operations of several callers at once; afterwards every invariant holds.

use futures_util::future::join_all;
use harness::prelude::*;
use harness::random::Random;
use harness::records::{self, text};

use crate::NEW_PIN;

const CALLERS: usize = 6;
const OPERATIONS: usize = 60;
/// Two accounts that are served, and one that is only guessed at.
const ACCOUNTS: [&str; 2] = [CONTOSO, "FABRIKAM"];
const GUESSED: &str = "LITWARE";
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
    match random.below(10) {
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
        _ => {
            let pin = *random.pick(&PINS);
            port_out(stack, random, account, pin)
        }
    }
}

fn port_out(stack: &Stack, random: &mut Random, account: &str, pin: &str) -> CallBuilder {
    let numbers = numbers(random);
    let mut body = order(&format!("TX-{}", random.below(4)), account, pin, &numbers);
    body["version"] = json!(format!("{:02}", 1 + random.below(20)));
    let carrier = *random.pick(&CARRIERS);
    let token = stack.tokens().carrier(carrier);
    stack.call("POST", "/v1/port-outs").bearer(&token).json(&body)
}

#[track_caller]
fn assert_foreseen(answer: &Answer) {
    let foreseen = match answer.call.split(' ').next() {
        Some("DELETE") => &[204, 409][..],
        Some("PUT") => &[200],
        _ if answer.call.contains("telephone-numbers") => &[200, 409],
        _ => &[200, 201, 409, 429],
    };
    assert!(foreseen.contains(&answer.status), "{}: {} {}", answer.call, answer.status, answer.text());
}

async fn processes() -> Stack {
    let fixture = Fixture::new().account(ACCOUNTS[0]).pin(PIN).account(ACCOUNTS[1]).pin(PIN);
    fixture.account(GUESSED).pin(PIN).processes(3).start().await
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
    assert_eq!(failed, records.wrong_pins(GUESSED));
    assert_eq!(failed, CARRIERS.iter().map(|spid| records.failures(GUESSED, spid)).sum::<u64>());
    assert!(CARRIERS.iter().all(|spid| records.failures(GUESSED, spid) <= 5));
    let orders = records.orders.iter().filter(|order| text(order, "account_number") == GUESSED);
    assert_eq!(orders.count() as u64, failed);
    assert_eq!(records::number(records.account(GUESSED), "pin_version"), 1);
}
