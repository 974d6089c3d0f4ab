// The grid. Only what can be seen, and a little around it, is in the document; pictures are fetched when scrolling
// has come to rest on them.

const Grid = (() => {
  const GAP = 14;
  const AROUND = 500;
  const root = $("grid");
  /** Groups with their place: {group, y, headHeight, height, columns…}. */
  let sections = [];
  /** All pictures in the order in which they are shown. */
  let order = [];
  let geometry = null;
  const mounted = new Map();
  const cards = new Map();
  let focused = null;
  let version = 0;

  /** The usual shape of the pictures decides the shape of the cards. */
  const RATIO = (() => {
    const ratios = ROWS.filter((row) => row.w > 0).map((row) => row.h / row.w);
    ratios.sort((a, b) => a - b);
    return Math.min(Math.max(ratios[ratios.length >> 1] || 1, 0.55), 1.3);
  })();

  function layout() {
    const width = root.clientWidth;
    // On a phone, too, there are two beside each other unless they are wanted larger.
    const wanted = Math.min(state.size, width < 620 && state.size <= 240 ? (width - GAP) / 2 : width);
    const columns = Math.max(Math.round((width + GAP) / (wanted + GAP)), 1);
    const cardWidth = (width - GAP * (columns - 1)) / columns;
    const imageHeight = Math.round(cardWidth * RATIO);
    geometry = { width, columns, cardWidth, imageHeight, rowHeight: imageHeight + 52 + GAP };
    let y = 0;
    sections = groups().map((group) => {
      const hasSlider = group.key !== null && STEPS[group.key].length > 1;
      const headHeight = group.title === "" && !hasSlider ? 0 : hasSlider && width < 620 ? 78 : 52;
      const lines = Math.ceil(group.rows.length / columns);
      const section = { group, y, headHeight, height: headHeight + lines * geometry.rowHeight + 8, hasSlider };
      y += section.height;
      return section;
    });
    const before = new Set();
    order = [];
    for (const { group } of sections) {
      for (const row of group.rows) {
        if (before.has(row)) continue;
        before.add(row);
        order.push(row);
      }
    }
    root.style.height = y + "px";
    $("empty").hidden = sections.length > 0;
    $("empty-text").textContent = ROWS.length ? "No picture fits." : "There is no picture yet.";
    $("empty-hint").textContent = ROWS.length ? "Other words, or no filter, may find some." : "wbimg convert puts some here.";
    $("clear").hidden = ROWS.length === 0;
    const matching = order.length === ROWS.length ? plural(ROWS.length, "picture") : `${order.length.toLocaleString("en")} of ${plural(ROWS.length, "picture")}`;
    $("count").textContent = matching;
  }

  /** Begins anew: other pictures, or another order. */
  function rebuild() {
    version += 1;
    for (const section of mounted.values()) section.remove();
    mounted.clear();
    cards.clear();
    layout();
    if (!focused || !order.includes(focused.row)) focused = null;
    render();
  }

  /** Other steps of the same groups: their heads stay. */
  function restep() {
    version += 1;
    for (const card of cards.values()) unmountCard(card);
    cards.clear();
    layout();
    for (const [nth, element] of mounted) {
      const section = sections[nth];
      if (section && section.group.id === element.group.id && section.headHeight === element.headHeight) {
        place(element, section);
      } else {
        element.remove();
        mounted.delete(nth);
      }
    }
    if (focused && sections[focused.nth] && focused.place >= sections[focused.nth].group.rows.length) focused = null;
    render();
  }

  function place(element, { group, y, headHeight, height }) {
    element.group = group;
    element.headHeight = headHeight;
    element.style.transform = `translateY(${y}px)`;
    element.style.height = height + "px";
    if (element.head) element.head.update(group);
  }

  /** The first section that ends below `y`. */
  function firstAt(y) {
    let [low, high] = [0, sections.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sections[middle].y + sections[middle].height <= y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function render() {
    if (!geometry || document.hidden) return;
    const top = window.scrollY - root.offsetTop - AROUND;
    const bottom = top + window.innerHeight + 2 * AROUND;
    const seen = new Set();
    const seenCards = new Set();
    for (let nth = firstAt(top); nth < sections.length && sections[nth].y < bottom; nth++) {
      seen.add(nth);
      const element = mounted.get(nth) || mountSection(nth);
      const { group, y, headHeight } = sections[nth];
      const first = Math.max(Math.floor((top - y - headHeight) / geometry.rowHeight), 0) * geometry.columns;
      const end = Math.ceil((bottom - y - headHeight) / geometry.rowHeight) * geometry.columns;
      let next = element.list.firstElementChild;
      for (let place = first; place < Math.min(end, group.rows.length); place++) {
        const key = nth + ":" + place;
        seenCards.add(key);
        if (cards.has(key)) continue;
        const card = mountCard(nth, place);
        cards.set(key, card);
        // The order of the document is that of the pictures, for those who do not see where cards are.
        while (next && Number(next.dataset.place) < place) next = next.nextElementSibling;
        element.list.insertBefore(card.element, next);
      }
    }
    for (const [key, card] of cards) {
      // What has the focus stays, or the focus would be lost.
      if (seenCards.has(key) || card.link === document.activeElement) continue;
      unmountCard(card);
      cards.delete(key);
    }
    for (const [nth, element] of mounted) {
      if (seen.has(nth) || element.contains(document.activeElement)) continue;
      element.remove();
      mounted.delete(nth);
    }
    settle();
  }

  function mountSection(nth) {
    const { group, headHeight, hasSlider } = sections[nth];
    const heading = headHeight ? head(group, hasSlider) : null;
    const list = h("div", { role: "list", className: "cards" });
    list.setAttribute("aria-label", group.title ? plain(group.title) : "Pictures");
    const element = h("section", { className: "group", dataset: { nth } }, heading, list);
    list.style.top = headHeight + "px";
    element.list = list;
    element.head = heading;
    place(element, sections[nth]);
    mounted.set(nth, element);
    const next = [...root.children].find((other) => Number(other.dataset.nth) > nth);
    root.insertBefore(element, next || null);
    return element;
  }

  /** The head of a group; it is brought up to date in place, since a slider in it may be held at this moment. */
  function head(group, hasSlider) {
    const tally = h("span", { className: "tally" });
    const slider = hasSlider ? stepSlider(group) : null;
    const element = h(
      "header",
      { className: "grouphead" },
      h("h2", { dir: "auto", title: plain(group.title) }, plain(group.title)),
      tally,
      slider,
    );
    element.update = ({ rows, elsewhere }) => {
      const all = rows.length + elsewhere;
      tally.textContent = elsewhere ? `${rows.length.toLocaleString("en")} of ${all.toLocaleString("en")}` : all.toLocaleString("en");
      if (slider) slider.update();
    };
    element.update(group);
    return element;
  }

  /** Goes through the steps of one key. */
  function stepSlider({ key }) {
    const steps = STEPS[key];
    const name = plain(DATA.keys[key]);
    const isEvery = () => state.everyStep || state.steps.get(key) === "all";
    const output = h("output", {});
    const range = h("input", { type: "range", min: 0, max: steps.length - 1, step: 1, "aria-label": "Step of " + name, dataset: { key } });
    const every = h("input", { type: "checkbox", "aria-label": "Every step of " + name });
    const set = (value) => {
      const wanted = new Map(state.steps);
      if (value === steps[steps.length - 1]) wanted.delete(key);
      else wanted.set(key, value);
      change({ steps: wanted });
    };
    range.oninput = () => set(steps[range.valueAsNumber]);
    every.onchange = () => set(every.checked ? "all" : steps[range.valueAsNumber]);
    const element = h("div", { className: "steps" }, range, output, h("label", { className: "check" }, every, "all steps"));
    element.update = () => {
      every.checked = isEvery();
      every.disabled = state.everyStep;
      range.disabled = state.everyStep;
      if (!isEvery()) range.value = steps.indexOf(stepOf(key));
      output.textContent = isEvery() ? plural(steps.length, "step") : "step " + stepOf(key);
      range.setAttribute("aria-valuetext", output.textContent);
    };
    return element;
  }

  function mountCard(nth, place) {
    const row = sections[nth].group.rows[place];
    const { columns, cardWidth, imageHeight, rowHeight } = geometry;
    const scale = Math.min(cardWidth / row.w, imageHeight / row.h, row.thumb ? Infinity : 12) || 0;
    const [width, height] = [Math.max(Math.round(row.w * scale), 1), Math.max(Math.round(row.h * scale), 1)];
    const frame = h("span", { className: "frame" });
    frame.style.width = width + "px";
    frame.style.height = height + "px";
    const box = h("span", { className: "imagebox" }, frame);
    box.style.height = imageHeight + "px";
    if (row.warn.length) {
      box.append(h("span", { className: "badge", title: row.warn.map(([code]) => code).join(", ") }, icon("warning"), String(row.warn.length)));
    }
    const link = h(
      "a",
      { href: "#p=" + row.id, className: "card", tabIndex: -1, draggable: false, dataset: { id: row.id } },
      box,
      h("span", { className: "name", dir: "auto" }, plain(nameOf(row))),
      h("span", { className: "meta" }, meta(row)),
    );
    link.setAttribute("aria-label", describe(row));
    const element = h("div", { role: "listitem", className: "cell", dataset: { place } }, link);
    element.setAttribute("aria-setsize", sections[nth].group.rows.length);
    element.setAttribute("aria-posinset", place + 1);
    element.style.width = cardWidth + "px";
    const [x, y] = [(place % columns) * (cardWidth + GAP), Math.floor(place / columns) * rowHeight];
    element.style.transform = `translate(${x}px, ${y}px)`;
    const card = { row, element, link, frame, width, height, nth, place, image: null, canvas: null };
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      setFocus(card);
      Viewer.open(row.index);
    });
    link.addEventListener("focus", () => setFocus(card));
    const isFocused = focused ? focused.nth === nth && focused.place === place : nth === 0 && place === 0;
    if (isFocused) link.tabIndex = 0;
    return card;
  }

  function meta(row) {
    const parts = [];
    if (row.caption && state.group !== "key") parts.push(plain(DATA.keys[row.key]));
    if (HAS_STEPS) parts.push("step " + row.step);
    parts.push(`${row.w}×${row.h}`);
    return parts.join(" · ");
  }

  function describe(row) {
    const parts = [plain(nameOf(row)), "key " + plain(DATA.keys[row.key]), "step " + row.step, `${row.w} by ${row.h}`];
    if (row.warn.length) parts.push(plural(row.warn.length, "warning"));
    if (row.layers.length) parts.push(plural(row.layers.length, "layer"));
    return parts.join(", ");
  }

  function unmountCard(card) {
    // A picture that is on its way for nobody is called off.
    if (card.image) card.image.removeAttribute("src");
    card.element.remove();
  }

  // ---- pictures, when scrolling rests

  let lastY = window.scrollY;
  let lastTime = 0;
  let restTimer = null;

  function settle() {
    const now = performance.now();
    const speed = Math.abs(window.scrollY - lastY) / Math.max(now - lastTime, 1);
    [lastY, lastTime] = [window.scrollY, now];
    clearTimeout(restTimer);
    if (speed > 3) restTimer = setTimeout(fill, 90);
    else fill();
  }

  function fill() {
    if (!isWhole) {
      whole.then(render);
      return;
    }
    for (const card of cards.values()) {
      if (!card.image) loadImage(card);
      if (card.row.layers.length) drawOver(card);
    }
  }

  function loadImage(card) {
    const { row, frame } = card;
    const image = h("img", { alt: "", decoding: "async", draggable: false });
    card.image = image;
    image.width = card.width;
    image.height = card.height;
    if (row.w < card.width) image.classList.add("crisp");
    const addresses = [thumbUrl(row), fullUrl(row)];
    let nth = 0;
    image.onload = () => frame.classList.add("loaded");
    image.onerror = () => {
      // A page without its thumbnails still has its pictures.
      if (++nth < addresses.length && addresses[nth] !== addresses[0]) image.src = addresses[nth];
      else {
        image.remove();
        frame.classList.add("broken");
        frame.append(h("span", { className: "why" }, "cannot be shown" + (row.bad ? ": " + plain(row.bad) : "")));
      }
    };
    image.src = addresses[0];
    frame.prepend(image);
  }

  /** Draws boxes and masks over a card, if it does not have them already. */
  async function drawOver(card) {
    const { row, width, height } = card;
    const key = drawing;
    if (card.drawn === key) return;
    card.drawn = key;
    const began = version;
    const list = await layersOf(row);
    if (began !== version || card.drawn !== key || !card.element.isConnected) return;
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    const [w, h2] = [Math.round(width * scale), Math.round(height * scale)];
    const canvas = card.canvas || h("canvas", {});
    canvas.width = w;
    canvas.height = h2;
    const pixels = drawScene(w, h2, sceneOf(row, list, w, h2), drawingStyle());
    canvas.getContext("2d").putImageData(pixels.image(), 0, 0);
    if (!card.canvas) {
      card.canvas = canvas;
      card.frame.append(canvas);
    }
  }

  // ---- the focus

  function setFocus(card) {
    if (focused) {
      const old = cards.get(focused.nth + ":" + focused.place);
      if (old) old.link.tabIndex = -1;
    }
    for (const other of cards.values()) if (other.link.tabIndex === 0 && other !== card) other.link.tabIndex = -1;
    card.link.tabIndex = 0;
    focused = { nth: card.nth, place: card.place, row: card.row };
  }

  /** Moves the focus to a picture, and brings it into view. */
  function focusOn(nth, place) {
    if (!sections[nth] || !sections[nth].group.rows[place]) return;
    const { y, headHeight } = sections[nth];
    const top = y + headHeight + Math.floor(place / geometry.columns) * geometry.rowHeight + root.offsetTop;
    const isSticky = getComputedStyle($("bar")).position === "sticky";
    const covered = (isSticky ? $("bar").offsetHeight : 0) + 12;
    const bottom = top + geometry.rowHeight;
    if (top - covered < window.scrollY) window.scrollTo(0, Math.max(top - covered - headHeight, 0));
    else if (bottom > window.scrollY + window.innerHeight) window.scrollTo(0, bottom - window.innerHeight + 8);
    render();
    const card = cards.get(nth + ":" + place);
    if (card) {
      setFocus(card);
      card.link.focus({ preventScroll: true });
    }
  }

  /** Where the focus goes from one picture by a key; null where it does not. */
  function next(key, nth, place) {
    const { columns } = geometry;
    const rows = sections[nth].group.rows;
    const filled = (from, by) => {
      let at = from + by;
      while (sections[at] && sections[at].group.rows.length === 0) at += by;
      return sections[at] ? at : null;
    };
    const column = place % columns;
    switch (key) {
      case "ArrowRight":
        if (place + 1 < rows.length) return [nth, place + 1];
        return filled(nth, 1) === null ? null : [filled(nth, 1), 0];
      case "ArrowLeft":
        if (place > 0) return [nth, place - 1];
        return filled(nth, -1) === null ? null : [filled(nth, -1), sections[filled(nth, -1)].group.rows.length - 1];
      case "ArrowDown": {
        if (place + columns < rows.length) return [nth, place + columns];
        if (Math.floor(place / columns) < Math.floor((rows.length - 1) / columns)) return [nth, rows.length - 1];
        const below = filled(nth, 1);
        return below === null ? null : [below, Math.min(column, sections[below].group.rows.length - 1)];
      }
      case "ArrowUp": {
        if (place >= columns) return [nth, place - columns];
        const above = filled(nth, -1);
        if (above === null) return null;
        const last = sections[above].group.rows.length - 1;
        return [above, Math.min(Math.floor(last / columns) * columns + column, last)];
      }
      case "Home":
        return [filled(-1, 1), 0];
      case "End": {
        const last = filled(sections.length, -1);
        return last === null ? null : [last, sections[last].group.rows.length - 1];
      }
      default:
        return null;
    }
  }

  root.addEventListener("keydown", (event) => {
    if (!event.target.classList.contains("card") || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = focused && next(event.key, focused.nth, focused.place);
    if (!to) return;
    event.preventDefault();
    focusOn(to[0], to[1]);
  });

  function focusFirst() {
    const from = focused || { nth: sections.findIndex(({ group }) => group.rows.length > 0), place: 0 };
    focusOn(from.nth, from.place);
  }

  /** Moves the focus to a picture, wherever it is. */
  function focusRow(row) {
    const nth = sections.findIndex(({ group }) => group.rows.includes(row));
    if (nth >= 0) focusOn(nth, sections[nth].group.rows.indexOf(row));
  }

  const redraw = soon(() => {
    if (isCovered()) return;
    for (const card of cards.values()) if (card.row.layers.length) drawOver(card);
  });
  const again = soon(rebuild);
  const rerender = soon(render);

  window.addEventListener("scroll", rerender, { passive: true });
  document.addEventListener("visibilitychange", rerender);
  const isCovered = () => document.documentElement.classList.contains("viewing");

  /** Fits the width that there is. Behind the viewer it does not matter. */
  function fit() {
    if (isCovered()) return;
    if (geometry && root.clientWidth !== geometry.width) rebuild();
    else rerender();
  }
  new ResizeObserver(soon(fit)).observe(root);

  const ORDERING = ["query", "warnings", "group", "sort", "size", "everyStep", "address"];
  onChange((names) => {
    if (ORDERING.some((name) => names.has(name))) {
      if (["query", "warnings", "group", "sort"].some((name) => names.has(name))) window.scrollTo(0, 0);
      again();
    } else if (names.has("steps")) restep();
    redraw();
  });

  return { rebuild, fit, focusFirst, focusRow, order: () => order, cards, root };
})();

/** How layers are drawn now. */
function drawingStyle() {
  return { alpha: toByte(state.alpha), palette: state.palette };
}
