//! Counts of wrong PINs: when a carrier has to wait, and when a PIN is locked.
//!
//! There are two counts. One per carrier and account makes only that carrier wait, so that an attacker cannot delay
//! another carrier's lawful port. One per account, over all carriers, locks the PIN, so that carriers cannot share out
//! the guessing.

use jiff::{SignedDuration, Timestamp};

/// Consecutive wrong PINs after which a carrier has to wait: enough for an end user who mistypes.
pub const FREE_ATTEMPTS: u32 = 5;
/// First wait. Each further wrong PIN doubles it.
pub const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// Longest wait. At one guess a day, a carrier needs over 1,000 years for half of the six-digit PINs.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);
/// Consecutive wrong PINs from all carriers that lock a PIN: the limit of NIST SP 800-63B, section 3.2.2.
pub const LOCK_AT: u32 = 100;

/// Consecutive wrong PINs that one carrier sent for one account, under the account's current PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CarrierAttempts {
    failures: u32,
    last_failed_at: Timestamp,
}

impl CarrierAttempts {
    /// Restores a count from its record.
    pub fn recorded(failures: u32, last_failed_at: Timestamp) -> Self {
        Self { failures, last_failed_at }
    }

    /// Returns the number of consecutive wrong PINs.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Returns when the last wrong PIN arrived.
    pub fn last_failed_at(&self) -> Timestamp {
        self.last_failed_at
    }

    /// Returns the count after one more wrong PIN.
    #[must_use]
    pub fn after_wrong(&self, now: Timestamp) -> Self {
        Self { failures: self.failures.saturating_add(1), last_failed_at: now }
    }

    /// Returns the whole seconds, at least one, that the carrier still has to wait; `None` if it does not have to.
    pub fn wait(&self, now: Timestamp) -> Option<u64> {
        let left = self.wait_length()?.checked_sub(now.duration_since(self.last_failed_at))?;
        // Rounded up, so that a carrier that returns after exactly these seconds is not turned away again.
        let seconds = u64::try_from(left.as_millis()).map_or(0, |millis| millis.div_ceil(1000));
        (seconds > 0).then_some(seconds)
    }

    fn wait_length(&self) -> Option<SignedDuration> {
        let doublings = self.failures.checked_sub(FREE_ATTEMPTS)?;
        // Past 30 doublings the factor overflows; the wait is at its longest long before.
        let factor = 1_i32.checked_shl(doublings).filter(|f| *f > 0);
        let wait = factor.and_then(|f| FIRST_WAIT.checked_mul(f)).unwrap_or(LONGEST_WAIT);
        Some(wait.min(LONGEST_WAIT))
    }
}

/// Returns whether a PIN is locked after this many consecutive wrong PINs from all carriers.
pub fn is_locked(failed_attempts: u32) -> bool {
    failed_attempts >= LOCK_AT
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + seconds).unwrap()
    }

    fn after(failures: u32) -> CarrierAttempts {
        CarrierAttempts::recorded(failures, at(0))
    }

    #[test]
    fn the_numbers_are_those_of_the_contract() {
        assert_eq!((FREE_ATTEMPTS, LOCK_AT), (5, 100));
        assert_eq!((FIRST_WAIT.as_secs(), LONGEST_WAIT.as_secs()), (60, 86_400));
    }

    #[test]
    fn four_wrong_pins_cost_no_wait_the_fifth_a_minute_and_each_further_doubles_it() {
        let waits: Vec<_> = (0..18).map(|n| after(n).wait(at(0)).unwrap_or(0)).collect();
        let doubling = [60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 15_360, 30_720, 61_440, 86_400, 86_400];
        assert_eq!(waits, [vec![0; 5], doubling.to_vec()].concat());
        assert_eq!(after(u32::MAX).wait(at(0)), Some(86_400));
    }

    #[test]
    fn a_wait_is_in_whole_seconds_rounded_up_and_ends_on_time() {
        assert_eq!(after(5).wait(at(59)), Some(1));
        assert_eq!(after(5).wait(at(0) + SignedDuration::from_millis(58_001)), Some(2));
        assert_eq!(after(5).wait(at(60)), None);
    }

    proptest! {
        #[test]
        fn a_carrier_that_obeys_every_wait_needs_over_a_day_for_sixteen_guesses(gaps in prop::collection::vec(0_i64..3_600, 16)) {
            let (mut attempts, mut clock) = (CarrierAttempts::default(), 0);
            for gap in gaps {
                clock += gap + i64::try_from(attempts.wait(at(clock + gap)).unwrap_or(0)).unwrap();
                prop_assert_eq!(attempts.wait(at(clock)), None);
                attempts = attempts.after_wrong(at(clock));
            }
            prop_assert_eq!(attempts.failures(), 16);
            prop_assert!(clock >= 122_820, "only {} seconds", clock);
        }

        #[test]
        fn a_wait_never_grows_while_the_clock_runs(failures in 0_u32..200, one in 0_i64..200_000, more in 0_i64..200_000) {
            let (early, late) = (after(failures).wait(at(one)), after(failures).wait(at(one + more)));
            prop_assert!(late.unwrap_or(0) <= early.unwrap_or(0));
        }

        #[test]
        fn a_wrong_pin_counts_exactly_one(failures in 0_u32..200, now in 0_i64..1_000_000) {
            let next = after(failures).after_wrong(at(now));
            prop_assert_eq!((next.failures(), next.last_failed_at()), (failures + 1, at(now)));
        }

        #[test]
        fn a_pin_is_locked_from_the_hundredth_wrong_one_on(failures in any::<u32>()) {
            prop_assert_eq!(is_locked(failures), failures >= 100);
        }
    }
}
