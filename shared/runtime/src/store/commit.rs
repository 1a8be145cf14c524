//! The outcome of an optimistic write, and the one way to retry it: read again after a pause with jitter.

use std::time::Duration;

use crate::error::Error;
use crate::random;

/// What became of a write that rests on something read before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Commit<T> {
    /// Written, or nothing had to be.
    Done(T),
    /// Something that it rests on has changed since it was read; nothing was written.
    Stale,
}

/// Attempts of one operation before its caller is told to try again later. Each lost attempt means that another writer won, so only a
/// crowd on one item can use them up.
pub const ATTEMPTS: u32 = 12;

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Counts the stale attempts of one operation, and pauses after each.
pub struct Retry {
    stale: u32,
    exhausted: &'static str,
}

impl Retry {
    /// Starts an operation; `exhausted` is what the log says when every attempt was stale.
    pub fn new(exhausted: &'static str) -> Self {
        Self { stale: 0, exhausted }
    }

    /// Pauses after a stale attempt; the caller then reads again and makes the next one.
    ///
    /// # Errors
    /// An unavailable service after [`ATTEMPTS`] stale attempts.
    pub async fn after_stale(&mut self) -> Result<(), Error> {
        self.stale = self.stale.saturating_add(1);
        if self.stale >= ATTEMPTS {
            return Err(Error::unavailable(self.exhausted));
        }
        pause(self.stale.saturating_sub(1)).await
    }
}

/// Waits a random part of a time that doubles with each attempt (full jitter), so that competing writers spread out.
pub(crate) async fn pause(attempt: u32) -> Result<(), Error> {
    let longest = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempt)).min(LONGEST_PAUSE);
    let share = f64::from(u16::from_be_bytes(random::bytes()?)) / f64::from(u16::MAX);
    tokio::time::sleep(longest.mul_f64(share)).await;
    Ok(())
}
