//! The variables that a function gets are some that it parses, and all that it cannot do without.

use harness::stack::{WITH_PIN_KEY, WITH_WEBHOOK_KEY};
use runtime::config::VARIABLES;
use serde_json::{Value, json};

use crate::expanded_template::Expanded;
use crate::findings::{FUNCTIONS, differs, require};

/// Variables of local runs and of callers that no gateway verified: never set in AWS.
const LOCAL: &[&str] = &[
    "PIN_LOCAL_KEY",
    "PIN_PREVIOUS_LOCAL_KEY",
    "WEBHOOK_LOCAL_KEY",
    "WEBHOOK_PREVIOUS_LOCAL_KEY",
    "JWT_ISSUER",
    "JWT_AUDIENCE",
    "JWT_KEYS",
];
/// Variables that only some functions read.
const SOME: [(&str, &[&str]); 9] = [
    ("PIN_KEY_ID", &WITH_PIN_KEY),
    ("WEBHOOK_KEY_ID", &WITH_WEBHOOK_KEY),
    ("PIN_POLICY", &["set-pin"]),
    ("COMPANY_HOLIDAYS", &["port-out", "bandwidth"]),
    ("PIN_REQUIRED", &["port-out", "bandwidth", "status"]),
    ("PORTING_CONTACT", &["port-out", "bandwidth"]),
    ("BANDWIDTH_ADDRESSES", &["bandwidth"]),
    ("PBKDF2_ITERATIONS", &["set-pin", "port-out", "bandwidth"]),
    ("ROUTES", &["port-out", "bandwidth"]),
];

pub fn check(template: &Expanded) -> Vec<String> {
    FUNCTIONS.iter().flat_map(|(resource, function)| of_function(template, resource, function)).collect()
}

fn of_function(template: &Expanded, resource: &str, function: &str) -> Vec<String> {
    let variables = template.json.property(resource, "Environment/Variables");
    let tables = [("TABLE_NAME", "Table"), ("EVENTS_TABLE_NAME", "EventsTable")];
    let table = |(name, table): (&str, &str)| {
        differs(&format!("{function}'s {name}"), &variables[name], &json!({"Ref": table}))
    };
    let mut found: Vec<_> = tables.into_iter().flat_map(table).collect();
    for name in variables.as_object().into_iter().flatten().map(|(name, _)| name.as_str()) {
        let known = VARIABLES.contains(&name) && !LOCAL.contains(&name) && reads(function, name);
        found.extend(require(known, || format!("{function} does not read {name}")));
    }
    for (variable, key) in [("PIN_KEY_ID", "PinKey"), ("WEBHOOK_KEY_ID", "WebhookKey")] {
        let wanted = if reads(function, variable) { key_in_use(key) } else { Value::Null };
        found.extend(differs(&format!("{function}'s {variable}"), &variables[variable], &wanted));
    }
    let routes = match function {
        "port-out" => json!("carrier"),
        "bandwidth" => json!("bandwidth"),
        _ => Value::Null,
    };
    found.extend(differs(&format!("{function}'s ROUTES"), &variables["ROUTES"], &routes));
    found.extend(parameters(template, function, variables));
    found
}

fn reads(function: &str, variable: &str) -> bool {
    match SOME.iter().find(|(name, _)| *name == variable) {
        Some((_, functions)) => functions.contains(&function),
        None => true,
    }
}

/// Returns the key that a parameter names, or else the stack's own.
pub fn key_in_use(key: &str) -> Value {
    let (other, parameter) = (format!("HasOther{key}"), format!("{key}InUse"));
    json!({"Fn::If": [other, {"Ref": parameter}, {"Fn::GetAtt": [key, "Arn"]}]})
}

/// Checks that what an operator may choose is a parameter.
fn parameters(template: &Expanded, function: &str, variables: &Value) -> Vec<String> {
    let chosen = [
        ("PIN_POLICY", "PinPolicy"),
        ("COMPANY_HOLIDAYS", "CompanyHolidays"),
        ("PIN_REQUIRED", "PinRequired"),
        ("PORTING_CONTACT", "PortingContact"),
        ("BANDWIDTH_ADDRESSES", "BandwidthAddresses"),
        ("PBKDF2_ITERATIONS", "Pbkdf2Iterations"),
        ("LOG_LEVEL", "LogLevel"),
        ("SCOPE_CLAIMS", "ScopeClaims"),
        ("SCOPE_PREFIX", "ScopePrefix"),
        ("ACCOUNT_CLAIM", "AccountClaim"),
        ("SPID_CLAIM", "SpidClaim"),
    ];
    let one = |(name, parameter): (&str, &str)| {
        let exists = !template.source.at(&format!("/Parameters/{parameter}")).is_null();
        let wanted = if reads(function, name) && exists { json!({"Ref": parameter}) } else { Value::Null };
        differs(&format!("{function}'s {name}"), &variables[name], &wanted)
    };
    chosen.into_iter().flat_map(one).collect()
}
