// SPDX-License-Identifier: Apache-2.0
// Theme, row height and the folded navigation change at once; the server keeps them.
const YEAR = 31536000;

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-preferences] [data-preference]");
  if (!button) return;
  event.preventDefault();
  document.documentElement.dataset[button.name] = button.value;
  for (const other of button.form.querySelectorAll(`[name="${button.name}"]`)) {
    const chosen = other === button;
    other.ariaPressed = String(chosen);
    const use = other.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, chosen ? "#ok" : "#neutral"));
  }
  const body = new URLSearchParams(new FormData(button.form, button));
  fetch(button.form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-nav-fold]");
  if (!button) return;
  const root = document.documentElement;
  root.dataset.nav = root.dataset.nav === "icons" ? "open" : "icons";
  button.ariaPressed = String(root.dataset.nav === "icons");
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `rubrica_nav=${root.dataset.nav}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
});
