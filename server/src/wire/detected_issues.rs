//! The answer of a check as FHIR.
//!
//! It is made from the answer as it is told in JSON, so that nothing can be told here that consent
//! keeps back there.

use chofuku_formats::fhir::detected_issue::{
    Answer, Evidence, Issue, IssueKind, NotChecked, Pointer, Severity, Tag,
};
use serde_json::Value;

use super::remark;
use super::told::{list, text};

pub(super) use chofuku_formats::fhir::detected_issue::bundle;

/// The issues of an answer to a request.
pub(super) fn of(answer: &Value, request: &Value) -> Answer {
    let mut not_checked: Vec<NotChecked> = list(answer, "not_checked")
        .iter()
        .map(|line| {
            let position = line.get("line").and_then(Value::as_u64).unwrap_or_default();
            not_checked(format!("lines[{position}]: {}", text(line, "/reason")))
        })
        .collect();
    // A line is named above; a record of the past is not to be named.
    let reasons = list(answer, "incomplete_because");
    let others = reasons.iter().filter_map(Value::as_str).filter(|why| *why != "line_not_checked");
    not_checked.extend(others.map(|why| self::not_checked(why.to_owned())));
    Answer {
        patient: None,
        identified: text(answer, "/snapshot/as_of"),
        issues: list(answer, "findings").iter().map(|finding| issue(finding, request)).collect(),
        not_checked,
        warnings: remark::all(answer).iter().map(warning).collect(),
        tags: tags(answer),
    }
}

fn warning(remark: &remark::Remark) -> String {
    let line = remark.line.map(|line| format!("lines[{line}]: ")).unwrap_or_default();
    let record = remark.record.as_ref().map(|record| {
        let [document, name] = ["/document", "/drug/name"].map(|pointer| text(record, pointer));
        format!("{document} {name}: ")
    });
    format!("{line}{}{}", record.unwrap_or_default(), remark.words)
}

/// The policy that it was made under, and what it was made from.
fn tags(answer: &Value) -> Vec<Tag> {
    let written = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let tag = |(name, value): (&String, &Value)| Tag {
        system: format!("urn:chofuku:{name}"),
        code: written(value),
        display: String::new(),
    };
    let members = |name: &str| answer.get(name).and_then(Value::as_object);
    let mut tags: Vec<Tag> = members("snapshot").into_iter().flatten().map(tag).collect();
    let differs = answer.pointer("/policy/differs").and_then(Value::as_object);
    let differs = differs.filter(|fields| !fields.is_empty());
    tags.push(Tag {
        system: "urn:chofuku:policy".to_owned(),
        code: text(answer, "/policy/name"),
        display: differs
            .map(|fields| Value::Object(fields.clone()).to_string())
            .unwrap_or_default(),
    });
    tags
}

fn not_checked(text: String) -> NotChecked {
    NotChecked { text, expression: String::new() }
}

fn issue(finding: &Value, request: &Value) -> Issue {
    let (kind, severity) = if text(finding, "/kind") == "contraindication" {
        (IssueKind::Contraindication, Severity::High)
    } else {
        (IssueKind::Duplicate, Severity::Moderate)
    };
    let positions = ["line", "other_line"].into_iter();
    let positions = positions.filter_map(|name| finding.get(name).and_then(Value::as_u64));
    let mut implicated: Vec<Pointer> =
        positions.map(|position| new_line(position, request)).collect();
    let partner = text(finding, "/partner/name");
    if !partner.is_empty() {
        implicated.push(in_words(partner));
    }
    Issue {
        id: text(finding, "/id"),
        kind,
        severity,
        detail: text(finding, "/message/ja"),
        implicated,
        evidence: list(finding, "evidence").iter().map(evidence).collect(),
        reference: None,
    }
}

fn new_line(position: u64, request: &Value) -> Pointer {
    let drug = request.pointer(&format!("/lines/{position}/drug")).unwrap_or(&Value::Null);
    let (name, code) = (text(drug, "/name"), text(drug, "/code"));
    in_words(format!("lines[{position}] {}", if name.is_empty() { code } else { name }))
}

fn evidence(record: &Value) -> Evidence {
    let [basis, first, last] =
        ["/basis", "/basis_day", "/end_day"].map(|pointer| text(record, pointer));
    let [document, code, name] =
        ["/document", "/drug/code", "/drug/name"].map(|pointer| text(record, pointer));
    Evidence {
        text: format!("{basis} {first}–{last}"),
        records: vec![in_words(format!("{document} {code} {name}").trim_end().to_owned())],
    }
}

fn in_words(text: String) -> Pointer {
    Pointer { reference: None, display: Some(text) }
}
