// The new lines: what is to be prescribed or dispensed.

import { DrugBox } from "./drug_box.js";
import { fieldId } from "./draft.js";
import { Field, SelectField, TextField } from "./field.js";
import { html } from "./html.js";
import { t, word } from "./i18n.js";
import { Message } from "./message.js";
import { addLine, editLine, removeLine } from "./session.js";
import { state } from "./state.js";

const FORMS = ["1", "2", "3", "4", "5", "6", "9"];
const SYSTEMS = ["yj", "receipt", "price", "hot", "generic", "gtin"];

/** Adds a line and puts the focus where its drug is typed. */
export function addAndFocus() {
  addLine();
  const at = state.draft.lines.length - 1;
  requestAnimationFrame(() => document.getElementById(fieldId(`lines[${at}].drug`))?.focus());
}

function remove(line, at) {
  removeLine(line.key);
  const next = Math.min(at, state.draft.lines.length - 1);
  requestAnimationFrame(() => document.getElementById(fieldId(`lines[${next}].drug`))?.focus());
}

function Line({ line, at }) {
  const path = (name) => `lines[${at}].${name}`;
  const set = (patch) => editLine(line.key, patch);
  const { drug } = line;
  return html`
    <li class="line" key=${line.key}>
      <span class="line-number" aria-hidden="true">${at + 1}</span>
      <${Field} path=${path("drug")} label=${t("line.drug", { line: at + 1 })} className="line-drug"
        render=${(attributes) => html`
          <${DrugBox} path=${path("drug")} text=${line.text} attributes=${attributes}
            onType=${(text) => set({ text, drug: { ...drug, code: "", name: "" }, ingredients: "" })}
            onTake=${set} />`} />
      <p class="line-code">
        ${drug.code ? html`<code>${word("system", drug.system)} ${drug.code}</code> ${line.ingredients}`
          : t(line.text ? "line.no_code" : "line.empty")}
      </p>
      <div class="row line-row">
        <${SelectField} path=${path("form")} label=${t("line.form")} value=${line.form}
          values=${FORMS.map((form) => [form, word("form", form)])} onChange=${(form) => set({ form })} />
        <${TextField} path=${path("quantity")} label=${t(line.form === "1" ? "line.days" : "line.quantity")}
          value=${line.quantity} mode="decimal" max="12" onChange=${(quantity) => set({ quantity })} />
        <${TextField} path=${path("rp")} label="RP" value=${line.rp} mode="numeric" max="4"
          onChange=${(rp) => set({ rp })} />
        <button type="button" class="quiet remove" aria-label=${t("line.remove.of", { line: at + 1 })}
          onClick=${() => remove(line, at)}>${t("line.remove")}</button>
      </div>
      <details>
        <summary>${t("line.more")}</summary>
        <div class="row">
          <${SelectField} path=${path("drug.system")} label=${t("line.system")} value=${drug.system}
            values=${SYSTEMS.map((system) => [system, word("system", system)])}
            onChange=${(system) => set({ drug: { ...drug, system } })} />
          <${TextField} path=${path("drug.code")} label=${t("line.code")} value=${drug.code} max="64"
            className="grow" onChange=${(code) => set({ drug: { ...drug, code, name: "" }, ingredients: "" })} />
        </div>
        <div class="row">
          <${TextField} path=${path("usage")} label=${t("line.usage")} value=${line.usage} max="64"
            className="grow" optional onChange=${(usage) => set({ usage })} />
          <${TextField} path=${path("usage_supplements")} label=${t("line.supplements")} value=${line.supplements}
            optional onChange=${(supplements) => set({ supplements })} />
        </div>
      </details>
    </li>`;
}

export function Lines() {
  const { lines } = state.draft;
  return html`
    <section class="panel" aria-labelledby="lines-title">
      <h2 id="lines-title">${t("lines.title")}</h2>
      <ol class="lines">${lines.map((line, at) => html`<${Line} key=${line.key} line=${line} at=${at} />`)}</ol>
      <button type="button" class="add" onClick=${addAndFocus}>${t("lines.add")}</button>
      <${Message} />
    </section>`;
}
