"""GET /v1/accounts/{account_id}/port-out-pin, written plainly."""

from common import allowed, answer, claims, pin_view, problem, read_owner


def handler(event, _context):
    account = event["rawPath"].split("/")[3]
    if not allowed(event, "port-out-pin:read") or claims(event).get("account_id") != account:
        return problem(403, "forbidden")
    record, pin = read_owner(account)
    if record is None:
        return problem(404, "account_not_found")
    view = pin_view(record, pin)
    return answer(200, view, etag=f'"{view["pin_version"]}"')
