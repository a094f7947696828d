// SPDX-License-Identifier: Apache-2.0
// Selecting rows: all that are shown, a stretch with Shift, all that match; the bar counts them.
import { onArrival } from "./arrivals.js";

let last = null;

function boxes() {
  return [...document.querySelectorAll("[data-select]")];
}

function refresh() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked).length;
  for (const head of document.querySelectorAll("[data-select-all]")) {
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
  for (const bar of document.querySelectorAll("[data-bulk]")) {
    const matching = bar.querySelector("[data-select-matching]");
    const count = matching?.checked ? Number(matching.value) : chosen;
    bar.querySelector("[data-selected-count]").textContent = new Intl.NumberFormat(document.documentElement.dataset.locale).format(count);
  }
}

document.addEventListener("click", (event) => {
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

onArrival(refresh);
