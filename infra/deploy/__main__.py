"""Deploys the stack of one stage: asks what is missing, builds, checks the zips, and hands over to `sam deploy`.

The stack remembers its parameters and tags. A deployment changes those in PARAMS and TAGS and keeps all others, even
after a first deployment that failed. Called by `make deploy`, which passes its variables in the environment.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import parameters
import sam_template
import zips
from failure import Failure
from stack import Stack

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra/template.yaml"


def main():
    template = sam_template.read(TEMPLATE)
    given = parameters.pairs("PARAMS", os.environ.get("PARAMS", ""))
    parameters.check(template, given)
    stack = Stack.of_environment()
    print(f"deploying {stack.name} in {stack.region}, as {stack.identity}")
    stack.require_ready()
    values = parameters.merge(template, stack.parameters, given, os.environ.get("ARCH"))
    parameters.ask_for_missing(template, values)
    fit_concurrency(template, stack, values, given)
    tags = {**stack.default_tags(), **stack.tags, **parameters.pairs("TAGS", os.environ.get("TAGS", ""))}
    paths = built(template, values["Architecture"])
    values["Release"] = zips.release(template, zips.binaries(paths, values["Architecture"]), values)
    stack.remove_failed_creation()
    return sam_deploy(stack, zips.located(template, paths), values, tags)


def built(template, architecture):
    """Builds the zips, or takes those of a release from the folder ZIPS; returns their paths by name."""
    names = zips.names(template)
    if os.environ.get("ZIPS"):
        return zips.released(Path(os.environ["ZIPS"]).expanduser().resolve(), names, architecture)
    subprocess.run(["make", "--no-print-directory", "build", f"ARCH={architecture}"], cwd=ROOT, check=True)
    return {name: ROOT / "target/lambda" / name / "bootstrap.zip" for name in names}


def fit_concurrency(template, stack, values, given):
    """Reserves nothing in a first deployment to an account whose limit is too low, as that of a new account is."""
    names = [name for name in template["Parameters"] if name.endswith("Concurrency")]
    more = reserved(names, values) - (reserved(names, stack.parameters) if stack.exists else 0)
    free = stack.reservable_concurrency()
    if free is None or more <= free:
        return
    if stack.exists or any(name in given for name in names):
        raise Failure(f"the concurrency exceeds what this account can still reserve, {free}: choose less (0 reserves "
                      "none), or raise the limit in Service Quotas (Lambda, Concurrent executions)")
    print(f"This account can reserve {free} concurrent executions, and {more} are asked for: reserving none.\n"
          "Raise the limit in Service Quotas (Lambda, Concurrent executions), then set "
          + ", ".join(names) + " with PARAMS.")
    values.update({name: "0" for name in names})


def reserved(names, values):
    """Returns how many concurrent executions these parameters reserve; a console that is off reserves none."""
    return sum(int(values.get(name, 0)) for name in names
               if name != "ConsoleConcurrency" or values.get("ConsoleEnabled") == "true")


def sam_deploy(stack, template, values, tags):
    with tempfile.TemporaryDirectory() as folder:
        overrides = Path(folder) / "parameters.yaml"
        overrides.write_text(json.dumps(values), encoding="utf-8")
        # SAM reads it six times, which takes most of a deployment if it is YAML.
        file = Path(folder) / "template.json"
        file.write_text(json.dumps(template), encoding="utf-8")
        command = [str(Path(sys.executable).parent / "sam"), "deploy", "--template-file", str(file),
                   "--stack-name", stack.name, "--region", stack.region, "--capabilities", "CAPABILITY_IAM",
                   "--no-fail-on-empty-changeset", "--parameter-overrides", f"file://{overrides}",
                   "--tags", *(f"{key}={value}" for key, value in tags.items())]
        bucket = os.environ.get("BUCKET")
        command += ["--s3-bucket", bucket, "--s3-prefix", stack.name] if bucket else ["--resolve-s3"]
        command += ["--role-arn", stack.role] if stack.role else []
        command += ["--confirm-changeset"] if sys.stdin.isatty() else []
        environment = {**os.environ, "SAM_CLI_TELEMETRY": "0"}
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"error: {failure}")
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    except (KeyboardInterrupt, EOFError):
        sys.exit("\nstopped; nothing was deployed")
