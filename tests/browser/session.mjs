// A browser and what it does on the console's pages; the tests say what has to come of it. Pictures of every state go to the
// folder PICTURES, if it is set.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { BROWSER_TOOLS, URL: url, PICTURES } = process.env;
const require = createRequire(join(BROWSER_TOOLS, "package.json"));
const { chromium: driver } = require("playwright-core");
const { default: Checker } = require("@axe-core/playwright");

export const console_ = `${url}/console`;

// Sizes of a window in CSS pixels: a screen of 1280 at 200 %, and at 400 % (WCAG 2.2, 1.4.10), which is also a small phone.
const NARROW = [
  { width: 640, height: 512 },
  { width: 320, height: 640 },
];

// The state that has a picture in every look; the others have one.
const IN_EVERY_LOOK = "open-port-out";

let browser;
const received = [];

export async function start() {
  const { default: chromium } = await import(pathToFileURL(require.resolve("@sparticuz/chromium")));
  browser = await driver.launch({ executablePath: await chromium.executablePath(), args: chromium.args, headless: true });
}

export const stop = () => browser.close();

// Opens a window with cookies of its own.
export async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options });
  context.setDefaultTimeout(20_000);
  context.on("response", (response) => received.push(wholeAnswer(response)));
  return context.newPage();
}

// What a browser gets in an answer of the console: address, headers, cookies, and the page itself, unless the browser has
// left it before it could be read.
async function wholeAnswer(response) {
  if (!response.url().startsWith(console_)) return "";
  const headers = (await response.headersArray()).map(({ name, value }) => `${name}: ${value}`);
  const body = response.headers().location ? "" : await response.text().catch(() => "");
  return [response.url(), ...headers, body].join("\n");
}

// Whether a text has a JSON web token, whole or cut off: `eyJ` proves nothing among a cookie's random letters, but a JSON
// object that begins there with a name does. As `token_in` in tests/harness/src/leak_scan.rs.
function hasToken(text) {
  const starts = [...text.matchAll(/(?=(eyJ[\w-]{9}))/g)].map(([, start]) => Buffer.from(start, "base64url").toString("latin1"));
  return starts.some((json) => /^\{"[a-z_]{3}(":|[a-z_][a-z_"])/.test(json));
}

// Fails if any answer so far has a token, or one of these texts.
export async function assertNeverReceived(secrets) {
  const answers = await Promise.all(received);
  const pages = answers.filter((answer) => answer.includes("content-type: text/html"));
  const read = pages.filter((answer) => answer.includes("<h1>")).length;
  assert.ok(read > pages.length / 2, `${read} of ${pages.length} pages were read`);
  assert.ok(hasToken(`x${Buffer.from('{"alg":').toString("base64url")}xx`), "tokens are found");
  assert.deepEqual(answers.filter(hasToken), [], "a token");
  for (const secret of secrets) assert.deepEqual(answers.filter((answer) => answer.includes(secret)), [], secret);
}

export async function signIn(page, name = "Ada Lovelace", path = "/console") {
  await page.goto(url + path);
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("button", { name: `Sign in as ${name}` }).click();
  await page.waitForURL((at) => at.href.startsWith(console_));
}

export async function setPin(page, pin, again = pin) {
  await page.locator("#pin").fill(pin);
  await page.locator("#pin_again").fill(again);
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForLoadState();
}

// Fails on any finding of the accessibility checker, in light and dark, on a page that is wider than its window, and on paper
// that has what only a screen can do.
export async function assertGood(page, name) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await picture(page, name, colorScheme);
    const { violations } = await new Checker({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], `${name}, ${colorScheme}`);
  }
  const size = page.viewportSize();
  for (const narrow of NARROW) {
    await page.setViewportSize(narrow);
    await picture(page, name, narrow.width);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= narrow.width, `${name} is ${width} wide`);
  }
  await page.setViewportSize(size);
  await page.emulateMedia({ media: "print", colorScheme: "light" });
  await picture(page, name, "print");
  assert.equal(await page.locator("button:visible, input:visible, nav:visible").count(), 0, `${name} on paper`);
  await page.emulateMedia({ media: "screen" });
}

async function picture(page, name, look) {
  if (!PICTURES || (look !== "light" && name !== IN_EVERY_LOOK)) return;
  const file = look === "light" ? name : `${name}-${look}`;
  await page.screenshot({ path: join(PICTURES, `${file}.png`), fullPage: true });
}

// The title of the page, without the name of the product.
export const title = async (page) => (await page.title()).replace(" – Port-out PIN", "");

const token = (...role) => execFileSync("make", ["-s", "token", ...role], { encoding: "utf8" }).trim();

// Calls the API as a carrier does.
export async function submitPortOut(pon, pin, tn) {
  const order = { pon, account_number: "CONTOSO", pin, zip_code: "98052", telephone_numbers: [tn] };
  const answer = await fetch(`${url}/v1/port-outs`, {
    method: "POST",
    headers: { authorization: `Bearer ${token("ROLE=carrier", "SPID=A123")}`, "content-type": "application/json" },
    body: JSON.stringify(order),
  });
  return (await answer.json()).status;
}
