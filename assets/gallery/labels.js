// The labels of boxes: what they say, and where there is room for them. They are as large on the screen however
// large the picture is, so that they can be read; their words, colours and places follow the rules of `wbimg`.

/** What a label says: [name, scores]. */
function labelOf(mark, names) {
  const caption = mark.caption && mark.caption.trim() ? mark.caption : null;
  const name = caption ?? (mark.id === null ? "" : (names.get(mark.id) ?? "ID: " + mark.id));
  const fresh = mark.scores.filter(([, score]) => !tells(name, score));
  if (fresh.length === 1 && mark.scores.length === 1) return [name, scoreText(fresh[0][1])];
  return [name, fresh.map(([score, value]) => score + " " + scoreText(value)).join("  ")];
}

/** Two decimals for shares, fewer for larger numbers. */
function scoreText(score) {
  const size = Math.abs(score);
  if (size < 9.995) return score.toFixed(2);
  if (size < 99.95) return score.toFixed(1);
  return size < 1e6 ? score.toFixed(0) : score.toExponential(1).replace("e+", "e");
}

/** Whether a caption has a score in it already, as a share or in per cent. */
function tells(caption, score) {
  return caption.split(/[^0-9.]+/).some((part) => {
    const number = part.replace(/\.+$/, "");
    const decimals = number.split(".")[1];
    if (!decimals) return false;
    const about = 1.001 / 10 ** decimals.length;
    const close = (value, within) => Math.abs(value - score) <= within;
    return close(Number(number), about) || close(Number(number) / 100, about / 100);
  });
}

/** The colours of a label: filled, white with a border, or dark with a border, by the layer. */
function tagColors(color, rank) {
  const fill = [color, WHITE, PANEL_COLOR][rank % 3];
  return { fill, ink: inkOn(fill), border: color };
}

const SMALLEST_WITH_TEXT = 144;

/** The sizes of labels on a picture that is so large on the screen; null where they would hide it. */
function textLook(side) {
  if (side < SMALLEST_WITH_TEXT) return null;
  const size = Math.min(nearest(11 + ((Math.min(side, 400) - SMALLEST_WITH_TEXT) * 4) / 256), 14);
  return { size, height: nearest(size * 1.38), pad: nearest(size * 0.36), radius: nearest(size * 0.22), border: 1 };
}

/** Places labels beside their boxes, inside the picture, off each other: [{rect, text, colors}]. */
function placeLabels(boxes, width, height, line, look, measure) {
  const taken = [];
  let budget = width * height * 0.35;
  const order = boxes.map((box, nth) => ({ ...box, nth }));
  order.sort((a, b) => b.score - a.score || areaOf(b.rect) - areaOf(a.rect) || a.nth - b.nth);
  const tags = [];
  for (const box of order) {
    const most = Math.min(Math.max(look.size * 18, (box.rect.x1 - box.rect.x0) * 0.6), width) - 2 * look.pad;
    const text = shortened(box.text, most, measure);
    if (!text) continue;
    const size = [Math.ceil(measure(text)) + 2 * look.pad, look.height];
    const area = size[0] * size[1];
    if (area > budget && taken.length > 0) continue;
    const rect = bestPlace(box, size, line, width, height, taken);
    if (!rect) continue;
    budget -= area;
    taken.push(rect);
    tags.push({ rect, text, colors: box.colors });
  }
  return tags;
}

const areaOf = (rect) => Math.max(rect.x1 - rect.x0, 0) * Math.max(rect.y1 - rect.y0, 0);
const overlap = (a, b) =>
  Math.max(Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0), 0) * Math.max(Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0), 0);

function bestPlace({ rect: owner, rank }, [w, h], line, width, height, taken) {
  let best = null;
  let least = Infinity;
  candidates(owner, w, h, line, rank).forEach(([x, y], nth) => {
    const x0 = Math.max(Math.min(x, width - w), 0);
    const y0 = Math.max(Math.min(y, height - h), 0);
    const rect = { x0, y0, x1: x0 + w, y1: y0 + h };
    const moved = (Math.abs(x - x0) + Math.abs(y - y0)) / h;
    const fixed = nth * 0.03 + moved * 0.2;
    if (fixed >= least) return;
    const hidden = taken.reduce((sum, other) => sum + overlap(other, rect), 0) / (w * h);
    if (hidden > 0.04 || rect.x1 > width || rect.y1 > height) return;
    const own = overlap(owner, rect) / Math.max(areaOf(owner), 1);
    const cost = fixed + hidden * 12 + Math.max(own - 0.08, 0) * 2;
    if (cost < least) [least, best] = [cost, rect];
  });
  return best;
}

/** Places around a box, best first: above it, or below it for every second layer. */
function candidates({ x0, y0, x1, y1 }, w, h, line, rank) {
  const [left, right] = [x0, x1 - w];
  const middle = (left + right) / 2;
  const [above, below, top, bottom] = [y0 + line - h, y1 - line, y0, y1 - h];
  const up = rank % 2 === 0;
  const [out, inner, far, farInner] = up ? [above, top, below, bottom] : [below, bottom, above, top];
  const [before, after] = [x0 + line - w, x1 - line];
  const step = up ? -(h + 1) : h + 1;
  return [
    [left, out], [left, inner], [left, far], [right, out], [right, far], [right, inner], [middle, out], [middle, far],
    [left, farInner], [right, farInner], [after, inner], [before, inner], [after, farInner], [before, farInner],
    [left, out + step], [right, out + step], [left, inner - step], [right, inner - step],
    [middle, (top + bottom) / 2], [after, (top + bottom) / 2], [before, (top + bottom) / 2],
  ];
}

/** As much of a label as there is room for; its scores are kept where that can be. */
function shortened([name, scores], most, measure) {
  const join = (start) => (start && scores ? start + " " + scores : start || scores);
  if (measure(join(name)) <= most) return join(name);
  const characters = [...name];
  for (let count = characters.length - 1; count > 0; count -= Math.max(1, count >> 4)) {
    const text = join(characters.slice(0, count).join("").trimEnd() + "…");
    if (measure(text) <= most) return text;
  }
  return scores && measure(scores) <= most ? scores : "…";
}

function drawTag(context, { rect, text, colors }, look) {
  const { x0, y0, x1, y1 } = rect;
  const shape = (by, color, alpha) => {
    context.globalAlpha = alpha;
    context.fillStyle = cssColor(color);
    context.beginPath();
    context.roundRect(x0 - by, y0 - by, x1 - x0 + 2 * by, y1 - y0 + 2 * by, look.radius + Math.max(by, 0));
    context.fill();
    context.globalAlpha = 1;
  };
  shape(1, casingOf(colors.border), 70 / 255);
  shape(0, colors.border, 1);
  if (colors.fill !== colors.border) shape(-look.border, colors.fill, 1);
  context.fillStyle = cssColor(colors.ink);
  context.fillText(text, x0 + look.pad, (y0 + y1) / 2 + 0.5);
}
