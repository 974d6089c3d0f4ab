// What the page draws is what wbimg draws: every pixel of pictures without labels (wbimg leaves them out on small
// ones), and of larger ones whose boxes have nothing to say.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertQuiet, browser, differ, open, screen } from "./browser.mjs";
import { box, dataUrl, folder, gallery, npy, picture, rows, wbimg, write } from "./inputs.mjs";

let context;
before(async () => {
  context = await browser();
});
after(() => context.close());

const NAMES = { 0: "zero", 1: "one", 2: "two", 3: "three", 5: "five", 17: "seventeen" };

/** Ids that form discs, slanted borders and single pixels. */
function ids(width, height, shift = 0) {
  const samples = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const disc = (x - width / 3 - shift) ** 2 + (y - height / 2) ** 2 < (height / 3) ** 2;
      const slope = x + 2 * y > width * 1.7 + shift;
      samples[y * width + x] = disc ? 1 : slope ? 2 : (x * 7 + y * 13) % 97 === 0 ? 3 : x > width - 9 ? 5 : 0;
    }
  }
  return samples;
}

/** Box layers of all four looks; boxes that are large, tiny, at the edge, inverted, outside, of no size. */
function boxes(width, height, wordless) {
  const layer = (shift) => [
    box([12 + shift, 10, 70 + shift, 60], 0),
    box([40, 30 + shift, width - 4, height - 5], 1),
    box([0, 0, width, height], 2),
    box([5 + shift, 90, 10 + shift, 96], 3),
    box([90, 70, 60, 50 + shift], 17),
    box([-20, 100, 30, 180], 5),
    box([width - 30.5, height - 30.25, width + 1, height + 1], null),
    box([66, 66, 66, 66], 1),
    { position: { middle: [0.5, 0.5], width: 0.25, height: 0.3 }, class_id: -1 },
  ];
  const strip = (list) => list.map(({ class_id, ...rest }) => (wordless ? rest : { class_id, ...rest }));
  const clean = (list) => list.map((item) => Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)));
  return Object.fromEntries(
    ["predictions", "1", "third", "fourth"].map((name, nth) => [name, { box_data: clean(strip(layer(nth * 7))), class_labels: NAMES }]),
  );
}

const clean = (root) => dataUrl(root, "out/" + rows(root)[0].media.path);
const overlayOf = (root, out = "out") => dataUrl(root, `${out}/${rows(root, out)[0].overlay.path}`);

/** Compares the picture in the viewer, with what is drawn over it, with an overlay picture. */
async function check(root, page, overlay = overlayOf(root), options = {}) {
  const found = await differ(page, { clean: clean(root) }, overlay, { tolerance: 2, ...options });
  assert.equal(found.count, 0, JSON.stringify(found));
}

async function openPicture(root, ...args) {
  const page = await open(context, gallery(root, "out", ...args));
  await page.locator(".card").first().click();
  await page.waitForFunction(() => document.querySelector(".pane .overlay").width > 0);
  return page;
}

for (const [width, height] of [[140, 130], [143, 301], [99, 120], [40, 28], [1, 1]]) {
  test(`boxes in four layers, ${width}x${height}`, async () => {
    const root = folder();
    write(root, "x.npy", picture(width, height));
    write(root, "boxes.json", boxes(width, height));
    wbimg(root, "convert", "x.npy", "-o", "out", "--boxes", "boxes.json", "-q");
    const page = await openPicture(root);
    await check(root, page);
    assertQuiet(page, root);
  });

  test(`masks in four layers, ${width}x${height}`, async () => {
    const root = folder();
    write(root, "x.npy", picture(width, height));
    const masks = {};
    ["a", "b", "c", "d"].forEach((name, nth) => {
      // The second is of another size than the picture.
      const size = nth === 1 ? [width * 2 + 3, Math.max(height - 1, 1)] : [width, height];
      write(root, `m/${name}.npy`, npy([size[1], size[0]], ids(...size, nth * 5)));
      masks[name] = { path: `m/${name}.npy`, class_labels: NAMES };
    });
    write(root, "masks.json", masks);
    wbimg(root, "convert", "x.npy", "-o", "out", "--masks", "masks.json", "-q");
    const page = await openPicture(root);
    // Four layers over each other round four times.
    await check(root, page, undefined, { tolerance: 3 });
    assertQuiet(page, root);
  });
}

