//! Items as the functions themselves write them: one account and one of its PONs are made through the API, and the
//! others are their copies under other names.
//!
//! The audit events of accounts other than the largest are left out, because nothing measured reads them. The copies'
//! digests and fingerprints are well-formed and verify no PIN, because they are bound to the first account;
//! [`super::measure`] sets a PIN before it uses an account.

use super::accounts;
use super::history::{EVENTS, History, event_id};
use super::plan::Plan;
use super::recording::Recording;
use super::template::Template;
use super::{Options, store};
use dynoxide::types::Item;
use harness::stack::Stack;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// An account whose numbers are in another time zone than those of the first.
const ANOTHER: u64 = accounts::MOST / 2;

/// Time before the record was made when the accounts of the stores were created.
const AGE: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Attributes that differ between accounts for no other reason than time and chance.
const INCIDENTAL: [&str; 7] = [
    "created_at",
    "updated_at",
    "assigned_at",
    "pin_updated_at",
    "pin_digest",
    "pin_parameters",
    "pin_fingerprint",
];

/// The first account's items, and those of its PON.
pub struct Pattern {
    made_at: Timestamp,
    first_version: u64,
    account: Vec<Template>,
    account_events: Vec<(Template, Timestamp)>,
    port_outs: [Template; 2],
    pon: Template,
    events: [Template; EVENTS],
    views: [Template; 2],
}

impl Pattern {
    /// Makes the first account in a store for it alone, and another one to check that its items are as copied.
    pub async fn record(options: &Options, key: &str) -> Self {
        let stack = store::environment(Stack::builder(), options, key).start().await;
        let pattern = Self::of(&Recording::make(&stack, 0, 0).await);
        pattern.check(&Recording::make(&stack, ANOTHER, 1).await);
        pattern
    }

    fn of(recording: &Recording) -> Self {
        let Recording { history, account, account_events, port_outs, pon, events, views } = recording;
        let (names, texts) = (account_texts(history.account, history.decision_version), history.texts());
        let event = |event: &Item| {
            let at = time(event);
            let texts = event_texts(history.account, text(event, "sk"), at);
            (Template::new(&json(event), &texts), at)
        };
        Self {
            made_at: history.confirmed_at,
            first_version: history.decision_version,
            account: account.iter().map(|item| Template::new(&json(item), &names)).collect(),
            account_events: account_events.iter().map(event).collect(),
            port_outs: port_outs.each_ref().map(|item| Template::new(&json(item), &texts)),
            pon: Template::new(&json(pon), &texts),
            events: events.each_ref().map(|item| Template::new(&json(item), &texts)),
            views: views.each_ref().map(|view| Template::new(&view.to_string(), &texts)),
        }
    }

    /// Fails unless the items that the functions wrote for another account are what would be copied.
    fn check(&self, written: &Recording) {
        let Recording { history, account, account_events, port_outs, pon, events, views } = written;
        assert_same(&self.account(history.account, history.decision_version), account);
        let as_written = |(template, event): (&(Template, Timestamp), &Item)| {
            item(&template.0.fill(&event_texts(history.account, text(event, "sk"), time(event))))
        };
        let copies: Vec<_> = self.account_events.iter().zip(account_events).map(as_written).collect();
        assert_same(&copies, account_events);
        assert_same(&[0, 1].map(|version| self.port_out(history, version)), port_outs);
        assert_same(&[self.pon(history)], std::slice::from_ref(pon));
        assert_same(&self.events(history), events);
        assert_eq!(self.views(history), *views);
    }

    /// Returns what a store of this many accounts holds.
    pub fn plan(&self, accounts: u64) -> Plan {
        Plan { accounts, began: self.made_at - AGE, first_version: self.first_version }
    }

    /// Copies the account, its PIN and its numbers.
    pub fn account(&self, account: u64, decision_version: u64) -> Vec<Item> {
        let texts = account_texts(account, decision_version);
        self.account.iter().map(|template| item(&template.fill(&texts))).collect()
    }

    /// Copies the events of an account that was created when all were.
    pub fn account_events(&self, account: u64) -> Vec<Item> {
        let copy = |(number, (template, at)): (u64, &(Template, Timestamp))| {
            let at = *at - AGE - SignedDuration::from_hours(1);
            // Far from the numbers of the port-outs' events.
            let id = event_id(at, u64::MAX / 2 + number);
            item(&template.fill(&event_texts(account, &id, at)))
        };
        (0..).zip(&self.account_events).map(copy).collect()
    }

    /// Copies one of a history's port-outs: the confirmed one, or the supplement.
    pub fn port_out(&self, history: &History, version: usize) -> Item {
        item(&self.port_outs[version].fill(&history.texts()))
    }

    /// Copies a history's PON.
    pub fn pon(&self, history: &History) -> Item {
        item(&self.pon.fill(&history.texts()))
    }

    /// Copies a history's events.
    pub fn events(&self, history: &History) -> [Item; EVENTS] {
        let texts = history.texts();
        self.events.each_ref().map(|template| item(&template.fill(&texts)))
    }

    /// Copies a history's port-outs as their account's owner sees them.
    pub fn views(&self, history: &History) -> [Value; 2] {
        let texts = history.texts();
        self.views.each_ref().map(|view| serde_json::from_str(&view.fill(&texts)).expect("JSON"))
    }
}

fn account_texts(account: u64, decision_version: u64) -> Vec<String> {
    let mut texts = vec![accounts::name(account)];
    texts.extend(accounts::numbers(account));
    texts.push(format!("\"decision_version\":{{\"N\":\"{decision_version}\"}}"));
    texts
}

fn event_texts(account: u64, id: &str, at: Timestamp) -> Vec<String> {
    let mut texts = account_texts(account, 0);
    texts.extend([id.to_owned(), runtime::timestamp::millis(at)]);
    texts
}

/// Fails unless each item of one list is in the other, but for times and chance where those may differ.
fn assert_same(copied: &[Item], written: &[Item]) {
    let comparable = |items: &[Item]| {
        let mut texts: Vec<_> = items.iter().map(comparable).collect();
        texts.sort();
        texts
    };
    assert_eq!(comparable(copied), comparable(written), "the copies are not what the functions write");
}

fn comparable(item: &Item) -> String {
    // A port-out's own times are copied, so they are compared.
    let is_port_out = item.contains_key("port_out_id");
    let kept = |name: &str| !INCIDENTAL.contains(&name) || (is_port_out && name == "updated_at");
    let hidden = item.iter().map(|(name, value)| {
        let value = if kept(name) { serde_json::to_value(value).expect("JSON") } else { Value::Null };
        (name.clone(), value)
    });
    Value::Object(hidden.collect()).to_string()
}

fn json(item: &Item) -> String {
    serde_json::to_string(item).expect("JSON")
}

fn item(json: &str) -> Item {
    serde_json::from_str(json).expect("an item")
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    super::billing::text(item, name)
}

fn time(event: &Item) -> Timestamp {
    text(event, "occurred_at").parse().expect("a time")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use shared::npac_region::local_time;

    #[test]
    fn the_copies_are_checked_against_an_account_in_another_time_zone() {
        let noon = [0, ANOTHER].map(|account| {
            let numbers: Vec<_> = accounts::numbers(account).iter().map(|tn| tn.parse().unwrap()).collect();
            local_time(&numbers).to_timestamp(date(2026, 11, 23).at(12, 0, 0, 0)).unwrap()
        });
        assert_ne!(noon[0], noon[1]);
    }
}
