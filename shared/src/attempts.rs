//! Counts of wrong PINs: when a carrier has to wait, and when a PIN is locked.
//!
//! There are two counts. One per carrier and account makes only that carrier wait, so that an attacker cannot delay
//! another carrier's lawful port. One per account, over all carriers, locks the PIN, so that carriers cannot share out
//! the guessing. A third limits rejected requests in which no PIN was compared, which probe everything else for free.

use jiff::{SignedDuration, Timestamp};

/// Consecutive wrong PINs after which a carrier has to wait: enough for an end user who mistypes.
pub const FREE_ATTEMPTS: u32 = 5;
/// First wait. Each further wrong PIN doubles it.
pub const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// Longest wait: within the time in which a simple port is answered (47 CFR 52.35 and practice), so that guesses of
/// others under the same carrier delay a lawful port by no more than that.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(4);
/// Consecutive wrong PINs from all carriers that lock a PIN: the limit of NIST SP 800-63B, section 3.2.2.
pub const LOCK_AT: u32 = 100;
/// Consecutive wrong PINs from all carriers that the owner is told about; the last one is the lock.
pub const MILESTONES: [u32; 4] = [10, 50, 80, LOCK_AT];
/// Without any wrong PIN for this long, the count over all carriers starts again. A locked PIN stays locked.
pub const COUNT_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Rejected requests without a PIN comparison that a carrier may send for one account in [`LIMIT_WINDOW`].
pub const UNCOMPARED_LIMIT: u32 = 20;
/// Window of [`UNCOMPARED_LIMIT`], from its first such request.
pub const LIMIT_WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// Wrong PINs from all carriers together, for one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PinFailures {
    /// Wrong PINs since the PIN was set. A right PIN does not hide them.
    pub since_change: u32,
    /// Wrong PINs in a row, which lock the PIN.
    pub consecutive: u32,
    /// Number of times that `consecutive` started again at zero, except by a right PIN.
    pub period: u64,
    /// When the last wrong PIN arrived.
    pub last_failed_at: Option<Timestamp>,
}

/// How one more wrong PIN is counted for the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountUp {
    /// Whatever the count is by then, as long as the result stays below this milestone.
    Below(u32),
    /// Only if the count is as it was read: it reaches this milestone.
    Reaches(u32),
    /// Only if the count is as it was read: it starts again, because no PIN was wrong for [`COUNT_KEPT`].
    StartsAgain,
}

impl PinFailures {
    /// Returns whether the PIN is locked.
    pub fn is_locked(&self) -> bool {
        self.consecutive >= LOCK_AT
    }

    /// Returns how one more wrong PIN is counted.
    pub fn count_up(&self, now: Timestamp) -> CountUp {
        let last = self.last_failed_at.filter(|_| self.consecutive > 0);
        if last.is_some_and(|last| now.duration_since(last) > COUNT_KEPT) && !self.is_locked() {
            return CountUp::StartsAgain;
        }
        let next = self.consecutive.saturating_add(1);
        let milestone = MILESTONES.into_iter().find(|milestone| *milestone >= next).unwrap_or(LOCK_AT);
        if milestone == next { CountUp::Reaches(milestone) } else { CountUp::Below(milestone) }
    }
}

/// What one carrier did for one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CarrierAttempts {
    /// Wrong PINs in a row under the account's current PIN.
    pub failures: u32,
    /// What it added to the account's count of consecutive wrong PINs.
    pub added: u32,
    /// When its last wrong PIN arrived.
    pub last_failed_at: Option<Timestamp>,
    /// Rejected requests without a comparison since `uncompared_since`.
    pub uncompared: u32,
    /// Start of the current [`LIMIT_WINDOW`].
    pub uncompared_since: Option<Timestamp>,
    /// End of the last wait that the owner was told about.
    pub announced_until: Option<Timestamp>,
}

/// Time that a carrier has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// When it ends.
    pub until: Timestamp,
    /// Whole seconds until then, at least one.
    pub seconds: u64,
}

impl Wait {
    fn until(until: Timestamp, now: Timestamp) -> Option<Self> {
        // Rounded up, so that a carrier that returns after exactly these seconds is not turned away again.
        let left = until.duration_since(now).as_millis();
        let seconds = u64::try_from(left).map_or(0, |millis| millis.div_ceil(1000));
        (seconds > 0).then_some(Self { until, seconds })
    }
}

