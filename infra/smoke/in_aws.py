"""Checks of what AWS made of the template, with the credentials of the shell. Changes nothing."""

import time
from functools import partial

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from outcome import Failed, Skipped, require


# Of each key: the parameter that names the one in use, the output with the first one, and what makes another.
KEYS = {
    "PIN key": ("PinKeyInUse", "PinKeyArn", "pin-key"),
    "webhook key": ("WebhookKeyInUse", "WebhookKeyArn", "webhook-key"),
}


def checks(stack):
    aws = Account(stack)
    named = [
        *((f"an administrator cannot compute with the {key}", partial(aws.key_refuses, key)) for key in KEYS),
        *((f"the {key} in use has the policy of the first", partial(aws.keys_agree, key)) for key in KEYS),
        ("status cannot read a digest", aws.status_reads_no_digest),
        ("every function's alias is at its newest version", aws.aliases_are_new),
        ("someone receives the alarms", aws.alarms_arrive),
        ("no alarm is on", aws.alarms_are_off),
        ("no function was denied access in the last hour", aws.nothing_was_denied),
    ]
    return [(name, lambda check=check: allowed(check)) for name, check in named]


def allowed(check):
    """Skips a check that these credentials may not make, or whose answer makes no sense."""
    try:
        check()
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        raise Skipped(str(error).splitlines()[0]) from None


class Account:
    def __init__(self, stack):
        self.stack = stack
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack.name)
        self.resources = {it["LogicalResourceId"]: it for page in pages for it in page["StackResourceSummaries"]}

    def client(self, service):
        return boto3.client(service, region_name=self.stack.region)

    def of_type(self, kind):
        return [it["PhysicalResourceId"] for it in self.resources.values() if it["ResourceType"] == kind]

    def key_in_use(self, key):
        parameter, output, _ = KEYS[key]
        return self.stack.parameters.get(parameter) or self.stack.output(output)

    def key_refuses(self, key):
        try:
            self.client("kms").generate_mac(KeyId=self.key_in_use(key), MacAlgorithm="HMAC_SHA_256", Message=b"smoke")
        except ClientError as error:
            require(error.response["Error"]["Code"] == "AccessDeniedException", f"{error}")
            return
        raise Failed("this shell may. A principal that can do this and read the table can guess PINs offline, or sign as a "
                     "webhook source")

    def keys_agree(self, key):
        _, output, command = KEYS[key]
        keys = {self.stack.output(output), self.key_in_use(key)}
        read = self.client("kms").get_key_policy
        policies = {read(KeyId=arn, PolicyName="default")["Policy"] for arn in keys}
        require(len(policies) == 1, f"they differ: run `make {command} KEY={self.key_in_use(key)}`")

    def status_reads_no_digest(self):
        role = self.resources["StatusRole"]["PhysicalResourceId"]
        arn = self.client("iam").get_role(RoleName=role)["Role"]["Arn"]
        context = [("dynamodb:Attributes", ["pk", "pin_digest"]), ("dynamodb:LeadingKeys", ["PIN#A"]),
                   ("dynamodb:Select", ["SPECIFIC_ATTRIBUTES"])]
        result = self.client("iam").simulate_principal_policy(
            PolicySourceArn=arn, ActionNames=["dynamodb:GetItem", "dynamodb:BatchGetItem"],
            ResourceArns=[self.stack.output("TableArn")],
            ContextEntries=[{"ContextKeyName": name, "ContextKeyValues": values, "ContextKeyType": "stringList"}
                            for name, values in context])
        decisions = {it["EvalDecision"] for it in result["EvaluationResults"]}
        require("allowed" not in decisions, "its role allows it")

    def aliases_are_new(self):
        client = self.client("lambda")
        for name in self.of_type("AWS::Lambda::Function"):
            pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
            versions = [int(it["Version"]) for page in pages for it in page["Versions"] if it["Version"] != "$LATEST"]
            alias = client.get_alias(FunctionName=name, Name="live")
            shifting = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights")
            require(not shifting, f"{name} is still moving traffic")
            require(alias["FunctionVersion"] == str(max(versions)),
                    f"{name} serves version {alias['FunctionVersion']} of {max(versions)}: it was rolled back")

    def alarms_arrive(self):
        topic = self.stack.output("AlarmTopicArn")
        found = self.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        require(any(it["SubscriptionArn"].startswith("arn:") for it in found), f"no confirmed subscription of {topic}")

    def alarms_are_off(self):
        alarms = self.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{self.stack.name}-", StateValue="ALARM")
        # The check of wrong credentials sets this one off.
        on = [it["AlarmName"] for it in alarms["MetricAlarms"] if "BandwidthCredentialsAlarm" not in it["AlarmName"]]
        require(not on, ", ".join(on))

    def nothing_was_denied(self):
        client, since = self.client("logs"), int((time.time() - 3600) * 1000)
        for group in self.of_type("AWS::Logs::LogGroup"):
            if group.startswith("/aws/lambda/"):
                found = client.filter_log_events(logGroupName=group, startTime=since,
                                                 filterPattern='{ $.error_code = "AccessDeniedException" }')
                require(not found["events"], f"see {group}: its role lacks a right")
