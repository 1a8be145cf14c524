//! A new version gets traffic step by step, and its own failures move the traffic back.

use harness::template::at;
use serde_json::json;

use crate::alarms::{of_new_version, watched};
use crate::expanded_template::Expanded;
use crate::findings::{FUNCTIONS, differs, require};

pub fn check(template: &Expanded) -> Vec<String> {
    let mut found = Vec::new();
    for (resource, function) in FUNCTIONS {
        let alarm = resource.replace("Function", "CanaryAlarm");
        let group = &template.json.resource(&format!("{resource}DeploymentGroup"))["Properties"];
        let alarms = json!({"Enabled": true, "Alarms": [{"Name": {"Ref": alarm}}]});
        found.extend(differs(&format!("{function}'s canary watches"), &group["AlarmConfiguration"], &alarms));
        found.extend(of_version(template, function, &alarm));
        let steps = group["DeploymentConfigName"].to_string();
        found.extend(require(steps.contains("Canary10Percent5Minutes"), || {
            format!("{function}'s traffic moves by {steps}")
        }));
        let events = at(group, "/AutoRollbackConfiguration/Events").to_string();
        found.extend(require(events.contains("DEPLOYMENT_STOP_ON_ALARM"), || {
            format!("{function} is not moved back on an alarm")
        }));
        let alias = template.json.resource(&format!("{resource}Aliaslive"));
        found.extend(require(!alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"].is_null(), || {
            format!("{function} has no alias that moves")
        }));
    }
    // SAM has put the default of the parameter in its place.
    let step = template.source.at("/Globals/Function/DeploymentPreference/Type");
    found.extend(differs("how traffic moves", step, &json!({"Ref": "DeploymentType"})));
    found
}

/// Checks that the alarm of a deployment judges the new version only, at its first failure, and starts without a past.
fn of_version(template: &Expanded, function: &str, alarm: &str) -> Vec<String> {
    let properties = &template.json.resource(alarm)["Properties"];
    let metrics = watched(properties);
    let mut found = require(metrics.len() == 2, || format!("{alarm} watches {} metrics", metrics.len()));
    for metric in &metrics {
        found.extend(require(of_new_version(&metric.name, &metric.dimension), || {
            format!("{alarm} watches {} {}, which has a past", metric.name, metric.dimension)
        }));
    }
    for (name, wanted) in [("Threshold", json!(1)), ("EvaluationPeriods", json!(1))] {
        found.extend(differs(&format!("{alarm}'s {name}"), &properties[name], &wanted));
    }
    let name = properties["AlarmName"].to_string();
    found.extend(require(name.contains(function) && name.contains("FunctionVersion"), || {
        format!("{alarm} keeps its state from version to version: {name}")
    }));
    found
}
