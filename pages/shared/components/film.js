// The film of all lookbacks as the server packed it: texts, then blocks of numbers, read where they lie.

const KINDS = { u2: Uint16Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array };

export class Film {
  constructor(buffer) {
    const length = new DataView(buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
    this.buffer = buffer;
    this.start = 4 + length;
    Object.assign(this, header);
    this.times = this.part(this.instants, 0);
    this.pointsX = this.part(this.points.x, 0);
    this.pointsY = this.part(this.points.y, 0);
  }

  has(lookback) {
    return lookback >= this.first && lookback < this.first + this.strip.length;
  }

  part({ kind, offset, starts }, i) {
    const Kind = KINDS[kind];
    const from = this.start + offset + starts[i] * Kind.BYTES_PER_ELEMENT;
    return new Kind(this.buffer, from, starts[i + 1] - starts[i]);
  }

  // One chart at one lookback, or null where the history is too short for it.
  frame(name, lookback) {
    const chart = this.charts[name];
    const i = lookback - this.first;
    if (!chart || i >= chart.count) return null;
    const traces = {};
    for (const [position, arrays] of Object.entries(chart.traces)) {
      traces[position] = {};
      for (const [attribute, place] of Object.entries(arrays)) {
        const values = this.part(place, i);
        traces[position][attribute] = place.kind[0] === "u" ? Float64Array.from(values, (row) => this.times[row]) : values;
      }
    }
    if (name === "regression") this.addPoints(traces, chart.last[i]);
    if (name === "rolling_beta") traces[2].customdata = Array.from(traces[0].y, (low, k) => [low, traces[1].y[k]]);
    const layout = {};
    for (const [path, values] of Object.entries(chart.layout)) layout[path] = values[i];
    return { traces, layout };
  }

  addPoints(traces, last) {
    const from = this.pointsX.length - last;
    traces[5] = {
      x: this.pointsX.subarray(from),
      y: this.pointsY.subarray(from),
      customdata: this.points.stamps.slice(from),
    };
  }
}
