"""PUT /v1/accounts/{account_id}/port-out-pin, written plainly."""

import re

from common import (
    TABLE,
    actor_of,
    allowed,
    answer,
    audit,
    body,
    claims,
    digest,
    dynamodb,
    key,
    millis,
    names,
    new_parameters,
    now,
    pepper,
    pin_view,
    problem,
    read_owner,
    slow_hash,
    update,
)


def own_numbers(account):
    condition = "#list_pk = :list AND #list_sk BETWEEN :from AND :to"
    found = dynamodb.query(
        TableName=TABLE,
        IndexName="lists",
        KeyConditionExpression=condition,
        ProjectionExpression="#list_sk",
        ExpressionAttributeNames=names(condition),
        ExpressionAttributeValues={":list": {"S": f"NUMBERS#{account}"}, ":from": {"S": "+"}, ":to": {"S": "+~"}},
        ScanIndexForward=True,
        Limit=1000,
    )
    return [item["list_sk"]["S"] for item in found["Items"]]


def weak(pin, numbers):
    return len(set(pin)) == 1 or pin in "01234567890" or any(pin in number for number in numbers)


def write(account, read, parameters, stored, actor, at):
    version = int(read["pin_version"]["N"]) if read else 0
    period = int(read["count_period"]["N"]) if read else 0
    change = (
        "SET #pin_parameters = :parameters, #pin_digest = :digest, #pin_version = :next, #pin_updated_at = :now, "
        "#pin_updated_by = :actor, #failed_attempts = :zero, #consecutive_failures = :zero, #count_period = :period "
        "REMOVE #pin_failed_at, #pin_disclosed_at"
    )
    values = {
        ":parameters": {"S": parameters},
        ":digest": {"S": stored},
        ":next": {"N": str(version + 1)},
        ":now": {"S": at},
        ":actor": {"S": actor},
        ":zero": {"N": "0"},
        ":period": {"N": str(period + 1)},
    }
    if version:
        values |= {":read": {"N": str(version)}, ":same": {"S": stored}}
    unchanged = "#pin_version = :read AND #pin_digest <> :same" if version else "attribute_not_exists(#pk)"
    moved = "SET #decision_version = #decision_version + :one"
    country = {":one": {"N": "1"}, ":country": {"S": "US"}}
    kind, data = "pin.changed" if version else "pin.set", {"pin_version": {"N": str(version + 1)}}
    items = [
        update(key("PIN", account), change, unchanged, values),
        update(key("ACCOUNT", account), moved, "#country = :country", country),
        audit(account, kind, data, actor, at),
    ]
    dynamodb.transact_write_items(TransactItems=items)
    return version + 1


def handler(event, _context):
    account = event["rawPath"].split("/")[3]
    if not allowed(event, "port-out-pin:write") or claims(event).get("account_id") != account:
        return problem(403, "forbidden")
    pin = body(event)["pin"]
    if not re.fullmatch("[0-9]{6,10}", pin):
        return problem(422, "invalid_request")
    record, read = read_owner(account, "pin_parameters")
    if record is None:
        return problem(404, "account_not_found")
    warnings = [{"code": "pin_weak"}] if weak(pin, own_numbers(account)) else []
    parameters = read["pin_parameters"]["S"] if read else new_parameters()
    stored = digest(slow_hash(pepper(account, pin), parameters))
    actor, at = actor_of(event), millis(now())
    try:
        version = write(account, read, parameters, stored, actor, at)
    except dynamodb.exceptions.TransactionCanceledException:
        # Telling that the PIN is the same as before is left out: no measured one is.
        return problem(503, "temporarily_unavailable")
    written = {"pin_version": {"N": str(version)}, "pin_updated_at": {"S": at}, "pin_updated_by": {"S": actor}}
    return answer(200 if version > 1 else 201, pin_view(record, written, warnings), etag=f'"{version}"')
