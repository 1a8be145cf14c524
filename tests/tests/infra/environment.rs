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
    "CONSOLE_LOCAL_KEY",
    // A confidential client's secret would be readable in the function's configuration.
    "OIDC_CLIENT_SECRET",
];
/// Variables that only some functions read.
const SOME: [(&str, &[&str]); 16] = [
    ("PIN_KEY_ID", &WITH_PIN_KEY),
    ("WEBHOOK_KEY_ID", &WITH_WEBHOOK_KEY),
    ("PIN_POLICY", &["set-pin"]),
    ("COMPANY_HOLIDAYS", &["port-out", "bandwidth"]),
    ("PIN_REQUIRED", &["port-out", "bandwidth", "status"]),
    ("PORTING_CONTACT", &["port-out", "bandwidth"]),
    ("BANDWIDTH_ADDRESSES", &["bandwidth"]),
    ("PBKDF2_ITERATIONS", &["set-pin", "port-out", "bandwidth"]),
    ("ROUTES", &["port-out", "bandwidth"]),
    ("CONSOLE_URL", &["console"]),
    ("API_BASE_URL", &["console"]),
    ("CONSOLE_KEY_ID", &["console"]),
    ("OIDC_ISSUER", &["console"]),
    ("OIDC_CLIENT_ID", &["console"]),
    ("OIDC_SCOPES", &["console"]),
    ("OIDC_AUDIENCE", &["console"]),
];

pub fn check(template: &Expanded) -> Vec<String> {
    let all = FUNCTIONS.iter().flat_map(|(resource, function)| of_function(template, resource, function));
    all.chain(console(template)).collect()
}

/// Checks that the console is where the operator says, calls the API there, and signs in with the tokens' issuer.
fn console(template: &Expanded) -> Vec<String> {
    let variables = template.json.property("ConsoleFunction", "Environment/Variables");
    let address =
        json!({"Fn::If": ["HasConsoleUrl", {"Ref": "ConsoleUrl"}, {"Fn::Sub": "https://${DomainName}"}]});
    let given =
        |condition, parameter| json!({"Fn::If": [condition, {"Ref": parameter}, {"Ref": "AWS::NoValue"}]});
    let wanted = [
        ("CONSOLE_URL", address.clone()),
        ("API_BASE_URL", address),
        ("CONSOLE_KEY_ID", json!({"Fn::GetAtt": ["ConsoleKey", "Arn"]})),
        ("OIDC_ISSUER", json!({"Ref": "JwtIssuer"})),
        ("OIDC_CLIENT_ID", json!({"Ref": "OidcClientId"})),
        ("OIDC_SCOPES", given("HasOidcScopes", "OidcScopes")),
        ("OIDC_AUDIENCE", given("HasOidcAudience", "OidcAudience")),
    ];
    wanted
        .iter()
        .flat_map(|(name, it)| differs(&format!("console's {name}"), &variables[*name], it))
        .collect()
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
