// SPDX-License-Identifier: Apache-2.0
// After fast edit over a page, the page asks for itself and changes only what changed: scroll,
// sort, page and focus stay. A page with a form of its own is left alone.
document.addEventListener("contact:changed", () => {
  const target = document.querySelector("[data-list] #results") ? "#results" : "#main";
  if (document.querySelector(`${target} form[data-guard]`)) return;
  window.htmx.ajax("GET", location.href, { target, select: target, swap: "outerMorph" });
});
