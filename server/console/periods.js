// The timeline as numbers: which periods are drawn, in which row and where. Pure, so that it is tested
// without a page.

import { number, text } from "./day.js";

/** The window of the national rule, and what is shown of the days to come. */
const DAYS_BEFORE = 99;
const DAYS_AFTER_MIN = 14;
const DAYS_AFTER_MAX = 60;
const LANES_MAX = 6;
/** Records that never were taken, or stand for another: the table has them. */
const NOT_DRAWN = ["cancelled", "superseded", "material", "not_covered"];

const keyOf = ({ document, rp, drug }) => `${document}\n${rp}\n${drug.system}\n${drug.code}`;
const RANK = { contraindication: 0, duplicate: 1, active: 2, other: 3, ended: 4 };

/**
 * The records that may be told: all with full consent, else those that stand behind findings. A record
 * is told once, with every kind of finding that it stands behind.
 */
export function records(answer, history) {
  const told = new Map();
  for (const finding of answer.findings) {
    for (const record of finding.evidence ?? []) {
      const known = told.get(keyOf(record)) ?? { ...record, kinds: [] };
      if (!known.kinds.includes(finding.kind)) known.kinds.push(finding.kind);
      told.set(keyOf(record), known);
    }
  }
  if (!history) return [...told.values()];
  return history.records.map((record) => ({ ...record, kinds: told.get(keyOf(record))?.kinds ?? [] }));
}

function look({ kinds, disposition = "active" }) {
  if (kinds.includes("contraindication")) return "contraindication";
  if (kinds.includes("duplicate")) return "duplicate";
  return disposition === "active" ? "active" : disposition === "ended" ? "ended" : "other";
}

/** What is prescribed now, as far as its days are written. */
function planned({ lines, asOf }) {
  return lines.filter(({ drug }) => drug.code).map((line) => {
    const days = line.form === "1" && /^[1-9]\d{0,2}$/.test(line.quantity) ? Number(line.quantity) : null;
    const last = days === null ? asOf : asOf + days - 1;
    return { name: line.drug.name || line.drug.code, first: asOf, last, days };
  });
}

/** The first lane in which a period meets no other; the last one takes what is left, drawn over each other. */
function laneOf(lanes, { first, last }) {
  const free = lanes.findIndex((end) => end < first);
  const lane = free >= 0 ? free : Math.min(lanes.length, LANES_MAX - 1);
  const isOver = lanes[lane] >= first;
  lanes[lane] = Math.max(lanes[lane] ?? -Infinity, last);
  return { lane, isOver };
}

/** Rows of periods over days, from the first day that is shown to the last. */
export function layOut({ records, lines, asOf: day }) {
  const asOf = number(day);
  const drawn = records.filter(({ disposition }) => !NOT_DRAWN.includes(disposition));
  const now = planned({ lines, asOf });
  const ends = [...drawn.map((record) => number(record.end_day)), ...now.map(({ last }) => last)];
  const last = Math.min(Math.max(asOf + DAYS_AFTER_MIN, ...ends), asOf + DAYS_AFTER_MAX);
  const first = asOf - DAYS_BEFORE;
  const rows = new Map();
  for (const record of drawn) {
    const period = { record, look: look(record), first: number(record.basis_day), last: number(record.end_day) };
    if (period.last < first || period.first > last) continue;
    const name = record.drug.name || record.drug.code;
    const row = rows.get(name) ?? { name, rank: Infinity, periods: [] };
    row.periods.push(period);
    row.rank = Math.min(row.rank, RANK[period.look]);
    rows.set(name, row);
  }
  const past = [...rows.values()].map((row) => {
    const lanes = [];
    const periods = row.periods.sort((one, other) => one.first - other.first || one.last - other.last)
      .map((period) => ({ ...period, ...laneOf(lanes, period) }));
    return { ...row, periods, lanes: lanes.length, latest: Math.max(...periods.map((period) => period.last)) };
  });
  past.sort((one, other) => one.rank - other.rank || other.latest - one.latest || one.name.localeCompare(other.name));
  return { first, last, asOf, planned: now, rows: past, ticks: ticks(first, last), undrawn: records.length - drawn.length };
}

/** The first of each month and its middle. */
function ticks(first, last) {
  const days = [];
  for (let day = Math.ceil(first); day <= last; day += 1) {
    const written = text(day);
    if (written.endsWith("-01") || written.endsWith("-15")) days.push({ day, isMonth: written.endsWith("-01"), written });
  }
  return days;
}
