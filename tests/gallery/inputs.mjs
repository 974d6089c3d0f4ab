// Output directories to look at, made by wbimg itself out of arrays that are made here.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const WBIMG = process.env.WBIMG;

const folders = [];
process.on("exit", () => folders.forEach((path) => rmSync(path, { recursive: true, force: true })));

/** A folder that is gone with the process. */
export function folder() {
  folders.push(mkdtempSync(join(tmpdir(), "wbimg-gallery-")));
  return folders.at(-1);
}

/** The bytes of a `.npy` of unsigned bytes. */
export function npy(shape, samples) {
  const shapeText = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  let header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shapeText}), }`;
  header = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11) + "\n";
  const head = Buffer.alloc(10);
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(header.length, 8);
  return Buffer.concat([head, Buffer.from(header, "latin1"), Buffer.from(samples)]);
}

/** A `.npy` of 32-bit floats. */
export function npyFloats(shape, values) {
  const bytes = npy(shape, Buffer.from(Float32Array.from(values).buffer));
  bytes.write("<f4", bytes.indexOf("|u1"), "latin1");
  return bytes;
}

/** A smooth picture of any size that is nowhere flat. */
export function picture(width, height, seed = 0) {
  const samples = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      samples[at] = 60 + ((x * 120) / width) + ((seed * 37) % 60);
      samples[at + 1] = 60 + ((y * 120) / height) + ((seed * 59) % 60);
      samples[at + 2] = 128 + 60 * Math.sin((x + y + seed * 13) / 23);
    }
  }
  return npy([height, width, 3], samples);
}

export function write(root, name, content) {
  const path = join(root, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, typeof content === "object" && !Buffer.isBuffer(content) ? JSON.stringify(content) : content);
  return path;
}

/** Runs wbimg in a folder; its standard output. */
export function wbimg(root, ...args) {
  const done = spawnSync(WBIMG, args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`wbimg ${args.join(" ")}\n${done.status} ${done.stderr}`);
  return done.stdout;
}

/** Runs `wbimg gallery` and gives the address of the page. */
export function gallery(root, ...args) {
  const path = wbimg(root, "gallery", "-q", ...args).trim();
  return "file://" + join(root, path).split("/").map(encodeURIComponent).join("/");
}

export function rows(root, out = "out") {
  const text = readFileSync(join(root, out, "manifest.jsonl"), "utf8");
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

export const dataUrl = (root, path) => "data:image/png;base64," + readFileSync(join(root, path)).toString("base64");

/** A box in pixels. */
export function box([x0, y0, x1, y1], classId, more = {}) {
  const item = { position: { minX: x0, maxX: x1, minY: y0, maxY: y1 }, domain: "pixel", ...more };
  if (classId !== null) item.class_id = classId;
  return item;
}

export { execFileSync };
