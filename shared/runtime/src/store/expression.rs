//! Placeholders in DynamoDB's expressions: `#name` is the attribute of that name, so that no reserved word is in the way,
//! and `:name` a value.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

/// Lists these attributes, to read them and no others: the roles of the functions allow reads by attribute.
pub fn projection(attributes: &[&str]) -> String {
    format!("#{}", attributes.join(", #"))
}

/// Maps the `#name` of each of these attributes to it.
pub fn names_of<'a>(attributes: impl IntoIterator<Item = &'a str>) -> HashMap<String, String> {
    attributes.into_iter().map(|name| (["#", name].concat(), name.to_owned())).collect()
}

/// Maps each `#name` of an expression to its attribute.
pub fn names(expression: &str) -> Option<HashMap<String, String>> {
    let names = names_of(placeholders(expression, '#'));
    (!names.is_empty()).then_some(names)
}

/// Maps each `:name` of an expression to its value; DynamoDB refuses unused ones, so those are left out.
pub fn used_values(
    expression: &str,
    values: Vec<(&'static str, AttributeValue)>,
) -> Option<HashMap<String, AttributeValue>> {
    let used = placeholders(expression, ':');
    let values = values.into_iter().filter(|(name, _)| used.contains(name));
    let values: HashMap<_, _> = values.map(|(name, value)| ([":", name].concat(), value)).collect();
    (!values.is_empty()).then_some(values)
}

fn placeholders(expression: &str, mark: char) -> BTreeSet<&str> {
    let other = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    expression.split(mark).skip(1).filter_map(|text| text.split(other).next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_and_value_is_found_once_and_unused_ones_are_left_out() {
        let expression = "SET #pin_version = :new, #a = :new REMOVE #b (attribute_not_exists(#a))";
        let found: Vec<_> = placeholders(expression, '#').into_iter().collect();
        assert_eq!(found, ["a", "b", "pin_version"]);
        let values = vec![("new", AttributeValue::N("1".into())), ("newer", AttributeValue::N("2".into()))];
        let values = used_values(expression, values).unwrap();
        assert_eq!(values.keys().collect::<Vec<_>>(), [":new"]);
        assert!(names("attribute").is_none());
    }

    #[test]
    fn a_projection_and_its_names_are_of_the_same_attributes() {
        let attributes = ["pk", "name"];
        assert_eq!(projection(&attributes), "#pk, #name");
        assert_eq!(Some(names_of(attributes)), names("#pk, #name"));
    }
}
