"""Creates, in moto, a stack with what `make smoke` and others look at: good, or with what `make smoke` looks for."""

import io
import json
import sys
import zipfile

import boto3

url, good, name = sys.argv[1], sys.argv[2] == "good", sys.argv[3]


def client(service):
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id="k",
                        aws_secret_access_key="s")


attributes = ["pk"] if good else ["pk", "pin_digest"]
policy = {"Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*",
    "Condition": {"ForAllValues:StringEquals": {"dynamodb:Attributes": attributes}}}}
trust = {"Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}


def table(suffix):
    return {"Type": "AWS::DynamoDB::Table", "Properties": {
        "TableName": f"{name}-{suffix}", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}}


key = {"Type": "AWS::KMS::Key", "Properties": {
    "KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC", "KeyPolicy": {"Version": "2012-10-17"}}}
template = {
    "Resources": {
        "PinKey": key,
        "WebhookKey": key,
        "StatusRole": {"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": trust, "Policies": [{"PolicyName": "table", "PolicyDocument": policy}]}},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Table": table("table"),
        "EventsTable": table("events"),
        "StatusLog": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": f"/aws/lambda/{name}-status"}},
    },
    "Outputs": {
        "ApiUrl": {"Value": "http://127.0.0.1:9"},
        "PinKeyArn": {"Value": {"Fn::GetAtt": ["PinKey", "Arn"]}},
        "WebhookKeyArn": {"Value": {"Fn::GetAtt": ["WebhookKey", "Arn"]}},
        "AlarmTopicArn": {"Value": {"Ref": "Topic"}},
        "TableName": {"Value": {"Ref": "Table"}},
        "TableArn": {"Value": {"Fn::GetAtt": ["Table", "Arn"]}},
    },
}
cloudformation = client("cloudformation")
cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
topic = next(it["OutputValue"] for it in stack["Outputs"] if it["OutputKey"] == "AlarmTopicArn")
# moto keeps the template's policy as a dictionary, and KMS answers text.
for key in (it["OutputValue"] for it in stack["Outputs"] if it["OutputKey"] in {"PinKeyArn", "WebhookKeyArn"}):
    client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps({"Version": "2012-10-17"}))
client("s3").create_bucket(Bucket="exports")
for suffix in ("table", "events"):
    client("dynamodb").update_continuous_backups(
        TableName=f"{name}-{suffix}", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
if good:
    client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="desk@example.com")
else:
    client("cloudwatch").put_metric_alarm(
        AlarmName=f"{name}-ApiErrors", MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1, Threshold=1,
        Statistic="Sum", ComparisonOperator="GreaterThanThreshold")
    client("cloudwatch").set_alarm_state(AlarmName=f"{name}-ApiErrors", StateValue="ALARM", StateReason="r")
