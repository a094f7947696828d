// SPDX-License-Identifier: Apache-2.0
// What goes wrong between page and server is said in words; empty filters stay out of addresses.
import { word } from "./arrivals.js";
import { isLive } from "./live.js";
import { tell } from "./toast.js";

const BY_STATUS = { 403: "forbidden", 404: "missing", 429: "throttled" };

document.addEventListener("htmx:response:error", (event) => {
  const { status, headers } = event.detail.ctx.response;
  if (status === 422 || status === 409 || headers.get("HX-Redirect")) return;
  if (status >= 500 && isLive(event.detail.ctx.sourceElement)) return; // it tries again by itself
  tell(word(BY_STATUS[status] ?? "failed"));
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.error instanceof TypeError) tell(word("offline"));
});

document.addEventListener("htmx:config:request", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  if (!sourceElement.matches?.("form[data-lean]")) return;
  for (const [key, value] of [...request.body]) if (value === "") request.body.delete(key);
});
