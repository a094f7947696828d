// SPDX-License-Identifier: Apache-2.0
// Ctrl+K: pages of the navigation, actions of this page, and a search for anything else.
import { word } from "./arrivals.js";
import { defineAction } from "./keyboard.js";

const dialog = document.getElementById("palette");
const box = dialog?.querySelector("input");
const list = dialog?.querySelector("ul");
let choices = [];
let at = 0;

function everything() {
  const pages = [...document.querySelectorAll(".sidebar a[href]")];
  const doings = [...document.querySelectorAll("main :is([data-shortcut='new'], [data-shortcut='edit'], .page-actions :is(a, button))")];
  return [...new Set([...doings, ...pages])].map((element) => ({ text: element.textContent.trim(), run: () => element.click() }));
}

function searching(text) {
  const form = document.querySelector(".topbar .search");
  if (!form || !text) return [];
  const url = new URL(form.action, location.href);
  url.searchParams.set("q", text);
  return [{ text: `${word("search")} “${text}”`, run: () => location.assign(url) }];
}

function draw() {
  const text = box.value.trim().toLowerCase();
  const found = everything().filter((choice) => choice.text.toLowerCase().includes(text));
  choices = [...found.slice(0, 12), ...searching(box.value.trim())];
  at = Math.min(at, Math.max(choices.length - 1, 0));
  list.replaceChildren(...choices.map((choice, place) => {
    const item = document.createElement("li");
    item.id = `palette-${place}`;
    item.role = "option";
    item.ariaSelected = String(place === at);
    item.textContent = choice.text;
    item.addEventListener("click", () => run(place));
    return item;
  }));
  if (choices.length) box.setAttribute("aria-activedescendant", `palette-${at}`);
  else box.removeAttribute("aria-activedescendant");
  document.getElementById(`palette-${at}`)?.scrollIntoView({ block: "nearest" });
}

function run(place) {
  dialog.close();
  choices[place]?.run();
}

if (dialog) {
  defineAction("palette", () => {
    box.value = "";
    at = 0;
    if (!dialog.open) dialog.showModal();
    draw();
    return true;
  });
  box.addEventListener("input", () => {
    at = 0;
    draw();
  });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      at = Math.min(Math.max(at + step, 0), choices.length - 1);
      draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(at);
    }
  });
}
