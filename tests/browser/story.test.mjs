// The administrator's page in a real browser, against the local stack. The tests are one story: each goes on where the one
// before it ended.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";

import { assertGood, assertNeverReceived, console_, open, setPin, signIn, start, stop, submitPortOut, title } from "./session.mjs";

// Of ten digits, which no id has by chance.
const [WEAK, FIRST, SECOND, THIRD] = ["1212121212", "4829130657", "7391542806", "6048173952"];

let ada;

before(start);
after(stop);

test("without a session there is a way to sign in, and nothing of an account", async () => {
  const page = await open();
  const answer = await page.goto(console_);
  assert.equal(answer.headers()["cache-control"], "no-store");
  assert.equal(await title(page), "Sign in");
  assert.ok(!(await page.content()).includes("CONTOSO"));
  await assertGood(page, "sign-in");
});

test("an administrator signs in and sees that no PIN is set", async () => {
  ada = await open();
  await signIn(ada);
  assert.equal(ada.url(), console_);
  await ada.getByRole("heading", { name: "None of your numbers can be moved now" }).waitFor();
  for (const id of ["#pin", "#pin_again"]) assert.equal(await ada.locator(id).getAttribute("autocomplete"), "off");
  await assertGood(ada, "no-pin");
});

test("no cookie can be read by a script, and none is for another site", async () => {
  const cookies = (await ada.context().cookies()).filter(({ name }) => name.startsWith("console-"));
  assert.deepEqual(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]), [["console-session", true, "Lax"]]);
  assert.equal(await ada.evaluate(() => document.cookie), "");
});

for (const [why, pin, again, message] of [
  ["mistyped", FIRST, SECOND, "The two PINs are not the same."],
  ["too short", "73915", "73915", "The PIN must have at least 6 digits."],
  ["too long", "12345678901", "12345678901", "The PIN must have at most 10 digits."],
  ["not of digits", "48291a", "48291a", "only the digits 0 to 9"],
  ["blank", "", "", "Enter a PIN of 6 to 10 digits."],
]) {
  test(`a PIN that is ${why} comes back with the rule, the focus on the summary, and empty fields`, async () => {
    await setPin(ada, pin, again);
    const summary = ada.getByRole("alert");
    assert.match(await summary.innerText(), new RegExp(message));
    assert.ok(await summary.evaluate((it) => it === document.activeElement));
    assert.equal(await ada.locator("#pin").inputValue(), "");
    if (pin) assert.ok(!(await ada.content()).includes(pin));
    assert.match(await title(ada), /^Error: /);
    await summary.getByRole("link").first().click();
    assert.match(await ada.evaluate(() => document.activeElement.id), /^pin/);
    if (why === "mistyped") await assertGood(ada, "error");
  });
}

test("a PIN is suggested, shown, and hidden again", async () => {
  await ada.goto(console_);
  await ada.getByRole("button", { name: "Suggest a PIN" }).click();
  assert.match(await ada.locator("#pin").inputValue(), /^[0-9]{8}$/);
  assert.equal(await ada.locator("#pin").inputValue(), await ada.locator("#pin_again").inputValue());
  await ada.getByRole("button", { name: "Hide PIN" }).click();
  assert.ok(await ada.locator("#pin").evaluate((it) => getComputedStyle(it).webkitTextSecurity === "disc"));
});

test("a first PIN is confirmed once, with what is to be said about it", async () => {
  await ada.goto(console_);
  await setPin(ada, WEAK);
  const notice = ada.getByRole("status").filter({ hasText: "Your PIN is set" });
  assert.match(await notice.innerText(), /consider another one/);
  await assertGood(ada, "pin-set");
  await ada.reload();
  assert.equal(await notice.count(), 0);
  assert.match(await ada.locator("section", { has: ada.locator("#pin") }).innerText(), /by you/);
});

test("the PIN that is set already changes nothing", async () => {
  await setPin(ada, WEAK);
  await ada.getByRole("heading", { name: "Nothing changed" }).waitFor();
  await setPin(ada, FIRST);
  await ada.getByRole("heading", { name: "Your PIN is changed" }).waitFor();
});

test("of two tabs the second is told that its page is out of date", async () => {
  const other = await ada.context().newPage();
  await other.goto(console_);
  await ada.goto(console_);
  await setPin(ada, SECOND);
  await setPin(other, THIRD);
  assert.match(await other.getByRole("alert").innerText(), /The PIN was changed while/);
  await setPin(other, FIRST);
  await other.getByRole("heading", { name: "Your PIN is changed" }).waitFor();
  await other.close();
});

test("a port-out that was not authorized is stopped, and the next step is a new PIN", async () => {
  assert.equal(await submitPortOut("TX-1", FIRST, "+12065550100"), "confirmed");
  await ada.goto(console_);
  await ada.getByText("(206) 555-0100").waitFor();
  await assertGood(ada, "open-port-out");
  await ada.getByRole("link", { name: "This was not us" }).click();
  assert.match(await ada.locator("main").innerText(), /The PIN is locked at once/);
  await assertGood(ada, "stop");
  await ada.locator("#name").fill(" ");
  await ada.getByRole("button", { name: "Cancel the request" }).click();
  assert.match(await ada.getByRole("alert").innerText(), /Enter your full name/);
  await ada.locator("#name").fill("Ada Lovelace");
  await ada.getByRole("button", { name: "Cancel the request" }).click();
  await ada.getByRole("heading", { name: "The request is cancelled" }).waitFor();
  await ada.getByText("The PIN is locked.", { exact: true }).waitFor();
  await assertGood(ada, "locked");
});

