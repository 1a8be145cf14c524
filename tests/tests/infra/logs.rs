//! Logs are kept for a time that the operator chooses, encrypted, and every function writes to its own.

use serde_json::json;

use crate::expanded_template::Expanded;
use crate::findings::{FUNCTIONS, differs, same};

pub fn check(template: &Expanded) -> Vec<String> {
    let groups = template.json.of_type("AWS::Logs::LogGroup");
    let names: Vec<_> = groups.iter().map(|(id, _)| (*id).to_owned()).collect();
    let of_function = |(resource, _): &(&str, &str)| resource.replace("Function", "Log");
    let wanted: Vec<_> = FUNCTIONS.iter().map(of_function).chain(["AccessLog".to_owned()]).collect();
    let mut found = same("log groups", &names, &wanted);
    for (id, group) in &groups {
        let properties = &group["Properties"];
        // Plain Retain would also keep them, and their names, when a first deployment fails.
        for (policy, wanted) in
            [("DeletionPolicy", "RetainExceptOnCreate"), ("UpdateReplacePolicy", "Retain")]
        {
            found.extend(differs(&format!("{id}'s {policy}"), &group[policy], &json!(wanted)));
        }
        found.extend(differs(
            &format!("{id}'s retention"),
            &properties["RetentionInDays"],
            &json!({"Ref": "LogRetentionDays"}),
        ));
        found.extend(differs(
            &format!("{id}'s key"),
            &properties["KmsKeyId"],
            &json!({"Fn::GetAtt": ["DataKey", "Arn"]}),
        ));
    }
    let name = template.json.property("AccessLog", "LogGroupName");
    let vended = json!({"Fn::Sub": "/aws/vendedlogs/apis/${AWS::StackName}"});
    found.extend(differs("the access log's name", name, &vended));
    for (resource, function) in FUNCTIONS {
        let there = template.json.property(resource, "LoggingConfig");
        let own = json!({"LogGroup": {"Ref": of_function(&(resource, function))}});
        found.extend(differs(&format!("where {function} logs"), there, &own));
    }
    found
}
