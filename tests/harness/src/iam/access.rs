//! Translates a DynamoDB call into IAM requests: one for each item that it touches.
//!
//! A transaction is not an IAM action: each of its writes needs the permission of its verb. Where AWS does not say
//! whether a condition key is there, both are tried.

use std::collections::BTreeSet;

use serde_json::Value;

use super::expression::{attributes, key_value};
use super::{Context, Request};
use crate::engine::names;
use runtime::store::key::Index;

/// The tables' ARNs as the template's policies name them.
pub const TABLE: &str = "${Table.Arn}";
/// See [`TABLE`].
pub const EVENTS: &str = "${EventsTable.Arn}";
/// Partition and sort key of the tables.
const KEYS: [&str; 2] = ["pk", "sk"];
const ENCLOSING: &str = "dynamodb:EnclosingOperation";

/// What a call needs, on the table of this name.
///
/// # Errors
/// The call is of a kind that is not understood.
pub fn of_call(operation: &str, body: &Value, table: &str) -> Result<Vec<Request>, String> {
    let call = Call { table };
    match operation {
        "GetItem" => Ok(vec![call.read("GetItem", &body["Key"], body)?]),
        "BatchGetItem" => call.batch(body),
        "Query" => Ok(vec![call.query(body)?]),
        "PutItem" | "UpdateItem" | "DeleteItem" => Ok(vec![call.write(operation, body, None)?]),
        "TransactWriteItems" => call.transaction(body),
        other => Err(format!("{other} is not understood")),
    }
}

/// Returns the values of a condition key in a request.
pub fn values(request: &Request, key: &str) -> Vec<String> {
    request.contexts.first().and_then(|context| context.get(key)).cloned().unwrap_or_default()
}

struct Call<'a> {
    table: &'a str,
}

impl Call<'_> {
    fn resource(&self, part: &Value) -> String {
        self.resource_of(part["TableName"].as_str().unwrap_or_default(), &part["IndexName"])
    }

    fn resource_of(&self, table: &str, index: &Value) -> String {
        let names = names(self.table);
        let table = match table {
            _ if table == names.state => TABLE.to_owned(),
            _ if table == names.events => EVENTS.to_owned(),
            other => format!("another table: {other}"),
        };
        index.as_str().map_or(table.clone(), |index| format!("{table}/index/{index}"))
    }

    fn read(&self, verb: &str, key: &Value, part: &Value) -> Result<Request, String> {
        let names = with(attributes(part)?, &KEYS);
        let context = context(names, partition(key)?, Some(select(part, "ALL_ATTRIBUTES")));
        Ok(request(verb, self.resource(part), vec![context]))
    }

    fn batch(&self, body: &Value) -> Result<Vec<Request>, String> {
        let mut all = Vec::new();
        for (table, part) in body["RequestItems"].as_object().into_iter().flatten() {
            for key in part["Keys"].as_array().into_iter().flatten() {
                let one = self.read("BatchGetItem", key, part)?;
                all.push(Request { resource: self.resource_of(table, &Value::Null), ..one });
            }
        }
        Ok(all)
    }

    fn query(&self, part: &Value) -> Result<Request, String> {
        let index = [Index::Lists, Index::Carriers, Index::Open]
            .into_iter()
            .find(|it| part["IndexName"] == it.name());
        let (keys, all) = match index {
            Some(index) => (index.keys(), "ALL_PROJECTED_ATTRIBUTES"),
            None => (KEYS, "ALL_ATTRIBUTES"),
        };
        // What an index projects holds the table's keys too.
        let names = with(with(attributes(part)?, &keys), &KEYS);
        let context = context(names, key_value(part, keys[0])?, Some(select(part, all)));
        Ok(request("Query", self.resource(part), vec![context]))
    }

    fn transaction(&self, body: &Value) -> Result<Vec<Request>, String> {
        let mut all = Vec::new();
        for write in body["TransactItems"].as_array().into_iter().flatten() {
            let (kind, part) = write.as_object().and_then(|it| it.iter().next()).ok_or("an empty write")?;
            all.push(self.write(&format!("{kind}Item"), part, Some("TransactWriteItems"))?);
        }
        Ok(all)
    }

    fn write(&self, verb: &str, part: &Value, within: Option<&str>) -> Result<Request, String> {
        let item = &part[if verb == "PutItem" { "Item" } else { "Key" }];
        let names = item.as_object().into_iter().flatten().map(|(name, _)| name.clone());
        let names = attributes(part)?.into_iter().chain(names).collect();
        let base = context(names, partition(item)?, None);
        let returned = part.get("ReturnValues").or_else(|| part.get("ReturnValuesOnConditionCheckFailure"));
        let returned = returned.and_then(Value::as_str).unwrap_or("NONE");
        let contexts = either(vec![base], "dynamodb:ReturnValues", Some(returned));
        // AWS documents this key for every write of a transaction, and for no other.
        let contexts = contexts.into_iter().map(|context| match within {
            Some(within) => context.into_iter().chain([(ENCLOSING, vec![within.to_owned()])]).collect(),
            None => context,
        });
        Ok(request(verb, self.resource(part), contexts.collect()))
    }
}

fn request(verb: &str, resource: String, contexts: Vec<Context>) -> Request {
    Request { action: format!("dynamodb:{verb}"), resource, contexts }
}

fn context(names: BTreeSet<String>, partition: String, select: Option<String>) -> Context {
    let lists =
        [("dynamodb:Attributes", names.into_iter().collect()), ("dynamodb:LeadingKeys", vec![partition])];
    lists.into_iter().chain(select.map(|select| ("dynamodb:Select", vec![select]))).collect()
}

/// Returns each context without the key, and with it.
fn either(contexts: Vec<Context>, key: &'static str, value: Option<&str>) -> Vec<Context> {
    let with = |context: &Context| {
        let mut context = context.clone();
        context.insert(key, vec![value?.to_owned()]);
        Some(context)
    };
    let more: Vec<_> = contexts.iter().filter_map(with).collect();
    contexts.into_iter().chain(more).collect()
}

fn with(mut names: BTreeSet<String>, more: &[&str]) -> BTreeSet<String> {
    names.extend(more.iter().map(|name| (*name).to_owned()));
    names
}

fn partition(key: &Value) -> Result<String, String> {
    key["pk"]["S"].as_str().map(str::to_owned).ok_or_else(|| "a key without its partition".to_owned())
}

/// Returns what is selected; the default depends on whether attributes are named.
fn select(part: &Value, default: &str) -> String {
    let named = part["ProjectionExpression"].is_string();
    let said = part["Select"].as_str();
    said.unwrap_or(if named { "SPECIFIC_ATTRIBUTES" } else { default }).to_owned()
}
