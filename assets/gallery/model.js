// What there is to see, what of it is wanted, and in which order; and the address of all that.

const DATA = JSON.parse($("data").textContent);
const ROWS = DATA.rows;
const BY_ID = new Map(ROWS.map((row, index) => [row.id, index]));
ROWS.forEach((row, index) => {
  row.index = index;
  row.layers = row.layers || [];
  row.warn = row.warn || [];
});

/** The steps of each key, in order. */
const STEPS = DATA.keys.map(() => []);
for (const row of ROWS) {
  const steps = STEPS[row.key];
  if (steps[steps.length - 1] !== row.step) steps.push(row.step);
}
const ALL_STEPS = [...new Set(STEPS.flat())].sort((a, b) => a - b);
const HAS_STEPS = STEPS.some((steps) => steps.length > 1);

/** A picture's name for people. */
const nameOf = (row) => (row.caption ? row.caption : DATA.keys[row.key]);
const sourceOf = (row) => (row.frame === undefined ? row.src : row.src + " [" + row.frame + "]");
const haystack = (row) =>
  (row.hay ||= [row.caption || "", DATA.keys[row.key], sourceOf(row)].join("\n").toLowerCase());

/** How a layer is called in an address and in a set. */
const LAYER_NAMES = DATA.layers.map((layer) => layer.kind + ":" + layer.name);

const GROUPS = {
  none: "No groups",
  key: "Key",
  step: "Step",
  folder: "Folder of the source",
  source: "Source",
  grouping: "Grouping number",
  warning: "Warning",
};
const SORTS = {
  order: "Logged order",
  caption: "Caption",
  key: "Key",
  source: "Source",
  newest: "Latest step first",
  warnings: "Most warnings first",
  pixels: "Largest first",
  bytes: "Most bytes first",
};

/** Many keys with few pictures each make no good groups. */
const usualGroup = () => (DATA.keys.length <= 12 || DATA.keys.length * 3 <= ROWS.length ? "key" : "none");

const usual = () => ({
  query: "",
  warnings: false,
  group: usualGroup(),
  sort: "order",
  size: 200,
  everyStep: false,
  steps: new Map(),
  boxes: true,
  masks: true,
  labels: true,
  alpha: 0.6,
  palette: "wandb",
  hiddenLayers: new Set(),
  hiddenClasses: new Set(),
  scores: new Map(),
  picture: null,
  other: null,
  compare: "side",
  gain: 1,
  only: ["", ""],
});
const state = usual();

// ---- what is wanted

const stepOf = (key) => (state.steps.has(key) ? state.steps.get(key) : STEPS[key][STEPS[key].length - 1]);

function words() {
  return state.query.toLowerCase().split(/\s+/).filter(Boolean);
}

function matches(row, wanted) {
  return (!state.warnings || row.warn.length > 0) && wanted.every((word) => haystack(row).includes(word));
}

const folderOf = (row) => row.src.slice(0, Math.max(row.src.lastIndexOf("/"), 0)) || ".";
const byText = new Intl.Collator("en", { numeric: true }).compare;

const ORDERS = {
  order: null,
  caption: (a, b) => byText(a.caption || "", b.caption || ""),
  key: (a, b) => byText(DATA.keys[a.key], DATA.keys[b.key]) || a.step - b.step,
  source: (a, b) => byText(a.src, b.src),
  newest: (a, b) => b.step - a.step,
  warnings: (a, b) => b.warn.length - a.warn.length,
  pixels: (a, b) => b.w * b.h - a.w * a.h,
  bytes: (a, b) => b.bytes - a.bytes,
};

/** What a row is grouped by: [identity, title], several for several warnings. */
const GROUPINGS = {
  none: () => [["", ""]],
  key: (row) => [[row.key, DATA.keys[row.key]]],
  step: (row) => [[row.step, "Step " + row.step]],
  folder: (row) => [[folderOf(row), folderOf(row)]],
  source: (row) => [[row.src, row.src]],
  grouping: (row) => [[row.group ?? "", row.group === undefined ? "No grouping number" : "Group " + row.group]],
  warning: (row) =>
    row.warn.length === 0 ? [["", "No warning"]] : [...new Set(row.warn.map(([code]) => code))].map((code) => [code, code]),
};

/** The groups to show: {title, key, rows, elsewhere}; `elsewhere` counts what matches at other steps. */
function groups() {
  const wanted = words();
  const found = new Map();
  const grouping = GROUPINGS[state.group];
  const atEveryStep = state.everyStep || state.group === "step";
  for (const row of ROWS) {
    if (!matches(row, wanted)) continue;
    const isHere = atEveryStep || state.steps.get(row.key) === "all" || row.step === stepOf(row.key);
    for (const [id, title] of grouping(row)) {
      let group = found.get(id);
      if (!group) {
        group = { id, title, key: state.group === "key" ? row.key : null, rows: [], elsewhere: 0 };
        found.set(id, group);
      }
      if (isHere) group.rows.push(row);
      else group.elsewhere += 1;
    }
  }
  const list = [...found.values()].filter((group) => group.rows.length > 0 || group.elsewhere > 0);
  const order = ORDERS[state.sort];
  if (order) for (const group of list) group.rows.sort((a, b) => order(a, b) || a.index - b.index);
  if (state.group === "step") list.sort((a, b) => (state.sort === "newest" ? b.id - a.id : a.id - b.id));
  else if (state.group === "grouping" || state.group === "warning") list.sort((a, b) => byText(a.title, b.title));
  return list;
}

