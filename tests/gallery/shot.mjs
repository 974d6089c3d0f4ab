// The picture of the README: the grid, and one picture closely, of the directory that docs/gallery-data.py makes.
//
//     tests/gallery/run --shot OUT docs/gallery.png

import { pathToFileURL } from "node:url";
import { writeFileSync } from "node:fs";
import { browser, open } from "./browser.mjs";

const [directory, out] = process.argv.slice(2);
const context = await browser({ viewport: { width: 1120, height: 640 } });
const url = pathToFileURL(directory + "/index.html").href;
const shots = [];
for (const [hash, then] of [
  ["#group=key&size=190", async () => {}],
  [
    "#group=key",
    async (page) => {
      await page.locator("#theme").click();
      await page.locator("#theme").click();
      await page.locator("#search").fill("coffee, 300");
      await page.waitForTimeout(300);
      await page.locator(".card").first().click();
    },
  ],
]) {
  const page = await open(context, url + hash);
  await page.waitForTimeout(600);
  await then(page);
  await page.waitForTimeout(900);
  shots.push(await page.screenshot());
  await page.close();
}
// One above the other, as they come.
const page = await context.newPage();
const joined = await page.evaluate(async (shots) => {
  const images = await Promise.all(
    shots.map(async (shot) => {
      const image = new Image();
      image.src = "data:image/png;base64," + shot;
      await image.decode();
      return image;
    }),
  );
  const gap = 16;
  const canvas = document.createElement("canvas");
  canvas.width = images[0].width;
  canvas.height = images.reduce((sum, image) => sum + image.height + gap, -gap);
  const context = canvas.getContext("2d");
  let y = 0;
  for (const image of images) {
    context.drawImage(image, 0, y);
    y += image.height + gap;
  }
  return canvas.toDataURL();
}, shots.map((shot) => shot.toString("base64")));
writeFileSync(out, Buffer.from(joined.split(",")[1], "base64"));
await context.close();
