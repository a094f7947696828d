// SPDX-License-Identifier: Apache-2.0
// Forms with data-upload send their file by itself, showing how far it is; without scripts it goes with the form.
import { word } from "./arrivals.js";

function say(form, text) {
  const place = form.querySelector("#upload-error");
  place.hidden = !text;
  place.querySelector("span").textContent = text;
}

function show(form, share) {
  const part = form.querySelector("[data-upload-progress]");
  part.hidden = share === null;
  part.querySelector("progress").value = 100 * share;
  part.querySelector(".num").textContent = new Intl.NumberFormat(document.documentElement.dataset.locale, { style: "percent" }).format(share ?? 0);
}

function refusal(request) {
  try {
    return JSON.parse(request.responseText).errors[0].message;
  } catch {
    return word("failed");
  }
}

function next(form, id) {
  const rest = new URLSearchParams();
  for (const name of ["list", "newList"]) {
    const text = form.elements[name]?.value;
    if (text) rest.set(name, text);
  }
  return `${form.dataset.next}${id}?${rest}`.replace(/\?$/, "");
}

function send(form, file) {
  const button = form.querySelector("button.primary");
  const request = new XMLHttpRequest();
  const ended = (text) => {
    button.disabled = false;
    show(form, null);
    say(form, text);
  };
  request.upload.addEventListener("progress", (event) => show(form, event.total ? event.loaded / event.total : 0));
  request.addEventListener("error", () => ended(form.dataset.broken));
  request.addEventListener("load", () => {
    if (request.status === 401) location.reload();
    else if (request.status === 201) location.assign(next(form, JSON.parse(request.responseText).id));
    else ended(refusal(request));
  });
  request.open("POST", `${form.dataset.upload}?name=${encodeURIComponent(file.name)}`);
  request.setRequestHeader("Content-Type", file.type || "text/csv");
  button.disabled = true;
  say(form, "");
  show(form, 0);
  request.send(file);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches?.("form[data-upload]")) return;
  event.preventDefault();
  const input = form.elements.file;
  const [file] = input.files;
  if (!file) say(form, form.dataset.missing);
  else if (file.size > Number(form.dataset.limit)) say(form, form.dataset.tooLarge);
  else return send(form, file);
  input.focus();
});
