// SPDX-License-Identifier: Apache-2.0
// Live series: data-plot names the JSON beside it; uPlot is fetched by the first page that has one.
import { onArrival } from "./arrivals.js";

// Seconds between two marks of the axis: no two of them in one minute, whose name they would share.
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080].map((minutes) => 60 * minutes);
const LEAST = 600;  // seconds that an axis shows, however few points there are
const LIBRARY = new URL("../vendor/uPlot.iife.min.js", import.meta.url);
const drawn = new Map();
let library;

function uPlot() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = LIBRARY;
    script.onload = () => resolve(window.uPlot);
    script.onerror = reject;
    document.head.append(script);
  });
  return library;
}

function token(name) {
  const probe = document.createElement("span");
  probe.className = "visually-hidden";
  document.body.append(probe);
  probe.style.color = `var(--${name})`;
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

function axis() {
  return { stroke: token("ink-quiet"), grid: { stroke: token("line"), width: 1 }, ticks: { stroke: token("line"), width: 1 }, font: "12px system-ui" };
}

// Hours of one day by their time, of several by their day where it begins.
function named(ticks, time, days) {
  const isLong = ticks.at(-1) - ticks[0] > 86400;
  let before;
  return ticks.map((tick) => {
    const day = days.format(tick * 1000);
    const isNew = isLong && day !== before;
    before = day;
    return isNew ? day : time.format(tick * 1000);
  });
}

// The given bounds are no help: of a single point they are a day apart.
function span({ data: [times] }) {
  const [from, to] = [times[0], times.at(-1)];
  return to - from < LEAST ? [to + 60 - LEAST, to + 60] : [from, to];
}

function options(Plot, canvas, data) {
  const { locale, timezone: timeZone } = document.documentElement.dataset;
  const time = new Intl.DateTimeFormat(locale, { timeZone, timeStyle: "short" });
  const moment = new Intl.DateTimeFormat(locale, { timeZone, dateStyle: "short", timeStyle: "medium" });
  const days = new Intl.DateTimeFormat(locale, { timeZone, weekday: "short", day: "numeric" });
  const amount = new Intl.NumberFormat(locale);
  const paths = data.step ? Plot.paths.stepped({ align: 1 }) : undefined;
  const lines = data.series.map((one) => ({
    label: one.label, stroke: token(one.tone ?? "accent"), width: 1.5, points: { show: (plot) => plot.data[0].length < 2 }, paths,
    value: (_, value) => (value == null ? "–" : amount.format(value)),
  }));
  const across = { ...axis(), incrs: STEPS, values: (_, ticks) => named(ticks, time, days) };
  const up = { ...axis(), size: 52, values: (_, ticks) => ticks.map((tick) => amount.format(tick)) };
  return {
    width: canvas.clientWidth, height: 200, axes: [across, up], scales: { x: { range: span } }, cursor: { drag: { x: false, y: false } },
    series: [{ label: data.time, value: (_, value) => (value == null ? "–" : moment.format(value * 1000)) }, ...lines],
  };
}

async function draw(canvas) {
  const source = document.getElementById(canvas.dataset.plot)?.textContent;
  const before = drawn.get(canvas);
  if (!source || before?.source === source) return;
  const data = JSON.parse(source);
  const columns = [data.times, ...data.series.map((one) => one.values)];
  if (before) {
    before.source = source;
    before.plot?.setData(columns);
    return;
  }
  const entry = { source };
  drawn.set(canvas, entry);
  const Plot = await uPlot();
  entry.plot = new Plot(options(Plot, canvas, data), columns, canvas);
  new ResizeObserver(() => entry.plot.setSize({ width: canvas.clientWidth, height: 200 })).observe(canvas);
}

function redraw() {
  for (const [canvas, entry] of [...drawn]) {
    entry.plot?.destroy();
    drawn.delete(canvas);
    if (canvas.isConnected) draw(canvas);
  }
}

onArrival((root) => {
  for (const canvas of [...drawn.keys()]) if (!canvas.isConnected) drawn.delete(canvas);
  for (const canvas of root.querySelectorAll("[data-plot]")) draw(canvas);
});
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
