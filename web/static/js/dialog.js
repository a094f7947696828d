// SPDX-License-Identifier: Apache-2.0
// Links with data-opens show their page in a native dialog; Escape and focus are the browser's own.
import { onArrival } from "./arrivals.js";
import { mayLeave } from "./guard.js";

const FIRST = "[autofocus], [aria-invalid='true'], form :is(input:not([type='hidden']), select, textarea), button.danger, .primary";

// What is opened brings the styles that it alone needs; it is seen once they are there, and they stay.
async function adoptStyles(dialog) {
  const isNew = (link) => !document.head.querySelector(`link[href="${link.getAttribute("href")}"]`);
  const links = [...dialog.querySelectorAll("link[rel='stylesheet']")].filter(isNew);
  await Promise.all(links.map((link) => new Promise((done) => {
    link.onload = link.onerror = done;
    document.head.append(link);
  })));
}

async function show(dialog, opener) {
  await adoptStyles(dialog);
  // A menu's link is gone once the menu closes: then the focus returns to the menu's own button.
  const menu = opener.closest("details[data-dropdown]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  if (!dialog.open) dialog.showModal();
  dialog.querySelector(FIRST)?.focus();
}

export function close(dialog) {
  if (mayLeave(dialog)) dialog.close();
}

document.addEventListener("htmx:after:swap", (event) => {
  const opener = event.detail.ctx?.sourceElement;
  const host = opener?.dataset?.opens;
  if (host && event.detail.ctx.response.status < 400) show(document.getElementById(host), opener);
});

// A form that nobody sees must not share its ids with one that is open.
document.addEventListener("close", (event) => {
  event.target.querySelector?.(":scope > [id$='-body']")?.replaceChildren();
}, { capture: true });

// The server says so in HX-Trigger when what was open has been done.
document.addEventListener("dialog:close", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
});

document.addEventListener("click", (event) => {
  const dialog = event.target.closest?.("dialog[open]");
  if (!dialog) return;
  const onBackdrop = event.target === dialog && !inside(event, dialog.getBoundingClientRect());
  if (event.target.closest("[data-dialog-close]") || onBackdrop) {
    event.preventDefault();
    close(dialog);
  }
});

function inside(event, box) {
  return event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
}

document.addEventListener("cancel", (event) => {
  if (event.target.matches?.("dialog") && !mayLeave(event.target)) event.preventDefault();
}, { capture: true });

// Drop-downs close like menus do.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-dropdown][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.activeElement?.closest?.("details[data-dropdown][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// What goes to a thousand records is confirmed by typing; the server asks for the word as well.
function confirmable(input) {
  input.form.querySelector(".danger").disabled = input.value !== input.form.dataset.confirmWord;
}
document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-confirm-input]")) confirmable(event.target);
});
onArrival((root) => root.querySelectorAll("[data-confirm-input]").forEach(confirmable));
