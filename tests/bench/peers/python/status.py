"""GET /v1/accounts/{account_id}/port-out-pin, written plainly."""

from common import allowed, answer, claims, pin_view, problem, read_account


def handler(event, _context):
    account = event["rawPath"].split("/")[3]
    if not allowed(event, "port-out-pin:read") or claims(event).get("account_id") != account:
        return problem(403, "forbidden")
    item = read_account(account)
    if item is None:
        return problem(404, "account_not_found")
    version = int(item.get("pin_version", {}).get("N", 0))
    view = pin_view(
        account,
        version,
        item.get("pin_updated_at", {}).get("S"),
        item.get("pin_updated_by", {}).get("S"),
        int(item.get("failed_attempts", {}).get("N", 0)),
    )
    return answer(200, view, etag=f'"{version}"')
