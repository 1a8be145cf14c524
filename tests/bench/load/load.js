// One trial: calls at a constant rate, sent on time however slow the answers are, and every answer compared with the
// expected one. A call that finds no virtual user free is dropped and counts as failed, so slowness cannot hide.
import http from "k6/http";
import exec from "k6/execution";
import { SharedArray } from "k6/data";
import { Counter, Trend } from "k6/metrics";

const [data] = new SharedArray("data", () => [JSON.parse(open(__ENV.DATA))]);
const first = Number(__ENV.FIRST);
const users = Number(__ENV.USERS);

export const options = {
  scenarios: {
    load: {
      executor: "constant-arrival-rate",
      rate: Number(__ENV.RATE),
      timeUnit: "1s",
      duration: `${__ENV.SECONDS}s`,
      preAllocatedVUs: users,
      maxVUs: users,
      gracefulStop: "60s",
    },
  },
  summaryTrendStats: ["count", "med", "p(90)", "p(99)", "max"],
};

const right = new Counter("right");
const wrong = new Counter("wrong");
const times = {};
for (const operation of ["status", "set_pin", "confirmed", "rejected"]) {
  times[operation] = new Trend(`time_${operation}`, true);
}

// Of twenty calls fourteen read a status, two set a PIN, three port a number out, and one has a wrong PIN.
const SLOTS = 20;

export default function () {
  const call = first + exec.scenario.iterationInTest;
  const [round, slot] = [Math.floor(call / SLOTS), call % SLOTS];
  if (__ENV.MIX === "status" || slot < 14) {
    status(call);
  } else if (slot < 16) {
    setPin(2 * round + slot - 14);
  } else if (slot < 19) {
    portOut(call, 3 * round + slot - 16);
  } else {
    wrongPin(call, round);
  }
}

function status(call) {
  const account = data.porting[call % data.porting.length];
  const answer = http.get(`${data.url}/v1/accounts/${account.name}/port-out-pin`, { headers: headers(account.owner) });
  record("status", answer, answer.status === 200 && answer.body === account.status);
}

function setPin(count) {
  const { name, owner } = data.setting[count % data.setting.length];
  const path = `${data.url}/v1/accounts/${name}/port-out-pin`;
  // Another PIN each time: the same one again would change nothing.
  const pin = String(Number(data.pin) + 1 + count);
  const answer = http.put(path, JSON.stringify({ pin }), { headers: headers(owner) });
  const body = json(answer);
  const { updated_at, pin_version } = body;
  const expected = {
    account_id: name, pin_set: true, pin_version, updated_at, updated_by: `user:admin@${name}`, port_out_allowed: true,
    blocked_by: [], failed_attempts: 0, consecutive_failures: 0, last_failed_at: null, warnings: [],
  };
  record("set_pin", answer, answer.status === 200 && pin_version > 1 && isTime(updated_at) && same(body, expected));
}

// Each number once: a confirmed port-out holds it.
function portOut(call, count) {
  const account = data.porting[count % data.porting.length];
  const number = account.numbers[Math.floor(count / data.porting.length)];
  const carrier = data.carriers[call % data.carriers.length];
  const { answer, body, expected } = submit(call, account.name, data.pin, number, carrier);
  const { foc_date, hold_expires_on } = body;
  Object.assign(expected, { status: "confirmed", foc_date, hold_expires_on });
  const dated = isDate(foc_date) && isDate(hold_expires_on);
  record("confirmed", answer, answer.status === 201 && dated && same(body, expected));
}

// Few enough of each carrier on each account that no carrier has to wait.
function wrongPin(call, count) {
  const account = data.guessed[count % data.guessed.length];
  const carrier = data.carriers[Math.floor(count / data.guessed.length) % data.carriers.length];
  const { answer, body, expected } = submit(call, account.name, "1111111111", account.number, carrier);
  const rejection = (body.rejections || [])[0] || {};
  expected.rejections = [{
    code: "pin_invalid", field: "/pin", telephone_number: null, detail: rejection.detail,
    resolution: rejection.resolution,
  }];
  record("rejected", answer, answer.status === 201 && same(body, expected));
}

function submit(call, account_number, pin, number, carrier) {
  const pon = `LOAD-${call}`;
  const order = { pon, account_number, pin, zip_code: "98052", telephone_numbers: [number] };
  const answer = http.post(`${data.url}/v1/port-outs`, JSON.stringify(order), { headers: headers(carrier.token) });
  const body = json(answer);
  const expected = {
    id: body.id, spid: carrier.spid, pon, version: "01", supplement: null, account_number, telephone_numbers: [number],
    status: "rejected", rejections: [], desired_due_date: null, foc_date: null, due_date_changed: false,
    hold_expires_on: null, ported_numbers: [], released_numbers: [], cancellation: null, channel: "api",
    received_at: body.received_at, entered_at: body.received_at, updated_at: body.received_at,
  };
  return { answer, body, expected };
}

function headers(token) {
  return { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
}

function json(answer) {
  try {
    return JSON.parse(answer.body) || {};
  } catch (_) {
    return {};
  }
}

// Names may come in any order.
function same(one, other) {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => name in other && same(one[name], other[name]));
}

function isDate(text) {
  return /^\d{4}-\d\d-\d\d$/.test(text);
}

function isTime(text) {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text);
}

function record(operation, answer, good) {
  times[operation].add(answer.timings.duration);
  (good ? right : wrong).add(1);
  if (!good) console.error(`wrong answer to ${operation}: ${answer.status} ${answer.error} ${answer.body}`);
}

export function handleSummary(summary) {
  return { [__ENV.SUMMARY]: JSON.stringify(summary.metrics) };
}
