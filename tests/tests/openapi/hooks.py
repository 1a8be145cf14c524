"""Who schemathesis is: it brings the token of a role, Bandwidth's password, or signs; all of them come by environment."""

import base64
import hashlib
import hmac
import os
import time

import schemathesis
from schemathesis.core.parameters import ParameterLocation

from bodies import from_xml

BANDWIDTH_SOURCE, STANDARD_SOURCE = "bw", "acme"


@schemathesis.auth().apply_to(operation_id_regex="^(?!bandwidthWebhook$|bandwidthNotice$|standardWebhook$)")
class Bearer:
    def get(self, case, context):
        return os.environ["ROLE_TOKEN"]

    def set(self, case, token, context):
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.auth().apply_to(operation_id_regex="^bandwidth(Webhook|Notice)$")
class Password:
    def get(self, case, context):
        return base64.b64encode(f"{BANDWIDTH_SOURCE}:{os.environ['BANDWIDTH_SECRET']}".encode()).decode()

    def set(self, case, credentials, context):
        case.headers["Authorization"] = f"Basic {credentials}"


@schemathesis.auth().apply_to(operation_id="standardWebhook")
class Signature:
    def get(self, case, context):
        return base64.b64decode(os.environ["STANDARD_SECRET"].removeprefix("whsec_"))

    def set(self, case, key, context):
        identity, now = os.urandom(8).hex(), str(int(time.time()))
        signed = f"{identity}.{now}.".encode() + body_bytes(case)
        tag = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        case.headers.update({"webhook-id": identity, "webhook-timestamp": now, "webhook-signature": f"v1,{tag}"})


def body_bytes(case):
    """The body as it will be sent."""
    import requests

    arguments = case.as_transport_kwargs(base_url="http://127.0.0.1")
    body = requests.Request(**{k: v for k, v in arguments.items() if k in {"method", "url", "json", "data", "headers"}})
    body = body.prepare().body or b""
    return body.encode() if isinstance(body, str) else body


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Numbers in their plain form only: to draw 90 of them in every form that is taken needs a minute."""
    raw_schema["components"]["schemas"]["TelephoneNumberInput"] = {
        "type": "string",
        "pattern": "^(\\+?1)?[2-9][02-8][02-9][2-9][02-9][0-9]{5}$",
    }


@schemathesis.hook
def before_call(context, case, kwargs):
    """A webhook's credentials are those of one source: a good source id is that source's."""
    source = {"bandwidthWebhook": BANDWIDTH_SOURCE, "bandwidthNotice": BANDWIDTH_SOURCE, "standardWebhook": STANDARD_SOURCE}
    operation = case.operation.definition.raw.get("operationId")
    if operation in source and not (case.meta and case.meta.is_negative_at(ParameterLocation.PATH)):
        case.path_parameters["source_id"] = source[operation]


@schemathesis.deserializer("application/xml")
def xml(context, response):
    media = context.operation.definition.raw["responses"]["200"]["content"]["application/xml"]
    return from_xml(context.operation.schema.raw_schema, media["schema"], response.content)
