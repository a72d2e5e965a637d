// The beginning: draws the page from the state, and listens to the address, the keyboard and to files.

import * as api from "./api.js";
import { html, render } from "./html.js";
import { listen as listenForMessages } from "./message.js";
import { poll } from "./operator.js";
import { Shell } from "./shell.js";
import { listen as listenForKeys } from "./shortcuts.js";
import { change, drawnBy, state } from "./state.js";
import { t } from "./i18n.js";

/** The address names the screen and the language, and never anything of a patient. */
function follow() {
  const [language, screen] = location.hash.startsWith("#en/")
    ? ["en", location.hash.slice(4)] : ["ja", location.hash.slice(1)];
  change({ language, screen: screen === "operator" ? "operator" : "check", help: false });
  poll();
}

function draw() {
  document.documentElement.lang = state.language;
  document.title = t(`title.${state.screen}`);
  render(html`<${Shell} />`, document.getElementById("page"));
}

async function greet() {
  try {
    const [status, examples] = await Promise.all([api.status(), api.examples()]);
    change({ status, examples, serverFailure: null });
  } catch (failure) {
    change({ serverFailure: failure });
  }
}

/** A page that the browser kept is loaded anew: nobody finds the patient of before with "back". */
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

drawnBy(draw);
addEventListener("hashchange", follow);
listenForKeys();
listenForMessages();
follow();
greet();
