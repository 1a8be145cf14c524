//! A metric filter counts the log lines of one kind of error and no others.

use harness::template::{Template, symbol};
use serde_json::{Value, json};

use crate::expanded_template::Expanded;
use crate::findings::{FUNCTIONS, differs, require};
use crate::log_pattern::Pattern;
use crate::observed_calls::{LINES, MEASURED};
use crate::throttling::stage;

/// Metrics of ours, with the lines that they count.
const COUNTED: [(&str, &[&str]); 22] = [
    ("SetPinFailures", &["5xx", "busy", "corrupt"]),
    ("StatusFailures", &["5xx", "busy", "corrupt"]),
    ("PortOutFailures", &["5xx", "busy", "corrupt"]),
    ("BandwidthFailures", &["5xx", "busy", "corrupt"]),
    ("ProvisionFailures", &["5xx", "busy", "corrupt"]),
    ("ProtectFailures", &["5xx", "busy", "corrupt"]),
    ("ConsoleFailures", &["5xx", "busy", "corrupt"]),
    // What load cannot cause.
    ("SetPinFaults", &["5xx", "corrupt"]),
    ("StatusFaults", &["5xx", "corrupt"]),
    ("PortOutFaults", &["5xx", "corrupt"]),
    ("BandwidthFaults", &["5xx", "corrupt"]),
    ("ProvisionFaults", &["5xx", "corrupt"]),
    ("ProtectFaults", &["5xx", "corrupt"]),
    ("ConsoleFaults", &["5xx", "corrupt"]),
    ("WrongPinWaits", &["wait"]),
    ("LockedPins", &["pin_locked", "disclosed"]),
    ("CorruptRecords", &["corrupt"]),
    ("WebhookTemporaryRefusals", &["7598", "credentials"]),
    ("BandwidthCredentials", &["credentials"]),
    ("UncoveredPortOuts", &["uncovered"]),
    ("UntoldCarriers", &["untold"]),
    ("BandwidthAnswers", &["7598", "credentials"]),
];
/// Metrics of ours with the reason that the lines that they count give.
const REASONS: [(&str, &str); 1] = [("WrongPins", "pin_invalid")];
/// Returns whether a metric counts an answer in the access log, by its status and its route.
type Counts = fn(&str, &str) -> bool;
/// Metrics of ours that filters count in the access log.
const OF_ACCESS_LOG: [(&str, Counts); 4] = [
    ("RefusedCredentials", |status, route| {
        // A page of the console answers 403 to a session that has ended.
        status == "403" && !route.contains("/console") || status == "401" && !is_challenge(status, route)
    }),
    ("ClientErrors", |status, route| status.starts_with('4') && !is_challenge(status, route)),
    ("TooManyRequests", |status, _| status == "429"),
    // What Bandwidth takes for an approval.
    ("BandwidthUnanswered", |status, route| {
        route.ends_with("/bandwidth") && status != "200" && !is_challenge(status, route)
    }),
];
/// The metric that also counts some of the usual lines.
const ANSWERS: &str = "BandwidthAnswers";
/// Metrics of lines that only the function `bandwidth` logs.
const OF_BANDWIDTH: [&str; 6] = [
    "BandwidthFailures",
    "BandwidthFaults",
    "BandwidthCredentials",
    "WebhookTemporaryRefusals",
    "UncoveredPortOuts",
    ANSWERS,
];

/// Metrics of ours that filters emit, with their namespace.
pub fn emitted(template: &Template) -> Vec<(String, String)> {
    let filters = template.of_type("AWS::Logs::MetricFilter").into_iter();
    filters
        .flat_map(|(_, filter)| {
            let all = filter["Properties"]["MetricTransformations"].as_array().cloned().unwrap_or_default();
            all.into_iter()
                .map(|it| (symbol(&it["MetricNamespace"]).unwrap_or_default(), text(&it["MetricName"])))
        })
        .collect()
}

pub fn check(template: &Expanded) -> Vec<String> {
    let filters = template.json.of_type("AWS::Logs::MetricFilter");
    let mut found: Vec<_> =
        filters.iter().flat_map(|(id, it)| of_filter(template, id, &it["Properties"])).collect();
    let emitted: Vec<_> = emitted(&template.json).into_iter().map(|(_, name)| name).collect();
    let all = COUNTED.map(|it| it.0).into_iter().chain(REASONS.map(|it| it.0));
    for metric in all.chain(OF_ACCESS_LOG.map(|it| it.0)) {
        found.extend(require(emitted.iter().any(|it| it == metric), || format!("nothing counts {metric}")));
    }
    // Failures are counted for every function, corrupt records for those that read any, and locks for those that were seen
    // to log them.
    for (resource, function) in FUNCTIONS {
        let group = template.json.property(resource, "LoggingConfig/LogGroup").clone();
        let metrics: Vec<_> =
            filters.iter().filter(|(_, it)| it["Properties"]["LogGroupName"] == group).collect();
        let metrics: Vec<_> = metrics.iter().map(|(_, it)| metric(&it["Properties"])).collect();
        let [failures, faults] = ["Failures", "Faults"].map(|kind| resource.replace("Function", kind));
        let locks = locks(function).then_some("LockedPins");
        let corrupt = (function != "console").then_some("CorruptRecords");
        for wanted in [failures.as_str(), &faults].into_iter().chain(corrupt).chain(locks) {
            found.extend(require(metrics.iter().any(|it| it == wanted), || {
                format!("{function}: nothing counts {wanted}")
            }));
        }
    }
    found
}

