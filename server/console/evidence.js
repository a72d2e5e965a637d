// How a record was judged, in words: from which day, how its days came about, until when, from whom.

import { html } from "./html.js";
import { t, word } from "./i18n.js";

const nameOf = (drug) => drug.name || `${word("system", drug.system)} ${drug.code}`;

/** An institution by its name, and its code where it has none. */
export const placeOf = (place) => (place ? place.name || place.code : null);

/** How the days of a period came about. */
export function daysOf(record) {
  const { days, days_from: from } = record;
  return t("days.from", { days, from: word("days_from", from) });
}

/** A record in one sentence, as the timeline tells it. */
export function sentence(record) {
  const parts = [
    t("record.period", {
      name: nameOf(record.drug), basis: word("basis", record.basis), first: record.basis_day,
      days: daysOf(record), last: record.end_day,
    }),
    record.disposition && t("record.judged", { disposition: word("disposition", record.disposition) }),
    record.refill_exempt && t("record.refill"),
    record.resolution !== "exact" && t("record.resolution", { resolution: word("resolution", record.resolution) }),
    placeOf(record.institution) && t("record.institution", { name: placeOf(record.institution) }),
    placeOf(record.pharmacy) && t("record.pharmacy", { name: placeOf(record.pharmacy) }),
  ];
  return parts.filter(Boolean).join(t("sentence.join"));
}

const SHOWN = 3;

function Record({ record }) {
  return html`
    <li>
      <p class="record-drug">${nameOf(record.drug)}
        <code>${word("system", record.drug.system)} ${record.drug.code}</code></p>
      <p class="record-period">
        <span>${word("basis", record.basis)} <time>${record.basis_day}</time></span>
        <span class="arrow" aria-hidden="true">→</span>
        <span><time>${record.end_day}</time> ${t("until")}</span>
        <span class="record-days">${daysOf(record)}</span>
      </p>
      <p class="record-from">
        ${placeOf(record.institution) && html`<span>${t("record.institution", { name: placeOf(record.institution) })}</span>`}
        ${placeOf(record.pharmacy) && html`<span>${t("record.pharmacy", { name: placeOf(record.pharmacy) })}</span>`}
        ${record.usage && html`<span>${record.usage.text || `${t("line.usage")} ${record.usage.code}`}</span>`}
        ${record.refill_exempt && html`<span>${t("record.refill")}</span>`}
        ${record.resolution !== "exact" && html`
          <span>${t("record.resolution", { resolution: word("resolution", record.resolution) })}</span>`}
        <span>${t("record.document")} <code>${record.document}</code> RP${record.rp}</span>
      </p>
    </li>`;
}

/** The records that a finding rests on; many of them folded. */
export function Evidence({ records }) {
  const [first, rest] = [records.slice(0, SHOWN), records.slice(SHOWN)];
  const list = (some) => html`<ul class="records">${some.map((record, at) => html`<${Record} key=${at} record=${record} />`)}</ul>`;
  return html`
    ${list(first)}
    ${rest.length > 0 && html`
      <details><summary>${t("evidence.more", { count: rest.length })}</summary>${list(rest)}</details>`}`;
}
