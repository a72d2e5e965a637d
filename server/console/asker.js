// Who asks, for which day, and by which policy.

import { Choice, SelectField, TextField } from "./field.js";
import { html } from "./html.js";
import { t, word } from "./i18n.js";
import { edit } from "./session.js";
import { state } from "./state.js";

export function Asker() {
  const { actor, asOf, policy, includeOwn, sources } = state.draft;
  const policies = state.status?.policies ?? ["official", "extended"];
  const known = policies.includes(policy) ? policies : [...policies, policy];
  return html`
    <section class="panel" aria-labelledby="asker-title">
      <h2 id="asker-title">${t("asker.title")}</h2>
      <${Choice} path="actor.kind" label=${t("asker.kind")} value=${actor.kind} className="small"
        values=${[["medical_institution", t("asker.medical_institution")], ["pharmacy", t("asker.pharmacy")]]}
        onChange=${(kind) => edit({ actor: { ...actor, kind } })} />
      <div class="row">
        <${TextField} path="actor.code" label=${t("asker.code")} value=${actor.code} mode="numeric" max="10"
          className="grow" placeholder="1311234567" onChange=${(code) => edit({ actor: { ...actor, code } })} />
        <${TextField} path="as_of" label=${t("asker.day")} value=${asOf} type="date"
          onChange=${(day) => edit({ asOf: day })} />
      </div>
      <details>
        <summary>${t("asker.more")}</summary>
        <div class="row">
          <${SelectField} path="policy" label=${t("asker.policy")} value=${policy}
            values=${known.map((name) => [name, word("policy", name)])} onChange=${(name) => edit({ policy: name })} />
          <${SelectField} path="own_institution" label=${t("asker.own")} value=${includeOwn ? "include" : "exclude"}
            values=${["exclude", "include"].map((value) => [value, t(`asker.own.${value}`)])}
            onChange=${(value) => edit({ includeOwn: value === "include" })} />
        </div>
        <${TextField} path="source_documents" label=${t("asker.sources")} value=${sources} optional
          hint=${t("asker.sources.hint")} onChange=${(text) => edit({ sources: text })} />
      </details>
    </section>`;
}
