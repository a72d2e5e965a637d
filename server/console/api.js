// The calls of the server. Whatever goes wrong becomes a Failure: no answer that cannot be relied on
// reaches the page as an answer.

const PATIENCE_MILLISECONDS = 20_000;
const OUTCOMES = ["findings", "incomplete", "clear"];

/** Why there is no answer. `code` is the server's own, or one of the console's for what lies between. */
export class Failure extends Error {
  constructor({ code, message = "", path = null, allowed = [], status = 0, findings = null }) {
    super(message);
    Object.assign(this, { code, path, allowed, status, findings });
  }
}

async function send(method, path, { body, type = "application/json", headers = {}, signal } = {}) {
  const signals = [AbortSignal.timeout(PATIENCE_MILLISECONDS), ...(signal ? [signal] : [])];
  const content = body === undefined ? {} : { "content-type": type };
  let response;
  let text;
  try {
    response = await fetch(path, {
      method, body, headers: { ...content, ...headers }, signal: AbortSignal.any(signals),
      cache: "no-store", credentials: "same-origin", referrerPolicy: "no-referrer",
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure({ code: error.name === "TimeoutError" ? "timeout" : "unreachable" });
  }
  if (response.ok) return { text, status: response.status };
  let told = null;
  try {
    told = JSON.parse(text);
  } catch {
    // Not from the server itself; the status still says that there is no answer.
  }
  if (typeof told?.code !== "string") {
    throw new Failure({ code: "unreadable", status: response.status });
  }
  throw new Failure({ ...told, status: response.status });
}

async function sendJson(method, path, options) {
  const { text, status } = await send(method, path, options);
  try {
    return { value: JSON.parse(text), status };
  } catch {
    throw new Failure({ code: "unreadable", status });
  }
}

/** Whether an answer says what every answer must, without contradicting itself. */
function isAnswer(value) {
  const lists = ["findings", "not_checked", "warnings", "incomplete_because"];
  if (!OUTCOMES.includes(value?.outcome) || !lists.every((name) => Array.isArray(value[name]))) {
    return false;
  }
  const isClear = value.complete === true && value.findings.length === 0;
  return value.outcome !== "clear" || isClear;
}

/** Checks. With `event`, waits until the server has seen that event. */
export async function check(request, event, signal) {
  const headers = event === null ? {} : { "min-event": String(event) };
  const options = { body: JSON.stringify(request), headers, signal };
  const { value, status } = await sendJson("POST", "/v1/check", options);
  if (!isAnswer(value)) throw new Failure({ code: "unreadable", status });
  return value;
}

/** Everything that is told of a patient's past, with full consent. */
export async function history(request, event, signal) {
  const headers = event === null ? {} : { "min-event": String(event) };
  const options = { body: JSON.stringify(request), headers, signal };
  const { value, status } = await sendJson("POST", "/v1/history", options);
  if (!Array.isArray(value?.records)) throw new Failure({ code: "unreadable", status });
  return value;
}

/** Products of which a name, an alias or the reading begins with `text`. */
export async function drugs(text, signal) {
  const query = new URLSearchParams({ q: text, limit: "50" });
  const { value } = await sendJson("GET", `/v1/drugs?${query}`, { signal });
  return value.drugs ?? [];
}

/** A message as the document that it stands for; its bytes go as they are. */
export async function convert(bytes) {
  const options = { body: bytes, type: "text/csv" };
  const { value, status } = await sendJson("POST", "/v1/convert", options);
  if (!Array.isArray(value?.document?.lines)) throw new Failure({ code: "unreadable", status });
  return value;
}

/** Registers a document. `isNew` is false where the server had it already. */
export async function register(document) {
  const options = { body: JSON.stringify(document) };
  const { value, status } = await sendJson("POST", "/v1/documents", options);
  if (!Number.isInteger(value?.event)) throw new Failure({ code: "unreadable", status });
  return { event: value.event, isNew: status === 201 };
}

const get = async (path) => (await sendJson("GET", path)).value;

export const status = () => get("/v1/status");
export const examples = () => get("/console/examples.json");
export const ready = () => get("/readyz");
export const lint = () => get("/v1/admin/lint");
export const metrics = async () => (await send("GET", "/metrics")).text;
export const upkeep = async (what) => (await sendJson("POST", `/v1/admin/${what}`)).value;