impl CarrierAttempts {
    /// Returns the counts after one more wrong PIN; `starts_again` if the account's count starts with it.
    #[must_use]
    pub fn after_wrong(self, starts_again: bool, now: Timestamp) -> Self {
        let added = if starts_again { 0 } else { self.added };
        Self {
            failures: self.failures.saturating_add(1),
            added: added.saturating_add(1),
            last_failed_at: Some(now),
            ..self
        }
    }

    /// Returns the counts after a right PIN. Requests without a comparison stay limited, or one's own PIN would pay for
    /// probing.
    #[must_use]
    pub fn after_right(self) -> Self {
        Self { failures: 0, added: 0, last_failed_at: None, ..self }
    }

    /// Returns the counts after one more rejected request without a comparison.
    #[must_use]
    pub fn after_uncompared(self, now: Timestamp) -> Self {
        let window = self.window(now);
        let before = window.map_or(0, |_| self.uncompared);
        Self { uncompared: before.saturating_add(1), uncompared_since: Some(window.unwrap_or(now)), ..self }
    }

    /// Returns the counts after the owner was told about a wait.
    #[must_use]
    pub fn after_announcement(self, wait: Wait) -> Self {
        Self { announced_until: Some(wait.until), ..self }
    }

    /// Returns whether the owner was told about this wait.
    pub fn announced(&self, wait: Wait) -> bool {
        self.announced_until == Some(wait.until)
    }

    /// Returns how long the carrier has to wait because of wrong PINs, if it has to.
    pub fn wait(&self, now: Timestamp) -> Option<Wait> {
        let until = self.last_failed_at?.checked_add(self.wait_length()?).ok()?;
        Wait::until(until, now)
    }

    /// Returns how long it has to wait before another request without a comparison is rejected, if it has to.
    pub fn limit(&self, now: Timestamp) -> Option<Wait> {
        let since = self.window(now).filter(|_| self.uncompared >= UNCOMPARED_LIMIT)?;
        Wait::until(since.checked_add(LIMIT_WINDOW).ok()?, now)
    }

    fn window(&self, now: Timestamp) -> Option<Timestamp> {
        self.uncompared_since.filter(|since| now.duration_since(*since) < LIMIT_WINDOW)
    }

