// The place where pictures are looked at closely: one, or two beside each other, over each other, or subtracted.
// Zooming and panning is the same for both.

/** One picture with what is drawn over it. */
class Pane {
  constructor(side) {
    this.side = side;
    this.image = h("img", { className: "picture", alt: "", draggable: false });
    this.canvas = h("canvas", { className: "overlay" });
    this.sheet = h("div", { className: "sheet" }, this.image, this.canvas);
    this.tags = h("canvas", { className: "tags" });
    this.why = h("p", { className: "why", hidden: true });
    this.element = h("div", { className: "pane", dataset: { side } }, this.sheet, this.tags, this.why);
    this.row = null;
    this.list = [];
    this.drawn = "";
    this.image.onerror = () => this.row && this.fail("This picture cannot be shown" + (this.row.bad ? ": " + plain(this.row.bad) : "."));
  }

  fail(text) {
    this.why.textContent = text;
    this.why.hidden = !text;
    this.sheet.classList.toggle("broken", Boolean(text));
  }

  /** Shows a picture, and draws over it when its layers are there. */
  async show(row) {
    if (this.row === row) return;
    this.row = row;
    this.list = [];
    this.drawn = "";
    this.boxes = [];
    this.canvas.width = this.canvas.height = 0;
    this.fail("");
    if (!isWhole) await whole;
    if (this.row !== row) return;
    this.image.alt = plain(nameOf(row));
    this.image.src = fullUrl(row);
    const list = await layersOf(row);
    if (this.row !== row) return;
    this.list = list;
    this.draw(true);
    Viewer.layersCame();
  }

  /** What of its layers is to be seen: all that is switched on, or one, or none. */
  get only() {
    return state.other === null ? "" : state.only[this.side];
  }

  draw(isNew) {
    const key = drawing + this.only;
    if (!this.row || (this.drawn === key && !isNew)) return;
    this.drawn = key;
    const { w, h: height } = this.row;
    // Canvases have limits; a coarser drawing on a huge picture is better than none.
    const scale = Math.min(1, Math.sqrt(24e6 / (w * height)), 16000 / Math.max(w, height));
    const [cw, ch] = [Math.max(Math.round(w * scale), 1), Math.max(Math.round(height * scale), 1)];
    const scene = sceneOf(this.row, this.list, cw, ch, this.only);
    this.canvas.width = cw;
    this.canvas.height = ch;
    if (scene.length > 0) {
      const pixels = drawScene(cw, ch, scene, drawingStyle());
      this.canvas.getContext("2d").putImageData(pixels.image(), 0, 0);
    }
    this.boxes = this.labelled(scene, cw, ch);
    this.tagKey = "";
  }

  /** The boxes that have something to say, in shares of the picture. */
  labelled(scene, width, height) {
    const { line } = lookOf(width, height);
    const found = [];
    for (const layer of scene) {
      if (layer.kind !== "boxes") continue;
      for (const mark of layer.marks) {
        if (!layer.isShown(mark.id) || !layer.passes(mark)) continue;
        const outer = outerOf(mark, width, height, line);
        if (!outer) continue;
        const text = labelOf(mark, layer.labels).map(plain);
        const colors = tagColors(classColor(mark.id, state.palette), layer.rank);
        const score = mark.scores.length ? mark.scores[0][1] : 1;
        const cut = { x0: Math.max(outer.x0, 0), y0: Math.max(outer.y0, 0), x1: Math.min(outer.x1, width), y1: Math.min(outer.y1, height) };
        found.push({ outer: cut, text, colors, score, rank: layer.rank, line: line / width });
      }
    }
    return found.map((box) => ({
      ...box,
      share: [box.outer.x0 / width, box.outer.y0 / height, box.outer.x1 / width, box.outer.y1 / height],
    }));
  }

