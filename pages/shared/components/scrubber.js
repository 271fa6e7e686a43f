// The lookback: drag, type, arrow keys, chips, play. Every step repaints figures and charts from a film that
// was fetched before; the server learns the value when the hand lets go.

import { Film } from "./film.js";

const KEY_REST = 350; // ms after the last key before the server is told
const IDLE_REST = 160; // ms of a thumb held still before Plotly takes over from the canvas
const SETTLE_REST = 220; // ms between two new axes of one chart
const PREFETCH_REST = 2500; // ms of quiet after which the film is fetched without being asked for
const PLAY_STEP = 40; // ms

class Scrubber {
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.range = root.querySelector(".scrubber-range");
    this.number = root.querySelector(".scrubber-number");
    this.unit = root.querySelector(".scrubber-unit");
    this.chips = root.querySelector(".scrubber-chips");
    this.player = root.querySelector(".scrubber-play");
    this.note = root.querySelector(".scrubber-note");
    this.value = null; // what the controls show
    this.agreed = null; // what the server knows
    this.sent = undefined; // what it was told and has not answered
    this.held = false; // a pointer is down on the thumb
    this.settled = new Map(); // when each chart last got new axes
    this.steps = []; // ms from each input to paint, for whoever measures
    this.listen();
  }

  listen() {
    const { range, number } = this;
    for (const event of ["pointerenter", "focusin", "touchstart"])
      this.root.addEventListener(event, () => this.fetchFilm(), { passive: true });
    range.addEventListener("pointerdown", () => this.grab());
    for (const event of ["pointerup", "pointercancel", "touchend"])
      range.addEventListener(event, () => this.release(), { passive: true });
    range.addEventListener("input", () => this.move(Number(range.value)));
    range.addEventListener("change", () => (this.held ? this.release() : this.commitSoon()));
    range.addEventListener("keydown", (event) => this.pressed(event));
    number.addEventListener("change", () => this.typed());
    number.addEventListener("keydown", (event) => event.key === "Enter" && this.typed());
    this.player.addEventListener("click", () => (this.playing ? this.stop() : this.play()));
    this.hover = ({ detail }) => this.preview(detail);
    this.unhover = ({ detail }) => detail.chart === this.linked && this.endPreview();
  }

  // New settings from the server.
  show(data) {
    const changed = this.film_address !== data.film;
    Object.assign(this, { linked: data.linked, film_address: data.film });
    if (changed) {
      this.film = undefined;
      this.fetching = undefined;
    }
    this.range.min = this.number.min = data.shortest;
    this.range.max = this.number.max = data.longest;
    this.range.setAttribute("aria-label", `Lookback, ${data.unit}`);
    this.number.setAttribute("aria-label", `Lookback, ${data.unit}, typed`);
    if (this.unit.textContent !== data.unit) this.unit.textContent = data.unit;
    this.words = data.unit;
    this.note.textContent = data.note;
    this.player.hidden = !data.film;
    this.showChips(data.chips);
    this.agreed = data.lookback;
    this.sent = undefined;
    if (!this.held && !this.playing && this.waiting === undefined) {
      this.write(data.lookback);
      this.forgetPainted(data.lookback);
    } else if (changed) {
      this.fetchFilm();
    }
    clearTimeout(this.prefetch);
    if (data.film) this.prefetch = setTimeout(() => this.fetchFilm(), PREFETCH_REST);
  }

  showChips(values) {
    if (this.chips.children.length === values.length) return;
    this.chips.replaceChildren(
      ...values.map((value) => {
        const chip = document.createElement("button");
        chip.type = "button";
        chip.className = "scrubber-chip";
        chip.textContent = `${value} ${this.words}`;
        chip.dataset.value = value;
        chip.addEventListener("click", () => this.jump(value));
        return chip;
      }),
    );
  }

  write(value) {
    this.value = value;
    this.range.value = value;
    this.range.setAttribute("aria-valuetext", `${value} ${this.words}`);
    const share = (value - this.range.min) / (this.range.max - this.range.min || 1);
    this.range.style.setProperty("--share", `${100 * share}%`);
    if (document.activeElement !== this.number || this.held) this.number.value = value;
    for (const chip of this.chips.children) {
      const label = `${chip.dataset.value} ${this.words}`;
      if (chip.textContent !== label) chip.textContent = label;
      chip.setAttribute("aria-pressed", String(Number(chip.dataset.value) === value));
    }
  }

  fetchFilm() {
    if (!this.film_address || this.film || this.fetching) return;
    const address = this.film_address;
    this.fetching = fetch(new URL(address, document.baseURI))
      .then((answer) => (answer.ok ? answer.arrayBuffer() : Promise.reject(new Error(answer.status))))
      .then((buffer) => {
        if (address !== this.film_address) return;
        this.film = new Film(buffer);
        if (this.value !== this.agreed) this.schedule();
      })
      .catch(() => {
        if (address === this.film_address) this.fetching = undefined; // without a film the charts follow on release
      });
  }

  grab() {
    this.stop();
    this.held = true;
    this.fetchFilm();
    if (this.film) for (const name of Object.keys(this.film.charts)) window.liveCharts?.get(name)?.lighten();
  }

  release() {
    if (!this.held) return;
    this.held = false;
    this.commit();
  }

  pressed(event) {
    const far = { PageUp: 10, PageDown: -10 }[event.key];
    if (event.key === "Escape") this.move(this.agreed);
    if (!far) return;
    event.preventDefault();
    this.move(this.value + far);
    this.commitSoon();
  }

  typed() {
    const value = Math.round(Number(this.number.value));
    if (this.number.value.trim() === "" || !Number.isFinite(value)) {
      this.number.value = this.value;
      return;
    }
    this.jump(value);
    this.number.value = this.value;
  }

  jump(value) {
    this.stop();
    this.fetchFilm();
    this.asked = performance.now();
    this.write(this.bounded(value));
    if (this.film?.has(this.value)) this.draw();
    else this.commit();
  }

  play() {
    this.player.setAttribute("aria-pressed", "true");
    this.player.setAttribute("aria-label", "Stop");
    this.fetchFilm();
    const first = this.value >= Number(this.range.max) ? Number(this.range.min) : this.value;
    this.move(first);
    this.playing = setInterval(() => {
      if (!this.film) return;
      if (this.value >= Number(this.range.max)) this.stop();
      else this.move(this.value + 1);
    }, PLAY_STEP);
  }

  stop() {
    if (!this.playing) return;
    clearInterval(this.playing);
    this.playing = undefined;
    this.player.setAttribute("aria-pressed", "false");
    this.player.setAttribute("aria-label", "Play through all lookbacks");
    this.commit();
  }

  move(wanted) {
    this.asked ??= performance.now();
    this.write(this.bounded(wanted));
    this.schedule();
  }

  bounded(wanted) {
    return Math.min(Number(this.range.max), Math.max(Number(this.range.min), wanted));
  }

  // One step that no other follows goes to Plotly at once, a chart at a time. The server is told after that:
  // its answer would keep the browser from the charts.
  draw() {
    const { film, value } = this;
    this.commitSoon(); // should a chart fail
    window.figureStrips?.get("beta")?.paint(value, film.strip[value - film.first]);
    for (const name of Object.keys(film.charts)) {
      const frame = film.frame(name, value);
      if (frame) window.liveCharts?.get(name)?.take(value, frame, this.film_address);
    }
    this.settleAll(() => this.commit());
    this.measure();
  }

  schedule() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.paint();
    });
  }

  paint(mark) {
    const { film, value } = this;
    if (!film?.has(value)) return;
    window.figureStrips?.get("beta")?.paint(value, film.strip[value - film.first]);
    const cramped = [];
    for (const name of Object.keys(film.charts)) {
      const chart = window.liveCharts?.get(name);
      const frame = chart && film.frame(name, value);
      if (frame && !chart.paint(value, frame, this.film_address, mark)) cramped.push(chart);
    }
    this.settleOne(cramped);
    this.measure();
    clearTimeout(this.idle);
    if (mark === undefined) this.idle = setTimeout(() => this.settleAll(), this.sent === value ? 0 : IDLE_REST);
  }

  // New axes for the chart that has waited longest, and at most one at a time: a step must stay a step.
  settleOne(cramped) {
    const now = performance.now();
    const due = cramped.filter((chart) => now - (this.settled.get(chart.name) ?? 0) > SETTLE_REST);
    if (due.length === 0 || this.settling) return;
    const oldest = due.reduce((a, b) => ((this.settled.get(a.name) ?? 0) <= (this.settled.get(b.name) ?? 0) ? a : b));
    this.settling = setTimeout(() => {
      this.settling = undefined;
      this.settled.set(oldest.name, performance.now());
      oldest.stretch();
      this.schedule();
    });
  }

  // The hand is off: nothing is to be painted over this lookback.
  settleSoon() {
    if (this.idle === undefined) return;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.settleAll());
  }

  settleAll(afterwards) {
    this.idle = undefined;
    const charts = Object.keys(this.film?.charts ?? {}).map((name) => window.liveCharts?.get(name));
    const left = charts.filter(Boolean);
    const next = () => {
      const chart = left.shift();
      if (!chart) return afterwards?.();
      chart.settle();
      this.idle = setTimeout(next);
    };
    next();
  }

  measure() {
    const { asked } = this;
    this.asked = undefined;
    if (asked === undefined) return;
    const channel = new MessageChannel(); // its message comes after the paint that this frame leads to
    channel.port1.onmessage = () => {
      this.steps.push(performance.now() - asked);
      if (this.steps.length > 2000) this.steps.shift();
    };
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }

  commitSoon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.commit(), KEY_REST);
  }

  commit() {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    if (this.value === this.agreed) {
      this.forgetPainted(null);
      return;
    }
    if (this.value === this.sent) return; // a thumb let go says so twice
    this.sent = this.value;
    this.send(this.value);
    this.settleSoon();
  }

  // The server's figures show again, except where those of this lookback are still on their way.
  forgetPainted(expected) {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settling);
    clearTimeout(this.idle);
    this.frame = this.settling = undefined;
    const all = [...(window.liveCharts?.values() ?? []), ...(window.figureStrips?.values() ?? [])];
    for (const each of all) if (each.painted !== expected) each.restore();
  }

  // The heat map's lookback and date, shown in the other charts.
  preview({ chart, x, y }) {
    if (chart !== this.linked || this.held || this.playing || !this.film?.has(y)) return;
    this.before ??= this.value;
    this.value = y;
    const instant = typeof x === "number" ? x : Date.parse(`${String(x).replace(" ", "T")}Z`);
    clearTimeout(this.idle);
    this.paint(Number.isFinite(instant) ? instant : Date.parse(x));
  }

  endPreview() {
    if (this.before === undefined) return;
    this.value = this.before;
    this.before = undefined;
    this.forgetPainted(null);
  }
}

const scrubbers = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".scrubber");
  let scrubber = scrubbers.get(root);
  if (!scrubber) {
    scrubber = new Scrubber(root, (value) => setStateValue("lookback", value));
    scrubbers.set(root, scrubber);
    window.lookbackScrubber = scrubber;
    window.addEventListener("live-chart-hover", scrubber.hover);
    window.addEventListener("live-chart-unhover", scrubber.unhover);
  }
  scrubber.send = (value) => setStateValue("lookback", value);
  scrubber.show(data);
  return () => {
    window.removeEventListener("live-chart-hover", scrubber.hover);
    window.removeEventListener("live-chart-unhover", scrubber.unhover);
    clearTimeout(scrubber.prefetch);
    clearInterval(scrubber.playing);
    scrubbers.delete(root);
  };
}
