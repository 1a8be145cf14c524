//! JSON objects with bad fields: the answer names all of them at once and echoes no value.

use harness::leak_scan::CANARY as DIGITS;
use harness::prelude::*;
use serde_json::Map;

use crate::targets::{CANARY, Target, assert_untouched, each_target, stack, targets};

const LIST: &str = "This field must be a JSON array of strings.";
const ENTRY: &str = "This entry must be a JSON string.";

fn wrong_type(field: &str) -> Value {
    match field {
        "telephone_numbers" | "zip_codes" => error_because(&format!("/{field}"), "wrong_type", LIST),
        "enabled" => error_because("/enabled", "wrong_type", "This field must be true or false."),
        "lsr" => error_because("/lsr", "wrong_type", "This field must be a JSON object."),
        text => error(&format!("/{text}"), "wrong_type"),
    }
}

fn unknown(target: &Target, field: &str) -> Value {
    error_because(field, "unknown_field", &format!("This route accepts only these fields: {}", target.fields))
}

/// Returns the error of a text with a NUL in it.
fn broken(field: &str, code: &str) -> Value {
    let pointer = format!("/{field}");
    match code {
        "version_invalid" => error_because(&pointer, code, "The version must be two digits, such as 01."),
        "kind_invalid" => error_because(&pointer, code, "The kind must be standard-webhooks or bandwidth."),
        "spid_invalid" => {
            error_because(&pointer, code, "The SPID must be exactly 4 ASCII letters or digits.")
        }
        "date_invalid" => error_because(&pointer, code, "The date must be written as yyyy-mm-dd."),
        code => error(&pointer, code),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_of_another_type_is_malformed() {
    let stack = stack().await;
    let before = stack.scan().await;
    let wrong =
        [json!(482_913), json!(0.5), json!(true), json!([]), json!([CANARY]), json!({}), json!({CANARY: 1})];
    for target in targets(&stack) {
        for (field, _) in target.texts {
            for value in &wrong {
                let body = target.with(field, value.clone()).to_string();
                target.refuses(&stack, body.as_bytes(), &malformed(&[wrong_type(field)])).await;
            }
        }
    }
    assert_untouched(&stack, &before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_numbers_is_a_list_of_texts() {
    let stack = stack().await;
    let before = stack.scan().await;
    for target in targets(&stack).iter().filter(|target| target.lists) {
        let refuses = async |list: Value, errors: &[Value]| {
            let body = target.with("telephone_numbers", list).to_string();
            target.refuses(&stack, body.as_bytes(), &malformed(errors)).await;
        };
        for wrong in [json!("+12065550123"), json!(2_065_550_123_u64), json!(false), json!({"0": CANARY})] {
            refuses(wrong, &[wrong_type("telephone_numbers")]).await;
        }
        let entry = |place| error_because(&format!("/telephone_numbers/{place}"), "wrong_type", ENTRY);
        for wrong in [json!(2_065_550_123_u64), json!(null), json!(true), json!([CANARY]), json!({CANARY: 1})]
        {
            refuses(json!(["+12065550123", wrong, wrong]), &[entry(1), entry(2)]).await;
        }
        let why = "The telephone number must have 10 digits, or 11 digits with the country code 1.";
        refuses(json!([7, "206"]), &[entry(0), error_because("/telephone_numbers/1", "tn_invalid", why)])
            .await;
    }
    assert_untouched(&stack, &before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_fields_of_the_wrong_type_are_named_together_with_unknown_ones() {
    each_target(async |stack, target| {
        let fields: Vec<_> = target.fields.split(", ").collect();
        let mut body: Map<_, _> = fields.iter().map(|field| ((*field).to_owned(), json!(7))).collect();
        body.insert("extra".to_owned(), json!(CANARY));
        let mut errors: Vec<_> = fields.iter().map(|field| wrong_type(field)).collect();
        errors.push(unknown(target, "/extra"));
        target.refuses(stack, Value::Object(body).to_string().as_bytes(), &malformed(&errors)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_that_must_be_there_is_named_when_it_is_missing_or_null() {
    let stack = stack().await;
    let before = stack.scan().await;
    for target in targets(&stack).iter().filter(|target| !target.required.is_empty()) {
        let missing = |fields: &[&str]| {
            invalid(&fields.iter().map(|field| error(&format!("/{field}"), "required")).collect::<Vec<_>>())
        };
        for field in target.required {
            target
                .refuses(&stack, target.with(field, Value::Null).to_string().as_bytes(), &missing(&[field]))
                .await;
            let mut without = target.good.clone();
            without.as_object_mut().unwrap().remove(*field);
            target.refuses(&stack, without.to_string().as_bytes(), &missing(&[field])).await;
        }
        target.refuses(&stack, b"{}", &missing(target.required)).await;
    }
    assert_untouched(&stack, &before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_that_stands_there_twice_is_malformed_even_if_escaped_or_equal() {
    each_target(async |stack, target| {
        let good = target.good.as_object().unwrap();
        for (field, value) in good {
            let (first, rest) = field.split_at(1);
            let escaped = format!("\\u{:04x}{rest}", first.as_bytes()[0]);
            for name in [field.clone(), escaped] {
                let body = target.good.to_string();
                let twice = format!("{{\"{name}\":{value},{}", body.strip_prefix('{').unwrap());
                let error = error(&format!("/{field}"), "duplicate_field");
                target.refuses(stack, twice.as_bytes(), &malformed(&[error])).await;
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_field_is_named_unless_its_name_may_be_a_secret() {
    let stack = stack().await;
    let before = stack.scan().await;
    let long = format!("{CANARY}{}", "x".repeat(60));
    for target in targets(&stack) {
        for named in ["pni", "Pin", "telephoneNumbers", "__proto__", "zip-code"] {
            let body = target.with(named, json!(CANARY)).to_string();
            target
                .refuses(&stack, body.as_bytes(), &malformed(&[unknown(&target, &format!("/{named}"))]))
                .await;
        }
        for unnamed in
            [DIGITS, "pin1947365028", "", "zqcanary ", "zq\ncanary\0", "zqcanary/~", "çzqcanary", &long]
        {
            let body = target.with(unnamed, json!(CANARY)).to_string();
            target.refuses(&stack, body.as_bytes(), &malformed(&[unknown(&target, "/")])).await;
        }
        let two = target.with("extra", json!(null)).to_string().replacen('{', "{\"1947365028\":{},", 1);
        let errors = [unknown(&target, "/extra"), unknown(&target, "/")];
        target.refuses(&stack, two.as_bytes(), &malformed(&errors)).await;
    }
    assert!(!stack.transcript().contains(DIGITS), "{}", stack.transcript());
    assert_untouched(&stack, &before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pin_that_breaks_a_rule_is_named_beside_an_unknown_field() {
    let stack = stack().await;
    let before = stack.scan().await;
    let target = &targets(&stack)[2];
    for (pin, code) in [("48291", "pin_too_short"), ("48291a", "pin_not_digits"), ("", "pin_blank")] {
        let body = json!({"pin": pin, "extra": 7}).to_string();
        let refused = malformed(&[unknown(target, "/extra"), error("/pin", code)]);
        target.refuses(&stack, body.as_bytes(), &refused).await;
    }
    assert_untouched(&stack, &before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nul_in_a_text_breaks_the_rule_of_every_field() {
    let stack = stack().await;
    let before = stack.scan().await;
    let digits_only = "The telephone number can contain only digits, spaces, dashes, ( ) . / _ # and one leading +, and no extension.";
    for target in targets(&stack).into_iter().filter(|target| target.lists || !target.texts.is_empty()) {
        let (mut body, mut errors) = (target.good.clone(), Vec::new());
        for (field, code) in target.texts {
            body[field] = json!(format!("{CANARY}\0"));
            errors.extend(code.map(|code| broken(field, code)));
        }
        if target.lists {
            body["telephone_numbers"] = json!([format!("{CANARY}\0")]);
            errors.push(error_because("/telephone_numbers/0", "tn_invalid", digits_only));
        }
        target.refuses(&stack, body.to_string().as_bytes(), &invalid(&errors)).await;
    }
    assert_untouched(&stack, &before).await;
}
