//! A metric filter counts the log lines of one kind of error and no others.

use harness::iam::matches;
use harness::template::{Template, symbol};
use serde_json::{Value, json};

use crate::expanded_template::Expanded;
use crate::findings::{FUNCTIONS, differs, require};
use crate::observed_calls::{LINES, MEASURED};

/// Metrics of ours, with the lines that they count.
const COUNTED: [(&str, &[&str]); 8] = [
    ("SetPinFailures", &["5xx", "corrupt"]),
    ("StatusFailures", &["5xx", "corrupt"]),
    ("PortOutFailures", &["5xx", "corrupt"]),
    ("ProvisionFailures", &["5xx", "corrupt"]),
    ("WrongPinWaits", &["wait"]),
    ("LockedPins", &["pin_locked"]),
    ("CorruptRecords", &["corrupt"]),
    ("WebhookTemporaryRefusals", &["7598"]),
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
    for what in LINES {
        let hits = MEASURED.lines[what].iter().filter(|line| pattern.holds(line)).count();
        let wanted = if counted.contains(&what) { MEASURED.lines[what].len() } else { 0 };
        found.extend(require(hits == wanted, || format!("{id} counts {hits} lines of {what}, not {wanted}")));
    }
    found
}

fn metric(filter: &Value) -> String {
    text(&filter["MetricTransformations"][0]["MetricName"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// `{ $.field = "value" }`, with `*` for any text, or `{ $.field >= 500 }`.
struct Pattern {
    field: String,
    operator: String,
    value: Value,
}

impl Pattern {
    fn read(text: &str) -> Result<Self, String> {
        let strange = || format!("the pattern {text} is not understood");
        let inner =
            text.trim().strip_prefix("{ $.").and_then(|it| it.strip_suffix(" }")).ok_or_else(strange)?;
        let parts: Vec<_> = inner.splitn(3, ' ').collect();
        let [field, operator @ ("=" | ">="), value] = parts.as_slice() else { return Err(strange()) };
        let value = serde_json::from_str(value).map_err(|_| strange())?;
        Ok(Self { field: (*field).to_owned(), operator: (*operator).to_owned(), value })
    }

    fn holds(&self, line: &Value) -> bool {
        match (&self.value, &line[&self.field]) {
            (Value::String(wanted), Value::String(found)) if self.operator == "=" => matches(wanted, found),
            (Value::Number(least), Value::Number(found)) if self.operator == ">=" => {
                found.as_f64() >= least.as_f64()
            }
            (wanted, found) => self.operator == "=" && wanted == found,
        }
    }
}
