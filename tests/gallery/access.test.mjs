// What a screen reader is told, by the rules of axe-core: the grid, the viewer, a comparison and the list of keys, in
// light and dark.

import assert from "node:assert/strict";
import axe from "axe-core";
import { after, before, test } from "node:test";
import { assertQuiet, browser, open } from "./browser.mjs";
import { demo } from "./demo.mjs";
import { gallery } from "./inputs.mjs";

let context, root, url;
before(async () => {
  context = await browser();
  root = demo();
  url = gallery(root, "out");
});
after(() => context.close());

/** The violations that axe finds; it is let in as a debugger is, past the page's policy. */
async function violations(page) {
  await page.waitForTimeout(400);
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 150)).join(" | ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing wrong, ${colorScheme}`, async () => {
    const page = await open(context, url);
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await violations(page), [], "the grid");
    await page.locator(".card", { hasText: "number 0" }).click();
    assert.deepEqual(await violations(page), [], "a picture");
    await page.keyboard.press("c");
    await page.keyboard.press("s");
    assert.deepEqual(await violations(page), [], "swipe");
    await page.keyboard.press("d");
    assert.deepEqual(await violations(page), [], "difference");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    assert.deepEqual(await violations(page), [], "help");
    await page.keyboard.press("Escape");
    await page.locator("#search").fill("nothing has this name");
    assert.deepEqual(await violations(page), [], "nothing found");
    assertQuiet(page, root);
  });
}

test("without scripts the page says so", async () => {
  const plain = await browser({ javaScriptEnabled: false });
  const page = await plain.newPage();
  await page.goto(url);
  assert.match(await page.locator("main").innerText(), /made by its script, which the browser does not run/);
  await plain.close();
});
