// The medication periods of the last hundred days as a drawing: the check day a line, what collides
// hatched and named, every period reachable by pointer and by arrow keys; and the same as a table.

import { short } from "./day.js";
import { placeOf, daysOf, sentence } from "./evidence.js";
import { FailureNote } from "./failure.js";
import { Component, createRef, html } from "./html.js";
import { t, word } from "./i18n.js";
import { layOut, records } from "./periods.js";
import { state } from "./state.js";

const LANE = 16;
const GAP = 12;
const HEAD = 34;
/** Below this width names stand above their rows. */
const NARROW = 560;

/** A name cut to what fits: a wide character takes the size of the type, others half of it. */
function cut(name, width, size = 13) {
  let used = 0;
  for (const [at, character] of [...name].entries()) {
    used += character.codePointAt(0) > 0x2e80 ? size : size * 0.58;
    if (used > width - size && at < [...name].length - 1) return `${[...name].slice(0, at).join("")}…`;
  }
  return name;
}

function Table({ records }) {
  return html`
    <details class="as-table">
      <summary>${t("timeline.table", { count: records.length })}</summary>
      <div class="scroll" tabindex="0" role="group" aria-label=${t("timeline.table.name")}>
        <table>
          <thead><tr>${["drug", "judged", "period", "days", "from"].map((name) => html`<th scope="col">${t(`column.${name}`)}</th>`)}</tr></thead>
          <tbody>${records.map((record, at) => html`
            <tr key=${at}>
              <th scope="row">${record.drug.name || record.drug.code}</th>
              <td>${record.kinds.map((kind) => word("kind", kind)).join("・")}
                ${record.kinds.length === 0 && word("disposition", record.disposition ?? "active")}</td>
              <td>${word("basis", record.basis)} ${record.basis_day} → ${record.end_day}</td>
              <td>${daysOf(record)}${record.refill_exempt && `、${t("record.refill")}`}</td>
              <td>${[placeOf(record.institution), placeOf(record.pharmacy)].filter(Boolean).join(" / ")}</td>
            </tr>`)}
          </tbody>
        </table>
      </div>
    </details>`;
}

class Drawing extends Component {
  constructor(props) {
    super(props);
    this.state = { width: 720, at: 0, told: null };
    this.box = createRef();
  }

  componentDidMount() {
    this.sized = new ResizeObserver(([entry]) => this.setState({ width: Math.round(entry.contentRect.width) }));
    this.sized.observe(this.box.current);
  }

  componentWillUnmount() {
    this.sized.disconnect();
  }

