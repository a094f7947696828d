// SPDX-License-Identifier: Apache-2.0
// A chip's colour is its class, c-rrggbb. The page's head has the rules of the first answer; rules for
// colours that come later go into a sheet of our own, which a strict policy allows.
import { onArrival } from "./arrivals.js";

const sheet = new CSSStyleSheet();
const known = new Set();
document.adoptedStyleSheets.push(sheet);

function luminance(digits) {
  const [red, green, blue] = [0, 2, 4].map((start) => {
    const part = parseInt(digits.slice(start, start + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// Black where it reads better than white; both sides of the choice are at least 4.5:1.
export function inkFor(digits) {
  const light = luminance(digits) + 0.05;
  return light / 0.05 >= 1.05 / light ? "#000000" : "#ffffff";
}

// The class for "#AABBCC", with its rule in place; "" for no colour.
export function colorClass(color) {
  const digits = /^#?([0-9a-f]{6})$/i.exec(color ?? "")?.[1].toLowerCase();
  if (!digits) return "";
  if (!known.has(digits)) {
    known.add(digits);
    sheet.insertRule(`.c-${digits}{--chip:#${digits};--chip-ink:${inkFor(digits)}}`);
  }
  return `c-${digits}`;
}

// Paints `element` in the colour of a type, or neutral.
export function paint(element, color) {
  for (const name of [...element.classList]) if (/^c-[0-9a-f]{6}$/.test(name)) element.classList.remove(name);
  const name = colorClass(color);
  if (name) element.classList.add(name);
}

onArrival((root) => {
  for (const element of root.querySelectorAll("[class*='c-']")) {
    for (const name of element.classList) if (/^c-[0-9a-f]{6}$/.test(name)) colorClass(name.slice(2));
  }
});
