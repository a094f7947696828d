// SPDX-License-Identifier: Apache-2.0
// Selecting rows: all that are shown, a stretch with Shift, all that match; the bar counts them.
// A bar that remembers keeps the selection while the reader pages through the same list.
import { onArrival } from "./arrivals.js";

const MOST = 1000;
let last = null;

function boxes() {
  return [...document.querySelectorAll("[data-select]")];
}

function bar() {
  return document.querySelector("[data-bulk]");
}

function key() {
  const name = bar()?.dataset.remember;
  return name ? `selected ${name}` : null;
}

function kept() {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(key()) ?? "[]"));
  } catch {
    return new Set();
  }
}

function keep(ids) {
  if (!key()) return;
  if (ids.size) sessionStorage.setItem(key(), JSON.stringify([...ids].slice(0, MOST)));
  else sessionStorage.removeItem(key());
}

// The rows of other pages go along as hidden fields.
function carry(ids, shown) {
  const form = bar();
  for (const old of form.querySelectorAll("[data-carried]")) old.remove();
  for (const id of ids) {
    if (shown.has(id)) continue;
    const hidden = document.createElement("input");
    Object.assign(hidden, { type: "hidden", name: "ids", value: id });
    hidden.dataset.carried = "";
    form.append(hidden);
  }
}

function refresh() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked);
  for (const head of document.querySelectorAll("[data-select-all]")) {
    head.checked = chosen.length > 0 && chosen.length === all.length;
    head.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }
  const form = bar();
  if (!form) return;
  let count = chosen.length;
  if (key()) {
    const ids = kept();
    for (const box of all) ids.delete(box.value);
    for (const box of chosen) ids.add(box.value);
    keep(ids);
    carry(ids, new Set(all.map((box) => box.value)));
    count = Math.min(ids.size, MOST);
  }
  form.classList.toggle("has-selection", count > 0);
  const whole = form.querySelector("[data-select-matching]")?.checked;
  const words = new Intl.NumberFormat(document.documentElement.dataset.locale).format(count);
  form.querySelector("[data-selected-count]").textContent = whole ? form.dataset.allWord : words;
}

// What was selected on this page before it was left.
function recall() {
  if (key()) {
    const ids = kept();
    for (const box of boxes()) box.checked = ids.has(box.value);
  }
  refresh();
}

function clear() {
  keep(new Set());
  for (const box of document.querySelectorAll("[data-select], [data-select-matching]")) box.checked = false;
  refresh();
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-select-none]")) clear();
  const box = event.target.closest?.("[data-select]");
  if (!box) return;
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((one, other) => one - other);
  if (event.shiftKey && from >= 0) for (const between of all.slice(from, to + 1)) between.checked = box.checked;
  last = box;
  refresh();
});

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-select-all]")) {
    for (const box of boxes()) box.checked = event.target.checked;
  }
  if (event.target.matches?.("[data-select-all], [data-select], [data-select-matching]")) refresh();
});

// What is being done with them holds them itself: the next selection begins with nobody.
document.addEventListener("submit", (event) => {
  if (event.target.matches?.("[data-ends-selection] form")) keep(new Set());
});

onArrival(recall);
