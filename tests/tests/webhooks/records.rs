//! What stands in the table, read past every function.

use std::collections::BTreeMap;
use tests::engine::Item;
use tests::stack::Stack;

/// A whole table.
pub struct Records(Vec<Item>);

/// A text or number; empty if it is not there.
pub fn text(item: &Item, name: &str) -> String {
    let value = item.get(name).and_then(|value| value.as_s().or_else(|_| value.as_n()).ok());
    value.cloned().unwrap_or_default()
}

impl Records {
    /// The table as it is now.
    pub async fn of(stack: &Stack) -> Self {
        Self(stack.scan().await)
    }

    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Item> {
        self.0.iter().filter(move |item| text(item, "sk").split('#').next() == Some(kind))
    }

    /// How many port-outs are recorded.
    pub fn orders(&self) -> usize {
        self.of_kind("PORTOUT").count()
    }

    /// How many deliveries are remembered.
    pub fn deliveries(&self) -> usize {
        self.of_kind("DELIVERY").count()
    }

    /// The events of port-outs in the order of their coming: what happened, by whom, for which carrier.
    pub fn port_out_events(&self) -> Vec<(String, String, String)> {
        self.events("port_out.")
            .iter()
            .map(|event| (text(event, "event"), text(event, "actor"), text(event, "spid")))
            .collect()
    }

    /// The events whose names start so, in the order of their coming.
    pub fn events(&self, prefix: &str) -> Vec<&Item> {
        let mut found: Vec<_> =
            self.of_kind("EVENT").filter(|item| text(item, "event").starts_with(prefix)).collect();
        found.sort_by_key(|item| text(item, "sk"));
        found
    }

    /// The wrong PINs in a row of a carrier on `CONTOSO`, 0 without a record.
    pub fn failures(&self, spid: &str) -> usize {
        let own = |item: &&Item| {
            text(item, "pk") == "ACCOUNT#CONTOSO" && text(item, "sk") == format!("ATTEMPTS#{spid}")
        };
        self.of_kind("ATTEMPTS").find(own).map_or(0, |item| text(item, "failures").parse().expect("a number"))
    }
}

/// Everything that is stored, as text to search in.
pub fn dump(items: &[Item]) -> String {
    items.iter().map(|item| format!("{:?}\n", item.iter().collect::<BTreeMap<_, _>>())).collect()
}
