// SPDX-License-Identifier: Apache-2.0
// The colour of an item type: a swatch fills the box, and the chip beside shows what it will be.
import { paint } from "./colors.js";

function show(field) {
  const box = field.querySelector("[type=color]");
  const name = field.closest("form").elements.name.value.trim();
  const chip = field.querySelector(".color-preview .chip");
  chip.dataset.empty ??= chip.textContent;
  chip.textContent = name || chip.dataset.empty;
  paint(chip, box.value);
  for (const swatch of field.querySelectorAll("[data-swatch]")) {
    swatch.ariaPressed = String(swatch.dataset.swatch.toLowerCase() === box.value.toLowerCase());
  }
}

document.addEventListener("click", (event) => {
  const swatch = event.target.closest?.("[data-swatch]");
  if (!swatch) return;
  const box = swatch.closest("[data-color-field]").querySelector("[type=color]");
  box.value = swatch.dataset.swatch.toLowerCase();
  box.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("input", (event) => {
  const field = event.target.form?.querySelector("[data-color-field]");
  if (field) show(field);
});
