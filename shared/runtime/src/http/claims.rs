//! Claims of a verified token, read in the same way after the gateway's verification and after our own.
//!
//! The gateway hands every claim over as text: lists as `[a b]`, numbers and booleans in their JSON form. Own
//! verification has the JSON itself. So each claim is first written as the gateway writes it, and only then read.

use std::str::FromStr;

use serde_json::{Map, Value};

/// Which claims say what a token allows, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimNames {
    /// Claims with scopes. The first that is present counts, and never more than one.
    pub scopes: Vec<String>,
    /// Text that stands before each scope of this service.
    pub scope_prefix: String,
    /// Claim with an owner's account.
    pub account: String,
    /// Claim with a carrier's SPID.
    pub spid: String,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            scopes: ["scope", "scp"].map(str::to_owned).to_vec(),
            scope_prefix: String::new(),
            account: "account_id".to_owned(),
            spid: "spid".to_owned(),
        }
    }
}

/// Claims of a verified token.
pub(super) struct Claims<'a>(pub &'a Map<String, Value>);

impl Claims<'_> {
    /// Returns a claim as the gateway writes it; `None` if it is absent or `null`.
    pub fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_null()).map(gateway_text)
    }

    /// Parses a claim that is one value, or a list of exactly one.
    pub fn one<T: FromStr>(&self, name: &str) -> Option<T> {
        // A list of several has spaces in it, which no value that is read so may have.
        without_brackets(&self.text(name)?).parse().ok()
    }

    /// Returns the scopes without their prefix; others are not ours.
    pub fn scopes(&self, names: &ClaimNames) -> Vec<String> {
        let text = names.scopes.iter().find_map(|name| self.text(name)).unwrap_or_default();
        let words = without_brackets(&text).split_ascii_whitespace();
        words.filter_map(|word| word.strip_prefix(&names.scope_prefix)).map(str::to_owned).collect()
    }
}

fn gateway_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            format!("[{}]", values.iter().map(gateway_text).collect::<Vec<_>>().join(" "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

fn without_brackets(text: &str) -> &str {
    text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use shared::account::AccountNumber;

    fn scopes(claims: Value, names: &ClaimNames) -> Vec<String> {
        Claims(claims.as_object().unwrap()).scopes(names)
    }

    #[test]
    fn scopes_are_words_in_one_claim_and_never_in_two() {
        let names = ClaimNames::default();
        for (claims, expected) in [
            (json!({"scope": "a b"}), vec!["a", "b"]),
            (json!({"scope": ["a", "b"]}), vec!["a", "b"]),
            (json!({"scope": ["a b", "c"]}), vec!["a", "b", "c"]),
            (json!({"scope": "[a b]"}), vec!["a", "b"]),
            (json!({"scp": "a b"}), vec!["a", "b"]),
            (json!({"scp": ["a", "b"]}), vec!["a", "b"]),
            (json!({"scope": null, "scp": "a"}), vec!["a"]),
            (json!({"scope": "a", "scp": "b"}), vec!["a"]),
            (json!({"scope": "", "scp": "b"}), vec![]),
            (json!({"scope": [], "scp": "b"}), vec![]),
            (json!({"scope": [["a"]]}), vec!["[a]"]),
            (json!({"scope": "[a"}), vec!["[a"]),
            (json!({"roles": ["a"], "permissions": ["b"], "scopes": ["c"]}), vec![]),
        ] {
            assert_eq!(scopes(claims.clone(), &names), expected, "{claims}");
        }
    }

    #[test]
    fn a_prefix_is_required_where_one_is_set_and_another_claim_is_read_where_one_is_named() {
        let prefixed = ClaimNames { scope_prefix: "ports/".to_owned(), ..ClaimNames::default() };
        assert_eq!(scopes(json!({"scope": "ports/a b other/c ports/"}), &prefixed), ["a", ""]);
        let roles = ClaimNames { scopes: ["scp", "roles"].map(str::to_owned).to_vec(), ..prefixed };
        assert_eq!(scopes(json!({"roles": ["ports/a"], "scope": "ports/b"}), &roles), ["a"]);
        assert!(scopes(json!({"roles": ["ports/a"], "scp": "ports"}), &roles).is_empty());
    }

    #[test]
    fn one_value_may_be_a_list_of_one_or_a_whole_number() {
        for (value, account) in [
            (json!("contoso"), Some("CONTOSO")),
            (json!(["contoso"]), Some("CONTOSO")),
            (json!("[contoso]"), Some("CONTOSO")),
            (json!(123), Some("123")),
            (json!([123]), Some("123")),
            (json!([]), None),
            (json!(["a", "b"]), None),
            (json!("[a b]"), None),
            (json!([["a"]]), None),
            (json!(null), None),
            (json!(-5), None),
            (json!(1.5), None),
            (json!({"a": "b"}), None),
            (json!("con-toso"), None),
        ] {
            let claims = json!({ "a": value });
            let read = Claims(claims.as_object().unwrap()).one::<AccountNumber>("a");
            assert_eq!(read.as_ref().map(AccountNumber::as_str), account, "{claims}");
        }
    }
}
