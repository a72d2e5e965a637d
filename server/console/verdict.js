// The outcome at one glance. Only an answer that says so is shown as clear: not having asked, waiting, a
// failure and an incomplete check each look like what they are.

import { FailureNote } from "./failure.js";
import { html } from "./html.js";
import { t, word } from "./i18n.js";
import { state } from "./state.js";

const SIGNS = { findings: "!", incomplete: "?", clear: "✓", failed: "×", asking: "…", changed: "↻", recorder: "…", idle: "" };

const nameOf = (line, at) => line?.drug.name || line?.drug.code || t("line.number", { line: at + 1 });

function Band({ kind, title, children }) {
  return html`
    <div class="verdict ${kind}" id="verdict" tabindex="-1" role="status">
      <span class="sign" aria-hidden="true">${SIGNS[kind]}</span>
      <div><p class="verdict-title">${title}</p>${children}</div>
    </div>`;
}

function titleOf({ findings, outcome }) {
  if (outcome !== "findings") return t(`verdict.${outcome}`);
  const of = (kind) => findings.filter((finding) => finding.kind === kind).length;
  const counts = [["contraindication", of("contraindication")], ["duplicate", of("duplicate")]];
  return counts.filter(([, count]) => count > 0)
    .map(([kind, count]) => t(`verdict.${kind}`, { count })).join(t("verdict.and"));
}

/** What was not checked, loud: nobody may take it for checked. */
function Unchecked({ answer, lines }) {
  if (answer.not_checked.length === 0 && answer.incomplete_because.length === 0) return null;
  const others = answer.incomplete_because.filter((why) => why !== "line_not_checked");
  const isLoud = answer.incomplete_because.length > 0;
  return html`
    <section class="unchecked ${isLoud ? "loud" : ""}" aria-labelledby="unchecked-title">
      <h3 id="unchecked-title">${t(isLoud ? "unchecked.title" : "unchecked.material")}</h3>
      <ul>
        ${answer.not_checked.map(({ line, reason }) => html`
          <li><strong>${t("line.number", { line: line + 1 })} ${nameOf(lines[line], line)}</strong>
            <span>${word("not_checked", reason)}</span></li>`)}
        ${others.map((why) => html`<li><span>${word("incomplete", why)}</span></li>`)}
      </ul>
    </section>`;
}

function Warnings({ warnings }) {
  if (warnings.length === 0) return null;
  const where = ({ line, document, rp }) =>
    line !== undefined ? t("line.number", { line: line + 1 })
      : document !== undefined ? `${document} RP${rp}` : t("warning.message");
  return html`
    <section class="warnings" aria-labelledby="warnings-title">
      <h3 id="warnings-title">${t("warnings.title")}</h3>
      <ul>${warnings.map((warning) => html`
        <li><strong>${where(warning)}</strong>
          <span>${word("warning", warning.kind)}${warning.detail && html` <code>${warning.detail}</code>`}</span></li>`)}
      </ul>
    </section>`;
}

export function Verdict() {
  const { phase, answer, failure, lines } = state.check;
  if (phase === "failed") {
    return html`
      <div class="verdict failed" id="verdict" tabindex="-1">
        <span class="sign" aria-hidden="true">${SIGNS.failed}</span>
        <${FailureNote} failure=${failure} title=${t("verdict.failed")} />
      </div>`;
  }
  if (phase !== "answered") {
    return phase === "idle" ? null
      : html`<${Band} kind=${phase} title=${t(`verdict.${phase}`)}><p>${t(`verdict.${phase}.says`)}</p><//>`;
  }
  return html`
    <${Band} kind=${answer.outcome} title=${titleOf(answer)}>
      <p>${t(`verdict.${answer.outcome}.says`)}</p>
    <//>
    <${Unchecked} answer=${answer} lines=${lines} />
    <${Warnings} warnings=${answer.warnings} />`;
}
