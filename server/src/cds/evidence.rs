//! The detail of a card: the message, on what it rests, and who states the rule, as far as the answer
//! tells it.

use serde_json::Value;

use super::Language;
use super::cards::plain;
use super::markdown::escaped;

/// Records that are listed; the totals count all of them.
const RECORDS_MAX: usize = 10;

/// The detail of a finding, in Markdown.
pub(super) fn detail(language: Language, message: &str, finding: &Value) -> String {
    let mut parts = vec![escaped(message)];
    parts.extend(rules(language, finding));
    parts.extend(records(language, finding));
    if finding.get("possible_double_registration").and_then(Value::as_bool) == Some(true) {
        let said = language.of(
            "同じ内容の処方が二重に登録されている可能性があります。",
            "The same prescription may have been registered twice.",
        );
        parts.push(said.to_owned());
    }
    parts.join("\n\n")
}

fn list<'v>(finding: &'v Value, name: &str) -> &'v [Value] {
    finding.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// What each insert states.
fn rules(language: Language, finding: &Value) -> Option<String> {
    let rules = list(finding, "rules");
    let lines = rules.iter().map(|rule| {
        let text = |name: &str| plain(rule.get(name));
        let by = match rule.get("stated_by").and_then(Value::as_str).unwrap_or_default() {
            "partner" => language.of("相手の薬剤の添付文書", "insert of the other drug"),
            "both" => language.of("双方の添付文書", "inserts of both drugs"),
            _ => language.of("この薬剤の添付文書", "insert of this drug"),
        };
        let mut said = format!("- {by}");
        for (name, japanese, english) in [
            ("insert", "番号", "number"),
            ("revised", "改訂", "revised"),
            ("section", "項", "section"),
            ("condition", "条件", "condition"),
            ("measures", "臨床症状・措置方法", "measures"),
            ("mechanism", "機序", "mechanism"),
        ] {
            let text = text(name);
            if !text.is_empty() {
                said.push_str(language.of("；", "; "));
                said.push_str(language.of(japanese, english));
                said.push_str(language.of("：", ": "));
                said.push_str(&text);
            }
        }
        said
    });
    let head = language.of("**根拠**", "**Stated by**");
    (!rules.is_empty()).then(|| format!("{head}\n\n{}", lines.collect::<Vec<_>>().join("\n")))
}

/// The records that are evidence, the one that ends last first.
fn records(language: Language, finding: &Value) -> Option<String> {
    let records = list(finding, "evidence");
    let mut sorted: Vec<&Value> = records.iter().collect();
    sorted.sort_by_key(|record| std::cmp::Reverse(record.get("end_day").and_then(Value::as_str)));
    let mut lines: Vec<String> =
        sorted.iter().take(RECORDS_MAX).map(|record| line(language, record)).collect();
    let more = records.len().saturating_sub(RECORDS_MAX);
    if more > 0 {
        lines.push(match language {
            Language::Japanese => format!("- ほか{more}件"),
            Language::English => format!("- and {more} more"),
        });
    }
    let head = language.of("**過去の薬剤**", "**Past drugs**");
    (!records.is_empty()).then(|| format!("{head}\n\n{}", lines.join("\n")))
}

fn line(language: Language, record: &Value) -> String {
    let text = |pointer: &str| plain(record.pointer(pointer));
    let basis = match record.get("basis").and_then(Value::as_str).unwrap_or_default() {
        "dispensed" => language.of("調剤", "dispensed"),
        "prescribed" => language.of("処方", "prescribed"),
        _ => language.of("院内", "in-house"),
    };
    let [name, code] = [text("/drug/name"), text("/drug/code")];
    let drug = if name.is_empty() { code } else { name };
    let mut said = format!("- {basis} {}〜{} {drug}", text("/basis_day"), text("/end_day"));
    for place in ["institution", "pharmacy"] {
        let [name, code] = [text(&format!("/{place}/name")), text(&format!("/{place}/code"))];
        let place = if name.is_empty() { code } else { name };
        if !place.is_empty() {
            said.push_str(language.of("・", ", "));
            said.push_str(&place);
        }
    }
    said
}
