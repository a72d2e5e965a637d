// Registration: the document that was checked, with what was judged of its findings, made durable. A lost
// answer is asked for again under the same id, which registers nothing twice.

import { Choice, SelectField, TextField } from "./field.js";
import { FailureNote } from "./failure.js";
import { html } from "./html.js";
import { t } from "./i18n.js";
import { check, editRegistration, isJudged, register } from "./session.js";
import { state } from "./state.js";

const KINDS = ["prescription", "dispensing", "in_house"];
const SETTINGS = ["outpatient", "discharge", "inpatient"];

function Outcome({ registration }) {
  const { phase, event, again, failure } = registration;
  if (phase === "done") {
    return html`
      <div class="registered" role="status">
        <p><strong>${t(again ? "register.again" : "register.done", { event })}</strong></p>
        <p>${t("register.seen")}</p>
        <button type="button" onClick=${() => check()}>${t("register.check")}</button>
      </div>`;
  }
  if (phase === "unknown") {
    return html`
      <${FailureNote} failure=${failure} title=${t("register.unknown")} />
      <p>${t("register.retry.says")}</p>
      <button type="button" class="primary" onClick=${register}>${t("register.retry")}</button>`;
  }
  return phase === "failed" && html`<${FailureNote} failure=${failure} title=${t("register.failed")} />`;
}

export function Register() {
  const { check: { phase, answer }, registration, draft } = state;
  if (phase !== "answered") return null;
  const { kind } = registration;
  const isPharmacy = draft.actor.kind === "pharmacy";
  const open = answer.findings.filter(({ id }) => !isJudged(id)).length;
  const set = (name) => (value) => editRegistration({ [name]: value });
  const isOver = ["done", "unknown", "sending"].includes(registration.phase);
  const text = (name, rest) => html`
    <${TextField} path="registration.${name}" label=${t(`register.${name}`)} value=${registration[name]}
      onChange=${set(name)} ...${rest} />`;
  return html`
    <section class="register" id="register" tabindex="-1" aria-labelledby="register-title">
      <h3 id="register-title">${t("register.title")}</h3>
      ${!isOver && html`
        <${Choice} path="registration.kind" label=${t("register.kind")} value=${kind} className="small"
          values=${KINDS.map((known) => [known, t(`register.kind.${known}`)])} onChange=${set("kind")} />
        <div class="row">
          ${text("id", { max: "128", className: "grow" })}
          ${(isPharmacy || kind === "dispensing") && text("other", {
            label: t(isPharmacy ? "register.institution" : "register.pharmacy"), mode: "numeric", max: "10",
            path: isPharmacy ? "registration.institution.code" : "registration.pharmacy.code",
          })}
          ${kind === "dispensing" && text("prescription", { max: "128", optional: true })}
          ${kind === "in_house" && html`
            <${SelectField} path="registration.setting" label=${t("register.setting")} value=${registration.setting}
              values=${SETTINGS.map((known) => [known, t(`register.setting.${known}`)])} onChange=${set("setting")} />`}
          ${kind !== "in_house" && text("uses", { mode: "numeric", max: "2", optional: true, className: "short" })}
          ${kind === "dispensing" && text("use", { mode: "numeric", max: "2", optional: true, className: "short" })}
        </div>
        <p class="hint">${t(open > 0 ? "register.open" : "register.ready", { count: open })}
          ${answer.outcome === "incomplete" && ` ${t("register.incomplete")}`}</p>
        ${registration.previous && html`<p class="note warn">${t("register.previous", { id: registration.previous })}</p>`}
        <button type="button" class="primary" onClick=${register}>${t("register.go")}</button>`}
      ${registration.phase === "sending" && html`<p role="status">${t("register.sending")}</p>`}
      <${Outcome} registration=${registration} />
    </section>`;
}
