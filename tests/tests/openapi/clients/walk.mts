// Does README's main job with openapi-fetch and the types that openapi-typescript generates from infra/openapi.yaml.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type PortOut = components["schemas"]["PortOut"];
type PortOutRequest = components["schemas"]["PortOutRequest"];

const PIN = "482913";
const ACCOUNT = { params: { path: { account_id: "CONTOSO" } } };

function env(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

function client(token: string) {
  const headers = { Authorization: `Bearer ${env(token)}` };
  return createClient<paths>({ baseUrl: env("API_URL"), headers });
}

const admin = client("ADMIN_TOKEN");
const carrier = client("CARRIER_TOKEN");

async function pinStatus() {
  const { data, response } = await admin.GET("/v1/accounts/{account_id}/port-out-pin", ACCOUNT);
  assert.equal(response.status, 200);
  // The operator is shown less.
  assert.ok(data && "blocked_by" in data);
  return data;
}

async function setThePin() {
  const before = await pinStatus();
  assert.deepEqual([before.pin_set, before.pin_version, before.updated_at], [false, 0, null]);
  assert.deepEqual([before.port_out_allowed, before.blocked_by], [false, ["pin_not_set"]]);

  const body = { pin: PIN };
  const { data, response } = await admin.PUT("/v1/accounts/{account_id}/port-out-pin", { ...ACCOUNT, body });
  assert.equal(response.status, 201);
  assert.ok(data?.port_out_allowed);
  assert.deepEqual([data.pin_version, data.blocked_by, data.warnings], [1, [], []]);
}

/** Neither a blank PIN nor a DELETE removes it. */
async function keepThePin() {
  const body = { pin: "" };
  const blank = await admin.PUT("/v1/accounts/{account_id}/port-out-pin", { ...ACCOUNT, body });
  assert.equal(blank.response.status, 422);
  assert.ok(blank.error?.code === "invalid_request");
  assert.deepEqual(blank.error.errors.map(({ field, code }) => [field, code]), [["/pin", "pin_blank"]]);

  const deleted = await admin.DELETE("/v1/accounts/{account_id}/port-out-pin", ACCOUNT);
  assert.equal(deleted.response.status, 405);
  assert.ok(deleted.error?.code === "pin_cannot_be_removed");
  assert.equal(deleted.response.headers.get("allow"), "GET, PUT");
}

async function submit(body: PortOutRequest, expected: number): Promise<PortOut> {
  const { data, response } = await carrier.POST("/v1/port-outs", { body });
  assert.equal(response.status, expected);
  assert.ok(data);
  return data;
}

/** Rejected with a wrong PIN, confirmed with the right one. */
async function portOut(): Promise<PortOut> {
  const named = { pon: "TX-1001", account_number: "CONTOSO" };
  const numbers = ["+12065550100", "+12065550199"];
  const rejected = await submit({ ...named, pin: "111111", telephone_numbers: numbers }, 201);
  assert.deepEqual([rejected.status, rejected.foc_date], ["rejected", null]);
  const reasons = rejected.rejections.map(({ code, telephone_number }) => [code, telephone_number]);
  assert.deepEqual(reasons, [["tn_not_found", "+12065550199"], ["pin_invalid", null]]);

  const second = { ...named, version: "02", pin: PIN };
  const right = { ...second, zip_code: "98052", telephone_numbers: ["(206) 555-0100", "206-555-0101"] };
  const confirmed = await submit(right, 201);
  assert.deepEqual([confirmed.status, confirmed.rejections], ["confirmed", []]);
  assert.deepEqual(confirmed.telephone_numbers, ["+12065550100", "+12065550101"]);
  assert.ok(confirmed.foc_date !== null && confirmed.foc_date > confirmed.received_at.slice(0, 10));

  assert.deepEqual(await submit(right, 200), confirmed);
  const other = { ...second, telephone_numbers: ["+12065550102"] };
  const conflict = await carrier.POST("/v1/port-outs", { body: other });
  assert.equal(conflict.response.status, 409);
  assert.ok(conflict.error?.code === "pon_conflict");
  return confirmed;
}

async function read(reader: typeof admin, confirmed: PortOut) {
  const { data, response } = await reader.GET("/v1/port-outs/{id}", { params: { path: { id: confirmed.id } } });
  assert.equal(response.status, 200);
  assert.deepEqual(data, confirmed);
}

await setThePin();
await keepThePin();
const confirmed = await portOut();
await read(carrier, confirmed);
await read(admin, confirmed);
const { pin_version, failed_attempts } = await pinStatus();
assert.deepEqual([pin_version, failed_attempts], [1, 0]);
