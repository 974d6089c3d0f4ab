// One picture closely, or two compared: every control, and the numbers behind what is seen.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertQuiet, colors, differ, open, screen } from "./browser.mjs";
import { dataUrl, rows } from "./inputs.mjs";
import { visit } from "./people.mjs";

let people, context, root, url, page;
let fresh, settled, names, name, button, hash;
before(async () => {
  people = await visit();
  ({ context, root, url, settled, names, name, button, hash } = people);
  fresh = async (address) => (page = await people.fresh(address));
});
after(() => context.close());

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
  await page.locator("#v-actual").click();
  assert.equal(await zoom(), 100);
  await page.locator("#v-actual").click();
  assert.equal(await zoom(), fitted, "and back");
  await page.keyboard.press("=");
  assert.ok((await zoom()) > fitted);
  await page.keyboard.press("0");
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

test("comparison: two steps, two keys, two layers, and what differs", async () => {
  await fresh();
  await page.locator(".card", { hasText: "number 1" }).click();
  await settled();
  await page.keyboard.press("c");
  await settled();
  assert.equal(await page.locator("#compare").isVisible(), true);
  const chosen = async () => Promise.all(["key0", "step0", "key1", "step1"].map((id) => page.locator("#" + id).evaluate((e) => e.selectedOptions[0].text)));
  assert.deepEqual(await chosen(), ["val", "step 20", "val", "step 10"]);
  // What one select offers follows from what the others have chosen, as of the next frame.
  const choose = async (id, option) => {
    await page.locator("#" + id).selectOption(option);
    await settled();
  };
  const sources = () => page.locator(".picture").evaluateAll((list) => list.map((e) => decodeURIComponent(e.src.split("/").pop())));
  const of = (key, step, nth = 0) => rows(root).filter((row) => row.key === key && row.step === step)[nth].media.path.split("/").pop();
  assert.deepEqual(await sources(), [of("val", 20, 1), of("val", 10, 1)]);
  // Both are moved together.
  await page.keyboard.press("+");
  const [left, right] = await page.locator(".sheet").evaluateAll((list) => list.map((e) => e.style.transform));
  assert.equal(left, right);
  await choose("key1", { label: "gen/samples" });
  await choose("step1", { label: "step 0" });
  assert.deepEqual(await sources(), [of("val", 20, 1), of("gen/samples", 0)]);
  await choose("pic0", { index: 2 });
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
  await choose("key1", { label: "val" });
  await choose("step1", { label: "step 20" });
  await choose("pic1", { index: 1 });
  const black = await differ(page, await screen(page, place), await blackPicture(240, 180));
  assert.equal(black.count, 0, JSON.stringify(black));
  await page.keyboard.press("b");
  await choose("only0", { label: "pred (boxes)" });
  await choose("only1", { label: "truth (boxes)" });
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

