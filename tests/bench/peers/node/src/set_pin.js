// PUT /v1/accounts/{account_id}/port-out-pin, written plainly.
import { QueryCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import {
  TABLE,
  accountKey,
  allowed,
  answer,
  body,
  claims,
  digest,
  dynamodb,
  eventId,
  keyed,
  pinView,
  problem,
  readAccount,
} from "./common.js";
import { run } from "./runtime.js";

async function ownNumbers(account) {
  const found = await dynamodb.send(
    new QueryCommand({
      TableName: TABLE,
      IndexName: "lists",
      KeyConditionExpression: "list_pk = :list AND list_sk > :after",
      ProjectionExpression: "list_sk",
      ExpressionAttributeValues: { ":list": { S: `ACCOUNT#${account}#NUMBERS` }, ":after": { S: "+" } },
      Limit: 1000,
    }),
  );
  return found.Items.map((item) => item.list_sk.S);
}

const weak = (pin, numbers) =>
  new Set(pin).size === 1 || "01234567890".includes(pin) || numbers.some((number) => number.includes(pin));

async function write(account, version, stored, actor, at) {
  const values = {
    ":digest": { S: stored },
    ":next": { N: `${version + 1}` },
    ":now": { S: at },
    ":actor": { S: actor },
    ":zero": { N: "0" },
    ":us": { S: "US" },
  };
  if (version) values[":read"] = { N: `${version}` };
  const unchanged = version ? "pin_version = :read" : "attribute_not_exists(pin_version)";
  const update = {
    TableName: TABLE,
    Key: accountKey(account),
    UpdateExpression:
      "SET pin_digest = :digest, pin_version = :next, pin_updated_at = :now, " +
      "pin_updated_by = :actor, failed_attempts = :zero",
    ConditionExpression: `country = :us AND ${unchanged}`,
    ExpressionAttributeValues: values,
  };
  const event = {
    pk: { S: `ACCOUNT#${account}` },
    sk: { S: `EVENT#${eventId()}` },
    event: { S: version ? "pin.changed" : "pin.set" },
    at: { S: at },
    actor: { S: actor },
    account_number: { S: account },
    pin_version: { N: `${version + 1}` },
  };
  const put = { TableName: TABLE, Item: event, ConditionExpression: "attribute_not_exists(pk)" };
  await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Update: update }, { Put: put }] }));
}

async function handler(event) {
  const account = event.rawPath.split("/")[3];
  if (!allowed(event, "port-out-pin:write") || claims(event).account_id !== account) return problem(403, "forbidden");
  const { pin } = body(event);
  if (!/^[0-9]{6,10}$/.test(pin)) return problem(422, "invalid_request");
  const [item, numbers, stored] = await Promise.all([
    readAccount(account),
    ownNumbers(account),
    digest(keyed(account, pin)),
  ]);
  if (!item) return problem(404, "account_not_found");
  const version = Number(item.pin_version?.N ?? 0);
  const actor = claims(event).sub;
  const at = new Date().toISOString();
  try {
    await write(account, version, stored, actor, at);
  } catch (error) {
    if (error.name === "TransactionCanceledException") return problem(503, "temporarily_unavailable");
    throw error;
  }
  const warnings = weak(pin, numbers) ? [{ code: "pin_weak" }] : [];
  const view = { ...pinView(account, version + 1, at, actor, 0), warnings };
  return answer(version ? 200 : 201, view, { etag: `"${version + 1}"` });
}

run(handler);
