// The bar above the grid, the keyboard, and the beginning.

const App = (() => {
  const side = $("side");
  const isPanelOpen = () => !side.hidden;
  return { side, isPanelOpen };
})();

function fillSelect(id, names, setting, isThere) {
  const select = $(id);
  for (const [value, text] of Object.entries(names)) if (!isThere || isThere(value)) select.append(h("option", { value }, text));
  select.onchange = () => change({ [setting]: select.value });
}

const HAS_GROUPS = {
  step: HAS_STEPS || ALL_STEPS.length > 1,
  grouping: ROWS.some((row) => row.group !== undefined),
  warning: ROWS.some((row) => row.warn.length > 0),
};
fillSelect("group", GROUPS, "group", (value) => HAS_GROUPS[value] !== false);
fillSelect("sort", SORTS, "sort", (value) => (value === "warnings" ? HAS_GROUPS.warning : value === "newest" ? HAS_GROUPS.step : true));

const search = soon(() => change({ query: $("search").value.trim() }), 80);
$("search").oninput = search;
$("size").oninput = () => change({ size: $("size").valueAsNumber });
$("warnings").onclick = () => change({ warnings: !state.warnings });
$("clear").onclick = () => {
  $("search").value = "";
  change({ query: "", warnings: false, steps: new Map(), everyStep: false });
  $("search").focus();
};
$("skip").onclick = () => Grid.focusFirst();

function togglePanel() {
  App.side.hidden = !App.side.hidden;
  Panel.root.hidden = App.side.hidden;
  $("panel-button").setAttribute("aria-expanded", String(!App.side.hidden));
  document.body.classList.toggle("with-side", !App.side.hidden);
}
$("panel-button").onclick = togglePanel;
$("panel-close").onclick = () => {
  togglePanel();
  $("panel-button").focus();
};

// ---- steps of all keys at once

const stepRange = $("all-steps");
stepRange.max = ALL_STEPS.length - 1;
$("stepbar").hidden = !HAS_STEPS;
stepRange.oninput = () => {
  const wanted = ALL_STEPS[stepRange.valueAsNumber];
  const steps = new Map();
  STEPS.forEach((list, key) => {
    // The last step that a key has up to then; before its first, that one.
    const step = [...list].reverse().find((value) => value <= wanted) ?? list[0];
    if (step !== list[list.length - 1]) steps.set(key, step);
  });
  change({ steps, everyStep: false });
};
$("every-step").onchange = () => change({ everyStep: $("every-step").checked });

function refreshBar() {
  $("group").value = state.group;
  $("sort").value = state.sort;
  $("size").value = state.size;
  $("warnings").setAttribute("aria-pressed", String(state.warnings));
  $("every-step").checked = state.everyStep;
  stepRange.disabled = state.everyStep;
  const shown = Math.max(...STEPS.map((list, key) => (state.steps.get(key) === "all" ? list[list.length - 1] : stepOf(key))), -1);
  if (document.activeElement !== stepRange) stepRange.value = Math.max(ALL_STEPS.indexOf(shown), 0);
  const text = state.everyStep ? "every step" : "step " + ALL_STEPS[stepRange.valueAsNumber];
  $("step-text").textContent = text;
  stepRange.setAttribute("aria-valuetext", text);
  if (document.activeElement !== $("search")) $("search").value = state.query;
}
onChange((names) => {
  refreshBar();
  if (names.has("query") || names.has("warnings")) requestAnimationFrame(() => requestAnimationFrame(() => announce($("count").textContent)));
});

new ResizeObserver(() => document.documentElement.style.setProperty("--bar", $("bar").offsetHeight + "px")).observe($("bar"));

// ---- light and dark

const THEMES = ["auto", "light", "dark"];
let theme = "auto";
try {
  theme = localStorage.getItem("wbimg-theme") || "auto";
} catch {
  // Some browsers keep nothing for pages from a disk.
}
function setTheme(name) {
  theme = THEMES.includes(name) ? name : "auto";
  document.documentElement.dataset.theme = theme;
  $("theme").setAttribute("aria-label", "Colors: " + { auto: "as the system", light: "light", dark: "dark" }[theme]);
  $("theme").title = $("theme").getAttribute("aria-label");
  $("theme").replaceChildren(icon(theme));
  try {
    localStorage.setItem("wbimg-theme", theme);
  } catch {
    // Then it is chosen again next time.
  }
}
$("theme").onclick = () => {
  setTheme(THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]);
  announce($("theme").getAttribute("aria-label"));
};

// ---- the keyboard

const help = $("help");
$("help-button").onclick = () => help.showModal();
$("help-close").onclick = () => help.close();

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const target = event.target;
  const isText = target.matches("input[type=search], input[type=number], input[type=text], textarea");
  if (isText) {
    if (event.key === "Escape" && !Viewer.isOpen()) {
      target.blur();
      event.preventDefault();
    }
    return;
  }
  if (target.matches("select") && event.key.length === 1) return;
  const isArrow = event.key.startsWith("Arrow");
  if (isArrow && target.matches("input[type=range], select, summary, #v-side, #v-side *")) return;
  if (help.open) {
    if (event.key === "?") help.close();
    return;
  }
  if (Viewer.isOpen() && Viewer.key(event.key)) {
    event.preventDefault();
    return;
  }
  const flip = (name, words) => {
    change({ [name]: !state[name] });
    announce(words + (state[name] ? " shown" : " hidden"));
  };
  const keys = {
    b: () => flip("boxes", "Boxes"),
    m: () => flip("masks", "Masks"),
    l: () => flip("labels", "Labels"),
    "?": () => help.showModal(),
    t: () => $("theme").click(),
    "/": () => !Viewer.isOpen() && $("search").focus(),
    w: () => !Viewer.isOpen() && $("warnings").click(),
    o: () => !Viewer.isOpen() && !$("panel-button").hidden && togglePanel(),
    g: () => !Viewer.isOpen() && Grid.focusFirst(),
  };
  if (Object.hasOwn(keys, event.key)) {
    event.preventDefault();
    keys[event.key]();
  }
});

// ---- the beginning

$("title").textContent = plain(DATA.title);
const warned = ROWS.filter((row) => row.warn.length > 0).length;
$("warnings").hidden = warned === 0;
$("warnings-count").textContent = warned.toLocaleString("en");
$("panel-button").hidden = !Panel.HAS_LAYERS;
$("noscript").remove();
setTheme(theme);
takeAddress(location.hash);
Panel.build();
refreshBar();
if (Panel.HAS_LAYERS && window.innerWidth >= 1100) togglePanel();
Grid.rebuild();
Viewer.update();
