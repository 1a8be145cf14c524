"""Expands SAM templates into CloudFormation, without an account: one line of JSON for each file that is named.

For one that cannot be expanded the line is `null`, the reason goes to stderr, and the exit code is 1. A function's code
becomes the S3 key under which a deployment would put it: the path that the template names.
"""

import json
import logging
import os
import sys

# Only to satisfy boto3, which asks where it is before anything else; nothing is ever called.
os.environ["AWS_DEFAULT_REGION"] = "us-east-1"

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    """Every policy stands in the template itself, or under its full ARN."""

    def load(self):
        return {}


def place_code(template):
    for resource in template.get("Resources", {}).values():
        properties = resource.get("Properties", {})
        code = properties.get("CodeUri")
        if resource.get("Type") == "AWS::Serverless::Function" and isinstance(code, str):
            properties["CodeUri"] = f"s3://code/{code}"


def expand(path):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    place_code(template)
    return transform(template, {}, NoManagedPolicies())


def reason(error):
    causes = getattr(error, "causes", None) or [error]
    return "; ".join(str(getattr(cause, "message", cause)) for cause in causes)


def main(paths):
    logging.disable(logging.CRITICAL)
    failed = False
    for path in paths:
        expanded = None
        try:
            expanded = expand(path)
        # Whatever a template does to SAM, the next one is expanded.
        except Exception as error:
            print(f"error: {path}: {reason(error)}", file=sys.stderr)
            failed = True
        print(json.dumps(expanded), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
