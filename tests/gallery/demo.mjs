// A directory with something of everything: keys, steps, captions, groups, warnings, boxes and masks with scores.

import { box, folder, npy, npyFloats, picture, wbimg, write } from "./inputs.mjs";

export const NAMES = { 1: "cat", 2: "dog", 3: "house" };

export function demo() {
  const root = folder();
  const convert = (...args) => wbimg(root, "convert", ...args, "-o", "out", "-q");
  for (const step of [0, 10, 20]) {
    for (const nth of [0, 1, 2]) write(root, `val/${nth}.npy`, picture(240, 180, nth + step));
    const boxes = {
      pred: {
        box_data: [
          box([20 + step, 30, 90, 120], 1, { scores: { conf: 0.9 } }),
          box([110, 60, 200, 160], 2, { scores: { conf: 0.3, iou: 7 }, box_caption: "Rex" }),
        ],
        class_labels: NAMES,
      },
      truth: { box_data: [box([25, 28, 95, 118], 1)], class_labels: NAMES },
    };
    write(root, "boxes.json", boxes);
    write(root, "mask.npy", npy([180, 240], Uint8Array.from({ length: 180 * 240 }, (_, at) => (at % 240 > 120 + step ? 3 : 0))));
    write(root, "masks.json", { seg: { path: "mask.npy", class_labels: NAMES } });
    convert("val/0.npy", "val/1.npy", "val/2.npy", "--key", "val", "--step", step, "--caption", "number {stem} at {step}", "--boxes", "boxes.json", "--masks", "masks.json");
    write(root, "gen/sample.npy", picture(240, 180, 40 + step));
    convert("gen/sample.npy", "--key", "gen/samples", "--step", step, "--grouping", step / 10 + 1);
  }
  write(root, "dark.npy", npyFloats([40, 40], Array.from({ length: 1600 }, (_, at) => at / 1590)));
  convert("dark.npy", "--key", "debug", "--step", 20);
  write(root, "tiny.npy", npy([2, 3], [0, 50, 100, 150, 200, 255]));
  convert("tiny.npy", "--key", "tiny", "--step", 20, "--caption", "six pixels");
  return root;
}
