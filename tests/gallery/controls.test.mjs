// Every control above and in the grid, used as people use it: with the mouse, with the keyboard, by its name.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertQuiet, browser, open } from "./browser.mjs";
import { rows } from "./inputs.mjs";
import { visit } from "./people.mjs";

let people, context, root, url, page;
let fresh, settled, names, count, heads, name, button, hash;
before(async () => {
  people = await visit();
  ({ context, root, url, settled, names, count, heads, name, button, hash } = people);
  fresh = async (address) => (page = await people.fresh(address));
});
after(() => context.close());

test("the latest step of each key is shown, in groups by key", async () => {
  await fresh();
  assert.equal(await page.title(), "out");
  assert.deepEqual(await heads(), ["gen/samples", "val", "debug", "tiny"]);
  assert.equal(await count(), "6 of 14 pictures");
  assert.deepEqual(await names(), ["gen/samples", "number 0 at 20", "number 1 at 20", "number 2 at 20", "debug", "six pixels"]);
  assert.match(await page.locator(".card .meta").first().textContent(), /step 20 · 240×180/);
  assertQuiet(page, root);
});

test("a step slider per key, and one for all", async () => {
  await fresh();
  const slider = page.getByRole("slider", { name: "Step of val" });
  await slider.fill("1");
  await settled();
  assert.deepEqual((await names()).slice(1, 4), ["number 0 at 10", "number 1 at 10", "number 2 at 10"]);
  assert.equal((await hash()).get("step"), "val=10");
  await slider.focus();
  await page.keyboard.press("ArrowLeft");
  await settled();
  assert.deepEqual((await names()).slice(1, 2), ["number 0 at 0"]);
  assert.ok(await slider.evaluate((e) => e === document.activeElement), "the slider keeps the focus");
  assert.equal(await slider.getAttribute("aria-valuetext"), "step 0");
  await page.getByRole("checkbox", { name: "Every step of val" }).check();
  await settled();
  assert.equal(await count(), "12 of 14 pictures");
  await page.getByRole("slider", { name: "Step of every key" }).fill("0");
  await settled();
  assert.deepEqual((await names()).slice(0, 2), ["gen/samples", "number 0 at 0"]);
  assert.equal(await count(), "6 of 14 pictures");
  await page.locator("#every-step").check();
  await settled();
  assert.equal(await count(), "14 pictures");
  await page.locator("#every-step").uncheck();
  await settled();
  assert.equal(await count(), "6 of 14 pictures");
  assertQuiet(page, root);
});

test("search in captions, keys and sources", async () => {
  await fresh();
  await page.keyboard.press("/");
  for (const [query, expected] of [["NUMBER 1", ["number 1 at 20"]], ["samples", ["gen/samples"]], ["dark.npy", ["debug"]], ["val/2", ["number 2 at 20"]]]) {
    await page.locator("#search").fill(query);
    await settled();
    assert.deepEqual(await names(), expected, query);
  }
  assert.equal((await hash()).get("q"), "val/2");
  assert.match(await page.locator(".tally").first().textContent(), /1 of 3/);
  await page.locator("#search").fill("at 10");
  await settled();
  assert.deepEqual(await names(), []);
  assert.equal(await page.locator(".tally").textContent(), "0 of 3");
  await button("3 more at other steps").click();
  await settled();
  assert.deepEqual(await names(), ["number 0 at 10", "number 1 at 10", "number 2 at 10"]);
  assert.equal(await page.locator("#elsewhere").isVisible(), false);
  await page.locator("#every-step").uncheck();
  await page.locator("#search").fill("no such thing");
  await settled();
  assert.equal(await page.locator("#empty").isVisible(), true);
  assert.equal(await page.locator("#live").textContent(), "0 of 14 pictures");
  await button("Show everything").click();
  await settled();
  assert.equal(await count(), "6 of 14 pictures");
  await page.keyboard.type("b");
  assert.equal(await page.locator("#set-boxes").isChecked(), true, "letters in the search are letters");
  assertQuiet(page, root);
});

test("groups and sorts", async () => {
  await fresh("#all=1");
  const group = page.getByRole("combobox", { name: "Group" });
  for (const [value, expected] of [
    ["step", ["Step 0", "Step 10", "Step 20"]],
    ["folder", ["gen", "val", "."]],
    ["grouping", ["Group 1", "Group 2", "Group 3", "No grouping number"]],
    ["warning", ["flat", "near-black", "No warning"]],
    ["source", ["gen/sample.npy", "val/0.npy", "val/1.npy", "val/2.npy", "dark.npy", "tiny.npy"]],
    ["none", []],
  ]) {
    await group.selectOption(value);
    await settled();
    await page.evaluate(() => window.scrollTo(0, 0));
    await settled();
    const found = await heads();
    // Those further down are not in the document.
    assert.deepEqual(found, expected.slice(0, Math.max(found.length, 1)).slice(0, expected.length), value);
  }
  const sort = page.getByRole("combobox", { name: "Sort" });
  for (const [value, first] of [["caption", "gen/samples"], ["source", "debug"], ["newest", "debug"], ["warnings", "debug"], ["pixels", "gen/samples"], ["order", "gen/samples"]]) {
    await sort.selectOption(value);
    await settled();
    const found = await names();
    if (value === "caption") assert.ok(!found[0].startsWith("number"), found[0]);
    else assert.equal(found[0], first, value);
  }
  assert.equal((await hash()).get("group"), "none");
  assertQuiet(page, root);
});

