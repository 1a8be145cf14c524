//! Every route requires a token with a scope that its function honors; only the two webhook routes require none.

use std::collections::BTreeMap;

use runtime::http::claims::ClaimNames;
use runtime::http::identity::Scope;
use runtime::http::routes::{self, Auth, Route};
use serde_json::{Value, json};

use crate::expanded_template::Expanded;
use crate::findings::{FUNCTIONS, differs, require, same};
use crate::observed_calls::MEASURED;

/// Routes of the API as it is deployed with the console, `PUT /v1/…` or `$default`, with their definitions.
pub fn deployed(template: &Expanded) -> BTreeMap<String, Value> {
    let paths = with_console(template.json.property("Api", "Body/paths"));
    let paths = paths.as_object().cloned().unwrap_or_default();
    let of_path = |(path, methods): (String, Value)| {
        let methods = methods.as_object().cloned().unwrap_or_default().into_iter();
        methods.map(move |(method, route)| {
            let default = path == "/$default" || path == "$default";
            (if default { "$default".to_owned() } else { format!("{} {path}", method.to_uppercase()) }, route)
        })
    };
    paths.into_iter().flat_map(of_path).collect()
}

/// Resolves what depends on whether there is a console.
pub fn with_console(value: &Value) -> Value {
    match value {
        Value::Object(pairs) => match pairs.get("Fn::If") {
            Some(choice) if choice[0] == "HasConsole" => with_console(&choice[1]),
            _ => pairs.iter().map(|(key, value)| (key.clone(), with_console(value))).collect(),
        },
        Value::Array(items) => items.iter().map(with_console).collect(),
        other => other.clone(),
    }
}

pub fn name(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

pub fn check(template: &Expanded) -> Vec<String> {
    let deployed = deployed(template);
    let names: Vec<_> = deployed.keys().cloned().collect();
    let wanted: Vec<_> = routes::all().map(name).chain(["$default".to_owned()]).collect();
    let mut found = same("routes", &names, &wanted);
    for route in routes::all() {
        let there = &deployed.get(&name(route)).cloned().unwrap_or_default();
        found.extend(differs(&format!("security of {}", name(route)), &security(there), &entry(route)));
        found.extend(honored(route));
        found.extend(answered_by(&name(route), there, route.function()));
    }
    let rest = deployed.get("$default").cloned().unwrap_or_default();
    found.extend(differs("security of $default", &security(&rest), &json!({"Tokens": []})));
    found.extend(answered_by("$default", &rest, "status"));
    found.extend(authorizer(template));
    found
}

/// Returns the one authorizer or none, with sorted scopes.
fn security(route: &Value) -> Value {
    let mut all = route["security"].as_array().cloned().unwrap_or_default();
    let mut one = if all.len() == 1 { all.remove(0) } else { return json!(all) };
    for scopes in one.as_object_mut().into_iter().flatten().filter_map(|(_, it)| it.as_array_mut()) {
        scopes.sort_by_key(Value::to_string);
    }
    one
}

/// Returns what the route table requires of callers. Where other claims than the gateway's have the scopes, the functions
/// alone look at them.
fn entry(route: &Route) -> Value {
    let scope = |scope: &Scope| {
        let prefixed = format!("${{ScopePrefix}}{}", scope.as_str());
        json!({"Fn::If": ["ScopesAtGateway", {"Fn::Sub": prefixed}, {"Ref": "AWS::NoValue"}]})
    };
    let scopes: Vec<_> = route.scopes.iter().map(scope).collect();
    match route.auth {
        Auth::Webhook | Auth::Session => json!({"NONE": []}),
        Auth::Bearer => security(&json!({"security": [{"Tokens": scopes}]})),
    }
}

/// Compares the route table with what the function was seen to let in.
fn honored(route: &Route) -> Vec<String> {
    let Some(measured) = MEASURED.scopes.get(&name(route)) else { return Vec::new() };
    let mut listed: Vec<_> = route.scopes.iter().map(|scope| scope.as_str()).collect();
    listed.sort_unstable();
    differs(&format!("scopes of {}", name(route)), &json!(measured), &json!(listed))
}

fn answered_by(name: &str, route: &Value, function: &str) -> Vec<String> {
    let resource = FUNCTIONS.iter().find(|(_, binary)| *binary == function).map_or("", |(id, _)| id);
    let uri = route["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"].as_str().unwrap_or_default();
    let wanted = format!("functions/${{{resource}Aliaslive}}/invocations");
    require(uri.ends_with(&wanted), || format!("{name} is answered by {uri}, not by {function}"))
}

fn authorizer(template: &Expanded) -> Vec<String> {
    let scheme = template.json.property("Api", "Body/components/securitySchemes");
    let wanted = json!({"Tokens": {"type": "oauth2", "x-amazon-apigateway-authorizer": {
        "type": "jwt",
        "identitySource": "$request.header.Authorization",
        "jwtConfiguration": {"issuer": {"Ref": "JwtIssuer"}, "audience": {"Ref": "JwtAudience"}},
    }}});
    let parameters = [("JwtIssuer", "String"), ("JwtAudience", "CommaDelimitedList")].into_iter().flat_map(
        |(name, kind)| {
            let parameter = template.source.at(&format!("/Parameters/{name}"));
            let free = parameter["Type"] == kind && parameter["Default"].is_null();
            require(free, || format!("{name} must be a parameter without a default"))
        },
    );
    let condition = template.source.at("/Conditions/ScopesAtGateway");
    let usual = json!({"Fn::Equals": [{"Ref": "ScopeClaims"}, ClaimNames::default().scopes.join(",")]});
    let found = differs("authorizers", scheme, &wanted).into_iter().chain(parameters);
    found.chain(differs("when the gateway looks at scopes", condition, &usual)).collect()
}
