//! One-edit mistakes in the template, each with the check that must catch it.

/// A defect seeded into the template and the check that must find it.
pub struct Defect {
    /// What is wrong.
    pub name: &'static str,
    /// The check that must catch it.
    pub check: &'static str,
    /// Where: in this resource, or section of another kind, after these texts; parted by ` > `.
    pub place: &'static str,
    /// The original text.
    pub replace: &'static str,
    /// The defective text.
    pub with: &'static str,
}

const fn defect(
    name: &'static str,
    check: &'static str,
    place: &'static str,
    replace: &'static str,
    with: &'static str,
) -> Defect {
    Defect { name, check, place, replace, with }
}

/// A statement that lets a role do more.
const EVERYTHING: &str = "Action: dynamodb:*";

#[rustfmt::skip] // One defect a line or two reads better than one word a line.
pub const DEFECTS: &[Defect] = &[
    // Who gets in.
    defect("a route without a token", "routes", "StatusFunction > GetPin:",
        "AuthorizationScopes:", "Authorizer: NONE\n              Scopes:"),
    defect("everything else without a token", "routes", "StatusFunction > AnythingElse:",
        "{ ApiId: !Ref Api }", "{ ApiId: !Ref Api, Auth: { Authorizer: NONE } }"),
    defect("a wrong scope", "routes", "SetPinFunction", "}port-out-pin:write\"", "}port-out-pin:read\""),
    defect("a scope too many", "routes", "PortOutFunction > SubmitPortOut:",
        "AuthorizationScopes:\n", "AuthorizationScopes:\n                - accounts:manage\n"),
    defect("a scope without the prefix", "routes", "PortOutFunction > SubmitPortOut:", "${ScopePrefix}", ""),
    defect("a route without a scope", "routes", "ProvisionFunction > PutAccount:",
        "AuthorizationScopes:", "Authorizer: Tokens\n              Scopes:"),
    defect("scopes that the gateway cannot see", "routes", "Conditions:", "scope,scp", "scope,scp,roles"),
    defect("a webhook that wants a token", "routes", "BandwidthFunction > BandwidthWebhook:",
        "Authorizer: NONE", "Authorizer: Tokens"),
    defect("a route of another method", "routes", "SetPinFunction", "Method: PUT", "Method: POST"),
    defect("an unknown route", "routes", "StatusFunction > GetAccount:", "/v1/accounts/{account_id}", "/v1/account/{account_id}"),
    defect("a token from anywhere", "routes", "Api", "$request.header.Authorization", "$request.querystring.token"),
    defect("tokens of a fixed issuer", "routes", "Api", "!Ref JwtIssuer", "https://example.com"),
    defect("no throttling by default", "throttling", "Api > DefaultRouteSettings:", "ThrottlingRateLimit: !Ref DefaultRate\n", "ThrottlingRateLimit: 0\n"),
    defect("a throttled route that does not exist", "throttling", "Api", "POST /v1/port-outs\"", "POST /v1/portouts\""),
    defect("setting a PIN as often as anything else", "throttling", "Api", "PUT /v1/accounts/{account_id}/port-out-pin\"", "PUT /v1/accounts/{account_id}\""),
    // What alarms.
    defect("the token in the access log", "access log", "Api > Format:", "$context.requestTime", "$context.authorizer.claims"),
    defect("the path in the access log", "access log", "Api > Format:", "$context.routeKey", "$context.path"),
    defect("the answer's error text in the access log", "access log", "Api > Format:", "$context.integrationStatus", "$context.error.message"),
    defect("a line that is no JSON", "access log", "Api > Format:", r#"{"time": "#, r#"{time: "#),
    defect("access log elsewhere", "access log", "Api", "!GetAtt AccessLog.Arn", "!GetAtt StatusLog.Arn"),
    // What functions may do.
    defect("every verb", "roles", "StatusRole > Sid: ReadAccount", "Action: dynamodb:GetItem", EVERYTHING),
    defect("a verb too many", "roles", "SetPinRole > Sid: ReadAccount", "Action: dynamodb:GetItem", "Action: [dynamodb:GetItem, dynamodb:Scan]"),
    defect("a verb too few", "roles", "PortOutRole > Sid: CheckNumber", "Action: dynamodb:ConditionCheckItem", "Action: dynamodb:GetItem"),
    defect("every resource", "roles", "ProvisionRole > Sid: ChangeNumber", "Resource: !GetAtt Table.Arn", "Resource: \"*\""),
    defect("every leading key", "roles", "StatusRole > Sid: ReadPortOut", r#"["PORTOUT#*"]"#, r#"["*"]"#),
    defect("leading keys dropped", "roles", "PortOutRole > Sid: ChangeNumber", "                  ForAllValues:StringLike: { dynamodb:LeadingKeys: [\"NUMBER#*\"] }\n", ""),
    defect("a wrong leading key", "roles", "SetPinRole > Sid: ChangeAccount", r#"["ACCOUNT#*"]"#, r#"["NUMBER#*"]"#),
    defect("an attribute too many", "roles", "SetPinRole > Sid: ReadAccount", "pin_version, revision", "pin_version, pin_digest, revision"),
    defect("an attribute too few", "roles", "PortOutRole > Sid: ChangeAccount", "pin_digest, ", ""),
    defect("whole items", "roles", "ProvisionRole > Sid: ReadWebhook", "                  StringEqualsIfExists: { dynamodb:Select: SPECIFIC_ATTRIBUTES }\n", ""),
    defect("a role of another function", "roles", "StatusFunction", "!GetAtt StatusRole.Arn", "!GetAtt PortOutRole.Arn"),
    defect("a role for every service", "roles", "StatusRole", "lambda.amazonaws.com", "ec2.amazonaws.com"),
    defect("another function's log", "roles", "StatusRole", "${StatusLog.Arn}", "${PortOutLog.Arn}"),
    defect("an unknown condition operator", "roles", "StatusRole > Sid: ReadAccount", "StringEqualsIfExists", "StringEqualsIfExist"),
    defect("status reads digests", "secrets", "StatusRole > Sid: ReadAccount", "[pk, sk,", "[pk, sk, pin_digest,"),
    defect("status reads whole accounts", "secrets", "StatusRole > Sid: ReadAccount", "                  StringEqualsIfExists: { dynamodb:Select: SPECIFIC_ATTRIBUTES }\n", ""),
    // What functions are.
    defect("a variable that is never read", "environment", "SetPinFunction", "PBKDF2_ITERATIONS:", "PBKDF2_ROUNDS:"),
    defect("a local key", "environment", "ProvisionFunction", "PIN_KEY_ID:", "PIN_LOCAL_KEY:"),
    defect("no table", "environment", "Globals:", "        TABLE_NAME: !Ref Table\n", ""),
    defect("a key for status", "environment", "Globals:", "LOG_LEVEL: !Ref LogLevel", "PIN_KEY_ID: !GetAtt PinKey.Arn"),
    defect("Bandwidth's routes in the carriers' function", "environment", "BandwidthFunction", "ROUTES: bandwidth", "ROUTES: carrier"),
    defect("all routes in one function", "environment", "PortOutFunction", "          ROUTES: carrier\n", ""),
    defect("Bandwidth's requests in the carriers' function", "routes", "BandwidthFunction > BandwidthWebhook:", "/bandwidth\n", "/bandwidths\n"),
    defect("Bandwidth without concurrency of its own", "functions", "BandwidthFunction", "!Ref BandwidthConcurrency", "!Ref PortOutConcurrency"),
    defect("another function's binary", "functions", "StatusFunction", "target/lambda/status/", "target/lambda/set-pin/"),
    defect("too little memory for hashing", "functions", "PortOutFunction", "MemorySize: 1769", "MemorySize: 128"),
    defect("a time-out over the API's", "functions", "Globals:", "Timeout: 15", "Timeout: 60"),
    defect("a time-out under the function's own", "functions", "Globals:", "Timeout: 15", "Timeout: 3"),
    defect("no tracing", "functions", "Globals:", "Tracing: Active", "Tracing: PassThrough"),
    defect("another runtime", "functions", "Globals:", "provided.al2023", "provided.al2"),
    defect("a fixed processor", "functions", "Globals:", "[!Ref Architecture]", "[x86_64]"),
    defect("no reserved concurrency", "functions", "PortOutFunction", "      ReservedConcurrentExecutions: !Ref PortOutConcurrency\n", ""),
    defect("the slower processor by default", "processors", "  Architecture:", "Default: arm64", "Default: x86_64"),
    // What is noticed.
    defect("a filter on a misspelt field", "filters", "WrongPinWaitFilter", "$.problem_code", "$.problem.code"),
    defect("a filter on a value that is never logged", "filters", "LockedPinFilter", r#""yes""#, r#""true""#),
    defect("a filter that counts too much", "filters", "WebhookRefusalFilter", r#""*7598*""#, r#""*""#),
    defect("credentials refused under another name", "filters", "RefusedCredentialsFilter", "webhook_credentials", "credentials"),
    defect("Bandwidth's lines in another log", "filters", "UncoveredPortOutFilter", "!Ref BandwidthLog", "!Ref PortOutLog"),
    defect("throttled validations that are not counted", "filters", "BandwidthUnansweredFilter", r#"&& ($.status != "200") "#, r#"&& ($.status = "5*") "#),
    defect("every challenge an alarm", "filters", "BandwidthUnansweredFilter", r#" && ($.status != "401")"#, ""),
    defect("silence of Bandwidth taken for good", "alarms", "BandwidthSilenceAlarm", "TreatMissingData: breaching", "TreatMissingData: notBreaching"),
    defect("five refused passwords before an alarm", "alarms", "RefusedCredentialsAlarm", "Threshold: 1", "Threshold: 5"),
    defect("a filter on another log", "filters", "StatusFailureFilter", "!Ref StatusLog", "!Ref SetPinLog"),
    defect("an alarm on a metric that is never emitted", "alarms", "LockedPinsAlarm", "MetricName: LockedPins", "MetricName: LockedPin"),
    defect("an alarm on a function that does not exist", "alarms", "StatusSlowAlarm", "-status\"", "-state\""),
    defect("an alarm on a metric that AWS has under another name", "alarms", "ApiErrorsAlarm", "MetricName: 5xx", "MetricName: 5XXError"),
    defect("an alarm without a receiver", "alarms", "CorruptRecordsAlarm", "AlarmActions: [!Ref AlarmTopic]", "AlarmActions: []"),
    defect("an alarm in another namespace", "alarms", "WrongPinWaitsAlarm", "PortOut/", "PortOuts/"),
    defect("canaries without alarms", "canaries", "PortOutFunction", "      DeploymentPreference: { Alarms: [!Ref PortOutFailuresAlarm] }\n", ""),
    defect("a canary with another function's alarm", "canaries", "SetPinFunction", "!Ref SetPinFailuresAlarm", "!Ref StatusFailuresAlarm"),
    defect("no canaries", "canaries", "Globals:", "Type: !Ref DeploymentType", "Type: AllAtOnce"),
    defect("a topic for everybody", "topic", "AlarmTopicPolicy", "cloudwatch.amazonaws.com", "\"*\""),
    defect("a topic in plain text", "topic", "AlarmTopic", "KmsMasterKeyId: !Ref DataKey", "DisplayName: Alarms"),
    // What is kept.
    defect("a table without deletion protection", "table", "Table", "DeletionProtectionEnabled: true", "DeletionProtectionEnabled: false"),
    defect("a table that is not restorable", "table", "Table", "PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false"),
    defect("a table that goes with the stack", "table", "Table", "DeletionPolicy: Retain", "DeletionPolicy: Delete"),
    defect("a table with AWS's own key", "table", "Table", "        KMSMasterKeyId: !GetAtt DataKey.Arn\n", ""),
    defect("a table that forgets nothing", "table", "Table > TimeToLiveSpecification:", "Enabled: true", "Enabled: false"),
    defect("a table that forgets by the wrong attribute", "table", "Table", "AttributeName: expires_at", "AttributeName: received_at"),
    defect("a stream without what was written", "table", "Table", "NEW_IMAGE", "KEYS_ONLY\n        # no image"),
    defect("a key that goes with the stack", "keys", "PinKey", "DeletionPolicy: Retain", "DeletionPolicy: Delete"),
    defect("a key that goes when it is replaced", "keys", "NextPinKey", "UpdateReplacePolicy: Retain", "UpdateReplacePolicy: Delete"),
    defect("the wrong function hashes", "keys", "PinKey > Sid: Hash", "!GetAtt ProvisionRole.Arn", "!GetAtt StatusRole.Arn"),
    defect("a function that hashes may not", "keys", "PinKey > Sid: Hash", "[!GetAtt SetPinRole.Arn, ", "["),
    defect("any role may hash", "keys", "PinKey > Sid: NobodyElseHashes", "Effect: Deny", "Effect: Allow"),
    defect("administrators hash", "keys", "PinKey > Sid: Administer", "- kms:DescribeKey", "- kms:*"),
    defect("a key without an administrator", "keys", "NextPinKey > Sid: Administer", "              - kms:PutKeyPolicy\n", ""),
    defect("any role may check guesses", "keys", "PinKey > Sid: NobodyVerifies", "kms:VerifyMac, ", ""),
    defect("another kind of key", "keys", "PinKey", "HMAC_256", "HMAC_512"),
    defect("a data key that is never rotated", "keys", "DataKey", "EnableKeyRotation: true", "EnableKeyRotation: false"),
    defect("logs for ever", "logs", "PortOutLog", "      RetentionInDays: !Ref LogRetentionDays\n", ""),
    defect("logs in plain text", "logs", "AccessLog", "      KmsKeyId: !GetAtt DataKey.Arn\n", ""),
    defect("a function that logs elsewhere", "logs", "SetPinFunction", "!Ref SetPinLog", "!Ref StatusLog"),
    // The way in.
    defect("a domain without client certificates", "domain", "Domain", "TruststoreUri: !Ref TruststoreUri", "TruststoreUri: !Ref AWS::NoValue"),
    defect("a way around client certificates", "domain", "Api", "!If [HasDomain, true, false]", "false"),
    defect("a domain that was not requested", "domain", "Domain", "    Condition: HasDomain\n", ""),
    defect("a domain without a trust store", "domain", "Rules:", r#"!Not [!Equals [!Ref TruststoreUri, ""]]"#, r#"!Not [!Equals [!Ref DomainName, ""]]"#),
    defect("an output of another table", "outputs", "Outputs: > TableName:", "!Ref Table", "!Ref AlarmTopic"),
];
