// The answer: figures with small print and a help text each. Texts change in place, so that a scrubber can
// repaint them at every step.

const strips = (window.figureStrips ??= new Map());

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// Only what changes is written: a reader of screens, and of mutations, hears nothing else.
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Help texts are lines; one in backticks is a formula.
function helpLines(text) {
  return text.split("\n").map((line) => {
    const formula = line.trim().match(/^`(.*)`$/);
    return formula ? element("code", "figure-formula", formula[1]) : element("p", "figure-sentence", line.trim());
  });
}

class Figure {
  constructor(name, position) {
    this.root = element("div", "figure");
    this.root.setAttribute("role", "group");
    const head = element("div", "figure-head");
    this.label = element("span", "figure-label");
    this.button = element("button", "figure-ask", "?");
    this.button.type = "button";
    this.help = element("div", "figure-help");
    this.help.id = `figure-help-${name}-${position}`;
    this.help.popover = "auto";
    this.help.setAttribute("role", "tooltip");
    this.button.popoverTargetElement = this.help;
    this.button.setAttribute("aria-describedby", this.help.id);
    this.button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && this.open());
    this.button.addEventListener("pointerleave", () => this.help.matches(":hover") || this.help.hidePopover());
    this.help.addEventListener("pointerleave", () => this.help.hidePopover());
    this.help.addEventListener("toggle", (event) => event.newState === "open" && this.place());
    head.append(this.label, this.button);
    this.value = element("div", "figure-value");
    this.small = element("div", "figure-small");
    this.root.append(head, this.value, this.small, this.help);
  }

  open() {
    if (!this.help.matches(":popover-open")) this.help.showPopover();
  }

  place() {
    const at = this.button.getBoundingClientRect();
    const { width, height } = this.help.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left, window.innerWidth - width - 8));
    const below = at.bottom + 6;
    this.help.style.left = `${left}px`;
    this.help.style.top = `${below + height > window.innerHeight ? Math.max(8, at.top - height - 6) : below}px`;
  }

  write(label, value, small) {
    put(this.label, label);
    put(this.value, value);
    put(this.small, small);
    this.root.setAttribute("aria-label", label);
    this.button.setAttribute("aria-label", `Help for ${label}`);
  }

  explain(text) {
    this.help.replaceChildren(...helpLines(text));
  }
}

class FigureStrip {
  constructor(name, root) {
    this.name = name;
    this.root = root;
    this.painted = null;
    this.figures = [];
  }

  show(data) {
    this.base = data.figures;
    while (this.figures.length < this.base.length) {
      const figure = new Figure(this.name, this.figures.length);
      this.figures.push(figure);
      this.root.append(figure.root);
    }
    while (this.figures.length > this.base.length) this.figures.pop().root.remove();
    this.base.forEach((figure, i) => this.figures[i].explain(figure.help));
    if (this.painted !== null && data.lookback !== this.painted) return;
    this.painted = null;
    this.write(this.base.map(({ label, value, small }) => [label, value, small]));
  }

  write(texts) {
    texts.forEach((each, i) => this.figures[i]?.write(...each));
  }

  paint(lookback, texts) {
    this.painted = lookback;
    this.write(texts);
  }

  restore() {
    if (this.painted === null) return;
    this.painted = null;
    this.write(this.base.map(({ label, value, small }) => [label, value, small]));
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".figure-strip");
  let strip = strips.get(data.name);
  if (strip?.root !== root) {
    strip = new FigureStrip(data.name, root);
    strips.set(data.name, strip);
  }
  strip.show(data);
  return () => {
    if (strips.get(data.name) === strip) strips.delete(data.name);
  };
}