test("ids that no label names are transparent", async () => {
  const root = folder();
  write(root, "x.npy", picture(120, 120));
  write(root, "m.npy", npy([120, 120], ids(120, 120)));
  write(root, "masks.json", { m: { path: "m.npy", class_labels: { 2: "two" } } });
  wbimg(root, "convert", "x.npy", "-o", "out", "--masks", "masks.json", "-q");
  const page = await openPicture(root);
  await check(root, page);
  const { count } = await differ(page, { clean: clean(root) }, clean(root));
  const slope = ids(120, 120).filter((id) => id === 2).length;
  assert.ok(count > 0 && count <= slope, `${count} of ${slope}`);
});

for (const [width, height] of [[700, 500], [1000, 950], [1600, 1510]]) {
  test(`lines grow with the picture, ${width}x${height}`, async () => {
    const root = folder();
    write(root, "x.npy", picture(width, height));
    write(root, "boxes.json", { only: { box_data: [box([50.5, 40.2, 300, 222], null), box([0, 0, width, height], null), box([290, 210, 293, 400], null)] } });
    wbimg(root, "convert", "x.npy", "-o", "out", "--boxes", "boxes.json", "-q");
    const page = await openPicture(root);
    await check(root, page);
    assertQuiet(page, root);
  });
}

test("a picture with alpha keeps it, and what is drawn shows on it", async () => {
  const root = folder();
  const samples = new Uint8Array(120 * 110 * 4).map((_, at) => (at % 4 === 3 ? (at % 1000) / 4 : (at * 7) % 256));
  write(root, "x.npy", npy([110, 120, 4], samples));
  write(root, "boxes.json", boxes(120, 110));
  wbimg(root, "convert", "x.npy", "-o", "out", "--boxes", "boxes.json", "-q");
  const page = await openPicture(root);
  // What can hardly be seen has hardly a colour.
  await check(root, page, overlayOf(root), { tolerance: 3, weigh: true });
});

