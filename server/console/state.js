// The one state of the page. Every change goes through `change`, which draws the page anew from it:
// what is no longer in the state is no longer on the page.

import { today } from "./day.js";

let lineKeys = 0;

/** A new line with nothing in it. */
export function emptyLine(rp = "1") {
  lineKeys += 1;
  return {
    key: lineKeys, text: "", drug: { system: "yj", code: "", name: "" }, ingredients: [],
    form: "1", quantity: "", rp, usage: "", supplements: "",
  };
}

/** What is asked before anybody has written anything. */
export function emptyDraft() {
  return {
    patient: { by: "insured", insurer: "", symbol: "", number: "", branch: "", id: "" },
    actor: { kind: "medical_institution", code: "" },
    includeOwn: false, asOf: today(), policy: "official", sources: "",
    lines: [emptyLine()],
  };
}

/** No check was made, or what was asked has changed since. */
export function noCheck(phase = "idle") {
  return { phase, answer: null, lines: [], history: null, historyFailure: null, failure: null };
}

/** An id that nobody else has. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * Nothing of the present content is registered. The id stays until something is registered under it: if
 * an answer was lost, the server tells what became of the id, also when the content has changed since.
 */
export function noRegistration(before = {}) {
  const isDone = before.phase === "done";
  return {
    phase: "idle", id: before.id && !isDone ? before.id : newId(),
    previous: (isDone ? before.id : before.previous) ?? null, kind: before.kind ?? "prescription",
    setting: before.setting ?? "outpatient", other: before.other ?? "",
    prescription: before.prescription ?? "", uses: before.uses ?? "", use: before.use ?? "",
    event: null, again: false, failure: null,
  };
}

export const state = {
  language: "ja", screen: "check", help: false, shortcuts: true,
  status: null, examples: [], serverFailure: null,
  draft: emptyDraft(),
  consent: { level: "none", recordedBy: "" },
  check: noCheck(),
  acknowledged: {},
  registration: noRegistration(),
  /** The last registered event: checks wait until it is seen. */
  event: null,
  message: { deviations: [], failure: null, name: null },
  operator: {
    ready: null, metrics: null, before: null, metricsFailure: null, lint: null, lintFailure: null,
    severity: "all", asking: null, busy: null, result: null,
  },
};

let draw = () => {};

/** Says what draws the page. */
export function drawnBy(drawer) {
  draw = drawer;
  draw();
}

/** Changes the state and draws the page. */
export function change(patch) {
  Object.assign(state, patch);
  draw();
}
