//! Rounds: in each one every store gets one call of each function, in changing order, so that whatever else the
//! machine does falls on all of them alike.

use crate::figures::Times;
use crate::subject::{PIN, ROUNDS, Subject};
use runtime::pin_hash::hasher::Hasher;
use runtime::pin_hash::pepper::{LocalKey, Pepper};
use std::io::{IsTerminal, Write, stdout};
use std::time::{Duration, Instant};

/// Rounds that are not counted: first invocations, connections, caches.
pub const WARM_UP: u64 = 10;

pub const OPERATIONS: [&str; 3] = ["status", "set-pin", "port-out"];

pub struct Measured {
    /// By store, then by operation.
    pub times: Vec<[Times; 3]>,
    /// The hash alone, which set-pin and port-out make once each.
    pub hash: Times,
}

pub async fn run(subjects: &[Subject], repetitions: u64) -> Measured {
    let mut all: Vec<[Vec<Duration>; 3]> = subjects.iter().map(|_| Default::default()).collect();
    let (hasher, mut hashes) = (hasher(), Vec::new());
    for round in 0..WARM_UP + repetitions {
        let first = usize::try_from(round).expect("few rounds");
        for turn in 0..subjects.len() {
            let turn = (turn + first) % subjects.len();
            let times = calls(&subjects[turn], round).await;
            if round >= WARM_UP {
                all[turn].iter_mut().zip(times).for_each(|(all, time)| all.push(time));
            }
        }
        if round >= WARM_UP {
            hashes.push(hash(&hasher).await);
        }
        show(round + 1, WARM_UP + repetitions);
    }
    let times = all.into_iter().map(|of_store| of_store.map(Times::of)).collect();
    Measured { times, hash: Times::of(hashes) }
}

async fn calls(subject: &Subject, round: u64) -> [Duration; 3] {
    let account = spread(round, subject.filled.accounts);
    [subject.status(account).await, subject.set_pin(account).await, subject.port_out(account).await]
}

/// Another account each round, spread evenly over the store: the golden ratio's multiples never come close to each
/// other.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "an account of the store, far under 2^52"
)]
fn spread(round: u64, accounts: u64) -> u64 {
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    ((round as f64 * golden).fract() * accounts as f64) as u64
}

fn hasher() -> Hasher {
    let current = Box::new(LocalKey::new(&[7; 32]).expect("a key"));
    Hasher::new(Pepper::Local { current, previous: None }, ROUNDS).expect("the self-test passes")
}

async fn hash(hasher: &Hasher) -> Duration {
    let account = "GROWTH".parse().expect("an account number");
    let keyed = hasher.pepper(&account, PIN).await.expect("a keyed hash");
    let begun = Instant::now();
    hasher.digest(&keyed).await.expect("a digest");
    begun.elapsed()
}

fn show(done: u64, all: u64) {
    if stdout().is_terminal() {
        print!("\rmeasuring: round {done} of {all}{}", if done == all { "\n" } else { "" });
        let _ = stdout().flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_account_comes_twice_even_in_a_store_of_twice_the_rounds() {
        for rounds in [30, 310, 1_010] {
            let accounts: HashSet<_> = (0..rounds).map(|round| spread(round, 2 * rounds)).collect();
            assert_eq!(accounts.len() as u64, rounds);
        }
    }
}
