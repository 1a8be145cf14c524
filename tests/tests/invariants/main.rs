//! Invariants under load, races, faults and leak scans. Each test has its own stack.

mod canary_lifecycle;
mod canary_places;
mod canary_requests;
mod concurrent;
mod concurrent_ends;
mod concurrent_orders;
mod concurrent_pins;
mod concurrent_versions;
mod corrupt_records;
mod guessing;
mod last_guess;
mod lost_answers;
mod no_leaks;
mod operations;
mod random_operations;
mod read_skew;
mod round_trips;
mod sequential_steps;
mod table_outages;
mod thaw;
mod webhook_round_trips;

use harness::prelude::*;

/// A PIN that is set in place of the usual one.
const NEW_PIN: &str = "620948";

/// Starts `CONTOSO` with its PIN and its number, and one process a function.
async fn start() -> Stack {
    Fixture::contoso().processes(1).start().await
}
