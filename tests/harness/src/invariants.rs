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

    /// Every hold is one of an open order of the number's account that lists it among those that it holds, and every open
    /// order holds all of these; each of its numbers is held, ported or released.
    #[track_caller]
    fn check_holds(&self) {
        for item in &self.numbers {
            let tn = text(item, "telephone_number");
            assert_eq!(text(item, "pk"), format!("NUMBER#{tn}"));
            let Some(account) = maybe_text(item, "account_number") else {
                assert!(!item.contains_key("held_by") && item.contains_key("ported_at"), "{item:?}");
                continue;
            };
            self.account(account);
            let Some(id) = maybe_text(item, "held_by") else { continue };
            let order = self.order(id).unwrap_or_else(|| panic!("{tn} is held by no order"));
            assert_eq!(
                (text(order, "port_out_status"), text(order, "account_number")),
                ("confirmed", account)
            );
            for (of_number, of_order) in [("held_for", "requester"), ("held_until", "hold_until")] {
                assert_eq!(text(item, of_number), text(order, of_order));
            }
            assert!(texts(order, "held_numbers").contains(&tn), "{tn} is not in {order:?}");
        }
        for order in self.orders.iter().filter(|order| text(order, "answer") == "confirmed") {
            for tn in texts(order, "held_numbers") {
                self.check_held(tn, order);
            }
            let parts = ["held_numbers", "ported_numbers", "released_numbers"];
            let mut all: Vec<_> = parts.iter().flat_map(|part| texts(order, part)).collect();
            let mut numbers = texts(order, "telephone_numbers");
            all.sort_unstable();
            numbers.sort_unstable();
            assert_eq!(all, numbers, "{order:?}");
            let is_open = text(order, "port_out_status") == "confirmed";
            assert_eq!(order.contains_key("open_pk"), is_open, "{order:?}");
        }
    }

    /// A number that an order holds says so, unless the hold ended by itself: then it may be gone, or another's.
    #[track_caller]
    fn check_held(&self, tn: &str, order: &Item) {
        let number = self.numbers.iter().find(|item| text(item, "telephone_number") == tn);
        let holder = number.and_then(|item| maybe_text(item, "held_by"));
        if holder == Some(text(order, "port_out_id")) {
            return;
        }
        let holder = holder.and_then(|id| self.order(id));
        let ended = holder.is_none_or(|holder| text(order, "hold_until") <= text(holder, "entered_at"));
        let lately = self.events.iter().map(|event| text(event, "occurred_at")).max().unwrap_or_default();
        assert!(ended && text(order, "hold_until") <= lately, "{tn} is not held by {order:?}");
    }

    /// Each order has exactly one event with its first answer, and no event is without an order.
    #[track_caller]
    fn check_events(&self) {
        let mut by_order: HashMap<&str, Vec<[&str; 2]>> = HashMap::new();
        for event in &self.events {
            let kind = text(event, "event");
            // A cancelled order has this event beside that of the supplement that cancelled it.
            let is_first = ["port_out.confirmed", "port_out.rejected"].contains(&kind)
                || (kind == "port_out.cancelled" && event.contains_key("supplement"));
            if is_first && !event.contains_key("repeated") {
                let first = [kind, text(event, "account_number")];
                by_order.entry(text(event, "port_out_id")).or_default().push(first);
            }
        }
        for order in &self.orders {
            let first = match text(order, "answer") {
                "confirmed" => "port_out.confirmed",
                "cancelled" => "port_out.cancelled",
                _ => "port_out.rejected",
            };
            let first = [first, text(order, "account_number")];
            assert_eq!(by_order.remove(text(order, "port_out_id")), Some(vec![first]), "{order:?}");
        }
        assert!(by_order.is_empty(), "events without an order: {by_order:?}");
    }

    /// A PON knows its latest version, and the latest one that was confirmed; no earlier one is open.
    #[track_caller]
    fn check_pons(&self) {
        for pon in &self.pons {
            let of_it: Vec<_> =
                self.orders.iter().filter(|order| pon_key(order) == text(pon, "pk")).collect();
            let version = |order: &&Item| text(order, "port_out_version").parse::<u64>().unwrap();
            let latest =
                of_it.iter().copied().max_by_key(version).map(|order| text(order, "port_out_version"));
            assert_eq!(latest, Some(text(pon, "latest_version")));
            let confirmed = of_it.iter().copied().filter(|order| text(order, "answer") == "confirmed");
            let last = confirmed.clone().max_by_key(version).map(|order| text(order, "port_out_id"));
            assert_eq!(last, maybe_text(pon, "confirmed_id"));
            let open = confirmed.filter(|order| text(order, "port_out_status") == "confirmed");
            let open: Vec<_> = open.map(|order| text(order, "port_out_id")).collect();
            assert!(open.is_empty() || open == [last.expect("the last one")], "{open:?}");
        }
        for order in &self.orders {
            assert!(self.pons.iter().any(|pon| text(pon, "pk") == pon_key(order)), "{order:?}");
        }
    }

    /// What counts over all carriers is exactly what they added since the count started, and neither that nor a carrier's
    /// own count is more than the wrong PINs that were recorded.
    #[track_caller]
    fn check_counts(&self) {
        for pin in &self.pins {
            let name = text(pin, "pk").trim_start_matches("PIN#");
            let rows = || self.attempts.iter().filter(|item| text(item, "pk") == format!("ATTEMPTS#{name}"));
            let current = |item: &&Item, of: &str| number(item, of) == number(pin, of);
            let added: u64 =
                rows().filter(|it| current(it, "count_period")).map(|it| number(it, "added_failures")).sum();
            let failed: u64 =
                rows().filter(|it| current(it, "pin_version")).map(|it| number(it, "failures")).sum();
            assert_eq!(number(pin, "consecutive_failures"), added, "{name}");
            assert!(failed <= number(pin, "failed_attempts"), "{name}");
            assert!(number(pin, "failed_attempts") <= self.wrong_pins(name), "{name}");
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
            let key = format!("ATTEMPTS#{account}");
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
        let set = of_kind("pin.").filter(|event| ["pin.set", "pin.changed"].contains(&text(event, "event")));
        let mut versions: Vec<_> = set.map(|event| number(event, "pin_version")).collect();
        versions.sort_unstable();
        let version = self.pin_version(id);
        assert!(versions.iter().copied().eq(1..=version), "{id}: version {version}, events of {versions:?}");
        assert_eq!(number(account, "revision"), of_kind("account.").count() as u64, "{id}");
        let assigned: usize =
            of_kind("telephone_number.assigned").map(|event| texts(event, "telephone_numbers").len()).sum();
        let numbers = self.numbers.iter().filter(|item| maybe_text(item, "account_number") == Some(id));
        assert_eq!(numbers.count(), assigned, "{id}");
    }
}
