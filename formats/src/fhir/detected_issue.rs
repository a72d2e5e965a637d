//! The answer of a check as FHIR: a Bundle of `DetectedIssue` resources, and an `OperationOutcome`
//! that says what was not checked.
//!
//! It takes plain values, so that whoever answers decides what may be told; nothing is added here
//! but FHIR's words. Without an `OperationOutcome` everything was checked and nothing was odd; what was
//! not checked has the code `incomplete` there, a warning `business-rule`. A Bundle without entries
//! says that nothing was found, and nothing else may be sent to say so.

use serde::Serialize;

const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// What was found, by the code of HL7's `v3-ActCode` that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueKind {
    /// Duplicate medication (重複投薬): `DUPTHPY`.
    Duplicate,
    /// A contraindicated pair (併用禁忌): `DRG`.
    Contraindication,
}

/// How bad it is, in FHIR's three steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Life-threatening or contraindicated.
    High,
    /// Noticeable, to be judged.
    Moderate,
    /// May matter.
    Low,
}

/// Something an issue points to: by reference, in words, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pointer {
    /// A literal reference, such as `MedicationRequest/1` or `urn:uuid:…`.
    pub reference: Option<String>,
    /// Words for a person.
    pub display: Option<String>,
}

/// A piece of evidence: what is known of it in words, and what it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// What it is, such as the kind and day of the record; empty for none.
    pub text: String,
    /// The records themselves.
    pub records: Vec<Pointer>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The id of the finding, which becomes the logical id where it fits FHIR's rules.
    pub id: String,
    /// What was found.
    pub kind: IssueKind,
    /// How bad it is.
    pub severity: Severity,
    /// What to tell a person.
    pub detail: String,
    /// What collides: the order asked about, and the partner if it may be told.
    pub implicated: Vec<Pointer>,
    /// On what it rests.
    pub evidence: Vec<Evidence>,
    /// A page on the rule; `None` for none.
    pub reference: Option<String>,
}

/// Something that was not checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotChecked {
    /// Why, for a person.
    pub text: String,
    /// `FHIRPath` to the element of the request, such as `Bundle.entry[3].resource`; empty for none.
    pub expression: String,
}

/// Everything that a Bundle of issues says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The patient; `None` where the request named none by reference.
    pub patient: Option<Pointer>,
    /// When it was identified, a FHIR `dateTime` with offset.
    pub identified: String,
    /// The findings, in their order.
    pub issues: Vec<Issue>,
    /// What was not checked.
    pub not_checked: Vec<NotChecked>,
    /// What was checked and is odd, for a person.
    pub warnings: Vec<String>,
    /// How and from what it was made.
    pub tags: Vec<Tag>,
}

/// Something that a Bundle says of itself, as a coding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// What it says something of, a URI.
    pub system: String,
    /// What it says.
    pub code: String,
    /// More of it; empty for nothing.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub display: String,
}

/// A Bundle of type `collection`; serialise it with `serde_json`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssueBundle<'a> {
    resource_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta<'a>>,
    #[serde(rename = "type")]
    kind: &'static str,
    entry: Vec<Entry<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct Meta<'a> {
    tag: &'a [Tag],
}

#[derive(Clone, Debug, Serialize)]
struct Entry<'a> {
    resource: Resource<'a>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "resourceType")]
enum Resource<'a> {
    DetectedIssue(Box<DetectedIssue<'a>>),
    OperationOutcome(OperationOutcome<'a>),
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DetectedIssue<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    identifier: Vec<Identifier<'a>>,
    status: &'static str,
    code: Concept<'a>,
    severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient: Option<Reference<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    identified_date_time: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    implicated: Vec<Reference<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<EvidenceElement<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
}

#[derive(Clone, Debug, Serialize)]
struct Identifier<'a> {
    value: &'a str,
}

#[derive(Clone, Debug, Serialize)]
struct Concept<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    coding: Vec<Coding>,
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'a str,
}

#[derive(Clone, Debug, Serialize)]
struct Coding {
    system: &'static str,
    code: &'static str,
    display: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct Reference<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display: Option<&'a str>,
}

#[derive(Clone, Debug, Serialize)]
struct EvidenceElement<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    code: Vec<Concept<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    detail: Vec<Reference<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct OperationOutcome<'a> {
    issue: Vec<OutcomeIssue<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct OutcomeIssue<'a> {
    severity: &'static str,
    code: &'static str,
    details: Concept<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    expression: Vec<&'a str>,
}

/// The answer as a Bundle: the issues in their order, and last what was not checked or is odd.
pub fn bundle(answer: &Answer) -> IssueBundle<'_> {
    let issues = answer
        .issues
        .iter()
        .map(|issue| Resource::DetectedIssue(Box::new(detected(answer, issue))));
    let not_checked = answer.not_checked.iter().map(|one| OutcomeIssue {
        severity: "warning",
        code: "incomplete",
        details: Concept { coding: Vec::new(), text: &one.text },
        expression: Some(one.expression.as_str())
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect(),
    });
    let warnings = answer.warnings.iter().map(|text| OutcomeIssue {
        severity: "warning",
        code: "business-rule",
        details: Concept { coding: Vec::new(), text },
        expression: Vec::new(),
    });
    let issue: Vec<_> = not_checked.chain(warnings).collect();
    let outcome =
        (!issue.is_empty()).then_some(Resource::OperationOutcome(OperationOutcome { issue }));
    let entry = issues.chain(outcome).map(|resource| Entry { resource }).collect();
    let meta = (!answer.tags.is_empty()).then_some(Meta { tag: &answer.tags });
    IssueBundle { resource_type: "Bundle", meta, kind: "collection", entry }
}

