// What an operator can do: put the newest generation in force, and make one of what was registered. Each
// is confirmed first, and says what came of it.

import { FailureNote } from "./failure.js";
import { Component, createRef, html } from "./html.js";
import { t } from "./i18n.js";
import { ask, run } from "./operator.js";
import { state } from "./state.js";

class Confirm extends Component {
  constructor(props) {
    super(props);
    this.dialog = createRef();
  }

  componentDidMount() {
    this.dialog.current.showModal();
  }

  render({ what }) {
    const done = () => {
      const isMeant = this.dialog.current.returnValue === "yes";
      if (isMeant) run(what);
      else ask(null);
    };
    return html`
      <dialog ref=${this.dialog} aria-labelledby="confirm-title" aria-describedby="confirm-says" onClose=${done}>
        <h2 id="confirm-title">${t(`upkeep.${what}.ask`)}</h2>
        <p id="confirm-says">${t(`upkeep.${what}.says`)}</p>
        <form method="dialog" class="buttons">
          <button value="no">${t("cancel")}</button>
          <button value="yes" class="primary">${t(`upkeep.${what}`)}</button>
        </form>
      </dialog>`;
  }
}

export function Upkeep() {
  const { asking, busy, result } = state.operator;
  return html`
    <section class="panel" aria-labelledby="upkeep-title">
      <h2 id="upkeep-title">${t("upkeep.title")}</h2>
      <div class="buttons">
        ${["reload", "compact"].map((what) => html`
          <button type="button" key=${what} disabled=${busy !== null} onClick=${() => ask(what)}>${t(`upkeep.${what}`)}</button>`)}
      </div>
      <div role="status">
        ${busy && html`<p class="hint">${t("upkeep.busy", { what: t(`upkeep.${busy}`) })}</p>`}
        ${result?.value && html`<p class="note good">
          ${t(result.value.changed ? "upkeep.changed" : "upkeep.same", { generation: result.value.generation })}</p>`}
        ${result?.failure && html`<${FailureNote} failure=${result.failure} title=${t("upkeep.failed")} />`}
      </div>
      ${asking && html`<${Confirm} what=${asking} />`}
    </section>`;
}
