// Every control, used as people use it: with the mouse, with the keyboard, by its name.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertQuiet, browser, colors, differ, open, screen } from "./browser.mjs";
import { demo } from "./demo.mjs";
import { dataUrl, gallery, rows } from "./inputs.mjs";

let context, root, url, page;
before(async () => {
  context = await browser();
  root = demo();
  url = gallery(root, "out");
});
after(() => context.close());

async function fresh(hash = "", name) {
  page = await open(context, url + hash);
  await page.waitForTimeout(150);
  return page;
}
const names = () => page.locator(".card .name").allTextContents();
const count = () => page.locator("#count").textContent();
const heads = () => page.locator(".grouphead h2").allTextContents();
const settled = async () => page.waitForTimeout(350);
const hash = async () => {
  await settled();
  return new URLSearchParams(new URL(page.url()).hash.slice(1));
};
const name = () => page.locator("#v-name").textContent();
const button = (text) => page.getByRole("button", { name: text, exact: true });

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
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
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

test("a deep link opens a picture with its settings, and the way back works", async () => {
  await fresh();
  await page.locator("#set-boxes").uncheck();
  await page.locator("#search").fill("number");
  await settled();
  await page.locator(".card", { hasText: "number 2" }).click();
  await page.locator("#set-alpha").fill("0.35");
  await page.locator('[data-class="2:3"]').uncheck();
  await page.locator('[data-layer="1"]').uncheck();
  const bound = page.locator('.bound[data-score="conf"][data-bound="0"] input[type=range]');
  await bound.fill("0.4");
  await settled();
  const link = page.url();
  const other = await open(context, link);
  assert.equal(await other.locator("#v-name").textContent(), "number 2 at 20");
  assert.equal(await other.locator("#set-boxes").isChecked(), false);
  assert.equal(await other.locator("#set-alpha").inputValue(), "0.35");
  assert.equal(await other.locator('[data-class="2:3"]').isChecked(), false);
  assert.equal(await other.locator('[data-layer="1"]').isChecked(), false);
  assert.equal(await other.locator('.bound[data-score="conf"][data-bound="0"] input[type=number]').inputValue(), "0.4");
  assert.equal(await other.locator("#search").inputValue(), "number");
  assert.equal(other.url(), link);
  await other.close();
  await page.goBack();
  await settled();
  assert.equal(await page.locator("#viewer").evaluate((e) => e.open), false);
  assert.equal(await page.locator("#set-boxes").isChecked(), false, "settings stay");
  assert.equal((await hash()).get("alpha"), "0.35");
  await page.goForward();
  await settled();
  assert.equal(await name(), "number 2 at 20");
  await page.evaluate(() => (location.hash = "#q=tiny&group=none&nonsense=%ff&step=a&step=val=7&score=x&p=none"));
  await settled();
  assert.equal(await page.locator("#viewer").evaluate((e) => e.open), false);
  assert.deepEqual(await names(), ["six pixels"]);
  assertQuiet(page, root);
});

test("the link can be copied, the file opened", async () => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]).catch(() => {});
  await fresh();
  await page.locator(".card", { hasText: "six pixels" }).click();
  await settled();
  await button("Copy the link").click();
  await settled();
  assert.equal(await page.locator("#live").textContent(), "Link copied");
  const [row] = rows(root).filter((row) => row.key === "tiny");
  const href = await page.locator(".facts a").evaluate((a) => a.href);
  assert.ok(decodeURIComponent(href).endsWith("/out/" + row.media.path), href);
  assertQuiet(page, root);
});

