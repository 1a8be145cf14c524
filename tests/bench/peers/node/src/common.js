// What the three plain functions share: the table, the PIN's hash, answers, and the time.
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

const slowHash = promisify(pbkdf2);

export const TABLE = process.env.TABLE_NAME;
const ROUNDS = Number(process.env.PBKDF2_ITERATIONS ?? 600_000);
const KEY = Buffer.from(process.env.PIN_LOCAL_KEY, "base64");
const KEY_ID = `local-${createHash("sha256").update("port-out-pin key id\0").update(KEY).digest("hex").slice(0, 16)}`;

export const dynamodb = new DynamoDBClient({
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2000 },
});

export const claims = (event) => event.requestContext.authorizer.jwt.claims;
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
export function eventId() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = bytes.toString("hex");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}

const unpadded = (bytes) => bytes.toString("base64").replace(/=+$/, "");

export const keyed = (account, pin) => createHmac("sha256", KEY).update(`port-out-pin/v1\0${account}\0${pin}`).digest();

export async function digest(mac) {
  const salt = randomBytes(16);
  const hash = await slowHash(mac, salt, ROUNDS, 32, "sha256");
  return `pbkdf2-sha256$${ROUNDS}$${KEY_ID}$${unpadded(salt)}$${unpadded(hash)}`;
}

export async function matches(mac, stored) {
  const [, rounds, , salt, hash] = stored.split("$");
  const made = await slowHash(mac, Buffer.from(salt, "base64"), Number(rounds), 32, "sha256");
  return timingSafeEqual(made, Buffer.from(hash, "base64"));
}

export function fingerprint(mac, orderId) {
  return `${KEY_ID}$${unpadded(createHmac("sha256", mac).update(`port-out-order/v1\0${orderId}`).digest())}`;
}

export const accountKey = (account) => ({ pk: { S: `ACCOUNT#${account}` }, sk: { S: "ACCOUNT" } });

const ACCOUNT_ATTRIBUTES =
  "account_number, country, account_name, zip_codes, created_at, updated_at, revision, " +
  "pin_version, pin_updated_at, pin_updated_by, failed_attempts";

export async function readAccount(account) {
  const found = await dynamodb.send(
    new GetItemCommand({
      TableName: TABLE,
      Key: accountKey(account),
      ConsistentRead: true,
      ProjectionExpression: ACCOUNT_ATTRIBUTES,
    }),
  );
  return found.Item;
}

export function pinView(account, version, updatedAt, updatedBy, failed) {
  const blocked = version === 0 ? ["pin_not_set"] : failed >= 100 ? ["pin_locked"] : [];
  return {
    account_id: account,
    pin_set: version > 0,
    pin_version: version,
    updated_at: updatedAt ? seconds(updatedAt) : null,
    updated_by: updatedBy ?? null,
    port_out_allowed: blocked.length === 0,
    blocked_by: blocked,
    failed_attempts: failed,
    warnings: [],
  };
}
