// The few things that all parts do with the document. Text is only ever put in as text.

const $ = (id) => document.getElementById(id);

/** An element with properties, and children that are elements or text. */
function h(name, properties, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (key === "dataset") Object.assign(element.dataset, value);
    else if (key in element && key !== "list" && key !== "role") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Text in which nothing acts in secret: control characters and marks that turn the reading direction are shown. */
function plain(text) {
  return String(text).replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => "\\u{" + character.codePointAt(0).toString(16) + "}",
  );
}

/** An icon out of the page's own set. */
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  use.setAttribute("href", "#i-" + name);
  svg.append(use);
  return svg;
}

const plural = (count, one, many) => (count === 1 ? "1 " + one : count.toLocaleString("en") + " " + (many || one + "s"));

function fileSize(bytes) {
  if (bytes < 1000) return bytes + " B";
  if (bytes < 1e6) return (bytes / 1e3).toPrecision(3) + " kB";
  return (bytes / 1e6).toPrecision(3) + " MB";
}

/** Says something to those who listen instead of looking. */
function announce(text) {
  $("live").textContent = text;
}

/** Calls `run` once, soon, however often it is asked for. */
function soon(run, wait) {
  let timer = null;
  return () => {
    if (timer !== null) return;
    const go = () => {
      timer = null;
      run();
    };
    timer = wait ? setTimeout(go, wait) : requestAnimationFrame(go);
  };
}
