// Traces as Plotly draws them, on a canvas: places in pixels, lines, bands and markers.

const DASHES = { dot: [1, 1], dash: [3, 3], dashdot: [3, 1, 1, 1] };

// Pixels of every point, two numbers each.
export function place(arrays, x, y) {
  const n = arrays.x.length;
  const points = new Float64Array(2 * n);
  const [acrossX, acrossY] = [pixels(arrays.x[0], arrays.x[n - 1], x), pixels(arrays.y[0], arrays.y[n - 1], y)];
  for (let i = 0; i < n; i++) {
    points[2 * i] = acrossX(arrays.x[i]);
    points[2 * i + 1] = acrossY(arrays.y[i]);
  }
  return points;
}

// Axes are linear in numbers and in milliseconds. Two values of the data fix the line: from 0, which is 1970,
// milliseconds would lose their digits.
function pixels(first, last, axis) {
  const other = last === first ? first + 1 : last;
  const start = axis._offset + axis.l2p(first);
  const slope = (axis.l2p(other) - axis.l2p(first)) / (other - first);
  return (value) => start + slope * (value - first);
}

function trail(context, points, backwards) {
  const n = points.length / 2;
  for (let k = 0; k < n; k++) {
    const i = backwards ? n - 1 - k : k;
    context.lineTo(points[2 * i], points[2 * i + 1]);
  }
}

export function fill(context, points, before, trace) {
  context.beginPath();
  trail(context, before, false);
  trail(context, points, true);
  context.fillStyle = trace.fillcolor;
  context.fill();
}

export function line(context, points, style) {
  context.beginPath();
  trail(context, points, false);
  context.strokeStyle = style.color;
  context.lineWidth = style.width;
  context.lineJoin = "round";
  context.setLineDash((DASHES[style.dash] ?? []).map((part) => part * Math.max(3, style.width)));
  context.stroke();
}

export function markers(context, points, trace) {
  const { size, color, symbol, line: edge } = trace.marker;
  context.fillStyle = color;
  context.beginPath();
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i], points[i + 1]];
    if (symbol === "diamond") {
      const reach = (size / 2) * 1.3;
      context.moveTo(x, y - reach);
      context.lineTo(x + reach, y);
      context.lineTo(x, y + reach);
      context.lineTo(x - reach, y);
      context.closePath();
    } else {
      context.moveTo(x + size / 2, y);
      context.arc(x, y, size / 2, 0, 2 * Math.PI);
    }
  }
  context.fill();
  if (edge?.width > 0) {
    context.strokeStyle = edge.color;
    context.lineWidth = edge.width;
    context.stroke();
  }
  if (trace.mode.includes("text")) {
    context.font = `${trace.textfont.size}px ${trace.textfont.family}`;
    context.fillStyle = trace.textfont.color;
    context.textAlign = "center";
    const texts = Array.isArray(trace.text) ? trace.text : [trace.text];
    texts.forEach((text, i) => context.fillText(text, points[2 * i], points[2 * i + 1] - size / 2 - 6));
  }
}
