//! Reads a JSON body field by field, and names every bad one at once, never its value.

use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::http::duplicate_fields;
use crate::http::field::{Checked, Field, FieldErrors, Fields};
use crate::http::field_error::{FieldError, FieldRule, echoable};
use crate::http::problem::{Code, Problem};

/// The fields of a JSON object, taken out one by one; what is left over is unknown.
pub struct JsonBody {
    /// JSON pointer of the object.
    place: String,
    left: Vec<(String, Value)>,
    known: Vec<&'static str>,
    duplicates: Vec<FieldError>,
}

impl JsonBody {
    /// Reads a body that was sent with this `Content-Type`.
    pub(super) fn read(content_type: Option<&str>, body: &[u8]) -> Result<Self, Problem> {
        if !content_type.is_some_and(is_json) {
            let detail = "The body must be JSON, with Content-Type: application/json.";
            return Err(Problem::new(Code::UnsupportedMediaType, detail));
        }
        if is_compressed(body) {
            return Err(Problem::compressed());
        }
        Self::parse(body)
    }

    /// Reads the fields of an object, after a byte order mark if there is one.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        let text = std::str::from_utf8(body).map_err(|_| Problem::not_utf8())?;
        // A gateway that takes a body for text writes this for every byte that is not UTF-8. JSON can spell it \ufffd.
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return Err(Problem::not_utf8());
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let Object(left) = serde_json::from_str(text).map_err(|_| Problem::not_json())?;
        let duplicates = duplicate_fields::find(text);
        Ok(Self { place: String::new(), left, known: Vec::new(), duplicates })
    }

    /// Takes an object that may be absent or `null`, and reads its fields, all of which must be known.
    pub fn optional_object<F: Fields>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> F,
    ) -> Field<Option<F::Values>> {
        let place = self.pointer(name);
        match self.take(name) {
            None | Some(Value::Null) => Field::good(None),
            Some(Value::Object(fields)) => {
                let (left, known) = (fields.into_iter().collect(), Vec::new());
                let mut object = Self { place, left, known, duplicates: Vec::new() };
                let fields = read(&mut object);
                object.check(fields).map_or_else(Field::bad, |values| Field::good(Some(values)))
            }
            Some(Value::String(_) | Value::Bool(_) | Value::Number(_) | Value::Array(_)) => {
                Field::malformed(FieldError::wrong_type(place, "This field must be a JSON object."))
            }
        }
    }

    /// Takes a text that may be absent or `null`.
    pub fn text(&mut self, name: &'static str) -> Field<Option<Zeroizing<String>>> {
        match self.take(name) {
            None | Some(Value::Null) => Field::good(None),
            Some(Value::String(text)) => Field::good(Some(Zeroizing::new(text))),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => Field::malformed(
                FieldError::wrong_type(self.pointer(name), "This field must be a JSON string."),
            ),
        }
    }

    /// Takes a truth value that must be there.
    pub fn required_bool(&mut self, name: &'static str) -> Field<bool> {
        let place = self.pointer(name);
        match self.take(name) {
            Some(Value::Bool(value)) => Field::good(value),
            None | Some(Value::Null) => Field::invalid(FieldError::required(place)),
            Some(Value::String(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                Field::malformed(FieldError::wrong_type(place, "This field must be true or false."))
            }
        }
    }

    /// Takes and parses a whole number that must be there.
    pub fn required_number<T>(&mut self, name: &'static str) -> Field<T>
    where
        T: FromStr,
        T::Err: FieldRule,
    {
        let place = self.pointer(name);
        match self.take(name) {
            Some(Value::Number(number)) if !number.is_f64() => Field::parse(place, &number.to_string()),
            None | Some(Value::Null) => Field::invalid(FieldError::required(place)),
            Some(
                Value::Number(_) | Value::String(_) | Value::Bool(_) | Value::Array(_) | Value::Object(_),
            ) => Field::malformed(FieldError::wrong_type(place, "This field must be a whole number.")),
        }
    }

    /// Takes and parses a text that may be absent or `null`.
    pub fn optional<T>(&mut self, name: &'static str) -> Field<Option<T>>
    where
        T: FromStr,
        T::Err: FieldRule,
    {
        self.text(name).and_then(|text| match text {
            Some(text) => Field::parse(self.pointer(name), &text).map(Some),
            None => Field::good(None),
        })
    }

    /// Takes and parses a text that must be there.
    pub fn required<T>(&mut self, name: &'static str) -> Field<T>
    where
        T: FromStr,
        T::Err: FieldRule,
    {
        self.text(name).and_then(|text| match text {
            Some(text) => Field::parse(self.pointer(name), &text),
            None => Field::invalid(FieldError::required(self.pointer(name))),
        })
    }

    /// Takes an array that must be present.
    pub(super) fn array(&mut self, name: &'static str) -> Field<Vec<Value>> {
        self.optional_array(name).and_then(|values| match values {
            Some(values) => Field::good(values),
            None => Field::invalid(FieldError::required(self.pointer(name))),
        })
    }

    pub(super) fn optional_array(&mut self, name: &'static str) -> Field<Option<Vec<Value>>> {
        match self.take(name) {
            Some(Value::Array(values)) => Field::good(Some(values)),
            None | Some(Value::Null) => Field::good(None),
            Some(Value::String(_) | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
                let detail = "This field must be a JSON array of strings.";
                Field::malformed(FieldError::wrong_type(self.pointer(name), detail))
            }
        }
    }

    /// Takes and parses an array of texts that may be absent or `null`, which is the same as empty.
    pub fn optional_list<T, L>(&mut self, name: &'static str) -> Field<L>
    where
        T: FromStr,
        T::Err: FieldRule,
        L: TryFrom<Vec<T>, Error: FieldRule>,
    {
        self.optional_array(name).and_then(|values| {
            let values = values.unwrap_or_default().into_iter().enumerate();
            let mut errors = FieldErrors::default();
            let entries =
                values.map(|(index, value)| entry(&format!("{}/{index}", self.pointer(name)), value));
            let parsed: Vec<T> = entries
                .filter_map(|field| field.into_result().map_err(|bad| errors.extend(bad)).ok())
                .collect();
            match L::try_from(parsed) {
                _ if !errors.is_empty() => Field::bad(errors),
                Ok(list) => Field::good(list),
                Err(broken) => Field::invalid(FieldError::of(self.pointer(name), &broken)),
            }
        })
    }

    /// Returns the values of these fields, if every field of the body is known and good.
    ///
    /// # Errors
    /// 400 if the form is wrong, otherwise 422 if a value breaks a rule; both name every bad field.
    pub fn finish<F: Fields>(self, fields: F) -> Result<F::Values, Problem> {
        self.check(fields).map_err(FieldErrors::problem)
    }

    fn check<F: Fields>(self, fields: F) -> Result<F::Values, FieldErrors> {
        let mut errors = FieldErrors::default();
        let Checked(checked) = fields.check();
        let values = checked.map_err(|bad| errors.extend(bad));
        let unknown =
            |(name, _): &(String, Value)| FieldError::unknown_field(self.pointer(name), &self.known);
        let unknown: Vec<_> = self.left.iter().map(unknown).collect();
        errors.malformed = [self.duplicates, errors.malformed, unknown].concat();
        match values {
            Ok(values) if errors.is_empty() => Ok(values),
            Ok(_) | Err(()) => Err(errors),
        }
    }

    fn pointer(&self, name: &str) -> String {
        format!("{}{}", self.place, pointer(name))
    }

    /// Takes every entry of this name out, and returns the first.
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
}

/// Parses an entry of an array of texts.
pub(super) fn entry<T>(place: &str, value: Value) -> Field<T>
where
    T: FromStr,
    T::Err: FieldRule,
{
    match value {
        Value::String(text) => Field::parse(place, &text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Field::malformed(FieldError::wrong_type(place, "This entry must be a JSON string."))
        }
    }
}

fn pointer(name: &str) -> String {
    format!("/{}", echoable(name))
}

fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let json = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    json && parts.filter(|p| !p.is_empty()).all(is_utf8)
}

/// RFC 8259 knows no other charset, and many clients write it without the hyphen; any other parameter means nothing.
fn is_utf8(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return true };
    let charset = value.trim().trim_matches('"');
    !name.trim().eq_ignore_ascii_case("charset")
        || ["utf-8", "utf8"].iter().any(|known| charset.eq_ignore_ascii_case(known))
}

/// Returns whether the first bytes are those of gzip, compress, Zstandard, or zlib. `Content-Encoding` is not asked: a
/// proxy may have decompressed the body and left the header.
fn is_compressed(body: &[u8]) -> bool {
    match body {
        [0x1f, 0x8b | 0x9d, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => true,
        // RFC 1950, section 2.2: the method, and a multiple of 31.
        [0x78, flags, ..] => u16::from_be_bytes([0x78, *flags]).is_multiple_of(31),
        _ => false,
    }
}

/// The entries of a JSON object, duplicates included.
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
    use shared::account::AccountNumber;
    use shared::port_out_id::{Pon, Version};
    use shared::webhook_secret::SecretVersion;

    fn object(body: &str) -> JsonBody {
        JsonBody::parse(body.as_bytes()).unwrap_or_else(|_| panic!("not an object: {body}"))
    }

    fn errors(problem: &Problem) -> (u16, Value) {
        let document = serde_json::to_value(problem.document("r")).unwrap();
        let brief = |e: &Value| json!([e["field"], e["code"]]);
        let errors = document["errors"].as_array().unwrap().iter().map(brief).collect();
        (document["status"].as_u64().unwrap().try_into().unwrap(), errors)
    }

    #[test]
    fn good_fields_parse_and_null_is_as_good_as_left_out() {
        let mut body = object(r#"{"pon": "TX-1", "version": null}"#);
        let fields = (
            body.required::<Pon>("pon"),
            body.optional::<Version>("version"),
            body.optional::<Version>("other"),
        );
        let (pon, version, other) = body.finish(fields).unwrap();
        assert_eq!((pon.as_str(), version, other), ("TX-1", None, None));
    }

    #[test]
    fn every_bad_value_is_named_at_once() {
        let mut body = object(r#"{"pon": "a b", "version": "1", "account_number": null}"#);
        let fields = (
            body.required::<Pon>("pon"),
            body.optional::<Version>("version"),
            body.required::<AccountNumber>("account_number"),
        );
        let expected = json!([
            ["/pon", "pon_invalid"],
            ["/version", "version_invalid"],
            ["/account_number", "required"],
        ]);
        assert_eq!(errors(&body.finish(fields).unwrap_err()), (422, expected));
    }

    #[test]
    fn wrong_types_unknown_and_doubled_fields_are_400_and_named_with_the_rest() {
        let mut body = object(r#"{"pin": 482913, "pon": "a b", "Pin": "x", "pon": "c", "482913": 1}"#);
        let fields = (body.text("pin"), body.required::<Pon>("pon"));
        let expected = json!([
            ["/pon", "duplicate_field"],
            ["/pin", "wrong_type"],
            ["/Pin", "unknown_field"],
            ["/", "unknown_field"],
            ["/pon", "pon_invalid"],
        ]);
        assert_eq!(errors(&body.finish(fields).unwrap_err()), (400, expected));
    }

    #[test]
    fn a_number_is_whole_and_keeps_the_rule_of_its_type() {
        let read = |body: &str| {
            let mut body = object(body);
            let version = body.required_number::<SecretVersion>("replaces");
            body.finish(version).map_err(|problem| errors(&problem))
        };
        assert_eq!(read(r#"{"replaces": 3}"#).unwrap().get(), 3);
        for (value, status, code) in [
            ("null", 422, "required"),
            ("0", 422, "secret_version_invalid"),
            ("-3", 422, "secret_version_invalid"),
            ("4294967296", 422, "secret_version_invalid"),
            ("1.5", 400, "wrong_type"),
            ("1e2", 400, "wrong_type"),
            ("\"3\"", 400, "wrong_type"),
            ("true", 400, "wrong_type"),
            ("[3]", 400, "wrong_type"),
        ] {
            let found = read(&format!(r#"{{"replaces": {value}}}"#));
            assert_eq!(found, Err((status, json!([["/replaces", code]]))), "{value}");
        }
    }

    #[test]
    fn good_values_do_not_pass_beside_an_unknown_field() {
        let mut body = object(r#"{"pon": "TX-1", "x": 1}"#);
        let pon = body.required::<Pon>("pon");
        assert_eq!(errors(&body.finish(pon).unwrap_err()), (400, json!([["/x", "unknown_field"]])));
    }

    #[test]
    fn what_is_no_object_is_not_json_for_us() {
        let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
        let deep_in = format!(r#"{{"a":{deep}}}"#);
        for body in ["", "x", "[]", "null", "\"pin\"", "{", "{} {}", "{\"pin\":\"\0\"}", &deep, &deep_in] {
            assert!(JsonBody::parse(body.as_bytes()).is_err(), "{:.20}", body);
        }
    }

    #[test]
    fn a_byte_order_mark_is_nothing_and_another_encoding_is_named() {
        let read = |body: &[u8]| {
            JsonBody::parse(body).map(drop).map_err(|problem| json!(problem.document("r"))["detail"].clone())
        };
        for good in ["\u{feff}{}", "{}", "{\"name\":\"Zürich\"}", "{\"name\":\"\\ufffd\"}"] {
            assert_eq!(read(good.as_bytes()), Ok(()), "{good}");
        }
        let utf_16 = [0xff, 0xfe, b'{', 0, b'}', 0];
        for other in [&b"{\"name\":\"Z\xfcrich\"}"[..], "{\"name\":\"Z\u{fffd}rich\"}".as_bytes(), &utf_16] {
            assert_eq!(read(other), Err(json!("The body must be encoded in UTF-8.")));
        }
        assert_eq!(
            read("\u{feff}\u{feff}{}".as_bytes()),
            Err(json!("The body must be a JSON object in UTF-8."))
        );
    }

    #[test]
    fn a_compressed_body_shows_by_its_first_bytes() {
        let compressed: [&[u8]; 6] = [
            &[0x1f, 0x8b, 8],
            &[0x1f, 0x9d, 0x90],
            &[0x28, 0xb5, 0x2f, 0xfd],
            &[0x78, 0x01],
            &[0x78, 0x9c, 0xab],
            &[0x78, 0xda],
        ];
        assert!(compressed.into_iter().all(is_compressed));
        for plain in ["", "{}", "x", "xx", "\u{feff}{}", "(\u{b5}"] {
            assert!(!is_compressed(plain.as_bytes()), "{plain}");
        }
    }

    #[test]
    fn only_json_in_utf_8_is_json() {
        for good in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=utf8",
            "application/json;charset=\"utf-8\"; v=1",
        ] {
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
            if let Ok(mut body) = JsonBody::parse(&bytes) {
                let pin = body.text("pin");
                let _ = body.finish(pin);
            }
        }

        #[test]
        fn a_refused_value_is_never_told_back(value in "[0-9]{6,10}[a-z]{3}") {
            let mut body = object(&format!(r#"{{"pon": "{value} ", "version": "{value}", "{value}": "{value}"}}"#));
            let fields = (body.required::<Pon>("pon"), body.optional::<Version>("version"));
            let document = serde_json::to_string(&body.finish(fields).unwrap_err().document("r")).unwrap();
            prop_assert!(!document.contains(&value), "{}", document);
        }
    }
}
