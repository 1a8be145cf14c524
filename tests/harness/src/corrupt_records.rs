//! Stored data that no function writes: one attribute replaced or removed, past the wire.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::engine::Item;
use crate::stack::Stack;

/// `pk` and `sk` of an item.
pub type Key<'a> = (&'a str, &'a str);
/// An attribute and its new value; `None` removes it.
pub type Damage<'a> = (&'a str, Option<AttributeValue>);

/// Returns a string attribute.
pub fn s(text: &str) -> Option<AttributeValue> {
    Some(AttributeValue::S(text.to_owned()))
}

/// Returns a number attribute.
pub fn n(number: &str) -> Option<AttributeValue> {
    Some(AttributeValue::N(number.to_owned()))
}

impl Stack {
    /// Damages an item; returns it as it was, to be put back by [`Stack::put_item`].
    pub async fn corrupt(&self, key: Key<'_>, (attribute, value): Damage<'_>) -> Item {
        let whole = self.item(key).await;
        let mut damaged = whole.clone();
        damaged.remove(attribute);
        damaged.extend(value.map(|value| (attribute.to_owned(), value)));
        self.put_item(damaged).await;
        whole
    }

    /// Returns the stored PIN of an account: algorithm, rounds, key, salt and digest.
    pub async fn digest_parts(&self, account: &str) -> [String; 5] {
        let item = self.item((&format!("PIN#{account}"), "PIN")).await;
        let text = |name: &str| item[name].as_s().unwrap().clone();
        let parts = format!("{}${}", text("pin_parameters"), text("pin_digest"));
        let parts: Vec<_> = parts.split('$').map(str::to_owned).collect();
        parts.try_into().expect("five parts")
    }
}
