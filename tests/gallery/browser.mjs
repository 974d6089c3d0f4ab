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
    // The tests read canvases, the page does not.
    if (message.text().includes("willReadFrequently")) return;
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

/**
 * How two pictures differ, as the browser decodes and composes them: {count, most, first}. A picture is an address,
 * or `{clean, side}`: the file of the picture in the viewer, and over it what is drawn there. The page may show a
 * file of the disk, but not read it, so tests bring its bytes. `weigh` lets a channel count as much as it is seen.
 */
export async function differ(page, a, b, { tolerance = 0, weigh = false } = {}) {
  return page.evaluate(
    async ([a, b, tolerance, weigh]) => {
      const frame = () => new Promise(requestAnimationFrame);
      await frame();
      await frame();
      const pixels = async (what) => {
        const image = new Image();
        image.src = typeof what === "string" ? what : what.clean;
        await image.decode();
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        const context = canvas.getContext("2d", { willReadFrequently: true });
        context.drawImage(image, 0, 0);
        const overlay = what.clean && document.querySelectorAll(".pane .overlay")[what.side || 0];
        if (overlay && overlay.width) context.drawImage(overlay, 0, 0, canvas.width, canvas.height);
        return context.getImageData(0, 0, canvas.width, canvas.height);
      };
      const [found, expected] = [await pixels(a), await pixels(b)];
      if (found.width !== expected.width || found.height !== expected.height) return { count: Infinity };
      const result = { count: 0, most: 0, first: null };
      for (let at = 0; at < found.data.length; at += 4) {
        let by = 0;
        for (let c = 0; c < 3; c++) {
          const share = (data) => data[at + c] * (weigh ? data[at + 3] / 255 : 1);
          by = Math.max(by, Math.abs(share(found.data) - share(expected.data)));
        }
        result.most = Math.max(result.most, by);
        if (by <= tolerance) continue;
        result.count += 1;
        const color = (data) => [...data.slice(at, at + 4)];
        const pixel = at / 4;
        const place = { x: pixel % found.width, y: Math.floor(pixel / found.width) };
        result.first ??= { ...place, found: color(found.data), expected: color(expected.data) };
      }
      return result;
    },
    [a, b, tolerance, weigh],
  );
}

/** The colours of some pixels of a picture. */
export async function colors(page, url, points) {
  return page.evaluate(
    async ([url, points]) => {
      const image = new Image();
      image.src = url;
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      return points.map(([x, y]) => [...context.getImageData(x, y, 1, 1).data]);
    },
    [url, points],
  );
}

/** A part of the screen as an address. */
export async function screen(page, clip) {
  return "data:image/png;base64," + (await page.screenshot({ clip })).toString("base64");
}