test("the locked PIN does not unlock, a new one does", async () => {
  await setPin(ada, FIRST);
  assert.match(await ada.getByRole("alert").innerText(), /Set a different one/);
  await setPin(ada, SECOND);
  await ada.getByRole("heading", { name: "Your PIN is changed" }).waitFor();
  await ada.getByRole("heading", { name: "Your numbers can be moved with the PIN" }).waitFor();
});

test("protection is switched on and off", async () => {
  await ada.getByRole("button", { name: "Switch protection on" }).click();
  await ada.getByRole("heading", { name: "Port protection is on" }).waitFor();
  assert.equal(await submitPortOut("TX-2", SECOND, "+12065550101"), "rejected");
  await ada.getByRole("button", { name: "Switch protection off" }).click();
  await ada.getByRole("heading", { name: "Port protection is off" }).waitFor();
  assert.equal(await submitPortOut("TX-3", "000000", "+12065550101"), "rejected");
});

test("the history tells what happened, and who sent wrong PINs", async () => {
  // Refused requests are counted for a while before there is an event.
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await setTimeout(1000)) {
    await ada.goto(`${console_}/history`);
    if ((await ada.content()).includes("Carrier A123: 1 wrong PIN")) break;
  }
  await ada.getByText("Carrier A123: 1 wrong PIN").waitFor();
  await ada.getByText("The PIN was locked, because a request was not authorized").waitFor();
  await assertGood(ada, "history");
  await ada.getByRole("link", { name: "Earlier" }).click();
  await ada.getByText("Nothing happened in this time.").waitFor();
});

test("after a sign-out neither the back button nor an address shows the account", async () => {
  await ada.goto(console_);
  await ada.getByRole("button", { name: "Sign out" }).click();
  assert.equal(await title(ada), "Signed out");
  assert.deepEqual(await ada.context().cookies(console_), []);
  await assertGood(ada, "signed-out");
  await ada.goBack();
  assert.ok(!(await ada.content()).includes("CONTOSO"));
  await ada.goto(console_);
  assert.equal(await title(ada), "Sign in");
});

test("without script everything works", async () => {
  const page = await open({ javaScriptEnabled: false });
  await signIn(page, "Ada Lovelace", "/console/history");
  assert.equal(await title(page), "History");
  await page.getByRole("link", { name: "Port orders" }).first().click();
  assert.ok(await page.getByRole("button", { name: "Suggest a PIN" }).isHidden());
  await setPin(page, THIRD);
  await page.getByRole("heading", { name: "Your PIN is changed" }).waitFor();
});

test("with the keyboard alone a PIN is set and the history is read", async () => {
  const page = await open();
  await signIn(page);
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.innerText);
  const tabTo = async (name) => {
    for (let presses = 0; presses < 40 && (await focused()) !== name; presses++) await page.keyboard.press("Tab");
    assert.equal(await focused(), name);
  };
  await tabTo("Skip to main content");
  await page.keyboard.press("Enter");
  for (const field of ["pin", "pin_again"]) {
    await tabTo(field);
    await page.keyboard.type(FIRST);
  }
  await tabTo("Save");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Your PIN is changed" }).waitFor();
  await tabTo("History");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "History", level: 1 }).waitFor();
});

test("who may only look gets no form, and who has no account is told what to do", async () => {
  const grace = await open();
  await signIn(grace, "Grace Hopper");
  assert.equal(await grace.locator("main form").count(), 0);
  await assertGood(grace, "viewer");
  const alan = await open();
  await signIn(alan, "Alan Turing");
  assert.equal(await title(alan), "No account belongs to your sign-in");
  await assertGood(alan, "no-account");
  await alan.getByRole("button", { name: "Sign out" }).click();
  assert.equal(await title(alan), "Signed out");
});

test("a refused sign-in, and an answer to another sign-in, lead to pages of their own", async () => {
  const page = await open();
  await page.goto(`${console_}/sign-in`);
  await page.getByRole("button", { name: "Do not sign in" }).click();
  assert.equal(await title(page), "The sign-in was refused");
  for (const query of ["code=a&state=b", "", "error=access_denied"]) {
    await page.goto(`${console_}/callback?${query}`);
    assert.equal(await title(page), "The sign-in was not completed");
  }
  await assertGood(page, "not-completed");
});

test("a code is good for one session", async () => {
  const page = await open();
  let answer;
  page.on("request", (request) => (answer = request.url().includes("/callback?") ? request.url() : answer));
  await signIn(page);
  await page.goto(answer);
  assert.equal(await title(page), "The sign-in was not completed");
});

test("forms of other sites are refused", async () => {
  for (const origin of [undefined, "null", "https://evil.example", "http://localhost:9000"]) {
    const headers = { "content-type": "application/x-www-form-urlencoded", ...(origin && { origin }) };
    for (const path of ["/pin", "/protection", "/sign-out"]) {
      const answer = await fetch(console_ + path, { method: "POST", headers, body: "enabled=true", redirect: "manual" });
      assert.equal(answer.status, 403, `${path} from ${origin}`);
    }
  }
});

test("a form that is sent after the session ended says so, and what was typed is not kept", async () => {
  const page = await open();
  await signIn(page);
  await page.context().clearCookies();
  await setPin(page, SECOND);
  assert.equal(await title(page), "Your session has expired");
  await assertGood(page, "expired");
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign in as Ada Lovelace" }).click();
  assert.equal(await page.locator("#pin").inputValue(), "");
});

test("an unknown page is a page", async () => {
  const page = await open();
  assert.equal((await page.goto(`${console_}/port-outs/x/cancel`)).status(), 404);
  assert.equal(await title(page), "There is no such page");
  await assertGood(page, "unknown-page");
});

test("no answer had a PIN that somebody typed, or a token", () =>
  assertNeverReceived([WEAK, FIRST, SECOND, THIRD, "code_verifier"]));