// ---- the address

const FLAGS = { warnings: "warn", everyStep: "all", boxes: "boxes", masks: "masks", labels: "labels" };
const TEXTS = { query: "q", group: "group", sort: "sort", size: "size", alpha: "alpha", palette: "palette", compare: "mode", gain: "gain" };

/** Everything that is not as usual, as the part of an address behind `#`. */
function address() {
  const plainState = usual();
  const parts = new URLSearchParams();
  if (state.picture !== null) parts.set("p", ROWS[state.picture].id);
  if (state.other !== null && state.picture !== null) {
    parts.set("with", ROWS[state.other].id);
    state.only.forEach((only, side) => only && parts.set("only" + side, only));
  }
  for (const [name, short] of Object.entries(TEXTS)) {
    const isUsed = state.other !== null || (name !== "compare" && name !== "gain");
    if (isUsed && state[name] !== plainState[name]) parts.set(short, state[name]);
  }
  for (const [name, short] of Object.entries(FLAGS)) {
    if (state[name] !== plainState[name]) parts.set(short, state[name] ? "1" : "0");
  }
  for (const [key, step] of state.steps) parts.append("step", DATA.keys[key] + "=" + step);
  for (const layer of state.hiddenLayers) parts.append("hide", LAYER_NAMES[layer]);
  for (const id of state.hiddenClasses) {
    const [layer, name] = splitClass(id);
    parts.append("hideclass", name + "@" + LAYER_NAMES[layer]);
  }
  for (const [name, [least, most]] of state.scores) parts.append("score", [least ?? "", most ?? "", name].join("~"));
  return parts.toString();
}

/** Takes the settings of an address; what cannot be understood is as usual. */
function takeAddress(hash) {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  Object.assign(state, usual());
  const id = (name) => BY_ID.get(parts.get(name)) ?? null;
  state.picture = id("p");
  state.other = state.picture === null ? null : id("with");
  state.only = ["only0", "only1"].map((name) => parts.get(name) || "");
  state.query = parts.get("q") || "";
  if (parts.get("group") in GROUPS) state.group = parts.get("group");
  if (parts.get("sort") in SORTS) state.sort = parts.get("sort");
  if (parts.get("palette") in PALETTES) state.palette = parts.get("palette");
  if (["side", "swipe", "diff"].includes(parts.get("mode"))) state.compare = parts.get("mode");
  const number = (name, least, most, usualValue) => {
    const value = parseFloat(parts.get(name));
    return Number.isFinite(value) ? Math.min(Math.max(value, least), most) : usualValue;
  };
  state.size = number("size", 80, 480, state.size);
  state.alpha = number("alpha", 0, 1, state.alpha);
  state.gain = number("gain", 1, 32, state.gain);
  for (const [name, short] of Object.entries(FLAGS)) if (parts.has(short)) state[name] = parts.get(short) === "1";
  for (const text of parts.getAll("step")) {
    const cut = text.lastIndexOf("=");
    const key = DATA.keys.indexOf(text.slice(0, cut));
    const step = text.slice(cut + 1);
    if (key < 0) continue;
    if (step === "all") state.steps.set(key, "all");
    else if (STEPS[key].includes(Number(step))) state.steps.set(key, Number(step));
  }
  for (const text of parts.getAll("hide")) {
    const layer = LAYER_NAMES.indexOf(text);
    if (layer >= 0) state.hiddenLayers.add(layer);
  }
  for (const text of parts.getAll("hideclass")) {
    const cut = text.indexOf("@");
    const layer = LAYER_NAMES.indexOf(text.slice(cut + 1));
    if (layer >= 0) state.hiddenClasses.add(classKey(layer, text.slice(0, cut)));
  }
  for (const text of parts.getAll("score")) {
    const [least, most, ...name] = text.split("~");
    const bound = (value) => (value === "" || !Number.isFinite(Number(value)) ? null : Number(value));
    state.scores.set(name.join("~"), [bound(least), bound(most)]);
  }
}

/** A class of a layer as a member of a set. */
const classKey = (layer, id) => layer + ":" + (id === null ? "none" : id);
const splitClass = (key) => {
  const cut = key.indexOf(":");
  return [Number(key.slice(0, cut)), key.slice(cut + 1)];
};

/** Counts what changes how layers are drawn: the same number, the same drawing. */
let drawing = 0;
const DRAWING = ["boxes", "masks", "alpha", "palette", "hiddenLayers", "hiddenClasses", "scores", "address"];

const listeners = [];
/** Calls `listener` with the names of the settings that changed. */
const onChange = (listener) => listeners.push(listener);

/** Changes settings, and tells everybody. */
function change(changes) {
  Object.assign(state, changes);
  const names = new Set(Object.keys(changes));
  if (DRAWING.some((name) => names.has(name))) drawing += 1;
  for (const listener of listeners) listener(names);
  remember();
}

const remember = soon(() => {
  const hash = address();
  if (location.hash.replace(/^#/, "") !== hash) {
    history.replaceState(history.state, "", hash ? "#" + hash : location.pathname + location.search);
  }
}, 120);
