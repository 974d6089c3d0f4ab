// Boxes and masks as `wbimg` draws them: the same lines, dashes, casings, stripes and edges, from the same numbers.
// A scene is a list of layers: {kind, rank, marks or mask, isShown(id), passes(mark)}.

/** All sizes of a drawing, from the size of the picture. */
function lookOf(width, height) {
  const side = Math.min(width, height);
  const line = side < 100 ? 1 : Math.max(Math.floor(side / 300), 2);
  return {
    line,
    casing: side < 100 ? 0 : side < 1500 ? 1 : 2,
    radius: side < 100 ? 0 : line + (line >> 1),
    edge: side < 100 ? 1 : Math.min(Math.max(Math.floor(side / 400), 2), 6),
    period: Math.min(Math.max(nearest(side / 45), 4), 40),
  };
}

/**
 * Which place each layer has among those of its kind, in the order in which names come up: a name has the same
 * look in both kinds. It does not depend on what is shown.
 */
function ranksOf(layers) {
  const rank = (kind) => {
    const names = new Set(layers.filter((layer) => layer.kind === kind).map((layer) => layer.name));
    const ranks = new Map();
    for (const { name } of layers) if (names.has(name) && !ranks.has(name)) ranks.set(name, ranks.size);
    return ranks;
  };
  const ranks = { boxes: rank("boxes"), mask: rank("mask") };
  return layers.map(({ kind, name }) => ranks[kind].get(name));
}

/** Draws a scene for a picture of this size: masks first, then boxes. */
function drawScene(width, height, scene, { alpha, palette }) {
  const pixels = new Pixels(width, height);
  const look = lookOf(width, height);
  for (const layer of scene) if (layer.kind === "mask") paintMask(pixels, layer, look, alpha, palette);
  for (const layer of scene) {
    if (layer.kind !== "boxes") continue;
    for (const mark of layer.marks) {
      if (!layer.isShown(mark.id) || !layer.passes(mark)) continue;
      const outer = outerOf(mark, width, height, look.line);
      if (outer) outline(pixels, outer, strokeOf(look, classColor(mark.id, palette), layer.rank));
    }
  }
  return pixels;
}

// ---- boxes

/** The outer boundary of a line that is centred on a box's edges; null where nothing of it is in the picture. */
function outerOf(mark, width, height, line) {
  const x = sides(Math.min(mark.x0, mark.x1), Math.max(mark.x0, mark.x1), width, line);
  const y = x && sides(Math.min(mark.y0, mark.y1), Math.max(mark.y0, mark.y1), height, line);
  return y && { x0: x[0], y0: y[0], x1: x[1], y1: y[1] };
}

function sides(low, high, end, line) {
  const far = 8 * line + 16;
  if (Number.isNaN(low) || Number.isNaN(high) || high < -line || low > end + line) return null;
  const half = line / 2;
  let from = nearest(Math.max(low, -far) - half);
  let to = Math.max(nearest(Math.min(high, end + far) + half), from + line);
  // A side near the picture's own is moved to where all of its line can be seen.
  if (low >= -line && low <= half) from = Math.max(from, 0);
  if (high >= end - half && high <= end + line) to = Math.min(to, end);
  if (to - from < line) {
    if (from > 0) from = to - line;
    else to = from + line;
  }
  if (from >= end) [from, to] = [end - line, end];
  if (to <= 0) [from, to] = [0, line];
  return [from, to];
}

const CASING_ALPHA = 110;

function strokeOf(look, color, rank) {
  return { color, width: look.line, casing: look.casing, shade: casingOf(color), radius: look.radius, dash: rank % 4 };
}

function outline(pixels, outer, stroke) {
  const { width, casing } = stroke;
  const { x0, y0, x1, y1 } = outer;
  const corner = Math.max(stroke.radius, width) + casing;
  if (x1 - x0 <= 2 * corner || y1 - y0 <= 2 * corner) {
    const radius = Math.min(stroke.radius, Math.trunc((x1 - x0) / 3), Math.trunc((y1 - y0) / 3));
    patch(pixels, x0 - casing, y0 - casing, x1 + casing, y1 + casing, outer, { ...stroke, radius });
    return;
  }
  const arm = corner + casing;
  for (const x of [x0 - casing, x1 + casing - arm]) {
    for (const y of [y0 - casing, y1 + casing - arm]) patch(pixels, x, y, x + arm, y + arm, outer, stroke);
  }
  for (const part of stretches(stroke, x1 - x0 - 2 * corner)) {
    const x = x0 + corner + part.start;
    const end = x + part.length;
    for (const y of [y0, y1 - width]) {
      const around = [x - part.before, y - casing, end + part.after, y + width + casing];
      cased(pixels, [x, y, end, y + width], around, stroke);
    }
  }
  for (const part of stretches(stroke, y1 - y0 - 2 * corner)) {
    const y = y0 + corner + part.start;
    const end = y + part.length;
    for (const x of [x0, x1 - width]) {
      const around = [x - casing, y - part.before, x + width + casing, end + part.after];
      cased(pixels, [x, y, x + width, end], around, stroke);
    }
  }
}

