// POST /v1/port-outs with one version and the numbers of one account, written plainly.
import { createHash } from "node:crypto";
import { TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import {
  actorOf,
  allowed,
  answer,
  audit,
  body,
  check,
  claims,
  create,
  dynamodb,
  fingerprint,
  hash,
  key,
  matches,
  nameOf,
  pepper,
  problem,
  read,
  seconds,
  update,
} from "./common.js";
import { run } from "./runtime.js";

const ATTRIBUTES = [
  "account_name", "account_number", "added_failures", "announced_until", "answer", "cancellation_reason",
  "cancelled_at", "cancelled_by", "carried", "channel", "confirmed_id", "conflict", "consecutive_failures",
  "content_hash", "count_period", "country", "created_at", "decision_version", "desired_due_date", "elsewhere_at",
  "entered_at", "expires_at", "failed_attempts", "failures", "first_received_at", "foc_date", "held_by", "held_for",
  "held_numbers", "held_until", "hold_expires_on", "hold_until", "judged_pin_version", "judged_version",
  "last_failed_at", "latest_version", "lsr", "pin_digest", "pin_disclosed_at", "pin_failed_at", "pin_fingerprint",
  "pin_parameters", "pin_updated_at", "pin_updated_by", "pin_version", "pk", "pon", "port_out_id", "port_out_version",
  "ported_numbers", "protection", "protection_at", "protection_by", "received_at", "rejections", "released_numbers",
  "requester", "revision", "row_revision", "sk", "source_id", "spid", "supplement", "telephone_number",
  "telephone_numbers", "uncompared", "uncompared_since", "updated_at", "zip_code", "zip_codes",
];

const isWeekday = (day) => ![0, 6].includes(day.getUTCDay());
const addDays = (day, days) => new Date(day.getTime() + days * 86_400_000);
const dateOf = (day) => day.toISOString().slice(0, 10);

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
  return from;
}

/** The day of the port, the last day of the hold, and the end of that day. */
function commit(desired, timeZone) {
  const focDate = due(desired, timeZone);
  const next = addDays(focDate, 31);
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" }).formatToParts(next);
  const offset = parts.find((one) => one.type === "timeZoneName").value.slice(3);
  const holdUntil = new Date(`${dateOf(next)}T00:00:00${offset || "Z"}`).toISOString();
  return { focDate: dateOf(focDate), holdExpiresOn: dateOf(addDays(focDate, 30)), holdUntil };
}

const shortHash = (text) => createHash("sha256").update(text).digest("hex").slice(0, 32);

/** A hash of all but the name and the PIN; supplements and the porting desk's fields are left out. */
function contentHash(order) {
  const numbers = order.telephone_numbers.map((tn) => tn.slice(2)).sort();
  const { account_number, zip_code = "", desired_due_date = "" } = order;
  const parts = ["", account_number, zip_code, desired_due_date, numbers.join(" "), "", "", ""];
  return shortHash(parts.map((part) => `${JSON.stringify(part)}|`).join(""));
}

function rejections(order, account, numbers, pinIsRight, at) {
  if (!account) return ["account_number_invalid"];
  const found = [];
  if (account.protection) found.push("port_protection_on");
  if (!pinIsRight) found.push("pin_invalid");
  for (const number of numbers) {
    if (number?.account_number?.S !== order.account_number) found.push("tn_not_found");
    else if (number.held_until?.S > at) found.push("pending_port");
  }
  const five = order.zip_code?.slice(0, 5);
  const known = account.zip_codes.L.map((zip) => zip.S.slice(0, 5));
  if (five && known.length > 0 && !known.includes(five)) found.push("zip_code_invalid");
  return found;
}

function portOutItem(order, { id, spid, account, pin, commitment, fingerprint, at }) {
  const numbers = { L: order.telephone_numbers.map((tn) => ({ S: tn })) };
  const { focDate, holdExpiresOn, holdUntil } = commitment;
  return {
    ...key("PORTOUT", id),
    port_out_id: { S: id },
    requester: { S: spid },
    spid: { S: spid },
    pon: { S: order.pon },
    port_out_version: { S: "01" },
    account_number: { S: order.account_number },
    telephone_numbers: numbers,
    zip_code: { S: order.zip_code },
    desired_due_date: { S: order.desired_due_date },
    content_hash: { S: contentHash(order) },
    channel: { S: "api" },
    received_at: { S: at },
    first_received_at: { S: at },
    answer: { S: "confirmed" },
    foc_date: { S: focDate },
    hold_expires_on: { S: holdExpiresOn },
    hold_until: { S: holdUntil },
    rejections: { L: [] },
    judged_pin_version: pin.pin_version,
    judged_version: account.decision_version,
    entered_at: { S: at },
    held_numbers: numbers,
    ported_numbers: { L: [] },
    released_numbers: { L: [] },
    updated_at: { S: at },
    revision: { N: "1" },
    pin_fingerprint: { S: fingerprint },
    list_pk: { S: `PORTOUTS#${order.account_number}` },
    list_sk: { S: `${at}#${id}` },
    carrier_pk: { S: `PORTOUTS#${spid}` },
    carrier_sk: { S: `${at}#${id}` },
    open_pk: { S: `OPEN#${order.account_number}` },
    open_sk: { S: `${holdUntil}#${id}` },
  };
}

