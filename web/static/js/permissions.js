// SPDX-License-Identifier: Apache-2.0
// The permission tree's "all" buttons tick at once; without scripts they send the form.
function boxesOf(root) {
  return [...root.querySelectorAll("input[type='checkbox']:not(:disabled)")];
}

function show(tree) {
  for (const button of tree.querySelectorAll("[data-tick-all]")) {
    const boxes = [...button.closest(button.dataset.tickAll).querySelectorAll("input[type='checkbox']")];
    button.ariaPressed = String(boxes.every((box) => box.checked));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-tick-all]");
  if (!button) return;
  event.preventDefault();
  const boxes = boxesOf(button.closest(button.dataset.tickAll));
  const ticked = !boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = ticked;
  boxes[0]?.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("input", (event) => {
  const tree = event.target.closest?.("[data-tree]");
  if (tree) show(tree);
});
