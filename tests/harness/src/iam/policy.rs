//! Reads the policies of a role or key from the template and evaluates requests against them.

use serde_json::Value;

use super::condition::{Condition, texts};
use super::{Context, Request, matches};
use crate::template::{Template, symbol};

/// Managed policies that allow nothing on our table and keys.
const HARMLESS: &[&str] = &["AWSXRayDaemonWriteAccess", "AWSLambdaBasicExecutionRole"];

/// What a statement does where it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Allows, unless another one denies.
    Allow,
    /// Denies, whatever others say.
    Deny,
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What it does.
    pub effect: Effect,
    /// Principals in a key's policy; empty in a role's.
    pub principals: Vec<String>,
    /// Actions, perhaps with wildcards.
    pub actions: Vec<String>,
    /// Resources, as [`symbol`] writes them.
    pub resources: Vec<String>,
    conditions: Vec<Condition>,
}

/// All statements together.
#[derive(Clone, Debug, Default)]
pub struct Policy(pub Vec<Statement>);

impl Policy {
    /// Of a role of the template.
    ///
    /// # Errors
    /// The role does not exist, or part of it is not understood.
    pub fn of_role(template: &Template, id: &str) -> Result<Self, String> {
        let role = template.resource(id);
        if role["Type"] != "AWS::IAM::Role" {
            return Err(format!("the template has no role {id}"));
        }
        let properties = &role["Properties"];
        if !properties["PermissionsBoundary"].is_null() {
            return Err(format!("{id} has a boundary, which is not understood"));
        }
        for managed in properties["ManagedPolicyArns"].as_array().into_iter().flatten() {
            let name = symbol(managed)?;
            if !HARMLESS.iter().any(|known| name.ends_with(&format!("/{known}"))) {
                return Err(format!("{id} has the managed policy {name}, which is not understood"));
            }
        }
        let policies = properties["Policies"].as_array().ok_or_else(|| format!("{id} has no policies"))?;
        let policies = policies.iter().map(|policy| Self::read(&policy["PolicyDocument"]));
        let policies = policies.collect::<Result<Vec<_>, _>>().map_err(|error| format!("{id}: {error}"))?;
        Ok(Self(policies.into_iter().flat_map(|policy| policy.0).collect()))
    }

    /// Of a policy document.
    ///
    /// # Errors
    /// Something in it is not understood.
    pub fn read(document: &Value) -> Result<Self, String> {
        let statements = match &document["Statement"] {
            Value::Array(statements) => statements.iter().map(Statement::read).collect::<Result<_, _>>()?,
            one => vec![Statement::read(one)?],
        };
        Ok(Self(statements))
    }

    /// Returns whether it allows a request.
    pub fn allows(&self, request: &Request) -> bool {
        request.contexts.iter().all(|context| self.allows_in(request, context))
    }

    /// Returns whether it might allow a request.
    pub fn may_allow(&self, request: &Request) -> bool {
        request.contexts.iter().any(|context| self.allows_in(request, context))
    }

    fn allows_in(&self, request: &Request, context: &Context) -> bool {
        let any = |effect| self.0.iter().any(|it| it.effect == effect && it.applies(request, context));
        any(Effect::Allow) && !any(Effect::Deny)
    }
}

