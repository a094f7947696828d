// SPDX-License-Identifier: Apache-2.0
// Calls back for the page as it is now and again after every swap.
export function onArrival(callback) {
  callback(document);
  document.addEventListener("htmx:after:swap", () => callback(document));
}

export function word(name) {
  return document.getElementById("words")?.dataset[name] ?? "";
}
