// What happens when a person does something: the draft is edited, consent changes, a check is made.
//
// An answer stands for one draft and one consent. As soon as either changes it is gone, and whatever
// is still on its way is ignored.

import * as api from "./api.js";
import * as draft from "./draft.js";
import { change, emptyDraft, emptyLine, noCheck, noRegistration, state } from "./state.js";

/** Ends what is on its way; of two questions only the last is listened to. */
let asking = new AbortController();

function stop() {
  asking.abort();
  asking = new AbortController();
  return asking.signal;
}

const wasAsked = () => !["idle", "changed"].includes(state.check.phase);

/** A failure as the page shows it; anything else than one is a fault of the page, and no answer. */
const asFailure = (error) =>
  error instanceof api.Failure ? error : new api.Failure({ code: "console", message: String(error) });

/** Changes what is asked. The answer to something else goes. */
export function edit(patch) {
  stop();
  change({
    draft: { ...state.draft, ...patch },
    check: noCheck(wasAsked() || state.check.phase === "changed" ? "changed" : "idle"),
    registration: noRegistration(state.registration),
  });
}

/** Whose document it is changes, so that it is another document. */
export const anotherPatient = () =>
  change({ acknowledged: {}, registration: noRegistration({ ...state.registration, id: null, phase: "idle", previous: null }) });

/** Changes who is asked about. What was judged of somebody else goes too. */
export function editPatient(patch) {
  anotherPatient();
  edit({ patient: { ...state.draft.patient, ...patch } });
}

/** Changes a new line. */
export function editLine(key, patch) {
  edit({ lines: state.draft.lines.map((line) => (line.key === key ? { ...line, ...patch } : line)) });
}

/** Adds an empty line and gives its key. */
export function addLine() {
  const { lines } = state.draft;
  const line = emptyLine(lines.at(-1)?.rp);
  edit({ lines: [...lines, line] });
  return line.key;
}

/** Removes a line; the last one becomes empty. */
export function removeLine(key) {
  const lines = state.draft.lines.filter((line) => line.key !== key);
  edit({ lines: lines.length > 0 ? lines : [emptyLine()] });
}

/** Begins with nothing, as for the next patient. */
export function clear() {
  stop();
  change({
    draft: { ...emptyDraft(), actor: state.draft.actor, policy: state.draft.policy },
    consent: { level: "none", recordedBy: "" }, check: noCheck(), acknowledged: {},
    registration: noRegistration(), message: { deviations: [], failure: null, name: null },
  });
}

/** Changes how much may be told. What was told under another consent goes before anything is asked. */
export function setConsent(level) {
  stop();
  const asked = wasAsked();
  const consent = { level, recordedBy: level === "oral" ? state.consent.recordedBy : "" };
  change({ consent, check: noCheck(asked ? "asking" : state.check.phase) });
  recheck(asked);
}

/** Changes who took the oral consent; asked again once it is written. */
export function setRecorder(recordedBy) {
  stop();
  const phase = wasAsked() ? "recorder" : state.check.phase;
  change({ consent: { ...state.consent, recordedBy }, check: noCheck(phase) });
}

/** Checks again if a check was made before, or says what is missing for it. */
export function recheck(asked = wasAsked()) {
  const needsRecorder = state.consent.level === "oral" && !state.consent.recordedBy.trim();
  if (asked && needsRecorder) {
    change({ check: noCheck("recorder") });
  } else if (asked) {
    check();
  }
}

/** Checks. True where there is an answer. */
export async function check() {
  const signal = stop();
  const gap = draft.firstGap(state.draft, state.consent);
  if (gap !== null) {
    const failure = new api.Failure({ code: "gap", path: gap });
    change({ check: { ...noCheck("failed"), failure } });
    draft.focusPath(gap);
    return false;
  }
  const { lines } = state.draft;
  change({ check: noCheck("asking") });
  try {
    const answer = await api.check(draft.checkOf(state.draft, state.consent), state.event, signal);
    if (signal.aborted) return false;
    change({ check: { ...noCheck("answered"), answer, lines } });
    if (state.consent.level === "full") await tellHistory(signal);
    return !signal.aborted;
  } catch (error) {
    if (signal.aborted) return false;
    const failure = asFailure(error);
    change({ check: { ...noCheck("failed"), failure } });
    if (failure.path) draft.focusPath(failure.path);
    return false;
  }
}

/** Asks for the periods that the timeline draws. Without them the answer still stands. */
async function tellHistory(signal) {
  const request = draft.historyOf(state.draft, state.consent);
  let told;
  try {
    told = { history: await api.history(request, state.event, signal) };
  } catch (error) {
    told = { historyFailure: asFailure(error) };
  }
  if (!signal.aborted) change({ check: { ...state.check, ...told } });
}

/** Judges a finding: `on`, and why. */
export function acknowledge(id, patch) {
  const before = state.acknowledged[id] ?? { on: false, reason: "" };
  const { registration } = state;
  change({
    acknowledged: { ...state.acknowledged, [id]: { ...before, ...patch } },
    registration: registration.phase === "done" ? registration : noRegistration(registration),
  });
}

/** Whether a finding is judged acceptable, with a reason. */
export function isJudged(id) {
  const judged = state.acknowledged[id];
  return Boolean(judged?.on && judged.reason.trim());
}

/** Changes how the document is registered. */
export function editRegistration(patch) {
  change({ registration: { ...noRegistration(state.registration), ...patch } });
}

/** Registers what was checked. Nothing can be edited until it is known what became of it. */
export async function register() {
  const { check: { answer, phase }, registration } = state;
  const fail = (phase, failure) => change({ registration: { ...registration, phase, failure } });
  if (phase !== "answered") return fail("failed", new api.Failure({ code: "check_first" }));
  const open = answer.findings.find(({ id }) => !isJudged(id));
  if (open) {
    fail("failed", new api.Failure({ code: "unjudged" }));
    const box = document.getElementById(`judge-${open.id}`);
    const reason = document.getElementById(`reason-${open.id}`);
    return (reason ?? box)?.focus();
  }
  const told = new Set(answer.findings.map(({ id }) => id));
  const judged = Object.entries(state.acknowledged).filter(([id]) => told.has(id));
  const body = draft.documentOf({ ...state, acknowledged: Object.fromEntries(judged) });
  fail("sending", null);
  try {
    const { event, isNew } = await api.register(body);
    const done = { ...registration, phase: "done", event, again: !isNew, failure: null };
    return change({ event: Math.max(event, state.event ?? 0), registration: done });
  } catch (error) {
    const failure = asFailure(error);
    // Below 400 there was no answer, from 500 on it says nothing of what became durable.
    const isUnknown = failure.status < 400 || failure.status >= 500;
    fail(isUnknown ? "unknown" : "failed", failure);
    if (failure.path) draft.focusPath(`registration.${failure.path}`) || draft.focusPath(failure.path);
    return undefined;
  }
}
