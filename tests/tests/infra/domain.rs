//! A domain of one's own is with mutual TLS or not at all, and then it is the only way in.

use serde_json::json;

use crate::expanded_template::Expanded;
use crate::findings::differs;

pub fn check(template: &Expanded) -> Vec<String> {
    let own = json!("HasDomain");
    let absent = json!({"Ref": "AWS::NoValue"});
    let property = |id, path| template.json.property(id, path);
    let wanted = [
        ("the domain's condition", &template.json.resource("Domain")["Condition"], own.clone()),
        ("the mapping's condition", &template.json.resource("DomainMapping")["Condition"], own),
        (
            "whether clients need certificates",
            property("Domain", "MutualTlsAuthentication"),
            json!({
                "TruststoreUri": {"Ref": "TruststoreUri"},
                "TruststoreVersion": {"Fn::If": ["HasTruststoreVersion", {"Ref": "TruststoreVersion"}, absent]},
            }),
        ),
        (
            "the domain's TLS",
            property("Domain", "DomainNameConfigurations/0/SecurityPolicy"),
            json!("TLS_1_2"),
        ),
        ("the domain's API", property("DomainMapping", "ApiId"), json!({"Ref": "Api"})),
        (
            "whether the API's own address is off",
            property(
                "Api",
                "Body/servers/0/x-amazon-apigateway-endpoint-configuration/disableExecuteApiEndpoint",
            ),
            json!({"Fn::If": ["HasDomain", true, false]}),
        ),
        (
            "when there is a domain",
            template.source.at("/Conditions/HasDomain"),
            json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "DomainName"}, ""]}]}),
        ),
        (
            "what a domain needs",
            template.source.at("/Rules/OwnDomain/Assertions/1/Assert"),
            json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "TruststoreUri"}, ""]}]}),
        ),
    ];
    wanted.iter().flat_map(|(what, there, wanted)| differs(what, there, wanted)).collect()
}

/// Checks the outputs that an operator needs after a deployment.
pub fn outputs(template: &Expanded) -> Vec<String> {
    let value = |name: &str| template.source.at(&format!("/Outputs/{name}/Value"));
    let wanted = [
        ("ApiUrl", json!({"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"})),
        ("DomainTarget", json!({"Fn::GetAtt": ["Domain", "RegionalDomainName"]})),
        ("TableName", json!({"Ref": "Table"})),
        ("EventsTableName", json!({"Ref": "EventsTable"})),
        ("EventsStreamArn", json!({"Fn::GetAtt": ["EventsTable", "StreamArn"]})),
        ("PinKeyArn", json!({"Fn::GetAtt": ["PinKey", "Arn"]})),
        ("AlarmTopicArn", json!({"Ref": "AlarmTopic"})),
    ];
    wanted.iter().flat_map(|(name, wanted)| differs(&format!("output {name}"), value(name), wanted)).collect()
}
