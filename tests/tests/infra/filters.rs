//! A metric filter counts the log lines of one kind of error and no others.

use harness::iam::matches;
use harness::template::{Template, symbol};
use serde_json::{Value, json};

use crate::expanded_template::Expanded;
use crate::findings::{FUNCTIONS, differs, require};
use crate::observed_calls::{LINES, MEASURED};

/// Metrics of ours, with the lines that they count.
const COUNTED: [(&str, &[&str]); 12] = [
    ("SetPinFailures", &["5xx", "corrupt"]),
    ("StatusFailures", &["5xx", "corrupt"]),
    ("PortOutFailures", &["5xx", "corrupt"]),
    ("ProvisionFailures", &["5xx", "corrupt"]),
    ("BandwidthFailures", &["5xx", "corrupt"]),
    ("WrongPinWaits", &["wait"]),
    ("LockedPins", &["pin_locked"]),
    ("CorruptRecords", &["corrupt"]),
    ("WebhookTemporaryRefusals", &["7598", "credentials"]),
    ("RefusedCredentials", &["credentials"]),
    ("UncoveredPortOuts", &["uncovered"]),
    ("BandwidthAnswers", &["7598", "credentials"]),
];
/// The metric that counts lines of the API's own log, and that also some of the usual lines are counted by this one.
const UNANSWERED: &str = "BandwidthUnanswered";
const ANSWERS: &str = "BandwidthAnswers";
/// Metrics of lines that only the function `bandwidth` logs.
const OF_BANDWIDTH: [&str; 5] =
    ["BandwidthFailures", "WebhookTemporaryRefusals", "RefusedCredentials", "UncoveredPortOuts", ANSWERS];

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
    for (metric, _) in COUNTED {
        found.extend(require(emitted.iter().any(|it| it == metric), || format!("nothing counts {metric}")));
    }
    // Failures and corrupt records are counted for every function.
    for (resource, function) in FUNCTIONS {
        let group = template.json.property(resource, "LoggingConfig/LogGroup").clone();
        let metrics: Vec<_> =
            filters.iter().filter(|(_, it)| it["Properties"]["LogGroupName"] == group).collect();
        let metrics: Vec<_> = metrics.iter().map(|(_, it)| metric(&it["Properties"])).collect();
        let failures = format!("{}Failures", resource.trim_end_matches("Function"));
        for wanted in [failures.as_str(), "CorruptRecords"] {
            found.extend(require(metrics.iter().any(|it| it == wanted), || {
                format!("{function}: nothing counts {wanted}")
            }));
        }
    }
    found
}

fn of_filter(template: &Expanded, id: &str, filter: &Value) -> Vec<String> {
    let metric = metric(filter);
    if metric == UNANSWERED {
        return unanswered(id, filter);
    }
    let Some((_, counted)) = COUNTED.iter().find(|(name, _)| *name == metric) else {
        return vec![format!("{id} counts {metric}, which is unknown")];
    };
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
    found.extend(require(!OF_BANDWIDTH.contains(&metric.as_str()) || group == "BandwidthLog", || {
        format!("{id} watches {group}, where its lines are not")
    }));
    for what in LINES.into_iter().filter(|what| metric != ANSWERS || *what != "usual") {
        let hits = MEASURED.lines[what].iter().filter(|line| pattern.holds(line)).count();
        let wanted = if counted.contains(&what) { MEASURED.lines[what].len() } else { 0 };
        found.extend(require(hits == wanted, || format!("{id} counts {hits} lines of {what}, not {wanted}")));
    }
    found
}

/// Checks that the filter of the API's log counts what Bandwidth takes for an approval, and nothing else.
fn unanswered(id: &str, filter: &Value) -> Vec<String> {
    let mut found = differs(&format!("{id}'s log"), &filter["LogGroupName"], &json!({"Ref": "AccessLog"}));
    let pattern = match Pattern::read(&text(&filter["FilterPattern"])) {
        Ok(pattern) => pattern,
        Err(error) => return vec![format!("{id}: {error}")],
    };
    for (route, status, counts) in [
        ("POST /v1/webhooks/{source_id}/bandwidth", "200", false),
        ("POST /v1/webhooks/{source_id}/bandwidth", "401", false),
        ("POST /v1/webhooks/{source_id}/bandwidth", "403", true),
        ("POST /v1/webhooks/{source_id}/bandwidth", "429", true),
        ("POST /v1/webhooks/{source_id}/bandwidth", "503", true),
        ("POST /v1/webhooks/{source_id}/port-outs", "429", false),
        ("POST /v1/webhooks/{source_id}/bandwidth-port-outs", "429", false),
        ("$default", "404", false),
    ] {
        let holds = pattern.holds(&json!({"route": route, "status": status}));
        found.extend(require(holds == counts, || format!("{id} counts {holds} for {status} of {route}")));
    }
    found
}

fn metric(filter: &Value) -> String {
    text(&filter["MetricTransformations"][0]["MetricName"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Terms such as `$.field = "value"`, with `*` for any text, `$.field != "value"` or `$.field >= 500`, all of which
/// hold.
struct Pattern(Vec<Term>);

struct Term {
    field: String,
    operator: String,
    value: Value,
}

impl Pattern {
    fn read(text: &str) -> Result<Self, String> {
        let strange = || format!("the pattern {text} is not understood");
        let inner =
            text.trim().strip_prefix("{ ").and_then(|it| it.strip_suffix(" }")).ok_or_else(strange)?;
        let terms = inner.split(" && ").map(|term| {
            Term::read(term.strip_prefix('(').and_then(|it| it.strip_suffix(')')).unwrap_or(term))
        });
        terms.collect::<Option<_>>().map(Self).ok_or_else(strange)
    }

    fn holds(&self, line: &Value) -> bool {
        self.0.iter().all(|term| term.holds(line))
    }
}

impl Term {
    fn read(text: &str) -> Option<Self> {
        let parts: Vec<_> = text.strip_prefix("$.")?.splitn(3, ' ').collect();
        let [field, operator @ ("=" | "!=" | ">="), value] = parts.as_slice() else { return None };
        let value = serde_json::from_str(value).ok()?;
        Some(Self { field: (*field).to_owned(), operator: (*operator).to_owned(), value })
    }

    fn holds(&self, line: &Value) -> bool {
        let is_equal = match (&self.value, &line[&self.field]) {
            (Value::String(wanted), Value::String(found)) => matches(wanted, found),
            (Value::Number(least), Value::Number(found)) if self.operator == ">=" => {
                return found.as_f64() >= least.as_f64();
            }
            (wanted, found) => wanted == found,
        };
        match self.operator.as_str() {
            "=" => is_equal,
            "!=" => !is_equal,
            _ => false,
        }
    }
}
