// Keys that lead through the page. Single letters work only where nobody is writing, and can be turned off.

import { fieldId } from "./draft.js";
import { addAndFocus } from "./lines.js";
import { check } from "./session.js";
import { change, state } from "./state.js";

const focus = (id) => () => document.getElementById(id)?.focus();
const go = (screen) => () => {
  location.hash = state.language === "en" ? `en/${screen}` : screen;
};

/** The address of a screen in a language. */
export const address = (screen, language) => (language === "en" ? `#en/${screen}` : `#${screen}`);

/** What each key does; the help lists them in this order. */
export const KEYS = {
  p: () => document.getElementById(fieldId(state.draft.patient.by === "id" ? "patient.id" : "patient.insurer"))?.focus(),
  n: addAndFocus,
  c: () => document.querySelector(".consent input:checked")?.focus(),
  v: focus("verdict"),
  t: () => (document.querySelector("#timeline [tabindex='0']") ?? document.getElementById("timeline"))?.focus(),
  r: focus("register"),
  1: go("check"),
  2: go("operator"),
  l: () => {
    location.hash = address(state.screen, state.language === "en" ? "ja" : "en");
  },
};

/** Checks, and leads to the outcome. */
export async function checkAndShow() {
  await check();
  const { failure } = state.check;
  if (!failure?.path) document.getElementById("verdict")?.focus();
}

const isWriting = (target) =>
  target.closest?.("textarea, select, [contenteditable]") || target.matches?.("input:not([type=radio], [type=checkbox])");

export function listen() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && state.screen === "check") {
      event.preventDefault();
      checkAndShow();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!state.shortcuts || isWriting(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") {
      event.preventDefault();
      change({ help: true });
    } else if (Object.hasOwn(KEYS, event.key)) {
      event.preventDefault();
      KEYS[event.key]();
    }
  });
}
