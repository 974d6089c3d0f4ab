// Image files as they come: every kind is shown, as it is stored, since that is what boxes count.

import assert from "node:assert/strict";
import { copyFileSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertQuiet, browser, differ, open } from "./browser.mjs";
import { folder, gallery, rows, wbimg } from "./inputs.mjs";

const IMAGES = join(process.env.WBIMG_TREE, "fixtures/images");

let context;
before(async () => {
  context = await browser();
});
after(() => context.close());

for (const embed of [[], ["--embed"]]) {
  test(`every kind of image file is shown ${embed}`, async () => {
    const root = folder();
    const names = readdirSync(IMAGES).filter((name) => /\.(png|jpg|bmp|gif|webp|tiff)$/.test(name));
    for (const name of names) copyFileSync(join(IMAGES, name), join(root, name));
    wbimg(root, "convert", ...names, "--key", "k", "-o", "out", "-q");
    const page = await open(context, gallery(root, "out", ...embed));
    await page.waitForFunction((count) => document.querySelectorAll(".frame.loaded").length === count, names.length);
    for (const row of rows(root)) {
      const card = page.locator(".card", { hasText: "k" }).nth(rows(root).indexOf(row));
      await card.scrollIntoViewIfNeeded();
      const size = await card.locator("img").evaluate((image) => [image.naturalWidth, image.naturalHeight]);
      assert.deepEqual(size, [row.media.width, row.media.height], row.source);
    }
    assertQuiet(page, root);
  });
}

test("a photograph that its EXIF turns is shown as stored", async () => {
  const root = folder();
  copyFileSync(join(IMAGES, "turned.jpg"), join(root, "turned.jpg"));
  wbimg(root, "convert", "turned.jpg", "-o", "out", "-q");
  const page = await open(context, gallery(root, "out"));
  await page.locator(".card").click();
  await page.waitForFunction(() => document.querySelector(".pane .picture").naturalWidth > 0);
  const [row] = rows(root);
  const size = await page.locator(".pane .picture").first().evaluate((image) => [image.naturalWidth, image.naturalHeight]);
  assert.deepEqual(size, [row.media.width, row.media.height]);
  assertQuiet(page, root);
});

test("an embedded page needs nothing beside it, and shows the same", async () => {
  const { demo } = await import("./demo.mjs");
  const root = demo();
  const url = gallery(root, "out", "--embed");
  const alone = folder();
  copyFileSync(join(root, "out/index.html"), join(alone, "page.html"));
  const page = await open(context, `file://${alone}/page.html`);
  await page.waitForFunction(() => document.querySelectorAll(".frame.loaded").length >= 4);
  await page.locator(".card", { hasText: "number 0" }).click();
  await page.waitForFunction(() => document.querySelector(".pane .overlay").width > 0);
  const row = rows(root).find((row) => row.key === "val" && row.step === 20);
  const clean = "data:image/png;base64," + readFileSync(join(root, "out", row.media.path)).toString("base64");
  const shown = await page.locator(".pane .picture").first().evaluate((image) => image.src);
  assert.equal((await differ(page, shown, clean)).count, 0);
  assert.ok((await differ(page, { clean }, clean)).count > 10000, "its layers are drawn");
  assert.match(await page.locator(".facts a").getAttribute("download"), /^val_20_/);
  assertQuiet(page, alone);
  assert.deepEqual(page.asked.filter((url) => url.startsWith("file:")), [`file://${alone}/page.html`]);
  assert.ok(url.endsWith("/out/index.html"));
});

test("the page works from a server, too", async () => {
  const { createServer } = await import("node:http");
  const { demo } = await import("./demo.mjs");
  const root = demo();
  gallery(root, "out");
  const server = createServer((request, response) => {
    const path = join(root, "out", decodeURIComponent(new URL(request.url, "http://x").pathname));
    try {
      const type = path.endsWith(".html") ? "text/html" : path.endsWith(".js") ? "text/javascript" : "image/png";
      response.writeHead(200, { "content-type": type }).end(readFileSync(path));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${server.address().port}`;
  const page = await open(context, `${base}/index.html`);
  await page.waitForFunction(() => document.querySelectorAll(".frame.loaded").length >= 4);
  assert.deepEqual(page.complaints, []);
  assert.deepEqual(page.asked.filter((url) => !url.startsWith(base) && !url.startsWith("data:")), []);
  await page.close();
  server.close();
});