  /** Puts the sheet where the view says, in pixels of the screen. */
  place({ x, y, width, height }) {
    this.placed = { x, y, width, height };
    this.sheet.style.width = this.row.w + "px";
    this.sheet.style.height = this.row.h + "px";
    const [sx, sy] = [width / this.row.w, height / this.row.h];
    this.sheet.style.transform = `translate(${x}px, ${y}px) scale(${sx}, ${sy})`;
    // Between one and two, pixels that are kept apart would be of two sizes.
    const zoom = sx * (window.devicePixelRatio || 1);
    this.sheet.classList.toggle("crisp", zoom >= 2 || Math.abs(zoom - 1) < 1e-6);
    this.drawTags();
  }

  /** Draws the labels, as large on the screen as ever. */
  drawTags() {
    const { x, y, width, height } = this.placed;
    const density = window.devicePixelRatio || 1;
    const [w, h2] = [this.element.clientWidth, this.element.clientHeight];
    const context = this.tags.getContext("2d");
    if (this.tags.width !== Math.round(w * density) || this.tags.height !== Math.round(h2 * density)) {
      this.tags.width = Math.round(w * density);
      this.tags.height = Math.round(h2 * density);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.tags.width, this.tags.height);
    const look = textLook(Math.min(width, height));
    if (!state.labels || !look || !this.boxes || this.boxes.length === 0) {
      this.placedTags = [];
      return;
    }
    context.setTransform(density, 0, 0, density, x * density, y * density);
    context.font = `600 ${look.size}px system-ui, sans-serif`;
    context.textBaseline = "middle";
    const key = [Math.round(width), Math.round(height), this.drawn].join(" ");
    if (this.tagKey !== key) {
      this.tagKey = key;
      const boxes = this.boxes.map((box) => ({
        ...box,
        rect: { x0: box.share[0] * width, y0: box.share[1] * height, x1: box.share[2] * width, y1: box.share[3] * height },
      }));
      const widths = new Map();
      const measure = (text) => {
        if (!widths.has(text)) widths.set(text, context.measureText(text).width);
        return widths.get(text);
      };
      const line = boxes[0].line * width;
      this.placedTags = placeLabels(boxes, width, height, line, look, measure);
    }
    for (const tag of this.placedTags) drawTag(context, tag, look);
  }
}

