//! What a role must refuse: asked for every verb, in every form, on every kind of item, and for every secret.

use std::collections::BTreeSet;

use harness::iam::access::of_call;
use harness::iam::{Context, Policy, Request};
use serde_json::{Value, json};

use crate::expanded_template::Expanded;
use crate::findings::{FUNCTIONS, require};
use crate::roles::{
    ATTRIBUTES, CARRIER, ENCLOSING, KINDS, LEADING, READS, RETURNS, SELECT, kind_of, resources, role_of,
    used_by,
};

/// Verbs of writes, which only transactions may have.
const WRITES: [&str; 4] =
    ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"];
/// What no function does, in any form.
const NEVER: [&str; 15] = [
    "dynamodb:BatchWriteItem",
    "dynamodb:CreateBackup",
    "dynamodb:DeleteTable",
    "dynamodb:ExportTableToPointInTime",
    "dynamodb:GetRecords",
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLSelect",
    "dynamodb:PartiQLUpdate",
    "dynamodb:Scan",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTable",
    "dynamodb:UpdateTimeToLive",
    "kms:Decrypt",
    "kms:GenerateMac",
];
/// The form in which the functions do what they do.
const LAWFUL: &str = "as functions do";
/// Functions that must not read a secret, with the secrets.
const BLIND: [(&str, &[(&str, &str)]); 5] = [
    ("set-pin", &[DIGEST, FINGERPRINT]),
    ("status", &[DIGEST, PARAMETERS, FINGERPRINT]),
    ("provision", &[DIGEST, PARAMETERS, FINGERPRINT]),
    ("protect", &[DIGEST, PARAMETERS, FINGERPRINT]),
    ("console", &[DIGEST, PARAMETERS, FINGERPRINT]),
];
/// Attributes, with the kind of item that has them.
const DIGEST: (&str, &str) = ("PIN", "pin_digest");
const PARAMETERS: (&str, &str) = ("PIN", "pin_parameters");
const FINGERPRINT: (&str, &str) = ("PORTOUT", "pin_fingerprint");

/// Asks each role for every verb: it may allow what its function was seen to do, and that in its one lawful form.
pub fn verbs(template: &Expanded) -> Vec<String> {
    let roles: BTreeSet<_> = FUNCTIONS.iter().map(|(_, function)| role_of(function)).collect();
    roles.into_iter().flat_map(|role| with_policy(template, role, |policy| of_role(role, policy))).collect()
}

fn with_policy(template: &Expanded, role: &str, check: impl FnOnce(&Policy) -> Vec<String>) -> Vec<String> {
    Policy::of_role(&template.json, role).map_or_else(|error| vec![error], |policy| check(&policy))
}

fn of_role(role: &str, policy: &Policy) -> Vec<String> {
    let done: BTreeSet<_> =
        used_by(role).into_iter().map(|it| (it.action.clone(), it.resource.clone(), kind_of(it))).collect();
    let mut found = Vec::new();
    for resource in resources() {
        for kind in KINDS.into_iter().chain([CARRIER]) {
            for action in READS.into_iter().chain(WRITES).chain(NEVER) {
                let does = done.contains(&(action.to_owned(), resource.clone(), kind.to_owned()));
                for (how, context) in forms(action, kind) {
                    let may = allows(policy, action, &resource, context);
                    found.extend(require(!may || (does && how == LAWFUL), || {
                        format!("{role} may {action} {kind} of {resource} {how}")
                    }));
                }
            }
        }
    }
    found
}

fn allows(policy: &Policy, action: &str, resource: &str, context: Context) -> bool {
    policy.may_allow(&Request {
        action: action.to_owned(),
        resource: resource.to_owned(),
        contexts: vec![context],
    })
}

/// Returns the one form in which a verb may be allowed, [`LAWFUL`], and others in which it never is.
fn forms(action: &str, kind: &str) -> [(&'static str, Context); 4] {
    let text = |values: &[&str]| values.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let keys: Context =
        [(ATTRIBUTES, text(&["pk", "sk"])), (LEADING, vec![format!("{kind}#X")])].into_iter().collect();
    let with = |key: &'static str, value: &str| {
        let mut context = keys.clone();
        context.insert(key, text(&[value]));
        context
    };
    let without = |mut context: Context, key: &str| {
        context.remove(key);
        context
    };
    if READS.contains(&action) {
        let named = with(SELECT, "SPECIFIC_ATTRIBUTES");
        return [
            (LAWFUL, named.clone()),
            ("as a whole", with(SELECT, "ALL_ATTRIBUTES")),
            ("without naming an attribute", without(named.clone(), ATTRIBUTES)),
            ("without naming a key", without(named, LEADING)),
        ];
    }
    let within = with(ENCLOSING, "TransactWriteItems");
    let shown = [within.clone(), with(RETURNS, "ALL_OLD")].into_iter().flatten().collect();
    [
        (LAWFUL, within.clone()),
        ("outside of a transaction", keys.clone()),
        ("and be shown what was there", shown),
        ("without naming a key", without(within, LEADING)),
    ]
}

