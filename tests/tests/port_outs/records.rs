//! What stands in the table, read past every function.

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::BTreeMap;
use tests::engine::Item;
use tests::stack::Stack;

/// A whole table by primary key.
#[derive(Debug, PartialEq)]
pub struct Records(BTreeMap<(String, String), Item>);

impl Records {
    /// The table as it is now.
    pub async fn of(stack: &Stack) -> Self {
        let key = |item: &Item| (text(item, "pk"), text(item, "sk"));
        Self(stack.scan().await.into_iter().map(|item| (key(&item), item)).collect())
    }

    /// The port-out that holds a number.
    pub fn held_by(&self, number: &str) -> Option<String> {
        let item = &self.0[&(format!("NUMBER#{number}"), "NUMBER".to_owned())];
        item.get("held_by").map(|_| text(item, "held_by"))
    }

    /// Who holds these numbers, in their order.
    pub fn holders(&self, numbers: &[&str]) -> Vec<Option<String>> {
        numbers.iter().map(|number| self.held_by(number)).collect()
    }

    /// How many numbers are held at all.
    pub fn held(&self) -> usize {
        self.0.values().filter(|item| item.contains_key("held_by")).count()
    }

    /// How many port-outs are recorded.
    pub fn orders(&self) -> usize {
        self.0.keys().filter(|(pk, _)| pk.starts_with("PORTOUT#")).count()
    }

    /// How often each kind of event of port-outs was recorded of an account.
    pub fn events(&self, account: &str) -> BTreeMap<String, usize> {
        let mut kinds = BTreeMap::new();
        for ((pk, sk), item) in &self.0 {
            if *pk == format!("ACCOUNT#{account}") && sk.starts_with("EVENT#") {
                *kinds.entry(text(item, "event")).or_default() += 1;
            }
        }
        kinds.retain(|kind, _| kind.starts_with("port_out."));
        kinds
    }

    /// An attribute of an account's own item.
    pub fn account(&self, account: &str, attribute: &str) -> String {
        text(&self.0[&(format!("ACCOUNT#{account}"), "ACCOUNT".to_owned())], attribute)
    }

    /// The wrong PINs in a row of a carrier on an account.
    pub fn failures(&self, account: &str, spid: &str) -> usize {
        let key = (format!("ACCOUNT#{account}"), format!("ATTEMPTS#{spid}"));
        self.0.get(&key).map_or(0, |item| text(item, "failures").parse().expect("a number"))
    }
}

/// Kinds of events with how often each is expected.
pub fn kinds(expected: &[(&str, usize)]) -> BTreeMap<String, usize> {
    expected.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect()
}

fn text(item: &Item, attribute: &str) -> String {
    match item.get(attribute) {
        Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
        other => panic!("{attribute} is {other:?}"),
    }
}