test("zoom and pan: wheel, buttons, keys, drag, double click", async () => {
  await fresh();
  await page.locator(".card", { hasText: "number 0" }).click();
  await settled();
  const zoom = async () => parseFloat(await page.locator("#zoom").textContent());
  const sheet = () => page.locator(".sheet").first().boundingBox();
  const fitted = await zoom();
  await page.keyboard.press("1");
  assert.equal(await zoom(), 100);
  await page.keyboard.press("0");
  assert.equal(await zoom(), fitted);
  await button("Zoom in").click();
  assert.ok((await zoom()) > fitted);
  await button("Zoom out").click();
  await page.keyboard.press("-");
  assert.ok((await zoom()) < fitted);
  await button("Fit").click();
  const stage = await page.locator("#stage").boundingBox();
  const point = { x: stage.x + stage.width / 2 + 100, y: stage.y + stage.height / 2 + 60 };
  await page.mouse.move(point.x, point.y);
  const before = await sheet();
  const under = (box) => [(point.x - box.x) / box.width, (point.y - box.y) / box.height];
  await page.mouse.wheel(0, -600);
  await settled();
  const zoomed = await sheet();
  assert.ok(zoomed.width > before.width * 2);
  under(before).forEach((share, axis) => assert.ok(Math.abs(share - under(zoomed)[axis]) < 0.01, "the point under the mouse stays"));
  await page.mouse.down();
  await page.mouse.move(point.x - 90, point.y - 40, { steps: 4 });
  await page.mouse.up();
  const moved = await sheet();
  assert.ok(Math.abs(moved.x - zoomed.x + 90) < 6 && Math.abs(moved.y - zoomed.y + 40) < 6, JSON.stringify([zoomed, moved]));
  await page.mouse.dblclick(point.x, point.y);
  assert.equal(await zoom(), fitted);
  assertQuiet(page, root);
});

test("labels are readable: their colours are those of wbimg, and they can be left out", async () => {
  await fresh();
  await page.locator(".card", { hasText: "number 0" }).click();
  await settled();
  const tags = () => page.evaluate(() => {
    const canvas = document.querySelector(".tags");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const found = new Set();
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) found.add(data.slice(at, at + 3).join());
    return [...found];
  });
  // Class 1 on its red, in black or white by contrast; the second layer white with a border of its colour.
  const found = await tags();
  assert.ok(found.includes("218,76,76"), "the fill of class 1");
  assert.ok(found.includes("71,154,95"), "the fill of class 2");
  assert.ok(found.includes("0,0,0") && found.includes("255,255,255"), "ink and the white label");
  await page.keyboard.press("l");
  await settled();
  assert.deepEqual(await tags(), []);
  assert.match(await page.locator("#live").textContent(), /Labels hidden/);
  await page.keyboard.press("l");
  const list = await page.locator(".objects").allInnerTexts();
  assert.match(list[0], /pred: 2 boxes/);
  await page.locator(".objects summary").first().click();
  const items = await page.locator(".objects").first().locator("li").allInnerTexts();
  assert.deepEqual(items.map((item) => item.replace(/\s+/g, " ")), ["cat 0.90", "Rex conf 0.30 iou 7.00"]);
  assertQuiet(page, root);
});

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

