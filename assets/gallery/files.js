// Pictures and layers: where they are, and how they get here. A page from a disk may load pictures and scripts, but
// not read them as data; so layers that are not in the page come as scripts, which call `wbimgLayer`.

/** The address of a file beside the page; any name will do. */
const besides = (path) => path.split("/").map(encodeURIComponent).join("/");

/** Whether all of the page is here, with what is in it behind this script; and a promise of that. */
let isWhole = document.readyState !== "loading";
const whole = new Promise((resolve) => {
  if (isWhole) resolve();
  document.addEventListener("DOMContentLoaded", () => {
    isWhole = true;
    resolve();
  });
});

const urls = new Map();
let urlLength = 0;
const MOST_URL_LENGTH = 64e6;

/** The address of a file in the page, or null. */
function inPage(name) {
  if (urls.has(name)) return urls.get(name);
  const element = $("file-" + name);
  if (!element) return null;
  const url = "data:" + element.dataset.kind + ";base64," + element.textContent;
  urls.set(name, url);
  urlLength += url.length;
  // Copies of megabytes are kept for what was looked at last only.
  for (const [other, { length }] of urls) {
    if (urlLength <= MOST_URL_LENGTH || other === name) break;
    urls.delete(other);
    urlLength -= length;
  }
  return url;
}

const fullUrl = (row) => inPage(row.sha) || besides(row.full ? `media/thumbs/${row.sha}.full.${row.full}` : row.path);
const thumbUrl = (row) =>
  row.thumb ? inPage(row.sha + ".thumb") || besides(`media/thumbs/${row.sha}.thumb.${row.thumb}`) : fullUrl(row);

// ---- layers

const waiting = new Map();
const layers = new Map();
let layerBytes = 0;
const MOST_LAYER_BYTES = 192e6;

window.wbimgLayer = (name, data) => {
  const entry = waiting.get(name);
  if (entry) entry.resolve(data);
};

async function loadLayer(name) {
  await whole;
  const element = $("layer-" + name);
  if (element) return JSON.parse(element.textContent);
  return new Promise((resolve, reject) => {
    const script = h("script", { src: besides(`media/gallery/${name}.js`), async: true });
    const end = (then) => (value) => {
      waiting.delete(name);
      script.remove();
      then(value);
    };
    waiting.set(name, { resolve: end(resolve) });
    script.onerror = () => end(reject)(new Error("its file is missing"));
    script.onload = () => waiting.has(name) && end(reject)(new Error("its file is damaged"));
    document.head.append(script);
  });
}

async function inflate(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function decodeLayer(data) {
  if (data.e) throw new Error(data.e);
  if (!data.d) {
    const marks = data.b.map(([unit, x0, y0, x1, y1, id, caption, scores]) => ({
      isPixels: unit === 1,
      at: [x0, y0, x1, y1],
      id,
      caption,
      scores: scores.map(([number, value]) => [data.s[number], value]),
    }));
    return { marks, bytes: marks.length * 200 };
  }
  const ids = await inflate(data.d);
  if (ids.length !== data.w * data.h) throw new Error("its ids are damaged");
  return { mask: { width: data.w, height: data.h, ids }, bytes: ids.length };
}

/** What is in the file of a layer: {marks} or {mask}. */
function layerData(name) {
  let entry = layers.get(name);
  if (entry) {
    layers.delete(name);
    layers.set(name, entry);
    return entry.promise;
  }
  entry = { bytes: 0, value: null };
  entry.promise = loadLayer(name)
    .then(decodeLayer)
    .then((value) => {
      entry.value = value;
      entry.bytes = value.bytes;
      layerBytes += value.bytes;
      for (const [other, { bytes, value: loaded }] of layers) {
        if (layerBytes <= MOST_LAYER_BYTES || other === name) break;
        if (!loaded) continue;
        layerBytes -= bytes;
        layers.delete(other);
      }
      return value;
    });
  layers.set(name, entry);
  return entry.promise;
}

/** All layers of a picture: [{index, kind, name, rank, labels, data or fault}]. */
async function layersOf(row) {
  const list = row.layers.map(([index, file, labels]) => ({
    index,
    file,
    kind: DATA.layers[index].kind,
    name: DATA.layers[index].name,
    labels: new Map(DATA.labels[labels]),
  }));
  const ranks = ranksOf(list);
  await Promise.all(
    list.map(async (layer, place) => {
      layer.rank = ranks[place];
      try {
        layer.data = await layerData(layer.file);
      } catch (error) {
        layer.fault = error.message;
      }
    }),
  );
  return list;
}

/** What of a picture's layers is to be drawn at this size. `only` names one layer, or none by "-". */
function sceneOf(row, list, width, height, only) {
  const scene = [];
  for (const layer of list) {
    if (!layer.data || state.hiddenLayers.has(layer.index)) continue;
    if (only && LAYER_NAMES[layer.index] !== only) continue;
    if (layer.kind === "boxes" ? !state.boxes : !state.masks) continue;
    const isShown = (id) => !state.hiddenClasses.has(classKey(layer.index, id));
    const base = { kind: layer.kind, rank: layer.rank, labels: layer.labels, isShown };
    if (layer.kind === "mask") {
      scene.push({ ...base, mask: layer.data.mask, named: [...layer.labels.keys()].filter(Number.isInteger) });
      continue;
    }
    const [scaleX, scaleY] = [width / row.w, height / row.h];
    const marks = layer.data.marks.map((mark) => {
      const [x, y] = mark.isPixels ? [scaleX, scaleY] : [width, height];
      const [x0, y0, x1, y1] = mark.at;
      return { ...mark, x0: x0 * x, y0: y0 * y, x1: x1 * x, y1: y1 * y };
    });
    scene.push({ ...base, marks, passes });
  }
  return scene;
}

/** Whether no score of a box is outside the bounds for it; a box without such a score is drawn. */
function passes(mark) {
  return mark.scores.every(([name, score]) => {
    const [least, most] = state.scores.get(name) || [null, null];
    return (least === null || score >= least) && (most === null || score <= most);
  });
}
