//! The table is kept, protected, encrypted with our key, restorable to any second, and forgets what it should.

use serde_json::json;

use crate::expanded_template::Expanded;
use crate::findings::differs;

pub fn check(template: &Expanded) -> Vec<String> {
    let table = template.json.resource("Table");
    let properties = &table["Properties"];
    let wanted = [
        ("DeletionProtectionEnabled", json!(true)),
        ("PointInTimeRecoverySpecification", json!({"PointInTimeRecoveryEnabled": true})),
        (
            "SSESpecification",
            json!({"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": {"Fn::GetAtt": ["DataKey", "Arn"]}}),
        ),
        ("TimeToLiveSpecification", json!({"AttributeName": "expires_at", "Enabled": true})),
        ("StreamSpecification", json!({"StreamViewType": "NEW_IMAGE"})),
        ("BillingMode", json!("PAY_PER_REQUEST")),
    ];
    let of_table = ["DeletionPolicy", "UpdateReplacePolicy"].into_iter();
    let kept =
        of_table.flat_map(|name| differs(&format!("the table's {name}"), &table[name], &json!("Retain")));
    let property =
        wanted.iter().flat_map(|(name, it)| differs(&format!("the table's {name}"), &properties[*name], it));
    kept.chain(property).collect()
}
