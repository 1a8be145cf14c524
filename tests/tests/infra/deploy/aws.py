"""Makes one call as the AWS CLI would, given its arguments; for tests that do not need the CLI itself."""

import sys

import boto3
from botocore import xform_name
from botocore.config import Config

url, service, command, *arguments = sys.argv[1:]
client = boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id="k",
                      aws_secret_access_key="s", config=Config(retries={"total_max_attempts": 1}))
operation = next(name for name in client.meta.service_model.operation_names if xform_name(name, "-") == command)
members = {xform_name(name, "-"): (name, shape)
           for name, shape in client.meta.service_model.operation_model(operation).input_shape.members.items()}
values = {}
while arguments:
    option = arguments.pop(0).removeprefix("--")
    if option.startswith("no-") and option not in members:
        values[members[option.removeprefix("no-")][0]] = False
        continue
    name, shape = members[option]
    if shape.type_name not in ("string", "timestamp"):
        sys.exit(f"the type {shape.type_name} of --{option} is not understood")
    values[name] = arguments.pop(0)
print(getattr(client, xform_name(operation))(**values))
