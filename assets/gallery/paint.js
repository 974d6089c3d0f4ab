// Pixels: colours, and integer compositing as `wbimg` does it, so that what is drawn here agrees with its overlay
// pictures. Nothing here knows what is painted.

const PALETTES = {
  wandb: [
    0x5387dd, 0xda4c4c, 0x479a5f, 0x7d54b2, 0xe87b9f, 0xe57439, 0x87cebf, 0xc565c7, 0xedb732, 0x5bc5db, 0x229487,
    0xf0b899, 0xa0c75c, 0xa46750, 0xa12864, 0xa1a9ad,
  ],
  "okabe-ito": [0xe69f00, 0x56b4e9, 0x009e73, 0xf0e442, 0x0072b2, 0xd55e00, 0xcc79a7, 0x000000],
};
// For a box without a class.
const UNCLASSED = 0xe8eaed;
const PANEL_COLOR = 0x16191f;
const WHITE = 0xffffff;
const BLACK = 0x000000;

/** The colour of a class id: a number, the text of a longer one, or null for none. */
function classColor(id, palette) {
  if (id === null) return UNCLASSED;
  const colors = PALETTES[palette] || PALETTES.wandb;
  const count = BigInt(colors.length);
  return colors[Number(((BigInt(id) % count) + count) % count)];
}

function cssColor(color) {
  return "#" + color.toString(16).padStart(6, "0");
}

/** Relative luminance as WCAG 2 defines it. */
function luminance(color) {
  const linear = (byte) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(color >> 16) + 0.7152 * linear((color >> 8) & 255) + 0.0722 * linear(color & 255);
}

/** Black or white, whichever has the higher contrast on a colour. */
function inkOn(color) {
  return luminance(color) > 0.179128784747792 ? BLACK : WHITE;
}

/** For the thin line around a shape, which keeps it visible on a picture of its own colour. */
function casingOf(color) {
  return luminance(color) < 0.02 ? WHITE : BLACK;
}

const by255 = (value) => Math.floor((value + 127) / 255);
const toByte = (share) => Math.floor(Math.min(Math.max(share, 0), 1) * 255 + 0.5);
/** The nearest whole number, halves up. */
const nearest = (value) => Math.floor(value + 0.5);

/** What is drawn over a picture: straight alpha, transparent at first. */
class Pixels {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.data = new Uint8ClampedArray(width * height * 4);
  }

  /** Paints one pixel with `alpha` of 255. */
  dot(x, y, color, alpha) {
    if (x >= 0 && y >= 0 && x < this.width && y < this.height) this.over((y * this.width + x) * 4, color, alpha);
  }

  /** Paints pixels x0..x1 of a row inside the picture. */
  span(x0, x1, y, color, alpha) {
    const end = (y * this.width + x1) * 4;
    for (let at = (y * this.width + x0) * 4; at < end; at += 4) this.over(at, color, alpha);
  }

  /** Fills the part of a rectangle that is inside the picture. */
  fill(x0, y0, x1, y1, color, alpha) {
    const left = Math.max(x0, 0);
    const right = Math.min(x1, this.width);
    if (left >= right) return;
    for (let y = Math.max(y0, 0); y < Math.min(y1, this.height); y++) this.span(left, right, y, color, alpha);
  }

  over(at, color, alpha) {
    if (alpha === 0) return;
    const data = this.data;
    const under = data[at + 3];
    const r = color >> 16;
    const g = (color >> 8) & 255;
    const b = color & 255;
    if (alpha === 255 || under === 0) {
      data[at] = r;
      data[at + 1] = g;
      data[at + 2] = b;
      data[at + 3] = alpha === 255 ? 255 : alpha;
      return;
    }
    const above = alpha * 255;
    const below = under * (255 - alpha);
    const sum = above + below;
    data[at] = (r * above + data[at] * below) / sum;
    data[at + 1] = (g * above + data[at + 1] * below) / sum;
    data[at + 2] = (b * above + data[at + 2] * below) / sum;
    data[at + 3] = by255(sum);
  }

  image() {
    return new ImageData(this.data, this.width, this.height);
  }
}
