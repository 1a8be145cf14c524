#!/usr/bin/env python3
"""Prints the AWS cost of a million of each operation, of a month without requests, and of one with a nation's numbers.

Edit PRICES to update. What a stack has is counted in the template; `--counts` prints it for a test.
"""

import json
import re
import sys
from pathlib import Path

# US dollars as of July 2025, us-east-1, on demand, without free tiers or discounts. Written without access to the price
# list: check them before relying on them.
PRICES = {
    "DynamoDB write request unit": 0.625e-6,
    "DynamoDB read request unit": 0.125e-6,
    "DynamoDB streams read request unit": 0.20e-6,
    "DynamoDB storage, GB-month": 0.25,
    "DynamoDB point-in-time recovery, GB-month": 0.20,
    "Lambda arm64, GB-second": 0.0000133334,
    "Lambda request": 0.20e-6,
    "HTTP API request": 1.00e-6,
    "KMS GenerateMac request": 3.00e-6,
    "KMS key, month": 1.00,
    "CloudWatch Logs ingestion, GB": 0.50,
    "CloudWatch Logs storage, GB-month": 0.03,
    "CloudWatch alarm, metric-month": 0.10,
    "CloudWatch metric, month": 0.30,
    "CloudWatch dashboard, month": 3.00,
    "X-Ray trace": 5.00e-6,
    "data to the internet, GB": 0.09,
}

# Estimated bytes that Lambda itself logs per invocation (START, END, REPORT).
PLATFORM_LOG = 450
# The sizes of our own lines below are measured, without these fields, which are counted here: of every line, and of
# one with a hash.
MORE_FIELDS = len('"function_version":"12","lambda_request_id":"12345678-1234-1234-1234-123456789012",'
                  '"dynamodb_ms":12,"aws_calls":3,"aws_tries":3,')
MORE_FIELDS_OF_A_HASH = len('"kms_ms":12,"hash_ms":110,')
# Estimated bytes of an answer with its headers.
ANSWER = 900
# X-Ray records the first request of each second and one in twenty of the others.
TRACED = 0.05
# Reads of the stream's one or more shards by a pipe: four per second and shard, and whether AWS charges for those of a pipe
# is not known to us. A month has 730 hours.
POLLS_OF_A_MONTH = 4 * 3600 * 730
# Metrics of each route that is called: Count, Latency, IntegrationLatency, 4xx, 5xx, DataProcessed.
METRICS_OF_A_ROUTE = 6

# Operation: write units of the table, write units of the index, read units, memory in MB, milliseconds, KMS calls, and
# bytes of our log line. `growth --sizes` prints units and bytes. Milliseconds are estimates for AWS: 110 for the hash
# with 600,000 rounds on one core, and 5 per round trip to DynamoDB or KMS.
OPERATIONS = {
    "create an account": (4, 0, 1, 256, 15, 0, 231),
    "assign ten numbers": (24, 10, 0, 256, 20, 0, 251),
    "status of the PIN": (0, 0, 1, 256, 8, 0, 241),
    "set the PIN": (4, 0, 1.5, 1769, 130, 1, 243),
    "port-out of one number": (12, 1, 5, 1769, 130, 1, 294),
    "port-out of nine numbers": (28, 1, 13, 1769, 130, 1, 294),
    "port-out, wrong PIN": (12, 1, 5, 1769, 130, 1, 317),
    "port-out during a wait (429)": (0, 0, 5, 1769, 8, 0, 258),
}

# Bytes stored, including the 100 that DynamoDB adds per item and index entry.
ACCOUNT, NUMBER, EVENTS_OF_AN_ACCOUNT = 536, 452, 249 + 267 + 263
PORT_OUT = 814 + 185 + 341 + 39  # port-out with its index entry, PON, event, and the hold on the number

ACCOUNTS, NUMBERS_EACH, PORTS_A_YEAR, STATUS_READS = 100e6, 10, 40e6, 100e6


TEMPLATE = (Path(__file__).parent / "template.yaml").read_text(encoding="utf-8")


def resources():
    """Returns the text of each resource by its name, with its type."""
    text = TEMPLATE[TEMPLATE.index("\nResources:\n"):TEMPLATE.index("\nOutputs:\n")]
    parts = re.split(r"^  (\w+):\n    Type: (\S+)\n", text, flags=re.MULTILINE)[1:]
    return [(kind, body) for kind, body in zip(parts[1::3], parts[2::3])]


def counts():
    """Returns how much of what is paid by the month the stack has."""
    of = lambda kind: [body for it, body in resources() if it == kind]
    filters = {re.search(r"MetricName: (\w+)", body)[1] for body in of("AWS::Logs::MetricFilter")}
    return {
        "alarm metrics": sum(len(re.findall(r"MetricName: ", body)) for body in of("AWS::CloudWatch::Alarm")),
        "metrics": len(filters),
        "routes": len(re.findall(r"^          Type: HttpApi$", TEMPLATE, flags=re.MULTILINE)),
        "keys": len(of("AWS::KMS::Key")),
        "rotated keys": sum("EnableKeyRotation: true" in body for body in of("AWS::KMS::Key")),
        "dashboards": len(of("AWS::CloudWatch::Dashboard")),
        "pipes": len(of("AWS::Pipes::Pipe")),
    }


