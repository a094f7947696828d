// SPDX-License-Identifier: Apache-2.0
// The list's form follows the address when a link changed it (a header, a removed filter, a page);
// else the next search would bring back what was just taken out.
const PLACES = ["after", "before"];

// Several boxes of one name stand in the address as one value or as many.
function valuesOf(state, name) {
  return state.getAll(name).flatMap((value) => value.split(","));
}

function follow(form) {
  const state = new URLSearchParams(location.search);
  for (const control of form.querySelectorAll("[name]")) {
    if (control === document.activeElement) continue;
    if (control.type === "checkbox") control.checked = valuesOf(state, control.name).includes(control.value);
    else control.value = state.get(control.name) ?? "";
  }
  for (const [name, value] of state) {
    if (PLACES.includes(name) || form.elements.namedItem(name)) continue;
    const hidden = document.createElement("input");
    Object.assign(hidden, { type: "hidden", name, value });
    form.append(hidden);
  }
}

// The address changes with the swap, so look at it when both are done.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.sourceElement?.closest?.("form[data-lean]")) return;
  setTimeout(() => document.querySelectorAll("form[data-lean]").forEach(follow));
});
