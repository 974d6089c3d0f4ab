// One picture closely, or two compared: what it is, why it looks as it does, and where to go from there.

const Viewer = (() => {
  const dialog = $("viewer");
  let last = null;

  /** Pictures by key and step. */
  const lists = new Map();
  const listId = (key, step) => key + " " + step;
  for (const row of ROWS) {
    const id = listId(row.key, row.step);
    if (!lists.has(id)) lists.set(id, []);
    lists.get(id).push(row);
  }
  const listAt = (key, step) => lists.get(listId(key, step)) || [];
  const placeOf = (row) => listAt(row.key, row.step).indexOf(row);
  const sameAt = (row, key, step) => {
    const list = listAt(key, step);
    const isSame = (other) => other.src === row.src && other.frame === row.frame;
    return list.find(isSame) || list[Math.min(placeOf(row), list.length - 1)] || null;
  };

  const current = () => (state.picture === null ? null : ROWS[state.picture]);
  const other = () => (state.other === null ? null : ROWS[state.other]);

  // ---- opening and closing

  function open(index) {
    const isOpen = dialog.open;
    state.picture = index;
    if (!isOpen) history.pushState({ viewer: true }, "", "#" + address());
    change({ picture: index });
  }

  function close() {
    change({ picture: null, other: null, only: ["", ""] });
    if (history.state && history.state.viewer) {
      leaving = true;
      history.back();
    }
  }
  let leaving = false;

  /** The browser's own way back, or another address. */
  window.addEventListener("popstate", () => {
    const isClosed = !new URLSearchParams(location.hash.slice(1)).has("p");
    if (leaving || (dialog.open && isClosed)) {
      // What was chosen meanwhile stays chosen.
      leaving = false;
      change({ picture: null, other: null, only: ["", ""] });
      return;
    }
    if (location.hash.slice(1) === address()) return;
    takeAddress(location.hash);
    change({ address: true });
  });

  function update() {
    const row = current();
    if (!row) {
      if (!dialog.open) return;
      dialog.close();
      document.documentElement.classList.remove("viewing");
      $("side").append(Panel.root);
      document.body.append($("live"));
      Panel.root.hidden = !App.isPanelOpen();
      Grid.fit();
      if (last) Grid.focusRow(last);
      return;
    }
    if (!dialog.open) {
      $("v-panel").append(Panel.root);
      dialog.append($("live"));
      Panel.root.hidden = false;
      document.documentElement.classList.add("viewing");
      dialog.showModal();
      $("stage").focus({ preventScroll: true });
    }
    if (last !== row) {
      const order = Grid.order();
      const place = order.indexOf(row);
      const where = place < 0 ? "" : `${(place + 1).toLocaleString("en")} of ${order.length.toLocaleString("en")}`;
      $("v-name").textContent = plain(nameOf(row));
      $("v-place").textContent = where;
      announce([plain(nameOf(row)), "key " + plain(DATA.keys[row.key]), "step " + row.step, where, row.warn.length ? plural(row.warn.length, "warning") : ""].filter(Boolean).join(", "));
      $("stage").setAttribute("aria-label", "Picture: " + plain(nameOf(row)));
      facts(row);
    }
    last = row;
    const steps = STEPS[row.key];
    $("v-steps").hidden = steps.length < 2;
    $("v-step").max = steps.length - 1;
    $("v-step").value = steps.indexOf(row.step);
    $("v-step").setAttribute("aria-valuetext", String(row.step));
    $("v-step-text").textContent = String(row.step);
    $("v-compare").setAttribute("aria-pressed", String(state.other !== null));
    compareBar();
    Stage.show(row, other());
  }

  // ---- moving

  function go(by) {
    // A link may lead to a picture that is not among those of the grid.
    const order = Grid.order().includes(current()) ? Grid.order() : ROWS;
    const next = order[order.indexOf(current()) + by];
    if (next) move(next);
    else announce(by > 0 ? "That is the last picture" : "That is the first picture");
  }

  function goStep(by) {
    const row = current();
    const steps = STEPS[row.key];
    const step = steps[steps.indexOf(row.step) + by];
    const next = step === undefined ? null : sameAt(row, row.key, step);
    if (next) move(next);
    else announce(by > 0 ? "That is the last step" : "That is the first step");
  }

  /** Another picture; one that it is compared with comes along. */
  function move(next) {
    const [row, beside] = [current(), other()];
    const changes = { picture: next.index };
    if (beside) {
      const step = beside.step === row.step ? next.step : beside.step;
      const key = beside.key === row.key ? next.key : beside.key;
      const found = beside === row ? next : sameAt(next, key, step) || counterpart(next);
      changes.other = found.index;
    }
    change(changes);
  }

  // ---- comparing

  /** What a picture is probably to be compared with: the step before, another key, or its own layers. */
  function counterpart(row) {
    const steps = STEPS[row.key];
    const at = steps.indexOf(row.step);
    for (const step of [steps[at - 1], steps[at + 1]]) {
      const found = step !== undefined && sameAt(row, row.key, step);
      if (found) return found;
    }
    const isAlike = (found) => found && found.w === row.w && found.h === row.h;
    const keys = DATA.keys.map((_, key) => key).filter((key) => key !== row.key);
    const near = keys.map((key) => sameAt(row, key, row.step)).filter(Boolean);
    const name = row.src.slice(row.src.lastIndexOf("/") + 1);
    return (
      near.find((found) => found.src.endsWith(name) && isAlike(found)) ||
      (row.layers.length > 1 ? row : near.find(isAlike) || row)
    );
  }

  function toggleCompare() {
    if (state.other !== null) {
      change({ other: null, only: ["", ""] });
      announce("One picture");
      return;
    }
    const row = current();
    const found = counterpart(row);
    const names = row.layers.map(([index]) => LAYER_NAMES[index]);
    const only = found === row && names.length > 1 ? [names[0], names[1]] : ["", ""];
    change({ other: found.index, only });
    announce("Compared with " + plain(nameOf(found)) + ", step " + found.step);
  }

  function option(value, text, isSelected) {
    return h("option", { value, selected: isSelected }, text);
  }

  function compareBar() {
    const bar = $("compare");
    bar.hidden = state.other === null;
    if (bar.hidden) return;
    for (const side of [0, 1]) sideChoices(side);
    for (const button of document.querySelectorAll("[data-mode-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.modeChoice === state.compare));
    }
    $("gain-field").hidden = state.compare !== "diff";
    $("gain").value = state.gain;
    $("gain-text").textContent = "× " + state.gain;
  }

  const rowOf = (side) => (side === 0 ? current() : other());

  /** The selects of one side are filled anew: what there is depends on what is chosen. */
  function sideChoices(side) {
    const row = rowOf(side);
    const few = (list, chosen) => (list.length <= 500 ? list : [...new Set([...list.slice(0, 500), chosen])]);
    const keys = few(DATA.keys.map((_, number) => number), row.key);
    fill($("key" + side), keys.map((number) => [number, plain(DATA.keys[number])]), row.key);
    fill($("step" + side), few(STEPS[row.key], row.step).map((number) => [number, "step " + number]), row.step);
    const list = listAt(row.key, row.step);
    const picture = $("pic" + side);
    fill(picture, few(list, row).map((item) => [item.index, `${list.indexOf(item) + 1}. ${plain(item.caption || sourceOf(item))}`]), row.index);
    picture.parentElement.hidden = list.length < 2;
    const layer = $("only" + side);
    const kinds = { boxes: " (boxes)", mask: " (mask)" };
    const names = row.layers.map(([index]) => [LAYER_NAMES[index], plain(DATA.layers[index].name) + kinds[DATA.layers[index].kind]]);
    fill(layer, [["", "all layers"], ["-", "no layers"], ...names], state.only[side]);
    layer.parentElement.hidden = names.length === 0;
  }

  for (const side of [0, 1]) {
    const set = (found) => found && change(side === 0 ? { picture: found.index } : { other: found.index });
    $("key" + side).onchange = ({ target }) => {
      const [row, key] = [rowOf(side), Number(target.value)];
      set(sameAt(row, key, row.step) || sameAt(row, key, STEPS[key][STEPS[key].length - 1]));
    };
    $("step" + side).onchange = ({ target }) => set(sameAt(rowOf(side), rowOf(side).key, Number(target.value)));
    $("pic" + side).onchange = ({ target }) => set(ROWS[Number(target.value)]);
    $("only" + side).onchange = ({ target }) => {
      const only = [...state.only];
      only[side] = target.value;
      change({ only });
    };
  }

  function fill(select, options, chosen) {
    const key = JSON.stringify(options);
    if (select.filledWith !== key) {
      select.replaceChildren(...options.map(([value, text]) => option(value, text, false)));
      select.filledWith = key;
    }
    select.value = String(chosen);
  }

  function setMode(mode) {
    change({ compare: mode });
    announce({ side: "Side by side", swipe: "One over the other", diff: "Difference" }[mode]);
  }

  // ---- what it is

  function facts(row) {
    const fact = (word, ...value) => [h("dt", {}, word), h("dd", {}, ...value)];
    const text = (value) => h("span", { dir: "auto" }, plain(value));
    const file = row.path.slice(row.path.lastIndexOf("/") + 1);
    const link = h("a", { href: fullUrl(row), target: "_blank", rel: "noopener", dir: "auto" }, plain(file));
    if (link.protocol === "data:") link.download = file;
    const parts = [];
    if (row.caption) parts.push(h("p", { className: "caption", dir: "auto" }, plain(row.caption)));
    if (row.warn.length) {
      parts.push(
        h(
          "ul",
          { className: "warnings", "aria-label": "Warnings" },
          ...row.warn.map(([code, message]) => h("li", {}, icon("warning"), h("div", {}, h("b", {}, plain(code)), " ", plain(message)))),
        ),
      );
    }
    parts.push(
      h(
        "dl",
        { className: "facts" },
        ...fact("key", text(DATA.keys[row.key])),
        ...fact("step", String(row.step)),
        ...fact("source", text(row.src)),
        ...(row.frame === undefined ? [] : fact("frame", text(row.frame))),
        ...(row.group === undefined ? [] : fact("group", String(row.group))),
        ...row.why.flatMap(([word, number]) => fact(word, text(DATA.texts[number]))),
        ...fact("file", link, h("small", {}, " " + fileSize(row.bytes))),
      ),
    );
    $("v-facts").replaceChildren(...parts, h("div", { id: "v-objects" }));
  }

  /** The boxes of the picture as a list, for those who do not see them. */
  function layersCame() {
    const row = current();
    const pane = Stage.panes[0];
    const place = $("v-objects");
    if (!row || pane.row !== row || !place) return;
    const faults = pane.list.filter((layer) => layer.fault).map((layer) => h("p", { className: "fault" }, `${plain(layer.name)}: not drawn: ${plain(layer.fault)}`));
    const lists = pane.list
      .filter((layer) => layer.data && layer.data.marks && layer.data.marks.length > 0)
      .map((layer) =>
        h(
          "details",
          { className: "objects" },
          h("summary", {}, h("span", { dir: "auto" }, plain(layer.name)), ": " + plural(layer.data.marks.length, "box", "boxes")),
          h("ol", {}, ...layer.data.marks.slice(0, 200).map((mark) => objectItem(mark, layer))),
        ),
      );
    place.replaceChildren(...faults, ...lists);
    Stage.place();
  }

  function objectItem(mark, layer) {
    const swatch = h("i", { className: "swatch" });
    swatch.style.background = cssColor(classColor(mark.id, state.palette));
    const [name, scores] = labelOf(mark, layer.labels);
    return h("li", {}, swatch, h("span", { dir: "auto" }, plain(name || "a box")), scores ? h("small", {}, plain(scores)) : null);
  }

  // ---- controls

  async function copyLink() {
    const link = location.href.split("#")[0] + "#" + address();
    try {
      await navigator.clipboard.writeText(link);
      announce("Link copied");
      $("v-copied").hidden = false;
      setTimeout(() => ($("v-copied").hidden = true), 1600);
    } catch {
      window.prompt("The link to this picture:", link);
    }
  }

  $("v-step").oninput = () => {
    const row = current();
    const next = sameAt(row, row.key, STEPS[row.key][$("v-step").valueAsNumber]);
    if (next) move(next);
  };
  $("v-close").onclick = close;
  $("v-previous").onclick = () => go(-1);
  $("v-next").onclick = () => go(1);
  $("v-in").onclick = () => Stage.zoomBy(1.5);
  $("v-out").onclick = () => Stage.zoomBy(1 / 1.5);
  $("v-fit").onclick = () => Stage.fit();
  $("v-actual").onclick = () => Stage.actual();
  $("v-compare").onclick = toggleCompare;
  $("v-link").onclick = copyLink;
  $("v-info").onclick = () => {
    const isOpen = dialog.classList.toggle("plain");
    $("v-info").setAttribute("aria-pressed", String(!isOpen));
  };
  for (const button of document.querySelectorAll("[data-mode-choice]")) button.onclick = () => setMode(button.dataset.modeChoice);
  $("gain").oninput = () => change({ gain: $("gain").valueAsNumber });
  $("swap").onclick = () => change({ picture: state.other, other: state.picture, only: [state.only[1], state.only[0]] });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });

  const MODES = ["side", "swipe", "diff"];
  /** What a key does here; false if nothing. */
  function key(name) {
    switch (name) {
      case "ArrowLeft":
        return go(-1), true;
      case "ArrowRight":
        return go(1), true;
      case "ArrowUp":
        return goStep(1), true;
      case "ArrowDown":
        return goStep(-1), true;
      case "+":
      case "=":
        return Stage.zoomBy(1.5), true;
      case "-":
        return Stage.zoomBy(1 / 1.5), true;
      case "0":
        return Stage.fit(), true;
      case "1":
        return Stage.actual(), true;
      case "c":
        return toggleCompare(), true;
      case "d":
        if (state.other === null) toggleCompare();
        return setMode(state.compare === "diff" ? "side" : "diff"), true;
      case "s":
        if (state.other === null) return false;
        return setMode(MODES[(MODES.indexOf(state.compare) + 1) % 3]), true;
      case "i":
        return $("v-info").click(), true;
      default:
        return false;
    }
  }

  const redraw = soon(update);
  onChange((names) => {
    redraw();
    if (names.has("palette")) layersCame();
  });
  return { open, close, key, update, layersCame, isOpen: () => dialog.open };
})();
