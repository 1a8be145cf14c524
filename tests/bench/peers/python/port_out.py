"""POST /v1/port-outs with one version and the numbers of one account, written plainly."""

import hashlib
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from common import (
    actor_of,
    allowed,
    answer,
    audit,
    body,
    check,
    claims,
    create,
    dynamodb,
    fingerprint,
    key,
    matches,
    millis,
    name_of,
    now,
    pepper,
    problem,
    read,
    seconds,
    slow_hash,
    update,
)

ATTRIBUTES = [
    "account_name", "account_number", "added_failures", "announced_until", "answer", "cancellation_reason",
    "cancelled_at", "cancelled_by", "carried", "channel", "confirmed_id", "conflict", "consecutive_failures",
    "content_hash", "count_period", "country", "created_at", "decision_version", "desired_due_date", "elsewhere_at",
    "entered_at", "expires_at", "failed_attempts", "failures", "first_received_at", "foc_date", "held_by", "held_for",
    "held_numbers", "held_until", "hold_expires_on", "hold_until", "judged_pin_version", "judged_version",
    "last_failed_at", "latest_version", "lsr", "pin_digest", "pin_disclosed_at", "pin_failed_at", "pin_fingerprint",
    "pin_parameters", "pin_updated_at", "pin_updated_by", "pin_version", "pk", "pon", "port_out_id", "port_out_version",
    "ported_numbers", "protection", "protection_at", "protection_by", "received_at", "rejections", "released_numbers",
    "requester", "revision", "row_revision", "sk", "source_id", "spid", "supplement", "telephone_number",
    "telephone_numbers", "uncompared", "uncompared_since", "updated_at", "zip_code", "zip_codes",
]

# The zone of the numbers' NPAC region: these area codes, and Pacific for all others.
ZONES = {"206": "America/Denver", "212": "America/New_York", "312": "America/Chicago"}


def due(desired, zone):
    """The desired day, or the first possible one from then on; holidays are left out."""
    local = now().astimezone(zone)
    day, to_go = local.date(), 1 if local.hour < 13 and local.weekday() < 5 else 2
    while to_go:
        day += timedelta(days=1)
        to_go -= day.weekday() < 5
    wanted = max(day, date.fromisoformat(desired)) if desired else day
    while wanted.weekday() >= 5:
        wanted += timedelta(days=1)
    return wanted


def commit(desired, zone):
    """The day of the port, the last day of the hold, and the end of that day."""
    foc_date = due(desired, zone)
    expires_on = foc_date + timedelta(days=30)
    until = datetime.combine(expires_on + timedelta(days=1), time(), zone)
    return foc_date.isoformat(), expires_on.isoformat(), millis(until.astimezone(timezone.utc))


def short_hash(text):
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def content_hash(order):
    """A hash of all but the name and the PIN; supplements and the porting desk's fields are left out."""
    numbers = " ".join(sorted(tn[2:] for tn in order["telephone_numbers"]))
    zip_code, desired = order.get("zip_code", ""), order.get("desired_due_date", "")
    parts = ["", order["account_number"], zip_code, desired, numbers, "", "", ""]
    return short_hash("".join(f'"{part}"|' for part in parts))


def rejections(order, account, numbers, pin_is_right, at):
    if account is None:
        return ["account_number_invalid"]
    found = []
    if "protection" in account:
        found.append("port_protection_on")
    if not pin_is_right:
        found.append("pin_invalid")
    for number in numbers:
        if number is None or number.get("account_number", {}).get("S") != order["account_number"]:
            found.append("tn_not_found")
        elif number.get("held_until", {}).get("S", "") > at:
            found.append("pending_port")
    known = [zip_code["S"][:5] for zip_code in account["zip_codes"]["L"]]
    if order.get("zip_code") and known and order["zip_code"][:5] not in known:
        found.append("zip_code_invalid")
    return found


def port_out_item(order, decided):
    port_out_id, spid, at = decided["id"], decided["spid"], decided["at"]
    foc_date, expires_on, until = decided["commitment"]
    numbers = {"L": [{"S": tn} for tn in order["telephone_numbers"]]}
    return {
        **key("PORTOUT", port_out_id),
        "port_out_id": {"S": port_out_id},
        "requester": {"S": spid},
        "spid": {"S": spid},
        "pon": {"S": order["pon"]},
        "port_out_version": {"S": "01"},
        "account_number": {"S": order["account_number"]},
        "telephone_numbers": numbers,
        "zip_code": {"S": order["zip_code"]},
        "desired_due_date": {"S": order["desired_due_date"]},
        "content_hash": {"S": content_hash(order)},
        "channel": {"S": "api"},
        "received_at": {"S": at},
        "first_received_at": {"S": at},
        "answer": {"S": "confirmed"},
        "foc_date": {"S": foc_date},
        "hold_expires_on": {"S": expires_on},
        "hold_until": {"S": until},
        "rejections": {"L": []},
        "judged_pin_version": decided["pin"]["pin_version"],
        "judged_version": decided["account"]["decision_version"],
        "entered_at": {"S": at},
        "held_numbers": numbers,
        "ported_numbers": {"L": []},
        "released_numbers": {"L": []},
        "updated_at": {"S": at},
        "revision": {"N": "1"},
        "pin_fingerprint": {"S": decided["fingerprint"]},
        "list_pk": {"S": f"PORTOUTS#{order['account_number']}"},
        "list_sk": {"S": f"{at}#{port_out_id}"},
        "carrier_pk": {"S": f"PORTOUTS#{spid}"},
        "carrier_sk": {"S": f"{at}#{port_out_id}"},
        "open_pk": {"S": f"OPEN#{order['account_number']}"},
        "open_sk": {"S": f"{until}#{port_out_id}"},
    }


