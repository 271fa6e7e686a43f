// Draws a Plotly figure into a node that stays: new data are diffed into it by Plotly.react, so that zoom,
// hidden series and the node itself survive every change.
//
// While a lookback is dragged Plotly is too slow (30 ms a chart). lighten() leaves it the axes, titles and
// legend, paint() draws the lines of a frame on a canvas through these axes, stretch() gives the axes new
// ranges (5 ms, as there are no lines to move), and settle() hands everything back to Plotly.

import { axesOf, axisName, newRanges, rangeOf, widen } from "./axes.js";
import { fill, line, markers, place } from "./canvas.js";

const charts = (window.liveCharts ??= new Map());
let library;

function plotly(address) {
  library ??= new Promise((resolve, reject) => {
    if (window.Plotly) {
      resolve(window.Plotly);
      return;
    }
    const script = document.createElement("script");
    script.src = new URL(address, document.baseURI).href;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      library = undefined;
      reject(new Error("the chart library did not load"));
    };
    document.head.append(script);
  });
  return library;
}

// Figures by address, the latest few: an address names its content.
const MOST_FIGURES = 24;
const figures = (window.liveFigures ??= new Map());

function figureAt(address) {
  if (!figures.has(address)) {
    const found = fetch(new URL(address, document.baseURI)).then((answer) => {
      if (answer.ok) return answer.json();
      throw Object.assign(new Error(`the server answered ${answer.status}`), { gone: answer.status === 404 });
    });
    found.catch(() => figures.delete(address));
    figures.set(address, found);
    if (figures.size > MOST_FIGURES) figures.delete(figures.keys().next().value);
  }
  return figures.get(address);
}

const CHARACTER = 6.5; // pixels that one of a title takes on average
const LINE = 17; // pixels from one line of a title to the next
const USUAL_PAD = 6; // pixels above a title
const USUAL_TOP = 34; // pixels above a plot when its figure does not say

