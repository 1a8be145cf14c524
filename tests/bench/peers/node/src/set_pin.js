// PUT /v1/accounts/{account_id}/port-out-pin, written plainly.
import { QueryCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import {
  TABLE,
  actorOf,
  allowed,
  answer,
  audit,
  body,
  claims,
  digest,
  dynamodb,
  hash,
  key,
  names,
  newParameters,
  pepper,
  pinView,
  problem,
  readOwner,
  update,
} from "./common.js";
import { run } from "./runtime.js";

async function ownNumbers(account) {
  const condition = "#list_pk = :list AND #list_sk BETWEEN :from AND :to";
  const found = await dynamodb.send(
    new QueryCommand({
      TableName: TABLE,
      IndexName: "lists",
      KeyConditionExpression: condition,
      ProjectionExpression: "#list_sk",
      ExpressionAttributeNames: names(condition),
      ExpressionAttributeValues: { ":list": { S: `NUMBERS#${account}` }, ":from": { S: "+" }, ":to": { S: "+~" } },
      ScanIndexForward: true,
      Limit: 1000,
    }),
  );
  return found.Items.map((item) => item.list_sk.S);
}

const weak = (pin, numbers) =>
  new Set(pin).size === 1 || "01234567890".includes(pin) || numbers.some((number) => number.includes(pin));

async function write(account, read, stored, actor, at) {
  const version = Number(read?.pin_version.N ?? 0);
  const change =
    "SET #pin_parameters = :parameters, #pin_digest = :digest, #pin_version = :next, #pin_updated_at = :now, " +
    "#pin_updated_by = :actor, #failed_attempts = :zero, #consecutive_failures = :zero, #count_period = :period " +
    "REMOVE #pin_failed_at, #pin_disclosed_at";
  const values = {
    ":parameters": { S: stored.parameters },
    ":digest": { S: stored.digest },
    ":next": { N: `${version + 1}` },
    ":now": { S: at },
    ":actor": { S: actor },
    ":zero": { N: "0" },
    ":period": { N: `${Number(read?.count_period.N ?? 0) + 1}` },
  };
  if (version) Object.assign(values, { ":read": { N: `${version}` }, ":same": { S: stored.digest } });
  const unchanged = version ? "#pin_version = :read AND #pin_digest <> :same" : "attribute_not_exists(#pk)";
  const moved = "SET #decision_version = #decision_version + :one";
  const items = [
    update(key("PIN", account), change, unchanged, values),
    update(key("ACCOUNT", account), moved, "#country = :country", { ":one": { N: "1" }, ":country": { S: "US" } }),
    audit(account, version ? "pin.changed" : "pin.set", { pin_version: { N: `${version + 1}` } }, actor, at),
  ];
  await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: items }));
  return version + 1;
}

async function handler(event) {
  const account = event.rawPath.split("/")[3];
  if (!allowed(event, "port-out-pin:write") || claims(event).account_id !== account) return problem(403, "forbidden");
  const { pin } = body(event);
  if (!/^[0-9]{6,10}$/.test(pin)) return problem(422, "invalid_request");
  const [{ record, pin: read }, numbers] = await Promise.all([
    readOwner(account, "pin_parameters"),
    ownNumbers(account),
  ]);
  if (!record) return problem(404, "account_not_found");
  const parameters = read?.pin_parameters.S ?? newParameters();
  const stored = { parameters, digest: digest(await hash(pepper(account, pin), parameters)) };
  const actor = actorOf(event);
  const at = new Date().toISOString();
  let version;
  try {
    version = await write(account, read, stored, actor, at);
  } catch (error) {
    // Telling that the PIN is the same as before is left out: no measured one is.
    if (error.name === "TransactionCanceledException") return problem(503, "temporarily_unavailable");
    throw error;
  }
  const warnings = weak(pin, numbers) ? [{ code: "pin_weak" }] : [];
  const now = { pin_version: { N: `${version}` }, pin_updated_at: { S: at }, pin_updated_by: { S: actor } };
  return answer(version > 1 ? 200 : 201, pinView(record, now, warnings), { etag: `"${version}"` });
}

run(handler);
