//! Every alarm watches an emitted metric and notifies the one topic; every metric that needs an alarm has one.

use harness::template::{at, symbol};
use serde_json::{Value, json};

use crate::expanded_template::Expanded;
use crate::filters::emitted;
use crate::findings::{FUNCTIONS, differs, require};

/// Metrics of AWS that we use, with the one dimension that they have.
const OF_AWS: [(&str, &str, &str); 5] = [
    ("AWS/Lambda", "Errors", "FunctionName"),
    ("AWS/Lambda", "Duration", "FunctionName"),
    ("AWS/Lambda", "Throttles", "FunctionName"),
    ("AWS/ApiGateway", "5xx", "ApiId"),
    ("AWS/ApiGateway", "Latency", "ApiId"),
];
/// Metrics of ours that need an alarm.
const ALARMED: [&str; 8] = [
    "WrongPinWaits",
    "LockedPins",
    "CorruptRecords",
    "WebhookTemporaryRefusals",
    "BandwidthUnanswered",
    "RefusedCredentials",
    "UncoveredPortOuts",
    "BandwidthAnswers",
];
/// Alarms that one line sets off: each is a port that may go through, or a lawful one that may not.
const AT_ONCE: [&str; 4] = [
    "BandwidthFailuresAlarm",
    "BandwidthUnansweredAlarm",
    "RefusedCredentialsAlarm",
    "UncoveredPortOutsAlarm",
];
/// The alarm that sounds when nothing is measured.
const SILENCE: &str = "BandwidthSilenceAlarm";

/// One metric that an alarm looks at.
struct Watched {
    namespace: String,
    name: String,
    /// As `Name=Value`; empty if there is none.
    dimension: String,
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
    for name in ["5xx", "Latency"] {
        found.extend(require(is_watched(name, "ApiId=${Api}"), || {
            format!("no alarm watches the API's {name}")
        }));
    }
    for (_, function) in FUNCTIONS {
        for name in ["Errors", "Duration", "Throttles"] {
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
        &json!(if id == SILENCE { "breaching" } else { "notBreaching" }),
    ));
    let at_once = alarm["Threshold"] == 1 && alarm["EvaluationPeriods"] == 1;
    found.extend(require(!AT_ONCE.contains(&id) || at_once, || format!("{id} waits for more than one line")));
    let below = alarm["ComparisonOperator"] == "LessThanThreshold";
    found.extend(require(below == (id == SILENCE), || format!("{id} compares in the wrong direction")));
    let metrics = watched(alarm);
    found.extend(require(!metrics.is_empty(), || format!("{id} watches nothing")));
    for metric in metrics {
        let (namespace, name, dimension) = (&metric.namespace, &metric.name, &metric.dimension);
        let ours =
            dimension.is_empty() && emitted(&template.json).contains(&(namespace.clone(), name.clone()));
        let known = |(space, metric, key): &(&str, &str, &str)| {
            (space, metric) == (&namespace.as_str(), &name.as_str()) && is_there(template, key, dimension)
        };
        found.extend(require(ours || OF_AWS.iter().any(known), || {
            format!("{id} watches {namespace} {name} {dimension}, which is never emitted")
        }));
        let average = name == "Duration" || name == "Latency";
        let wanted = if average { "p99" } else { "Sum" };
        found.extend(require(metric.statistic == wanted, || {
            format!("{id} looks at {} of {name}", metric.statistic)
        }));
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

fn watched(alarm: &Value) -> Vec<Watched> {
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

/// Checks that a new version gets traffic step by step, and that its failures move it back.
pub fn canaries(template: &Expanded) -> Vec<String> {
    let mut found = Vec::new();
    for (resource, function) in FUNCTIONS {
        let name = resource.trim_end_matches("Function");
        let group = &template.json.resource(&format!("{resource}DeploymentGroup"))["Properties"];
        let alarms = json!({"Enabled": true, "Alarms": [{"Name": {"Ref": format!("{name}FailuresAlarm")}}]});
        found.extend(differs(&format!("{function}'s canary watches"), &group["AlarmConfiguration"], &alarms));
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

/// Checks that the topic is encrypted and only CloudWatch may publish to it.
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
    }]);
    found.extend(differs("who may send alarms", statement, &wanted));
    found
}