test("only those with warnings, and their words", async () => {
  await fresh();
  await page.locator("#warnings").click();
  await settled();
  assert.deepEqual(await names(), ["debug"]);
  assert.equal(await page.locator("#warnings").getAttribute("aria-pressed"), "true");
  await page.locator(".card").click();
  const [warned] = rows(root).filter((row) => row.warnings.length > 0);
  const text = await page.locator(".warnings").innerText();
  for (const { code, message } of warned.warnings) {
    assert.ok(text.includes(code) && text.includes(message), text);
  }
  const facts = await page.locator(".facts").innerText();
  for (const words of ["float32 [40, 40]", "hw: height, width: one grey channel (40 high, 40 wide)", "clip: x cut to 0..255", "some values are outside [-1, 1] (0 to 1.00566)", "40×40 L, png", "dark.npy"]) {
    assert.ok(facts.includes(words), words + "\n" + facts);
  }
  await page.keyboard.press("Escape");
  await settled();
  await page.keyboard.press("w");
  await settled();
  assert.equal((await names()).length, 6);
  assertQuiet(page, root);
});

test("the keyboard alone: from the first tab to a picture and back", async () => {
  await fresh();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "skip");
  await page.keyboard.press("Enter");
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  assert.equal(await focused(), "gen/samples, key gen/samples, step 20, 240 by 180");
  await page.keyboard.press("ArrowDown");
  assert.match(await focused(), /^number 0 at 20, key val, step 20, 240 by 180, 3 layers$/);
  await page.keyboard.press("ArrowRight");
  assert.match(await focused(), /^number 1 at 20/);
  await page.keyboard.press("End");
  assert.match(await focused(), /^six pixels/);
  await page.locator("#size").focus();
  await page.keyboard.press("g");
  assert.match(await focused(), /^six pixels/, "back to where it was");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await settled();
  assert.equal(await name(), "number 1 at 20");
  assert.equal(await page.locator("#v-place").textContent(), "3 of 6");
  assert.match(await page.locator("#live").textContent(), /^number 1 at 20, key val, step 20, 3 of 6$/);
  await page.keyboard.press("ArrowRight");
  await settled();
  assert.equal(await name(), "number 2 at 20");
  await page.keyboard.press("ArrowDown");
  await settled();
  assert.equal(await name(), "number 2 at 10");
  await page.keyboard.press("ArrowUp");
  await settled();
  await page.keyboard.press("ArrowUp");
  await settled();
  assert.equal(await page.locator("#live").textContent(), "That is the last step");
  await page.keyboard.press("ArrowLeft");
  await settled();
  assert.equal(await name(), "number 1 at 20");
  await page.getByRole("slider", { name: "Step", exact: true }).fill("0");
  await settled();
  assert.equal(await name(), "number 1 at 0");
  await page.getByRole("slider", { name: "Step", exact: true }).fill("2");
  await settled();
  assert.equal(await name(), "number 1 at 20");
  await page.locator("#stage").focus();
  await page.keyboard.press("Escape");
  await settled();
  assert.equal(await page.locator("#viewer").evaluate((e) => e.open), false);
  assert.match(await focused(), /^number 1 at 20/, "the focus is where it came from");
  assertQuiet(page, root);
});

test("what can be used has a name, and tabbing goes through all of it", async () => {
  for (const place of ["", "#p="]) {
    const id = await firstId();
    await fresh(place && place + id + "&with=" + id);
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll("a, button, input, select, summary, [tabindex='0']")]
        .filter((e) => e.offsetParent !== null)
        .filter((e) => {
          const label = e.labels && [...e.labels].map((l) => l.textContent.trim()).join("");
          return !(label || e.getAttribute("aria-label") || e.textContent.trim() || e.getAttribute("aria-labelledby"));
        })
        .map((e) => e.outerHTML.slice(0, 120)),
    );
    assert.deepEqual(nameless, []);
  }
  const seen = new Set();
  for (let n = 0; n < 80; n++) {
    await page.keyboard.press("Tab");
    const id = await page.evaluate(() => {
      const e = document.activeElement;
      return e.id || e.dataset.class || e.dataset.layer || e.dataset.modeChoice || e.tagName;
    });
    seen.add(id);
  }
  for (const id of ["v-close", "v-previous", "v-next", "v-in", "v-out", "v-fit", "v-actual", "v-compare", "v-link", "v-info", "key0", "step0", "only0", "key1", "only1", "side", "diff", "swap", "stage", "set-boxes", "set-masks", "set-labels", "set-alpha", "class-search", "classes-all", "0:1"]) {
    assert.ok(seen.has(id), `${id} cannot be reached: ${[...seen].join(" ")}`);
  }
});

