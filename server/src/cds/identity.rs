//! Whose orders they are: the insured identity that was fetched beforehand, else the FHIR id.

use chofuku_engine::patient::{Identity, IdentityKey, PatientKey};
use chofuku_formats::Reason;
use chofuku_formats::fhir::{self, Drafts};
use chofuku_formats::{Decoded, Encoding};
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::wire::request::{Entry, HookRequest};

/// How the system of the member number ends (被保険者個人識別子: 保険者番号:記号:番号:枝番).
const MEMBER_NUMBER: &str = "JP_Insurance_memberID";

/// The parts of an insured identity.
type Parts = [(&'static str, String); 4];

/// The patient of a check, and by what it is named: `insured` or `id`.
pub(crate) fn patient(
    request: &HookRequest<'_>,
    key: &IdentityKey,
    require_insured: bool,
) -> Result<(Value, &'static str), ApiError> {
    let covered = of_coverage(request)?;
    let member = of_member_number(request)?;
    if let (Some(one), Some(other)) = (&covered, &member)
        && let (Some(one), Some(other)) = (hashed(key, one), hashed(key, other))
        && one != other
    {
        let expected = "a member number of the same person as prefetch.coverage";
        return Err(ApiError::value("prefetch.patient.identifier", expected));
    }
    match covered.or(member) {
        Some(parts) => {
            let parts = parts.into_iter().filter(|(_, part)| !part.is_empty());
            let parts: Map<String, Value> =
                parts.map(|(name, part)| (name.to_owned(), Value::from(part))).collect();
            Ok((Value::Object(parts), "insured"))
        }
        None if require_insured => Err(ApiError::PrefetchMissing),
        None => Ok((json!({"id": request.patient_id()}), "id")),
    }
}

fn hashed(key: &IdentityKey, [insurer, symbol, number, branch]: &Parts) -> Option<PatientKey> {
    let (insurer, symbol) = (insurer.1.as_str(), symbol.1.as_str());
    let (number, branch) = (number.1.as_str(), branch.1.as_str());
    key.patient(Identity::Insured { insurer, symbol, number, branch }).ok()
}

/// Of the coverages that were fetched, read as those of any FHIR Bundle: an order of nobody else's
/// stands beside them.
fn of_coverage(request: &HookRequest<'_>) -> Result<Option<Parts>, ApiError> {
    let coverages = request.prefetched("coverage");
    if coverages.is_empty() {
        return Ok(None);
    }
    let patient = format!("Patient/{}", request.patient_id());
    let order = json!({
        "resourceType": "MedicationRequest", "status": "draft", "intent": "order",
        "subject": {"reference": patient}});
    let mut entries: Vec<Value> = coverages.iter().map(entry).collect();
    entries.push(json!({"resource": order}));
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    let text = serde_json::to_string(&bundle).map_err(|_| ApiError::AnswerFailed)?;
    let decoded = Decoded { text, encoding: Encoding::Utf8, replaced: false };
    let expected = "a Bundle of FHIR resources";
    let read = fhir::read_files(&[("prefetch", &decoded)], Drafts::Take)
        .map_err(|_| ApiError::value("prefetch.coverage", expected))?;
    let is_ambiguous = |reason: &Reason| matches!(reason, Reason::Ambiguous { .. });
    if read.report.problems.iter().any(|problem| is_ambiguous(&problem.reason)) {
        let expected = "coverages of one insured identity";
        return Err(ApiError::value("prefetch.coverage", expected));
    }
    let patient = read.documents.into_iter().find_map(|document| document.patient);
    Ok(patient.map(|patient| {
        [
            ("insurer", patient.insurer.into_owned()),
            ("symbol", patient.symbol.into_owned()),
            ("number", patient.number.into_owned()),
            ("branch", patient.branch.into_owned()),
        ]
    }))
}

fn entry(entry: &Entry<'_>) -> Value {
    match entry.full_url {
        Some(url) => json!({"fullUrl": url, "resource": entry.resource}),
        None => json!({"resource": entry.resource}),
    }
}

/// Of the identifiers of the patient who was fetched.
fn of_member_number(request: &HookRequest<'_>) -> Result<Option<Parts>, ApiError> {
    let patients = request.prefetched("patient");
    let identifiers = patients.iter().filter_map(|entry| entry.resource.get("identifier"));
    let text = |value: &Value, name| {
        value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut members = identifiers.filter_map(Value::as_array).flatten();
    let Some(member) = members.find(|one| text(one, "system").ends_with(MEMBER_NUMBER)) else {
        return Ok(None);
    };
    let value = text(member, "value");
    let parts: Vec<&str> = value.split(':').map(str::trim).collect();
    let [insurer, symbol, number, branch] = parts.as_slice() else {
        let expected = "four parts between colons: insurer, symbol, number, branch";
        return Err(ApiError::value("prefetch.patient.identifier", expected));
    };
    Ok(Some([
        ("insurer", (*insurer).to_owned()),
        ("symbol", (*symbol).to_owned()),
        ("number", (*number).to_owned()),
        ("branch", (*branch).to_owned()),
    ]))
}
