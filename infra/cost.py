#!/usr/bin/env python3
"""Prints the AWS cost of a million of each operation, and of a month with a nation's numbers. Edit PRICES to update."""

# US dollars as of July 2025, us-east-1, on demand, without free tiers or discounts. Written without access to the price
# list: check them before relying on them.
PRICES = {
    "DynamoDB write request unit": 0.625e-6,
    "DynamoDB read request unit": 0.125e-6,
    "DynamoDB storage, GB-month": 0.25,
    "DynamoDB point-in-time recovery, GB-month": 0.20,
    "Lambda arm64, GB-second": 0.0000133334,
    "Lambda request": 0.20e-6,
    "HTTP API request": 1.00e-6,
    "KMS GenerateMac request": 3.00e-6,
    "KMS key, month": 1.00,
    "CloudWatch Logs ingestion, GB": 0.50,
    "CloudWatch Logs storage, GB-month": 0.03,
}

# Estimated bytes that Lambda itself logs per invocation (START, END, REPORT). The sizes of our own lines are measured.
PLATFORM_LOG = 450

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


def cost(operation):
    written, index, read, memory, milliseconds, kms, line = OPERATIONS[operation]
    price = PRICES.__getitem__
    return {
        "DynamoDB": (written + index) * price("DynamoDB write request unit")
        + read * price("DynamoDB read request unit"),
        "Lambda": memory / 1024 * milliseconds / 1000 * price("Lambda arm64, GB-second") + price("Lambda request"),
        "HTTP API": price("HTTP API request"),
        "KMS": kms * price("KMS GenerateMac request"),
        "logs": (line + PLATFORM_LOG) / 1e9 * price("CloudWatch Logs ingestion, GB"),
    }


def operations():
    print("| one million of | DynamoDB | Lambda | HTTP API | KMS | logs | total |\n|---|---:|---:|---:|---:|---:|---:|")
    for name in OPERATIONS:
        parts = [part * 1e6 for part in cost(name).values()]
        print(f"| {name} |" + "".join(f" ${part:.2f} |" for part in [*parts, sum(parts)]))


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
        ("two KMS keys", 2 * PRICES["KMS key, month"]),
    ]
    print("\n| per month | |\n|---|---:|")
    for what, dollars in [*lines, ("total", sum(dollars for _, dollars in lines))]:
        print(f"| {what} | ${dollars:,.2f} |")
    once = sum(sum(cost(name).values()) for name in ("create an account", "assign ten numbers", "set the PIN"))
    print(f"\nOne-time cost of creating {ACCOUNTS / 1e6:.0f} million accounts through the API: ${once * ACCOUNTS:,.0f}")


operations()
month()
