//! What stands in the table, read past every function.

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::BTreeMap;
use tests::engine::{Item, client};
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

    /// The port-out that holds a number of ten digits.
    pub fn held_by(&self, number: &str) -> Option<String> {
        let item = &self.0[&(format!("NUMBER#+1{number}"), "NUMBER".to_owned())];
        item.get("held_by").map(|_| text(item, "held_by"))
    }

    /// Version and status of every order of a PON, in their order.
    pub fn orders(&self, pon: &str) -> Vec<(String, String)> {
        let of_it = |item: &&Item| item.contains_key("order_status") && text(item, "pon") == pon;
        let mut all: Vec<_> = self.0.values().filter(of_it).map(version_and_status).collect();
        all.sort();
        all
    }

    /// How many port-outs are recorded.
    pub fn count_orders(&self) -> usize {
        self.0.keys().filter(|(pk, _)| pk.starts_with("PORTOUT#")).count()
    }

    /// The identity of an order.
    pub fn order_id(&self, pon: &str, version: &str) -> String {
        let of_it = |item: &&Item| {
            let order = item.contains_key("order_status") && text(item, "pon") == pon;
            order && text(item, "order_version") == version
        };
        text(self.0.values().find(of_it).expect("no such order"), "order_id")
    }

    /// Kind and actor of every event of an account that is about port-outs, as often as they are there.
    pub fn events(&self, account: &str) -> BTreeMap<(String, String), usize> {
        let mut all = BTreeMap::new();
        for ((pk, _), item) in &self.0 {
            if *pk == format!("ACCOUNT#{account}") && item.contains_key("order_id") {
                *all.entry((text(item, "event"), text(item, "actor"))).or_default() += 1;
            }
        }
        all
    }

    /// The wrong PINs in a row on an account, over all carriers and of one.
    pub fn wrong_pins(&self, account: &str, spid: &str) -> (u64, u64) {
        let number = |sk: String, attribute: &str| {
            let item = self.0.get(&(format!("ACCOUNT#{account}"), sk));
            let value = item.filter(|item| item.contains_key(attribute)).map(|item| text(item, attribute));
            value.map_or(0, |text| text.parse().expect("a number"))
        };
        (number("ACCOUNT".to_owned(), "failed_attempts"), number(format!("ATTEMPTS#{spid}"), "failures"))
    }
}

/// Events with how often each is expected, all of them of the source `bw`.
pub fn events(expected: &[(&str, usize)]) -> BTreeMap<(String, String), usize> {
    let of_source = |kind: &str| (kind.to_owned(), "webhook:bw".to_owned());
    expected.iter().map(|(kind, count)| (of_source(kind), *count)).collect()
}

/// An item that must be there.
pub async fn item(stack: &Stack, key: (&str, &str)) -> Item {
    let all = stack.scan().await;
    all.into_iter()
        .find(|item| (text(item, "pk").as_str(), text(item, "sk").as_str()) == key)
        .expect("an item")
}

/// Stores an item as it is.
pub async fn store(stack: &Stack, item: Item) {
    let put = client(stack.engine().endpoint(), stack.table())
        .put_item()
        .table_name(stack.table())
        .set_item(Some(item));
    put.send().await.expect("not stored");
}

fn version_and_status(item: &Item) -> (String, String) {
    (text(item, "order_version"), text(item, "order_status"))
}

#[track_caller]
fn text(item: &Item, attribute: &str) -> String {
    match item.get(attribute) {
        Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
        other => panic!("{attribute} is {other:?}"),
    }
}
