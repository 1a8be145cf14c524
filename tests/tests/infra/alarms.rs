//! Every alarm watches an emitted metric and notifies the one topic; every metric that needs an alarm has one.

use harness::template::symbol;
use serde_json::{Value, json};

use crate::expanded_template::Expanded;
use crate::filters::emitted;
use crate::findings::{FUNCTIONS, differs, require};

/// Metrics of AWS that we use, with the one dimension that they have.
const OF_AWS: [(&str, &str, &str); 8] = [
    ("AWS/Lambda", "Errors", "FunctionName"),
    ("AWS/Lambda", "Invocations", "FunctionName"),
    ("AWS/Lambda", "Duration", "FunctionName"),
    ("AWS/Lambda", "Throttles", "FunctionName"),
    ("AWS/ApiGateway", "4xx", "ApiId"),
    ("AWS/ApiGateway", "5xx", "ApiId"),
    ("AWS/ApiGateway", "Count", "ApiId"),
    ("AWS/ApiGateway", "Latency", "ApiId"),
];
/// Metrics of ours that need an alarm.
const ALARMED: [&str; 13] = [
    "WrongPins",
    "WrongPinWaits",
    "LockedPins",
    "CorruptRecords",
    "WebhookTemporaryRefusals",
    "RefusedCredentials",
    "TooManyRequests",
    "BandwidthUnanswered",
    "BandwidthCredentials",
    "UncoveredPortOuts",
    "BandwidthAnswers",
    "ClientErrors",
    "UntoldCarriers",
];
/// Alarms that one line sets off: each is a port that may go through, or a lawful one that may not.
const AT_ONCE: [&str; 5] = [
    "BandwidthFailuresAlarm",
    "BandwidthUnansweredAlarm",
    "BandwidthCredentialsAlarm",
    "UncoveredPortOutsAlarm",
    "UntoldCarriersAlarm",
];
/// The alarms that sound when nothing is measured: each with its condition, the parameter that says for how long, the
/// seconds of its unit, and how many of them CloudWatch evaluates at most.
const SILENCES: [(&str, &str, &str, i64, i64); 2] = [
    ("SilenceAlarm", "WatchesSilence", "SilenceHours", 3600, 24),
    ("BandwidthSilenceAlarm", "WatchesBandwidthSilence", "BandwidthSilenceDays", 86_400, 7),
];
/// Functions whose time depends on most: what they wait for, the others wait for too. `protect` waits for the table
/// while an owner stops a port.
const TIMED: [&str; 4] = ["set-pin", "port-out", "bandwidth", "protect"];

/// One metric that an alarm looks at.
pub struct Watched {
    namespace: String,
    pub name: String,
    /// As `Name=Value`, parted by commas; empty if there is none.
    pub dimension: String,
    statistic: String,
}

pub fn check(template: &Expanded) -> Vec<String> {
    let alarms = template.json.of_type("AWS::CloudWatch::Alarm");
    let mut found: Vec<_> =
        alarms.iter().flat_map(|(id, alarm)| of_alarm(template, id, &alarm["Properties"])).collect();
    let all: Vec<_> = alarms.iter().flat_map(|(_, alarm)| watched(&alarm["Properties"])).collect();
    let is_watched =
        |name: &str, dimension: &str| all.iter().any(|it| it.name == name && it.dimension == dimension);
    for name in ALARMED {
        found.extend(require(is_watched(name, ""), || format!("no alarm watches {name}")));
    }
    for name in ["4xx", "5xx", "Count", "Latency"] {
        found.extend(require(is_watched(name, "ApiId=${Api}"), || {
            format!("no alarm watches the API's {name}")
        }));
    }
    for (resource, function) in FUNCTIONS {
        // One failure is enough where an alarm sounds at once, whatever the number of calls.
        let at_once = AT_ONCE.contains(&resource.replace("Function", "FailuresAlarm").as_str());
        for name in ["Errors", "Invocations", "Throttles", "Duration"] {
            if (name == "Duration" && !TIMED.contains(&function)) || (name == "Invocations" && at_once) {
                continue;
            }
            let dimension = format!("FunctionName=${{AWS::StackName}}-{function}");
            found.extend(require(is_watched(name, &dimension), || {
                format!("no alarm watches {function}'s {name}")
            }));
        }
    }
    found
}

fn of_alarm(template: &Expanded, id: &str, alarm: &Value) -> Vec<String> {
    let topic = json!([{"Ref": "AlarmTopic"}]);
    let mut found = differs(&format!("whom {id} tells"), &alarm["AlarmActions"], &topic);
    found.extend(differs(&format!("whom {id} tells of the end"), &alarm["OKActions"], &topic));
    found.extend(differs(
        &format!("what {id} makes of silence"),
        &alarm["TreatMissingData"],
        &json!(if is_silence(id) { "breaching" } else { "notBreaching" }),
    ));
    let at_once = alarm["Threshold"] == 1 && alarm["EvaluationPeriods"] == 1;
    found.extend(require(!AT_ONCE.contains(&id) || at_once, || format!("{id} waits for more than one line")));
    let below = alarm["ComparisonOperator"] == "LessThanThreshold";
    found.extend(require(below == is_silence(id), || format!("{id} compares in the wrong direction")));
    let metrics = watched(alarm);
    found.extend(require(!metrics.is_empty(), || format!("{id} watches nothing")));
    for metric in metrics {
        let (namespace, name, dimension) = (&metric.namespace, &metric.name, &metric.dimension);
        let plain = dimension.is_empty() || of_new_version(name, dimension);
        let ours = plain && emitted(&template.json).contains(&(namespace.clone(), name.clone()));
        let known = |(space, metric, key): &(&str, &str, &str)| {
            (space, metric) == (&namespace.as_str(), &name.as_str()) && is_there(template, key, dimension)
        };
        found.extend(require(ours || of_new_version(name, dimension) || OF_AWS.iter().any(known), || {
            format!("{id} watches {namespace} {name} {dimension}, which is never emitted")
        }));
        let average = name == "Duration" || name == "Latency";
        let wanted = if average { "p99" } else { "Sum" };
        found.extend(require(metric.statistic == wanted, || {
            format!("{id} looks at {} of {name}", metric.statistic)
        }));
        let few = &alarm["EvaluateLowSampleCountPercentile"];
        found.extend(require(!average || few == "ignore", || format!("{id} takes one slow request for p99")));
    }
    found
}

