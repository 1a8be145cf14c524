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

impl<T> Commit<T> {
    /// Maps the value of a write that was done.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Commit<U> {
        match self {
            Self::Done(value) => Commit::Done(map(value)),
            Self::Stale => Commit::Stale,
        }
    }
}

/// Attempts of one operation before its caller is told to try again later. Each lost attempt means that another writer
/// won, so only a crowd on one item can use them up.
pub const ATTEMPTS: u32 = 12;

/// Attempts of one call that DynamoDB cut short; with the pauses, well under 3 seconds.
pub const CALL_ATTEMPTS: u32 = 8;

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Counts the lost attempts of one operation or call, and pauses after each.
pub struct Retry {
    lost: u32,
    attempts: u32,
    exhausted: &'static str,
}

impl Retry {
    /// Starts an operation; `exhausted` is what the log says when every attempt was stale.
    pub fn new(exhausted: &'static str) -> Self {
        Self { lost: 0, attempts: ATTEMPTS, exhausted }
    }

    /// Starts one call of DynamoDB.
    pub(super) fn of_call(exhausted: &'static str) -> Self {
        Self { lost: 0, attempts: CALL_ATTEMPTS, exhausted }
    }

    /// Pauses after a stale attempt; the caller then reads again and makes the next one.
    ///
    /// # Errors
    /// An unavailable service once every attempt was stale.
    pub async fn after_stale(&mut self) -> Result<(), Error> {
        let pause = self.next_pause()?;
        // Full jitter: a random part of the time, so that competing writers spread out.
        let share = f64::from(u16::from_be_bytes(random::bytes()?)) / f64::from(u16::MAX);
        tokio::time::sleep(pause.mul_f64(share)).await;
        Ok(())
    }

    fn next_pause(&mut self) -> Result<Duration, Error> {
        let pause = longest_pause(self.lost);
        self.lost = self.lost.saturating_add(1);
        if self.lost < self.attempts { Ok(pause) } else { Err(Error::unavailable(self.exhausted)) }
    }
}

/// Doubles with each attempt that was lost before.
fn longest_pause(lost: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(lost)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn the_last_stale_attempt_is_an_unavailable_service() {
        for (mut retry, attempts) in
            [(Retry::new("crowded"), ATTEMPTS), (Retry::of_call("busy"), CALL_ATTEMPTS)]
        {
            for _ in 1..attempts {
                retry.next_pause().unwrap();
            }
            assert_eq!(retry.next_pause().unwrap_err().kind(), ErrorKind::Unavailable);
        }
    }

    #[test]
    fn pauses_double_and_all_of_them_stay_well_under_a_gateways_patience() {
        let pauses: Vec<_> = (0..6).map(|lost| longest_pause(lost).as_millis()).collect();
        assert_eq!(pauses, [20, 40, 80, 160, 320, 500]);
        let total: Duration = (1..CALL_ATTEMPTS).map(|attempt| longest_pause(attempt - 1)).sum();
        assert!(total < Duration::from_secs(3), "{total:?}");
    }
}
