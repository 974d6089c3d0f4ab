// Captions, labels, keys and file names are text, whatever they say.

import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertQuiet, browser, differ, open } from "./browser.mjs";
import { box, dataUrl, folder, gallery, npy, picture, rows, wbimg, write } from "./inputs.mjs";

let context;
before(async () => {
  context = await browser();
});
after(() => context.close());

const EVIL = [
  "</script><img src=x onerror=\"window.owned=1\">",
  "<!--<script>window.owned=1</script>",
  "\u2028\u2029 line ends, \u0085 and \u0000 \u0007 \u001b[2J",
  "\u202egnp.exe\u202c and \u2066isolated\u2069",
  "شكرا עברית 日本語 👩‍👩‍👧 ünïcødé",
  "' \" ` & &amp; ${window.owned=1} {{x}} %s %27",
  "a".repeat(4000),
  "javascript:window.owned=1",
  "\n\n\tseveral\nlines\n",
  "__proto__",
  "",
];

test("captions, labels, layer names, scores, box captions and titles are text", async () => {
  const root = folder();
  EVIL.forEach((text, nth) => {
    write(root, `${nth}.npy`, picture(150, 150, nth));
    const labels = { 1: text, 2: "ok" };
    const sidecar = {
      caption: text,
      boxes: {
        [text || "empty"]: { box_data: [box([10, 20, 100, 120], 1, { box_caption: text, scores: { [text || "s"]: 0.5 } }), box([40, 40, 90, 90], 1)], class_labels: labels },
      },
      masks: { [text || "empty"]: { mask_data: Array.from({ length: 10 }, () => Array(10).fill(1)), class_labels: labels } },
    };
    write(root, `${nth}.wbimg.json`, sidecar);
  });
  const names = EVIL.map((_, nth) => `${nth}.npy`);
  wbimg(root, "convert", ...names, "--key", EVIL[0], "-o", "out", "-q");
  const url = gallery(root, "out", "--title", EVIL[0]);
  const page = await open(context, url + "#size=120");
  await page.waitForTimeout(600);
  assert.equal(await page.evaluate(() => window.owned), undefined);
  assert.equal(await page.title(), EVIL[0]);
  assert.equal(await page.locator("h1").textContent(), EVIL[0]);
  assert.equal(await page.locator("h2").filter({ hasText: "onerror" }).first().textContent(), EVIL[0]);
  const shown = await page.locator(".card .name").allTextContents();
  assert.equal(shown.length, EVIL.length);
  assert.equal(shown[1], EVIL[1]);
  assert.ok(shown[2].includes("\\u{2028}") && shown[2].includes("\\u{0}") && shown[2].includes("\\u{1b}[2J"));
  assert.ok(shown[3].startsWith("\\u{202e}gnp.exe"));
  assert.equal(shown[4], EVIL[4]);
  assert.equal(shown[6], EVIL[6]);
  assert.equal(shown[9], EVIL[9]);
  const widest = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(widest, 0, "nothing is wider than the window");
  for (const [nth, row] of rows(root).entries()) {
    if (nth === 0) await page.locator(".card").first().click();
    else await page.keyboard.press("ArrowRight");
    await page.waitForTimeout(150);
    if (row.overlay) {
      const found = await differ(page, { clean: dataUrl(root, "out/" + row.media.path) }, dataUrl(root, "out/" + row.overlay.path), { tolerance: 2 });
      assert.ok(found.count < 150 * 150 * 0.75, `drawn: ${JSON.stringify(found)}`);
    }
  }
  await page.keyboard.press("c");
  await page.locator("#class-search").fill("<img");
  await page.waitForTimeout(200);
  assert.equal(await page.evaluate(() => window.owned), undefined);
  const elements = await page.evaluate(() => document.querySelectorAll("img:not(.picture, .frame img), iframe, object, embed, b i, [onerror]").length);
  assert.equal(elements, 0);
  assertQuiet(page, root);
});

