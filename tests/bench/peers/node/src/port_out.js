// POST /v1/port-outs with one version and the numbers of one account, written plainly.
import { createHash } from "node:crypto";
import { BatchGetItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import {
  TABLE,
  accountKey,
  allowed,
  answer,
  body,
  claims,
  dynamodb,
  eventId,
  fingerprint,
  keyed,
  matches,
  problem,
  seconds,
} from "./common.js";
import { run } from "./runtime.js";

const ATTRIBUTES =
  "pk, sk, account_number, country, zip_codes, revision, pin_version, pin_digest, failed_attempts, " +
  "failures, last_failed_at, held_by, telephone_number, latest_version, confirmed_id, port_out_id";

const name = ({ pk, sk }) => `${pk.S} ${sk.S}`;

async function read(keys) {
  const request = { Keys: keys, ConsistentRead: true, ProjectionExpression: ATTRIBUTES };
  const found = await dynamodb.send(new BatchGetItemCommand({ RequestItems: { [TABLE]: request } }));
  return new Map(found.Responses[TABLE].map((item) => [name(item), item]));
}

const isWeekday = (day) => ![0, 6].includes(day.getUTCDay());

/** The zone of the numbers' NPAC region: these area codes, and Pacific for all others. */
const ZONES = { 206: "America/Denver", 212: "America/New_York", 312: "America/Chicago" };

/** The desired day, or the first possible one from then on; holidays are left out. */
function due(desired, timeZone) {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    hourCycle: "h23",
  }).formatToParts(new Date());
  const part = (type) => parts.find((one) => one.type === type).value;
  const day = new Date(`${part("year")}-${part("month")}-${part("day")}T00:00:00Z`);
  for (let toGo = Number(part("hour")) < 13 && isWeekday(day) ? 1 : 2; toGo > 0; ) {
    day.setUTCDate(day.getUTCDate() + 1);
    if (isWeekday(day)) toGo -= 1;
  }
  const wanted = desired ? new Date(`${desired}T00:00:00Z`) : day;
  const from = wanted > day ? wanted : day;
  while (!isWeekday(from)) from.setUTCDate(from.getUTCDate() + 1);
  return from.toISOString().slice(0, 10);
}

async function rejections(order, account, numbers, mac, focDate) {
  if (!account) return ["account_number_invalid"];
  const found = [];
  if (!mac || !(await matches(mac, account.pin_digest.S))) found.push("pin_invalid");
  for (const number of numbers) {
    if (number?.account_number.S !== order.account_number) found.push("tn_not_found");
    else if (number.held_by) found.push("pending_port");
  }
  const five = order.zip_code?.slice(0, 5);
  const known = account.zip_codes.L.map((zip) => zip.S.slice(0, 5));
  if (five && known.length > 0 && !known.includes(five)) found.push("zip_code_invalid");
  return found;
}

