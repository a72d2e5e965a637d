// From what stands in the fields to the bodies of the interface, and from a path of an error back to
// its field.

/** The id of the field that a path of the interface names. */
export function fieldId(path) {
  return `f-${path.replaceAll(/[.[\]]+/g, "-").replace(/-$/, "")}`;
}

/** Puts the focus on the field of a path, or on the nearest that there is around it. */
export function focusPath(path) {
  for (let at = path; at; at = at.replace(/(^|[.[])[^.[]*$/, "")) {
    const field = document.getElementById(fieldId(at));
    if (field) {
      for (let box = field.closest("details"); box; box = box.parentElement.closest("details")) {
        box.open = true;
      }
      field.focus();
      return true;
    }
  }
  return false;
}

const listed = (text) => text.split(/[\s,;、]+/).filter(Boolean);

function patientOf({ by, insurer, symbol, number, branch, id }) {
  if (by === "id") return { id: id.trim() };
  const parts = { insurer, symbol, number, branch };
  const written = Object.entries(parts).map(([name, part]) => [name, part.trim()]);
  return Object.fromEntries(written.filter(([, part]) => part));
}

function lineOf({ rp, drug, form, quantity, usage, supplements }) {
  const line = { rp: Number(rp), drug: { system: drug.system, code: drug.code.trim() } };
  if (drug.name) line.drug.name = drug.name;
  line.form = Number(form);
  if (quantity.trim()) line.quantity = quantity.trim();
  if (usage.trim()) line.usage = usage.trim();
  if (supplements.trim()) line.usage_supplements = listed(supplements);
  return line;
}

function consentOf({ level, recordedBy }) {
  return level === "oral" ? { level, recorded_by: recordedBy.trim() } : { level };
}

/** The body of a check. */
export function checkOf(draft, consent) {
  return { ...historyOf(draft, consent), lines: draft.lines.map(lineOf) };
}

/** The body of a question for the history. */
export function historyOf(draft, consent) {
  return {
    patient: patientOf(draft.patient), as_of: draft.asOf,
    actor: { kind: draft.actor.kind, code: draft.actor.code.trim() },
    own_institution: draft.includeOwn ? "include" : "exclude",
    consent: consentOf(consent), source_documents: listed(draft.sources), policy: draft.policy,
  };
}

/** The body of a registration. */
export function documentOf({ draft, consent, registration, acknowledged }) {
  const isPharmacy = draft.actor.kind === "pharmacy";
  const [institution, pharmacy] = isPharmacy
    ? [registration.other, draft.actor.code] : [draft.actor.code, registration.other];
  const document = {
    id: registration.id, kind: registration.kind, patient: patientOf(draft.patient),
    date: draft.asOf, lines: draft.lines.map(lineOf), consent: consentOf(consent),
  };
  if (institution.trim()) document.institution = { code: institution.trim() };
  if (pharmacy.trim() && registration.kind === "dispensing") {
    document.pharmacy = { code: pharmacy.trim() };
  }
  if (registration.kind === "in_house") document.setting = registration.setting;
  if (registration.kind === "dispensing" && registration.prescription.trim()) {
    document.prescription = registration.prescription.trim();
  }
  if (registration.kind !== "in_house" && registration.uses) {
    document.refill = { uses: Number(registration.uses) };
    if (registration.kind === "dispensing" && registration.use) {
      document.refill.use = Number(registration.use);
    }
  }
  const judged = Object.entries(acknowledged).filter(([, { on }]) => on);
  if (judged.length > 0) {
    document.acknowledged = judged.map(([finding, { reason }]) => ({ finding, reason }));
  }
  return document;
}

/** The path of the first thing that is missing so plainly that nobody needs to ask the server. */
export function firstGap(draft, consent) {
  const { patient, actor, lines } = draft;
  if (patient.by === "id" ? !patient.id.trim() : !patient.number.trim()) {
    return patient.by === "id" ? "patient.id" : patient.insurer.trim() ? "patient.number" : "patient.insurer";
  }
  if (!actor.code.trim()) return "actor.code";
  const line = lines.findIndex(({ drug }) => !drug.code.trim());
  if (line >= 0) return `lines[${line}].drug`;
  if (consent.level === "oral" && !consent.recordedBy.trim()) return "consent.recorded_by";
  return null;
}
