// SPDX-License-Identifier: Apache-2.0
// A text box over a list of options, as ARIA's combobox is: the focus stays in the box, arrows move
// the active option. Only what belongs to the newest text is ever shown.
import { word } from "./arrivals.js";
import { keysOf, spelled } from "./keyboard.js";
import { tell } from "./toast.js";

const PAUSE = 60; // milliseconds after a key in which another one may follow
const keys = keysOf("results");

// The options that the server has for a text, once no other key has followed.
export async function suggestions(url, text, signal) {
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  signal.throwIfAborted();
  const address = `${url}?${new URLSearchParams({ q: text })}`;
  const response = await fetch(address, { signal, headers: { "HX-Request": "true" } });
  if (response.headers.has("HX-Redirect")) location.assign(response.headers.get("HX-Redirect"));
  if (!response.ok) throw new Error(`${response.status} for ${address}`);
  const found = document.createElement("template");
  found.innerHTML = await response.text();
  return [...found.content.children];
}

// `find(text, signal, draw)` draws elements as often as it has better ones; `toggle(open)` shows the
// list or hides it; `leave()` is what Escape does.
export function combobox(box, list, { find, toggle, leave }) {
  const note = list.nextElementSibling;
  let newest = null; // the abort controller of the newest text
  let isWaiting = false;
  let pending = ""; // what was pressed before the options were there
  let at = -1;

  box.role = "combobox";
  box.ariaAutoComplete = "list";
  box.ariaExpanded = "false";
  box.setAttribute("aria-controls", list.id);

  function options() {
    return [...list.querySelectorAll("[role='option']")];
  }

  function activate(place) {
    const all = options();
    at = all.length ? (place + all.length) % all.length : -1;
    all.forEach((option, index) => {
      option.id = `${list.id}-${index}`;
      option.ariaSelected = String(index === at);
    });
    if (at < 0) return box.removeAttribute("aria-activedescendant");
    all[at].scrollIntoView({ block: "nearest" });
    return box.setAttribute("aria-activedescendant", all[at].id);
  }

  function show(isOpen) {
    box.ariaExpanded = String(isOpen && options().length > 0);
    if (!isOpen) box.removeAttribute("aria-activedescendant");
    toggle(isOpen);
  }

  function draw(elements, place) {
    const notes = elements.filter((element) => element.matches("[data-note]"));
    list.replaceChildren(...elements.filter((element) => !notes.includes(element)));
    list.hidden = options().length === 0;
    // What is not found among the records may well be a page.
    note.replaceChildren(...notes.filter((one) => list.hidden || one.matches(".visually-hidden")));
    window.htmx.process(list);
    show(elements.length > 0);
    activate(place);
  }

  async function ask() {
    newest?.abort();
    const mine = new AbortController();
    newest = mine;
    isWaiting = true;
    let isFirst = true; // what comes later for the same text leaves the user's place alone
    function better(elements) {
      if (mine !== newest) return;
      draw(elements, isFirst ? 0 : Math.max(at, 0));
      isFirst = false;
    }
    try {
      await find(box.value.trim(), mine.signal, better);
    } catch (error) {
      if (mine === newest && error.name !== "AbortError") tell(word(error instanceof TypeError ? "offline" : "failed"));
    }
    if (mine !== newest) return;
    isWaiting = false;
    if (pending) act(pending);
  }

  function act(name) {
    pending = "";
    const option = options()[at];
    if (name === "open") option ? option.click() : box.form?.requestSubmit();
    else option?.parentElement.querySelector("[data-result-edit]")?.click();
  }

  const actions = {
    next: () => activate(at + 1),
    previous: () => activate(at - 1),
    open: () => (isWaiting ? (pending = "open") : act("open")),
    edit: () => (isWaiting ? (pending = "edit") : act("edit")),
    close: () => {
      stop();
      leave();
    },
  };

  function stop() {
    newest?.abort();
    newest = null;
    isWaiting = false;
    pending = "";
    show(false);
  }

  box.addEventListener("input", ask);
  box.addEventListener("keydown", (event) => {
    const action = event.isComposing ? undefined : keys.get(spelled(event));
    const isOpen = box.ariaExpanded === "true" || isWaiting;
    if (!action || (!isOpen && action !== "close")) return;
    event.preventDefault();
    event.stopPropagation();
    actions[action]();
  });
  // A press on an option must not take the focus from the box before the click arrives.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("mousemove", (event) => {
    const place = options().indexOf(event.target.closest("[role='option']"));
    if (place >= 0 && place !== at) activate(place);
  });
  return { ask, stop };
}
