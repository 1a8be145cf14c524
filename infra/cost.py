#!/usr/bin/env python3
"""What a million of each operation costs, and a month of a country's numbers. Change PRICES and run it again."""

# US dollars, us-east-1, on-demand, without free tiers and discounts: the list of July 2025, written down without access to
# it. Check them before relying on them.
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
    "CloudWatch Logs taken in, GB": 0.50,
    "CloudWatch Logs kept, GB-month": 0.03,
}

# Bytes that Lambda itself logs of an invocation (START, END, REPORT); an estimate, unlike those of our own lines.
PLATFORM_LOG = 450

# operation: write units of the table, of the index, read units, memory in MB, milliseconds, KMS calls, bytes of log line.
# Units and bytes are what `growth --sizes` prints. The milliseconds are estimates for AWS: 110 for the hash at 600,000
# rounds on one core, and 5 a round trip to DynamoDB or KMS.
OPERATIONS = {
    "create an account": (4, 0, 1, 256, 15, 0, 231),
    "assign ten numbers": (24, 10, 0, 256, 20, 0, 251),
    "status of the PIN": (0, 0, 1, 256, 8, 0, 241),
    "set the PIN": (4, 0, 1.5, 1769, 130, 1, 243),
    "port-out of one number": (12, 1, 5, 1769, 130, 1, 294),
    "port-out of nine numbers": (28, 1, 13, 1769, 130, 1, 294),
    "port-out, wrong PIN": (12, 1, 5, 1769, 130, 1, 317),
    "guess that has to wait (429)": (0, 0, 5, 1769, 8, 0, 258),
}

# Bytes stored, DynamoDB's 100 an item and index entry included.
ACCOUNT, NUMBER, EVENTS_OF_AN_ACCOUNT = 536, 452, 249 + 267 + 263
PORT_OUT = 814 + 185 + 341 + 39  # order with its index entry, PON, event, and the hold on the number

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
        "logs": (line + PLATFORM_LOG) / 1e9 * price("CloudWatch Logs taken in, GB"),
    }


def operations():
    print("| a million times | DynamoDB | Lambda | HTTP API | KMS | logs | together |\n|---|---:|---:|---:|---:|---:|---:|")
    for name in OPERATIONS:
        parts = [part * 1e6 for part in cost(name).values()]
        print(f"| {name} |" + "".join(f" ${part:.2f} |" for part in [*parts, sum(parts)]))


def month():
    stored = ACCOUNTS * (ACCOUNT + NUMBERS_EACH * NUMBER + EVENTS_OF_AN_ACCOUNT) / 1e9
    ports = PORTS_A_YEAR * PORT_OUT / 1e9
    gb = PRICES["DynamoDB storage, GB-month"] + PRICES["DynamoDB point-in-time recovery, GB-month"]
    a_port, a_read = (sum(cost(name).values()) for name in ("port-out of one number", "status of the PIN"))
    lines = [
        (f"storage and PITR of {stored:.0f} GB: accounts, numbers, three events each", stored * gb),
        (f"and of {ports:.0f} GB, the port-outs of one year", ports * gb),
        (f"{PORTS_A_YEAR / 12e6:.1f} million port-outs", PORTS_A_YEAR / 12 * a_port),
        (f"{STATUS_READS / 1e6:.0f} million status reads, one an account", STATUS_READS * a_read),
        ("two KMS keys", 2 * PRICES["KMS key, month"]),
    ]
    print("\n| a month | |\n|---|---:|")
    for what, dollars in [*lines, ("together", sum(dollars for _, dollars in lines))]:
        print(f"| {what} | ${dollars:,.2f} |")
    once = sum(sum(cost(name).values()) for name in ("create an account", "assign ten numbers", "set the PIN"))
    print(f"\nOnce, to bring {ACCOUNTS / 1e6:.0f} million accounts in through the API: ${once * ACCOUNTS:,.0f}")


operations()
month()
