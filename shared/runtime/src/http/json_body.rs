//! Reads a JSON body field by field, and names every bad one at once, never its value.

use std::collections::HashSet;
use std::fmt::Display;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::http::problem::{Code, FieldError, Problem};
use crate::http::request::Request;
use shared::telephone_number::Tn;
use shared::telephone_numbers::{TelephoneNumbers, TelephoneNumbersError};

/// The most bytes of a body.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The fields of a JSON object, taken out one by one; what is left over is unknown.
pub struct JsonBody {
    left: Vec<(String, Value)>,
    known: Vec<&'static str>,
    malformed: Vec<FieldError>,
    invalid: Vec<FieldError>,
}

impl JsonBody {
    /// The body of a call, as a JSON object.
    pub fn read(request: &Request) -> Result<Self, Problem> {
        let body = body(request)?;
        if !request.header("content-type").is_some_and(is_json) {
            let detail = "The body must be JSON, sent with Content-Type: application/json.";
            return Err(Problem::new(Code::UnsupportedMediaType, detail));
        }
        Self::parse(&body)
    }

    /// The fields of these bytes.
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        let Object(left) = serde_json::from_slice(body).map_err(|_| not_json())?;
        let mut seen = HashSet::new();
        let mut malformed = Vec::new();
        for (name, _) in &left {
            if !seen.insert(name.as_str()) {
                malformed.push(FieldError::new(
                    pointer(name),
                    "duplicate_field",
                    "this field stands there twice",
                ));
            }
        }
        Ok(Self { left, known: Vec::new(), malformed, invalid: Vec::new() })
    }

    /// A text that may be left out or `null`.
    pub fn text(&mut self, name: &'static str) -> Option<Zeroizing<String>> {
        match self.take(name)? {
            Value::Null => None,
            Value::String(text) => Some(Zeroizing::new(text)),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.wrong_type(pointer(name), "this field is a JSON string");
                None
            }
        }
    }

    /// A parsed text that may be left out or `null`.
    pub fn optional<T>(&mut self, name: &'static str, code: &'static str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.text(name)?;
        self.parsed(pointer(name), code, &text)
    }

    /// A parsed text that must be there.
    pub fn required<T>(&mut self, name: &'static str, code: &'static str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let before = self.malformed.len();
        match self.text(name) {
            Some(text) => self.parsed(pointer(name), code, &text),
            None => {
                if self.malformed.len() == before {
                    self.invalid(pointer(name), "required", "this field is required");
                }
                None
            }
        }
    }

    /// A list of 1 to 90 telephone numbers, none of them twice; every bad one is named, those too that `also` objects
    /// to with a code and a sentence.
    pub fn telephone_numbers(
        &mut self,
        also: impl Fn(&Tn) -> Option<(&'static str, String)>,
    ) -> Option<TelephoneNumbers> {
        const NAME: &str = "telephone_numbers";
        let values = match self.take(NAME) {
            Some(Value::Array(values)) => values,
            None | Some(Value::Null) => {
                self.invalid(pointer(NAME), "required", "this field is required");
                return None;
            }
            Some(Value::String(_) | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
                self.wrong_type(pointer(NAME), "this field is a JSON array of strings");
                return None;
            }
        };
        let count = values.len();
        let mut numbers = Vec::new();
        for (index, value) in values.into_iter().enumerate() {
            let place = format!("{}/{index}", pointer(NAME));
            numbers.extend(self.telephone_number(place, value, &numbers, &also));
        }
        match TelephoneNumbers::try_from(numbers) {
            Ok(list) if list.as_slice().len() == count => return Some(list),
            // What is missing from the list has been named.
            Ok(_) | Err(TelephoneNumbersError::Twice(_)) => {}
            Err(error @ TelephoneNumbersError::TooMany) => {
                self.invalid(pointer(NAME), "too_many_tns", error.to_string())
            }
            Err(error @ TelephoneNumbersError::Empty) if count == 0 => {
                self.invalid(pointer(NAME), "required", error.to_string());
            }
            Err(TelephoneNumbersError::Empty) => {}
        }
        None
    }

    fn telephone_number(
        &mut self,
        place: String,
        value: Value,
        before: &[Tn],
        also: &impl Fn(&Tn) -> Option<(&'static str, String)>,
    ) -> Option<Tn> {
        let Value::String(text) = value else {
            self.wrong_type(place, "this entry is a JSON string");
            return None;
        };
        let tn: Tn = self.parsed(place.clone(), "tn_invalid", &text)?;
        if before.contains(&tn) {
            self.invalid(place, "tn_duplicate", TelephoneNumbersError::Twice(0).to_string());
            return None;
        }
        if let Some((code, detail)) = also(&tn) {
            self.invalid(place, code, detail);
        }
        Some(tn)
    }

    /// Whether the problem, if there is one, is of form, so that broken rules are named only beside it.
    pub fn is_malformed(&self) -> bool {
        !self.malformed.is_empty() || !self.left.is_empty()
    }

    /// Whether a field is named already.
    pub fn is_named(&self, field: &str) -> bool {
        self.malformed.iter().chain(&self.invalid).any(|error| error.field == field)
    }

    /// Adds a broken rule that only the caller of this knows.
    pub fn invalid(&mut self, field: impl Into<String>, code: &'static str, detail: impl Into<String>) {
        self.invalid.push(FieldError::new(field, code, detail));
    }

    /// The problem, if there is one: 400 if the form is wrong, else 422 if a value breaks a rule.
    pub fn finish(self) -> Result<(), Problem> {
        let Self { left, known, mut malformed, invalid } = self;
        malformed.extend(left.iter().map(|(name, _)| unknown(name, &known)));
        if !malformed.is_empty() {
            malformed.extend(invalid);
            return Err(Problem::malformed(malformed));
        }
        if invalid.is_empty() { Ok(()) } else { Err(Problem::invalid(invalid)) }
    }

    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        let mut taken = None;
        self.left.retain_mut(|(known, value)| {
            let matches = known == name;
            if matches && taken.is_none() {
                taken = Some(std::mem::take(value));
            }
            !matches
        });
        taken
    }

    fn parsed<T>(&mut self, field: String, code: &'static str, text: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        text.parse().map_err(|error: T::Err| self.invalid(field, code, error.to_string())).ok()
    }

    fn wrong_type(&mut self, field: String, detail: &str) {
        self.malformed.push(FieldError::new(field, "wrong_type", detail));
    }
}

