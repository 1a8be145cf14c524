//! What a function may do is what it does: not a verb, kind of item or attribute less, and none more.
//!
//! Reads are limited to attributes; writes to transactions that show nothing of what they replace.

use harness::guard;
use harness::iam::access::{EVENTS, TABLE, values};
use harness::iam::{Effect, Policy, Request, Statement, matches};
use serde_json::json;

use crate::expanded_template::Expanded;
use crate::findings::{FUNCTIONS, differs, require};
use crate::observed_calls::MEASURED;

pub const LEADING: &str = "dynamodb:LeadingKeys";
pub const ATTRIBUTES: &str = "dynamodb:Attributes";
pub const SELECT: &str = "dynamodb:Select";
pub const ENCLOSING: &str = "dynamodb:EnclosingOperation";
pub const RETURNS: &str = "dynamodb:ReturnValues";
pub const READS: [&str; 3] = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];
/// The kinds of items, by the first part of their partition key, and the kinds of lists of the indexes.
#[rustfmt::skip] // One line.
pub const KINDS: [&str; 11] = [
    "ACCOUNT", "PIN", "ATTEMPTS", "NUMBER", "PON", "PORTOUT", "SOURCE", "DELIVERY", "NUMBERS", "PORTOUTS", "OPEN",
];
/// The kind of events that are about no account or source.
pub const CARRIER: &str = "CARRIER";

pub fn check(template: &Expanded) -> Vec<String> {
    FUNCTIONS.iter().flat_map(|(resource, function)| of_function(template, resource, function)).collect()
}

fn of_function(template: &Expanded, resource: &str, function: &str) -> Vec<String> {
    let role = role_of(function);
    let policy = match Policy::of_role(&template.json, role) {
        Ok(policy) => policy,
        Err(error) => return vec![error],
    };
    let used = used_by(role);
    let has = template.json.property(resource, "Role");
    let mut found = differs(&format!("{function}'s role"), has, &json!({"Fn::GetAtt": [role, "Arn"]}));
    found.extend(assumed_by_lambda(template, role));
    found.extend(refused(function, &policy, &used));
    for statement in &policy.0 {
        found.extend(of_statement(template, function, statement, &used));
    }
    found
}

