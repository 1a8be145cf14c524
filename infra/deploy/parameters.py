"""The template's parameters: which there are, what they are set to, and what must still be asked."""

import re
import shlex
import sys

from failure import Failure

# Computed by every deployment.
COMPUTED = "Release"
# Asked the first time although they have a default.
ASKED = ["AlarmEmail"]
# Exports that the tables were made of.
RESTORED = ["RestorePrefix", "RestoreEventsPrefix"]


def pairs(variable, text):
    """Reads `Name=value "Other=with spaces"`."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise Failure(f"{variable}: {error}") from None
    found = {}
    for word in words:
        name, separator, value = word.partition("=")
        if not separator or not re.fullmatch(r"[\w:./+@-]+", name):
            raise Failure(f'{variable} must be pairs such as {variable}="Name=value Other=value"')
        found[name] = value
    return found


def check(template, given):
    """Refuses names that the template does not have, and values that it does not allow."""
    for name, value in given.items():
        declared = template["Parameters"].get(name)
        if declared is None or name == COMPUTED:
            known = ", ".join(known for known in template["Parameters"] if known != COMPUTED)
            raise Failure(f"unknown parameter {name}; the parameters are {known}")
        require_allowed(name, declared, value)


def require_allowed(name, declared, value):
    """Refuses what CloudFormation would refuse, before anything is built."""
    allowed = [str(one) for one in declared.get("AllowedValues", [])]
    if allowed and value not in allowed:
        raise Failure(f"{name} must be one of {', '.join(allowed)}")
    pattern = declared.get("AllowedPattern")
    if pattern and not re.fullmatch(pattern, value):
        raise Failure(f"{name} must match {pattern}")
    if declared["Type"] == "Number":
        low, high = declared.get("MinValue", float("-inf")), declared.get("MaxValue", float("inf"))
        if not re.fullmatch(r"-?\d+", value) or not float(low) <= int(value) <= float(high):
            raise Failure(f"{name} must be a whole number from {low} to {high}")
    if len(value) < int(declared.get("MinLength", 0)):
        raise Failure(f"{name} must not be empty")


def merge(template, remembered, given, architecture):
    """Returns the values of this deployment: what is given, else what the stack remembers, else the defaults."""
    declared = template["Parameters"]
    for name in RESTORED:
        if remembered.get(name) and given.get(name) == "":
            raise Failure(f"{name} must stay as it is: without it CloudFormation would make new, empty tables")
    values = {name: str(it["Default"]) for name, it in declared.items() if "Default" in it}
    values.update({name: value for name, value in remembered.items() if name in declared})
    values.update(given)
    if architecture:
        if given.get("Architecture", architecture) != architecture:
            raise Failure("ARCH and Architecture in PARAMS differ: give one of them")
        require_allowed("ARCH", declared["Architecture"], architecture)
        values["Architecture"] = architecture
    return values


def ask_for_missing(template, values):
    """Asks for parameters that have no value, and in a first deployment for those of `ASKED`."""
    declared = template["Parameters"]
    first = any(name not in values for name in declared if name != COMPUTED)
    missing = [name for name in declared if name != COMPUTED and name not in values]
    for name in missing + [name for name in ASKED if first and not values.get(name)]:
        if sys.stdin.isatty():
            values[name] = ask(name, declared[name])
        elif name in missing:
            raise Failure(f'{name} has no value yet: make deploy PARAMS="{name}=..."')
    if "AlarmEmail" in declared and not values.get("AlarmEmail"):
        print("AlarmEmail is empty: subscribe to the topic in the output AlarmTopicArn to receive the alarms.")


def ask(name, declared):
    while True:
        value = input(f"{declared['Description']}\n{name}: ").strip()
        try:
            require_allowed(name, declared, value)
            return value
        except Failure as failure:
            print(failure)
