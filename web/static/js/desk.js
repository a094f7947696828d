// SPDX-License-Identifier: Apache-2.0
// At the desk: a clock that runs, another customer in hand that brings the page along, and the
// result that can be sent once the call is over.
const skew = () => Date.now() - Date.parse(document.querySelector("[data-server-now]")?.dataset.serverNow ?? new Date());
let behind = 0;
let state = document.querySelector("[data-state]")?.dataset.state;

function shown(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (!parts[0]) parts.shift();
  return parts.map((part, place) => (place ? String(part).padStart(2, "0") : String(part))).join(":");
}

function tick() {
  for (const clock of document.querySelectorAll("[data-ticks]")) {
    const text = shown((Date.now() - behind - Date.parse(clock.dateTime)) / 1000);
    if (clock.textContent !== text) clock.textContent = text;
  }
}

function follow() {
  const page = document.querySelector("[data-page-hand]");
  const bar = document.querySelector("[data-hand]");
  if (!page || !bar) return;
  if (bar.dataset.hand !== page.dataset.pageHand) {
    page.dataset.pageHand = bar.dataset.hand;
    location.assign("/desk");
    return;
  }
  if (state !== bar.dataset.state) {
    state = bar.dataset.state;
    const next = document.getElementById("desk-next");
    if (next) window.htmx.trigger(next, "desk:again");
  }
  for (const button of document.querySelectorAll("[data-after-call]")) button.disabled = bar.dataset.state !== "WRAP_UP";
  tick();
}

// When to call again is asked only where the result calls again.
function ask() {
  const select = document.querySelector("[data-calls-back]");
  const action = select?.selectedOptions[0]?.dataset.action;
  const asked = ["RECALL", "RESCHEDULE"].includes(action);
  for (const part of document.querySelectorAll("[data-callback]")) {
    part.hidden = !asked;
    part.disabled = !asked;
  }
}

document.addEventListener("change", (event) => event.target.matches?.("[data-calls-back]") && ask());

function begin() {
  if (!document.querySelector("[data-server-now]")) return;
  behind = skew();
  follow();
  ask();
  setInterval(tick, 1000);
}

document.addEventListener("htmx:after:swap", follow);
begin();
