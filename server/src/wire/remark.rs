//! What an answer says beside its findings, in words: for the shapes of an answer that have no field
//! for a warning. A code that silently means another drug is the worst failure there is (S14), so no
//! shape leaves a warning out.

use serde_json::Value;

use super::told::{list, text};

/// Something that whoever reads an answer must see, though it is no finding.
pub(super) struct Remark {
    pub(super) kind: RemarkKind,
    /// The index of the new line that it is about.
    pub(super) line: Option<u64>,
    /// The record of the past that it is about, as far as the answer tells of it.
    pub(super) record: Option<Value>,
    /// In Japanese.
    pub(super) words: String,
}

/// What a remark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RemarkKind {
    /// A code that may mean another drug than was meant (S14, S15).
    Doubt,
    /// Another warning.
    Warning,
    /// Two prescriptions that look like one which was registered twice (S11).
    Twins,
    /// A record that is still taken and that the rule does not see (S8).
    BlindSpot,
}

/// The remarks of an answer, as it is told in JSON: nothing that consent keeps back there is here.
pub(super) fn all(answer: &Value) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = list(answer, "warnings").iter().map(warning).collect();
    let reasons = list(answer, "incomplete_because");
    remarks.extend(reasons.iter().filter_map(|why| incomplete(why.as_str()?, answer)));
    let are_twins =
        |finding: &&Value| finding.get("possible_double_registration") == Some(&Value::Bool(true));
    let findings = list(answer, "findings");
    remarks.extend(findings.iter().filter(are_twins).map(|finding| Remark {
        kind: RemarkKind::Twins,
        line: line(finding),
        record: None,
        words: "過去の処方に、同じ処方箋が二重に登録された疑いがあります".to_owned(),
    }));
    remarks.extend(list(answer, "blind_spots").into_iter().map(|record| Remark {
        kind: RemarkKind::BlindSpot,
        line: None,
        words: format!(
            "チェック期間の外ですが、{}まで服用中の可能性があります",
            text(&record, "/end_day")
        ),
        record: Some(record),
    }));
    remarks
}

fn warning(warning: &Value) -> Remark {
    let (kind, detail) = (text(warning, "/kind"), text(warning, "/detail"));
    let document = text(warning, "/document");
    let mut words = words(&kind, &detail);
    if !document.is_empty() {
        let rp = warning.get("rp").and_then(Value::as_u64).unwrap_or_default();
        words = format!("{document} RP{rp}: {words}");
    }
    Remark {
        kind: match kind.as_str() {
            "name_mismatch" | "check_digit" => RemarkKind::Doubt,
            _ => RemarkKind::Warning,
        },
        line: line(warning),
        record: None,
        words,
    }
}

fn line(of: &Value) -> Option<u64> {
    of.get("line").and_then(Value::as_u64)
}

/// Why a check is not complete, where neither a line nor a warning says so.
fn incomplete(why: &str, answer: &Value) -> Option<Remark> {
    let words = match why {
        "past_unresolved" => "過去の薬剤に判定できないものがあり、チェックは完全ではありません",
        "past_left_out" => "この日の過去の記録の一部は整理済みで、チェックは完全ではありません",
        _ => return None,
    };
    let is_told = list(answer, "warnings").iter().any(|warning| text(warning, "/kind") == why);
    let of_all =
        Remark { kind: RemarkKind::Warning, line: None, record: None, words: words.to_owned() };
    (!is_told).then_some(of_all)
}

/// A warning as a sentence; one without a sentence as it stands.
fn words(kind: &str, detail: &str) -> String {
    const PERIOD: &str = "既定の日数で判定しました";
    match (kind, detail) {
        ("name_mismatch", name) => format!("「{name}」はこのコードの医薬品の名称ではありません"),
        ("check_digit", code) => format!("コード{code}の検査数字に誤りがあります"),
        ("resolution", "first9") => same_beginning(9),
        ("resolution", "yj7") => same_beginning(7),
        ("past_unresolved", code) => format!("過去の薬剤のコード{code}は不明で、判定できません"),
        ("quantity_missing", _) => format!("数量がなく、{PERIOD}"),
        ("quantity_zero", _) => format!("数量が0のため、{PERIOD}"),
        ("quantity_not_whole", quantity) => format!("数量「{quantity}」は整数ではなく、{PERIOD}"),
        ("quantity_over_999", quantity) => format!("数量「{quantity}」は999を超え、{PERIOD}"),
        ("input", deviation) => format!("電文の逸脱: {deviation}"),
        (kind, detail) => format!("{kind}: {detail}"),
    }
}

fn same_beginning(characters: u8) -> String {
    format!("コードは不明で、先頭{characters}文字が同じ医薬品で判定しました")
}

#[cfg(test)]
mod tests {
    use chofuku_engine::check::LineWarning;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_warning_has_a_sentence() {
        let records =
            ["quantity_missing", "quantity_zero", "quantity_not_whole", "quantity_over_999"];
        let others = ["past_unresolved", "input"];
        for kind in LineWarning::NAMES.iter().chain(&records).chain(&others) {
            let detail = if *kind == "resolution" { "first9" } else { "x" };
            let answer = json!({"warnings": [{"line": 1, "kind": kind, "detail": detail}]});
            let [remark] = all(&answer).try_into().ok().unwrap();
            assert!(!remark.words.contains(kind), "{}", remark.words);
            assert_eq!(remark.line, Some(1));
        }
        assert_eq!(words("later", "x"), "later: x");
    }

    #[test]
    fn what_is_not_complete_says_why_once() {
        let said = |warnings: Value, reasons: &[&str]| {
            let answer = json!({"warnings": warnings, "incomplete_because": reasons});
            all(&answer).len()
        };
        let reasons = ["line_not_checked", "past_unresolved", "past_left_out", "input"];
        assert_eq!(said(json!([]), &[]), 0);
        assert_eq!(said(json!([]), &reasons), 2);
        assert_eq!(said(json!([{"kind": "past_unresolved", "detail": "yj 1"}]), &reasons), 2);
    }
}
