//! Finds fields that appear more than once in a JSON document, at any depth. serde_json keeps the last one of them and
//! says nothing.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::http::field_error::{FieldError, echoable};

/// Returns an error for each field that appears again; for what is not JSON, those up to there.
pub fn find(text: &str) -> Vec<FieldError> {
    let mut found = Vec::new();
    let mut json = serde_json::Deserializer::from_str(text);
    // What is not JSON is refused by whoever reads the values.
    let _ = Scan { place: "", found: &mut found }.deserialize(&mut json);
    found
}

/// Looks at one value and at all that it holds.
struct Scan<'a> {
    /// JSON pointer of the value.
    place: &'a str,
    found: &'a mut Vec<FieldError>,
}

impl<'de> DeserializeSeed<'de> for Scan<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scan<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            let place = format!("{}/{}", self.place, echoable(&name));
            map.next_value_seed(Scan { place: &place, found: self.found })?;
            if !seen.insert(name) {
                self.found.push(FieldError::duplicate(place, "This field appears more than once."));
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        for index in 0.. {
            let place = format!("{}/{index}", self.place);
            if list.next_element_seed(Scan { place: &place, found: self.found })?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn found(text: &str) -> Vec<Value> {
        find(text).iter().map(|error| serde_json::to_value(error).unwrap()["field"].clone()).collect()
    }

    #[test]
    fn a_field_that_appears_again_is_found_wherever_it_is() {
        for (text, fields) in [
            (r#"{"a": 1, "b": "1", "c": [null, true, 1.5, -1, {"a": 1}]}"#, &[][..]),
            (r#"{"a": 1, "b": 2, "a": 3, "a": 4}"#, &["/a", "/a"]),
            (r#"{"a": {"b": 1, "b": 1}, "b": 1}"#, &["/a/b"]),
            (r#"{"a": [0, [{"b": 1, "\u0062": 1}]]}"#, &["/a/1/0/b"]),
            (r#"{"482913": 1, "482913": 1}"#, &["/"]),
            (r#"{"a": 1, "a": 2"#, &["/a"]),
            ("482913", &[]),
        ] {
            assert_eq!(found(text), fields, "{text}");
        }
    }
}
