// A table of texts. Cells are written where they stand, so that nothing jumps when the numbers change.

const SHORT = 12; // characters of a head that is kept on one line, such as a date
const NARROW = 640; // pixels beside which words would stand in a column of a few letters

function cellOf(row, position, tag) {
  let cell = row.cells[position];
  if (!cell) {
    cell = document.createElement(tag);
    row.append(cell);
  }
  return cell;
}

function write(row, texts, style) {
  texts.forEach((text, position) => {
    const isHead = position === 0 || style.isHeader;
    const cell = cellOf(row, position, isHead ? "th" : "td");
    if (isHead) cell.scope = style.isHeader ? "col" : "row";
    cell.className = classOf(text, position, style);
    if (cell.textContent !== text) cell.textContent = text;
    cell.style.color = style.colours[text] ?? "";
    cell.style.fontWeight = style.colours[text] ? "600" : "";
  });
  while (row.cells.length > texts.length) row.deleteCell(-1);
}

function classOf(text, position, style) {
  if (position > 0) return style.left[position - 1] ? "text-table-words" : "";
  return text.length <= SHORT && !text.includes(" ") ? "text-table-whole" : "";
}

// Where there is no room beside the numbers, words that end a row go below them.
function stack(root) {
  root.stackedFor = root.clientWidth;
  root.classList.remove("text-table-stacks");
  if (!root.hasWords) return;
  root.classList.toggle("text-table-stacks", root.clientWidth <= NARROW || root.scrollWidth > root.clientWidth);
}

function watch(root) {
  const watcher = new ResizeObserver(() => {
    if (root.clientWidth !== root.stackedFor) requestAnimationFrame(() => stack(root));
  });
  watcher.observe(root);
  return watcher;
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".text-table");
  root.setAttribute("aria-label", data.alt);
  const table = root.querySelector("table");
  const head = table.tHead ?? table.createTHead();
  const body = table.tBodies[0] ?? table.createTBody();
  const { left, colours } = data;
  root.hasWords = left.length > 1 && left.at(-1);
  root.style.setProperty("--text-table-columns", left.length);
  write(head.rows[0] ?? head.insertRow(), [data.index, ...data.columns], { isHeader: true, left, colours: {} });
  data.rows.forEach((texts, i) => write(body.rows[i] ?? body.insertRow(), texts, { isHeader: false, left, colours }));
  while (body.rows.length > data.rows.length) body.deleteRow(-1);
  stack(root);
  root.watcher ??= watch(root);
}
