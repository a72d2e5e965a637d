// Whose past is asked for: an insured identity, or an id of the caller's. It goes into bodies of requests
// and nowhere else.

import { Choice, TextField } from "./field.js";
import { html } from "./html.js";
import { t } from "./i18n.js";
import { clear, editPatient } from "./session.js";
import { state } from "./state.js";

export function Patient() {
  const { patient } = state.draft;
  const part = (name, rest) => html`
    <${TextField} path="patient.${name}" label=${t(`patient.${name}`)} value=${patient[name]} max="64"
      onChange=${(text) => editPatient({ [name]: text })} ...${rest} />`;
  return html`
    <section class="panel" aria-labelledby="patient-title">
      <header>
        <h2 id="patient-title">${t("patient.title")}</h2>
        <button type="button" class="quiet" onClick=${clear}>${t("patient.clear")}</button>
      </header>
      <${Choice} path="patient.by" label=${t("patient.by")} value=${patient.by} className="small"
        values=${[["insured", t("patient.insured")], ["id", t("patient.opaque")]]}
        onChange=${(by) => editPatient({ by })} />
      ${patient.by === "insured" ? html`
        <div class="row patient-row">
          ${part("insurer", { mode: "numeric", className: "grow" })}
          ${part("symbol")} ${part("number")}
          ${part("branch", { mode: "numeric", max: "2" })}
        </div>` : part("id", { hint: t("patient.id.hint") })}
    </section>`;
}
