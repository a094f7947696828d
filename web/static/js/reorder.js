// SPDX-License-Identifier: Apache-2.0
// Moving the entries of an ordered list of a form by buttons or, on its boxes, by Alt and an arrow.
function say(list, item) {
  const said = list.parentElement.querySelector("[data-reorder-said]");
  if (!said) return;
  const place = [...list.children].indexOf(item) + 1;
  const name = item.querySelector("label").textContent.trim();
  said.textContent = said.dataset.text.replace("%(name)s", name).replace("%(place)s", String(place));
}

function move(item, step) {
  const list = item.closest("[data-reorder]");
  const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return false;
  if (step < 0) other.before(item);
  else other.after(item);
  say(list, item);
  return true;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-reorder] [data-move]");
  if (!button) return;
  event.preventDefault();
  event.stopPropagation();
  move(button.closest("[data-reorder-item]"), Number(button.dataset.move));
  button.focus();
}, true);

document.addEventListener("keydown", (event) => {
  const item = event.altKey && event.target.closest?.("[data-reorder-item]");
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!item || !step) return;
  event.preventDefault();
  const focused = event.target;
  move(item, step);
  focused.focus();
}, true);
