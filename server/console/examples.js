// The page before the first check: what to do next, and, where the server says that its data is a
// demonstration, patients to try it with.

import { FailureNote } from "./failure.js";
import { html } from "./html.js";
import { t } from "./i18n.js";
import { fill } from "./message.js";
import { check } from "./session.js";
import { change, state } from "./state.js";

/** Takes an example: fills every field and checks. */
export async function take({ request }) {
  fill(request);
  const { level = "none", recorded_by: recordedBy = "" } = request.consent ?? {};
  change({ consent: { level, recordedBy }, message: { deviations: [], failure: null, name: null } });
  await check();
  document.getElementById("verdict")?.focus();
}

export function Begin() {
  const { examples, serverFailure, check: { phase } } = state;
  if (phase !== "idle") return null;
  return html`
    <section class="begin" aria-labelledby="begin-title">
      ${serverFailure && html`<${FailureNote} failure=${serverFailure} title=${t("server.failed")} />`}
      <h2 id="begin-title">${t("begin.title")}</h2>
      <ol class="steps">${["1", "2", "3"].map((step) => html`<li key=${step}>${t(`begin.${step}`)}</li>`)}</ol>
      ${examples.length > 0 && html`
        <h3>${t("examples.title")}</h3>
        <p class="hint">${t("examples.says")}</p>
        <ul class="examples">${examples.map((example) => html`
          <li key=${example.name}>
            <button type="button" onClick=${() => take(example)}>
              <strong>${t(`example.${example.name}`)}</strong>
              <span>${example[state.language]}</span>
            </button>
          </li>`)}
        </ul>`}
    </section>`;
}
