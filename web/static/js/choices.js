// SPDX-License-Identifier: Apache-2.0
// Finds among many boxes: those whose words do not hold the text are hidden, chosen ones never.
document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-choices-filter]")) return;
  const text = event.target.value.trim().toLowerCase();
  for (const label of event.target.parentElement.querySelectorAll(".choices-box label")) {
    label.hidden = !label.querySelector("input").checked && !label.textContent.toLowerCase().includes(text);
  }
});
// Enter belongs to the box here: it must not send the form around it.
document.addEventListener("keydown", (event) => {
  const plain = event.key === "Enter" && !event.ctrlKey && !event.metaKey;
  if (plain && event.target.matches?.("[data-choices-filter]")) event.preventDefault();
});
