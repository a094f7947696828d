// SPDX-License-Identifier: Apache-2.0
// Every page loads this one; each module listens on the document, so that swapped-in parts work too.
import "./choices.js";
import "./colors.js";
import "./dialog.js";
import "./findings.js";
import "./form_tabs.js";
import "./guard.js";
import "./keyboard.js";
import "./live.js";
import "./palette.js";
import "./phones.js";
import "./plot.js";
import "./preferences.js";
import "./refresh.js";
import "./search.js";
import "./selection.js";
import "./swatches.js";
import "./tags.js";
import "./toast.js";
import "./toolbar.js";
import "./copy.js";
import "./requests.js";
