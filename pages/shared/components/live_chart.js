// Draws a Plotly figure into a node that stays: new data are diffed into it by Plotly.react, so that zoom,
// hidden series and the node itself survive every change.

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

export default function ({ data, parentElement }) {
  const frame = parentElement.querySelector(".live-chart");
  const node = frame.querySelector(".live-chart-plot");
  const figure = JSON.parse(data.figure);
  frame.setAttribute("aria-label", data.alt);
  node.style.height = `${figure.layout.height}px`;
  // Calls overlap while the library loads: only the newest one draws.
  node.wanted = figure;
  plotly(data.library)
    .then((Plotly) => {
      if (node.wanted !== figure) return;
      Plotly.react(node, figure.data, { ...figure.layout, autosize: true }, data.config);
      node.watcher ??= new ResizeObserver(() => node.isConnected && Plotly.Plots.resize(node));
      node.watcher.observe(frame);
    })
    .catch((error) => {
      node.textContent = `This chart cannot be drawn: ${error.message}. Reload the page.`;
    });
  return () => {
    node.watcher?.disconnect();
    node.watcher = undefined;
    window.Plotly?.purge(node);
  };
}
