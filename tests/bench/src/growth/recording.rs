//! What the functions write for one account and one of its PONs, sorted by what it is.

use super::billing::{self, Items, text};
use super::history::{EVENTS, History};
use super::store::FIRST_PIN;
use super::{accounts, sizes::key};
use crate::call::SPID;
use dynoxide::types::{AttributeValue, Item};
use harness::stack::Stack;
use harness::tokens::Claims;
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

/// Longer than a second, so that no two times of a history look alike in an answer.
const PAUSE: Duration = Duration::from_millis(1_100);

/// An account with a PIN and numbers, and a port-out that its carrier cancelled.
pub struct Recording {
    pub history: History,
    /// The account, its PIN, and its numbers, before the port-out.
    pub account: Vec<Item>,
    /// Its events before the port-out, the oldest first.
    pub account_events: Vec<Item>,
    /// The confirmed port-out and the supplement, both as they are at the end.
    pub port_outs: [Item; 2],
    pub pon: Item,
    pub events: [Item; EVENTS],
    /// Both port-outs as the owner sees them.
    pub views: [Value; 2],
}

impl Recording {
    /// Makes the account and the port-out through the API.
    pub async fn make(stack: &Stack, account: u64, serial: u64) -> Self {
        let (name, numbers) = (accounts::name(account), accounts::numbers(account));
        let empty = scan(stack).await;
        stack.seed(&name, &numbers).await;
        stack.set_pin(&name, FIRST_PIN).await.assert_status(201);
        let before = scan(stack).await;
        let (account_events, items) = new(&before, &empty).into_iter().partition::<Vec<_>, _>(is_event);
        assert_eq!(items.len(), accounts::ITEMS, "an account, its PIN and its numbers");
        let mut history = History {
            account,
            serial,
            confirmed_at: Timestamp::now(),
            cancelled_at: Timestamp::now(),
            decision_version: decision_version(&items),
            events: Default::default(),
        };
        let views = port_out(stack, &history).await;
        let after = scan(stack).await;
        assert_unchanged(&before, &after);
        let (events, mut written) = new(&after, &before).into_iter().partition::<Vec<_>, _>(is_event);
        let events = in_order(events);
        history.events = events.each_ref().map(|event| text(event, "sk").to_owned());
        written.sort_by_key(|item| text(item, "port_out_version").to_owned());
        let [pon, confirmed, supplement] = written.try_into().expect("a PON and its two port-outs");
        let entered = |item| text(item, "entered_at").parse().expect("a time");
        (history.confirmed_at, history.cancelled_at) = (entered(&confirmed), entered(&supplement));
        let port_outs = [confirmed, supplement];
        Self { history, account: items, account_events, port_outs, pon, events, views }
    }
}

/// Submits the port-out and cancels it; returns both as the owner sees them.
async fn port_out(stack: &Stack, history: &History) -> [Value; 2] {
    let confirmed = stack.submit(SPID, &history.order(FIRST_PIN)).await.assert_json(201);
    assert_eq!(confirmed["status"], "confirmed", "{confirmed}");
    tokio::time::sleep(PAUSE).await;
    stack.submit(SPID, &history.cancellation()).await.assert_status(201);
    let [first, second] = history.ids();
    let owner = Claims::account(&accounts::name(history.account));
    let show = async |id| stack.get(&format!("/v1/port-outs/{id}"), &owner).await.assert_json(200);
    [show(first).await, show(second).await]
}

async fn scan(stack: &Stack) -> Items {
    stack.scan().await.iter().map(billing::item).map(|item| (key(&item), item)).collect()
}

fn new(after: &Items, before: &Items) -> Vec<Item> {
    after.iter().filter(|(key, _)| !before.contains_key(*key)).map(|(_, item)| item.clone()).collect()
}

fn is_event(item: &Item) -> bool {
    item.contains_key("occurred_at")
}

/// Sorts the events: the confirmation, the supplement, and the end of the confirmed port-out, which is at the same time.
fn in_order(mut events: Vec<Item>) -> [Item; EVENTS] {
    let is_supplement = |event: &Item| match event.get("data") {
        Some(AttributeValue::M(data)) => data.contains_key("supplement"),
        _ => false,
    };
    events.sort_by_key(|event| (text(event, "occurred_at").to_owned(), !is_supplement(event)));
    events.try_into().expect("three events")
}

fn decision_version(items: &[Item]) -> u64 {
    let version = items.iter().find_map(|item| item.get("decision_version"));
    let Some(AttributeValue::N(version)) = version else { panic!("an account has a decision version") };
    version.parse().expect("a number")
}

/// Fails unless the port-out left nothing in the items before it but the account's next decision version.
fn assert_unchanged(before: &Items, after: &Items) {
    let changed: Vec<_> = before.iter().filter(|(key, item)| after.get(*key) != Some(item)).collect();
    let [(key, account)] = changed.as_slice() else { panic!("changed: {changed:?}") };
    let version = decision_version(&[(*account).clone()]) + 1;
    let mut expected = (*account).clone();
    expected.insert("decision_version".to_owned(), AttributeValue::N(version.to_string()));
    assert_eq!(after.get(*key), Some(&expected));
}