/// Returns whether a function logged that a PIN is locked.
fn locks(function: &str) -> bool {
    let lines = MEASURED.lines.values().flatten();
    lines.filter(|line| line["function"] == function).any(|line| line["pin_locked"] == "yes")
}

fn of_filter(template: &Expanded, id: &str, filter: &Value) -> Vec<String> {
    let metric = metric(filter);
    let pattern = match Pattern::read(&text(&filter["FilterPattern"])) {
        Ok(pattern) => pattern,
        Err(error) => return vec![format!("{id}: {error}")],
    };
    let value = &filter["MetricTransformations"][0];
    let mut found = differs(&format!("{id}'s value"), &value["MetricValue"], &json!("1"));
    found.extend(differs(
        &format!("{id}'s namespace"),
        &value["MetricNamespace"],
        &json!({"Fn::Sub": "PortOut/${AWS::StackName}"}),
    ));
    let group = text(&filter["LogGroupName"]["Ref"]);
    found.extend(require(template.json.resource(&group)["Type"] == "AWS::Logs::LogGroup", || {
        format!("{id} watches no log group")
    }));
    let dimensions = if metric.ends_with("Faults") {
        json!([{"Key": "Version", "Value": "$.function_version"}])
    } else {
        Value::Null
    };
    found.extend(differs(&format!("{id}'s dimensions"), &value["Dimensions"], &dimensions));
    found.extend(require(!OF_BANDWIDTH.contains(&metric.as_str()) || group == "BandwidthLog", || {
        format!("{id} watches {group}, where its lines are not")
    }));
    found.extend(match group.as_str() {
        "AccessLog" => of_access_log(template, id, &metric, &pattern),
        _ => of_function_log(id, &metric, &pattern),
    });
    found
}

/// Compares what is counted with what was logged.
fn of_function_log(id: &str, metric: &str, pattern: &Pattern) -> Vec<String> {
    let mut found = Vec::new();
    for what in LINES.into_iter().filter(|what| metric != ANSWERS || *what != "usual") {
        let lines = &MEASURED.lines[what];
        let hits = lines.iter().filter(|line| pattern.holds(line)).count();
        let wanted: Option<Vec<_>> = lines.iter().map(|line| counts(metric, what, line)).collect();
        let Some(wanted) = wanted else { return vec![format!("{id} counts {metric}, which is unknown")] };
        let wanted = wanted.into_iter().filter(|counts| *counts).count();
        found.extend(require(hits == wanted, || format!("{id} counts {hits} lines of {what}, not {wanted}")));
    }
    found
}

/// Returns whether a metric counts a line, by what happened when it was logged and what it says.
fn counts(metric: &str, what: &str, line: &Value) -> Option<bool> {
    if let Some((_, counted)) = COUNTED.iter().find(|(name, _)| *name == metric) {
        return Some(counted.contains(&what));
    }
    let (_, reason) = REASONS.iter().find(|(name, _)| *name == metric)?;
    Some(text(&line["port_out_reasons"]).split(' ').any(|it| it == *reason))
}

/// Returns a line as the format of the access log gives it.
fn access_log_line(template: &Expanded, route: &str, status: &str) -> Value {
    let format = stage(template)["AccessLogSettings"]["Format"].as_str().unwrap_or_default().to_owned();
    let text = format.replace("$context.status", status).replace("$context.routeKey", route);
    serde_json::from_str(&text).unwrap_or_default()
}

/// Compares what is counted with lines of each route and status.
fn of_access_log(template: &Expanded, id: &str, metric: &str, pattern: &Pattern) -> Vec<String> {
    let Some((_, counted)) = OF_ACCESS_LOG.iter().find(|(name, _)| *name == metric) else {
        return vec![format!("{id} counts {metric}, which is unknown")];
    };
    let mut found = Vec::new();
    for route in [
        "POST /v1/port-outs",
        "POST /v1/webhooks/{source_id}/bandwidth",
        "POST /v1/webhooks/{source_id}/bandwidth-port-outs",
        "POST /v1/webhooks/{source_id}/port-outs",
        "POST /console/pin",
        "$default",
    ] {
        for status in ["200", "201", "204", "400", "401", "403", "404", "422", "429", "500", "503"] {
            let hit = pattern.holds(&access_log_line(template, route, status));
            let wanted = counted(status, route);
            found.extend(require(hit == wanted, || {
                format!("{id} counts {status} of {route}: {hit}, not {wanted}")
            }));
        }
    }
    found
}

/// Returns whether an answer only asks Bandwidth for its credentials, as each of its calls begins.
fn is_challenge(status: &str, route: &str) -> bool {
    status == "401" && route.contains("/bandwidth")
}

fn metric(filter: &Value) -> String {
    text(&filter["MetricTransformations"][0]["MetricName"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
