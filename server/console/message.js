// A prescription as a file: dropped, chosen or pasted, read by the server, and put into the fields where
// a person sees what was read before anything is checked.

import * as api from "./api.js";
import { FailureNote } from "./failure.js";
import { html } from "./html.js";
import { t } from "./i18n.js";
import { anotherPatient, edit } from "./session.js";
import { change, emptyLine, state } from "./state.js";

/** As the server takes it. */
const BYTES_MAX = 64 * 1024;

function lineOf(written) {
  return {
    ...emptyLine(String(written.rp)), text: written.drug.name || written.drug.code,
    drug: { ...written.drug, name: written.drug.name ?? "" }, form: String(written.form),
    quantity: written.quantity ?? "", usage: written.usage ?? "",
    supplements: (written.usage_supplements ?? []).join(" "),
  };
}

/** Fills the fields with what a request or a document says; what it leaves out stays. */
export function fill(written) {
  const { draft, registration } = state;
  const { patient = {}, actor, institution, pharmacy, lines } = written;
  const nobody = { insurer: "", symbol: "", number: "", branch: "", id: "" };
  const isNamed = Object.keys(patient).length > 0;
  const named = { ...nobody, by: patient.id ? "id" : "insured", ...patient };
  anotherPatient();
  edit({
    patient: isNamed ? named : draft.patient, actor: actor ?? asker(institution, pharmacy),
    asOf: written.as_of ?? draft.asOf, includeOwn: written.own_institution === "include",
    policy: written.policy ?? draft.policy,
    sources: (written.source_documents ?? []).join(" "), lines: lines.map(lineOf),
  });
  // The id of a message is that of its document, so that sending it twice registers it once.
  const another = state.registration;
  change({
    registration: {
      ...another, id: written.id ?? another.id, kind: written.kind ?? registration.kind,
      setting: written.setting ?? registration.setting,
      uses: String(written.refill?.uses ?? ""), use: String(written.refill?.use ?? ""),
      prescription: written.prescription ?? "",
    },
  });
}

/** Who asks about a document: its pharmacy, else who issued it, else whoever is there already. */
function asker(institution, pharmacy) {
  if (pharmacy) return { kind: "pharmacy", code: pharmacy.code };
  if (institution) return { kind: "medical_institution", code: institution.code };
  return state.draft.actor;
}

/** Reads a message, whose bytes go to the server as they are. */
export async function read(bytes, name) {
  const told = (message) => change({ message: { deviations: [], failure: null, name, ...message } });
  if (state.registration.phase === "sending") return undefined;
  if (bytes.size > BYTES_MAX) {
    return told({ failure: new api.Failure({ code: "body_too_large" }) });
  }
  try {
    const { document, deviations } = await api.convert(await bytes.arrayBuffer());
    fill(document);
    return told({ deviations });
  } catch (error) {
    if (!(error instanceof api.Failure)) throw error;
    return told({ failure: error });
  }
}

const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

/** Files may be dropped anywhere, and text pasted where no field takes it. */
export function listen() {
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    document.body.classList.remove("dropping");
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    read(file, file.name);
  });
  document.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (event.target.closest?.("input, textarea, select") || !text.includes("\n")) return;
    event.preventDefault();
    read(new Blob([text]), t("message.pasted"));
  });
}

const chosen = (event) => {
  const [file] = event.target.files;
  if (file) read(file, file.name);
  event.target.value = "";
};

const pasted = (event) => {
  const text = event.clipboardData.getData("text/plain");
  event.preventDefault();
  if (text) read(new Blob([text]), t("message.pasted"));
};

export function Message() {
  const { deviations, failure, name } = state.message;
  return html`
    <details class="intake" open=${name !== null}>
      <summary>${t("message.title")}</summary>
      <p class="hint" id="message-hint">${t("message.hint")}</p>
      <div class="drop">
        <label class="button file">
          ${t("message.choose")}
          <input type="file" accept=".csv,.txt,text/csv" onChange=${chosen} />
        </label>
        <textarea rows="1" aria-label=${t("message.paste")} placeholder=${t("message.paste")}
          aria-describedby="message-hint" value="" onPaste=${pasted}></textarea>
      </div>
      <div role="status">
        ${failure && html`<${FailureNote} failure=${failure} title=${t("message.failed", { name })} />`}
        ${!failure && name && html`
          <p class="note ${deviations.length > 0 ? "warn" : "good"}">
            ${t(deviations.length > 0 ? "message.deviates" : "message.read", { name, count: deviations.length })}
          </p>`}
        ${deviations.length > 0 && html`
          <ul class="deviations">${deviations.map((text) => html`<li>${text}</li>`)}</ul>`}
      </div>
    </details>`;
}