impl Statement {
    fn read(json: &Value) -> Result<Self, String> {
        const KNOWN: &[&str] = &["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];
        let fields = json.as_object().ok_or_else(|| format!("{json} is no statement"))?;
        if let Some(field) = fields.keys().find(|field| !KNOWN.contains(&field.as_str())) {
            return Err(format!("{field} in a statement is not understood"));
        }
        let effect = match json["Effect"].as_str() {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return Err(format!("{} is no effect", json["Effect"])),
        };
        Ok(Self {
            effect,
            principals: principals(&json["Principal"])?,
            actions: texts(&json["Action"])?,
            resources: texts(&json["Resource"])?,
            conditions: conditions(&json["Condition"])?,
        })
    }

    /// Returns the values that a condition of this key names.
    pub fn condition(&self, key: &str) -> Option<&[String]> {
        self.conditions.iter().find(|it| it.key == key).map(|it| it.values.as_slice())
    }

    /// Returns whether it concerns an action.
    pub fn names(&self, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        self.actions.iter().any(|pattern| matches(&pattern.to_ascii_lowercase(), &action))
    }

    /// Returns whether it concerns a request in this context.
    fn applies(&self, request: &Request, context: &Context) -> bool {
        self.names(&request.action)
            && self.resources.iter().any(|pattern| matches(pattern, &request.resource))
            && self.conditions.iter().all(|condition| condition.holds(context))
    }
}

fn principals(json: &Value) -> Result<Vec<String>, String> {
    match json {
        Value::Null => Ok(Vec::new()),
        Value::Object(kinds) if ["AWS", "Service"].iter().any(|kind| kinds.contains_key(*kind)) => {
            let all: Result<Vec<_>, _> = kinds.values().map(texts).collect();
            Ok(all?.concat())
        }
        other => texts(other),
    }
}

fn conditions(json: &Value) -> Result<Vec<Condition>, String> {
    let mut all = Vec::new();
    for (operator, keys) in json.as_object().into_iter().flatten() {
        let keys = keys.as_object().ok_or_else(|| format!("{operator} names no keys"))?;
        for (key, values) in keys {
            all.push(Condition::read(operator, key, values)?);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::access::of_call;
    use serde_json::json;

    fn policy(statement: &Value) -> Result<Policy, String> {
        Policy::read(&json!({"Statement": [statement]}))
    }

    /// Allows reading two attributes of accounts, by name.
    fn reader() -> Value {
        json!({
            "Effect": "Allow",
            "Action": "dynamodb:GetItem",
            "Resource": {"Fn::GetAtt": ["Table", "Arn"]},
            "Condition": {
                "Null": {"dynamodb:LeadingKeys": "false"},
                "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["ACCOUNT#*"]},
                "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "country"]},
                "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
            },
        })
    }

    fn get(pk: &str, attributes: Option<&str>) -> Request {
        let key = json!({"pk": {"S": pk}, "sk": {"S": "x"}});
        let body = json!({"TableName": "t", "Key": key, "ProjectionExpression": attributes});
        of_call("GetItem", &body, "t").unwrap().remove(0)
    }

    #[test]
    fn every_condition_has_to_hold() {
        let reader = policy(&reader()).unwrap();
        assert!(reader.allows(&get("ACCOUNT#A", Some("country"))));
        assert!(!reader.allows(&get("NUMBER#A", Some("country"))), "another leading key");
        assert!(!reader.allows(&get("ACCOUNT#A", Some("country, pin_digest"))), "another attribute");
        assert!(!reader.allows(&get("ACCOUNT#A", None)), "every attribute");
    }

    #[test]
    fn a_denial_counts_over_everything_else() {
        let mut no = reader();
        no["Effect"] = json!("Deny");
        let both = Policy::read(&json!({"Statement": [reader(), no]})).unwrap();
        assert!(!both.allows(&get("ACCOUNT#A", Some("country"))));
    }

    #[test]
    fn a_transaction_needs_the_verb_of_each_write() {
        let key = json!({"pk": {"S": "ACCOUNT#A"}, "sk": {"S": "x"}});
        let check = json!({"TableName": "t", "Key": key, "ConditionExpression": "attribute_exists(pk)"});
        let item = json!({"TableName": "t", "Item": key});
        let body = json!({"TransactItems": [{"ConditionCheck": check}, {"Put": item}]});
        let requests = of_call("TransactWriteItems", &body, "t").unwrap();
        let actions: Vec<_> = requests.iter().map(|request| request.action.as_str()).collect();
        assert_eq!(actions, ["dynamodb:ConditionCheckItem", "dynamodb:PutItem"]);
    }

    #[test]
    fn what_is_not_known_is_an_error_and_not_a_yes() {
        for (field, value) in [
            ("NotAction", json!("dynamodb:Scan")),
            ("NotResource", json!("*")),
            ("Effect", json!("allow")),
            ("Resource", json!({"Fn::If": ["A", "b", "c"]})),
            ("Condition", json!({"StringEquals": {"aws:PrincipalTag/team": "x"}})),
            ("Condition", json!({"NumericEquals": {"dynamodb:Select": "1"}})),
            ("Condition", json!({"StringEquals": {"dynamodb:LeadingKeys": ["A"]}})),
        ] {
            let mut statement = reader();
            statement[field] = value;
            policy(&statement).unwrap_err();
        }
    }
}
