//! One condition of a statement: an operator, a key, and the values that it may have.

use serde_json::Value;

use super::{Context, matches};
use crate::template::symbol;

/// The keys that are understood; another one makes a policy unreadable.
const KEYS: &[&str] = &[
    "dynamodb:Attributes",
    "dynamodb:EnclosingOperation",
    "dynamodb:LeadingKeys",
    "dynamodb:ReturnValues",
    "dynamodb:Select",
    "kms:CallerAccount",
    "kms:EncryptionContext:aws:logs:arn",
    "kms:EncryptionContext:aws:dynamodb:tableName",
    "kms:GrantIsForAWSResource",
    "kms:MacAlgorithm",
    "kms:ViaService",
    "aws:PrincipalArn",
    "aws:RequestTag/Project",
    "aws:RequestTag/Stage",
    "aws:ResourceTag/Project",
    "aws:ResourceTag/Stage",
    "aws:SourceAccount",
    "aws:SourceArn",
    "iam:AWSServiceName",
    "iam:PassedToService",
    "iam:PolicyARN",
];

/// Keys that have several values in one request: IAM wants a word on how to compare them.
const LISTS: &[&str] = &["dynamodb:Attributes", "dynamodb:EnclosingOperation", "dynamodb:LeadingKeys"];

/// How many values of the request have to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantity {
    One,
    All,
    Any,
}

/// How a value of the request is compared with those of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equals,
    NotEquals,
    Like,
    NotLike,
    Null,
}

/// One condition.
#[derive(Clone, Debug)]
pub struct Condition {
    quantity: Quantity,
    operator: Operator,
    if_exists: bool,
    /// The condition key.
    pub key: &'static str,
    /// What it is compared with.
    pub values: Vec<String>,
}

impl Condition {
    /// Reads one, such as `ForAllValues:StringLike`, `dynamodb:LeadingKeys`, `["ACCOUNT#*"]`.
    pub fn read(word: &str, key: &str, values: &Value) -> Result<Self, String> {
        let known = KEYS.iter().find(|known| known.eq_ignore_ascii_case(key));
        let key = *known.ok_or_else(|| format!("condition key {key} is unknown"))?;
        let (quantity, rest) = match word.split_once(':') {
            Some(("ForAllValues", rest)) => (Quantity::All, rest),
            Some(("ForAnyValue", rest)) => (Quantity::Any, rest),
            Some(_) => return Err(format!("{word} is unknown")),
            None => (Quantity::One, word),
        };
        if (quantity == Quantity::One) == LISTS.contains(&key) && rest != "Null" {
            return Err(format!("{word} does not fit {key}"));
        }
        let (name, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |name| (name, true));
        let operator = match name {
            "StringEquals" | "Bool" | "ArnEquals" => Operator::Equals,
            "StringNotEquals" | "ArnNotEquals" => Operator::NotEquals,
            "StringLike" | "ArnLike" => Operator::Like,
            "StringNotLike" | "ArnNotLike" => Operator::NotLike,
            "Null" if !if_exists => Operator::Null,
            _ => return Err(format!("{word} is unknown")),
        };
        Ok(Self { quantity, operator, if_exists, key, values: texts(values)? })
    }

    /// Returns whether a request fulfills it.
    pub fn holds(&self, context: &Context) -> bool {
        let found = context.get(self.key);
        if self.operator == Operator::Null {
            return self.values.iter().any(|wanted| wanted == if found.is_none() { "true" } else { "false" });
        }
        match (found, self.quantity) {
            (None, Quantity::All) => true,
            (None, Quantity::Any) => self.if_exists,
            (None, Quantity::One) => self.if_exists || self.is_negated(),
            (Some(found), Quantity::Any) => found.iter().any(|value| self.accepts(value)),
            (Some(found), Quantity::All | Quantity::One) => found.iter().all(|value| self.accepts(value)),
        }
    }

    fn is_negated(&self) -> bool {
        matches!(self.operator, Operator::NotEquals | Operator::NotLike)
    }

    fn accepts(&self, value: &str) -> bool {
        let same = |wanted: &String| match self.operator {
            Operator::Like | Operator::NotLike => matches(wanted, value),
            Operator::Equals | Operator::NotEquals | Operator::Null => wanted == value,
        };
        self.values.iter().any(same) != self.is_negated()
    }
}

/// One text or a list of them.
pub fn texts(value: &Value) -> Result<Vec<String>, String> {
    match value {
        Value::Array(values) => values.iter().map(symbol).collect(),
        Value::Bool(value) => Ok(vec![value.to_string()]),
        one => Ok(vec![symbol(one)?]),
    }
}
