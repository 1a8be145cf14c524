//! One write of a transaction.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update};

use crate::store::expression::{names, used_values};
use crate::store::item::Item;
use crate::store::key::Key;
use crate::store::tables::TableNames;

/// Values by their placeholders; unused ones are left out.
pub type Values<'a> = &'a [(&'static str, AttributeValue)];

/// What a write does, if its condition holds.
enum Verb {
    Put(Item),
    Append(Item),
    Update(Key, String),
    Delete(Key),
    Check(Key),
}

/// One write of a transaction.
pub struct Write {
    verb: Verb,
    condition: String,
    values: Vec<(&'static str, AttributeValue)>,
}

impl Write {
    /// Creates an item that must be new.
    pub fn create(item: Item) -> Self {
        Self::put(item, "attribute_not_exists(#pk)", &[])
    }

    /// Adds an item to the table of events, where none may exist under its key.
    pub fn append(item: Item) -> Self {
        Self::new(Verb::Append(item), "attribute_not_exists(#pk)", &[])
    }

    pub fn put(item: Item, condition: impl Into<String>, values: Values<'_>) -> Self {
        Self::new(Verb::Put(item), condition, values)
    }

    pub fn update(
        key: Key,
        change: impl Into<String>,
        condition: impl Into<String>,
        values: Values<'_>,
    ) -> Self {
        Self::new(Verb::Update(key, change.into()), condition, values)
    }

    pub fn delete(key: Key, condition: impl Into<String>, values: Values<'_>) -> Self {
        Self::new(Verb::Delete(key), condition, values)
    }

    pub fn check(key: Key, condition: impl Into<String>, values: Values<'_>) -> Self {
        Self::new(Verb::Check(key), condition, values)
    }

    fn new(verb: Verb, condition: impl Into<String>, values: Values<'_>) -> Self {
        Self { verb, condition: condition.into(), values: values.to_vec() }
    }

    /// Converts it to the SDK's form.
    pub fn build(self, tables: &TableNames) -> Result<TransactWriteItem, BuildError> {
        let table = if let Verb::Append(_) = self.verb { &tables.events } else { &tables.state };
        let expressions = format!("{} {}", self.verb.change(), self.condition);
        let values = used_values(&expressions, self.values);
        // The four builders share these methods but no trait.
        macro_rules! finish {
            ($builder:expr) => {
                $builder
                    .table_name(table)
                    .condition_expression(self.condition)
                    .set_expression_attribute_names(names(&expressions))
                    .set_expression_attribute_values(values)
                    .build()?
            };
        }
        let item = TransactWriteItem::builder();
        let item = match self.verb {
            Verb::Put(put) | Verb::Append(put) => {
                item.put(finish!(Put::builder().set_item(Some(put.into_map()))))
            }
            Verb::Update(key, change) => {
                let update = Update::builder().set_key(Some(key.into_map())).update_expression(change);
                item.update(finish!(update))
            }
            Verb::Delete(key) => item.delete(finish!(Delete::builder().set_key(Some(key.into_map())))),
            Verb::Check(key) => {
                item.condition_check(finish!(ConditionCheck::builder().set_key(Some(key.into_map()))))
            }
        };
        Ok(item.build())
    }
}

impl Verb {
    fn change(&self) -> &str {
        match self {
            Self::Update(_, change) => change,
            Self::Put(_) | Self::Append(_) | Self::Delete(_) | Self::Check(_) => "",
        }
    }
}
