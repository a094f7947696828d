// SPDX-License-Identifier: Apache-2.0
// A form in parts shows one of them at a time; without scripts its tabs lead to them on the page.

function open(form, key) {
  for (const link of form.querySelectorAll("[data-form-tabs] a")) {
    if (link.hash === `#form-${key}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  for (const part of form.querySelectorAll(".form-section")) part.toggleAttribute("data-current", part.id === `form-${key}`);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-form-tabs] a");
  if (!link) return;
  event.preventDefault();
  open(link.closest("form"), link.hash.slice("#form-".length));
});

// Left and right go along the tabs, as they do on every row of tabs.
document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.("[data-form-tabs] a");
  const step = { ArrowLeft: "previousElementSibling", ArrowRight: "nextElementSibling" }[event.key];
  const next = link && step && link[step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.click();
});

// A link from elsewhere on the page, such as "Edit the numbers" beside a call, opens its part.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-opens-part]");
  const part = link && document.querySelector(link.hash);
  if (!part) return;
  event.preventDefault();
  open(part.closest("form"), part.id.slice("form-".length));
  part.querySelector("input:not([type='hidden']), select")?.focus();
});
