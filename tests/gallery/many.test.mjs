// Ten thousand pictures with boxes and masks: little of them is ever in the document, and scrolling stays smooth.

import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertQuiet, browser, open, settled } from "./browser.mjs";
import { box, folder, gallery, npy, rows, wbimg, write } from "./inputs.mjs";

const COUNT = 10000;

let context, root, url, took;
before(async () => {
  context = await browser();
  root = folder();
  // Two frames and more of one array each: 100 arrays of 100 frames, larger than a small picture is.
  const [width, height] = [48, 36];
  for (let nth = 0; nth < 100; nth++) {
    const samples = new Uint8Array(100 * width * height);
    for (let at = 0; at < samples.length; at++) samples[at] = (at * (nth + 3)) % 251;
    write(root, `a/${String(nth).padStart(3, "0")}.npy`, npy([100, height, width], samples));
  }
  write(root, "boxes.json", { pred: { box_data: [box([4, 4, 30, 30], 1, { scores: { conf: 0.5 } })], class_labels: { 1: "x" } } });
  write(root, "masks.json", { seg: { mask_data: Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => (x > y ? 1 : 0))), class_labels: { 1: "x" } } });
  wbimg(root, "convert", "a", "--layout", "nhw", "--key", "{stem}", "--boxes", "boxes.json", "--masks", "masks.json", "--overlay", "never", "-o", "out", "-q");
  assert.equal(rows(root).length, COUNT);
  const began = performance.now();
  url = gallery(root, "out");
  took = performance.now() - began;
});
after(() => context.close());

test("the page of ten thousand opens at once, and only what is seen is there", async () => {
  const size = statSync(join(root, "out/index.html")).size;
  assert.ok(size < 12e6, `${size} bytes`);
  const page = await open(context, url + "#group=none");
  const painted = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  assert.equal(await page.locator("#count").textContent(), "10,000 pictures");
  const nodes = () => page.evaluate(() => document.querySelectorAll("*").length);
  const images = () => page.evaluate(() => document.querySelectorAll("#grid img, #grid canvas").length);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  assert.ok(height > 100000, String(height));

  let [mostNodes, mostImages] = [0, 0];
  // Frame by frame, like a person at the wheel; then in leaps, like one at the scroll bar.
  const frames = await page.evaluate(async () => {
    const times = [];
    let last = performance.now();
    for (let n = 0; n < 240; n++) {
      window.scrollBy(0, 60);
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      times.push(now - last);
      last = now;
    }
    return times.sort((a, b) => a - b);
  });
  for (let n = 1; n <= 12; n++) {
    await page.evaluate((share) => window.scrollTo(0, document.documentElement.scrollHeight * share), (n * 0.37) % 1);
    await settled(page);
    mostNodes = Math.max(mostNodes, await nodes());
    mostImages = Math.max(mostImages, await images());
  }
  const [median, slowest] = [frames[frames.length >> 1], frames[frames.length - 1]];
  console.log(
    `# gallery of 10 000: made in ${took.toFixed(0)} ms, ${(size / 1e6).toFixed(1)} MB, first paint after ${painted?.toFixed(0)} ms, ` +
      `scrolling ${median.toFixed(1)} ms a frame (slowest ${slowest.toFixed(0)}), at most ${mostNodes} elements and ${mostImages} pictures`,
  );
  assert.ok(mostNodes < 2500, `${mostNodes} elements`);
  assert.ok(mostImages < 260, `${mostImages} pictures`);
  // Not tight: the machine has other things to do.
  assert.ok(median < 120, `${median} ms a frame`);
  // What was scrolled past quickly was never fetched.
  const fetched = page.asked.filter((asked) => asked.endsWith(".png")).length;
  assert.ok(fetched < 3000, `${fetched} pictures were fetched`);

  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await page.waitForFunction(() => document.querySelectorAll(".frame.loaded").length > 10);
  // The cards of the place before stay for a moment.
  await page.waitForFunction(() => [...document.querySelectorAll(".card")].at(-1)?.ariaLabel?.includes("key 099"));
  assertQuiet(page, root);
});

