//! A domain name of one's own, mutual TLS on it, and the API's default endpoint are three switches.

use serde_json::{Value, json};

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
            json!({"Fn::If": ["HasTruststore", {
                "TruststoreUri": {"Ref": "TruststoreUri"},
                "TruststoreVersion": {"Fn::If": ["HasTruststoreVersion", {"Ref": "TruststoreVersion"}, absent]},
            }, absent]}),
        ),
        (
            "the certificate that proves who owns the name",
            property("Domain", "DomainNameConfigurations/0/OwnershipVerificationCertificateArn"),
            json!({"Fn::If": ["HasOwnershipCertificate", {"Ref": "OwnershipCertificateArn"}, absent]}),
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
            json!({"Fn::If": ["HasDefaultEndpoint", false, true]}),
        ),
    ];
    let conditions = [
        ("/Conditions/HasDomain", given("DomainName")),
        ("/Conditions/HasTruststore", given("TruststoreUri")),
        ("/Conditions/HasDefaultEndpoint", json!({"Fn::Equals": [{"Ref": "DefaultEndpoint"}, "enabled"]})),
        ("/Rules/CustomDomain/RuleCondition", given("DomainName")),
        ("/Rules/CustomDomain/Assertions/0/Assert", given("DomainCertificateArn")),
        ("/Rules/MutualTls/RuleCondition", given("TruststoreUri")),
        ("/Rules/MutualTls/Assertions/0/Assert", given("DomainName")),
        ("/Rules/NoDefaultEndpoint/Assertions/0/Assert", given("DomainName")),
        ("/Parameters/DefaultEndpoint/Default", json!("enabled")),
    ];
    let conditions = conditions.iter().flat_map(|(path, it)| differs(path, template.source.at(path), it));
    wanted.iter().flat_map(|(what, there, wanted)| differs(what, there, wanted)).chain(conditions).collect()
}

/// Returns the condition that a parameter has a value.
fn given(parameter: &str) -> Value {
    json!({"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]})
}

/// Checks the outputs that an operator needs after a deployment.
pub fn outputs(template: &Expanded) -> Vec<String> {
    let value = |name: &str| template.source.at(&format!("/Outputs/{name}/Value"));
    let wanted = [
        ("ApiUrl", json!({"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"})),
        ("DomainTarget", json!({"Fn::GetAtt": ["Domain", "RegionalDomainName"]})),
        ("TableName", json!({"Ref": "Table"})),
        ("TableArn", json!({"Fn::GetAtt": ["Table", "Arn"]})),
        ("EventsTableName", json!({"Ref": "EventsTable"})),
        ("EventsTableArn", json!({"Fn::GetAtt": ["EventsTable", "Arn"]})),
        ("EventsStreamArn", json!({"Fn::GetAtt": ["EventsTable", "StreamArn"]})),
        ("PinKeyArn", json!({"Fn::GetAtt": ["PinKey", "Arn"]})),
        ("WebhookKeyArn", json!({"Fn::GetAtt": ["WebhookKey", "Arn"]})),
        ("AlarmTopicArn", json!({"Ref": "AlarmTopic"})),
    ];
    wanted.iter().flat_map(|(name, wanted)| differs(&format!("output {name}"), value(name), wanted)).collect()
}
