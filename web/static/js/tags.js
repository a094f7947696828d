// SPDX-License-Identifier: Apache-2.0
// A box of words separated by commas: the word being typed is completed from its list of known ones.
const known = new WeakMap();

document.addEventListener("input", (event) => {
  const box = event.target;
  if (!box.matches?.("[data-tags]") || !box.list) return;
  if (!known.has(box.list)) known.set(box.list, [...box.list.options].map((option) => option.value));
  const cut = box.value.lastIndexOf(",") + 1;
  const before = cut ? `${box.value.slice(0, cut)} ` : "";
  const there = new Set(box.value.slice(0, cut).split(",").map((word) => word.trim().toLowerCase()));
  const left = known.get(box.list).filter((word) => !there.has(word.toLowerCase()));
  box.list.replaceChildren(...left.map((word) => new Option("", before + word)));
});