test("the address of hostile names leads back to them", async () => {
  const root = folder();
  write(root, "x.npy", picture(60, 60));
  const layer = "a=b&c#d%20~@:e";
  write(root, "boxes.json", { [layer]: { box_data: [box([5, 5, 40, 40], 1, { scores: { "s~:= é": 0.5 } })], class_labels: { 1: "x" } } });
  const key = "k = &#%?~é";
  for (const step of [1, 2]) wbimg(root, "convert", "x.npy", "--key", key, "--step", String(step), "--boxes", "boxes.json", "-o", "out", "-q");
  const page = await open(context, gallery(root, "out"));
  await page.getByRole("slider", { name: "Step of " + key }).fill("0");
  await page.locator("#panel-button[aria-expanded=false]").click({ timeout: 500 }).catch(() => {});
  await page.locator('[data-class="0:1"]').uncheck();
  await page.locator('[data-layer="0"]').uncheck();
  await page.locator('.bound[data-bound="1"] input[type=number]').fill("0.25");
  await page.locator('.bound[data-bound="1"] input[type=number]').dispatchEvent("change");
  await page.waitForTimeout(300);
  const again = await open(context, page.url());
  await again.waitForTimeout(200);
  assert.equal(await again.locator(".steps output").textContent(), "step 1");
  assert.equal(await again.locator('[data-class="0:1"]').isChecked(), false);
  assert.equal(await again.locator('[data-layer="0"]').isChecked(), false);
  assert.equal(await again.locator('.bound[data-bound="1"] input[type=number]').inputValue(), "0.25");
  assert.equal(again.url(), page.url());
  assertQuiet(again, root);
});

test("files with any name are found", async () => {
  const root = folder();
  const names = ["with space.npy", "hash#tag.npy", "what?.npy", "50%25.npy", "ünï.npy", "back\\slash.npy", "quo'te\".npy", "<b>.npy", "a;b&c=d+e.npy", "日本.npy"];
  const list = names.map((name, nth) => {
    write(root, name, picture(500, 40, nth));
    return name;
  });
  // Bytes that are no UTF-8.
  writeFileSync(Buffer.concat([Buffer.from(root + "/"), Buffer.from([0xff, 0xfe]), Buffer.from(".npy")]), npy([20, 30, 3], new Uint8Array(1800).fill(99)));
  write(root, "names", Buffer.concat([...list.map((name) => Buffer.from(name + "\0")), Buffer.from([0xff, 0xfe]), Buffer.from(".npy\0")]));
  wbimg(root, "convert", "--files0-from", "names", "-o", "out #1?/50%25 ü", "-q");
  const page = await open(context, gallery(root, "out #1?/50%25 ü") + "#group=none");
  await page.waitForFunction((count) => document.querySelectorAll(".frame.loaded").length === count, names.length + 1);
  assert.equal(await page.locator("h1").textContent(), "50%25 ü");
  const shown = await page.locator(".card .name").allTextContents();
  assert.ok(shown.includes("\\xff\\xfe"), shown.join());
  // Without thumbnails the pictures themselves are shown, by the same names.
  for (const name of readdirSync(join(root, "out #1?/50%25 ü/media/thumbs"))) writeFileSync(join(root, "out #1?/50%25 ü/media/thumbs", name), "");
  await page.reload();
  await page.waitForFunction((count) => document.querySelectorAll(".frame.loaded").length === count, names.length + 1);
  await page.locator(".card").nth(3).click();
  await page.waitForFunction(() => document.querySelector(".pane .picture").naturalWidth > 0);
});

test("pictures that are damaged, gone, or of kinds that browsers do not show", async () => {
  const root = folder();
  for (const nth of [0, 1, 2]) write(root, `${nth}.npy`, picture(600, 400, nth));
  write(root, "masks.json", { m: { mask_data: Array.from({ length: 400 }, () => Array(600).fill(1)), class_labels: { 1: "x" } } });
  wbimg(root, "convert", "0.npy", "1.npy", "2.npy", "--key", "k", "--masks", "masks.json", "-o", "out", "-q");
  const [first, second] = rows(root);
  writeFileSync(join(root, "out", first.media.path), "no picture");
  writeFileSync(join(root, "out", second.media.masks.m.path), "no mask");
  const page = await open(context, gallery(root, "out"));
  await page.waitForFunction(() => document.querySelectorAll(".frame.loaded").length === 2);
  await page.waitForFunction(() => document.querySelectorAll(".frame.broken").length === 1);
  assert.match(await page.locator(".frame.broken .why").textContent(), /^cannot be shown: it is no image file$/);
  await page.locator(".card").first().click();
  await page.waitForTimeout(300);
  assert.match(await page.locator(".pane > .why").first().textContent(), /This picture cannot be shown: it is no image file/);
  assert.match(await page.locator(".fault").textContent(), /^m: not drawn: /);
});
