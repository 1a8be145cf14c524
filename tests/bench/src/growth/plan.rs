//! What a store of some size holds: how many port-outs each account has, and when they were made.

use super::history::{EVENTS, History, PORT_OUTS, event_id};
use jiff::{SignedDuration, Timestamp};

/// Port-outs that a store has for each account.
pub const PORT_OUTS_PER_ACCOUNT: u64 = 10;

/// The account that has a tenth of all port-outs.
pub const LARGEST: u64 = 0;

/// Part of the port-outs that the largest account has.
const TENTH: u64 = 10;

/// Time over which the port-outs were made.
const SPAN: SignedDuration = SignedDuration::from_hours(300 * 24);

/// Accounts and their histories.
#[derive(Clone, Debug)]
pub struct Plan {
    pub accounts: u64,
    /// When the first account was created.
    pub began: Timestamp,
    /// Decision version of an account without port-outs.
    pub first_version: u64,
}

impl Plan {
    /// Histories of all accounts.
    pub fn histories(&self) -> u64 {
        self.accounts * PORT_OUTS_PER_ACCOUNT / PORT_OUTS
    }

    /// Histories of the largest account, which are the earliest.
    pub fn largest_histories(&self) -> u64 {
        self.histories() / TENTH
    }

    /// Returns how many histories come before those of an account.
    fn first(&self, account: u64) -> u64 {
        let (largest, others) = (self.largest_histories(), self.accounts - 1);
        match account {
            LARGEST => 0,
            _ => largest + ((account - 1) * (self.histories() - largest)).div_ceil(others),
        }
    }

    fn account_of(&self, serial: u64) -> u64 {
        let (largest, others) = (self.largest_histories(), self.accounts - 1);
        match serial.checked_sub(largest) {
            None => LARGEST,
            Some(rest) => 1 + rest * others / (self.histories() - largest),
        }
    }

    /// Returns the decision version of an account after all its histories.
    pub fn decision_version(&self, account: u64) -> u64 {
        self.first_version + self.first(account + 1) - self.first(account)
    }

    /// Returns the history of that number.
    pub fn history(&self, serial: u64) -> History {
        let step = SPAN.as_millis() as i64 / (self.histories() + 1) as i64;
        let confirmed_at = self.began + SignedDuration::from_millis(step * (serial as i64 + 1));
        let cancelled_at = confirmed_at + SignedDuration::from_millis(step / 2);
        let account = self.account_of(serial);
        let event = |place| {
            let at = if place == 0 { confirmed_at } else { cancelled_at };
            event_id(at, serial * EVENTS as u64 + place as u64)
        };
        let decision_version = self.first_version + serial - self.first(account);
        let events = std::array::from_fn(event);
        History { account, serial, confirmed_at, cancelled_at, decision_version, events }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(accounts: u64) -> Plan {
        Plan { accounts, began: "2026-01-01T00:00:00Z".parse().unwrap(), first_version: 2 }
    }

    #[test]
    fn the_largest_account_has_a_tenth_and_every_other_about_as_many_as_each_other() {
        for accounts in [20, 1_000, 10_007] {
            let plan = plan(accounts);
            let mut histories = vec![0; usize::try_from(accounts).unwrap()];
            let mut before = plan.began;
            for serial in 0..plan.histories() {
                let history = plan.history(serial);
                let count = &mut histories[usize::try_from(history.account).unwrap()];
                assert_eq!(history.decision_version, plan.first_version + *count, "{accounts} {serial}");
                *count += 1;
                assert!(before < history.confirmed_at && history.confirmed_at < history.cancelled_at);
                before = history.cancelled_at;
            }
            assert_eq!(histories[0], plan.histories() / 10);
            assert!(histories[1..].iter().all(|count| [4, 5].contains(count)), "{accounts}");
            for (account, count) in (0..).zip(histories) {
                assert_eq!(plan.decision_version(account), plan.first_version + count, "{account}");
            }
            assert!(before < plan.began + SPAN);
        }
    }
}
