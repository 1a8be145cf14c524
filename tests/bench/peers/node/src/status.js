// GET /v1/accounts/{account_id}/port-out-pin, written plainly.
import { allowed, answer, claims, pinView, problem, readOwner } from "./common.js";
import { run } from "./runtime.js";

async function handler(event) {
  const account = event.rawPath.split("/")[3];
  if (!allowed(event, "port-out-pin:read") || claims(event).account_id !== account) return problem(403, "forbidden");
  const { record, pin } = await readOwner(account);
  if (!record) return problem(404, "account_not_found");
  const view = pinView(record, pin);
  return answer(200, view, { etag: `"${view.pin_version}"` });
}

run(handler);
