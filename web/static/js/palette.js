// SPDX-License-Identifier: Apache-2.0
// Ctrl+K: actions of this page, pages of the navigation, and records, in one list.
import { word } from "./arrivals.js";
import { combobox, suggestions } from "./combobox.js";
import { defineAction } from "./keyboard.js";

const MOST = 6; // of the pages while something is searched
const dialog = document.getElementById("palette");
const PAGES = ".sidebar a[href]";
const ACTIONS = "main :is([data-shortcut='new'], .page-actions :is(a, button))";

function group(name, elements) {
  const part = document.createElement("div");
  part.role = "group";
  part.ariaLabel = name;
  const heading = document.createElement("p");
  heading.className = "option-group";
  heading.ariaHidden = "true";
  heading.textContent = name;
  part.append(heading, ...elements.map(optionFor));
  return part;
}

function optionFor(element) {
  const row = document.createElement("div");
  row.className = "option";
  row.role = "presentation";
  const option = document.createElement("div");
  option.role = "option";
  const symbol = element.querySelector("svg.icon");
  if (symbol) option.append(symbol.cloneNode(true));
  option.append(element.textContent.trim());
  option.addEventListener("click", () => {
    dialog.close();
    element.click();
  });
  row.append(option);
  return row;
}

function here(selector, text) {
  const all = [...document.querySelectorAll(selector)];
  return [...new Set(all)].filter((element) => element.textContent.toLowerCase().includes(text.toLowerCase()));
}

function local(text) {
  const [pages, actions] = [here(PAGES, text), here(ACTIONS, text)];
  const parts = [];
  if (actions.length) parts.push(group(word("actions"), actions));
  if (pages.length) parts.push(group(word("pages"), text ? pages.slice(0, MOST) : pages));
  return parts;
}

if (dialog) {
  const box = dialog.querySelector("input");
  const url = dialog.dataset.suggestions;
  const { ask, stop } = combobox(box, dialog.querySelector("[role='listbox']"), {
    async find(text, signal, draw) {
      const parts = local(text);
      draw(parts);
      if (text && url) draw([...parts, ...(await suggestions(url, text, signal))]);
    },
    toggle() {},
    leave: () => dialog.close(),
  });
  // Fast edit opens in a dialog of its own.
  dialog.addEventListener("click", (event) => event.target.closest("[data-result-edit]") && dialog.close());
  dialog.addEventListener("close", stop);
  defineAction("palette", () => {
    box.value = "";
    if (!dialog.open) dialog.showModal();
    ask();
    return true;
  });
}
