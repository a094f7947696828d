// SPDX-License-Identifier: Apache-2.0
// What a preview has found stands beside the fields that it names.
import { onArrival } from "./arrivals.js";

onArrival((root) => {
  for (const preview of root.querySelectorAll("[data-preview]")) {
    const found = [...preview.querySelectorAll("[data-finding]")];
    for (const slot of preview.closest("form").querySelectorAll("[data-finding-slot]")) {
      const mine = found.filter((one) => one.dataset.finding === slot.dataset.findingSlot);
      slot.replaceChildren(...mine.flatMap((one) => [...one.cloneNode(true).children]));
    }
  }
});
