// What the operator's screen knows: looked at again every few seconds for as long as it is shown.

import * as api from "./api.js";
import { parse } from "./metrics.js";
import { change, state } from "./state.js";

const EVERY_MILLISECONDS = 5_000;

let timer = null;

const set = (patch) => change({ operator: { ...state.operator, ...patch } });

/** What a call gave, or why it gave nothing. */
const tried = async (call) => {
  try {
    return [await call(), null];
  } catch (failure) {
    return [null, failure];
  }
};

async function look() {
  const [[status, serverFailure], [, notReady], [text, metricsFailure]] =
    await Promise.all([tried(api.status), tried(api.ready), tried(api.metrics)]);
  const { metrics } = state.operator;
  const now = text === null ? null : { at: performance.now(), samples: parse(text) };
  set({ ready: notReady ?? "ready", metrics: now, before: now && metrics, metricsFailure });
  change({ status: status ?? state.status, serverFailure });
}

/** Looks for as long as the screen is shown. */
export function poll() {
  clearTimeout(timer);
  if (state.screen !== "operator") return;
  if (state.operator.lint === null) lint();
  look().finally(() => {
    clearTimeout(timer);
    if (state.screen === "operator") timer = setTimeout(poll, EVERY_MILLISECONDS);
  });
}

/** Looks for faults of the tables in force. */
export async function lint() {
  const [found, lintFailure] = await tried(api.lint);
  set({ lint: found, lintFailure });
}

/** Shows faults of one severity. */
export const show = (severity) => set({ severity });

/** Asks before something is done, or not any more. */
export const ask = (what) => set({ asking: what, result: what ? null : state.operator.result });

/** Reloads or compacts, and tells what came of it. */
export async function run(what) {
  set({ asking: null, busy: what, result: null });
  const [value, failure] = await tried(() => api.upkeep(what));
  set({ busy: null, result: { what, value, failure } });
  poll();
  if (value?.changed) lint();
}