/** Checks that the account and its PIN are as they were read, and that the carrier sent no wrong PIN. */
function checks(order, { spid, account, pin }) {
  const unlocked =
    "#pin_version = :pin_version AND #count_period = :period AND attribute_not_exists(#pin_disclosed_at) " +
    "AND #consecutive_failures >= :added AND #consecutive_failures < :lock";
  const unchanged = { ":decision_version": account.decision_version };
  const values = {
    ":pin_version": pin.pin_version,
    ":period": pin.count_period,
    ":added": { N: "0" },
    ":lock": { N: "100" },
  };
  return [
    check(key("ACCOUNT", order.account_number), "#decision_version = :decision_version", unchanged),
    check(key("PIN", order.account_number), unlocked, values),
    check(key("ATTEMPTS", order.account_number, spid), "attribute_not_exists(#pk)"),
  ];
}

function writes(order, decided) {
  const { id, spid, pin, commitment, actor, at } = decided;
  const numbers = order.telephone_numbers;
  const pon = { ...key("PON", `${spid}#${order.pon}`), latest_version: { S: "01" }, confirmed_id: { S: id } };
  const data = {
    port_out_id: { S: id },
    spid: { S: spid },
    pon: { S: order.pon },
    version: { S: "01" },
    channel: { S: "api" },
    pin_version: pin.pin_version,
    telephone_numbers: { L: numbers.map((tn) => ({ S: tn })) },
    rejections: { L: [] },
    foc_date: { S: commitment.focDate },
    received_at: { S: at },
  };
  const hold = "SET #held_by = :id, #held_for = :requester, #held_until = :until";
  const free = "#account_number = :account AND (attribute_not_exists(#held_by) OR #held_until <= :now)";
  const values = {
    ":id": { S: id },
    ":requester": { S: spid },
    ":until": { S: commitment.holdUntil },
    ":account": { S: order.account_number },
    ":now": { S: at },
  };
  return [
    create(portOutItem(order, decided)),
    create(pon),
    ...checks(order, decided),
    audit(order.account_number, "port_out.confirmed", data, actor, at),
    ...numbers.map((tn) => update(key("NUMBER", tn), hold, free, values)),
  ];
}

function portOutView(order, { id, spid, commitment, at }) {
  const { focDate, holdExpiresOn } = commitment;
  const desired = order.desired_due_date ?? null;
  return {
    id,
    spid,
    pon: order.pon,
    version: "01",
    supplement: null,
    account_number: order.account_number,
    telephone_numbers: order.telephone_numbers,
    status: "confirmed",
    rejections: [],
    desired_due_date: desired,
    foc_date: focDate,
    due_date_changed: desired !== null && desired !== focDate,
    hold_expires_on: holdExpiresOn,
    ported_numbers: [],
    released_numbers: [],
    cancellation: null,
    channel: "api",
    received_at: seconds(at),
    entered_at: seconds(at),
    updated_at: seconds(at),
  };
}

async function handler(event) {
  const { spid } = claims(event);
  if (!spid || !allowed(event, "port-out:submit")) return problem(403, "forbidden");
  const order = body(event);
  const name = order.account_number;
  const id = shortHash(`${spid} ${order.pon} 01`);
  const owner = [key("ACCOUNT", name), key("PIN", name)];
  const others = [key("ATTEMPTS", name, spid), key("PON", `${spid}#${order.pon}`), key("PORTOUT", id)];
  const numberKeys = order.telephone_numbers.map((tn) => key("NUMBER", tn));
  const found = await read([...owner, ...others, ...numberKeys], ATTRIBUTES);
  if (others.some((key) => found.has(nameOf(key)))) return problem(409, "pon_conflict");
  const [account, pin, ...numbers] = [...owner, ...numberKeys].map((key) => found.get(nameOf(key)));
  const parameters = pin?.pin_parameters.S;
  const slow = pin ? await hash(pepper(name, order.pin), parameters) : null;
  const at = new Date().toISOString();
  const refused = rejections(order, account, numbers, slow && matches(slow, pin.pin_digest.S), at);
  // Recording a refusal and counting a wrong PIN are left out: no measured order is refused.
  if (refused.length > 0) return problem(501, refused[0]);
  const commitment = commit(
    order.desired_due_date,
    ZONES[order.telephone_numbers[0].slice(2, 5)] ?? "America/Los_Angeles",
  );
  const made = fingerprint(slow, parameters, id);
  const decided = { id, spid, account, pin, commitment, fingerprint: made, actor: actorOf(event), at };
  try {
    await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: writes(order, decided) }));
  } catch (error) {
    if (error.name === "TransactionCanceledException") return problem(503, "temporarily_unavailable");
    throw error;
  }
  return answer(201, portOutView(order, decided), { location: `/v1/port-outs/${id}` });
}

run(handler);