    fn wait_length(&self) -> Option<SignedDuration> {
        let doublings = self.failures.checked_sub(FREE_ATTEMPTS)?;
        // Past 30 doublings the factor overflows; the wait is at its longest long before.
        let factor = 1_i32.checked_shl(doublings).filter(|f| *f > 0);
        let wait = factor.and_then(|f| FIRST_WAIT.checked_mul(f)).unwrap_or(LONGEST_WAIT);
        Some(wait.min(LONGEST_WAIT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + seconds).unwrap()
    }

    fn after(failures: u32) -> CarrierAttempts {
        CarrierAttempts { failures, last_failed_at: Some(at(0)), ..CarrierAttempts::default() }
    }

    fn seconds(attempts: CarrierAttempts, now: Timestamp) -> u64 {
        attempts.wait(now).map_or(0, |wait| wait.seconds)
    }

    #[test]
    fn the_numbers_are_those_of_the_contract() {
        assert_eq!((FREE_ATTEMPTS, MILESTONES, UNCOMPARED_LIMIT), (5, [10, 50, 80, 100], 20));
        assert_eq!((FIRST_WAIT.as_secs(), LONGEST_WAIT.as_secs()), (60, 14_400));
        assert_eq!((LIMIT_WINDOW.as_secs(), COUNT_KEPT.as_secs()), (3_600, 2_592_000));
    }

    #[test]
    fn four_wrong_pins_cost_no_wait_the_fifth_a_minute_and_each_further_doubles_it() {
        let waits: Vec<_> = (0..16).map(|n| seconds(after(n), at(0))).collect();
        let doubling = [60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 14_400, 14_400, 14_400];
        assert_eq!(waits, [vec![0; 5], doubling.to_vec()].concat());
        assert_eq!(seconds(after(u32::MAX), at(0)), 14_400);
    }

    #[test]
    fn a_wait_is_in_whole_seconds_rounded_up_and_ends_on_time() {
        assert_eq!(seconds(after(5), at(59)), 1);
        assert_eq!(seconds(after(5), at(0) + SignedDuration::from_millis(58_001)), 2);
        assert_eq!(after(5).wait(at(60)), None);
    }

    #[test]
    fn a_milestone_is_reached_once_and_by_the_exact_count() {
        let counted = |consecutive| {
            let last_failed_at = Some(at(0));
            PinFailures { consecutive, last_failed_at, ..PinFailures::default() }.count_up(at(1))
        };
        for (consecutive, expected) in [
            (0, CountUp::Below(10)),
            (8, CountUp::Below(10)),
            (9, CountUp::Reaches(10)),
            (10, CountUp::Below(50)),
            (49, CountUp::Reaches(50)),
            (79, CountUp::Reaches(80)),
            (98, CountUp::Below(100)),
            (99, CountUp::Reaches(100)),
        ] {
            assert_eq!(counted(consecutive), expected, "{consecutive}");
        }
    }

    #[test]
    fn the_count_over_all_carriers_starts_again_after_30_quiet_days_unless_the_pin_is_locked() {
        let failed =
            |consecutive| PinFailures { consecutive, last_failed_at: Some(at(0)), ..PinFailures::default() };
        let quiet = at(0) + COUNT_KEPT;
        assert_eq!(failed(60).count_up(quiet), CountUp::Below(80));
        assert_eq!(failed(60).count_up(quiet + SignedDuration::from_secs(1)), CountUp::StartsAgain);
        assert!(failed(100).is_locked() && !failed(99).is_locked());
        assert_ne!(failed(100).count_up(quiet + COUNT_KEPT), CountUp::StartsAgain);
    }

    #[test]
    fn a_right_pin_ends_the_carriers_own_counts_but_not_its_limit() {
        let mut attempts = CarrierAttempts::default();
        for n in 0..3 {
            attempts = attempts.after_wrong(false, at(n)).after_uncompared(at(n));
        }
        assert_eq!((attempts.failures, attempts.added, attempts.uncompared), (3, 3, 3));
        assert_eq!(attempts.after_wrong(true, at(9)).added, 1);
        let right = attempts.after_right();
        assert_eq!((right.failures, right.added, right.uncompared), (0, 0, 3));
        assert_eq!(right.wait(at(9)), None);
    }

    #[test]
    fn twenty_requests_without_a_comparison_are_free_in_each_hour() {
        let mut attempts = CarrierAttempts::default();
        for n in 0..20 {
            assert_eq!(attempts.limit(at(n * 60)), None);
            attempts = attempts.after_uncompared(at(n * 60));
        }
        assert_eq!(
            attempts.limit(at(1_200)).map(|wait| (wait.until, wait.seconds)),
            Some((at(3_600), 2_400))
        );
        assert_eq!(attempts.limit(at(3_600)), None);
        assert_eq!(attempts.after_uncompared(at(3_600)).uncompared, 1);
    }

    #[test]
    fn a_wait_is_announced_once() {
        let wait = after(5).wait(at(1)).unwrap();
        assert!(!after(5).announced(wait));
        let told = after(5).after_announcement(wait);
        assert!(told.announced(told.wait(at(30)).unwrap()));
        let longer = told.after_wrong(false, at(60));
        assert!(!longer.announced(longer.wait(at(61)).unwrap()));
    }

    proptest! {
        #[test]
        fn a_carrier_that_obeys_every_wait_needs_over_a_day_for_twenty_guesses(gaps in prop::collection::vec(0_i64..3_600, 20)) {
            let (mut attempts, mut clock) = (CarrierAttempts::default(), 0);
            for gap in gaps {
                clock += gap + i64::try_from(seconds(attempts, at(clock + gap))).unwrap();
                prop_assert_eq!(attempts.wait(at(clock)), None);
                attempts = attempts.after_wrong(false, at(clock));
            }
            prop_assert_eq!(attempts.failures, 20);
            prop_assert!(clock >= 86_400, "only {} seconds", clock);
        }

        #[test]
        fn a_wait_never_grows_while_the_clock_runs(failures in 0_u32..200, one in 0_i64..200_000, more in 0_i64..200_000) {
            prop_assert!(seconds(after(failures), at(one + more)) <= seconds(after(failures), at(one)));
        }
    }
}