/// Checks that no request shows a secret to a role that must not read it.
pub fn secrets(template: &Expanded) -> Vec<String> {
    let of_function = |(function, secrets): &(&str, &[(&str, &str)])| {
        with_policy(template, role_of(function), |policy| {
            let questions = secrets.iter().flat_map(|secret| questions(*secret));
            allowed(policy, questions).map(|what| format!("{function} may read {what}")).collect()
        })
    };
    BLIND.iter().flat_map(of_function).collect()
}

/// Ways to request a secret.
fn questions((kind, attribute): (&str, &str)) -> Vec<(String, Request)> {
    let partition = json!({"S": format!("{kind}#X")});
    let key = json!({"pk": partition, "sk": {"S": kind}});
    let names = json!({"#a": attribute});
    let mut all = Vec::new();
    for (how, projection) in
        [("by name", Some(attribute)), ("by another name", Some("#a")), ("with all else", None)]
    {
        let one = json!({"TableName": "t", "Key": key, "ExpressionAttributeNames": names, "ProjectionExpression": projection});
        let batch = json!({"RequestItems": {"t": {"Keys": [key], "ExpressionAttributeNames": names, "ProjectionExpression": projection}}});
        let query = |index: Option<&str>, name: &str| {
            json!({"TableName": "t", "IndexName": index, "KeyConditionExpression": format!("{name} = :p"),
                "ExpressionAttributeNames": names, "ExpressionAttributeValues": {":p": partition},
                "ProjectionExpression": projection})
        };
        for (operation, body) in [
            ("GetItem", one),
            ("BatchGetItem", batch),
            ("Query", query(None, "pk")),
            ("Query", query(Some("lists"), "list_pk")),
        ] {
            all.extend(asked(operation, &body).into_iter().map(|it| (format!("{attribute} {how}"), it)));
        }
    }
    all
}

/// Checks that functions that never set a PIN cannot write a digest, even if another statement allows them everything.
pub fn digests(template: &Expanded) -> Vec<String> {
    let everything = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let everything = Policy::read(&everything).expect("a policy");
    let of_function = |function: &str| {
        with_policy(template, role_of(function), |policy| {
            let policy = Policy([policy.0.clone(), everything.0.clone()].concat());
            let writes = KINDS.into_iter().flat_map(digest_writes);
            allowed(&policy, writes).map(|what| format!("{function} may write {what}")).collect()
        })
    };
    ["provision", "protect"].into_iter().flat_map(of_function).collect()
}

/// Ways to write part of a digest into an item.
fn digest_writes(kind: &str) -> Vec<(String, Request)> {
    let key = json!({"pk": {"S": format!("{kind}#X")}, "sk": {"S": kind}});
    let mut all = Vec::new();
    for (_, attribute) in [DIGEST, PARAMETERS] {
        let mut item = key.clone();
        item[attribute] = json!({"S": "x"});
        let put = json!({"TableName": "t", "Item": item});
        let update = |name: &str| {
            json!({"TableName": "t", "Key": key, "UpdateExpression": format!("SET {name} = :d"),
                "ExpressionAttributeNames": {"#a": attribute}})
        };
        for (operation, body) in [
            ("PutItem", put.clone()),
            ("UpdateItem", update(attribute)),
            ("TransactWriteItems", json!({"TransactItems": [{"Put": put}]})),
            ("TransactWriteItems", json!({"TransactItems": [{"Update": update(attribute)}]})),
            ("TransactWriteItems", json!({"TransactItems": [{"Update": update("#a")}]})),
        ] {
            all.extend(
                asked(operation, &body)
                    .into_iter()
                    .map(|it| (format!("{attribute} of {kind} by {operation}"), it)),
            );
        }
    }
    all
}

/// Returns what those requests are for that a policy might allow.
fn allowed(
    policy: &Policy,
    requests: impl Iterator<Item = (String, Request)>,
) -> impl Iterator<Item = String> {
    requests.filter(|(_, request)| policy.may_allow(request)).map(|(what, _)| what)
}

fn asked(operation: &str, body: &Value) -> Vec<Request> {
    of_call(operation, body, "t").expect("a call that is understood")
}