def checks(order, decided):
    """Checks that the account and its PIN are as they were read, and that the carrier sent no wrong PIN."""
    name, pin = order["account_number"], decided["pin"]
    unlocked = (
        "#pin_version = :pin_version AND #count_period = :period AND attribute_not_exists(#pin_disclosed_at) "
        "AND #consecutive_failures >= :added AND #consecutive_failures < :lock"
    )
    unchanged = {":decision_version": decided["account"]["decision_version"]}
    values = {
        ":pin_version": pin["pin_version"],
        ":period": pin["count_period"],
        ":added": {"N": "0"},
        ":lock": {"N": "100"},
    }
    return [
        check(key("ACCOUNT", name), "#decision_version = :decision_version", unchanged),
        check(key("PIN", name), unlocked, values),
        check(key("ATTEMPTS", name, decided["spid"]), "attribute_not_exists(#pk)"),
    ]


def writes(order, decided):
    port_out_id, spid, at = decided["id"], decided["spid"], decided["at"]
    foc_date, _, until = decided["commitment"]
    name, numbers = order["account_number"], order["telephone_numbers"]
    pon = {
        **key("PON", f"{spid}#{order['pon']}"),
        "latest_version": {"S": "01"},
        "confirmed_id": {"S": port_out_id},
    }
    data = {
        "port_out_id": {"S": port_out_id},
        "spid": {"S": spid},
        "pon": {"S": order["pon"]},
        "version": {"S": "01"},
        "channel": {"S": "api"},
        "pin_version": decided["pin"]["pin_version"],
        "telephone_numbers": {"L": [{"S": tn} for tn in numbers]},
        "rejections": {"L": []},
        "foc_date": {"S": foc_date},
        "received_at": {"S": at},
    }
    hold = "SET #held_by = :id, #held_for = :requester, #held_until = :until"
    free = "#account_number = :account AND (attribute_not_exists(#held_by) OR #held_until <= :now)"
    values = {
        ":id": {"S": port_out_id},
        ":requester": {"S": spid},
        ":until": {"S": until},
        ":account": {"S": name},
        ":now": {"S": at},
    }
    return [
        create(port_out_item(order, decided)),
        create(pon),
        *checks(order, decided),
        audit(name, "port_out.confirmed", data, decided["actor"], at),
        *(update(key("NUMBER", tn), hold, free, values) for tn in numbers),
    ]


def port_out_view(order, decided):
    foc_date, expires_on, _ = decided["commitment"]
    desired, at = order.get("desired_due_date"), seconds(decided["at"])
    return {
        "id": decided["id"],
        "spid": decided["spid"],
        "pon": order["pon"],
        "version": "01",
        "supplement": None,
        "account_number": order["account_number"],
        "telephone_numbers": order["telephone_numbers"],
        "status": "confirmed",
        "rejections": [],
        "desired_due_date": desired,
        "foc_date": foc_date,
        "due_date_changed": desired is not None and desired != foc_date,
        "hold_expires_on": expires_on,
        "ported_numbers": [],
        "released_numbers": [],
        "cancellation": None,
        "channel": "api",
        "received_at": at,
        "entered_at": at,
        "updated_at": at,
    }


def handler(event, _context):
    spid = claims(event).get("spid")
    if not spid or not allowed(event, "port-out:submit"):
        return problem(403, "forbidden")
    order = body(event)
    name, numbers = order["account_number"], order["telephone_numbers"]
    port_out_id = short_hash(f"{spid} {order['pon']} 01")
    owner = [key("ACCOUNT", name), key("PIN", name)]
    others = [key("ATTEMPTS", name, spid), key("PON", f"{spid}#{order['pon']}"), key("PORTOUT", port_out_id)]
    number_keys = [key("NUMBER", tn) for tn in numbers]
    found = read([*owner, *others, *number_keys], ATTRIBUTES)
    if any(name_of(one) in found for one in others):
        return problem(409, "pon_conflict")
    account, pin, *held = (found.get(name_of(one)) for one in [*owner, *number_keys])
    parameters = pin and pin["pin_parameters"]["S"]
    slow = pin and slow_hash(pepper(name, order["pin"]), parameters)
    at = millis(now())
    refused = rejections(order, account, held, slow and matches(slow, pin["pin_digest"]["S"]), at)
    if refused:
        # Recording a refusal and counting a wrong PIN are left out: no measured order is refused.
        return problem(501, refused[0])
    zone = ZoneInfo(ZONES.get(numbers[0][2:5], "America/Los_Angeles"))
    decided = {
        "id": port_out_id,
        "spid": spid,
        "account": account,
        "pin": pin,
        "commitment": commit(order.get("desired_due_date"), zone),
        "fingerprint": fingerprint(slow, parameters, port_out_id),
        "actor": actor_of(event),
        "at": at,
    }
    try:
        dynamodb.transact_write_items(TransactItems=writes(order, decided))
    except dynamodb.exceptions.TransactionCanceledException:
        return problem(503, "temporarily_unavailable")
    return answer(201, port_out_view(order, decided), location=f"/v1/port-outs/{port_out_id}")
