//! The calls of DynamoDB, with bounded retries.
//!
//! The SDK retries what it knows to be safe: timeouts, 5xx, throttling, and what [`Conflict`](super::conflict::Conflict)
//! tells it. To the SDK, keys that a batch left unprocessed are not an error, so they are requested again here.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use crate::error::Error;
use crate::random;
use crate::store::commit::{Commit, Retry};
use crate::store::conflict::refused;
use crate::store::expression::{names_of, projection};
use crate::store::item::{Item, string};
use crate::store::key::{Index, Key, Partition};
use crate::store::write::Write;

/// The most keys of one BatchGetItem.
const BATCH: usize = 100;
/// The most writes of one TransactWriteItems.
pub const TRANSACTION: usize = 100;

/// Names of the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableNames {
    /// The state: accounts, PINs, numbers, port-outs, counts, webhook sources.
    pub state: String,
    /// The audit trail, to which items are only added.
    pub events: String,
}

/// The tables and their client.
#[derive(Clone)]
pub struct Tables {
    client: Client,
    names: TableNames,
}

/// A part of a list, by its sort keys.
pub(super) struct Range {
    /// First sort key.
    pub from: String,
    /// Last sort key.
    pub to: String,
    /// Whether it is read from its end.
    pub newest_first: bool,
    /// Most entries.
    pub limit: usize,
}

/// The outcome of a transaction.
pub enum Written {
    /// Every write happened.
    Done,
    /// None happened: the conditions at these places did not hold.
    Refused(BTreeSet<usize>),
}

impl Tables {
    /// Creates the tables of these names.
    pub fn new(client: Client, names: TableNames) -> Self {
        Self { client, names }
    }

