// How much of the past may be told, chosen where it can be seen, with a sentence of what is told now.

import { TextField } from "./field.js";
import { html } from "./html.js";
import { t } from "./i18n.js";
import { recheck, setConsent, setRecorder } from "./session.js";
import { state } from "./state.js";

const LEVELS = ["none", "oral", "full"];

export function Consent() {
  const { level, recordedBy } = state.consent;
  return html`
    <section class="consent" aria-labelledby="consent-title" data-level=${level}>
      <div class="consent-row">
        <h2 id="consent-title">${t("consent.title")}</h2>
        <div class="segments" role="radiogroup" aria-labelledby="consent-title" aria-describedby="consent-says">
          ${LEVELS.map((known) => html`
            <label key=${known} class=${known === level ? "on" : ""}>
              <input type="radio" name="consent" id=${known === "none" ? "f-consent-level" : `f-consent-${known}`}
                value=${known} checked=${known === level} onChange=${() => setConsent(known)} />
              <span>${t(`consent.${known}`)}</span>
            </label>`)}
        </div>
        ${level === "oral" && html`
          <${TextField} path="consent.recorded_by" label=${t("consent.recorder")} value=${recordedBy} max="64"
            className="inline" onChange=${setRecorder} onCommit=${() => state.check.phase === "recorder" && recheck()} />`}
      </div>
      <p id="consent-says" class="consent-says" role="status">${t(`consent.${level}.says`)}</p>
    </section>`;
}
