//! The table itself, read by another engine from a copy of the data file: whatever was begun is there wholly or not at
//! all, whether it was answered or not.

use harness::engine::{Engine, Item, scan_all};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Every item, by what it is.
pub struct Books(Vec<Item>);

impl Books {
    /// The items of a data folder that nobody uses; it stays as it is.
    pub async fn open(data: &Path) -> Self {
        let copy = tempfile::tempdir().unwrap();
        let file = local::engine::data_file(data);
        let name = file.file_name().unwrap().to_str().unwrap();
        // With it goes the journal of what was written last.
        for entry in fs::read_dir(data).unwrap().map(|it| it.unwrap()) {
            if entry.file_name().to_str().unwrap().starts_with(name) {
                fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
            }
        }
        let engine = Engine::on_file(&copy.path().join(name));
        Self(scan_all(engine.endpoint(), local::functions::TABLE_NAME).await)
    }

    /// Fails, naming every fault, unless all items agree with each other.
    pub fn check(&self) {
        let faults = [self.events(), self.holds(), self.pons(), self.counts(), self.versions()].concat();
        assert!(faults.is_empty(), "{faults:#?}");
    }

    /// How many port-outs there are.
    pub fn port_outs(&self) -> usize {
        self.of("PORTOUT#").count()
    }

    fn of<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a Item> {
        self.0.iter().filter(move |it| text(it, "pk").starts_with(prefix))
    }

    fn account_items<'a>(&'a self, sort_prefix: &'a str) -> impl Iterator<Item = &'a Item> {
        self.of("ACCOUNT#").filter(move |it| text(it, "sk").starts_with(sort_prefix))
    }

    /// An order is there exactly if its one event is.
    fn events(&self) -> Vec<String> {
        let kinds = ["port_out.confirmed", "port_out.rejected"];
        let events = self.account_items("EVENT#").filter(|it| kinds.contains(&text(it, "event")));
        let events: BTreeSet<_> = events
            .map(|it| (text(it, "port_out_id"), text(it, "account_number"), text(it, "event")))
            .collect();
        let event_of =
            |order: &Item| if text(order, "port_out_status") == "rejected" { kinds[1] } else { kinds[0] };
        let orders: BTreeSet<_> = self
            .of("PORTOUT#")
            .map(|it| (text(it, "port_out_id"), text(it, "account_number"), event_of(it)))
            .collect();
        let count = self.account_items("EVENT#").filter(|it| kinds.contains(&text(it, "event"))).count();
        let mut faults: Vec<_> =
            orders.symmetric_difference(&events).map(|it| format!("order or event alone: {it:?}")).collect();
        if count != events.len() {
            faults.push(format!("{count} events of {} orders", events.len()));
        }
        faults
    }

    /// A number is held exactly by the confirmed order that lists it.
    fn holds(&self) -> Vec<String> {
        let confirmed = self.of("PORTOUT#").filter(|it| text(it, "port_out_status") == "confirmed");
        let lists = |it: &Item| {
            let id = text(it, "port_out_id").to_owned();
            let numbers = it["telephone_numbers"].as_l().unwrap().clone();
            numbers.into_iter().map(move |tn| (tn.as_s().unwrap().clone(), id.clone()))
        };
        let listed: BTreeSet<_> = confirmed.flat_map(lists).collect();
        let held = self.of("NUMBER#").filter(|it| it.contains_key("held_by"));
        let held: BTreeSet<_> = held
            .map(|it| (text(it, "telephone_number").to_owned(), text(it, "held_by").to_owned()))
            .collect();
        listed.symmetric_difference(&held).map(|it| format!("order or hold alone: {it:?}")).collect()
    }

    /// A PON's record names its latest version and its confirmed one.
    fn pons(&self) -> Vec<String> {
        let mut expected: BTreeMap<_, (&str, Option<&str>)> = BTreeMap::new();
        for order in self.of("PORTOUT#") {
            let pon = format!("PON#{}#{}", text(order, "spid"), text(order, "pon"));
            let entry = expected.entry(pon).or_default();
            entry.0 = entry.0.max(text(order, "port_out_version"));
            if text(order, "port_out_status") == "confirmed" {
                entry.1 = Some(text(order, "port_out_id"));
            }
        }
        let confirmed = |it: &'_ Item| it.get("confirmed_id").map(|id| id.as_s().unwrap().clone());
        let found: BTreeMap<_, _> = self
            .of("PON#")
            .map(|it| (text(it, "pk").to_owned(), (text(it, "latest_version").to_owned(), confirmed(it))))
            .collect();
        let expected: BTreeMap<_, _> = expected
            .into_iter()
            .map(|(pon, (latest, id))| (pon, (latest.to_owned(), id.map(str::to_owned))))
            .collect();
        if found == expected {
            Vec::new()
        } else {
            vec![format!("PONs {found:?}, by their orders {expected:?}")]
        }
    }

    /// The wrong PINs in a row, by the orders of each account, are what is counted for it and its one carrier.
    fn counts(&self) -> Vec<String> {
        let mut orders: Vec<_> = self.of("PORTOUT#").collect();
        orders.sort_by_key(|it| text(it, "received_at"));
        let mut expected: BTreeMap<&str, u64> = BTreeMap::new();
        for order in orders {
            let count = expected.entry(text(order, "account_number")).or_default();
            *count = if text(order, "port_out_status") == "rejected" { *count + 1 } else { 0 };
        }
        let mut faults = Vec::new();
        for (account, expected) in expected {
            let key = format!("ACCOUNT#{account}");
            let of_account = |it: &&Item| text(it, "pk") == key;
            let all = self
                .account_items("ACCOUNT")
                .filter(of_account)
                .map(|it| number(it, "failed_attempts"))
                .sum::<u64>();
            let carrier = self
                .account_items("ATTEMPTS#")
                .filter(of_account)
                .map(|it| number(it, "failures"))
                .sum::<u64>();
            if (all, carrier) != (expected, expected) {
                faults.push(format!("{account}: {expected} wrong PINs, {all} and {carrier} counted"));
            }
        }
        faults
    }

    /// Each version of a PIN, each change of an account and each number assigned has its event.
    fn versions(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for account in self.account_items("ACCOUNT") {
            let id = text(account, "account_number");
            let events = || self.account_items("EVENT#").filter(|it| text(it, "account_number") == id);
            let of_kind = |kind: &'static str| events().filter(move |it| text(it, "event").starts_with(kind));
            let mut told: Vec<_> = of_kind("pin.").map(|it| number(it, "pin_version")).collect();
            told.sort_unstable();
            let version =
                if account.contains_key("pin_version") { number(account, "pin_version") } else { 0 };
            if !told.iter().copied().eq(1..=version) {
                faults.push(format!("{id}: PIN version {version}, events of {told:?}"));
            }
            let (revision, told) = (number(account, "revision"), of_kind("account.").count());
            if revision != told as u64 {
                faults.push(format!("{id}: revision {revision}, {told} events"));
            }
            let told: u64 = of_kind("telephone_numbers.assigned").map(|it| number(it, "count")).sum();
            let numbers = self.of("NUMBER#").filter(|it| text(it, "account_number") == id).count();
            if numbers as u64 != told {
                faults.push(format!("{id}: {numbers} numbers, events of {told}"));
            }
        }
        faults
    }
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|it| it.as_s().ok()).unwrap_or_else(|| panic!("no {name} in {item:?}"))
}

fn number(item: &Item, name: &str) -> u64 {
    let found = item.get(name).and_then(|it| it.as_n().ok()).and_then(|it| it.parse().ok());
    found.unwrap_or_else(|| panic!("no {name} in {item:?}"))
}
