"""Makes another key, and counts what still needs one. Called by `make pin-key`, `make webhook-key`, and `make key-use`."""

import os
import re
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from failure import Failure
from stack import Stack

# Output with the first key, what a key is for, and the parameter that names the one in use.
KINDS = {
    "pin": ("PinKeyArn", "keyed hash of PINs", "PinKeyInUse"),
    "webhook": ("WebhookKeyArn", "secrets of webhook sources", "WebhookKeyInUse"),
}
# Every attribute that names the key under it: of PINs, of port-outs and their PONs, and of webhook sources.
NAMING = ["pin_parameters", "pin_fingerprint", "secret_key_id", "previous_key_id"]


def new_key(kind):
    """Creates a key with the policy of the first one of its kind; KEY gives another key that policy instead."""
    output, purpose, parameter = KINDS[kind]
    stack = Stack.of_environment()
    kms = boto3.client("kms", region_name=stack.region)
    first = stack.output(output)
    policy = kms.get_key_policy(KeyId=first, PolicyName="default")["Policy"]
    if os.environ.get("KEY"):
        kms.put_key_policy(KeyId=os.environ["KEY"], PolicyName="default", Policy=policy)
        print(f"{os.environ['KEY']} has the policy of {first}")
        return
    tags = [{"TagKey": name, "TagValue": value} for name, value in {**stack.default_tags(), **stack.tags}.items()]
    key = kms.create_key(
        KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC", MultiRegion=True, Policy=policy,
        Description=f"{stack.name}: {purpose}", Tags=[tag for tag in tags if ":" not in tag["TagKey"]],
    )["KeyMetadata"]["Arn"]
    print(f'{key}\nTo use it: make deploy STAGE={stack.stage} PARAMS="{parameter}={key}"')


def count_uses():
    """Reads the whole table of the state, at the price of reading it. Events name no key."""
    key = os.environ.get("KEY", "")
    if not re.fullmatch(r"\S+", key):
        raise Failure("KEY must be the ARN of a PIN key or webhook key")
    table = os.environ.get("TABLE") or Stack.of_environment().output("TableName")
    pages = boto3.client("dynamodb", region_name=os.environ.get("AWS_REGION")).get_paginator("scan").paginate(
        TableName=table,
        FilterExpression=" OR ".join(f"contains({name}, :key)" for name in NAMING),
        ExpressionAttributeValues={":key": {"S": key}},
        ProjectionExpression=", ".join(NAMING),
    )
    counts = dict.fromkeys(NAMING, 0)
    for page in pages:
        for item in page["Items"]:
            for name in NAMING:
                counts[name] += key in item.get(name, {}).get("S", "")
    for name, count in counts.items():
        print(f"{name}\t{count}")
    if any(counts.values()):
        raise Failure("this key is still needed")


if __name__ == "__main__":
    try:
        {"new": new_key, "use": count_uses}[sys.argv[1]](*sys.argv[2:])
    except (Failure, BotoCoreError, ClientError) as failure:
        sys.exit(f"error: {failure}")
