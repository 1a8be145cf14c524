//! Items as DynamoDB counts them: bytes, and the request units that a transaction takes for them.

use aws_sdk_dynamodb::types::AttributeValue as Read;
use dynoxide::types::{AttributeValue, Item, item_size};
use runtime::store::key::Index;
use std::collections::BTreeMap;

/// One write unit is up to 1 KB; a transaction takes two.
const WRITE_UNIT: usize = 1_024;

/// DynamoDB's own bytes of every item and index entry: they are stored, but no request pays for them.
pub const OVERHEAD: usize = 100;

/// The items of a table by their keys.
pub type Items = BTreeMap<(String, String), Item>;

/// Converts an item that the SDK read to the engine's form.
pub fn item(read: &harness::engine::Item) -> Item {
    read.iter().map(|(name, value)| (name.clone(), self::value(value))).collect()
}

fn value(read: &Read) -> AttributeValue {
    match read {
        Read::S(text) => AttributeValue::S(text.clone()),
        Read::N(digits) => AttributeValue::N(digits.clone()),
        Read::Bool(value) => AttributeValue::BOOL(*value),
        Read::Null(_) => AttributeValue::NULL(true),
        Read::L(list) => AttributeValue::L(list.iter().map(value).collect()),
        Read::M(map) => {
            AttributeValue::M(map.iter().map(|(name, read)| (name.clone(), value(read))).collect())
        }
        _ => panic!("the product stores no sets and no bytes"),
    }
}

/// Returns the entries of an item in the indexes: the keys of the table and of the index.
fn index_entries(item: &Item) -> impl Iterator<Item = Item> {
    let entry = |index: Index| {
        let keys = [["pk", "sk"], index.keys()].concat();
        keys.into_iter().map(|name| Some((name.to_owned(), item.get(name)?.clone()))).collect()
    };
    [Index::Lists, Index::Carriers, Index::Open].into_iter().filter_map(entry)
}

pub fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    match item.get(name) {
        Some(AttributeValue::S(text)) => text,
        _ => "",
    }
}

/// Returns the bytes that a request pays for.
pub fn bytes(item: &Item) -> usize {
    item_size(item)
}

/// Returns the bytes that are stored, those of the index entries included.
pub fn stored_bytes(item: &Item) -> usize {
    bytes(item) + OVERHEAD + index_entries(item).map(|entry| bytes(&entry) + OVERHEAD).sum::<usize>()
}

/// Returns the units of one write of a transaction. A check pays like a write; an absent item counts as one unit.
pub fn transaction_units(item: Option<&Item>) -> usize {
    2 * item.map_or(1, |item| bytes(item).div_ceil(WRITE_UNIT).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item_of(attributes: &[(&str, &str)]) -> Item {
        let text =
            |(name, value): &(&str, &str)| ((*name).to_owned(), AttributeValue::S((*value).to_owned()));
        attributes.iter().map(text).collect()
    }

    #[test]
    fn an_item_is_as_large_as_its_names_and_values_and_one_in_a_list_is_stored_twice() {
        let plain = item_of(&[("pk", "NUMBER#1"), ("sk", "NUMBER")]);
        assert_eq!((bytes(&plain), stored_bytes(&plain)), (18, 118));
        let listed =
            item_of(&[("pk", "NUMBER#1"), ("sk", "NUMBER"), ("list_pk", "A"), ("list_sk", "1"), ("x", "y")]);
        assert_eq!((bytes(&listed), stored_bytes(&listed)), (36, 36 + 34 + 200));
        assert_eq!((transaction_units(None), transaction_units(Some(&listed))), (2, 2));
        let keys = [
            ("pk", "P"),
            ("sk", "P"),
            ("list_pk", "A"),
            ("list_sk", "1"),
            ("open_pk", "A"),
            ("open_sk", "1"),
        ];
        assert_eq!(stored_bytes(&item_of(&keys)), 38 + 2 * 22 + 300, "an entry in each of two indexes");
        assert_eq!(stored_bytes(&item_of(&keys[..5])), 30 + 22 + 200, "half a key makes no entry");
        let large = item_of(&[("pk", &"x".repeat(1_023))]);
        assert_eq!(transaction_units(Some(&large)), 4);
    }
}
