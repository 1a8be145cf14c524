//! Reads `infra/template.yaml`, as it is written or expanded, as JSON with CloudFormation's functions in their long form.

use std::sync::LazyLock;

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// A template; what is missing in it reads as `null`.
#[derive(Clone, Debug)]
pub struct Template(Value);

/// The template as it was when this was built.
pub static TEMPLATE: LazyLock<Template> =
    LazyLock::new(|| Template::parse(local::table::TEMPLATE).expect("infra/template.yaml"));

impl Template {
    /// Reads YAML.
    ///
    /// # Errors
    /// The text is not YAML, or holds what JSON cannot express.
    pub fn parse(text: &str) -> Result<Self, String> {
        let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
        documents.first().ok_or("is empty".to_owned()).and_then(json_of).map(Self)
    }

    /// Takes a template that is JSON already.
    pub fn of(json: Value) -> Self {
        Self(json)
    }

    /// Returns all of it.
    pub fn json(&self) -> &Value {
        &self.0
    }

    /// Returns the value at a pointer such as `/Resources/Table/Type`.
    pub fn at(&self, pointer: &str) -> &Value {
        at(&self.0, pointer)
    }

    /// Returns a resource, or `null` if there is none of that name.
    pub fn resource(&self, id: &str) -> &Value {
        self.at(&format!("/Resources/{id}"))
    }

    /// Returns a property of a resource: `property("Table", "KeySchema/0/AttributeName")`.
    pub fn property(&self, id: &str, path: &str) -> &Value {
        self.at(&format!("/Resources/{id}/Properties/{path}"))
    }

    /// Returns the resources of a type, with their names.
    pub fn of_type(&self, kind: &str) -> Vec<(&str, &Value)> {
        let all = self.0["Resources"].as_object().into_iter().flatten();
        all.filter(|(_, resource)| resource["Type"] == kind).map(|(id, it)| (id.as_str(), it)).collect()
    }
}

/// Returns the value at a JSON pointer, or `null`.
pub fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// Returns a value as text in which `${Name}` and `${Name.Attribute}` stand for what only a deployment knows.
///
/// # Errors
/// It is another function of CloudFormation's, or no text at all.
pub fn symbol(value: &Value) -> Result<String, String> {
    let of_pair = |pair: &Map<String, Value>| match pair.iter().next() {
        Some((name, Value::String(id))) if name == "Ref" => Some(format!("${{{id}}}")),
        Some((name, Value::String(text))) if name == "Fn::Sub" => Some(text.clone()),
        Some((name, Value::String(text))) if name == "Fn::GetAtt" => Some(format!("${{{text}}}")),
        Some((name, Value::Array(parts))) if name == "Fn::GetAtt" => {
            let parts: Option<Vec<_>> = parts.iter().map(Value::as_str).collect();
            parts.map(|parts| format!("${{{}}}", parts.join(".")))
        }
        _ => None,
    };
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(pair) if pair.len() == 1 => of_pair(pair),
        _ => None,
    }
    .ok_or_else(|| format!("cannot tell what {value} is"))
}

fn json_of(node: &Yaml<'_>) -> Result<Value, String> {
    Ok(match node {
        Yaml::Value(scalar) => json_of_scalar(scalar),
        Yaml::Sequence(items) => items.iter().map(json_of).collect::<Result<_, _>>()?,
        Yaml::Mapping(pairs) => {
            let pair = |(key, value): (&Yaml<'_>, &Yaml<'_>)| Ok((key_of(key)?, json_of(value)?));
            Value::Object(pairs.iter().map(pair).collect::<Result<_, String>>()?)
        }
        Yaml::Tagged(tag, node) => of_function(&tag.suffix, json_of(node)?),
        _ => return Err(format!("{node:?} has no form in JSON")),
    })
}

fn json_of_scalar(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => json!(value),
        Scalar::Integer(value) => json!(value),
        Scalar::FloatingPoint(value) => json!(value.0),
        Scalar::String(text) => json!(text),
    }
}

fn key_of(key: &Yaml<'_>) -> Result<String, String> {
    match json_of(key)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(format!("{other} is no key")),
    }
}

/// `!GetAtt A.B` is `{"Fn::GetAtt": ["A", "B"]}`, and so on.
fn of_function(tag: &str, value: Value) -> Value {
    match (tag, value) {
        ("Ref" | "Condition", value) => json!({tag: value}),
        ("GetAtt", Value::String(text)) => {
            let (id, attribute) = text.split_once('.').unwrap_or((&text, ""));
            json!({"Fn::GetAtt": [id, attribute]})
        }
        (name, value) => json!({format!("Fn::{name}"): value}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_cloudformation_are_read_in_their_long_form() {
        let text =
            "A: !Ref X\nB: !GetAtt X.Arn\nC: !Sub '${X.Arn}/*'\nD: !If [P, 1, !Ref N]\n200: [true, 0.5]\n";
        let expected = json!({
            "A": {"Ref": "X"},
            "B": {"Fn::GetAtt": ["X", "Arn"]},
            "C": {"Fn::Sub": "${X.Arn}/*"},
            "D": {"Fn::If": ["P", 1, {"Ref": "N"}]},
            "200": [true, 0.5],
        });
        assert_eq!(Template::parse(text).unwrap().json(), &expected);
    }

    #[test]
    fn what_only_a_deployment_knows_becomes_a_symbol() {
        for (value, expected) in [
            (json!("*"), "*"),
            (json!({"Ref": "Table"}), "${Table}"),
            (json!({"Fn::GetAtt": ["Table", "Arn"]}), "${Table.Arn}"),
            (json!({"Fn::Sub": "${Table.Arn}/index/lists"}), "${Table.Arn}/index/lists"),
        ] {
            assert_eq!(symbol(&value).unwrap(), expected);
        }
        for value in [json!(7), json!({"Fn::If": ["A", "b", "c"]}), json!({"Fn::Sub": ["${A}", {}]})] {
            symbol(&value).unwrap_err();
        }
    }
}
