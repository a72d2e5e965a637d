// Each finding in words, with its reason, and the place where somebody judges it. Contraindications come
// first; kinds differ by word and sign, not by colour alone.

import { Evidence } from "./evidence.js";
import { html } from "./html.js";
import { t, word } from "./i18n.js";
import { acknowledge, isJudged } from "./session.js";
import { state } from "./state.js";

const KINDS = ["contraindication", "duplicate"];
const SIGNS = { contraindication: "×", duplicate: "＝" };

function Rule({ rule }) {
  const source = [rule.insert, rule.revised && t("rule.revised", { day: rule.revised }),
    rule.section && t("rule.section", { section: rule.section })].filter(Boolean).join("・");
  const rows = ["condition", "measures", "mechanism"].filter((name) => rule[name]);
  return html`
    <li>
      <p><strong>${word("stated_by", rule.stated_by)}</strong>${source && html` <span>${source}</span>`}</p>
      ${rows.length > 0 && html`
        <dl>${rows.map((name) => html`<dt>${t(`rule.${name}`)}</dt><dd>${rule[name]}</dd>`)}</dl>`}
    </li>`;
}

function Judgement({ finding }) {
  const { on = false, reason = "" } = state.acknowledged[finding.id] ?? {};
  const isMissing = state.registration.failure?.code === "unjudged" && !isJudged(finding.id);
  return html`
    <div class="judgement ${isMissing ? "missing" : ""}">
      <label class="tick">
        <input type="checkbox" id="judge-${finding.id}" checked=${on} aria-invalid=${isMissing && !on ? "true" : undefined}
          onChange=${(event) => acknowledge(finding.id, { on: event.target.checked })} />
        <span>${t("judge.accept")}</span>
      </label>
      ${on && html`
        <label class="reason">
          <span>${t("judge.reason")}</span>
          <input type="text" id="reason-${finding.id}" value=${reason} maxlength="1000" list="reasons" autocomplete="off"
            aria-invalid=${isMissing ? "true" : undefined}
            onInput=${(event) => acknowledge(finding.id, { reason: event.target.value })} />
        </label>`}
    </div>`;
}

const substance = ({ name, route }) =>
  html`<span class="substance">${name}<small>${route.split(";").map((one) => word("route", one)).join("・")}</small></span>`;

function Totals({ totals, isWashout }) {
  const { records, institutions, pharmacies, first_day: first, last_day: last, days_left: left } = totals;
  return html`
    <p class="totals">
      <span>${t("totals.records", { records })}</span>
      ${institutions > 0 && html`<span>${t("totals.institutions", { institutions })}</span>`}
      ${pharmacies > 0 && html`<span>${t("totals.pharmacies", { pharmacies })}</span>`}
      <span>${t("totals.days", { first, last })}</span>
      ${!isWashout && html`<strong>${t("totals.left", { left })}</strong>`}
    </p>`;
}

function Finding({ finding }) {
  const { kind, line, other_line: other, totals, evidence, rules, level } = finding;
  const isWithheld = finding.scope === "history" && evidence === undefined;
  const substances = finding.ingredients ?? [finding.ingredient, finding.partner].filter(Boolean);
  const drug = state.check.lines[line]?.drug;
  return html`
    <li>
      <article class="finding ${kind}" aria-labelledby="finding-${finding.id}">
        <header>
          <span class="tag ${kind}"><span aria-hidden="true">${SIGNS[kind]}</span> ${word("kind", kind)}</span>
          <h4 id="finding-${finding.id}">
            ${t("line.number", { line: line + 1 })} ${drug?.name || drug?.code}
            ${other !== undefined && html` × ${t("line.number", { line: other + 1 })}`}
          </h4>
          ${level && html`<span class="level">${word("level", level)}</span>`}
          ${finding.washout && html`<span class="level">${t("washout")}</span>`}
        </header>
        <p class="sentence">${finding.message[state.language]}</p>
        ${substances.length > 0 && html`
          <p class="substances">${substances.map((one, at) => html`
            ${at > 0 && html`<span class="versus">${kind === "contraindication" ? "×" : "・"}</span>`}${substance(one)}`)}</p>`}
        ${finding.possible_double_registration && html`<p class="note warn">${t("double_registration")}</p>`}
        ${rules?.length > 0 && html`
          <h5>${t("rules.title")}</h5>
          <ul class="rules">${rules.map((rule, at) => html`<${Rule} key=${at} rule=${rule} />`)}</ul>`}
        ${totals && html`<h5>${t("evidence.title")}</h5><${Totals} totals=${totals} isWashout=${finding.washout} />`}
        ${evidence && html`<${Evidence} records=${evidence} />`}
        ${isWithheld && html`<p class="note withheld">${t("withheld")}</p>`}
        <${Judgement} finding=${finding} />
      </article>
    </li>`;
}

/** What else the answer says about the past, with full consent. */
function Considered({ answer }) {
  const { considered, active_drugs: drugs, blind_spots: spots = [] } = answer;
  if (!considered) return null;
  const { records, ...dispositions } = considered;
  const told = t("considered", { records, drugs });
  const counts = Object.entries(dispositions).map(([name, count]) => `${word("disposition", name)} ${count}`);
  return html`
    ${spots.length > 0 && html`
      <section class="warnings" aria-labelledby="spots-title">
        <h3 id="spots-title">${t("spots.title")}</h3>
        <ul>${spots.map((spot) => html`
          <li><strong>${spot.drug.name || spot.drug.code}</strong>
            <span>${spot.basis_day} → ${spot.end_day} ${t("until")} · ${t("days", { days: spot.days })}</span></li>`)}
        </ul>
      </section>`}
    <p class="considered">${counts.length > 0 ? t("labelled", { label: told, text: counts.join("・") }) : told}</p>`;
}

export function Findings() {
  const { answer } = state.check;
  if (!answer) return null;
  return html`
    ${KINDS.map((kind) => {
      const some = answer.findings.filter((finding) => finding.kind === kind);
      return some.length > 0 && html`
        <section class="group" key=${kind} aria-labelledby="group-${kind}">
          <h3 id="group-${kind}">${word("kind", kind)} <span class="count">${some.length}</span></h3>
          <ul>${some.map((finding) => html`<${Finding} key=${finding.id} finding=${finding} />`)}</ul>
        </section>`;
    })}
    <datalist id="reasons">
      ${["1", "2", "3", "4"].map((one) => html`<option value=${t(`reason.${one}`)} />`)}
    </datalist>
    <${Considered} answer=${answer} />`;
}
