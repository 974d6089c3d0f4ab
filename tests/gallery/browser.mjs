// A Chromium that starts empty, and pages of which everything that they ask for or complain about is noted.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function browser(options = {}) {
  const profile = mkdtempSync(join(tmpdir(), "wbimg-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM,
    headless: true,
    args: FLAGS,
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
    colorScheme: "light",
    ...options,
  });
  const close = context.close.bind(context);
  context.close = async () => {
    await close();
    rmSync(profile, { recursive: true, force: true });
  };
  return context;
}

/** Opens a page; `page.complaints` has what went wrong in it, `page.asked` every address that it asked for. */
export async function open(context, url) {
  const page = await context.newPage();
  page.complaints = [];
  page.asked = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) page.complaints.push(message.text());
  });
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("dialog", (dialog) => {
    page.complaints.push("a dialog: " + dialog.message());
    dialog.dismiss();
  });
  page.on("request", (request) => page.asked.push(request.url()));
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    // What scrolled out of sight is called off.
    if (why !== "net::ERR_ABORTED") page.complaints.push(`${request.url()}: ${why}`);
  });
  await page.goto(url);
  await page.waitForFunction(() => document.querySelector("#count").textContent !== "");
  return page;
}

/** That a page has asked for nothing but files below `root`, and has not complained. */
export function assertQuiet(page, root) {
  assert.deepEqual(page.complaints, []);
  const base = "file://" + root.split("/").map(encodeURIComponent).join("/");
  const strays = page.asked.filter((url) => !url.startsWith(base) && !/^(data|blob):/.test(url));
  assert.deepEqual(strays, []);
}

/** The pixels of the picture in the viewer as the browser composes them: the file, and what was drawn over it. */
export async function composed(page, side = 0) {
  return page.evaluate(async (side) => {
    const pane = document.querySelectorAll(".pane")[side];
    const image = pane.querySelector(".picture");
    const overlay = pane.querySelector(".overlay");
    // The page may show a file of the disk, but not read it: the tests bring its bytes.
    const clean = new Image();
    clean.src = window.cleanPicture;
    await clean.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(clean, 0, 0);
    if (overlay.width) context.drawImage(overlay, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return { width: canvas.width, height: canvas.height, data: Array.from(data) };
  }, side);
}

/** The pixels of a PNG, decoded by the browser. */
export async function decoded(page, url) {
  return page.evaluate(async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return { width: canvas.width, height: canvas.height, data: Array.from(data) };
  }, url);
}

/** How many pixels of two pictures differ by more than `tolerance` in a channel, the first of them, and the most. */
export function difference(a, b, tolerance) {
  assert.deepEqual([a.width, a.height], [b.width, b.height]);
  let count = 0;
  let first = null;
  let most = 0;
  for (let at = 0; at < a.data.length; at += 4) {
    let by = 0;
    for (let c = 0; c < 3; c++) by = Math.max(by, Math.abs(a.data[at + c] - b.data[at + c]));
    most = Math.max(most, by);
    if (by <= tolerance) continue;
    count += 1;
    const pixel = at / 4;
    first ??= { x: pixel % a.width, y: Math.floor(pixel / a.width), found: a.data.slice(at, at + 3), expected: b.data.slice(at, at + 3) };
  }
  return { count, first, most };
}