// The layout for a width: a title that is too long for it goes over several lines, for which room is made.
function fitted(layout, width) {
  const own = { ...structuredClone(layout), autosize: true };
  const most = Math.max(16, Math.floor((width - 12) / CHARACTER));
  const lines = [""];
  for (const word of layout.title.text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (lines.at(-1) && unescaped(longer).length > most) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  if (lines.length > 1) {
    own.title.text = lines.join("<br>");
    // Plotly anchors several lines by their middle.
    own.title.pad = { t: USUAL_PAD + ((LINE + 2) / 2) * (lines.length - 1), l: 4 };
    own.margin = { ...own.margin, t: (own.margin?.t ?? USUAL_TOP) + LINE * (lines.length - 1) };
  }
  return own;
}

const QUIET = 400; // ms

class LiveChart {
  constructor(frame, node) {
    this.frame = frame;
    this.node = node;
    this.painted = null; // the lookback on the canvas or settled, null when the server's figure shows
    this.touched = new Map();
  }

  // A figure from the server. While another lookback is painted it waits its turn.
  show(data, askAgain) {
    this.wantedAddress = data.figure;
    this.node.style.height = `${data.height}px`;
    clearTimeout(this.later);
    if (this.isOfFilm(data)) {
      // The same picture, with more points to hover, is on its way; whatever else changes goes first.
      this.settle();
      this.later = setTimeout(() => this.receive(data, askAgain), QUIET);
    } else {
      this.receive(data, askAgain);
    }
  }

  // Whether the film of these very settings is what shows, at the lookback that the server drew.
  isOfFilm(data) {
    const isPainted = this.painted !== null && data.lookback === this.painted;
    return isPainted && data.film !== null && data.film === this.film && data.theme === this.theme;
  }

  receive(data, askAgain) {
    Promise.all([plotly(data.library), figureAt(data.figure)])
      .then(([Plotly, figure]) => {
        if (this.wantedAddress !== data.figure) return; // a newer one is on its way
        this.asked = false;
        if (this.base?.layout.uirevision !== figure.layout.uirevision) this.zoomed = false;
        const same = this.base === figure && this.painted === null && this.ready;
        Object.assign(this, { base: figure, config: data.config, theme: data.theme, alt: unescaped(figure.layout.title.text) });
        if (same || (this.painted !== null && data.lookback !== this.painted)) return;
        this.painted = null;
        this.react(figure.data, figure.layout, this.alt);
        if (!this.watcher) {
          this.watcher = new ResizeObserver(() => this.node.isConnected && Plotly.Plots.resize(this.node));
          this.watcher.observe(this.frame);
          this.node.on("plotly_hover", (event) => this.tell("hover", event.points[0]));
          this.node.on("plotly_unhover", () => this.tell("unhover"));
          this.node.on("plotly_relayout", (changes) => this.noticeZoom(changes));
        }
      })
      .catch((error) => {
        if (error.gone && !this.asked) {
          this.asked = true; // once: the server may have forgotten what nobody fetched in time
          askAgain();
        } else if (!this.ready) {
          this.node.textContent = `This chart cannot be drawn: ${error.message}. Reload the page.`;
        }
      });
  }

  tell(what, point) {
    const detail = { chart: this.name, x: point?.x, y: point?.y };
    window.dispatchEvent(new CustomEvent(`live-chart-${what}`, { detail }));
  }

  get ready() {
    return Boolean(window.Plotly && this.node._fullLayout);
  }

  react(data, layout, alt) {
    this.wipe();
    this.styles = undefined;
    this.frame.setAttribute("aria-label", alt);
    // Copies: Plotly writes into what it is given, and would then take the user's zoom for ours.
    window.Plotly.react(this.node, data.map((trace) => ({ ...trace })), this.fit(layout), this.config);
  }

  // The layout for the width there is. Plotly's tools stand below the title: over it they would cover words.
  fit(layout) {
    const own = fitted(layout, this.frame.clientWidth);
    this.frame.style.setProperty("--live-chart-top", `${own.margin?.t ?? USUAL_TOP}px`);
    return own;
  }

  // Take the lines from Plotly, all but two points each, and keep how they look.
  lighten() {
    if (this.styles || !this.ready) return;
    this.styles = this.node._fullData;
    const full = this.node._fullLayout;
    const layout = structuredClone(this.base.layout);
    if (!this.zoomed) for (const name of axesOf(full)) layout[name] = { ...layout[name], ...rangeOf(full[name]) };
    const data = this.base.data.map((trace, position) => {
      const { x, y } = this.styles[position];
      const ends = (values) => [values[0], values[values.length - 1]];
      return { ...trace, x: ends(x), y: ends(y), customdata: undefined };
    });
    window.Plotly.react(this.node, data, this.fit(layout), this.config);
  }

  // New ranges for axes that the last frame did not suit.
  stretch() {
    const entries = Object.entries(this.wanted ?? {});
    if (this.styles && !this.zoomed && entries.length)
      window.Plotly.relayout(this.node, Object.fromEntries(entries.map(([name, range]) => [`${name}.range`, range])));
    this.wanted = undefined;
  }

  // Lay a frame over the chart. Returns whether Plotly's axes still suit it.
  paint(lookback, frame, film, mark) {
    if (!this.ready) return true;
    this.lighten();
    this.settled = false;
    this.film = film;
    this.painted = lookback;
    this.latest = frame;
    const context = this.clean();
    const full = this.node._fullLayout;
    const drawn = [];
    const extents = {};
    this.styles.forEach((trace, position) => {
      if (this.node._fullData[position].visible !== true) return drawn.push(null);
      const x = full[axisName(trace.xaxis)];
      const y = full[axisName(trace.yaxis)];
      const arrays = frame.traces[position] ?? trace;
      const points = place(arrays, x, y);
      context.save();
      context.beginPath();
      context.rect(x._offset, y._offset, x._length, y._length);
      context.clip();
      if (trace.fill === "tonexty" && drawn[position - 1]) fill(context, points, drawn[position - 1], trace);
      if (trace.mode.includes("lines") && trace.line.width > 0) line(context, points, trace.line);
      if (trace.mode.includes("markers")) markers(context, points, trace);
      context.restore();
      drawn.push(points);
      widen(extents, x._name, arrays.x);
      widen(extents, y._name, arrays.y);
    });
    if (mark !== undefined) this.mark(context, mark);
    for (const [path, value] of Object.entries(frame.layout)) this.retouch(path, value, frame.layout);
    this.wanted = this.zoomed ? {} : newRanges(extents, full, frame.layout);
    return Object.keys(this.wanted).length === 0;
  }

  // Take a frame without painting it: settle() is to draw it.
  take(lookback, frame, film) {
    if (this.ready) Object.assign(this, { painted: lookback, latest: frame, film, settled: false });
  }

  // A vertical line at an instant.
  mark(context, instant) {
    const full = this.node._fullLayout;
    const x = full.xaxis;
    if (x.type !== "date") return;
    const at = x._offset + x.l2p(instant);
    const axes = Object.keys(full).filter((name) => /^yaxis\d*$/.test(name)).map((name) => full[name]);
    context.strokeStyle = getComputedStyle(this.frame).color;
    context.lineWidth = 1;
    context.beginPath();
    for (const y of axes) {
      context.moveTo(at, y._offset);
      context.lineTo(at, y._offset + y._length);
    }
    context.stroke();
  }

  // Hand the painted frame to Plotly: axes, hover labels and all.
  settle() {
    if (this.painted === null || this.settled || !this.latest || !this.ready) return;
    const frame = this.latest;
    const data = this.base.data.map((trace, position) =>
      frame.traces[position] ? { ...trace, ...frame.traces[position] } : trace,
    );
    const layout = structuredClone(this.base.layout);
    for (const [path, value] of Object.entries(frame.layout)) put(layout, path, value);
    this.react(data, layout, unescaped(frame.layout["title.text"] ?? this.alt));
    this.settled = true;
  }

  // Back to the figure that the server sent last.
  restore() {
    if (this.painted === null) return;
    this.painted = null;
    if (this.ready) this.react(this.base.data, this.base.layout, this.alt);
  }

  // Ranges that the user chose stay as they are, until a double click gives them back.
  noticeZoom(changes) {
    const names = Object.keys(changes);
    if (names.some((name) => name.includes("autorange"))) this.zoomed = false;
    else if (names.some((name) => name.includes("axis") && name.includes("range"))) this.zoomed = true;
  }

  clean() {
    if (!this.canvas) {
      this.canvas = document.createElement("canvas");
      this.canvas.className = "live-chart-canvas";
      this.frame.append(this.canvas);
    }
    const { width, height } = this.node._fullLayout;
    const scale = window.devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * scale) || this.canvas.height !== Math.round(height * scale)) {
      this.canvas.width = Math.round(width * scale);
      this.canvas.height = Math.round(height * scale);
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
    }
    this.frame.classList.add("live-chart-painted");
    const context = this.canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    return context;
  }

  // Show Plotly's own drawing again.
  wipe() {
    for (const [element, [text, transform]] of this.touched) {
      if (text !== null) element.textContent = text;
      element.style.transform = transform;
    }
    this.touched.clear();
    this.frame.classList.remove("live-chart-painted");
  }

  // Title, level line and labels are few: they are moved where they stand.
  retouch(path, value, layout) {
    if (path === "title.text") {
      this.write(this.node.querySelector(".gtitle"), unescaped(value));
      return;
    }
    const [, kind, index, attribute] = path.match(/^(annotations|shapes)\[(\d+)\]\.(\w+)$/) ?? [];
    const full = this.node._fullLayout;
    if (kind === "annotations" && attribute === "text") {
      this.write(this.node.querySelector(`.annotation[data-index="${index}"] .annotation-text`), value);
    } else if (kind === "annotations") {
      const now = full.annotations[index];
      const y = layout[`annotations[${index}].y`] ?? now.y;
      const shift = layout[`annotations[${index}].yshift`] ?? now.yshift;
      const axis = full[axisName(now.yref)];
      this.move(
        this.node.querySelector(`.annotation[data-index="${index}"]`),
        axis.l2p(y) - axis.l2p(now.y) - (shift - now.yshift),
      );
    } else if (kind === "shapes" && attribute === "y0") {
      const now = full.shapes[index];
      const axis = full[axisName(now.yref)];
      this.move(
        this.node.querySelector(`.shapelayer path[data-index="${index}"]`),
        axis.l2p(value) - axis.l2p(now.y0),
      );
    }
  }

  write(element, text) {
    if (!element) return;
    this.remember(element, element.textContent);
    element.textContent = text;
  }

  move(element, pixels) {
    if (!element) return;
    this.remember(element, null);
    element.style.transform = `translate(0px, ${pixels}px)`;
  }

  remember(element, text) {
    if (!this.touched.has(element)) this.touched.set(element, [text, element.style.transform]);
  }

  remove() {
    clearTimeout(this.later);
    this.watcher?.disconnect();
    this.watcher = undefined;
    window.Plotly?.purge(this.node);
  }
}

