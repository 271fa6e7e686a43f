// Plotly's axes: which trace goes by which, and whether their ranges suit what is painted.

const ROOM = 0.4; // an axis of which the lines fill less than this is too wide for them
const MARGIN = 0.06; // beside the outermost points, as Plotly leaves about it

export function axisName(id) {
  return `${id[0]}axis${id.slice(1)}`;
}

export function axesOf(full) {
  return Object.keys(full).filter((name) => /^[xy]axis\d*$/.test(name));
}

export function rangeOf(axis) {
  return { range: [...axis.range], autorange: false };
}

export function widen(extents, name, values) {
  const reach = (extents[name] ??= [Infinity, -Infinity]);
  for (const value of values) {
    if (value < reach[0]) reach[0] = value;
    if (value > reach[1]) reach[1] = value;
  }
}

// Ranges for the axes that cut points off or squeeze them; those the frame names itself are taken from it.
export function newRanges(extents, full, layout) {
  const wanted = {};
  for (const [name, [low, high]] of Object.entries(extents)) {
    const axis = full[name];
    if (axis.matches || axis.scaleanchor) continue;
    const [from, to] = axis.range.map((value) => axis.r2l(value));
    if (low < from || high > to || high - low < ROOM * (to - from)) {
      const margin = axis.type === "date" ? 0 : MARGIN * (high - low || 1);
      wanted[name] = [axis.l2r(low - margin), axis.l2r(high + margin)];
    }
  }
  const given = layout["yaxis.range"];
  if (given) {
    const [from, to] = full.yaxis.range;
    if (given[0] < from || given[1] > to || given[1] - given[0] < 0.7 * (to - from)) wanted["yaxis"] = given;
    else delete wanted.xaxis;
  }
  return wanted;
}