/// The raw bytes of a call's body, if they are not too many.
pub fn body(request: &Request) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let body = request.event.body().map(Zeroizing::new).ok_or_else(not_json)?;
    if body.len() > MAX_BODY_BYTES {
        return Err(Problem::new(Code::BodyTooLarge, "The body is larger than 64 KiB."));
    }
    Ok(body)
}

fn pointer(name: &str) -> String {
    format!("/{}", echoable(name))
}

fn unknown(name: &str, known: &[&str]) -> FieldError {
    FieldError::new(
        pointer(name),
        "unknown_field",
        format!("this route takes only the fields {}", known.join(", ")),
    )
}

/// A name of the caller's own making, if it can be told back: one with digits in it might be a PIN in the wrong place.
pub(super) fn echoable(name: &str) -> &str {
    const LONGEST: usize = 64;
    let plain =
        name.len() <= LONGEST && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_' || b == b'-');
    if plain { name } else { "" }
}

fn not_json() -> Problem {
    Problem::new(Code::MalformedRequest, "The body is not a JSON object in UTF-8.")
}

fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let json = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    json && parts.filter(|p| !p.is_empty()).all(is_utf8)
}

/// RFC 8259 knows no other charset; any other parameter means nothing.
fn is_utf8(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return true };
    !name.trim().eq_ignore_ascii_case("charset")
        || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
}

