// GET /v1/accounts/{account_id}/port-out-pin, written plainly.
import { allowed, answer, claims, pinView, problem, readAccount } from "./common.js";
import { run } from "./runtime.js";

async function handler(event) {
  const account = event.rawPath.split("/")[3];
  if (!allowed(event, "port-out-pin:read") || claims(event).account_id !== account) return problem(403, "forbidden");
  const item = await readAccount(account);
  if (!item) return problem(404, "account_not_found");
  const version = Number(item.pin_version?.N ?? 0);
  const view = pinView(
    account,
    version,
    item.pin_updated_at?.S,
    item.pin_updated_by?.S,
    Number(item.failed_attempts?.N ?? 0),
  );
  return answer(200, view, { etag: `"${version}"` });
}

run(handler);
