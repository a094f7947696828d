// SPDX-License-Identifier: Apache-2.0
// Forms with data-guard are not left by accident while something in them is not saved.
import { word } from "./arrivals.js";

const touched = new WeakSet();

function dirtyForms(root) {
  return [...root.querySelectorAll("form[data-guard]")].filter((form) => touched.has(form));
}

// Asks when `root` holds unsaved changes; false keeps the reader where they are.
export function mayLeave(root) {
  const dirty = dirtyForms(root);
  if (dirty.length && !window.confirm(word("unsaved"))) return false;
  for (const form of dirty) touched.delete(form);
  return true;
}

document.addEventListener("input", (event) => {
  const form = event.target.form ?? event.target.closest?.("form");
  if (form?.matches("[data-guard]")) touched.add(form);
});
document.addEventListener("submit", (event) => touched.delete(event.target));
// A form that came back unsaved, with its faults or with a conflict, still holds what was typed.
document.addEventListener("htmx:after:swap", (event) => {
  const { response, target } = event.detail.ctx;
  if (![409, 422].includes(response?.status)) return;
  for (const form of target?.querySelectorAll?.("form[data-guard]") ?? []) touched.add(form);
});
window.addEventListener("beforeunload", (event) => {
  if (dirtyForms(document).length) event.preventDefault();
});
