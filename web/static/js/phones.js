// SPDX-License-Identifier: Apache-2.0
// The phone field: Enter or a pasted list makes chips, a chip takes its type's colour.
import { paint } from "./colors.js";

let made = 0;

function field(element) {
  return element.closest("[data-phones]");
}

function entryOf(phones) {
  return phones.querySelector("[data-phone-entry]");
}

function say(phones, message, number) {
  phones.querySelector("[data-phone-status]").textContent = phones.dataset[message].replace("{number}", number);
}

function add(phones, number) {
  const chip = phones.querySelector("[data-phone-template]").content.querySelector("[data-phone]").cloneNode(true);
  const box = chip.querySelector(".phone-number");
  made += 1;
  box.id = `phone-new-${made}`;
  box.value = number;
  phones.querySelector("[data-phone-list]").append(chip);
  say(phones, "added", number);
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

// Everything in the box, or in `text`, becomes chips; true when there was something.
function take(phones, text) {
  const numbers = text.split(/[,;\n\r\t]+/).map((part) => part.trim()).filter(Boolean);
  for (const number of numbers) add(phones, number);
  return numbers.length > 0;
}

function remove(chip) {
  const phones = field(chip);
  const number = chip.querySelector(".phone-number").value;
  chip.remove();
  say(phones, "removed", number);
  const entry = entryOf(phones);
  entry.focus();
  entry.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("keydown", (event) => {
  const entry = event.target;
  if (entry.matches?.("[data-phone-entry]")) {
    // Ctrl+Enter saves the form; a plain Enter, even in the empty box, never does.
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.isComposing) {
      event.preventDefault();
      if (take(field(entry), entry.value)) entry.value = "";
    } else if (event.key === "Backspace" && entry.value === "") {
      // The first Backspace goes to the last chip's remove button, the second presses it.
      const buttons = field(entry).querySelectorAll("[data-phone-list] [data-phone-remove]");
      if (buttons.length) {
        event.preventDefault();
        buttons[buttons.length - 1].focus();
      }
    }
  } else if (entry.matches?.("[data-phone-remove]") && ["Backspace", "Delete"].includes(event.key)) {
    event.preventDefault();
    remove(entry.closest("[data-phone]"));
  } else if (entry.matches?.("[data-phone] input") && event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    entryOf(field(entry)).focus();
  }
});

document.addEventListener("paste", (event) => {
  if (!event.target.matches?.("[data-phone-entry]")) return;
  const text = event.clipboardData.getData("text");
  if (!/[,;\n\r\t]/.test(text.trim())) return;
  event.preventDefault();
  take(field(event.target), text);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-phone-remove]");
  if (button) remove(button.closest("[data-phone]"));
});

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-phone-type]")) return;
  paint(event.target.closest("[data-phone]"), event.target.selectedOptions[0]?.dataset.color);
});

// A number typed but not yet entered is not lost when the form is sent.
document.addEventListener("submit", (event) => {
  for (const entry of event.target.querySelectorAll("[data-phone-entry]")) {
    if (take(field(entry), entry.value)) entry.value = "";
  }
}, { capture: true });

// Changed digits are available again (C-06); as they were before, so is their state.
document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-number]")) return;
  const row = event.target.closest("[data-numbered]");
  const state = row?.querySelector("[data-number-state]");
  const before = row?.querySelector("[data-number-before]");
  if (!state || !before || !event.target.defaultValue) return;
  const digits = (text) => text.replace(/[^0-9+]/g, "");
  const isChanged = digits(event.target.value) !== digits(event.target.defaultValue);
  if (isChanged === row.hasAttribute("data-changed")) return;
  row.toggleAttribute("data-changed", isChanged);
  const stored = [...state.options].find((option) => option.defaultSelected);
  state.value = isChanged ? "AVAILABLE" : stored.value;
  before.value = isChanged ? "AVAILABLE" : before.defaultValue;
});