fn detected<'a>(answer: &'a Answer, issue: &'a Issue) -> DetectedIssue<'a> {
    let (code, display) = match issue.kind {
        IssueKind::Duplicate => ("DUPTHPY", "Duplicate Therapy Alert"),
        IssueKind::Contraindication => ("DRG", "Drug Interaction Alert"),
    };
    DetectedIssue {
        id: Some(issue.id.as_str()).filter(|id| is_logical_id(id)),
        identifier: vec![Identifier { value: &issue.id }],
        status: "final",
        code: Concept { coding: vec![Coding { system: ACT_CODE, code, display }], text: "" },
        severity: issue.severity,
        patient: answer.patient.as_ref().map(reference),
        identified_date_time: &answer.identified,
        implicated: issue.implicated.iter().map(reference).collect(),
        evidence: issue
            .evidence
            .iter()
            .map(|one| EvidenceElement {
                code: Some(one.text.as_str())
                    .filter(|text| !text.is_empty())
                    .map(|text| Concept { coding: Vec::new(), text })
                    .into_iter()
                    .collect(),
                detail: one.records.iter().map(reference).collect(),
            })
            .collect(),
        detail: &issue.detail,
        reference: issue.reference.as_deref(),
    }
}

fn reference(pointer: &Pointer) -> Reference<'_> {
    Reference { reference: pointer.reference.as_deref(), display: pointer.display.as_deref() }
}

/// FHIR's rule for `id`: 1 to 64 letters, digits, `-` and `.`.
fn is_logical_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn findings_and_what_was_not_checked_are_a_collection() {
        let answer = Answer {
            patient: Some(Pointer { reference: Some("Patient/1".into()), display: None }),
            identified: "2026-11-22T10:00:00+09:00".into(),
            issues: vec![Issue {
                id: "f-1".into(),
                kind: IssueKind::Duplicate,
                severity: Severity::Moderate,
                detail: "アムロジピンが重複しています".into(),
                implicated: vec![Pointer {
                    reference: Some("MedicationRequest/2".into()),
                    display: Some("試験錠5mg".into()),
                }],
                evidence: vec![Evidence {
                    text: "調剤 2026-11-10".into(),
                    records: vec![Pointer { reference: None, display: Some("rx-1".into()) }],
                }],
                reference: None,
            }],
            not_checked: vec![NotChecked {
                text: "unknown_code".into(),
                expression: "Bundle.entry[3].resource".into(),
            }],
            warnings: vec!["名称が違います".into()],
            tags: vec![Tag {
                system: "urn:chofuku:policy".into(),
                code: "official".into(),
                display: String::new(),
            }],
        };
        let expected = json!({
            "resourceType": "Bundle",
            "meta": {"tag": [{"system": "urn:chofuku:policy", "code": "official"}]},
            "type": "collection",
            "entry": [
                {"resource": {
                    "resourceType": "DetectedIssue", "id": "f-1", "identifier": [{"value": "f-1"}],
                    "status": "final",
                    "code": {"coding": [{
                        "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                        "code": "DUPTHPY", "display": "Duplicate Therapy Alert"}]},
                    "severity": "moderate", "patient": {"reference": "Patient/1"},
                    "identifiedDateTime": "2026-11-22T10:00:00+09:00",
                    "implicated": [
                        {"reference": "MedicationRequest/2", "display": "試験錠5mg"}],
                    "evidence": [{
                        "code": [{"text": "調剤 2026-11-10"}], "detail": [{"display": "rx-1"}]}],
                    "detail": "アムロジピンが重複しています"}},
                {"resource": {
                    "resourceType": "OperationOutcome",
                    "issue": [{
                        "severity": "warning", "code": "incomplete",
                        "details": {"text": "unknown_code"},
                        "expression": ["Bundle.entry[3].resource"]},
                        {"severity": "warning", "code": "business-rule",
                        "details": {"text": "名称が違います"}}]}}]});
        assert_eq!(serde_json::to_value(bundle(&answer)).unwrap(), expected);
    }

    #[test]
    fn an_id_that_fhir_refuses_is_an_identifier_alone() {
        let issue = Issue {
            id: "所見 1".into(),
            kind: IssueKind::Contraindication,
            severity: Severity::High,
            detail: String::new(),
            implicated: Vec::new(),
            evidence: Vec::new(),
            reference: Some("https://example.org/rule".into()),
        };
        let answer = Answer { issues: vec![issue], ..Answer::default() };
        let expected = json!({
            "resourceType": "Bundle", "type": "collection",
            "entry": [{"resource": {
                "resourceType": "DetectedIssue", "identifier": [{"value": "所見 1"}],
                "status": "final",
                "code": {"coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                    "code": "DRG", "display": "Drug Interaction Alert"}]},
                "severity": "high", "reference": "https://example.org/rule"}}]});
        assert_eq!(serde_json::to_value(bundle(&answer)).unwrap(), expected);
    }
}
