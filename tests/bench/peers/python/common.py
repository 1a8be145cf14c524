"""What the three plain functions share: the tables, the PIN's hash, answers, and the time."""

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from datetime import datetime, timezone

import boto3
from botocore.config import Config

TABLE = os.environ["TABLE_NAME"]
EVENTS_TABLE = os.environ["EVENTS_TABLE_NAME"]
ROUNDS = int(os.environ.get("PBKDF2_ITERATIONS", "600000"))
KEY = base64.b64decode(os.environ["PIN_LOCAL_KEY"])
KEY_ID = "local-" + hashlib.sha256(b"port-out-pin key id\0" + KEY).hexdigest()[:16]

dynamodb = boto3.client(
    "dynamodb",
    config=Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "max_attempts": 3}),
)


def claims(event):
    return event["requestContext"]["authorizer"]["jwt"]["claims"]


def actor_of(event):
    return f"user:{claims(event)['sub']}"


def allowed(event, scope):
    return scope in claims(event).get("scope", "").split()


def body(event):
    text = event.get("body") or ""
    return json.loads(base64.b64decode(text) if event.get("isBase64Encoded") else text)


def answer(status, content, **headers):
    headers = {"content-type": "application/json", "cache-control": "no-store", **headers}
    return {"statusCode": status, "headers": headers, "body": json.dumps(content)}


def problem(status, code):
    content = {"type": f"urn:port-out:problem:{code}", "status": status, "code": code}
    return {"statusCode": status, "headers": {"content-type": "application/problem+json"}, "body": json.dumps(content)}


def now():
    return datetime.now(timezone.utc)


def millis(time):
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z"


def seconds(text):
    return text[:19] + "Z"


def event_id():
    """A UUID of version 7: it sorts by time."""
    stamp = int(now().timestamp() * 1000).to_bytes(6, "big")
    rest = bytearray(secrets.token_bytes(10))
    rest[0], rest[2] = rest[0] & 0x0F | 0x70, rest[2] & 0x3F | 0x80
    text = (stamp + rest).hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def unpadded(data):
    return base64.b64encode(data).decode().rstrip("=")


def pepper(account, pin):
    return hmac.digest(KEY, f"port-out-pin/v1\0{account}\0{pin}".encode(), "sha256")


def new_parameters():
    return f"pbkdf2-sha256${ROUNDS}${KEY_ID}${unpadded(secrets.token_bytes(16))}"


def slow_hash(peppered, parameters):
    """Hashes a PIN as a record says. Older keys and the renewal of outdated records are left out."""
    _, rounds, _, salt = parameters.split("$")
    return hashlib.pbkdf2_hmac("sha256", peppered, base64.b64decode(salt + "=="), int(rounds))


def digest(slow):
    return unpadded(hmac.digest(slow, b"digest", "sha256"))


def matches(slow, stored):
    return hmac.compare_digest(hmac.digest(slow, b"digest", "sha256"), base64.b64decode(stored + "="))


def fingerprint(slow, parameters, port_out_id):
    return f"{parameters}${unpadded(hmac.digest(slow, f'port-out{chr(0)}{port_out_id}'.encode(), 'sha256'))}"


def key(kind, name, sk=None):
    return {"pk": {"S": f"{kind}#{name}"}, "sk": {"S": sk or kind}}


def name_of(item):
    return item["pk"]["S"], item["sk"]["S"]


def names(*expressions):
    """Gives each `#name` in expressions its attribute, so that no reserved word is in the way."""
    return {name: name[1:] for name in re.findall(r"#\w+", " ".join(expressions))}


def read(keys, attributes):
    """Reads these attributes of some items, which it returns by their keys."""
    projection = ", ".join(f"#{name}" for name in attributes)
    request = {
        "Keys": keys,
        "ConsistentRead": True,
        "ProjectionExpression": projection,
        "ExpressionAttributeNames": names(projection),
    }
    found = dynamodb.batch_get_item(RequestItems={TABLE: request})
    return {name_of(item): item for item in found["Responses"][TABLE]}


OWNER_ATTRIBUTES = [
    "account_name", "account_number", "consecutive_failures", "count_period", "country", "created_at",
    "decision_version", "failed_attempts", "pin_disclosed_at", "pin_failed_at", "pin_updated_at", "pin_updated_by",
    "pin_version", "pk", "protection", "protection_at", "protection_by", "revision", "sk", "updated_at", "zip_codes",
]


def read_owner(account, *more):
    """Reads an account and its PIN."""
    keys = [key("ACCOUNT", account), key("PIN", account)]
    found = read(keys, sorted([*OWNER_ATTRIBUTES, *more]))
    return [found.get(name_of(one)) for one in keys]


def create(item, table=TABLE):
    new = "attribute_not_exists(#pk)"
    put = {"TableName": table, "Item": item, "ConditionExpression": new, "ExpressionAttributeNames": names(new)}
    return {"Put": put}


def update(at, change, condition, values):
    return {
        "Update": {
            "TableName": TABLE,
            "Key": at,
            "UpdateExpression": change,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": names(change, condition),
            "ExpressionAttributeValues": values,
        }
    }


def check(at, condition, values=None):
    checked = {
        "TableName": TABLE,
        "Key": at,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": names(condition),
    }
    return {"ConditionCheck": {**checked, "ExpressionAttributeValues": values} if values else checked}


def audit(account, kind, data, actor, at):
    """The event of an account that is written with a change."""
    item = {
        "pk": {"S": f"ACCOUNT#{account}"},
        "sk": {"S": event_id()},
        "type": {"S": kind},
        "occurred_at": {"S": at},
        "actor": {"S": actor},
        "data": {"M": {"account_number": {"S": account}, **data}},
    }
    return create(item, EVENTS_TABLE)


def pin_view(record, pin, warnings=()):
    pin = pin or {}

    def number(name):
        return int(pin[name]["N"]) if name in pin else 0

    blocked = []
    if not pin:
        blocked.append("pin_not_set")
    elif "pin_disclosed_at" in pin or number("consecutive_failures") >= 100:
        blocked.append("pin_locked")
    if "protection" in record:
        blocked.append("port_protection_on")
    return {
        "account_id": record["account_number"]["S"],
        "pin_set": bool(pin),
        "pin_version": number("pin_version"),
        "updated_at": seconds(pin["pin_updated_at"]["S"]) if pin else None,
        "updated_by": pin["pin_updated_by"]["S"] if pin else None,
        "port_out_allowed": not blocked,
        "blocked_by": blocked,
        "failed_attempts": number("failed_attempts"),
        "consecutive_failures": number("consecutive_failures"),
        "last_failed_at": seconds(pin["pin_failed_at"]["S"]) if "pin_failed_at" in pin else None,
        "warnings": list(warnings),
    }
