"""Checks over HTTP: what reaches callers. Writes to the account SMOKETEST only, and leaves no number held."""

import json
import secrets
import urllib.error
import urllib.request

from outcome import Failed, Skipped, require

ACCOUNT = "SMOKETEST"
# A fictitious number (555-01XX), and one that is not assigned.
NUMBER, NO_NUMBER = "+12065550190", "+12065550191"
TIMEOUT = 35


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            raise Failed(f"the answer with status {self.status} is not JSON") from None


class Client:
    def __init__(self, api, tokens):
        self.api, self.tokens = api, tokens

    def call(self, method, path, role=None, body=None, headers=None):
        """Makes a call with the token of a role, or without one."""
        headers = dict(headers or {})
        if role:
            if not self.tokens[role]:
                raise Skipped(f"needs {role.upper()}, a token")
            headers["Authorization"] = f"Bearer {self.tokens[role]}"
        if isinstance(body, dict):
            body, headers["Content-Type"] = json.dumps(body), "application/json"
        return fetch(method, self.api + path, headers, body)


def fetch(method, url, headers, body=None):
    request = urllib.request.Request(url, method=method, headers=headers, data=body.encode() if body else None)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            return Answer(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())
    except (OSError, ValueError) as error:
        raise Failed(f"{url} does not answer: {error}") from None


def checks(api, issuer, tokens):
    client = Client(api, tokens)
    return [
        ("Bandwidth's first call, without credentials, is challenged", lambda: challenge(client)),
        ("wrong credentials of Bandwidth approve nothing", lambda: wrong_credentials(client)),
        ("the issuer publishes RSA keys", lambda: keys(issuer)),
        ("a call without a token gets 401", lambda: without_token(client)),
        ("a call with a bad token gets 401", lambda: bad_token(client)),
        ("an operator creates an account", lambda: account(client)),
        ("an operator's token submits nothing", lambda: wrong_scope(client)),
        ("an owner sets a PIN and reads its status", lambda: pin(client)),
        ("a wrong PIN is rejected, a right one is not", lambda: port_outs(client)),
    ]


def challenge(client):
    answer = client.call("POST", "/v1/webhooks/smoke-test/bandwidth", body="<PortOutValidationRequest/>",
                         headers={"Content-Type": "application/xml"})
    require(answer.headers.get("x-amzn-remapped-www-authenticate") is None,
            "API Gateway renames WWW-Authenticate. Bandwidth then never sends its credentials, and approves every "
            "port-out. Register no Bandwidth source on this API")
    challenged = answer.status == 401 and (answer.headers.get("WWW-Authenticate") or "").startswith("Basic ")
    require(challenged,
            f"status {answer.status} without WWW-Authenticate: Basic. Bandwidth then approves every port-out")


def wrong_credentials(client):
    answer = client.call("POST", "/v1/webhooks/smoke-test/bandwidth", body="<PortOutValidationRequest/>",
                         headers={"Content-Type": "application/xml", "Authorization": "Basic c21va2U6dGVzdA=="})
    require(answer.status == 200, f"status {answer.status}, which Bandwidth takes for an approval")
    require(b"<Portable>true" not in answer.body, "they approve a port-out")
    require(b"7598" in answer.body, "the refusal has no code 7598, and Bandwidth takes an unknown one for an approval")


def keys(issuer):
    if not issuer:
        raise Skipped("needs ISSUER")
    found = fetch("GET", f"{issuer}/.well-known/openid-configuration", {})
    require(found.status == 200, f"its OpenID configuration answers {found.status}: the authorizer refuses every token")
    configuration = found.json()
    require(configuration.get("issuer", "").rstrip("/") == issuer, f"it calls itself {configuration.get('issuer')}")
    published = fetch("GET", configuration.get("jwks_uri", ""), {}).json().get("keys", [])
    rsa = [key for key in published if key.get("kty") == "RSA" and key.get("use", "sig") == "sig"]
    require(rsa, "it has no RSA key for signatures, and the authorizer verifies no other")


def without_token(client):
    answer = client.call("GET", f"/v1/accounts/{ACCOUNT}/port-out-pin")
    challenge = answer.headers.get("WWW-Authenticate") or "none"
    require(answer.status == 401 and challenge.startswith("Bearer"),
            f"status {answer.status}, WWW-Authenticate: {challenge}")


def bad_token(client):
    answer = client.call("GET", f"/v1/accounts/{ACCOUNT}/port-out-pin", headers={"Authorization": "Bearer e30.e30.e30"})
    require(answer.status == 401, f"status {answer.status}")


def account(client):
    profile = {"country": "US", "name": "Smoke test", "zip_codes": ["98052"]}
    expect(client.call("PUT", f"/v1/accounts/{ACCOUNT}", "operator", profile), 200, 201)
    numbers = {"telephone_numbers": [NUMBER]}
    expect(client.call("POST", f"/v1/accounts/{ACCOUNT}/telephone-numbers", "operator", numbers), 200, 201)


def wrong_scope(client):
    expect(client.call("POST", "/v1/port-outs", "operator", {}), 403)


def pin(client):
    # A PIN drawn at random can be one that is easily guessed.
    for _ in range(5):
        client.pin = str(secrets.randbelow(90_000_000) + 10_000_000)
        changed = client.call("PUT", f"/v1/accounts/{ACCOUNT}/port-out-pin", "owner", {"pin": client.pin})
        if changed.status != 422:
            break
    expect(changed, 200, 201)
    status = expect(client.call("GET", f"/v1/accounts/{ACCOUNT}/port-out-pin", "owner"), 200)
    require(status.get("pin_set") is True, "the status says that no PIN is set")


def port_outs(client):
    if not getattr(client, "pin", None):
        raise Skipped("needs the PIN that OWNER sets")
    require("pin_invalid" in codes(client, "000000", NUMBER), "a wrong PIN is not rejected")
    # The second number rejects the request, so that the first is not held.
    found = codes(client, client.pin, NUMBER, NO_NUMBER)
    require(found == {"tn_not_found"}, f"the right PIN with an unassigned number is rejected for {sorted(found)}")


def codes(client, pin, *numbers):
    """Returns the reasons for which a port-out is rejected."""
    order = {"pon": f"SMOKE-{secrets.token_hex(6)}", "account_number": ACCOUNT, "pin": pin, "zip_code": "98052",
             "telephone_numbers": list(numbers)}
    answer = expect(client.call("POST", "/v1/port-outs", "carrier", order), 201)
    stored = expect(client.call("GET", f"/v1/port-outs/{answer.get('id')}", "carrier"), 200)
    require(stored == answer, "reading the port-out gives another answer than submitting it")
    return {rejection["code"] for rejection in answer["rejections"]}


def expect(answer, *statuses):
    if answer.status not in statuses:
        problem = answer.json() if answer.body.startswith(b"{") else {}
        raise Failed(f"status {answer.status} {problem.get('code') or problem.get('message') or ''}".rstrip())
    return answer.json() if answer.status < 400 else {}