def access_log_line():
    """Returns the estimated bytes of a line of the access log."""
    format = re.search(r"Format: >-\n((?:          .*\n)+)", TEMPLATE)[1]
    lengths = {"requestTime": 26, "requestId": 16, "routeKey": 40, "protocol": 8, "identity.sourceIp": 14}
    return len(re.sub(r"\$context\.([\w.]+)", lambda it: "x" * lengths.get(it[1], 3), " ".join(format.split())))


def cost(operation):
    written, index, read, memory, milliseconds, kms, line = OPERATIONS[operation]
    price = PRICES.__getitem__
    line += MORE_FIELDS + (MORE_FIELDS_OF_A_HASH if kms else 0)
    return {
        "DynamoDB": (written + index) * price("DynamoDB write request unit")
        + read * price("DynamoDB read request unit"),
        "Lambda": memory / 1024 * milliseconds / 1000 * price("Lambda arm64, GB-second") + price("Lambda request"),
        "HTTP API": price("HTTP API request"),
        "KMS": kms * price("KMS GenerateMac request"),
        "logs": (line + PLATFORM_LOG + access_log_line()) / 1e9 * price("CloudWatch Logs ingestion, GB"),
        "traces, data": TRACED * price("X-Ray trace") + ANSWER / 1e9 * price("data to the internet, GB"),
    }


def operations():
    print("| one million of | DynamoDB | Lambda | HTTP API | KMS | logs | traces, data | total |")
    print("|---|" + "---:|" * 7)
    for name in OPERATIONS:
        parts = [part * 1e6 for part in cost(name).values()]
        print(f"| {name} |" + "".join(f" ${part:.2f} |" for part in [*parts, sum(parts)]))


def idle():
    """Returns the lines of a month in which no one calls the stack, and of the metrics that calls add."""
    has, price = counts(), PRICES.__getitem__
    return [
        (f"{has['alarm metrics']} metrics of alarms", has["alarm metrics"] * price("CloudWatch alarm, metric-month")),
        (f"{has['keys']} KMS keys", has["keys"] * price("KMS key, month")),
        (f"{has['dashboards']} dashboard (the first three of an account are free)",
         has["dashboards"] * price("CloudWatch dashboard, month")),
        (f"reads of the events' stream by {has['pipes']} pipe, for one shard, if they are charged",
         has["pipes"] * POLLS_OF_A_MONTH * price("DynamoDB streams read request unit")),
    ], [
        (f"up to {has['metrics']} metrics of our filters, while they count",
         has["metrics"] * price("CloudWatch metric, month")),
        (f"up to {has['routes']} x {METRICS_OF_A_ROUTE} metrics of routes, while they are called",
         has["routes"] * METRICS_OF_A_ROUTE * price("CloudWatch metric, month")),
        (f"second and third version of {has['rotated keys']} rotated key, after a year and after two",
         has["rotated keys"] * 2 * price("KMS key, month")),
    ]


def table(heading, lines):
    print(f"\n| {heading} | |\n|---|---:|")
    for what, dollars in [*lines, ("total", sum(dollars for _, dollars in lines))]:
        print(f"| {what} | ${dollars:,.2f} |")


def month():
    stored = ACCOUNTS * (ACCOUNT + NUMBERS_EACH * NUMBER + EVENTS_OF_AN_ACCOUNT) / 1e9
    ports = PORTS_A_YEAR * PORT_OUT / 1e9
    gb = PRICES["DynamoDB storage, GB-month"] + PRICES["DynamoDB point-in-time recovery, GB-month"]
    a_port, a_read = (sum(cost(name).values()) for name in ("port-out of one number", "status of the PIN"))
    lines = [
        (f"storage and PITR of {stored:.0f} GB: accounts, numbers, three events per account", stored * gb),
        (f"storage and PITR of {ports:.0f} GB: port-outs of one year", ports * gb),
        (f"{PORTS_A_YEAR / 12e6:.1f} million port-outs", PORTS_A_YEAR / 12 * a_port),
        (f"{STATUS_READS / 1e6:.0f} million status reads, one per account", STATUS_READS * a_read),
        ("keys, alarms, dashboard, and metrics, as above", sum(dollars for part in idle() for _, dollars in part)),
    ]
    table("per month, with a nation's numbers", lines)
    once = sum(sum(cost(name).values()) for name in ("create an account", "assign ten numbers", "set the PIN"))
    print(f"\nOne-time cost of creating {ACCOUNTS / 1e6:.0f} million accounts through the API: ${once * ACCOUNTS:,.0f}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--counts"]:
        print(json.dumps(counts()))
    else:
        operations()
        never, used = idle()
        table("per month, without any request", never)
        table("per month, at most, as soon as there are requests", used)
        month()
