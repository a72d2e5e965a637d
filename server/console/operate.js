// The operator's screen: what is in force, how much it is asked and how fast it answers.

import { moment } from "./day.js";
import { FailureNote } from "./failure.js";
import { html } from "./html.js";
import { count, t } from "./i18n.js";
import { latency, overlay, requests } from "./metrics.js";
import { state } from "./state.js";
import { Lint, Sources } from "./tables.js";
import { Upkeep } from "./upkeep.js";

const UNITS = [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]];

/** A time in the unit in which it is a small number. */
function time(seconds) {
  const [size, unit] = UNITS.find(([size]) => seconds >= size) ?? UNITS.at(-1);
  return `${(seconds / size).toPrecision(3)} ${unit}`;
}

function bytes(value) {
  const power = Math.min(Math.floor(Math.log2(Math.max(value, 1)) / 10), 4);
  return `${(value / 1024 ** power).toFixed(power > 0 ? 1 : 0)} ${["B", "KiB", "MiB", "GiB", "TiB"][power]}`;
}

const Figure = ({ name, value, detail }) => html`
  <div class="figure-box"><dt>${name}</dt><dd>${value}${detail && html`<small>${detail}</small>`}</dd></div>`;

function State() {
  const { status, operator: { ready } } = state;
  if (!status) return null;
  const { sizes } = status;
  return html`
    <section class="panel" aria-labelledby="state-title">
      <h2 id="state-title">${t("state.title")}</h2>
      <p class="note ${ready === "ready" ? "good" : "bad"}" role="status">
        ${ready === "ready" ? t("state.ready") : t("state.not_ready", { why: ready?.message ?? "…" })}</p>
      <dl class="figures">
        <${Figure} name=${t("state.generation")} value=${status.generation} detail=${moment(status.made_at)} />
        <${Figure} name=${t("state.event")} value=${count(status.event)} />
        <${Figure} name=${t("state.drugs")} value=${status.drugs || "—"} detail=${t("state.products", { count: count(sizes.products) })} />
        <${Figure} name=${t("state.rules")} value=${status.rules || "—"} detail=${t("state.pairs", { count: count(sizes.rules) })} />
        <${Figure} name=${t("state.patients")} value=${count(sizes.patients)} />
        <${Figure} name=${t("state.records")} value=${count(sizes.records)} detail=${t("state.documents", { count: count(sizes.documents) })} />
        <${Figure} name=${t("state.bytes")} value=${bytes(sizes.bytes)} />
        <${Figure} name=${t("state.policies")} value=${status.policies.length} detail=${status.policies.join(", ")} />
      </dl>
    </section>`;
}

function Rates() {
  const { metrics, before, metricsFailure } = state.operator;
  if (metricsFailure?.status === 404) {
    return html`<p class="empty">${t("rates.absent")}</p>`;
  }
  if (metricsFailure) return html`<${FailureNote} failure=${metricsFailure} title=${t("rates.failed")} />`;
  if (!metrics) return html`<p class="hint">${t("rates.waiting")}</p>`;
  const seconds = before ? (metrics.at - before.at) / 1000 : 0;
  const rows = requests(metrics.samples, before?.samples ?? null, seconds);
  const took = latency(metrics.samples, before?.samples ?? null);
  const sizes = overlay(metrics.samples);
  return html`
    ${took ? html`
      <h3>${t("latency.title")}</h3>
      <dl class="figures">
        ${took.quantiles.map(({ share, seconds: value, isAtLeast }) => html`
          <${Figure} key=${share} name=${t("latency.share", { percent: share * 100 })}
            value=${value === undefined ? "—" : `${isAtLeast ? "≥ " : ""}${time(value)}`} />`)}
        <${Figure} name=${t("latency.checks")} value=${count(took.count)}
          detail=${t(took.isRecent ? "latency.recent" : "latency.all")} />
      </dl>` : html`<p class="empty">${t("latency.none")}</p>`}
    ${sizes.length > 0 && html`
      <h3>${t("overlay.title")}</h3>
      <dl class="figures">${sizes.map(({ name, value }) => html`
        <${Figure} key=${name} name=${t(`overlay.${name}`)} value=${name === "memory" ? bytes(value) : count(value)} />`)}</dl>`}
    <h3>${t("rates.title")}</h3>
    ${rows.length === 0 ? html`<p class="empty">${t("rates.none")}</p>` : html`
      <div class="scroll" tabindex="0" role="group" aria-label=${t("rates.title")}>
        <table>
          <thead><tr><th scope="col">${t("rates.call")}</th><th scope="col">${t("rates.status")}</th>
            <th scope="col" class="figure">${t("rates.rate")}</th><th scope="col" class="figure">${t("rates.total")}</th></tr></thead>
          <tbody>${rows.map(({ call, status, rate, total }) => html`
            <tr key=${`${call} ${status}`}><th scope="row"><code>${call}</code></th><td>${status}</td>
              <td class="figure">${rate === null ? "—" : count(rate, 1)}</td><td class="figure">${count(total)}</td></tr>`)}
          </tbody>
        </table>
      </div>`}`;
}

export function Operate() {
  const { serverFailure } = state;
  return html`
    <div class="operate">
      <h2 class="unseen">${t("nav.operator")}</h2>
      ${serverFailure && html`<${FailureNote} failure=${serverFailure} title=${t("server.failed")} />`}
      <${State} />
      <section class="panel" aria-labelledby="load-title"><h2 id="load-title">${t("load.title")}</h2><${Rates} /></section>
      <${Upkeep} /><${Sources} /><${Lint} />
    </div>`;
}
