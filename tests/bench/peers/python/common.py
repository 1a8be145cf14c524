"""What the three plain functions share: the table, the PIN's hash, answers, and the time."""

import base64
import hashlib
import hmac
import json
import os
import secrets
from datetime import datetime, timezone

import boto3
from botocore.config import Config

TABLE = os.environ["TABLE_NAME"]
ROUNDS = int(os.environ.get("PBKDF2_ITERATIONS", "600000"))
KEY = base64.b64decode(os.environ["PIN_LOCAL_KEY"])
KEY_ID = "local-" + hashlib.sha256(b"port-out-pin key id\0" + KEY).hexdigest()[:16]

dynamodb = boto3.client(
    "dynamodb",
    config=Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "max_attempts": 3}),
)


def claims(event):
    return event["requestContext"]["authorizer"]["jwt"]["claims"]


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


def keyed(account, pin):
    return hmac.digest(KEY, b"port-out-pin/v1\0" + account.encode() + b"\0" + pin.encode(), "sha256")


def digest(mac):
    salt = secrets.token_bytes(16)
    made = hashlib.pbkdf2_hmac("sha256", mac, salt, ROUNDS)
    return f"pbkdf2-sha256${ROUNDS}${KEY_ID}${unpadded(salt)}${unpadded(made)}"


def matches(mac, stored):
    _, rounds, _, salt, made = stored.split("$")
    salt, made = base64.b64decode(salt + "=="), base64.b64decode(made + "==")
    return hmac.compare_digest(hashlib.pbkdf2_hmac("sha256", mac, salt, int(rounds)), made)


def fingerprint(mac, port_out_id):
    return f"{KEY_ID}${unpadded(hmac.digest(mac, b'port-out-order/v1' + bytes(1) + port_out_id.encode(), 'sha256'))}"


def account_key(account):
    return {"pk": {"S": f"ACCOUNT#{account}"}, "sk": {"S": "ACCOUNT"}}


ACCOUNT_ATTRIBUTES = (
    "account_number, country, account_name, zip_codes, created_at, updated_at, revision, "
    "pin_version, pin_updated_at, pin_updated_by, failed_attempts"
)


def read_account(account):
    found = dynamodb.get_item(
        TableName=TABLE, Key=account_key(account), ConsistentRead=True, ProjectionExpression=ACCOUNT_ATTRIBUTES
    )
    return found.get("Item")


def pin_view(account, version, updated_at, updated_by, failed):
    blocked = ["pin_not_set"] if version == 0 else ["pin_locked"] if failed >= 100 else []
    return {
        "account_id": account,
        "pin_set": version > 0,
        "pin_version": version,
        "updated_at": updated_at and seconds(updated_at),
        "updated_by": updated_by,
        "port_out_allowed": not blocked,
        "blocked_by": blocked,
        "failed_attempts": failed,
        "warnings": [],
    }
