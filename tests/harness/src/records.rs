//! Both tables, read past the functions; [`crate::invariants`] says what holds of it.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::engine::Item;
use crate::stack::Stack;

/// Every item, by its kind, in the order of the keys.
#[derive(Debug, PartialEq)]
pub struct Records {
    /// Accounts.
    pub accounts: Vec<Item>,
    /// PINs, with the counts over all carriers.
    pub pins: Vec<Item>,
    /// Counts of wrong PINs, of a carrier on an account each.
    pub attempts: Vec<Item>,
    /// What happened, in each partition in the order of its coming; the data beside the event's own attributes.
    pub events: Vec<Item>,
    /// Telephone numbers, with what holds them.
    pub numbers: Vec<Item>,
    /// Port-outs, each with its status in `port_out_status` as long as no hold has ended by itself.
    pub orders: Vec<Item>,
    /// What is known of each carrier's PON.
    pub pons: Vec<Item>,
    /// Webhook sources.
    pub sources: Vec<Item>,
    /// Deliveries of webhooks that are remembered.
    pub deliveries: Vec<Item>,
}

/// Returns a text attribute; fails if it is not there.
#[track_caller]
pub fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    maybe_text(item, name).unwrap_or_else(|| panic!("no {name} in {item:?}"))
}

/// Returns a text attribute that may be absent.
pub fn maybe_text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).map(|value| value.as_s().unwrap().as_str())
}

/// Returns a number attribute, 0 if it is not there.
pub fn number(item: &Item, name: &str) -> u64 {
    item.get(name).map_or(0, |value| value.as_n().unwrap().parse().unwrap())
}

/// Returns the texts of a list attribute.
pub fn texts<'a>(item: &'a Item, name: &str) -> Vec<&'a str> {
    item[name].as_l().unwrap().iter().map(|value| value.as_s().unwrap().as_str()).collect()
}

/// Returns items as text to search in and to compare: the same items make the same text.
pub fn dump(items: &[Item]) -> String {
    let line = |item: &Item| format!("{:?}\n", item.iter().collect::<BTreeMap<_, _>>());
    let mut lines: Vec<_> = items.iter().map(line).collect();
    lines.sort();
    lines.concat()
}

impl Records {
    /// Reads the table of a stack, past the wire.
    pub async fn of(stack: &Stack) -> Self {
        Self::sort(stack.scan().await)
    }

    /// Sorts items, all of which must be of a known kind.
    pub fn sort(mut items: Vec<Item>) -> Self {
        let mut kinds: HashMap<String, Vec<Item>> = HashMap::new();
        items.sort_by_key(|item| [text(item, "pk").to_owned(), text(item, "sk").to_owned()]);
        for item in items {
            let is_event = item.contains_key("occurred_at");
            let kind =
                if is_event { "EVENT" } else { text(&item, "pk").split('#').next().unwrap() }.to_owned();
            let item = if is_event { flat_event(item) } else { item };
            kinds.entry(kind).or_default().push(item);
        }
        let mut take = |kind: &str| kinds.remove(kind).unwrap_or_default();
        let records = Self {
            accounts: take("ACCOUNT"),
            pins: take("PIN"),
            attempts: take("ATTEMPTS"),
            events: take("EVENT"),
            numbers: take("NUMBER"),
            orders: take("PORTOUT").into_iter().map(with_status).collect(),
            pons: take("PON"),
            sources: take("SOURCE"),
            deliveries: take("DELIVERY"),
        };
        assert!(kinds.is_empty(), "unknown kinds: {:?}", kinds.keys());
        records
    }

    /// Returns the account of that number.
    #[track_caller]
    pub fn account(&self, number: &str) -> &Item {
        self.accounts.iter().find(|item| text(item, "account_number") == number).expect("no such account")
    }

    /// Returns the PIN of an account, if it has one.
    pub fn pin(&self, account: &str) -> Option<&Item> {
        self.pins.iter().find(|item| text(item, "pk") == format!("PIN#{account}"))
    }

    /// Returns the version of an account's PIN, 0 without one.
    pub fn pin_version(&self, account: &str) -> u64 {
        self.pin(account).map_or(0, |pin| number(pin, "pin_version"))
    }

    /// Returns the wrong PINs in a row over all carriers.
    pub fn failed_attempts(&self, account: &str) -> u64 {
        self.pin(account).map_or(0, |pin| number(pin, "consecutive_failures"))
    }

    /// Returns the wrong PINs in a row of one requester on one account, 0 without a record.
    pub fn failures(&self, account: &str, requester: &str) -> u64 {
        let key = (format!("ATTEMPTS#{account}"), requester);
        let found = self.attempts.iter().find(|item| text(item, "pk") == key.0 && text(item, "sk") == key.1);
        found.map_or(0, |item| number(item, "failures"))
    }

    /// Returns the wrong PINs in a row on an account: over all carriers, and of one.
    pub fn counts(&self, account: &str, spid: &str) -> (u64, u64) {
        (self.failed_attempts(account), self.failures(account, spid))
    }

    /// Counts the events of that kind of an account.
    pub fn count_events(&self, account: &str, kind: &str) -> usize {
        self.events_of(account).filter(|event| text(event, "event") == kind).count()
    }

