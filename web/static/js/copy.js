// SPDX-License-Identifier: Apache-2.0
import { word } from "./arrivals.js";
import { tell } from "./toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const code = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(code.textContent);
    tell(word("copied"), "ok");
  } catch {
    // No clipboard without https: select the text, so that Ctrl+C does it.
    getSelection().selectAllChildren(code);
  }
});