  move(event, count) {
    const moves = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const at = event.key === "Home" ? 0 : event.key === "End" ? count - 1 : this.state.at + (moves[event.key] ?? 0);
    if (!(event.key in moves) && !["Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const next = Math.min(Math.max(at, 0), count - 1);
    this.box.current.querySelector(`[data-at="${next}"]`)?.focus();
  }

  render({ plan }, { width, at: focused, told }) {
    const isNarrow = width < NARROW;
    const left = isNarrow ? 0 : Math.min(230, Math.round(width * 0.3));
    const name = isNarrow ? 18 : 0;
    const scale = (width - left - 8) / (plan.last - plan.first + 1);
    const x = (day) => left + (Math.min(Math.max(day, plan.first), plan.last + 1) - plan.first) * scale;
    let y = HEAD;
    let at = -1;
    // Above everything else, the line of the check day too.
    const tags = [];
    const label = (text, top, count = 1) => {
      const times = count > 1 ? ` ×${count}` : "";
      const room = (isNarrow ? width : left) - 8 - times.length * 8;
      return html`<text x="0" y=${top + 12} class="row-name">${cut(text, room)}${times}<title>${text}</title></text>`;
    };
    const all = plan.rows.reduce((sum, row) => sum + row.periods.length, 0);
    const bars = plan.rows.map((row) => {
      const top = y;
      y += name + row.lanes * LANE + GAP;
      return html`
        <g key=${row.name}>
          ${label(row.name, top, row.periods.length)}
          ${row.periods.map((period) => {
            at += 1;
            const here = at;
            const [from, to] = [x(period.first), x(period.last + 1)];
            const barTop = top + name + period.lane * LANE;
            const tag = ["contraindication", "duplicate"].includes(period.look) ? t(`tag.${period.look}`) : "";
            const words = sentence({ disposition: "active", ...period.record });
            const kinds = period.record.kinds.map((kind) => word("kind", kind)).join("・");
            if (tag && !period.isOver && to - from > 30) {
              const size = [...tag].length * (state.language === "ja" ? 10 : 6.2) + 4;
              tags.push(html`
                <g class="period-tag" aria-hidden="true">
                  <rect x=${from + 3} y=${barTop + 1.5} width=${size} height=${LANE - 6} rx="2" />
                  <text x=${from + 5} y=${barTop + 10}>${tag}</text>
                </g>`);
            }
            const tell = () => this.setState({ told: words, at: here });
            return html`
              <g key=${here} class="period ${period.look}" data-at=${here} role="img" tabindex=${here === focused ? 0 : -1}
                aria-label=${kinds ? t("labelled", { label: kinds, text: words }) : words} onFocus=${tell} onMouseEnter=${tell}
                onKeyDown=${(event) => this.move(event, all)}>
                <rect class="bar" x=${from} y=${barTop} width=${Math.max(to - from - 1, 3)} height=${LANE - 3} rx="3" />
                ${period.first < plan.first && html`<path class="more" d="M${from + 5} ${barTop + 3}l-3 3.5l3 3.5" />`}
                ${period.last > plan.last && html`<path class="more" d="M${to - 7} ${barTop + 3}l3 3.5l-3 3.5" />`}
              </g>`;
          })}
        </g>`;
    });
    const middle = y;
    const now = plan.planned.map((one) => {
      const top = y;
      y += name + LANE + GAP;
      return html`
        <g class="period planned" role="img" aria-label=${t("timeline.planned", { name: one.name })}>
          ${label(one.name, top)}
          <rect class="bar" x=${x(one.first)} y=${top + name} width=${Math.max(x(one.last + 1) - x(one.first) - 1, 5)} height=${LANE - 3} rx="3" />
          <text class="planned-text" x=${x(one.first) - 5} y=${top + name + 10} text-anchor="end">${t("timeline.now")}</text>
        </g>`;
    });
    return html`
      <div class="drawing" ref=${this.box}>
        <svg width=${width} height=${y + 4} viewBox="0 0 ${width} ${y + 4}" role="group" aria-label=${t("timeline.name")}>
          <defs>
            <pattern id="hatch-contraindication" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect width="6" height="6" class="hatch-ground" /><rect width="2.5" height="6" class="hatch-line" /></pattern>
            <pattern id="hatch-duplicate" width="5" height="5" patternUnits="userSpaceOnUse">
              <rect width="5" height="5" class="hatch-ground" /><circle cx="2.5" cy="2.5" r="1.2" class="hatch-line" /></pattern>
          </defs>
          <g class="ticks" aria-hidden="true">
            ${plan.ticks.map(({ day, isMonth, written }) => html`
              <line x1=${x(day)} x2=${x(day)} y1=${HEAD - 8} y2=${y} class=${isMonth ? "month" : ""} />
              ${(isMonth || !isNarrow) && Math.abs(day - plan.asOf) > (isNarrow ? 14 : 7) && html`
                <text x=${x(day)} y=${HEAD - 12} text-anchor="middle">${short(written)}</text>`}`)}
          </g>
          ${plan.planned.length > 0 && plan.rows.length > 0 && html`
            <line class="divide" x1="0" x2=${width} y1=${middle - GAP / 2} y2=${middle - GAP / 2} />`}
          ${bars}${now}
          <g class="check-day" aria-hidden="true">
            <line x1=${x(plan.asOf)} x2=${x(plan.asOf)} y1=${HEAD - 10} y2=${y} />
            <text x=${x(plan.asOf)} y=${HEAD - 20} text-anchor="middle">${t("timeline.day")}</text>
            <text x=${x(plan.asOf)} y=${HEAD - 9} text-anchor="middle" class="date">${short(state.check.answer.snapshot.as_of)}</text>
          </g>
          ${tags}
        </svg>
        <p class="told" role="status">${told ?? t("timeline.hint")}</p>
      </div>`;
  }
}

function Legend({ plan }) {
  const looks = new Set(plan.rows.flatMap((row) => row.periods.map((period) => period.look)));
  return html`
    <ul class="legend">${["contraindication", "duplicate", "active", "other", "ended"].filter((look) => looks.has(look)).map((look) => html`
      <li key=${look}><svg width="26" height="12" aria-hidden="true" class="period ${look}"><rect class="bar" x="1" y="1" width="24" height="10" rx="3" /></svg>${t(`legend.${look}`)}</li>`)}
    </ul>`;
}

export function Timeline() {
  const { check: { answer, history, historyFailure, lines }, consent: { level } } = state;
  if (!answer) return null;
  const told = level === "none" ? [] : records(answer, history);
  const plan = layOut({ records: told, lines, asOf: answer.snapshot.as_of });
  const isWaiting = level === "full" && !history && !historyFailure;
  return html`
    <section class="timeline" id="timeline" tabindex="-1" aria-labelledby="timeline-title">
      <header><h3 id="timeline-title">${t("timeline.title")}</h3><p class="hint">${t(`timeline.${level}`)}</p></header>
      ${historyFailure && html`<${FailureNote} failure=${historyFailure} title=${t("timeline.failed")} />`}
      ${isWaiting && html`<p class="hint" role="status">${t("timeline.waiting")}</p>`}
      ${told.length > 0 && html`
        <${Legend} plan=${plan} /><${Drawing} plan=${plan} />
        ${plan.undrawn > 0 && html`<p class="hint">${t("timeline.undrawn", { count: plan.undrawn })}</p>`}
        <${Table} records=${told} />`}
      ${told.length === 0 && !isWaiting && !historyFailure && level !== "none" && html`
        <p class="empty">${t(`timeline.${level}.empty`)}</p>`}
    </section>`;
}
