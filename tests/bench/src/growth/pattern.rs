//! Items as the functions themselves write them: one account is made through the API, and the others are its copies
//! under other names.
//!
//! The audit events are left out, because nothing measured reads them. The copies' digests are well-formed and verify no PIN,
//! because they are bound to the first account; [`super::measure`] sets a PIN before it uses one.

use super::accounts::{self, NUMBERS};
use super::store::{FIRST_PIN, environment};
use super::{Options, billing};
use dynoxide::types::{AttributeValue, Item};
use harness::stack::Stack;

/// Items of an account: itself, its PIN, and its numbers.
pub const ITEMS: usize = 2 + NUMBERS as usize;

/// The first account's items.
pub struct Pattern {
    items: Vec<Item>,
}

impl Pattern {
    /// Makes the first account in a store for it alone.
    pub async fn record(options: &Options, key: &str) -> Self {
        let stack = environment(Stack::builder(), options, key).start().await;
        let numbers = accounts::numbers(0);
        let numbers: Vec<_> = numbers.iter().map(String::as_str).collect();
        stack.seed(&accounts::name(0), &numbers).await;
        stack.set_pin(&accounts::name(0), FIRST_PIN).await.assert_status(201);
        let items: Vec<_> =
            stack.scan().await.iter().map(billing::item).filter(|item| !is_event(item)).collect();
        assert_eq!(items.len(), ITEMS, "an account, its PIN and its numbers");
        Self { items }
    }

    /// Copies the items for another account.
    pub fn account(&self, account: u64) -> Vec<Item> {
        let mut names = vec![(accounts::name(0), accounts::name(account))];
        names.extend(accounts::numbers(0).into_iter().zip(accounts::numbers(account)));
        self.items.iter().map(|item| renamed(item, &names)).collect()
    }
}

fn renamed(item: &Item, names: &[(String, String)]) -> Item {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) => AttributeValue::S(rename(text, names)),
        other => other.clone(),
    };
    item.iter().map(|(name, old)| (name.clone(), value(old))).collect()
}

fn rename(text: &str, names: &[(String, String)]) -> String {
    let found = names.iter().find(|(from, _)| text.contains(from.as_str()));
    found.map_or_else(|| text.to_owned(), |(from, to)| text.replace(from.as_str(), to))
}

fn is_event(item: &Item) -> bool {
    item.contains_key("occurred_at")
}
