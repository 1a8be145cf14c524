// What an administrator sees when something fails: each page as title and look. STATES lists what to try, as the name in the
// independent provider's cookie `sign-in-as`, a colon, and the title that has to come of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { assertGood, assertNeverReceived, console_, open, start, stop, title } from "./session.mjs";

const WITHIN_MS = 60_000;

before(start);
after(stop);

for (const [name, expected] of process.env.STATES.split("\n").map((state) => state.split(":"))) {
  test(`${name}: ${expected}`, async () => {
    const page = await open();
    await page.context().addCookies([{ name: "sign-in-as", value: name, url: console_ }]);
    await page.goto(`${console_}/sign-in`);
    // A session that is short has to end first.
    for (const began = Date.now(); (await title(page)) !== expected && Date.now() - began < WITHIN_MS; ) {
      await page.goto(console_);
    }
    assert.equal(await title(page), expected);
    await assertGood(page, name);
  });
}

test("no answer had a token", () => assertNeverReceived(["code_verifier"]));