const Stage = (() => {
  const root = $("stage");
  const panes = [new Pane(0), new Pane(1)];
  const swipe = h("input", { type: "range", min: 0, max: 100, value: 50, className: "swipe", "aria-label": "Where the second picture begins", hidden: true });
  root.append(panes[0].element, panes[1].element, swipe);
  /** Pixels of the screen for one of the first picture; 0 to fit. And what of it is in the middle, in shares. */
  let view = { scale: 0, x: 0.5, y: 0.5 };
  let isPaired = false;

  const density = () => window.devicePixelRatio || 1;

  function paneSize() {
    const { clientWidth, clientHeight } = panes[0].element;
    return { width: clientWidth, height: clientHeight };
  }

  function fitScale() {
    const { width, height } = paneSize();
    const { w, h: rows } = panes[0].row;
    const fit = Math.min((width - 16) / w, (height - 16) / rows);
    // Small pictures are enlarged by whole pixels, so that all of theirs are of one size.
    const whole = Math.floor(fit * density()) / density();
    return Math.min(whole >= 2 ? whole : fit, 64);
  }

  const scale = () => view.scale || fitScale();

  function place() {
    if (!panes[0].row || root.clientWidth === 0) return;
    const { width, height } = paneSize();
    const { w, h: rows } = panes[0].row;
    const now = scale();
    const size = { width: w * now, height: rows * now };
    const snap = (value) => Math.round(value * density()) / density();
    const at = {
      ...size,
      x: snap(width / 2 - view.x * size.width),
      y: snap(height / 2 - view.y * size.height),
    };
    panes[0].place(at);
    if (isPaired && panes[1].row) panes[1].place(at);
    if (isPaired && state.compare === "swipe") {
      const edge = (root.clientWidth * swipe.valueAsNumber) / 100;
      panes[1].element.style.clipPath = `inset(0 0 0 ${edge}px)`;
      root.style.setProperty("--at", swipe.value + "%");
    } else panes[1].element.style.clipPath = "";
    $("zoom").textContent = Math.round(now * density() * 100) + " %";
    root.classList.toggle("movable", size.width > width || size.height > height);
  }

  /** Keeps some of the picture in sight. */
  function limit() {
    view.x = Math.min(Math.max(view.x, 0), 1);
    view.y = Math.min(Math.max(view.y, 0), 1);
  }

  /** Zooms, so that what is at a point of a pane stays there. */
  function zoomTo(wanted, point) {
    const fit = fitScale();
    const next = Math.min(Math.max(wanted, Math.min(fit, 1 / density()) / 4), 64);
    const { width, height } = paneSize();
    const { w, h: rows } = panes[0].row;
    const before = scale();
    const [dx, dy] = point ? [point.x - width / 2, point.y - height / 2] : [0, 0];
    view.x += dx / (w * before) - dx / (w * next);
    view.y += dy / (rows * before) - dy / (rows * next);
    view.scale = next;
    limit();
    place();
  }

  function fit() {
    view = { scale: 0, x: 0.5, y: 0.5 };
    place();
  }

  function actual() {
    if (Math.abs(scale() * density() - 1) < 1e-6) fit();
    else zoomTo(1 / density());
  }

  const zoomBy = (factor, point) => panes[0].row && zoomTo(scale() * factor, point);

  function panBy(dx, dy) {
    const now = scale();
    view.scale = now;
    view.x -= dx / (panes[0].row.w * now);
    view.y -= dy / (panes[0].row.h * now);
    limit();
    place();
  }

  // ---- pointers

  const pointers = new Map();
  let pinch = null;

  function pointIn(event) {
    const pane = event.target.closest(".pane") || panes[0].element;
    const rect = pane.getBoundingClientRect();
    return { x: event.clientX - rect.left, y: event.clientY - rect.top };
  }

  root.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.target === swipe) return;
    root.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, moved: 0 });
    root.classList.add("held");
    pinch = null;
  });
  root.addEventListener("pointermove", (event) => {
    const held = pointers.get(event.pointerId);
    if (!held) return;
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    Object.assign(held, { x: event.clientX, y: event.clientY, moved: held.moved + Math.abs(dx) + Math.abs(dy) });
    if (pointers.size === 2) {
      const [a, b] = [...pointers.values()];
      const distance = Math.hypot(a.x - b.x, a.y - b.y);
      const rect = panes[0].element.getBoundingClientRect();
      const middle = { x: (a.x + b.x) / 2 - rect.left, y: (a.y + b.y) / 2 - rect.top };
      if (pinch) zoomBy(distance / pinch, middle);
      pinch = distance;
    } else if (held.moved > 3) panBy(dx, dy);
  });
  const release = (event) => {
    pointers.delete(event.pointerId);
    pinch = null;
    if (pointers.size === 0) root.classList.remove("held");
  };
  root.addEventListener("pointerup", release);
  root.addEventListener("pointercancel", release);
  root.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 30 : 1;
      zoomBy(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002)), pointIn(event));
    },
    { passive: false },
  );
  root.addEventListener("dblclick", (event) => {
    if (event.target === swipe) return;
    if (view.scale === 0) zoomBy(4, pointIn(event));
    else fit();
  });
  swipe.addEventListener("input", place);
  new ResizeObserver(place).observe(root);

  /** Shows one picture, or two. */
  function show(row, other) {
    const sameSize = panes[0].row && panes[0].row.w === row.w && panes[0].row.h === row.h;
    if (!sameSize) view = { scale: 0, x: 0.5, y: 0.5 };
    isPaired = Boolean(other);
    root.dataset.mode = isPaired ? state.compare : "single";
    swipe.hidden = !isPaired || state.compare !== "swipe";
    panes[1].element.hidden = !isPaired;
    root.style.setProperty("--gain", String(state.gain));
    panes[0].show(row);
    if (isPaired) panes[1].show(other);
    draw();
  }

  function draw() {
    for (const pane of panes) {
      if (pane.row) pane.draw(false);
    }
    place();
  }

  return { show, draw, fit, actual, zoomBy, panBy, panes, place, isFitted: () => view.scale === 0 };
})();
