//! What holds of the table at every moment, whatever was begun, answered, lost or killed.

use std::collections::{BTreeMap, HashMap};

use crate::engine::Item;
use crate::records::{Records, maybe_text, number, pon_key, text, texts};

impl Records {
    /// Checks all invariants.
    #[track_caller]
    pub fn check(&self) {
        self.check_holds();
        self.check_events();
        self.check_pons();
        self.check_counts();
    }

    /// Every hold is one of a confirmed order of the number's account that lists it, and every confirmed order
    /// holds all its numbers.
    #[track_caller]
    fn check_holds(&self) {
        for item in &self.numbers {
            let (tn, account) = (text(item, "telephone_number"), text(item, "account_number"));
            assert_eq!(text(item, "pk"), format!("NUMBER#{tn}"));
            self.account(account);
            let Some(id) = maybe_text(item, "held_by") else { continue };
            let order = self.order(id).unwrap_or_else(|| panic!("{tn} is held by no order"));
            assert_eq!(
                (text(order, "port_out_status"), text(order, "account_number")),
                ("confirmed", account)
            );
            assert!(texts(order, "telephone_numbers").contains(&tn), "{tn} is not in {order:?}");
        }
        for order in self.orders.iter().filter(|order| text(order, "port_out_status") == "confirmed") {
            for tn in texts(order, "telephone_numbers") {
                assert_eq!(self.held_by(tn), Some(text(order, "port_out_id").to_owned()), "{tn}");
            }
        }
    }

    /// Each order has exactly one event with its first answer, and no event is without an order.
    #[track_caller]
    fn check_events(&self) {
        let mut by_order: HashMap<&str, Vec<[&str; 2]>> = HashMap::new();
        for event in &self.events {
            let kind = text(event, "event");
            if ["port_out.confirmed", "port_out.rejected"].contains(&kind) {
                let first = [kind, text(event, "account_number")];
                by_order.entry(text(event, "port_out_id")).or_default().push(first);
            }
        }
        for order in &self.orders {
            let first = match text(order, "port_out_status") {
                "confirmed" | "superseded" => "port_out.confirmed",
                _ => "port_out.rejected",
            };
            let first = [first, text(order, "account_number")];
            assert_eq!(by_order.remove(text(order, "port_out_id")), Some(vec![first]), "{order:?}");
        }
        assert!(by_order.is_empty(), "events without an order: {by_order:?}");
    }

    /// A PON knows its latest version, and the one that is confirmed.
    #[track_caller]
    fn check_pons(&self) {
        for pon in &self.pons {
            let of_it: Vec<_> =
                self.orders.iter().filter(|order| pon_key(order) == text(pon, "pk")).collect();
            let latest = of_it.iter().map(|order| text(order, "port_out_version")).max();
            assert_eq!(latest, Some(text(pon, "latest_version")));
            let confirmed = of_it.iter().filter(|order| text(order, "port_out_status") == "confirmed");
            let confirmed: Vec<_> = confirmed.map(|order| text(order, "port_out_id")).collect();
            assert_eq!(confirmed, maybe_text(pon, "confirmed_id").into_iter().collect::<Vec<_>>());
        }
        for order in &self.orders {
            assert!(self.pons.iter().any(|pon| text(pon, "pk") == pon_key(order)), "{order:?}");
        }
    }

    /// What counts over all carriers is never more than what the carriers' own counts add up to, as a right PIN
    /// ends the former and only its carrier's own; nor is either more than the wrong PINs that were recorded.
    #[track_caller]
    fn check_counts(&self) {
        for account in &self.accounts {
            let name = text(account, "account_number");
            let current = |item: &&Item| {
                text(item, "pk") == format!("ACCOUNT#{name}")
                    && number(item, "pin_version") == number(account, "pin_version")
            };
            let of_carriers: u64 =
                self.attempts.iter().filter(current).map(|item| number(item, "failures")).sum();
            assert!(self.failed_attempts(name) <= of_carriers, "{name}");
            assert!(of_carriers <= self.wrong_pins(name), "{name}");
        }
    }

    /// Checks [`Records::check`] and what holds where each account has one carrier and keeps its numbers: counts are
    /// exact, and every version of an account, of its PIN and every number has its event.
    #[track_caller]
    pub fn check_history(&self) {
        self.check();
        self.check_exact_counts();
        for account in &self.accounts {
            self.check_account_events(account);
        }
    }

    /// The wrong PINs in a row, by the orders of each account, are what is counted for it and for its one carrier.
    #[track_caller]
    fn check_exact_counts(&self) {
        let mut orders: Vec<_> = self.orders.iter().collect();
        orders.sort_by_key(|order| text(order, "received_at"));
        let mut expected: BTreeMap<&str, u64> = BTreeMap::new();
        for order in orders {
            let count = expected.entry(text(order, "account_number")).or_default();
            *count = if text(order, "port_out_status") == "rejected" { *count + 1 } else { 0 };
        }
        for (account, expected) in expected {
            let key = format!("ACCOUNT#{account}");
            let of_account = self.attempts.iter().filter(|item| text(item, "pk") == key);
            let of_carrier: u64 = of_account.map(|item| number(item, "failures")).sum();
            assert_eq!((self.failed_attempts(account), of_carrier), (expected, expected), "{account}");
        }
    }

    #[track_caller]
    fn check_account_events(&self, account: &Item) {
        let id = text(account, "account_number");
        let of_kind = |kind: &'static str| {
            self.events_of(id).filter(move |event| text(event, "event").starts_with(kind))
        };
        let mut versions: Vec<_> = of_kind("pin.").map(|event| number(event, "pin_version")).collect();
        versions.sort_unstable();
        let version = number(account, "pin_version");
        assert!(versions.iter().copied().eq(1..=version), "{id}: version {version}, events of {versions:?}");
        assert_eq!(number(account, "revision"), of_kind("account.").count() as u64, "{id}");
        let assigned: u64 = of_kind("telephone_numbers.assigned").map(|event| number(event, "count")).sum();
        let numbers = self.numbers.iter().filter(|item| text(item, "account_number") == id);
        assert_eq!(numbers.count() as u64, assigned, "{id}");
    }
}
