// SPDX-License-Identifier: Apache-2.0
// Shortcuts: the help dialog's list is the registry (data-action, data-keys); nothing here names a key.
const GO_WITHIN = 1200;
let goAt = 0;
let rowId = ""; // of the row that the keys move from

// The keys of a scope, as the help names them; without one, those that hold on every page.
export function keysOf(scope = "") {
  const keys = new Map();
  for (const entry of document.querySelectorAll(`#shortcuts [data-scope="${scope}"]`)) {
    for (const key of entry.dataset.keys.split(" ")) keys.set(key, entry.dataset.action);
  }
  return keys;
}
const registry = keysOf();

function isTyping(element) {
  return element?.isContentEditable || element?.matches?.("textarea, select, input:not([type='checkbox'], [type='radio'], [type='button'], [type='submit'])");
}

// The element that the page gives to an action; in an open dialog only what lies in it.
function bearer(action) {
  const root = document.querySelector("dialog[open]") ?? document;
  return root.querySelector(`[data-shortcut="${action}"]`);
}

function press(element) {
  if (!element) return false;
  element.click();
  return true;
}

function rows() {
  return [...document.querySelectorAll("#results tbody tr")];
}

function currentRow() {
  const focused = document.activeElement?.closest?.("#results tbody tr");
  return focused ?? document.querySelector("#results tbody tr.current");
}

function take(row, all) {
  for (const one of all) one.classList.toggle("current", one === row);
  rowId = row.id;
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
}

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(currentRow());
  const next = all[Math.min(Math.max(at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step, 0), all.length - 1)];
  take(next, all);
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function enter(box) {
  box?.focus();
  box?.select?.();
  return Boolean(box);
}

const actions = {
  search: () => enter(bearer("search") ?? document.querySelector("[data-list-search]")),
  find: () => enter(document.querySelector("[data-list-search]")),
  help() {
    document.getElementById("account-menu")?.hidePopover();
    document.getElementById("shortcuts").showModal();
    return true;
  },
  new: () => press(bearer("new")),
  edit: () => press(currentRow()?.querySelector("[data-shortcut='edit']") ?? bearer("edit")),
  save: () => press(document.activeElement?.form?.querySelector("[data-shortcut='save']") ?? bearer("save")),
  next: () => move(1),
  previous: () => move(-1),
  select: () => press(currentRow()?.querySelector("[data-select]")),
  open: () => press(currentRow()?.querySelector("[data-open], a[href]")),
  "desk-on": () => press(bearer("desk-on")),
  "desk-off": () => press(bearer("desk-off")),
  "desk-pause": () => press(bearer("desk-pause")),
  "desk-result": () => enter(bearer("desk-result")),
};

export function defineAction(name, action) {
  actions[name] = action;
}

export function openHelp() {
  return actions.help();
}

export function spelled(event) {
  const key = event.key.toLowerCase();
  if (event.altKey) return `alt+${key}`;
  return event.ctrlKey || event.metaKey ? `mod+${key}` : key;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const keys = spelled(event);
  const withMod = keys.startsWith("mod+");
  // A function key writes nothing: an agent who takes notes need not leave the box to hang up.
  if (isTyping(event.target) && !withMod && !/^f\d+$/.test(keys)) return;
  const inDialog = document.querySelector("dialog[open]");
  if (inDialog && !withMod) return;
  if (goAt && Date.now() - goAt < GO_WITHIN && !withMod) {
    goAt = 0;
    const link = document.querySelector(`[data-go="${CSS.escape(keys)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
    return;
  }
  if (keys === "g") {
    goAt = Date.now();
    return;
  }
  const action = registry.get(keys);
  // Enter and the arrows belong to the focused control, unless that is a row of the list.
  const native = ["enter", "arrowdown", "arrowup"].includes(keys);
  const onRow = event.target === document.body || event.target.matches?.("#results tbody tr");
  if (!action || (native && !onRow)) return;
  if (actions[action]?.()) event.preventDefault();
});

// A row that was written anew has lost the focus: the keys go on from where they were.
function resume() {
  const row = rowId && document.getElementById(rowId);
  if (row && document.activeElement === document.body) take(row, rows());
}
document.addEventListener("htmx:after:swap", resume);
document.addEventListener("close", resume, { capture: true });

document.addEventListener("click", (event) => {
  if (event.target.closest?.("button[data-shortcut='help']")) actions.help();
});
