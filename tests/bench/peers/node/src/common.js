// What the three plain functions share: the tables, the PIN's hash, answers, and the time.
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { BatchGetItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";

const slowHash = promisify(pbkdf2);

export const TABLE = process.env.TABLE_NAME;
const EVENTS_TABLE = process.env.EVENTS_TABLE_NAME;
const ROUNDS = Number(process.env.PBKDF2_ITERATIONS ?? 600_000);
const KEY = Buffer.from(process.env.PIN_LOCAL_KEY, "base64");
const KEY_ID = `local-${createHash("sha256").update("port-out-pin key id\0").update(KEY).digest("hex").slice(0, 16)}`;

export const dynamodb = new DynamoDBClient({
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2000 },
});

export const claims = (event) => event.requestContext.authorizer.jwt.claims;
export const actorOf = (event) => `user:${claims(event).sub}`;
export const allowed = (event, scope) => (claims(event).scope ?? "").split(" ").includes(scope);

export function body(event) {
  const text = event.body ?? "";
  return JSON.parse(event.isBase64Encoded ? Buffer.from(text, "base64").toString() : text);
}

export function answer(statusCode, content, headers) {
  const all = { "content-type": "application/json", "cache-control": "no-store", ...headers };
  return { statusCode, headers: all, body: JSON.stringify(content) };
}

export function problem(status, code) {
  const content = { type: `urn:port-out:problem:${code}`, status, code };
  return { statusCode: status, headers: { "content-type": "application/problem+json" }, body: JSON.stringify(content) };
}

export const seconds = (text) => `${text.slice(0, 19)}Z`;

/** A UUID of version 7: it sorts by time. */
function eventId() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = bytes.toString("hex");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}

const unpadded = (bytes) => bytes.toString("base64").replace(/=+$/, "");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

export const pepper = (account, pin) => hmac(KEY, `port-out-pin/v1\0${account}\0${pin}`);

export const newParameters = () => `pbkdf2-sha256$${ROUNDS}$${KEY_ID}$${unpadded(randomBytes(16))}`;

/** Hashes a PIN as a record says. Older keys and the renewal of outdated records are left out. */
export function hash(peppered, parameters) {
  const [, rounds, , salt] = parameters.split("$");
  return slowHash(peppered, Buffer.from(salt, "base64"), Number(rounds), 32, "sha256");
}

export const digest = (hash) => unpadded(hmac(hash, "digest"));
export const matches = (hash, stored) => timingSafeEqual(hmac(hash, "digest"), Buffer.from(stored, "base64"));
export const fingerprint = (hash, parameters, id) => `${parameters}$${unpadded(hmac(hash, `port-out\0${id}`))}`;

export const key = (kind, id, sk = kind) => ({ pk: { S: `${kind}#${id}` }, sk: { S: sk } });
export const nameOf = ({ pk, sk }) => `${pk.S} ${sk.S}`;

/** Gives each `#name` in expressions its attribute, so that no reserved word is in the way. */
export const names = (...expressions) =>
  Object.fromEntries(expressions.join(" ").match(/#\w+/g).map((name) => [name, name.slice(1)]));

/** Reads these attributes of some items, which it returns by their keys. */
export async function read(keys, attributes) {
  const projection = attributes.map((name) => `#${name}`).join(", ");
  const request = {
    Keys: keys,
    ConsistentRead: true,
    ProjectionExpression: projection,
    ExpressionAttributeNames: names(projection),
  };
  const found = await dynamodb.send(new BatchGetItemCommand({ RequestItems: { [TABLE]: request } }));
  return new Map(found.Responses[TABLE].map((item) => [nameOf(item), item]));
}

const OWNER_ATTRIBUTES = [
  "account_name", "account_number", "consecutive_failures", "count_period", "country", "created_at", "decision_version",
  "failed_attempts", "pin_disclosed_at", "pin_failed_at", "pin_updated_at", "pin_updated_by", "pin_version", "pk",
  "protection", "protection_at", "protection_by", "revision", "sk", "updated_at", "zip_codes",
];

/** Reads an account and its PIN. */
export async function readOwner(account, ...more) {
  const keys = [key("ACCOUNT", account), key("PIN", account)];
  const found = await read(keys, [...OWNER_ATTRIBUTES, ...more].sort());
  const [record, pin] = keys.map((key) => found.get(nameOf(key)));
  return { record, pin };
}

export function create(Item, TableName = TABLE) {
  const isNew = "attribute_not_exists(#pk)";
  return { Put: { TableName, Item, ConditionExpression: isNew, ExpressionAttributeNames: names(isNew) } };
}

export function update(Key, change, condition, values) {
  const expressions = { UpdateExpression: change, ConditionExpression: condition };
  const all = { ExpressionAttributeNames: names(change, condition), ExpressionAttributeValues: values };
  return { Update: { TableName: TABLE, Key, ...expressions, ...all } };
}

export function check(Key, condition, values) {
  const all = { ExpressionAttributeNames: names(condition), ExpressionAttributeValues: values };
  return { ConditionCheck: { TableName: TABLE, Key, ConditionExpression: condition, ...all } };
}

/** The event of an account that is written with a change. */
export function audit(account, type, data, actor, at) {
  const item = {
    pk: { S: `ACCOUNT#${account}` },
    sk: { S: eventId() },
    type: { S: type },
    occurred_at: { S: at },
    actor: { S: actor },
    data: { M: { account_number: { S: account }, ...data } },
  };
  return create(item, EVENTS_TABLE);
}

export function pinView(record, pin, warnings = []) {
  const number = (name) => Number(pin?.[name]?.N ?? 0);
  const blocked = [];
  if (!pin) blocked.push("pin_not_set");
  else if (pin.pin_disclosed_at || number("consecutive_failures") >= 100) blocked.push("pin_locked");
  if (record.protection) blocked.push("port_protection_on");
  return {
    account_id: record.account_number.S,
    pin_set: Boolean(pin),
    pin_version: number("pin_version"),
    updated_at: pin ? seconds(pin.pin_updated_at.S) : null,
    updated_by: pin?.pin_updated_by.S ?? null,
    port_out_allowed: blocked.length === 0,
    blocked_by: blocked,
    failed_attempts: number("failed_attempts"),
    consecutive_failures: number("consecutive_failures"),
    last_failed_at: pin?.pin_failed_at ? seconds(pin.pin_failed_at.S) : null,
    warnings,
  };
}
