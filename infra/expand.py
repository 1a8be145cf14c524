"""Expands SAM templates into CloudFormation without an AWS account. Prints one line of JSON for each file argument,
which is a template, or a template and a JSON file with the values of its parameters: `template.yaml=values.json`.

If a template cannot be expanded, its line is `null`, stderr has the reason, and the exit code is 1. The path of a
function's code in the template becomes its S3 key, as a deployment would upload it.
"""

import gc
import json
import logging
import os
import sys
from pathlib import Path

# boto3 needs a region to load; nothing calls AWS.
os.environ["AWS_DEFAULT_REGION"] = "us-east-1"

sys.path.insert(0, str(Path(__file__).resolve().parent / "deploy"))

import sam_template
from samtranslator.translator.transform import transform


class NoManagedPolicies:
    """Knows no managed policies: the template writes every policy out or names its full ARN."""

    def load(self):
        return {}


def set_code_uris(template):
    for resource in template.get("Resources", {}).values():
        properties = resource.get("Properties", {})
        code = properties.get("CodeUri")
        if resource.get("Type") == "AWS::Serverless::Function" and isinstance(code, str):
            properties["CodeUri"] = f"s3://code/{code}"


def expand(path):
    path, _, values = path.partition("=")
    parameters = {}
    if values:
        with open(values, encoding="utf-8") as file:
            parameters = json.load(file)
    template = sam_template.read(path)
    set_code_uris(template)
    return transform(template, parameters, NoManagedPolicies())


def reason(error):
    causes = getattr(error, "causes", None) or [error]
    return "; ".join(str(getattr(cause, "message", cause)) for cause in causes)


def main(paths):
    logging.disable(logging.CRITICAL)
    # SAM copies whole templates many times, which leaves no cycles worth the search for them.
    gc.disable()
    failed = False
    for path in paths:
        expanded = None
        try:
            expanded = expand(path)
        # SAM can fail in any way on a bad template; the next one is expanded all the same.
        except Exception as error:
            print(f"error: {path}: {reason(error)}", file=sys.stderr)
            failed = True
        print(json.dumps(expanded), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
