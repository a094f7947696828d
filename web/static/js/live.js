// SPDX-License-Identifier: Apache-2.0
// A live part that cannot begin tries again; one that may no longer be shown does not stand on.
const GONE = [401, 403, 404];
const AGAIN_AFTER = 3000;

export function isLive(element) {
  return element?.matches?.("[data-live]") ?? false;
}

function again(element) {
  if (isLive(element)) setTimeout(() => element.isConnected && window.htmx.trigger(element, "live:again"), AGAIN_AFTER);
}

document.addEventListener("live:over", () => location.reload());
document.addEventListener("htmx:sse:error", (event) => {
  if (GONE.includes(event.detail.status)) location.reload();
});
document.addEventListener("htmx:response:error", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  if (response.status >= 500) again(sourceElement);
});
document.addEventListener("htmx:error", (event) => again(event.detail.ctx?.sourceElement));