async function firstId() {
  await fresh();
  const id = await page.locator(".card", { hasText: "number 0" }).getAttribute("data-id");
  await page.close();
  return id;
}

test("boxes and masks are drawn in the grid, too", async () => {
  await fresh();
  const drawn = async (text) => {
    await settled();
    return page.locator(".card", { hasText: text }).locator("canvas").evaluate((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 3; at < data.length; at += 4) count += data[at] > 0;
      return count / (canvas.width * canvas.height);
    });
  };
  const both = await drawn("number 0");
  assert.ok(both > 0.4, String(both));
  await page.keyboard.press("m");
  const boxes = await drawn("number 0");
  assert.ok(boxes > 0.01 && boxes < 0.2, String(boxes));
  await page.keyboard.press("b");
  assert.equal(await drawn("number 0"), 0);
  assert.deepEqual([(await hash()).get("boxes"), (await hash()).get("masks")], ["0", "0"]);
  assertQuiet(page, root);
});

test("help, colours, size, panel, details", async () => {
  await fresh();
  await page.keyboard.press("?");
  assert.equal(await page.locator("#help").evaluate((e) => e.open), true);
  await page.keyboard.press("?");
  assert.equal(await page.locator("#help").evaluate((e) => e.open), false);
  await page.locator("#help-button").click();
  await page.keyboard.press("Escape");
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.keyboard.press("t");
  assert.equal(await ground(), light, "light is what the system says here");
  await page.locator("#theme").click();
  assert.notEqual(await ground(), light);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator("#theme").click();
  assert.notEqual(await ground(), light, "as the system");
  await page.emulateMedia({ colorScheme: "light" });
  assert.equal(await ground(), light);
  const width = () => page.locator(".cell").first().evaluate((e) => e.offsetWidth);
  const before = await width();
  await page.getByLabel("Size").fill("400");
  await settled();
  assert.ok((await width()) > before * 1.5);
  await button("Boxes & masks").click();
  await settled();
  const isOpen = () => page.locator("#side").isVisible();
  const first = await isOpen();
  await page.keyboard.press("o");
  assert.equal(await isOpen(), !first);
  if (!(await isOpen())) await page.keyboard.press("o");
  await page.locator("#panel-close").click();
  assert.equal(await isOpen(), false);
  await page.locator(".card").first().click();
  await settled();
  assert.equal(await page.locator("#v-side").isVisible(), true);
  await page.keyboard.press("i");
  assert.equal(await page.locator("#v-side").isVisible(), false);
  await button("Close").click();
  await settled();
  assert.equal(await page.locator("#viewer").evaluate((e) => e.open), false);
  assertQuiet(page, root);
});

test("a phone: nothing is wider than the screen, and everything can be touched", async (t) => {
  const phone = await browser({ viewport: { width: 375, height: 700 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 });
  t.after(() => phone.close());
  page = people.page = await open(phone, url);
  await settled();
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok((await wide()) <= 375);
  await page.locator(".card").first().tap();
  await settled();
  await page.locator("#v-next").tap();
  await settled();
  assert.equal(await name(), "number 0 at 20");
  await page.locator("#v-previous").tap();
  await settled();
  assert.equal(await name(), "gen/samples");
  await page.locator("#v-next").tap();
  await settled();
  // Two fingers.
  const zoom = async () => parseFloat(await page.locator("#zoom").textContent());
  const before = await zoom();
  const cdp = await phone.newCDPSession(page);
  const touch = (type, distance) =>
    cdp.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: distance ? [{ x: 187 - distance, y: 300, id: 0 }, { x: 187 + distance, y: 300, id: 1 }] : [],
    });
  await touch("touchStart", 30);
  for (const distance of [40, 60, 90]) await touch("touchMove", distance);
  await touch("touchEnd", 0);
  await settled();
  assert.ok((await zoom()) > before * 1.8, `${before} to ${await zoom()}`);
  await page.locator("#v-fit").tap();
  await page.locator("#v-compare").tap();
  await settled();
  assert.ok((await wide()) <= 375);
  const stage = await page.locator("#stage").boundingBox();
  assert.ok(stage.height > 200 && stage.width === 375, JSON.stringify(stage));
  await page.locator("#v-close").tap();
  await settled();
  assert.equal(await page.locator("#viewer").evaluate((e) => e.open), false);
  assertQuiet(page, root);
});
