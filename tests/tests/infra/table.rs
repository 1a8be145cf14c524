//! The tables are kept, protected, encrypted with our key, and restorable to any second. The state forgets what it should
//! and has no stream, which would carry digests; the events are never forgotten, and streamed.

use runtime::store::key::Index;
use serde_json::{Value, json};

use crate::expanded_template::Expanded;
use crate::findings::{differs, same};

const INDEXES: [Index; 3] = [Index::Lists, Index::Carriers, Index::Open];

pub fn check(template: &Expanded) -> Vec<String> {
    let there: Vec<_> = template.json.of_type("AWS::DynamoDB::Table").into_iter().map(|(id, _)| id).collect();
    let state = [
        ("TimeToLiveSpecification", json!({"AttributeName": "expires_at", "Enabled": true})),
        ("StreamSpecification", Value::Null),
        ("GlobalSecondaryIndexes", INDEXES.map(index).into()),
    ];
    let events = [
        ("TimeToLiveSpecification", Value::Null),
        ("StreamSpecification", json!({"StreamViewType": "NEW_IMAGE"})),
        ("GlobalSecondaryIndexes", Value::Null),
    ];
    let mut found = same("tables", &there, &["Table", "EventsTable"]);
    found.extend(of_table(template, ("Table", "RestorePrefix"), state));
    found.extend(of_table(template, ("EventsTable", "RestoreEventsPrefix"), events));
    found.extend(restored_together(template));
    found
}

/// Checks that one table cannot be restored without the other.
fn restored_together(template: &Expanded) -> Vec<String> {
    let given = |name: &str| json!({"Fn::Not": [{"Fn::Equals": [{"Ref": name}, ""]}]});
    let wanted = [
        ("/Conditions/RestoresTables", "RestorePrefix"),
        ("/Rules/Restore/RuleCondition", "RestorePrefix"),
        ("/Rules/Restore/Assertions/0/Assert", "RestoreBucket"),
        ("/Rules/Restore/Assertions/1/Assert", "RestoreEventsPrefix"),
        ("/Rules/RestoreEvents/RuleCondition", "RestoreEventsPrefix"),
        ("/Rules/RestoreEvents/Assertions/0/Assert", "RestorePrefix"),
    ];
    wanted.iter().flat_map(|(path, name)| differs(path, template.source.at(path), &given(name))).collect()
}

/// Checks a table that is restored from the export whose prefix a parameter gives.
fn of_table(template: &Expanded, (id, export): (&str, &str), own: [(&str, Value); 3]) -> Vec<String> {
    let table = template.json.resource(id);
    let common = [
        ("DeletionProtectionEnabled", json!(true)),
        ("PointInTimeRecoverySpecification", json!({"PointInTimeRecoveryEnabled": true})),
        (
            "SSESpecification",
            json!({"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": {"Fn::GetAtt": ["DataKey", "Arn"]}}),
        ),
        ("BillingMode", json!("PAY_PER_REQUEST")),
        ("KeySchema", key_schema(["pk", "sk"])),
        (
            "ImportSourceSpecification",
            json!({"Fn::If": ["RestoresTables", {
                "S3BucketSource": {"S3Bucket": {"Ref": "RestoreBucket"}, "S3KeyPrefix": {"Ref": export}},
                "InputFormat": "DYNAMODB_JSON",
                "InputCompressionType": "GZIP",
            }, {"Ref": "AWS::NoValue"}]}),
        ),
    ];
    let of_table = ["DeletionPolicy", "UpdateReplacePolicy"].into_iter();
    let kept = of_table.flat_map(|name| differs(&format!("{id}'s {name}"), &table[name], &json!("Retain")));
    let property = |(name, wanted): (&str, Value)| {
        differs(&format!("{id}'s {name}"), &table["Properties"][name], &wanted)
    };
    kept.chain(common.into_iter().chain(own).flat_map(property)).collect()
}

/// Returns an index that copies nothing but keys.
fn index(index: Index) -> Value {
    json!({
        "IndexName": index.name(),
        "KeySchema": key_schema(index.keys()),
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    })
}

fn key_schema([partition, sort]: [&str; 2]) -> Value {
    json!([{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}])
}