function unescaped(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function put(layout, path, value) {
  const keys = path.match(/[^.[\]]+/g);
  const last = keys.pop();
  keys.reduce((inner, key) => inner[key], layout)[last] = value;
}

// The server draws texts and grids in the theme's ink; when the theme changes it has to draw again.
function tellTheme(frame, theme, tell) {
  const [red, green, blue] = getComputedStyle(frame).color.match(/[\d.]+/g).map(Number);
  const shown = red + green + blue > 384 ? "dark" : "light"; // light letters
  if (shown === theme || window.themeTold === shown) return;
  window.themeTold = shown; // one chart speaks for all
  tell(shown);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".live-chart");
  const node = frame.querySelector(".live-chart-plot");
  let chart = charts.get(data.name);
  if (chart?.node !== node) {
    chart = new LiveChart(frame, node);
    chart.name = data.name;
    charts.set(data.name, chart);
  }
  chart.show(data, () => setTriggerValue("again", "figure"));
  if (window.themeTold === data.theme) window.themeTold = undefined;
  frame.ontransitionend = (event) =>
    event.target === frame && tellTheme(frame, data.theme, (theme) => setTriggerValue("again", theme));
  return () => {
    if (charts.get(data.name) === chart) charts.delete(data.name);
    chart.remove();
  };
}
