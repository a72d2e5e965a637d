//! The answer of a check in the fields of a result of the national service (電子処方箋管理サービス): one
//! detail for each finding and record.
//!
//! The fields and their lengths are those of the service's own result. Its message ids are not
//! published, so these are ours: `D01` a duplicate of the same product, `D02` of an ingredient, `C01` a
//! contraindication, `C02` one within a wash-out, `X01` a line that was not checked, `W01` a warning,
//! `W02` a prescription that may stand twice, `W03` a record that the rule does not see. The result flag
//! knows no "incomplete" and no doubt: an answer that could not check everything, or checked a code that
//! may mean another drug, has no flag `2`, and says why.

use chofuku_engine::code::CodeSystem;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::policy::AnswerPolicy;
use super::remark::{self, Remark, RemarkKind};
use super::snapshot::Snapshot;
use super::told::{list, text};

/// A result in the fields of the national service (電子処方箋管理サービス).
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NationalResult {
    /// `0` something was found that may not be viewed, `1` something was found, `2` nothing was;
    /// none where nothing was found, but not everything could be checked or the name or check digit
    /// of a line contradicts its code.
    #[serde(rename = "RESULT_FLAG")]
    flag: Option<&'static str>,
    /// Whether everything was checked.
    #[serde(rename = "COMPLETE")]
    complete: bool,
    /// One for each finding and record, for each line that was not checked, and for each warning.
    #[serde(rename = "DETAILS")]
    details: Vec<Detail>,
    /// The policy that it was made under.
    #[serde(rename = "POLICY")]
    #[schemars(with = "AnswerPolicy<'_>")]
    policy: Value,
    /// What it was made from.
    #[serde(rename = "SNAPSHOT")]
    #[schemars(with = "Snapshot<'_>")]
    snapshot: Value,
}

/// One message of a result.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(rename = "NationalDetail")]
struct Detail {
    /// `D01` a duplicate of the same product, `D02` of an ingredient, `C01` a contraindication, `C02` one
    /// within a wash-out, `X01` a line that was not checked, `W01` a warning, `W02` a prescription that may
    /// stand twice, `W03` a record that the rule does not see.
    message_id: String,
    /// 重複投薬, 併用禁忌, チェック対象外 or 注意.
    message_category: String,
    /// The ingredients, at most 80 characters.
    pharmaceuticals_ingredient_name: String,
    /// The finding or warning in words, or why the line was not checked; at most 400 characters.
    message: String,
    #[serde(flatten)]
    target: Target,
    #[serde(flatten)]
    past: Past,
    /// What inserts say is to be done, at most 300 characters.
    comment: String,
}

/// The new line.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(clippy::struct_field_names, reason = "these are the names of the service's fields")]
struct Target {
    /// The national number of its code system (コード種別); empty for a GTIN.
    target_code_type: String,
    /// Its code.
    target_code: String,
    /// Its name as it was sent, at most 80 characters.
    target_name: String,
    /// Its quantity, at most 3 characters.
    target_dispensing_quantity: String,
    /// Its usage code.
    target_usage: String,
    /// Its dosage form (剤形区分).
    target_dosage_form: String,
}

/// The record of the past; empty where it may not be told.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(clippy::struct_field_names, reason = "these are the names of the service's fields")]
struct Past {
    /// The basis day, `YYYYMMDD`.
    past_date: String,
    /// The national number of its code system (コード種別).
    past_code_type: String,
    /// Its code.
    past_code: String,
    /// Its name, at most 80 characters.
    past_name: String,
    /// The institution, by name or code.
    past_institution: String,
    /// The pharmacy, by name or code.
    past_pharmacy: String,
    /// Its quantity, at most 3 characters.
    past_dispensing_quantity: String,
    /// Its usage, at most 100 characters.
    past_usage: String,
    /// Its dosage form (剤形区分).
    past_dosage_form: String,
}

/// The result of an answer to a request, both as they are told in JSON.
pub(super) fn result(answer: &Value, request: &Value) -> NationalResult {
    let findings = list(answer, "findings");
    let mut details: Vec<Detail> =
        findings.iter().flat_map(|finding| of_finding(finding, request)).collect();
    let withheld = |finding: &Value| finding.get("rules").or(finding.get("ingredients")).is_none();
    let complete = answer.get("complete").and_then(Value::as_bool).unwrap_or(false);
    let remarks = remark::all(answer);
    let is_doubtful = remarks.iter().any(|remark| remark.kind == RemarkKind::Doubt);
    let flag = match (findings.is_empty(), findings.iter().all(withheld)) {
        (false, true) => Some("0"),
        (false, false) => Some("1"),
        (true, _) if complete && !is_doubtful => Some("2"),
        (true, _) => None,
    };
    details.extend(list(answer, "not_checked").iter().map(|line| Detail {
        message_id: "X01".to_owned(),
        message_category: "チェック対象外".to_owned(),
        message: cut(&text(line, "/reason"), 400),
        target: target(line, request),
        ..Detail::default()
    }));
    details.extend(remarks.iter().map(|remark| of_remark(remark, request)));
    let member = |name| answer.get(name).cloned().unwrap_or_default();
    NationalResult {
        flag,
        complete,
        details,
        policy: member("policy"),
        snapshot: member("snapshot"),
    }
}