/// Returns whether the dimension is one of our functions, or our API.
fn is_there(template: &Expanded, key: &str, dimension: &str) -> bool {
    let Some(value) = dimension.strip_prefix(&format!("{key}=")) else { return false };
    let name =
        |(id, _): &(&str, &str)| symbol(template.json.property(id, "FunctionName")).unwrap_or_default();
    if key == "ApiId" { value == "${Api}" } else { FUNCTIONS.iter().any(|it| name(it) == value) }
}

/// Returns the metrics that an alarm looks at.
pub fn watched(alarm: &Value) -> Vec<Watched> {
    let single = alarm.get("MetricName").map(|_| metric(alarm, alarm));
    let several = alarm["Metrics"].as_array().into_iter().flatten().filter_map(|it| it.get("MetricStat"));
    single.into_iter().chain(several.map(|stat| metric(&stat["Metric"], stat))).collect()
}

fn metric(metric: &Value, how: &Value) -> Watched {
    let dimension = |it: &Value| {
        format!("{}={}", it["Name"].as_str().unwrap_or_default(), symbol(&it["Value"]).unwrap_or_default())
    };
    let dimensions: Vec<_> = metric["Dimensions"].as_array().into_iter().flatten().map(dimension).collect();
    let statistic = ["Statistic", "ExtendedStatistic", "Stat"].iter().find_map(|name| how[*name].as_str());
    Watched {
        namespace: symbol(&metric["Namespace"]).unwrap_or_default(),
        name: metric["MetricName"].as_str().unwrap_or_default().to_owned(),
        dimension: dimensions.join(","),
        statistic: statistic.unwrap_or_default().to_owned(),
    }
}

fn is_silence(id: &str) -> bool {
    SILENCES.iter().any(|it| it.0 == id)
}

/// Checks that silence is noticed after as long as a parameter says, and that it can be switched off.
pub fn silence(template: &Expanded) -> Vec<String> {
    let one = |(id, condition, parameter, unit, most): (&str, &str, &str, i64, i64)| {
        let alarm = template.json.resource(id);
        let properties = &alarm["Properties"];
        let value = |name: &str| template.source.at(&format!("/Parameters/{parameter}/{name}"));
        let switch = template.source.at(&format!("/Conditions/{condition}"));
        let wanted = [
            ("condition", &alarm["Condition"], json!(condition)),
            ("switch", switch, json!({"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, 0]}]})),
            ("period", &properties["Period"], json!(unit)),
            ("periods", &properties["EvaluationPeriods"], json!({"Ref": parameter})),
            ("comparison", &properties["ComparisonOperator"], json!("LessThanThreshold")),
            ("threshold", &properties["Threshold"], json!(1)),
            ("least", value("MinValue"), json!(0)),
            ("most", value("MaxValue"), json!(most)),
        ];
        let compare =
            |(what, there, wanted): &(&str, &Value, Value)| differs(&format!("{id}'s {what}"), there, wanted);
        wanted.iter().flat_map(compare).collect::<Vec<_>>()
    };
    SILENCES.into_iter().flat_map(one).collect()
}

/// Returns whether a dimension selects one version of a function only.
pub fn of_new_version(name: &str, dimension: &str) -> bool {
    let version = |key: &str| {
        let value = dimension.split(',').find_map(|it| it.strip_prefix(&format!("{key}=")));
        value.is_some_and(|value| value.contains("FunctionVersion") && value.ends_with(".Version}"))
    };
    (name.ends_with("Faults") && version("Version")) || (name == "Errors" && version("ExecutedVersion"))
}

/// Checks that the topic is encrypted and only CloudWatch and EventBridge may publish to it.
pub fn topic(template: &Expanded) -> Vec<String> {
    let topics = template.json.of_type("AWS::SNS::Topic");
    let mut found = require(topics.len() == 1, || format!("there are {} topics", topics.len()));
    found.extend(differs(
        "the topic's key",
        template.json.property("AlarmTopic", "KmsMasterKeyId"),
        &json!({"Ref": "DataKey"}),
    ));
    let statement = template.json.property("AlarmTopicPolicy", "PolicyDocument/Statement");
    let wanted = json!([{
        "Sid": "Alarms",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": {"Ref": "AlarmTopic"},
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }, {
        "Sid": "Changes",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": {"Ref": "AlarmTopic"},
    }]);
    found.extend(differs("who may send alarms", statement, &wanted));
    found
}
