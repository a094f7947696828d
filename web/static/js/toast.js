// SPDX-License-Identifier: Apache-2.0
// Toasts stay ten seconds, longer while the pointer or the focus is on them, then move to the notices.
const STAY = 10000;
const region = document.getElementById("toasts");
const notices = document.querySelector("[data-notices-list]");

function keep(toast) {
  document.querySelector("[data-notices-empty]")?.setAttribute("hidden", "");
  toast.querySelector("[data-toast-close]")?.remove();
  notices?.prepend(toast);
  while (notices?.children.length > 20) notices.lastElementChild.remove();
}

function start(toast) {
  toast.timer ??= setInterval(() => {
    if (!toast.isConnected || toast.parentElement !== region) return clearInterval(toast.timer);
    if (toast.matches(":hover, :focus-within")) toast.since = Date.now();
    if (Date.now() - toast.since < STAY) return undefined;
    clearInterval(toast.timer);
    return keep(toast);
  }, 250);
  toast.since ??= Date.now();
}

// A toast made here, for what the server could not say.
export function tell(text, tone = "stop") {
  if (!region || !text) return;
  const toast = document.createElement("div");
  toast.className = `toast ${tone}`;
  toast.dataset.toast = "";
  const words = document.createElement("p");
  words.textContent = text;
  toast.append(words);
  region.append(toast);
}

if (region) {
  const startAll = () => region.querySelectorAll("[data-toast]").forEach(start);
  new MutationObserver(startAll).observe(region, { childList: true });
  startAll();
  document.addEventListener("click", (event) => {
    const toast = event.target.closest?.("[data-toast-close]")?.closest("[data-toast]");
    if (toast) keep(toast);
  });
  document.addEventListener("htmx:after:request", (event) => {
    const toast = event.target.closest?.("[data-toast]");
    if (toast && event.detail.ctx?.response?.status < 400) toast.remove();
  });
}
