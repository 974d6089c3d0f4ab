// The choices about boxes and masks. One panel, which stands beside the grid, or in the viewer while that is open.

const Panel = (() => {
  const MOST_CLASSES = 300;
  const root = $("panel");
  let classQuery = "";

  const HAS_LAYERS = DATA.layers.length > 0;

  function toggle(label, shortcut, name) {
    const input = h("input", {
      type: "checkbox",
      id: "set-" + name,
      checked: state[name],
      on: { change: () => change({ [name]: input.checked }) },
    });
    return h("label", { className: "switch" }, input, h("span", {}, label), h("kbd", {}, shortcut));
  }

  function build() {
    root.replaceChildren();
    if (!HAS_LAYERS) {
      root.append(h("p", { className: "hint" }, "No picture here has boxes or masks."));
      return;
    }
    const kinds = new Set(DATA.layers.map((layer) => layer.kind));
    root.append(
      h(
        "div",
        { className: "switches" },
        kinds.has("boxes") ? toggle("Boxes", "b", "boxes") : null,
        kinds.has("mask") ? toggle("Masks", "m", "masks") : null,
        kinds.has("boxes") ? toggle("Labels", "l", "labels") : null,
      ),
    );
    if (kinds.has("mask")) root.append(alphaSlider());
    root.append(paletteChoice());
    for (const score of DATA.scores) root.append(scoreSliders(score));
    root.append(classTools(), h("div", { id: "layers" }));
    buildLayers();
  }

  function alphaSlider() {
    const output = h("output", {}, percent(state.alpha));
    const input = h("input", {
      type: "range",
      id: "set-alpha",
      min: 0,
      max: 1,
      step: 0.05,
      value: state.alpha,
      on: {
        input: () => {
          output.textContent = percent(input.valueAsNumber);
          change({ alpha: input.valueAsNumber });
        },
      },
    });
    return h("div", { className: "slider" }, h("label", { htmlFor: "set-alpha" }, "Mask opacity"), output, input);
  }

  const percent = (share) => Math.round(share * 100) + " %";

  function paletteChoice() {
    const names = { wandb: "W&B", "okabe-ito": "Okabe–Ito (color-blind safe)" };
    const select = h(
      "select",
      { id: "set-palette", on: { change: () => change({ palette: select.value }) } },
      ...Object.entries(names).map(([value, text]) => h("option", { value, selected: value === state.palette }, text)),
    );
    return h("label", { className: "field wide" }, h("span", {}, "Class colors"), select);
  }

  /** Two sliders for a score: at least, and at most. */
  function scoreSliders(score) {
    const isShare = score.min >= 0 && score.max <= 1;
    const [min, max] = isShare ? [0, 1] : score.min < score.max ? [score.min, score.max] : [score.min, score.min + 1];
    const step = isShare ? 0.01 : (max - min) / 100;
    const side = (place, sign, words) => {
      const end = place === 0 ? min : max;
      const bound = () => (state.scores.get(score.name) || [null, null])[place] ?? end;
      const set = (value) => {
        const bounds = [...(state.scores.get(score.name) || [null, null])];
        bounds[place] = Number.isNaN(value) || value === end ? null : value;
        const scores = new Map(state.scores);
        if (bounds[0] === null && bounds[1] === null) scores.delete(score.name);
        else scores.set(score.name, bounds);
        change({ scores });
      };
      const name = plain(score.name) + " " + words;
      const range = h("input", { type: "range", min, max, step, value: bound(), "aria-label": name });
      const exact = h("input", { type: "number", step: "any", value: short(bound()), "aria-label": name + ", exactly" });
      range.oninput = () => {
        exact.value = short(range.valueAsNumber);
        set(range.valueAsNumber);
      };
      exact.onchange = () => {
        range.value = exact.value;
        set(exact.valueAsNumber);
      };
      return h("div", { className: "bound", dataset: { score: score.name, bound: place } }, h("span", {}, sign), range, exact);
    };
    return h(
      "fieldset",
      { className: "score" },
      h("legend", {}, "Score ", h("b", { dir: "auto" }, plain(score.name))),
      side(0, "≥", "at least"),
      side(1, "≤", "at most"),
    );
  }

  const short = (value) => String(Number(value.toPrecision(6)));

  function classTools() {
    const search = h("input", {
      type: "search",
      id: "class-search",
      placeholder: "Search classes",
      "aria-label": "Search classes",
      on: {
        input: () => {
          classQuery = search.value.trim().toLowerCase();
          buildLayers();
        },
      },
    });
    const set = (hide) => () => {
      const hiddenClasses = new Set(state.hiddenClasses);
      DATA.layers.forEach((layer, index) => {
        for (const [id] of found(layer)) {
          if (hide) hiddenClasses.add(classKey(index, id));
          else hiddenClasses.delete(classKey(index, id));
        }
      });
      change({ hiddenClasses });
      buildLayers();
      announce(hide ? "Classes hidden" : "Classes shown");
    };
    return h(
      "div",
      { className: "classtools" },
      search,
      h("button", { type: "button", id: "classes-all", on: { click: set(false) } }, "All"),
      h("button", { type: "button", id: "classes-none", on: { click: set(true) } }, "None"),
    );
  }

  const className = (id, name) => (id === null ? "no class" : (name ?? "ID: " + id));

  /** The classes of a layer that the search finds. */
  function found(layer) {
    return layer.classes.filter(
      ([id, name]) => className(id, name).toLowerCase().includes(classQuery) || String(id) === classQuery,
    );
  }

  function buildLayers() {
    const list = $("layers");
    if (!list) return;
    list.replaceChildren(...DATA.layers.map(layerBox).filter(Boolean));
    if (!list.firstChild) list.append(h("p", { className: "hint" }, "No class of that name."));
  }

  function layerBox(layer, index) {
    const classes = found(layer);
    if (classQuery && classes.length === 0) return null;
    const input = h("input", {
      type: "checkbox",
      checked: !state.hiddenLayers.has(index),
      dataset: { layer: index },
      on: {
        change: () => {
          const hiddenLayers = new Set(state.hiddenLayers);
          if (input.checked) hiddenLayers.delete(index);
          else hiddenLayers.add(index);
          change({ hiddenLayers });
        },
      },
    });
    const rest = classes.length - MOST_CLASSES;
    return h(
      "fieldset",
      { className: "layer" },
      h(
        "legend",
        {},
        h("label", {}, input, icon(layer.kind), h("span", { dir: "auto" }, plain(layer.name))),
        h("small", {}, layer.kind === "boxes" ? "boxes" : "mask"),
      ),
      h("ul", {}, ...classes.slice(0, MOST_CLASSES).map(([id, name]) => h("li", {}, classBox(index, id, name)))),
      rest > 0 ? h("p", { className: "hint" }, `${rest} more: search for them`) : null,
    );
  }

  function classBox(layer, id, name) {
    const key = classKey(layer, id);
    const input = h("input", {
      type: "checkbox",
      checked: !state.hiddenClasses.has(key),
      dataset: { class: key },
      on: {
        change: () => {
          const hiddenClasses = new Set(state.hiddenClasses);
          if (input.checked) hiddenClasses.delete(key);
          else hiddenClasses.add(key);
          change({ hiddenClasses });
        },
      },
    });
    const swatch = h("i", { className: "swatch" });
    swatch.style.background = cssColor(classColor(id, state.palette));
    const text = h("span", { dir: "auto" }, plain(className(id, name)));
    return h("label", {}, input, swatch, text, name !== null && id !== null ? h("small", {}, String(id)) : null);
  }

  /** Brings the panel up to what the settings say, which others may have changed. */
  function refresh(names) {
    for (const name of ["boxes", "masks", "labels"]) {
      const input = $("set-" + name);
      if (input) input.checked = state[name];
    }
    if (names.has("palette") || names.has("address")) build();
  }

  onChange((names) => refresh(names));
  build();
  return { root, build, HAS_LAYERS };
})();
