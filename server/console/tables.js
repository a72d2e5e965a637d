// The tables in force: what they were made from, and what a pharmacist should look at in them.

import { FailureNote } from "./failure.js";
import { html } from "./html.js";
import { count, t, word } from "./i18n.js";
import { lint, show } from "./operator.js";
import { state } from "./state.js";

const SEVERITIES = ["error", "warning", "note"];

export function Sources() {
  const { status } = state;
  if (!status) return null;
  return html`
    <section class="panel" aria-labelledby="sources-title">
      <h2 id="sources-title">${t("sources.title")}</h2>
      ${status.sources.length === 0 ? html`<p class="empty">${t("sources.none")}</p>` : html`
        <div class="scroll" tabindex="0" role="group" aria-labelledby="sources-title">
          <table>
            <thead><tr><th scope="col">${t("sources.table")}</th><th scope="col">${t("sources.file")}</th>
              <th scope="col" class="figure">${t("sources.rows")}</th></tr></thead>
            <tbody>${status.sources.map((source, at) => html`
              <tr key=${at}><th scope="row">${source.table}</th><td><code>${source.name}</code></td>
                <td class="figure">${count(source.rows)}</td></tr>`)}
            </tbody>
          </table>
        </div>`}
    </section>`;
}

export function Lint() {
  const { lint: found, lintFailure, severity } = state.operator;
  const of = (name) => found.counts.filter((one) => one.severity === name).reduce((sum, one) => sum + one.count, 0);
  const shown = found?.faults.filter((fault) => severity === "all" || fault.severity === severity) ?? [];
  return html`
    <section class="panel" aria-labelledby="lint-title">
      <header>
        <h2 id="lint-title">${t("lint.title")}</h2>
        <button type="button" class="quiet" onClick=${lint}>${t("lint.again")}</button>
      </header>
      <p class="hint">${t("lint.says")}</p>
      ${lintFailure && html`<${FailureNote} failure=${lintFailure} title=${t("lint.failed")} />`}
      ${found && found.counts.length === 0 && html`<p class="note good">${t("lint.none")}</p>`}
      ${found && found.counts.length > 0 && html`
        <div class="segments" role="group" aria-label=${t("lint.severity")}>
          ${["all", ...SEVERITIES].map((name) => html`
            <button type="button" key=${name} aria-pressed=${String(severity === name)} class=${severity === name ? "on" : ""}
              onClick=${() => show(name)}>
              ${word("severity", name)} ${count(name === "all" ? SEVERITIES.reduce((sum, one) => sum + of(one), 0) : of(name))}</button>`)}
        </div>
        <ul class="kinds">${found.counts.filter((one) => severity === "all" || one.severity === severity).map((one) => html`
          <li key=${one.kind}><span class="severity ${one.severity}">${word("severity", one.severity)}</span>
            ${word("lint", one.kind)} <strong>${count(one.count)}</strong></li>`)}</ul>
        ${shown.length === 0 ? html`<p class="empty">${t("lint.nothing")}</p>` : html`
          <details><summary>${t("lint.each", { count: shown.length })}</summary>
            <div class="scroll" tabindex="0" role="group" aria-labelledby="lint-title">
              <table>
                <thead><tr><th scope="col">${t("lint.severity")}</th><th scope="col">${t("sources.table")}</th>
                  <th scope="col">${t("lint.what")}</th></tr></thead>
                <tbody>${shown.map((fault, at) => html`
                  <tr key=${at}><td><span class="severity ${fault.severity}">${word("severity", fault.severity)}</span></td>
                    <td><code>${fault.file}</code></td><td lang="en">${fault.message}</td></tr>`)}</tbody>
              </table>
            </div>
          </details>`}`}
    </section>`;
}