test("comparison: two steps, two keys, two layers, and what differs", async () => {
  await fresh();
  await page.locator(".card", { hasText: "number 1" }).click();
  await settled();
  await page.keyboard.press("c");
  await settled();
  assert.equal(await page.locator("#compare").isVisible(), true);
  const chosen = async () => Promise.all(["key0", "step0", "key1", "step1"].map((id) => page.locator("#" + id).evaluate((e) => e.selectedOptions[0].text)));
  assert.deepEqual(await chosen(), ["val", "step 20", "val", "step 10"]);
  const sources = () => page.locator(".picture").evaluateAll((list) => list.map((e) => decodeURIComponent(e.src.split("/").pop())));
  const of = (key, step, nth = 0) => rows(root).filter((row) => row.key === key && row.step === step)[nth].media.path.split("/").pop();
  assert.deepEqual(await sources(), [of("val", 20, 1), of("val", 10, 1)]);
  // Both are moved together.
  await page.keyboard.press("+");
  const [left, right] = await page.locator(".sheet").evaluateAll((list) => list.map((e) => e.style.transform));
  assert.equal(left, right);
  await page.locator("#key1").selectOption({ label: "gen/samples" });
  await page.locator("#step1").selectOption({ label: "step 0" });
  await settled();
  assert.deepEqual(await sources(), [of("val", 20, 1), of("gen/samples", 0)]);
  await page.locator("#pic0").selectOption({ index: 2 });
  await settled();
  assert.deepEqual(await sources(), [of("val", 20, 2), of("gen/samples", 0)]);
  await button("Swap A and B").click();
  await settled();
  assert.deepEqual(await sources(), [of("gen/samples", 0), of("val", 20, 2)]);
  await button("Swap A and B").click();
  await page.keyboard.press("ArrowLeft");
  await settled();
  assert.deepEqual(await sources(), [of("val", 20, 1), of("gen/samples", 0)], "the other one comes along");

  // The difference is the difference.
  await page.keyboard.press("b");
  await page.keyboard.press("m");
  await button("Difference").click();
  await page.keyboard.press("1");
  await settled();
  const place = await page.locator(".sheet").first().boundingBox();
  const points = [[3, 4], [100, 90], [239, 179], [17, 160]];
  const [shown, a, b] = await Promise.all([
    colors(page, await screen(page, place), points),
    colors(page, dataUrl(root, "out/media/images/" + of("val", 20, 1)), points),
    colors(page, dataUrl(root, "out/media/images/" + "gen/" + of("gen/samples", 0)), points),
  ]);
  shown.forEach((color, n) => color.slice(0, 3).forEach((value, c) => assert.ok(Math.abs(value - Math.abs(a[n][c] - b[n][c])) <= 1, `${points[n]}: ${color} of ${a[n]} and ${b[n]}`)));
  await page.locator("#gain").fill("4");
  await settled();
  const loud = await colors(page, await screen(page, place), points);
  loud.forEach((color, n) => color.slice(0, 3).forEach((value, c) => assert.ok(Math.abs(value - Math.min(Math.abs(a[n][c] - b[n][c]) * 4, 255)) <= 4, `gain ${points[n]}: ${color}`)));
  const link = await hash();
  assert.deepEqual([link.get("mode"), link.get("gain")], ["diff", "4"]);

  // Equal pictures differ in nothing but their layers.
  await page.locator("#gain").fill("1");
  await page.locator("#key1").selectOption({ label: "val" });
  await page.locator("#step1").selectOption({ label: "step 20" });
  await page.locator("#pic1").selectOption({ index: 1 });
  await settled();
  const black = await differ(page, await screen(page, place), await blackPicture(240, 180));
  assert.equal(black.count, 0, JSON.stringify(black));
  await page.keyboard.press("b");
  await page.locator("#only0").selectOption({ label: "pred (boxes)" });
  await page.locator("#only1").selectOption({ label: "truth (boxes)" });
  await settled();
  const layers = await differ(page, await screen(page, place), await blackPicture(240, 180), { tolerance: 20 });
  assert.ok(layers.count > 300 && layers.count < 6000, JSON.stringify(layers));

  await button("Swipe").click();
  await settled();
  const swipe = page.getByRole("slider", { name: "Where the second picture begins" });
  await swipe.fill("25");
  await settled();
  assert.match(await page.locator(".pane").nth(1).evaluate((e) => e.style.clipPath), /^inset\(0(px)? 0(px)? 0(px)? \d/);
  await page.keyboard.press("s");
  await settled();
  await page.locator("#stage").focus();
  await page.keyboard.press("c");
  await settled();
  assert.equal(await page.locator("#compare").isVisible(), false);
  assert.equal(await page.locator(".pane").nth(1).isVisible(), false);
  assertQuiet(page, root);
});

async function blackPicture(width, height) {
  return page.evaluate(([width, height]) => {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    context.fillRect(0, 0, width, height);
    return canvas.toDataURL();
  }, [width, height]);
}

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

test("a phone: nothing is wider than the screen, and everything can be touched", async () => {
  const phone = await browser({ viewport: { width: 375, height: 700 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 });
  page = await open(phone, url);
  await settled();
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok((await wide()) <= 375);
  await page.locator(".card").first().tap();
  await settled();
  await page.locator("#v-next").tap();
  await settled();
  assert.equal(await name(), "number 0 at 20");
  await page.locator("#v-compare").tap();
  await settled();
  assert.ok((await wide()) <= 375);
  const stage = await page.locator("#stage").boundingBox();
  assert.ok(stage.height > 200 && stage.width === 375, JSON.stringify(stage));
  await page.locator("#v-close").tap();
  await settled();
  assert.equal(await page.locator("#viewer").evaluate((e) => e.open), false);
  assertQuiet(page, root);
  await phone.close();
});
