// SPDX-License-Identifier: Apache-2.0
// The search box of the top bar: results under it while typing, without scripts a page of them.
import { combobox, suggestions } from "./combobox.js";

const form = document.querySelector(".topbar .search");
let before = null; // what had the focus, to give it back

if (form) {
  const box = form.querySelector("input");
  const panel = form.querySelector(".search-panel");
  const { ask, stop } = combobox(box, panel.querySelector("[role='listbox']"), {
    async find(text, signal, draw) {
      draw(text ? await suggestions(form.dataset.suggestions, text, signal) : []);
    },
    toggle(isOpen) {
      panel.hidden = !isOpen;
    },
    leave() {
      const back = before?.isConnected && before !== document.body ? before : null;
      if (back) back.focus({ preventScroll: true });
      else box.blur();
    },
  });
  // What was found may have been edited since.
  box.addEventListener("focus", () => box.value.trim() && ask());
  box.addEventListener("focusin", (event) => {
    if (!form.contains(event.relatedTarget)) before = event.relatedTarget;
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) stop();
  });
}