test("searching ten thousand, and going through them by keyboard", async () => {
  const page = await open(context, url);
  // A hundred keys of a hundred pictures.
  assert.equal((await page.locator(".grouphead h2").first().textContent()).trim(), "000");
  await page.locator("#search").fill("057.npy");
  await page.waitForFunction(() => document.querySelector("#count").textContent.startsWith("100 of"));
  await page.locator("#search").fill("");
  await page.waitForFunction(() => document.querySelector("#count").textContent === "10,000 pictures");
  await page.locator("#skip").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("End");
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  assert.match(await focused(), /key 099/);
  assert.equal(await page.evaluate(() => document.activeElement.parentElement.getAttribute("aria-posinset")), "100");
  await page.keyboard.press("Enter");
  await settled(page);
  assert.equal(await page.locator("#v-place").textContent(), "10,000 of 10,000");
  await page.keyboard.press("ArrowLeft");
  await settled(page);
  assert.equal(await page.locator("#v-place").textContent(), "9,999 of 10,000");
  await page.keyboard.press("Escape");
  await settled(page);
  assert.equal(await page.evaluate(() => document.activeElement.parentElement.getAttribute("aria-posinset")), "99");
  await page.keyboard.press("Home");
  assert.match(await focused(), /key 000/);
  // Wherever the page is scrolled to, exactly one card is on the way of the tab key.
  await page.locator("#search").focus();
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight / 2));
  await settled(page);
  assert.equal(await page.locator('.card[tabindex="0"]').count(), 1);
  assert.equal(await page.locator('.card[tabindex="0"]').evaluate((card) => card.getBoundingClientRect().top > 0), true);
  assertQuiet(page, root);
});

test("layers of large directories lie beside the page, and only those that are seen are loaded", async () => {
  const own = folder();
  // Masks that do not compress, more than go into the page.
  const [width, height] = [300, 240];
  let seed = 1;
  const noise = () => Uint8Array.from({ length: width * height }, () => ((seed = Math.imul(seed, 1664525) + 1013904223) >>> 16) % 251);
  for (let nth = 0; nth < 40; nth++) {
    write(own, `${String(nth).padStart(2, "0")}.npy`, npy([height, width], new Uint8Array(width * height).fill(nth * 5)));
    write(own, `m/${nth}.npy`, npy([height, width], noise()));
    write(own, `${String(nth).padStart(2, "0")}.wbimg.json`, { masks: { seg: { path: `m/${nth}.npy`, class_labels: { 1: "x", 7: "y", 200: "z" } } } });
  }
  const names = Array.from({ length: 40 }, (_, nth) => `${String(nth).padStart(2, "0")}.npy`);
  wbimg(own, "convert", ...names, "--key", "k", "-o", "out", "--overlay", "never", "-q");
  const address = gallery(own, "out");
  const beside = readdirSync(join(own, "out/media/gallery"));
  assert.ok(beside.length > 15 && beside.length < 40, String(beside.length));
  assert.ok(statSync(join(own, "out/index.html")).size < 2.5e6);
  const page = await open(context, address + "#size=480");
  await settled(page);
  const loaded = () => page.asked.filter((asked) => asked.endsWith(".js")).length;
  assert.equal(loaded(), 0, "the first ones are in the page");
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await page.waitForFunction(() => [...document.querySelectorAll(".card canvas")].length > 1);
  await settled(page);
  assert.ok(loaded() > 0 && loaded() < beside.length, `${loaded()} of ${beside.length}`);
  const drawn = await page.locator(".card canvas").last().evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value, at) => at % 4 === 3 && value > 0);
  });
  assert.ok(drawn);
  assertQuiet(page, own);
});
