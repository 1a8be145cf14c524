//! The keys of HMACs: limited to one operation, each usable only by the functions that need it, and never orphaned; those
//! that records depend on are retained.

use harness::iam::{Effect, Policy, Request, Statement};
use serde_json::json;

use crate::expanded_template::Expanded;
use crate::findings::{differs, require};

const ROOT: &str = "arn:${AWS::Partition}:iam::${AWS::AccountId}:root";
/// Each key with the roles that compute with it.
const KEYS: [(&str, &[&str]); 3] = [
    ("PinKey", &["${SetPinRole.Arn}", "${PortOutRole.Arn}"]),
    ("WebhookKey", &["${PortOutRole.Arn}", "${ProvisionRole.Arn}"]),
    (OF_COOKIES, &["${ConsoleRole.Arn}"]),
];
/// The key that no record depends on: without it, administrators sign in again.
const OF_COOKIES: &str = "ConsoleKey";
/// Everyone: the roles that exist, one that may be created later, and the account.
const EVERYONE: [&str; 9] = [
    "${SetPinRole.Arn}",
    "${StatusRole.Arn}",
    "${PortOutRole.Arn}",
    "${ProvisionRole.Arn}",
    "${ProtectRole.Arn}",
    "${ConsoleRole.Arn}",
    "${DeploymentRole.Arn}",
    "arn:aws:iam::1:role/another",
    ROOT,
];
/// Without these permissions a key is lost permanently.
const ADMINISTRATION: [&str; 5] =
    ["kms:PutKeyPolicy", "kms:GetKeyPolicy", "kms:DescribeKey", "kms:DisableKey", "kms:CancelKeyDeletion"];

pub fn check(template: &Expanded) -> Vec<String> {
    let all = KEYS.iter().flat_map(|(key, users)| of_key(template, key, users));
    all.chain(data_key(template)).collect()
}

fn of_key(template: &Expanded, key: &str, users: &[&str]) -> Vec<String> {
    let resource = template.json.resource(key);
    let properties = &resource["Properties"];
    let mut found = delayed(template, key);
    if key != OF_COOKIES {
        found.extend(kept(template, key));
        // Cannot be changed later.
        found.extend(differs(&format!("{key}'s MultiRegion"), &properties["MultiRegion"], &json!(true)));
    }
    found.extend(differs(&format!("{key}'s KeySpec"), &properties["KeySpec"], &json!("HMAC_256")));
    found.extend(differs(
        &format!("{key}'s KeyUsage"),
        &properties["KeyUsage"],
        &json!("GENERATE_VERIFY_MAC"),
    ));
    match Policy::read(&properties["KeyPolicy"]) {
        Ok(policy) => found.extend(of_policy(key, users, &policy)),
        Err(error) => found.push(format!("{key}: {error}")),
    }
    found
}

fn kept(template: &Expanded, key: &str) -> Vec<String> {
    let resource = template.json.resource(key);
    let mut found = Vec::new();
    for (policy, wanted) in [("DeletionPolicy", "RetainExceptOnCreate"), ("UpdateReplacePolicy", "Retain")] {
        found.extend(differs(&format!("{key}'s {policy}"), &resource[policy], &json!(wanted)));
    }
    found
}

/// Checks that a key can be brought back for as long as KMS allows.
fn delayed(template: &Expanded, key: &str) -> Vec<String> {
    differs(&format!("{key}'s delay"), template.json.property(key, "PendingWindowInDays"), &json!(30))
}

fn of_policy(key: &str, users: &[&str], policy: &Policy) -> Vec<String> {
    let mut found = Vec::new();
    let (granted, open) = (without_denials(policy), everything_allowed(policy));
    for who in EVERYONE {
        let uses = users.contains(&who);
        found.extend(require(!uses || may(policy, who, "kms:GenerateMac"), || {
            format!("{who} may not compute with {key}")
        }));
        // Although another statement denies it.
        found.extend(require(uses || !may(&granted, who, "kms:GenerateMac"), || {
            format!("{who} is granted {key}")
        }));
        for action in ["kms:VerifyMac", "kms:CreateGrant", "kms:GenerateMac"] {
            let lawful = uses && action == "kms:GenerateMac";
            found.extend(require(lawful || !may(&open, who, action), || {
                format!("nothing keeps {who} from {action} with {key}")
            }));
        }
    }
    for action in ADMINISTRATION {
        found.extend(require(may(policy, ROOT, action), || format!("the account may not {action} of {key}")));
    }
    for action in policy.0.iter().flat_map(|it| &it.actions).filter(|action| action.contains('*')) {
        found.push(format!("{key}'s policy says {action}"));
    }
    found
}

/// Leaves only what is allowed: each grant must be right by itself.
fn without_denials(policy: &Policy) -> Policy {
    Policy(policy.0.iter().filter(|it| it.effect == Effect::Allow).cloned().collect())
}

/// Adds a policy that allows everything to everyone: what is denied here stays denied.
fn everything_allowed(policy: &Policy) -> Policy {
    let all = json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}});
    let all = Policy::read(&all).expect("a policy");
    Policy([policy.0.clone(), all.0].concat())
}

/// Returns whether the policy itself allows the caller.
fn may(policy: &Policy, who: &str, action: &str) -> bool {
    let concerns =
        |it: &&Statement| it.principals.iter().any(|principal| principal == who || principal == "*");
    let statements = Policy(policy.0.iter().filter(concerns).cloned().collect());
    let who = ("aws:PrincipalArn", vec![who.to_owned()]);
    let contexts = vec![[who, ("kms:MacAlgorithm", vec!["HMAC_SHA_256".to_owned()])].into()];
    statements.allows(&Request { action: action.to_owned(), resource: "*".to_owned(), contexts })
}

/// Checks that the key of table, logs and alarms is retained and rotated.
fn data_key(template: &Expanded) -> Vec<String> {
    let rotated = template.json.property("DataKey", "EnableKeyRotation");
    kept(template, "DataKey")
        .into_iter()
        .chain(delayed(template, "DataKey"))
        .chain(differs("DataKey's rotation", rotated, &json!(true)))
        .collect()
}
