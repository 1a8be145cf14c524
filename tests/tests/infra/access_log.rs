//! The API's own log tells how calls went, and nothing of what was in them.

use serde_json::{Value, json};

use crate::expanded_template::Expanded;
use crate::findings::{differs, require};
use crate::throttling::stage;

/// All that may be logged: nothing that a caller chose but its address, and no path, since it holds numbers. Both errors
/// are texts of the gateway's own.
const HARMLESS: &[&str] = &[
    "authorizer.error",
    "identity.sourceIp",
    "integrationErrorMessage",
    "integrationLatency",
    "integrationStatus",
    "protocol",
    "requestId",
    "requestTime",
    "responseLatency",
    "responseLength",
    "routeKey",
    "status",
];

/// Without these fields a call cannot be found again, or not be explained: a wrong issuer shows as 401 and nothing else.
const NEEDED: &[&str] =
    &["authorizer.error", "integrationErrorMessage", "requestId", "requestTime", "routeKey", "status"];

pub fn check(template: &Expanded) -> Vec<String> {
    let settings = &stage(template)["AccessLogSettings"];
    let destination = json!({"Fn::GetAtt": ["AccessLog", "Arn"]});
    let mut found = differs("where the access log goes", &settings["DestinationArn"], &destination);
    let format = settings["Format"].as_str().unwrap_or_default();
    let lines = serde_json::from_str::<Value>(format).is_ok_and(|json| json.is_object());
    found.extend(require(lines, || "a line of the access log is no JSON object".to_owned()));
    let logged: Vec<_> = format.split("$context.").skip(1).map(variable).collect();
    for variable in logged.iter().filter(|variable| !HARMLESS.contains(variable)) {
        found.push(format!("the access log tells $context.{variable}"));
    }
    for variable in NEEDED.iter().filter(|variable| !logged.contains(variable)) {
        found.push(format!("the access log does not tell $context.{variable}"));
    }
    found
}

fn variable(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(text.len());
    &text[..end]
}