    /// Reads these attributes of an item, strongly consistent.
    pub(super) async fn get(&self, key: Key, attributes: &[&str]) -> Result<Option<Item>, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.names.state)
            .set_key(Some(key.into_map()))
            .consistent_read(true)
            .set_expression_attribute_names(Some(names_of(attributes.iter().copied())))
            .projection_expression(projection(attributes))
            .send()
            .await
            .map_err(|error| sdk_error("GetItem failed", &error))?;
        Ok(answer.item.map(Item::of))
    }

    /// Reads these attributes of any number of items, each strongly consistent; absent items are left out.
    pub(super) async fn batch_get(&self, keys: Vec<Key>, attributes: &[&str]) -> Result<Vec<Item>, Error> {
        let (mut keys, mut found) = (keys.into_iter().map(Key::into_map), Vec::new());
        loop {
            let batch: Vec<_> = keys.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok(found);
            }
            found.extend(self.get_batch(batch, attributes).await?);
        }
    }

    async fn get_batch(
        &self,
        mut wanted: Vec<HashMap<String, AttributeValue>>,
        attributes: &[&str],
    ) -> Result<Vec<Item>, Error> {
        let mut found = Vec::new();
        let mut retry = Retry::of_call("BatchGetItem left keys unprocessed");
        loop {
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.names.state, keys_and_attributes(wanted, attributes)?)
                .send()
                .await
                .map_err(|error| sdk_error("BatchGetItem failed", &error))?;
            let items = answer.responses.unwrap_or_default().remove(&self.names.state).unwrap_or_default();
            found.extend(items.into_iter().map(Item::of));
            match answer.unprocessed_keys.unwrap_or_default().remove(&self.names.state) {
                Some(rest) if !rest.keys.is_empty() => wanted = rest.keys,
                Some(_) | None => return Ok(found),
            }
            retry.after_stale().await?;
        }
    }

    /// Reads these attributes, which name the keys, of each of some items, strongly consistent.
    pub(super) async fn get_each<const N: usize>(
        &self,
        keys: [Key; N],
        attributes: &[&str],
    ) -> Result<[Option<Item>; N], Error> {
        let mut found = self.batch_get(keys.to_vec(), attributes).await?;
        let take = |key: Key| {
            let is_it = |item: &Item| {
                item.text("pk").is_ok_and(|pk| pk == key.pk) && item.text("sk").is_ok_and(|sk| sk == key.sk)
            };
            found.iter().position(is_it).map(|place| found.swap_remove(place))
        };
        Ok(keys.map(take))
    }

    /// Writes everything or nothing.
    pub(super) async fn transact(&self, writes: Vec<Write>) -> Result<Written, Error> {
        let items: Result<_, _> = writes.into_iter().map(|write| write.build(&self.names)).collect();
        let items = items.map_err(|_| Error::internal("a write lacks a part"))?;
        // The SDK would draw the token from a generator seeded with a time: two processes might draw the same.
        let token = uuid::Builder::from_random_bytes(random::bytes()?).into_uuid().to_string();
        let request = self.client.transact_write_items().set_transact_items(Some(items));
        match request.client_request_token(token).send().await {
            Ok(_) => Ok(Written::Done),
            Err(error) => match error.as_service_error().map(refused) {
                Some(places) if !places.is_empty() => Ok(Written::Refused(places)),
                Some(_) | None => Err(sdk_error("TransactWriteItems failed", &error)),
            },
        }
    }

    /// Writes everything or nothing, where a condition that does not hold means that what was read is stale.
    pub(super) async fn commit(&self, writes: Vec<Write>) -> Result<Commit<()>, Error> {
        Ok(match self.transact(writes).await? {
            Written::Done => Commit::Done(()),
            Written::Refused(_) => Commit::Stale,
        })
    }

    /// Reads the sort keys of a list of an index, in order; eventually consistent.
    pub(super) async fn list(&self, index: Index, list: String, range: Range) -> Result<Vec<Item>, Error> {
        let keys = index.keys();
        let query = self.client.query().table_name(&self.names.state).index_name(index.name());
        self.query(query, keys, list, range, &keys[1..]).await
    }

    /// Reads these attributes of events of a partition, in order, strongly consistent.
    pub(super) async fn events(
        &self,
        partition: &Partition,
        range: Range,
        attributes: &[&str],
    ) -> Result<Vec<Item>, Error> {
        let query = self.client.query().table_name(&self.names.events).consistent_read(true);
        self.query(query, ["pk", "sk"], partition.key(), range, attributes).await
    }

    async fn query(
        &self,
        query: QueryFluentBuilder,
        [partition_key, sort_key]: [&str; 2],
        partition: String,
        range: Range,
        attributes: &[&str],
    ) -> Result<Vec<Item>, Error> {
        let condition = format!("#{partition_key} = :list AND #{sort_key} BETWEEN :from AND :to");
        let names = names_of([partition_key, sort_key].into_iter().chain(attributes.iter().copied()));
        // DynamoDB refuses an empty text as a key.
        let from = if range.from.is_empty() { " ".to_owned() } else { range.from };
        let answer = query
            .set_expression_attribute_names(Some(names))
            .key_condition_expression(condition)
            .projection_expression(projection(attributes))
            .expression_attribute_values(":list", string(partition))
            .expression_attribute_values(":from", string(from))
            .expression_attribute_values(":to", string(range.to))
            .scan_index_forward(!range.newest_first)
            .limit(i32::try_from(range.limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| sdk_error("Query failed", &error))?;
        Ok(answer.items.unwrap_or_default().into_iter().map(Item::of).collect())
    }
}

fn keys_and_attributes(
    keys: Vec<HashMap<String, AttributeValue>>,
    attributes: &[&str],
) -> Result<KeysAndAttributes, Error> {
    KeysAndAttributes::builder()
        .set_keys(Some(keys))
        .set_expression_attribute_names(Some(names_of(attributes.iter().copied())))
        .projection_expression(projection(attributes))
        .consistent_read(true)
        .build()
        .map_err(|_| Error::internal("a batch lacks its keys"))
}

/// Keeps only the error's code: its text may quote items.
fn sdk_error<E: ProvideErrorMetadata, R>(cause: &'static str, error: &SdkError<E, R>) -> Error {
    Error::unavailable(cause).with_code(error.code())
}