/** A part of the line, and what of `around` it leaves free as casing. */
function cased(pixels, [x0, y0, x1, y1], [left, top, right, bottom], stroke) {
  if (x0 >= x1 || y0 >= y1) return;
  pixels.fill(left, top, right, y0, stroke.shade, CASING_ALPHA);
  pixels.fill(left, y1, right, bottom, stroke.shade, CASING_ALPHA);
  pixels.fill(left, y0, x0, y1, stroke.shade, CASING_ALPHA);
  pixels.fill(x1, y0, right, y1, stroke.shade, CASING_ALPHA);
  pixels.fill(x0, y0, x1, y1, stroke.color, 255);
}

/** Every pixel of a rectangle by its own distance to the outline. */
function patch(pixels, left, top, right, bottom, outer, stroke) {
  const covered = (depth) => Math.min(Math.max(depth + 0.5, 0), 1);
  const { width, casing } = stroke;
  for (let y = Math.max(top, 0); y < Math.min(bottom, pixels.height); y++) {
    for (let x = Math.max(left, 0); x < Math.min(right, pixels.width); x++) {
      const depth = depthIn(outer, stroke.radius, x, y);
      const line = covered(depth) - covered(depth - width);
      const both = covered(depth + casing) - covered(depth - width - casing);
      if (both > line) pixels.dot(x, y, stroke.shade, by255(CASING_ALPHA * toByte(both - line)));
      pixels.dot(x, y, stroke.color, toByte(line));
    }
  }
}

/** How far the centre of a pixel is inside a rounded rectangle. */
function depthIn(rect, radius, x, y) {
  const right = Math.min(x - rect.x0, rect.x1 - 1 - x) + 0.5;
  const down = Math.min(y - rect.y0, rect.y1 - 1 - y) + 0.5;
  return right < radius && down < radius ? radius - Math.hypot(radius - right, radius - down) : Math.min(right, down);
}

/** The line along a straight side: arms at both ends, dashes between them. Layers differ in it. */
function stretches(stroke, length) {
  const { width, casing, dash } = stroke;
  const gap = Math.max(2 * width + casing, 2);
  const arm = dash === 1 || dash === 3 ? 2 * width : 0;
  if (dash === 0 || length < 2 * arm + gap) return [{ start: 0, length, before: 0, after: 0 }];
  const between = dashes(dash, width, gap, length - 2 * arm).map(([start, on]) => ({
    start: arm + start,
    length: on,
    before: casing,
    after: casing,
  }));
  const first = { start: 0, length: arm, before: 0, after: casing };
  const last = { start: length - arm, length: arm, before: casing, after: 0 };
  return [first, ...between, last];
}

function dashes(dash, width, gap, length) {
  const long = Math.max(4 * width, 3);
  const pattern = [[], [long], [width], [long, width]][dash];
  const sum = pattern.reduce((total, on) => total + on, 0);
  const repeats = Math.trunc(Math.max(length - gap, 0) / (sum + gap * pattern.length));
  const count = repeats * pattern.length;
  const found = [];
  for (let nth = 1, before = 0; nth <= count; nth++) {
    const on = pattern[(nth - 1) % pattern.length];
    found.push([Math.trunc(((length - sum * repeats) * nth) / (count + 1)) + before, on]);
    before += on;
  }
  return found;
}

// ---- masks

const MASK_CASING = 120;
const FAR = 255;

function paintMask(pixels, layer, look, alpha, palette) {
  const { width, height } = pixels;
  const ids = stretched(layer.mask, width, height);
  const colors = new Array(256).fill(null);
  for (const id of layer.named) {
    if (id >= 0 && id < 256 && layer.isShown(id)) colors[id] = classColor(id, palette);
  }
  if (colors.every((color) => color === null)) return;
  const inks = colors.map((color) => color !== null && { color, shade: casingOf(color) });
  const edges = new MaskEdges(ids, width, height, look);
  for (let y = 0; y < height; y++) {
    fillRow(pixels, ids, y, inks, layer.rank % 4, look.period, alpha);
    edges.paintRow(pixels, y, inks);
  }
}

