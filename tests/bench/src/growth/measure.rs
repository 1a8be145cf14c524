//! Rounds: in each one every store gets one call of each function, in changing order, so that other work of the machine
//! slows all of them alike.

use super::largest;
use super::plan::LARGEST;
use super::store::{OPERATIONS, ROUNDS, Store};
use crate::hash::Hash;
use crate::progress::Progress;
use crate::stats::Samples;

/// Rounds that are not counted: first invocations, connections, caches.
pub const WARM_UP: u64 = 10;

/// Returns what is measured, in the order of the times.
pub fn operations() -> impl Iterator<Item = &'static str> {
    OPERATIONS.into_iter().chain(largest::OPERATIONS)
}

pub struct Measured {
    /// By store, then by operation.
    pub times: Vec<Vec<Samples>>,
    /// The hash alone, which an operation that takes a PIN makes once.
    pub hash: Samples,
}

pub async fn run(stores: &mut [Store], repetitions: u64, due: &str) -> Result<Measured, String> {
    let hash = Hash::new(ROUNDS);
    let times = vec![vec![Samples::default(); operations().count()]; stores.len()];
    let mut measured = Measured { times, hash: Samples::default() };
    let mut progress = Progress::new("rounds", WARM_UP + repetitions);
    for round in 0..WARM_UP + repetitions {
        let first = usize::try_from(round).expect("few rounds");
        for turn in 0..stores.len() {
            let turn = (turn + first) % stores.len();
            let account = another(round, stores[turn].filled.plan.accounts);
            let times = stores[turn].time(account, due).await?;
            if round >= WARM_UP {
                measured.times[turn].iter_mut().zip(times).for_each(|(samples, time)| samples.add(time));
            }
        }
        if round >= WARM_UP {
            measured.hash.add(hash.time().await);
        }
        progress.add(1);
    }
    Ok(measured)
}

/// Picks another account each round, never the largest one.
fn another(round: u64, accounts: u64) -> u64 {
    LARGEST + 1 + spread(round, accounts - 1)
}

/// Picks another number each round, spread evenly over the store: the golden ratio's multiples never come close to
/// each other.
fn spread(round: u64, accounts: u64) -> u64 {
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    ((round as f64 * golden).fract() * accounts as f64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_account_comes_twice_even_in_a_store_of_twice_the_rounds() {
        for rounds in [30, 310, 1_010] {
            let accounts: HashSet<_> = (0..rounds).map(|round| another(round, 2 * rounds + 1)).collect();
            assert_eq!(accounts.len() as u64, rounds);
            assert!(!accounts.contains(&LARGEST) && accounts.iter().all(|account| *account <= 2 * rounds));
        }
    }
}
