//! Reads the field `telephone_numbers`, and names every bad entry at once.

use serde_json::Value;

use crate::http::field::{Field, FieldErrors};
use crate::http::field_error::FieldError;
use crate::http::json_body::{JsonBody, entry};
use shared::area_codes::NotPortable;
use shared::telephone_number::Tn;
use shared::telephone_numbers::{TelephoneNumbers, TelephoneNumbersError};

const NAME: &str = "telephone_numbers";
const POINTER: &str = "/telephone_numbers";

/// Reads 1 to 90 telephone numbers, none of them twice.
pub fn telephone_numbers(body: &mut JsonBody) -> Field<TelephoneNumbers> {
    body.array(NAME).and_then(|values| read(values, |_| None))
}

/// Reads a list that may be absent or `null`; otherwise 1 to 90 telephone numbers, none of them twice.
pub fn optional_telephone_numbers(body: &mut JsonBody) -> Field<Option<TelephoneNumbers>> {
    body.optional_array(NAME).and_then(|values| match values {
        Some(values) => read(values, |_| None).map(Some),
        None => Field::good(None),
    })
}

/// Reads 1 to 90 telephone numbers, none of them twice, that a port-out could move.
pub fn portable_telephone_numbers(body: &mut JsonBody) -> Field<TelephoneNumbers> {
    body.array(NAME).and_then(|values| read(values, Tn::not_portable))
}

fn read(values: Vec<Value>, not_portable: impl Fn(&Tn) -> Option<NotPortable>) -> Field<TelephoneNumbers> {
    let (count, mut numbers, mut errors) = (values.len(), Vec::new(), FieldErrors::default());
    for (index, value) in values.into_iter().enumerate() {
        let place = format!("{POINTER}/{index}");
        let tn: Tn = match entry(&place, value).into_result() {
            Ok(tn) => tn,
            Err(bad) => {
                errors.extend(bad);
                continue;
            }
        };
        if numbers.contains(&tn) {
            errors.invalid.push(FieldError::of(place, &TelephoneNumbersError::Twice(index)));
            continue;
        }
        errors.invalid.extend(not_portable(&tn).map(|reason| FieldError::of(place, &reason)));
        numbers.push(tn);
    }
    match TelephoneNumbers::try_from(numbers) {
        Ok(list) if errors.is_empty() => return Field::good(list),
        // Every entry of the list is named already, so it is not empty for the caller.
        Err(TelephoneNumbersError::Empty) if count > 0 => {}
        Err(broken) => errors.invalid.push(FieldError::of(POINTER, &broken)),
        Ok(_) => {}
    }
    Field::bad(errors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn errors(list: &str, read: fn(&mut JsonBody) -> Field<TelephoneNumbers>) -> Value {
        let mut body = JsonBody::parse(format!(r#"{{"{NAME}": {list}}}"#).as_bytes()).unwrap();
        let numbers = read(&mut body);
        let document = json!(body.finish(numbers).unwrap_err().document("r"));
        document["errors"].as_array().unwrap().iter().map(|e| json!([e["field"], e["code"]])).collect()
    }

    #[test]
    fn a_list_holds_texts_only_and_each_number_once() {
        let many = json!((0..91).map(|n| format!("20655501{n:02}")).collect::<Vec<_>>()).to_string();
        for (list, expected) in [
            ("\"x\"", json!([[POINTER, "wrong_type"]])),
            ("[1]", json!([["/telephone_numbers/0", "wrong_type"]])),
            ("[]", json!([[POINTER, "required"]])),
            ("null", json!([[POINTER, "required"]])),
            (r#"["2065550123", "+1 (206) 555-0123"]"#, json!([["/telephone_numbers/1", "tn_duplicate"]])),
            (
                r#"["12", "2065550123", 7]"#,
                json!([["/telephone_numbers/2", "wrong_type"], ["/telephone_numbers/0", "tn_invalid"]]),
            ),
            (&many, json!([[POINTER, "too_many_tns"]])),
        ] {
            assert_eq!(errors(list, telephone_numbers), expected, "{list}");
        }
    }

    #[test]
    fn a_number_that_cannot_be_ported_is_named_where_that_matters() {
        let list = r#"["2065550123", "8005550123"]"#;
        let expected = json!([["/telephone_numbers/1", "tn_not_portable"]]);
        assert_eq!(errors(list, portable_telephone_numbers), expected);
        let mut body = JsonBody::parse(format!(r#"{{"{NAME}": {list}}}"#).as_bytes()).unwrap();
        let numbers = telephone_numbers(&mut body);
        assert_eq!(body.finish(numbers).unwrap().as_slice().len(), 2);
    }
}