test("choices on the page are the choices of the command line", async () => {
  const root = folder();
  const [width, height] = [140, 140];
  write(root, "x.npy", picture(width, height));
  const scored = boxes(width, height);
  Object.values(scored).forEach(({ box_data }, layer) =>
    box_data.forEach((item, nth) => {
      if (nth !== 2) item.scores = { conf: ((nth * 3 + layer) % 10) / 10, iou: nth };
    }),
  );
  write(root, "boxes.json", scored);
  write(root, "m.npy", npy([height, width], ids(width, height)));
  write(root, "masks.json", { m: { path: "m.npy", class_labels: NAMES } });
  const given = ["x.npy", "--boxes", "boxes.json", "--masks", "masks.json", "-q"];
  wbimg(root, "convert", ...given, "-o", "out");
  const page = await openPicture(root);
  const overlayWith = (...args) => {
    const out = "out-" + args.join("").replace(/[^\w]/g, "");
    wbimg(root, "convert", ...given, "-o", out, ...args);
    return overlayOf(root, out);
  };
  await check(root, page, overlayWith());

  const set = async (locator, value) => {
    await locator.fill(String(value));
    await locator.dispatchEvent("change");
  };
  const bound = (score, side) => page.locator(`.bound[data-score="${score}"][data-bound="${side}"] input[type=number]`);
  await set(bound("conf", 0), 0.5);
  await check(root, page, overlayWith("--min-score", "conf=0.5"));
  await set(bound("iou", 0), 3);
  await check(root, page, overlayWith("--min-score", "conf=0.5", "--min-score", "iou=3"));
  await set(bound("conf", 0), 0);
  await set(bound("iou", 0), 0);
  await check(root, page, overlayWith());

  // At most, which the command line does not have: by the boxes that are left.
  await set(bound("conf", 1), 0.4);
  const few = structuredClone(scored);
  for (const layer of Object.values(few)) layer.box_data = layer.box_data.filter((item) => !item.scores || item.scores.conf <= 0.4);
  write(root, "few.json", few);
  wbimg(root, "convert", "x.npy", "--boxes", "few.json", "--masks", "masks.json", "-q", "-o", "few");
  await check(root, page, overlayOf(root, "few"));
  await set(bound("conf", 1), 1);

  await page.locator("#set-alpha").fill("0.3");
  await check(root, page, overlayWith("--mask-alpha", "0.3"));
  await page.locator("#set-alpha").fill("0.6");

  for (const toggle of await page.locator('[data-class$=":1"]').all()) await toggle.uncheck();
  await check(root, page, overlayWith("--hide-class", "1"));
  await page.locator("#classes-none").click();
  await page.locator("#class-search").fill("seven");
  await page.locator("#classes-all").click();
  await check(root, page, overlayWith("--only-class", "17"));
  await page.locator("#class-search").fill("");
  await page.locator("#classes-all").click();
  await check(root, page, overlayWith());

  await page.locator("#set-palette").selectOption("okabe-ito");
  await check(root, page, overlayWith("--palette", "okabe-ito"));
  await page.locator("#set-palette").selectOption("wandb");

  await page.locator("#stage").focus();
  await page.keyboard.press("m");
  wbimg(root, "convert", "x.npy", "--boxes", "boxes.json", "-q", "-o", "boxes-only");
  await check(root, page, overlayOf(root, "boxes-only"));
  await page.keyboard.press("b");
  await check(root, page, clean(root), { tolerance: 0 });
  await page.keyboard.press("m");
  wbimg(root, "convert", "x.npy", "--masks", "masks.json", "-q", "-o", "mask-only");
  await check(root, page, overlayOf(root, "mask-only"));
  await page.keyboard.press("b");

  await page.locator('[data-layer="0"]').uncheck();
  const hidden = await differ(page, { clean: clean(root) }, overlayWith(), { tolerance: 2 });
  assert.ok(hidden.count > 50, JSON.stringify(hidden));
  await page.locator('[data-layer="0"]').check();
  await check(root, page, overlayWith());
  assertQuiet(page, root);
});

test("what is on the screen is what was drawn, pixel for pixel at its actual size", async () => {
  const root = folder();
  const [width, height] = [143, 141];
  write(root, "x.npy", picture(width, height));
  write(root, "boxes.json", boxes(width, height));
  write(root, "m.npy", npy([height, width], ids(width, height)));
  write(root, "masks.json", { m: { path: "m.npy", class_labels: NAMES } });
  wbimg(root, "convert", "x.npy", "--boxes", "boxes.json", "--masks", "masks.json", "-q", "-o", "out");
  const page = await openPicture(root);
  const sheet = page.locator(".pane .sheet").first();
  await page.keyboard.press("1");
  const place = await sheet.boundingBox();
  assert.deepEqual([place.width, place.height], [width, height]);
  const found = await differ(page, await screen(page, place), overlayOf(root), { tolerance: 3 });
  assert.equal(found.count, 0, JSON.stringify(found));

  // Fitted, its pixels are squares of one colour.
  await page.keyboard.press("0");
  await page.keyboard.press("l");
  const large = await sheet.boundingBox();
  const zoom = large.width / width;
  assert.ok(zoom >= 3 && Number.isInteger(zoom), `${zoom}`);
  const soft = await page.evaluate(
    async ([url, zoom]) => {
      const image = new Image();
      image.src = url;
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      const at = (x, y) => (y * canvas.width + x) * 4;
      let soft = 0;
      for (let y = 0; y < canvas.height; y++) {
        for (let x = 0; x < canvas.width; x++) {
          const corner = at(x - (x % zoom), y - (y % zoom));
          soft += [0, 1, 2].some((c) => data[at(x, y) + c] !== data[corner + c]);
        }
      }
      return soft;
    },
    [await screen(page, large), zoom],
  );
  assert.equal(soft, 0, "pixels of the screen that are not of their square's colour");
  assertQuiet(page, root);
});