function writes(order, orderId, spid, account, focDate, mac, actor, at) {
  const partition = `ACCOUNT#${order.account_number}`;
  const isNew = "attribute_not_exists(pk)";
  const put = (Item) => ({ Put: { TableName: TABLE, Item, ConditionExpression: isNew } });
  const item = {
    pk: { S: `PORTOUT#${orderId}` },
    sk: { S: "PORTOUT" },
    port_out_id: { S: orderId },
    spid: { S: spid },
    pon: { S: order.pon },
    port_out_version: { S: "01" },
    account_number: { S: order.account_number },
    telephone_numbers: { L: order.telephone_numbers.map((tn) => ({ S: tn })) },
    zip_code: { S: order.zip_code },
    desired_due_date: { S: order.desired_due_date },
    port_out_status: { S: "confirmed" },
    foc_date: { S: focDate },
    rejections: { L: [] },
    received_at: { S: at },
    pin_fingerprint: { S: fingerprint(mac, orderId) },
    list_pk: { S: `${partition}#PORTOUTS` },
    list_sk: { S: `${at}#${orderId}` },
  };
  const pon = {
    pk: { S: `PON#${spid}#${order.pon}` },
    sk: { S: "PON" },
    latest_version: { S: "01" },
    confirmed_id: { S: orderId },
  };
  const event = {
    pk: { S: partition },
    sk: { S: `EVENT#${eventId()}` },
    event: { S: "port_out.confirmed" },
    at: { S: at },
    actor: { S: actor },
    account_number: { S: order.account_number },
    port_out_id: { S: orderId },
    spid: { S: spid },
    pon: { S: order.pon },
    port_out_version: { S: "01" },
    reasons: { L: [] },
  };
  const right = {
    TableName: TABLE,
    Key: accountKey(order.account_number),
    UpdateExpression: "SET failed_attempts = :zero",
    ConditionExpression: "revision = :revision AND pin_version = :version AND failed_attempts < :lock",
    ExpressionAttributeValues: {
      ":zero": { N: "0" },
      ":revision": account.revision,
      ":version": account.pin_version,
      ":lock": { N: "100" },
    },
  };
  const attempts = { pk: { S: partition }, sk: { S: `ATTEMPTS#${spid}` } };
  const holds = order.telephone_numbers.map((tn) => ({
    Update: {
      TableName: TABLE,
      Key: { pk: { S: `NUMBER#${tn}` }, sk: { S: "NUMBER" } },
      UpdateExpression: "SET held_by = :id",
      ConditionExpression: "account_number = :account AND attribute_not_exists(held_by)",
      ExpressionAttributeValues: { ":id": { S: orderId }, ":account": { S: order.account_number } },
    },
  }));
  return [
    put(item),
    put(pon),
    { Update: right },
    { ConditionCheck: { TableName: TABLE, Key: attempts, ConditionExpression: isNew } },
    put(event),
    ...holds,
  ];
}

async function handler(event) {
  const { spid, sub } = claims(event);
  if (!spid || !allowed(event, "port-out:submit")) return problem(403, "forbidden");
  const order = body(event);
  const orderId = createHash("sha256").update(`${spid} ${order.pon} 01`).digest("hex").slice(0, 32);
  const others = [
    { pk: { S: `ACCOUNT#${order.account_number}` }, sk: { S: `ATTEMPTS#${spid}` } },
    { pk: { S: `PORTOUT#${orderId}` }, sk: { S: "PORTOUT" } },
    { pk: { S: `PON#${spid}#${order.pon}` }, sk: { S: "PON" } },
  ];
  const numberKeys = order.telephone_numbers.map((tn) => ({ pk: { S: `NUMBER#${tn}` }, sk: { S: "NUMBER" } }));
  const found = await read([accountKey(order.account_number), ...others, ...numberKeys]);
  if (others.some((key) => found.has(name(key)))) return problem(409, "pon_conflict");
  const account = found.get(name(accountKey(order.account_number)));
  const numbers = numberKeys.map((key) => found.get(name(key)));
  const mac = account?.pin_digest ? keyed(order.account_number, order.pin) : null;
  const focDate = account ? due(order.desired_due_date, ZONES[order.telephone_numbers[0].slice(2, 5)] ?? "America/Los_Angeles") : null;
  const refused = await rejections(order, account, numbers, mac, focDate);
  // Recording a refusal and counting a wrong PIN are left out: no measured order is refused.
  if (refused.length > 0) return problem(501, refused[0]);
  const at = new Date().toISOString();
  try {
    const items = writes(order, orderId, spid, account, focDate, mac, sub, at);
    await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: items }));
  } catch (error) {
    if (error.name === "TransactionCanceledException") return problem(503, "temporarily_unavailable");
    throw error;
  }
  const view = {
    id: orderId,
    spid,
    pon: order.pon,
    version: "01",
    account_number: order.account_number,
    telephone_numbers: order.telephone_numbers,
    status: "confirmed",
    foc_date: focDate,
    rejections: [],
    received_at: seconds(at),
  };
  return answer(201, view, { location: `/v1/port-outs/${orderId}` });
}

run(handler);
