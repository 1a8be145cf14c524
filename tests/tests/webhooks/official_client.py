"""Signs, sends and verifies as a carrier does who uses the official library of Standard Webhooks.

One JSON object a line in, one a line out:
  {"do": "send", "url", "secret", "id", "body"}   -> {"status", "headers", "body", "signature"}
  {"do": "verify", "secret", "headers", "body"}   -> {"verified": true} or {"verified": false, "why"}
"""

import json
import sys
import urllib.error
import urllib.request
from datetime import datetime, timezone

from standardwebhooks import Webhook, WebhookVerificationError


def send(url, secret, id, body):
    now = datetime.now(tz=timezone.utc)
    signature = Webhook(secret).sign(id, now, body)
    headers = {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    request = urllib.request.Request(url, data=body.encode(), headers=headers, method="POST")
    try:
        answer = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return {"status": answer.status, "headers": headers, "body": answer.read().decode(), "signature": signature}


def verify(secret, headers, body):
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError as error:
        return {"verified": False, "why": str(error)}
    return {"verified": True}


ACTIONS = {"send": send, "verify": verify}

for line in sys.stdin:
    task = json.loads(line)
    print(json.dumps(ACTIONS[task.pop("do")](**task)))
