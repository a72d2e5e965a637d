// Figures of the server in the text format of Prometheus, under the names of docs/metrics.md: what is not
// there is not shown, and nothing is made up. Rates are what changed between two looks.

const REQUESTS = "chofuku_requests_total";
const CHECK_BUCKETS = "chofuku_check_duration_seconds_bucket";
/** What is held beside the generation, by what it is. */
const OVERLAY = [
  ["events", "chofuku_overlay_events"], ["patients", "chofuku_overlay_patients"],
  ["documents", "chofuku_overlay_documents"], ["memory", "chofuku_overlay_memory_bytes"],
];

/** One sample a line: name, labels, value. Lines that are no sample are passed over. */
export function parse(text) {
  const samples = [];
  for (const line of text.split("\n")) {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/.exec(line);
    if (!found || line.startsWith("#")) continue;
    const value = found[3] === "+Inf" ? Infinity : Number(found[3]);
    if (Number.isNaN(value)) continue;
    const labels = {};
    for (const [, name, label] of (found[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      labels[name] = label.replaceAll(/\\(.)/g, (_, escaped) => (escaped === "n" ? "\n" : escaped));
    }
    samples.push({ name: found[1], labels, value });
  }
  return samples;
}

const keyOf = ({ name, labels }) => `${name}${JSON.stringify(Object.entries(labels).sort())}`;

/** Requests by call and status: how many there were, and how many a second between two looks. */
export function requests(now, before, seconds) {
  const known = new Map((before ?? []).map((sample) => [keyOf(sample), sample.value]));
  const rows = now.filter(({ name }) => name === REQUESTS);
  return rows.map((sample) => {
    const change = before ? sample.value - (known.get(keyOf(sample)) ?? 0) : null;
    // A server that began anew counts from nothing.
    const rate = change === null || change < 0 || !(seconds > 0) ? null : change / seconds;
    const { call = "?", status = "?" } = sample.labels;
    return { call, status, total: sample.value, rate };
  }).sort((one, other) => other.total - one.total);
}

/** The cumulative buckets of the histogram of checks, by upper bound in seconds. */
function buckets(samples) {
  const of = new Map();
  for (const { name, labels, value } of samples) {
    if (name !== CHECK_BUCKETS || labels.le === undefined) continue;
    const bound = labels.le === "+Inf" ? Infinity : Number(labels.le);
    of.set(bound, (of.get(bound) ?? 0) + value);
  }
  return [...of].sort(([one], [other]) => one - other);
}

/** The seconds below which a share of checks lies, by straight lines within a bucket. */
function quantile(cumulative, share) {
  const total = cumulative.at(-1)?.[1] ?? 0;
  if (!(total > 0)) return null;
  let [below, bound] = [0, 0];
  for (const [upper, count] of cumulative) {
    if (count >= total * share) {
      if (upper === Infinity) return { seconds: bound, isAtLeast: true };
      const within = count > below ? (total * share - below) / (count - below) : 1;
      return { seconds: bound + (upper - bound) * within, isAtLeast: false };
    }
    [below, bound] = [count, upper];
  }
  return null;
}

/** How long checks took: of those between two looks if there were any, else of all since the start. */
export function latency(now, before) {
  const all = buckets(now);
  if (all.length === 0) return null;
  const known = new Map(before ? buckets(before) : []);
  const recent = all.map(([bound, count]) => [bound, count - (known.get(bound) ?? 0)]);
  const isRecent = before !== null && (recent.at(-1)?.[1] ?? 0) > 0 && recent.every(([, count]) => count >= 0);
  const used = isRecent ? recent : all;
  return {
    isRecent, count: used.at(-1)[1],
    quantiles: [0.5, 0.9, 0.99].map((share) => ({ share, ...quantile(used, share) })),
  };
}

/** The size of what was registered since the generation. */
export function overlay(samples) {
  return OVERLAY.flatMap(([name, metric]) => {
    const sample = samples.find((sample) => sample.name === metric);
    return sample ? [{ name, value: sample.value }] : [];
  });
}
