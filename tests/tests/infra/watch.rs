//! Changes past the stack are reported, the dashboard shows metrics that exist, and a budget is a choice.

use serde_json::{Value, json};

use crate::expanded_template::Expanded;
use crate::filters::emitted;
use crate::findings::{differs, require};

/// Calls after which a PIN key or its policy is another.
const KEY_CHANGES: [&str; 4] = ["PutKeyPolicy", "DisableKey", "ScheduleKeyDeletion", "ReplicateKey"];

pub fn changes(template: &Expanded) -> Vec<String> {
    let target = json!([{"Id": "alarms", "Arn": {"Ref": "AlarmTopic"}}]);
    let mut found = Vec::new();
    for (rule, source) in [("KeyChanges", "aws.kms"), ("FunctionChanges", "aws.lambda")] {
        let properties = &template.json.resource(rule)["Properties"];
        found.extend(differs(&format!("whom {rule} tells"), &properties["Targets"], &target));
        found.extend(require(properties["State"] != "DISABLED", || format!("{rule} is disabled")));
        let pattern = &properties["EventPattern"];
        found.extend(differs(&format!("what {rule} watches"), &pattern["source"], &json!([source])));
        let kind = json!(["AWS API Call via CloudTrail"]);
        found.extend(differs(&format!("{rule}'s kind of event"), &pattern["detail-type"], &kind));
    }
    let detail = template.json.property("KeyChanges", "EventPattern/detail");
    for call in KEY_CHANGES {
        let named = detail["eventName"].as_array().is_some_and(|all| all.iter().any(|it| it == call));
        found.extend(require(named, || format!("{call} is not reported")));
    }
    let absent = json!({"Ref": "AWS::NoValue"});
    let own = |key: &str| json!({"Fn::GetAtt": [key, "Arn"]});
    let other =
        |key: &str| json!({"Fn::If": [format!("HasOther{key}"), {"Ref": format!("{key}InUse")}, absent]});
    let of_console = json!({"Fn::If": ["HasConsole", own("ConsoleKey"), absent]});
    let keys = json!([own("PinKey"), other("PinKey"), own("WebhookKey"), other("WebhookKey"), of_console]);
    found.extend(differs("the keys that are watched", &detail["resources"]["ARN"], &keys));
    let detail = template.json.property("FunctionChanges", "EventPattern/detail");
    let ours = json!([{"wildcard": {"Fn::Sub": "*${AWS::StackName}-*"}}]);
    found.extend(differs(
        "the functions that are watched",
        &detail["requestParameters"]["functionName"],
        &ours,
    ));
    let code = detail["eventName"].to_string().contains("UpdateFunctionCode");
    found.extend(require(code, || "another code is not reported".to_owned()));
    found
}

/// Checks that changed and removed events are reported, and that what reports them can read and send nothing else.
pub fn events(template: &Expanded) -> Vec<String> {
    let pipes = template.json.of_type("AWS::Pipes::Pipe");
    let [(_, pipe)] = pipes.as_slice() else { return vec![format!("there are {} pipes", pipes.len())] };
    let (pipe, stream) = (&pipe["Properties"], json!({"Fn::GetAtt": ["EventsTable", "StreamArn"]}));
    let parameters = &pipe["SourceParameters"];
    let filters = &parameters["FilterCriteria"]["Filters"];
    let pattern = filters[0]["Pattern"].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let start = &parameters["DynamoDBStreamParameters"]["StartingPosition"];
    let mut found = differs("what is watched", &pipe["Source"], &stream);
    found.extend(differs("the changes", &json!(pattern), &json!({"eventName": ["MODIFY", "REMOVE"]})));
    found.extend(differs("other filters", &filters[1], &Value::Null));
    found.extend(differs("the first record", start, &json!("TRIM_HORIZON")));
    found.extend(differs("whom the pipe tells", &pipe["Target"], &json!({"Ref": "AlarmTopic"})));
    found.extend(require(pipe["DesiredState"] != "STOPPED", || "the pipe is stopped".to_owned()));
    let told = pipe["TargetParameters"]["InputTemplate"].as_str().unwrap_or_default();
    found.extend(require(!told.contains("Image") && !told.contains("<$>"), || {
        "the alarm tells what events say".to_owned()
    }));
    let (role, what) = ("ChangedEventsRole", "Policies/0/PolicyDocument/Statement");
    found.extend(differs("the pipe's role", &pipe["RoleArn"], &json!({"Fn::GetAtt": [role, "Arn"]})));
    let statements = template.json.property(role, what).as_array().cloned().unwrap_or_default();
    let resources: Vec<_> = statements.iter().map(|it| it["Resource"].clone()).collect();
    let all = json!([stream, {"Ref": "AlarmTopic"}, {"Fn::GetAtt": ["DataKey", "Arn"]}]);
    found.extend(differs("what the pipe may touch", &json!(resources), &all));
    found
}

/// Checks that each metric of ours on the dashboard is emitted by a filter.
pub fn dashboard(template: &Expanded) -> Vec<String> {
    let body = template.json.property("Dashboard", "DashboardBody/Fn::Sub").as_str().unwrap_or_default();
    let Ok(body) = serde_json::from_str::<Value>(body) else {
        return vec!["the dashboard is not JSON".to_owned()];
    };
    let emitted: Vec<_> = emitted(&template.json).into_iter().map(|(_, name)| name).collect();
    let widgets = body["widgets"].as_array().cloned().unwrap_or_default();
    let mut found = require(widgets.len() >= 4, || "the dashboard is empty".to_owned());
    for widget in widgets {
        let metrics = widget["properties"]["metrics"].as_array().cloned().unwrap_or_default();
        let ours = metrics.first().is_some_and(|it| it[0].to_string().contains("PortOut/"));
        for metric in metrics.iter().filter(|_| ours).filter_map(|it| it[1].as_str()) {
            found.extend(require(emitted.iter().any(|it| it == metric), || {
                format!("the dashboard shows {metric}, which is never emitted")
            }));
        }
    }
    found
}

/// Checks that there is a budget only if it has an amount and a receiver.
pub fn budget(template: &Expanded) -> Vec<String> {
    let budget = template.json.resource("Budget");
    let amount = &budget["Properties"]["Budget"]["BudgetLimit"]["Amount"];
    let mut found = differs("the budget's condition", &budget["Condition"], &json!("HasBudget"));
    found.extend(differs("the budget's amount", amount, &json!({"Ref": "MonthlyBudget"})));
    let has_amount = json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "MonthlyBudget"}, 0]}]});
    let wanted = json!({"Fn::And": [{"Condition": "HasAlarmEmail"}, has_amount]});
    found.extend(differs("when there is a budget", template.source.at("/Conditions/HasBudget"), &wanted));
    found
}
