//! Reads and builds items; a stored value that no function writes is a named error, never a panic.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::error::Error;
use crate::timestamp;

/// An item of the table.
#[derive(Clone, Default)]
pub struct Item(HashMap<String, AttributeValue>);

impl Item {
    pub fn of(attributes: HashMap<String, AttributeValue>) -> Self {
        Self(attributes)
    }

    /// Creates an item with nothing but its key.
    pub fn at(key: crate::store::key::Key) -> Self {
        Self(key.into_map())
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// Adds the attribute if there is a value.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Returns what a read of these attributes would return.
    #[cfg(test)]
    pub fn projected(mut self, attributes: &[&str]) -> Self {
        self.0.retain(|name, _| attributes.contains(&name.as_str()));
        self
    }

    pub fn into_map(self) -> HashMap<String, AttributeValue> {
        self.0
    }

    /// Reads a text that may be absent.
    pub fn optional_text(&self, name: &'static str) -> Result<Option<&str>, Error> {
        match self.0.get(name) {
            None | Some(AttributeValue::Null(_)) => Ok(None),
            Some(value) => value.as_s().map(|text| Some(text.as_str())).map_err(|_| Error::corrupt(name)),
        }
    }

    pub fn text(&self, name: &'static str) -> Result<&str, Error> {
        self.optional_text(name)?.ok_or(Error::corrupt(name))
    }

    /// Parses a text that may be absent.
    pub fn optional<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Error> {
        self.optional_text(name)?.map(|text| text.parse().map_err(|_| Error::corrupt(name))).transpose()
    }

    pub fn get<T: FromStr>(&self, name: &'static str) -> Result<T, Error> {
        self.optional(name)?.ok_or(Error::corrupt(name))
    }

    /// Reads a number that may be absent.
    pub fn optional_number<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Error> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let number = value.as_n().ok().and_then(|digits| digits.parse().ok());
        number.map(Some).ok_or(Error::corrupt(name))
    }

    pub fn number<T: FromStr>(&self, name: &'static str) -> Result<T, Error> {
        self.optional_number(name)?.ok_or(Error::corrupt(name))
    }

    /// Returns the parsed texts of a list.
    pub fn parsed_list<T: FromStr>(&self, name: &'static str) -> Result<Vec<T>, Error> {
        let parsed = |value: &AttributeValue| value.as_s().ok().and_then(|text| text.parse().ok());
        self.list(name)?.iter().map(parsed).collect::<Option<_>>().ok_or(Error::corrupt(name))
    }

    /// Reads a map that may be absent, as an item of its own.
    pub fn optional_map(&self, name: &'static str) -> Result<Option<Self>, Error> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        value.as_m().map(|map| Some(Self(map.clone()))).map_err(|_| Error::corrupt(name))
    }

    pub fn list(&self, name: &'static str) -> Result<&[AttributeValue], Error> {
        self.0.get(name).and_then(|value| value.as_l().ok()).map(Vec::as_slice).ok_or(Error::corrupt(name))
    }
}

/// Returns a list of text values.
pub fn strings<'a>(texts: impl Iterator<Item = &'a str>) -> AttributeValue {
    AttributeValue::L(texts.map(string).collect())
}

pub fn string(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Writes a time as text that sorts.
pub fn time(time: Timestamp) -> AttributeValue {
    string(timestamp::millis(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn item() -> Item {
        Item::default()
            .with("text", string("abc"))
            .with("count", number(7))
            .with("time", string("2026-11-23T16:04:05.123Z"))
    }

    #[test]
    fn attributes_read_as_what_they_are() {
        assert_eq!(item().text("text").unwrap(), "abc");
        assert_eq!(item().number::<u32>("count").unwrap(), 7);
        assert_eq!(item().optional_text("absent").unwrap(), None);
        let at: Timestamp = item().get("time").unwrap();
        assert_eq!(timestamp::millis(at), "2026-11-23T16:04:05.123Z");
    }

    #[test]
    fn a_value_of_another_kind_is_corrupt_and_the_error_names_the_attribute_only() {
        let errors = [
            item().text("count").err(),
            item().text("absent").err(),
            item().number::<u32>("text").err(),
            item().get::<Timestamp>("text").err(),
            item().list("text").err(),
            Item::default().with("count", number(-1)).number::<u32>("count").err(),
        ];
        for error in errors {
            let error = error.unwrap();
            assert_eq!(error.kind(), ErrorKind::Corrupt);
            assert!(["text", "count", "absent"].contains(&error.to_string().as_str()), "{error}");
        }
    }
}