/** Class ids at the size of the picture: a pixel takes the id under its centre. */
function stretched(mask, width, height) {
  if (mask.width === width && mask.height === height) return mask.ids;
  const source = (at, from, to) => Math.floor(((2 * at + 1) * from) / (2 * to));
  const columns = Uint32Array.from({ length: width }, (_, x) => source(x, mask.width, width));
  const ids = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const row = source(y, mask.height, height) * mask.width;
    for (let x = 0; x < width; x++) ids[at++] = mask.ids[row + columns[x]];
  }
  return ids;
}

/** The fill of a row: plain, rising stripes, falling stripes, or none, by the layer's rank. */
function fillRow(pixels, ids, y, inks, kind, period, alpha) {
  if (kind === 3) return;
  const { width } = pixels;
  const row = y * width;
  for (let start = 0; start < width; ) {
    const id = ids[row + start];
    let end = start + 1;
    while (end < width && ids[row + end] === id) end++;
    const ink = inks[id];
    if (ink && kind === 0) pixels.span(start, end, y, ink.color, alpha);
    if (ink && kind !== 0) stripes(pixels, start, end, y, kind === 1 ? y : -y, ink.color, period, alpha);
    start = end;
  }
}

function stripes(pixels, start, end, y, phase, color, period, alpha) {
  const on = Math.max(Math.trunc((period * 2) / 5), 1);
  const rest = (((start + phase) % period) + period) % period;
  for (let x = start - rest; x < end; x += period) {
    const from = Math.max(x + 1, start);
    const to = Math.min(x + on, end);
    if (from < to) pixels.span(from, to, y, color, alpha);
    for (const side of [x, x + on]) {
      if (side >= start && side < end) pixels.dot(side, y, color, by255(alpha * 128));
    }
  }
}

/** Where a mask's classes end: how far each pixel is from one of another class, and what that makes of it. */
class MaskEdges {
  constructor(ids, width, height, look) {
    Object.assign(this, { ids, width, height });
    this.reach = look.edge + look.casing;
    this.vertical = new Uint8Array(width);
    this.nearest = new Uint8Array(width);
    this.line = new Uint8Array(256);
    this.casing = new Uint8Array(256);
    for (let square = 0; square < FAR; square++) {
      const depth = Math.sqrt(square) - 0.5;
      const within = (size) => Math.min(Math.max(size - depth + 0.5, 0), 1);
      const line = within(look.edge);
      this.line[square] = toByte(line);
      this.casing[square] = toByte(within(look.edge + look.casing) - line);
    }
  }

  measure(y) {
    const { ids, width, height, vertical, nearest: squares, reach } = this;
    const row = y * width;
    vertical.fill(FAR);
    for (let k = reach; k >= 1; k--) {
      for (const other of [y - k, y + k]) {
        if (other < 0 || other >= height) continue;
        const from = other * width;
        for (let x = 0; x < width; x++) {
          if (ids[row + x] !== ids[from + x] && vertical[x] > k * k) vertical[x] = k * k;
        }
      }
    }
    squares.set(vertical);
    for (let k = 1; k <= reach && k < width; k++) {
      for (let x = 0; x < width - k; x++) {
        const differ = ids[row + x] !== ids[row + x + k];
        const right = (differ ? 0 : vertical[x + k]) + k * k;
        const left = (differ ? 0 : vertical[x]) + k * k;
        if (right < squares[x]) squares[x] = right;
        if (left < squares[x + k]) squares[x + k] = left;
      }
    }
  }

  paintRow(pixels, y, inks) {
    this.measure(y);
    const { ids, width } = this;
    for (let x = 0; x < width; x++) {
      const square = this.nearest[x];
      if (square === FAR) continue;
      const casing = this.casing[square];
      let line = this.line[square];
      const ink = inks[ids[y * width + x]];
      if (!ink || (line === 0 && casing === 0)) continue;
      if (square === 1) line = this.smooth(x, y);
      pixels.dot(x, y, ink.shade, by255(MASK_CASING * casing));
      pixels.dot(x, y, ink.color, line);
    }
  }

  /** How much of a border pixel is edge: less at the corners of its steps, so that slanted borders look smooth. */
  smooth(x, y) {
    const { ids, width, height } = this;
    const id = ids[y * width + x];
    let around = 0;
    let same = 0;
    for (let v = Math.max(y - 1, 0); v < Math.min(y + 2, height); v++) {
      for (let u = Math.max(x - 1, 0); u < Math.min(x + 2, width); u++) {
        around += 1;
        same += ids[v * width + u] === id;
      }
    }
    const ninths = Math.floor((same * 9) / around);
    return ninths >= 6 ? 255 : ninths === 5 ? 180 : 115;
  }
}
