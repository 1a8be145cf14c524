//! The attributes that DynamoDB's expressions name.

use std::collections::BTreeSet;

use serde_json::Value;

/// Keywords, which are not attributes; functions are recognized by their parenthesis.
const WORDS: &[&str] = &["SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "BETWEEN", "IN"];

/// The top-level attributes in all expressions of a request or of a part of it.
///
/// # Errors
/// A placeholder has no value.
pub fn attributes(part: &Value) -> Result<BTreeSet<String>, String> {
    let expressions = part.as_object().into_iter().flatten().filter(|(name, _)| name.ends_with("Expression"));
    let mut all = BTreeSet::new();
    for (_, expression) in expressions {
        for token in tokens(expression.as_str().unwrap_or_default()) {
            all.insert(name(part, &token)?);
        }
    }
    Ok(all)
}

/// Returns the value that a key condition requires of an attribute.
pub fn key_value(part: &Value, attribute: &str) -> Result<String, String> {
    let condition = part["KeyConditionExpression"].as_str().unwrap_or_default();
    for clause in condition.split(" AND ") {
        let Some((left, right)) = clause.split_once(" = ") else { continue };
        if name(part, left.trim())? == attribute {
            let value = &part["ExpressionAttributeValues"][right.trim()]["S"];
            return value.as_str().map(str::to_owned).ok_or(format!("{right} is no text"));
        }
    }
    Err(format!("{condition} does not name one {attribute}"))
}

fn name(part: &Value, token: &str) -> Result<String, String> {
    if !token.starts_with('#') {
        return Ok(token.to_owned());
    }
    let name = part["ExpressionAttributeNames"][token].as_str();
    name.map(str::to_owned).ok_or_else(|| format!("{token} stands for nothing"))
}

/// Names and placeholders of attributes; of a path only its first part.
fn tokens(expression: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_#:.[]".contains(c);
    let mut rest = expression;
    let mut found = Vec::new();
    while let Some(start) = rest.find(is_part) {
        let word = &rest[start..];
        let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
        rest = &word[end..];
        let word = word[..end].split(['.', '[']).next().unwrap_or_default();
        let plain = word.starts_with(|c: char| c == '#' || c.is_ascii_alphabetic());
        if plain && !WORDS.contains(&word) && !rest.trim_start().starts_with('(') {
            found.push(word.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_attribute_of_every_expression_is_found_and_nothing_else() {
        let part = json!({
            "UpdateExpression": "SET #a = :v, b.c = if_not_exists(#d, :v) REMOVE e[1]",
            "ConditionExpression": "attribute_not_exists(f) OR (#g <= :now AND NOT h = :v)",
            "ExpressionAttributeNames": {"#a": "A", "#d": "D", "#g": "G", "#unused": "U"},
        });
        let found: Vec<_> = attributes(&part).unwrap().into_iter().collect();
        assert_eq!(found, ["A", "D", "G", "b", "e", "f", "h"]);
        attributes(&json!({"ConditionExpression": "#nobody = :v"})).unwrap_err();
    }

    #[test]
    fn a_query_tells_the_partition_that_it_reads() {
        let mut query = json!({
            "KeyConditionExpression": "list_pk = :list AND #s > :after",
            "ExpressionAttributeNames": {"#s": "list_sk"},
            "ExpressionAttributeValues": {":list": {"S": "ACCOUNT#A"}, ":after": {"S": "+"}},
        });
        assert_eq!(key_value(&query, "list_pk").unwrap(), "ACCOUNT#A");
        query["KeyConditionExpression"] = json!("list_sk = :after");
        key_value(&query, "list_pk").unwrap_err();
    }
}
