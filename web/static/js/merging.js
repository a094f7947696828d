// SPDX-License-Identifier: Apache-2.0
// The preview of a merge: digits choose by a contact's mark, the primary mark follows the choice.
function choices() {
  return [...document.querySelectorAll("[data-merge] [data-choice]")];
}

function current() {
  const focused = document.activeElement?.closest?.("[data-choice]");
  return focused ?? choices().find((one) => !one.matches("[data-seen]")) ?? choices()[0];
}

function radioOf(choice, digit) {
  return [...choice.querySelectorAll("[data-marks]")].find((radio) => radio.dataset.marks.split(" ").includes(digit));
}

function choose(digit) {
  const choice = current();
  const radio = choice && radioOf(choice, digit);
  if (!radio) return false;
  radio.click();
  choice.dataset.seen = "";
  const all = choices();
  const next = all[all.indexOf(choice) + 1];
  // The last one keeps the focus: from there the merge is one key away.
  (next?.querySelector(":checked") ?? radio).focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!/^[1-9]$/.test(event.key) || !document.querySelector("[data-merge]")) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.target.matches?.("input:not([type='radio']), select, textarea")) return;
  if (choose(event.key)) event.preventDefault();
});

// Which number is dialed first is a choice: the others that were primary ones move.
document.addEventListener("change", (event) => {
  const chosen = event.target;
  if (chosen.name !== "choice.phone") return;
  for (const line of document.querySelectorAll("[data-was-primary]")) {
    const stays = line.dataset.number === chosen.dataset.number;
    line.querySelector("[data-is-primary]").hidden = !stays;
    line.querySelector("[data-moves]").hidden = stays;
  }
});