/// The entries of a JSON object, with those that stand there twice.
struct Object(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Object;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;
    use shared::port_out_id::{Pon, Version};

    fn fields(body: &str) -> JsonBody {
        JsonBody::parse(body.as_bytes()).unwrap_or_else(|_| panic!("not an object: {body}"))
    }

    fn errors(fields: JsonBody) -> (u16, Value) {
        let document = serde_json::to_value(fields.finish().unwrap_err().document("r")).unwrap();
        let brief = |e: &Value| json!([e["field"], e["code"]]);
        let errors = document["errors"].as_array().unwrap().iter().map(brief).collect();
        (document["status"].as_u64().unwrap().try_into().unwrap(), errors)
    }

    #[test]
    fn good_fields_parse_and_null_is_as_good_as_left_out() {
        let mut body = fields(r#"{"pon": "TX-1", "version": null}"#);
        assert_eq!(body.required::<Pon>("pon", "pon_invalid").unwrap().as_str(), "TX-1");
        assert_eq!(body.optional::<Version>("version", "version_invalid"), None);
        assert_eq!(body.optional::<Version>("other", "other_invalid"), None);
        assert!(body.finish().is_ok());
    }

    #[test]
    fn every_bad_value_is_named_at_once() {
        let mut body =
            fields(r#"{"pon": "a b", "version": "1", "telephone_numbers": ["2065550123", "12", "x"]}"#);
        body.required::<Pon>("pon", "pon_invalid");
        body.optional::<Version>("version", "version_invalid");
        body.telephone_numbers(|_| None);
        body.required::<Pon>("account_number", "account_number_invalid");
        let expected = json!([
            ["/pon", "pon_invalid"],
            ["/version", "version_invalid"],
            ["/telephone_numbers/1", "tn_invalid"],
            ["/telephone_numbers/2", "tn_invalid"],
            ["/account_number", "required"],
        ]);
        assert_eq!(errors(body), (422, expected));
    }

    #[test]
    fn wrong_types_unknown_and_doubled_fields_are_400_and_named_with_the_rest() {
        let mut body = fields(r#"{"pin": 482913, "pon": "a b", "Pin": "x", "pon": "c", "482913": 1}"#);
        body.text("pin");
        body.required::<Pon>("pon", "pon_invalid");
        let expected = json!([
            ["/pon", "duplicate_field"],
            ["/pin", "wrong_type"],
            ["/Pin", "unknown_field"],
            ["/", "unknown_field"],
            ["/pon", "pon_invalid"],
        ]);
        assert_eq!(errors(body), (400, expected));
    }

    #[test]
    fn a_list_holds_texts_only_and_each_number_once() {
        for (list, expected) in [
            ("\"x\"", json!([["/telephone_numbers", "wrong_type"]])),
            ("[1]", json!([["/telephone_numbers/0", "wrong_type"]])),
            ("[]", json!([["/telephone_numbers", "required"]])),
            ("null", json!([["/telephone_numbers", "required"]])),
            (r#"["2065550123", "+1 (206) 555-0123"]"#, json!([["/telephone_numbers/1", "tn_duplicate"]])),
        ] {
            let mut body = fields(&format!(r#"{{"telephone_numbers": {list}}}"#));
            assert_eq!(body.telephone_numbers(|_| None), None);
            assert_eq!(errors(body).1, expected, "{list}");
        }
    }

    #[test]
    fn what_is_no_object_is_not_json_for_us() {
        let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
        let deep_in = format!(r#"{{"a":{deep}}}"#);
        for body in ["", "x", "[]", "null", "\"pin\"", "{", "{} {}", "{\"pin\":\"\0\"}", &deep, &deep_in] {
            assert!(JsonBody::parse(body.as_bytes()).is_err(), "{:.20}", body);
        }
        assert!(JsonBody::parse(b"{\"pin\":\"\xff\"}").is_err());
    }

    #[test]
    fn only_json_in_utf_8_is_json() {
        for good in
            ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\"; v=1"]
        {
            assert!(is_json(good), "{good}");
        }
        for bad in [
            "",
            "text/json",
            "application/json; charset=latin1",
            "application/jsonx",
            "application/problem+json",
        ] {
            assert!(!is_json(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_whatever_make_it_panic_or_tell_a_value_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(mut fields) = JsonBody::parse(&bytes) {
                fields.text("pin");
                let _ = fields.finish();
            }
        }

        #[test]
        fn a_refused_value_is_never_told_back(value in "[0-9]{6,10}[a-z]{3}") {
            let mut body = fields(&format!(r#"{{"pon": "{value} ", "version": "{value}", "{value}": "{value}"}}"#));
            body.required::<Pon>("pon", "pon_invalid");
            body.optional::<Version>("version", "version_invalid");
            let document = serde_json::to_string(&body.finish().unwrap_err().document("r")).unwrap();
            prop_assert!(!document.contains(&value), "{}", document);
        }
    }
}
