// SPDX-License-Identifier: Apache-2.0
// A live part that may no longer be shown, or is no longer there, does not stand on as if it were.
const GONE = [401, 403, 404];

document.addEventListener("live:over", () => location.reload());
document.addEventListener("htmx:sse:error", (event) => {
  if (GONE.includes(event.detail.status)) location.reload();
});
