// Fields of a form: label, hint, and the error that the server found in them, tied together for
// everybody who cannot see that they stand together.

import { fieldId } from "./draft.js";
import { inWords } from "./failure.js";
import { html } from "./html.js";
import { t } from "./i18n.js";
import { state } from "./state.js";

/** The failure that lies in a field. */
function faultOf(path) {
  const registered = state.registration.failure;
  if (registered?.path && path === `registration.${registered.path}`) return registered;
  const { failure } = state.check;
  return failure?.path === path ? failure : null;
}

/** A label with its control. `render` gets the attributes that tie the control to it. */
export function Field({ path, label, hint, optional, className = "", render }) {
  const id = fieldId(path);
  const fault = faultOf(path);
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ");
  const attributes = { id, "aria-invalid": fault ? "true" : undefined, "aria-describedby": described || undefined };
  return html`
    <div class="field ${className}">
      <label for=${id}>${label}${optional && html`<span class="optional"> ${t("optional")}</span>`}</label>
      ${render(attributes)}
      ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
      ${fault && html`<p class="fault" id="${id}-fault">${inWords(fault)}</p>`}
    </div>`;
}

/** A field of one line of text. */
export function TextField({ value, onChange, type = "text", mode, max, placeholder, onCommit, list, ...rest }) {
  const keys = (event) => event.key === "Enter" && !event.isComposing && onCommit?.();
  return html`<${Field} ...${rest} render=${(attributes) => html`
    <input ...${attributes} type=${type} value=${value} inputmode=${mode} maxlength=${max}
      placeholder=${placeholder} list=${list} autocomplete="off" spellcheck=${false}
      onInput=${(event) => onChange(event.target.value)} onChange=${() => onCommit?.()} onKeyDown=${keys} />`} />`;
}

/** A field of known values, given as pairs of value and text. */
export function SelectField({ value, values, onChange, ...rest }) {
  return html`<${Field} ...${rest} render=${(attributes) => html`
    <select ...${attributes} value=${value} onChange=${(event) => onChange(event.target.value)}>
      ${values.map(([known, text]) => html`<option value=${known} selected=${known === value}>${text}</option>`)}
    </select>`} />`;
}

/** One of a few, all of them visible. */
export function Choice({ path, label, value, values, onChange, className = "" }) {
  const id = fieldId(path);
  return html`
    <fieldset class="choice ${className}">
      <legend>${label}</legend>
      <div class="segments">
        ${values.map(([known, text], at) => html`
          <label key=${known} class=${known === value ? "on" : ""}>
            <input type="radio" id=${at === 0 ? id : `${id}-${known}`} name=${id} value=${known}
              checked=${known === value} onChange=${() => onChange(known)} />
            <span>${text}</span>
          </label>`)}
      </div>
    </fieldset>`;
}