fn assumed_by_lambda(template: &Expanded, role: &str) -> Vec<String> {
    let document = template.json.property(role, "AssumeRolePolicyDocument/Statement");
    let lambda = json!([{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]);
    differs(&format!("who may assume {role}"), document, &lambda)
}

/// Returns what the function did although its role does not allow it.
fn refused(function: &str, policy: &Policy, used: &[&Request]) -> Vec<String> {
    let mut found: Vec<_> = used
        .iter()
        .filter(|request| !policy.allows(request))
        .map(|it| format!("{function} may not {} {}: {:?}", it.action, kind_of(it), values(it, ATTRIBUTES)))
        .collect();
    found.dedup();
    found
}

/// Returns what a statement allows although the function never did it.
fn of_statement(
    template: &Expanded,
    function: &str,
    statement: &Statement,
    used: &[&Request],
) -> Vec<String> {
    if statement.effect == Effect::Deny {
        return Vec::new();
    }
    if statement.actions.iter().all(|action| action.starts_with("logs:") || action.starts_with("xray:")) {
        return telemetry(template, role_of(function), function, statement);
    }
    let mut found = Vec::new();
    for action in &statement.actions {
        found.extend(of_action(function, statement, action, used));
    }
    for other in statement.resources.iter().filter(|resource| !resources().contains(resource)) {
        found.push(format!("{function} may use {other}"));
    }
    found
}

/// The tables and their indexes.
pub fn resources() -> [String; 5] {
    let index = |name: &str| format!("{TABLE}/index/{name}");
    [TABLE.to_owned(), EVENTS.to_owned(), index("lists"), index("carriers"), index("open")]
}

fn of_action(function: &str, statement: &Statement, action: &str, used: &[&Request]) -> Vec<String> {
    let used: Vec<_> = used.iter().copied().filter(|it| it.action == action && on(statement, it)).collect();
    let mut found = of_keys(function, statement, action, &used);
    let only = |key: &str, value: &str| statement.condition(key).is_some_and(|values| values == [value]);
    if READS.contains(&action) {
        found.extend(of_attributes(function, statement, action, &used));
        found.extend(require(only(SELECT, "SPECIFIC_ATTRIBUTES"), || {
            format!("{function} may {action} every attribute at once")
        }));
    } else {
        found.extend(require(only(ENCLOSING, "TransactWriteItems"), || {
            format!("{function} may {action} outside of a transaction")
        }));
        found.extend(require(only(RETURNS, "NONE"), || {
            format!("{function} may {action} and be shown what was there")
        }));
    }
    found
}

fn of_keys(function: &str, statement: &Statement, action: &str, used: &[&Request]) -> Vec<String> {
    let Some(keys) = statement.condition(LEADING) else {
        return vec![format!("{function} may {action} items of any kind")];
    };
    let mut found = Vec::new();
    for key in keys {
        let known = KINDS.iter().chain([&CARRIER]).any(|kind| key.starts_with(&format!("{kind}#")));
        found.extend(require(known, || {
            format!("{function} may {action} {key}, which is no one kind of item")
        }));
        let touched = used.iter().flat_map(|it| values(it, LEADING)).any(|leading| matches(key, &leading));
        found.extend(require(touched, || format!("{function} may {action} {key} and never does")));
    }
    found
}

fn of_attributes(function: &str, statement: &Statement, action: &str, used: &[&Request]) -> Vec<String> {
    let Some(attributes) = statement.condition(ATTRIBUTES) else {
        return vec![format!("{function} may {action} any attribute")];
    };
    let touched: Vec<_> = used.iter().flat_map(|request| values(request, ATTRIBUTES)).collect();
    let idle = attributes.iter().filter(|attribute| !touched.contains(attribute));
    let keys = statement.condition(LEADING);
    idle.map(|attribute| format!("{function} may {action} {attribute} of {keys:?} and never does")).collect()
}

fn on(statement: &Statement, request: &Request) -> bool {
    statement.resources.contains(&request.resource)
}

/// Log lines go to the groups of the functions that have the role, traces to X-Ray, which has no resources.
fn telemetry(template: &Expanded, role: &str, function: &str, statement: &Statement) -> Vec<String> {
    let group = |resource: &str| {
        let group =
            template.json.property(resource, "LoggingConfig/LogGroup/Ref").as_str().unwrap_or_default();
        format!("${{{group}.Arn}}:*")
    };
    let sharing = FUNCTIONS.iter().filter(|(_, function)| role_of(function) == role);
    let groups = sharing.map(|(resource, _)| group(resource)).collect();
    let logs = (vec!["logs:CreateLogStream", "logs:PutLogEvents"], groups);
    let traces = (vec!["xray:PutTraceSegments", "xray:PutTelemetryRecords"], vec!["*".to_owned()]);
    let wanted = [logs, traces]
        .into_iter()
        .any(|(actions, resources)| statement.actions == actions && statement.resources == resources);
    require(wanted, || format!("{function} may {:?} {:?}", statement.actions, statement.resources))
}

/// Returns what was done with a role. Two functions may share one, which then allows what either does.
pub fn used_by(role: &str) -> Vec<&'static Request> {
    let used = MEASURED.requests.iter().filter(|(by, _)| guard::role(by) == Ok(role));
    used.map(|(_, it)| it).collect()
}

pub fn role_of(function: &str) -> &'static str {
    guard::role(function).expect("a function")
}

/// Returns the kind of item that a request is about.
pub fn kind_of(request: &Request) -> String {
    values(request, LEADING).concat().split('#').next().unwrap_or_default().to_owned()
}
