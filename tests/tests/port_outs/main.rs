//! Port-outs end to end: what a carrier is answered, what is recorded of it, and what its guesses cost.

mod configuration;
mod confirmed;
mod desk;
mod digest_renewal;
mod due_dates;
mod guesses;
mod lifecycle;
mod lists;
mod lock;
mod protection;
mod rejected;
mod repeated;
mod repeated_guesses;
mod supplements;
mod versions;
mod waits;

use std::collections::BTreeMap;

use harness::prelude::*;

/// A PIN that is set in place of the usual one.
const NEW_PIN: &str = "739154";

/// Starts the account `CONTOSO` with its PIN and these numbers.
async fn contoso<T: AsRef<str>>(numbers: &[T]) -> Stack {
    Fixture::contoso().numbers(numbers).start().await
}

/// Kinds of events with how often each is expected.
fn kinds(expected: &[(&str, usize)]) -> BTreeMap<String, usize> {
    expected.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect()
}
