// Draws the plots of a report page from the data beside it. Each figure says where it lies
// (data-box) and which colours it used (data-colours), so that a test can look for them.
"use strict";
(function () {
  // Told apart by eyes that see red and green alike, and by their dashes where curves lie on each other.
  const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#b0408a", "#8a6d00", "#3aa0dd", "#333333", "#7a4bd0",
                   "#a33b2a", "#2f6f4f"];
  const DASHES = [[], [10, 5], [3, 4], [14, 4, 3, 4], [6, 3], [2, 6]];
  const HEIGHT = 320;
  const PREFIXES = [[1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""]];

  function short(value, unit) {
    if (value === null || value === undefined) return "";
    const size = Math.abs(value);
    const [factor, prefix] = PREFIXES.find(([f]) => size >= f) || [1, ""];
    return `${+(value / factor).toPrecision(4)} ${prefix}${unit}`.trim();
  }

  function exact(value, unit) {
    if (value === null || value === undefined) return "–";
    if (unit === "B") return `${Math.round(value).toLocaleString("en-US")} B`;
    return short(value, unit);
  }

  // All series on one axis of times; null: nothing known there.
  function table(plot) {
    const clean = (v) => (v === null || (plot.scale === "log" && v <= 0) ? null : v);
    return uPlot.join(plot.series.map((s) => [s.at_s, s.values.map(clean)]));
  }

  function options(plot, width) {
    const unit = plot.unit;
    const label = unit ? `${plot.y_label} (${unit})` : plot.y_label;
    const grid = { stroke: "#e3e7ec", width: 1 };
    const axis = { stroke: "#1b1f24", grid, ticks: grid, font: "13px sans-serif", labelFont: "14px sans-serif" };
    return {
      width, height: HEIGHT,
      scales: { x: { time: false }, y: plot.scale === "log" ? { distr: 3, log: 10 } : { range: { min: { soft: 0, mode: 1 }, max: { pad: 0.1 } } } },
      axes: [
        { ...axis, label: `${plot.x_label} (s)`, size: 44 },
        { ...axis, label, size: 84, values: (_, ticks) => ticks.map((t) => short(t, unit)) },
      ],
      series: [
        { label: plot.x_label, value: (_, v) => (v === null ? "–" : `${v.toFixed(3)} s`) },
        ...plot.series.map((s, i) => ({
          label: s.name, stroke: COLOURS[i % COLOURS.length], width: 2, spanGaps: true, dash: DASHES[i % DASHES.length],
          points: { show: s.values.length < 2 }, value: (_, v) => exact(v, unit),
        })),
      ],
      cursor: { sync: { key: "time" }, drag: { x: true, y: false } },
    };
  }

  function draw(plot, into) {
    const title = document.createElement("h2");
    title.textContent = plot.title;
    const text = document.createElement("p");
    text.textContent = plot.text;
    const figure = document.createElement("figure");
    into.append(title, text, figure);
    const chart = new uPlot({ ...options(plot, figure.clientWidth), hooks: { ready: [() => mark(figure, plot)] } },
                            table(plot), figure);
    window.addEventListener("resize", () => chart.setSize({ width: figure.clientWidth, height: HEIGHT }));
  }

  function mark(figure, plot) {
    const box = figure.querySelector(".u-over").getBoundingClientRect();
    figure.dataset.box = [box.left, box.top, box.width, box.height].map((v) => Math.round(v)).join(" ");
    document.body.dataset.height = document.documentElement.scrollHeight;
    figure.dataset.colours = plot.series.map((_, i) => COLOURS[i % COLOURS.length]).join(" ");
  }

  const plots = JSON.parse(document.getElementById("data").textContent).plots;
  plots.forEach((plot) => draw(plot, document.getElementById("plots")));
})();