fn of_remark(remark: &Remark, request: &Value) -> Detail {
    let id = match remark.kind {
        RemarkKind::Doubt | RemarkKind::Warning => "W01",
        RemarkKind::Twins => "W02",
        RemarkKind::BlindSpot => "W03",
    };
    Detail {
        message_id: id.to_owned(),
        message_category: "注意".to_owned(),
        message: cut(&remark.words, 400),
        target: remark.line.map(|line| new_line(line, request)).unwrap_or_default(),
        past: remark.record.as_ref().map(past).unwrap_or_default(),
        ..Detail::default()
    }
}

fn of_finding(finding: &Value, request: &Value) -> Vec<Detail> {
    let (id, category) = match (text(finding, "/kind").as_str(), text(finding, "/level").as_str()) {
        ("contraindication", _) if finding.get("washout") == Some(&Value::Bool(true)) => {
            ("C02", "併用禁忌")
        }
        ("contraindication", _) => ("C01", "併用禁忌"),
        (_, "product") => ("D01", "重複投薬"),
        _ => ("D02", "重複投薬"),
    };
    let ingredients = list(finding, "ingredients");
    let both = ["/ingredient/name", "/partner/name"].map(|pointer| text(finding, pointer));
    let names = ingredients.iter().map(|ingredient| text(ingredient, "/name")).chain(both);
    let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    let rules = list(finding, "rules");
    let comment = rules.iter().map(|rule| text(rule, "/measures"));
    let comment: Vec<String> = comment.filter(|measures| !measures.is_empty()).collect();
    let detail = |past: Past| Detail {
        message_id: id.to_owned(),
        message_category: category.to_owned(),
        pharmaceuticals_ingredient_name: cut(&names.join("、"), 80),
        message: cut(&text(finding, "/message/ja"), 400),
        target: target(finding, request),
        past,
        comment: cut(&comment.join("\n"), 300),
    };
    let evidence = list(finding, "evidence");
    if evidence.is_empty() {
        return vec![detail(Past::default())];
    }
    evidence.iter().map(|record| detail(past(record))).collect()
}

/// The new line that a finding or a line not checked is about.
fn target(of: &Value, request: &Value) -> Target {
    new_line(of.get("line").and_then(Value::as_u64).unwrap_or_default(), request)
}

fn new_line(position: u64, request: &Value) -> Target {
    let line = request.pointer(&format!("/lines/{position}")).unwrap_or(&Value::Null);
    Target {
        target_code_type: code_type(&text(line, "/drug/system")),
        target_code: cut(&text(line, "/drug/code"), 13),
        target_name: cut(&text(line, "/drug/name"), 80),
        target_dispensing_quantity: cut(&text(line, "/quantity"), 3),
        target_usage: cut(&text(line, "/usage"), 100),
        target_dosage_form: number(line, "/form"),
    }
}

fn past(record: &Value) -> Past {
    let named = |of: &str| {
        let name = text(record, &format!("/{of}/name"));
        let code = text(record, &format!("/{of}/code"));
        cut(if name.is_empty() { &code } else { &name }, 120)
    };
    let usage = text(record, "/usage/text");
    let usage = if usage.is_empty() { text(record, "/usage/code") } else { usage };
    Past {
        past_date: text(record, "/basis_day").replace('-', ""),
        past_code_type: code_type(&text(record, "/drug/system")),
        past_code: cut(&text(record, "/drug/code"), 13),
        past_name: cut(&text(record, "/drug/name"), 80),
        past_institution: named("institution"),
        past_pharmacy: named("pharmacy"),
        past_dispensing_quantity: cut(&text(record, "/quantity"), 3),
        past_usage: cut(&usage, 100),
        past_dosage_form: number(record, "/form"),
    }
}

/// The national number of a code system (コード種別); a GTIN has none.
fn code_type(system: &str) -> String {
    match system.parse() {
        Ok(CodeSystem::Receipt) => "2",
        Ok(CodeSystem::Price) => "3",
        Ok(CodeSystem::Yj) => "4",
        Ok(CodeSystem::Hot) => "6",
        Ok(CodeSystem::Generic) => "7",
        Ok(CodeSystem::Gtin) | Err(_) => "",
    }
    .to_owned()
}

fn number(value: &Value, pointer: &str) -> String {
    let number = value.pointer(pointer).and_then(Value::as_u64);
    number.map(|number| number.to_string()).unwrap_or_default()
}

/// At most so many characters; one that is cut ends in `…`.
fn cut(text: &str, characters_max: usize) -> String {
    if text.chars().nth(characters_max).is_none() {
        return text.to_owned();
    }
    let kept = text.chars().take(characters_max.saturating_sub(1));
    kept.chain(std::iter::once('…')).collect()
}
