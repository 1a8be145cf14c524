//! Bodies of port-outs as a carrier writes them.

use serde_json::{Value, json};

use crate::fixture::{CONTOSO, TN};

/// Returns a port-out with everything that a lawful one needs.
pub fn order<T: AsRef<str>>(pon: &str, account: &str, pin: &str, numbers: &[T]) -> Value {
    let numbers: Vec<_> = numbers.iter().map(AsRef::as_ref).collect();
    json!({"pon": pon, "account_number": account, "pin": pin, "zip_code": "98052", "telephone_numbers": numbers})
}

/// Returns a port-out of [`TN`] of [`CONTOSO`].
pub fn usual(pon: &str, pin: &str) -> Value {
    order(pon, CONTOSO, pin, &[TN])
}

/// Returns the order as another version.
pub fn version(order: Value, version: usize) -> Value {
    with(&order, "version", format!("{version:02}"))
}

/// Returns the document with another value in one field.
pub fn with(document: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut document = document.clone();
    document[field] = value.into();
    document
}

/// Returns the document without one field.
pub fn without(document: &Value, field: &str) -> Value {
    let mut document = document.clone();
    document.as_object_mut().expect("an object").remove(field);
    document
}
