//! Reads and builds items; a stored value that nobody could have written is a named error, never a panic.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::text;
use crate::trouble::Trouble;

/// One item, as it came from the table or goes there.
#[derive(Clone, Default)]
pub struct Item(HashMap<String, AttributeValue>);

impl Item {
    pub fn of(attributes: HashMap<String, AttributeValue>) -> Self {
        Self(attributes)
    }

    /// An item that has its key and nothing else yet.
    pub fn at(key: super::key::Key) -> Self {
        Self(key.into_map())
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// Leaves the attribute out if there is no value.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub fn into_map(self) -> HashMap<String, AttributeValue> {
        self.0
    }

    /// The text of an attribute that may be absent.
    pub fn maybe_text(&self, name: &'static str) -> Result<Option<&str>, Trouble> {
        match self.0.get(name) {
            None | Some(AttributeValue::Null(_)) => Ok(None),
            Some(value) => value.as_s().map(|text| Some(text.as_str())).map_err(|_| Trouble::corrupt(name)),
        }
    }

    pub fn text(&self, name: &'static str) -> Result<&str, Trouble> {
        self.maybe_text(name)?.ok_or(Trouble::corrupt(name))
    }

    /// The parsed text of an attribute that may be absent.
    pub fn maybe<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Trouble> {
        self.maybe_text(name)?.map(|text| text.parse().map_err(|_| Trouble::corrupt(name))).transpose()
    }

    pub fn get<T: FromStr>(&self, name: &'static str) -> Result<T, Trouble> {
        self.maybe(name)?.ok_or(Trouble::corrupt(name))
    }

    /// A number that may be absent.
    pub fn maybe_number<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Trouble> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let number = value.as_n().ok().and_then(|digits| digits.parse().ok());
        number.map(Some).ok_or(Trouble::corrupt(name))
    }

    pub fn number<T: FromStr>(&self, name: &'static str) -> Result<T, Trouble> {
        self.maybe_number(name)?.ok_or(Trouble::corrupt(name))
    }

    pub fn list(&self, name: &'static str) -> Result<&[AttributeValue], Trouble> {
        self.0.get(name).and_then(|value| value.as_l().ok()).map(Vec::as_slice).ok_or(Trouble::corrupt(name))
    }
}

/// A text value.
pub fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number value.
pub fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A time value, as text that sorts.
pub fn time(time: Timestamp) -> AttributeValue {
    s(text::millis(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trouble::TroubleKind;

    fn item() -> Item {
        Item::default().with("text", s("abc")).with("count", n(7)).with("time", s("2026-11-23T16:04:05.123Z"))
    }

    #[test]
    fn attributes_read_as_what_they_are() {
        assert_eq!(item().text("text").unwrap(), "abc");
        assert_eq!(item().number::<u32>("count").unwrap(), 7);
        assert_eq!(item().maybe_text("absent").unwrap(), None);
        let at: Timestamp = item().get("time").unwrap();
        assert_eq!(text::millis(at), "2026-11-23T16:04:05.123Z");
    }

    #[test]
    fn a_value_of_another_kind_is_corrupt_and_the_error_names_the_attribute_only() {
        let troubles = [
            item().text("count").err(),
            item().text("absent").err(),
            item().number::<u32>("text").err(),
            item().get::<Timestamp>("text").err(),
            item().list("text").err(),
            Item::default().with("count", n(-1)).number::<u32>("count").err(),
        ];
        for trouble in troubles {
            let trouble = trouble.unwrap();
            assert_eq!(trouble.kind(), TroubleKind::Corrupt);
            assert!(["text", "count", "absent"].contains(&trouble.to_string().as_str()), "{trouble}");
        }
    }
}
