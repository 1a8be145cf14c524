"""PUT /v1/accounts/{account_id}/port-out-pin, written plainly."""

import re

from common import (
    TABLE,
    account_key,
    allowed,
    answer,
    body,
    claims,
    digest,
    dynamodb,
    event_id,
    keyed,
    millis,
    now,
    pin_view,
    problem,
    read_account,
)


def own_numbers(account):
    found = dynamodb.query(
        TableName=TABLE,
        IndexName="lists",
        KeyConditionExpression="list_pk = :list AND list_sk > :after",
        ProjectionExpression="list_sk",
        ExpressionAttributeValues={":list": {"S": f"ACCOUNT#{account}#NUMBERS"}, ":after": {"S": "+"}},
        Limit=1000,
    )
    return [item["list_sk"]["S"] for item in found["Items"]]


def weak(pin, numbers):
    return len(set(pin)) == 1 or pin in "01234567890" or any(pin in number for number in numbers)


def write(account, version, stored, actor, at):
    unchanged = "pin_version = :read" if version else "attribute_not_exists(pin_version)"
    values = {
        ":digest": {"S": stored},
        ":next": {"N": str(version + 1)},
        ":now": {"S": at},
        ":actor": {"S": actor},
        ":zero": {"N": "0"},
        ":us": {"S": "US"},
    }
    if version:
        values[":read"] = {"N": str(version)}
    update = {
        "TableName": TABLE,
        "Key": account_key(account),
        "UpdateExpression": "SET pin_digest = :digest, pin_version = :next, pin_updated_at = :now, "
        "pin_updated_by = :actor, failed_attempts = :zero",
        "ConditionExpression": f"country = :us AND {unchanged}",
        "ExpressionAttributeValues": values,
    }
    event = {
        "pk": {"S": f"ACCOUNT#{account}"},
        "sk": {"S": f"EVENT#{event_id()}"},
        "event": {"S": "pin.changed" if version else "pin.set"},
        "at": {"S": at},
        "actor": {"S": actor},
        "account_number": {"S": account},
        "pin_version": {"N": str(version + 1)},
    }
    put = {"TableName": TABLE, "Item": event, "ConditionExpression": "attribute_not_exists(pk)"}
    dynamodb.transact_write_items(TransactItems=[{"Update": update}, {"Put": put}])


def handler(event, _context):
    account = event["rawPath"].split("/")[3]
    if not allowed(event, "port-out-pin:write") or claims(event).get("account_id") != account:
        return problem(403, "forbidden")
    pin = body(event)["pin"]
    if not re.fullmatch("[0-9]{6,10}", pin):
        return problem(422, "invalid_request")
    item = read_account(account)
    if item is None:
        return problem(404, "account_not_found")
    warnings = [{"code": "pin_weak"}] if weak(pin, own_numbers(account)) else []
    version, actor, at = int(item.get("pin_version", {}).get("N", 0)), claims(event)["sub"], millis(now())
    try:
        write(account, version, digest(keyed(account, pin)), actor, at)
    except dynamodb.exceptions.TransactionCanceledException:
        return problem(503, "temporarily_unavailable")
    view = {**pin_view(account, version + 1, at, actor, 0), "warnings": warnings}
    return answer(200 if version else 201, view, etag=f'"{version + 1}"')