    /// Returns the events of an account, in the order of their times.
    pub fn events_of<'a>(&'a self, account: &'a str) -> impl Iterator<Item = &'a Item> {
        self.events.iter().filter(move |event| maybe_text(event, "account_number") == Some(account))
    }

    /// Returns the events whose names start like this.
    pub fn events_named(&self, prefix: &str) -> Vec<&Item> {
        self.events.iter().filter(|event| text(event, "event").starts_with(prefix)).collect()
    }

    /// Returns the port-out events as event, actor and SPID, sorted: within a millisecond, their order says nothing.
    pub fn port_out_events(&self) -> Vec<[&str; 3]> {
        let fields = |event| ["event", "actor", "spid"].map(|name| text(event, name));
        let mut events: Vec<_> = self.events_named("port_out.").into_iter().map(fields).collect();
        events.sort_unstable();
        events
    }

    /// Counts the events about port-outs of an account, by kind and actor.
    pub fn port_out_event_counts(&self, account: &str) -> BTreeMap<(String, String), usize> {
        let of_it = |event: &&Item| {
            text(event, "event").starts_with("port_out.") && text(event, "pk") == format!("ACCOUNT#{account}")
        };
        let mut counts = BTreeMap::new();
        for event in self.events.iter().filter(of_it) {
            *counts.entry((text(event, "event").to_owned(), text(event, "actor").to_owned())).or_default() +=
                1;
        }
        counts
    }

    /// Counts the events about port-outs of an account, by kind.
    pub fn port_out_event_kinds(&self, account: &str) -> BTreeMap<String, usize> {
        let mut kinds = BTreeMap::new();
        for ((kind, _), count) in self.port_out_event_counts(account) {
            *kinds.entry(kind).or_default() += count;
        }
        kinds
    }

    /// Returns the order of that id.
    pub fn order(&self, id: &str) -> Option<&Item> {
        self.orders.iter().find(|item| text(item, "port_out_id") == id)
    }

    /// Returns version and status of every order of a PON, the oldest version first.
    pub fn versions(&self, pon: &str) -> Vec<(String, String)> {
        let of_it = self.orders.iter().filter(|order| text(order, "pon") == pon);
        let mut all: Vec<_> = of_it
            .map(|order| {
                (text(order, "port_out_version").to_owned(), text(order, "port_out_status").to_owned())
            })
            .collect();
        all.sort();
        all
    }

    /// Returns the id of an order.
    #[track_caller]
    pub fn port_out_id(&self, pon: &str, version: &str) -> String {
        let of_it = |order: &&Item| text(order, "pon") == pon && text(order, "port_out_version") == version;
        text(self.orders.iter().find(of_it).expect("no such order"), "port_out_id").to_owned()
    }

    /// Returns what holds a number, which is in E.164 or is its ten digits.
    #[track_caller]
    pub fn held_by(&self, tn: &str) -> Option<String> {
        let tn = if tn.starts_with('+') { tn.to_owned() } else { format!("+1{tn}") };
        let item =
            self.numbers.iter().find(|item| text(item, "telephone_number") == tn).expect("no such number");
        maybe_text(item, "held_by").map(str::to_owned)
    }

    /// Returns what holds these numbers, in their order.
    #[track_caller]
    pub fn holders<T: AsRef<str>>(&self, tns: &[T]) -> Vec<Option<String>> {
        tns.iter().map(|tn| self.held_by(tn.as_ref())).collect()
    }

    /// Counts the numbers that are held, unless a hold has ended by itself.
    pub fn held(&self) -> usize {
        self.numbers.iter().filter(|item| item.contains_key("held_by")).count()
    }

    /// Counts the wrong PINs on an account that events report.
    pub fn wrong_pins(&self, account: &str) -> u64 {
        let wrong = |event: &&Item| reasons(event).contains(&"pin_invalid");
        u64::try_from(self.events_of(account).filter(wrong).count()).unwrap()
    }
}

/// Returns the codes of an event's rejections.
pub fn reasons(event: &Item) -> Vec<&str> {
    let rejections = event.get("rejections").map_or(&[][..], |value| value.as_l().unwrap());
    rejections.iter().map(|reason| text(reason.as_m().unwrap(), "code")).collect()
}

/// Puts an event's data beside its own attributes.
fn flat_event(mut item: Item) -> Item {
    let Some(AttributeValue::M(data)) = item.remove("data") else { panic!("no data in {item:?}") };
    let kind = item.remove("type").expect("a type");
    item.insert("event".to_owned(), kind);
    item.extend(data);
    item
}

/// Adds the status that the answer and the lists of a port-out make.
fn with_status(mut item: Item) -> Item {
    let holds = |name| !texts(&item, name).is_empty();
    let status = match text(&item, "answer") {
        "confirmed" if item.contains_key("cancelled_at") => "cancelled",
        "confirmed" if holds("held_numbers") => "confirmed",
        "confirmed" if holds("ported_numbers") => "completed",
        "confirmed" => "superseded",
        answer => answer,
    };
    let status = AttributeValue::S(status.to_owned());
    item.insert("port_out_status".to_owned(), status);
    item
}

/// Returns the partition key of an order's PON.
pub(crate) fn pon_key(order: &Item) -> String {
    format!("PON#{}#{}", text(order, "requester"), text(order, "pon"))
}
