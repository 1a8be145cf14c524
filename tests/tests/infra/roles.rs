//! What a function may do is what it does: not a verb, kind of item or attribute less, and none more.

use harness::guard;
use harness::iam::access::{TABLE, of_call, values};
use harness::iam::{Effect, Policy, Request, Statement, matches};
use serde_json::{Value, json};

use crate::expanded_template::Expanded;
use crate::findings::{FUNCTIONS, differs, require};
use crate::observed_calls::MEASURED;

const LEADING: &str = "dynamodb:LeadingKeys";
const ATTRIBUTES: &str = "dynamodb:Attributes";
const READS: [&str; 3] = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];
/// Returns the kinds of items, by the first part of their partition key.
const KINDS: [&str; 5] = ["ACCOUNT", "NUMBER", "PON", "PORTOUT", "WEBHOOK"];

pub fn check(template: &Expanded) -> Vec<String> {
    FUNCTIONS.iter().flat_map(|(resource, function)| of_function(template, resource, function)).collect()
}

fn of_function(template: &Expanded, resource: &str, function: &str) -> Vec<String> {
    let role = role_of(function);
    let policy = match Policy::of_role(&template.json, role) {
        Ok(policy) => policy,
        Err(error) => return vec![error],
    };
    // Two functions may share a role, which then allows what either does.
    let used = MEASURED.requests.iter().filter(|(by, _)| guard::role(by) == Ok(role));
    let used: Vec<_> = used.map(|(_, it)| it).collect();
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
    let tables = [TABLE.to_owned(), format!("{TABLE}/index/lists")];
    for other in statement.resources.iter().filter(|resource| !tables.contains(resource)) {
        found.push(format!("{function} may use {other}"));
    }
    found
}

fn of_action(function: &str, statement: &Statement, action: &str, used: &[&Request]) -> Vec<String> {
    let (Some(keys), Some(attributes)) = (statement.condition(LEADING), statement.condition(ATTRIBUTES))
    else {
        return vec![format!("{function} may {action} items or attributes of any kind")];
    };
    let used: Vec<_> = used.iter().filter(|it| it.action == action && on(statement, it)).collect();
    let touched: Vec<_> = used.iter().flat_map(|request| values(request, ATTRIBUTES)).collect();
    let mut found = Vec::new();
    for key in keys {
        let known = KINDS.iter().any(|kind| key.starts_with(&format!("{kind}#")));
        found.extend(require(known, || {
            format!("{function} may {action} {key}, which is no one kind of item")
        }));
        let read = used.iter().flat_map(|it| values(it, LEADING)).any(|leading| matches(key, &leading));
        found.extend(require(read, || format!("{function} may {action} {key} and never does")));
    }
    for attribute in attributes.iter().filter(|attribute| !touched.contains(attribute)) {
        found.push(format!("{function} may {action} {attribute} of {keys:?} and never does"));
    }
    let all = statement.condition("dynamodb:Select");
    let named = all.is_some_and(|all| all == ["SPECIFIC_ATTRIBUTES"]);
    let read = READS.contains(&action);
    found.extend(require(named || !read, || format!("{function} may {action} every attribute at once")));
    found
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

fn role_of(function: &str) -> &'static str {
    guard::role(function).expect("a function")
}

fn kind_of(request: &Request) -> String {
    values(request, LEADING).concat().split('#').next().unwrap_or_default().to_owned()
}

/// Checks that no request shows a digest or fingerprint to the role that only reads.
pub fn secrets(template: &Expanded) -> Vec<String> {
    let policy = match Policy::of_role(&template.json, "StatusRole") {
        Ok(policy) => policy,
        Err(error) => return vec![error],
    };
    let readable = |(what, operation, body): &(String, &str, Value)| {
        let requests = of_call(operation, body, "t").expect("a call that is understood");
        require(!requests.iter().any(|it| policy.may_allow(it)), || format!("status may read {what}"))
    };
    questions().iter().flat_map(readable).collect()
}

/// Ways to request a digest or a fingerprint.
fn questions() -> Vec<(String, &'static str, Value)> {
    let mut all = Vec::new();
    for (kind, attribute) in [("ACCOUNT", "pin_digest"), ("PORTOUT", "pin_fingerprint")] {
        let key = json!({"pk": {"S": format!("{kind}#X")}, "sk": {"S": kind}});
        let names = json!({"#a": attribute});
        for (how, projection) in
            [("by name", Some(attribute)), ("by another name", Some("#a")), ("with all else", None)]
        {
            let what = format!("{attribute} {how}");
            let one = json!({"TableName": "t", "Key": key, "ExpressionAttributeNames": names, "ProjectionExpression": projection});
            let batch = json!({"RequestItems": {"t": {"Keys": [key], "ExpressionAttributeNames": names, "ProjectionExpression": projection}}});
            let query = json!({"TableName": "t", "KeyConditionExpression": "pk = :p", "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": {":p": {"S": format!("{kind}#X")}}, "ProjectionExpression": projection});
            all.extend([
                (what.clone(), "GetItem", one),
                (what.clone(), "BatchGetItem", batch),
                (what, "Query", query),
            ]);
        }
    }
    all
}
