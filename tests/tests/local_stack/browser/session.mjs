// A browser and what it does on the console's pages; the tests say what has to come of it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { TOOLS, URL: url, SHOTS } = process.env;
const require = createRequire(join(TOOLS, "package.json"));
const { chromium: driver } = require("playwright-core");
const { default: Checker } = require("@axe-core/playwright");

export const console_ = `${url}/console`;

let browser;

export async function start() {
  const { default: chromium } = await import(pathToFileURL(require.resolve("@sparticuz/chromium")));
  browser = await driver.launch({ executablePath: await chromium.executablePath(), args: chromium.args, headless: true });
}

export const stop = () => browser.close();

// Opens a window with cookies of its own.
export async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options });
  context.setDefaultTimeout(20_000);
  return context.newPage();
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

// Fails on any finding of the accessibility checker, in light and dark, and on a page that is wider than a phone.
export async function assertGood(page, name) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-${colorScheme}.png`), fullPage: true });
    const { violations } = await new Checker({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], `${name}, ${colorScheme}`);
  }
  const size = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-phone.png`), fullPage: true });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is too wide`);
  await page.setViewportSize(size);
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
