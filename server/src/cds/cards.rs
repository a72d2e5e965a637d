//! Cards: what the answer of a check says, in the words and the shape of CDS Hooks.

use std::collections::BTreeMap;

use chofuku_live::JudgedLine;
use serde_json::Value;

use super::evidence;
use super::markdown::{escaped, shortened};
use super::orders::{OrderLine, Orders};
use super::{Language, line_of, memory};
use crate::error::ApiError;
use crate::wire::hook::{Action, Card, CardExtension, Coding, Link, OfFinding, Source, Suggestion};

/// A summary has fewer than 140 characters.
const SUMMARY_CHARACTERS_MAX: usize = 139;
/// A name inside a summary, so that what is said of it is still there.
const NAME_CHARACTERS_MAX: usize = 60;
const TOPICS: &str = "urn:chofuku:card-topic";
const OVERRIDE_REASONS: &str = "urn:chofuku:override-reason";

/// Why a finding is accepted: code, Japanese, English.
const REASONS: [(&str, &str, &str); 6] = [
    ("benefit", "治療上の必要性が上回る", "The benefit outweighs the risk"),
    ("stopped", "前の薬剤はすでに中止・服用終了", "The earlier drug has been stopped"),
    ("switch", "切り替えのための処方", "This order replaces the earlier drug"),
    ("adjusted", "用量・間隔・時期を調整済み", "Dose, interval or timing is adjusted"),
    ("consulted", "疑義照会・処方医に確認済み", "Confirmed with the prescriber or pharmacist"),
    ("other", "その他（コメント参照）", "Other (see comment)"),
];

/// The cards of one answer while they are made.
#[derive(Debug)]
pub(crate) struct Cards<'o> {
    language: Language,
    public_url: Option<&'o str>,
    lines: &'o [OrderLine],
    made: Vec<Card>,
    /// Findings that are not shown again, by kind.
    repeated: BTreeMap<String, usize>,
}

impl<'o> Cards<'o> {
    pub(crate) fn new(language: Language, public_url: Option<&'o str>, orders: &'o Orders) -> Self {
        let (made, repeated) = (Vec::new(), BTreeMap::new());
        Self { language, public_url, lines: &orders.lines, made, repeated }
    }

    /// Adds the card of a finding. Gives the order that it is about, and the uuid of what it suggests.
    ///
    /// # Errors
    ///
    /// When the finding lacks what every finding has: it must not vanish.
    pub(crate) fn finding(
        &mut self,
        finding: &Value,
        uuid: &str,
    ) -> Result<(JudgedLine, Option<String>), ApiError> {
        let position = line_of(finding, "line").ok_or(ApiError::AnswerFailed)?;
        let line = self.lines.get(position).ok_or(ApiError::AnswerFailed)?;
        let message = finding.get("message").and_then(|all| all.get(self.language.key()));
        let message = message.and_then(Value::as_str).ok_or(ApiError::AnswerFailed)?;
        let judged = judged_line(line).ok_or(ApiError::AnswerFailed)?;
        let kind = finding.get("kind").and_then(Value::as_str).unwrap_or_default();
        let (indicator, topic) = if kind == "contraindication" {
            ("critical", self.say("併用禁忌", "Contraindication"))
        } else {
            ("warning", self.say("重複投薬", "Duplicate medication"))
        };
        let mut card = self.card(indicator, &summary(message), (kind, topic));
        let reasons = REASONS.iter().map(|(code, japanese, english)| Coding {
            system: OVERRIDE_REASONS,
            code: (*code).to_owned(),
            display: self.say(japanese, english),
        });
        card.uuid = Some(uuid.to_owned());
        card.detail = Some(evidence::detail(self.language, message, finding));
        card.suggestions.extend(self.suggestion(line, uuid));
        let suggestion = card.suggestions.first().map(|suggestion| suggestion.uuid.clone());
        card.selection_behavior = suggestion.is_some().then_some("at-most-one");
        card.override_reasons = reasons.collect();
        let of_finding = |name: &str| finding.get(name).cloned().unwrap_or_default();
        let (id, kind, scope) = (of_finding("id"), of_finding("kind"), of_finding("scope"));
        let ours = OfFinding { id, kind, scope, line: position, order: line.reference.clone() };
        card.extension = Some(CardExtension { ours });
        self.made.push(card);
        Ok((judged, suggestion))
    }

    /// Not to place the order, where it can be named.
    fn suggestion(&self, line: &OrderLine, card: &str) -> Option<Suggestion> {
        let resource_id = line.reference.clone()?;
        let label = self.say("このオーダーを取り消す", "Remove this order");
        let action = Action { kind: "delete", description: label, resource_id };
        Some(Suggestion { label, uuid: memory::suggestion(card), actions: vec![action] })
    }

    /// Notes a finding that is not shown again.
    pub(crate) fn repeat(&mut self, finding: &Value) {
        let kind = finding.get("kind").and_then(Value::as_str).unwrap_or_default();
        *self.repeated.entry(kind.to_owned()).or_default() += 1;
    }

    /// How many findings are not shown again.
    pub(crate) fn repeated(&self) -> usize {
        self.repeated.values().sum()
    }

    /// Adds what the answer could not check, and the warnings without which a check may mean another
    /// drug than its reader.
    pub(crate) fn incomplete(&mut self, told: &Value, selected: Option<&[usize]>) {
        let is_shown = |line: usize| selected.is_none_or(|selected| selected.contains(&line));
        let list = |name: &str| told.get(name).and_then(Value::as_array).into_iter().flatten();
        for warning in list("warnings") {
            let kind = warning.get("kind").and_then(Value::as_str).unwrap_or_default();
            if let Some(line) = line_of(warning, "line").filter(|line| is_shown(*line)) {
                self.warning(line, kind);
            }
        }
        for line in list("not_checked") {
            let reason = line.get("reason").and_then(Value::as_str).unwrap_or_default();
            if let Some(line) = line_of(line, "line").filter(|line| is_shown(*line)) {
                self.not_checked(line, reason);
            }
        }
        for reason in list("incomplete_because").filter_map(Value::as_str) {
            let (japanese, english) = match reason {
                "past_unresolved" => (
                    "過去の薬剤に照合できないものがあり、チェックは完全ではありません。",
                    "A past drug could not be identified: the check is not complete.",
                ),
                "past_left_out" => (
                    "この日の過去の薬剤は一部整理済みで、チェックは完全ではありません。",
                    "The past of this day is no longer kept whole: the check is not complete.",
                ),
                _ => continue,
            };
            let summary = self.say(japanese, english);
            self.not_complete(summary);
        }
    }

    fn warning(&mut self, line: usize, kind: &str) {
        let said = match kind {
            "name_mismatch" => (
                "コードの薬剤と名称が一致しません。コードの薬剤でチェックしました。",
                "The code names another drug than the name. The code was checked.",
            ),
            "check_digit" => (
                "薬剤コードの検査数字が誤っています。",
                "The check digit of the drug code is wrong.",
            ),
            _ => return,
        };
        let summary = self.of_line(line, self.say(said.0, said.1));
        let topic = ("name_mismatch", self.say("コードの不一致", "Code mismatch"));
        let card = self.card("warning", &summary, topic);
        self.made.push(card);
    }

    fn not_checked(&mut self, line: usize, reason: &str) {
        let is_coded = self.lines.get(line).is_none_or(|line| line.is_coded);
        let (japanese, english) = match reason {
            "material" => return,
            _ if !is_coded => (
                "チェックしていません：日本の薬剤コード（YJ・HOT・一般名）がありません。",
                "Not checked: no Japanese drug code (YJ, HOT, generic name).",
            ),
            "dummy_code" => {
                ("チェックしていません：ダミーコードです。", "Not checked: a dummy code.")
            }
            "not_covered" => (
                "チェックしていません：保険適用のない薬剤です。",
                "Not checked: not covered by insurance.",
            ),
            "no_substance" => (
                "チェックしていません：成分が登録されていません。",
                "Not checked: its substances are not known.",
            ),
            _ => (
                "チェックしていません：薬剤コードが見つかりません。",
                "Not checked: the drug code is not known.",
            ),
        };
        let summary = self.of_line(line, self.say(japanese, english));
        self.not_complete(&summary);
    }

    /// Adds the orders that are none to be checked, and that there may be others which cannot be read.
    pub(crate) fn left_out(&mut self, orders: &Orders) {
        if orders.lost.is_some() {
            let summary = self.say(
                "読み取れないオーダーがあり、チェックは完全ではありません。",
                "Not all orders could be read: the check is not complete.",
            );
            self.not_complete(summary);
        }
        for order in &orders.left_out {
            let said = self.say("チェックしていません", "Not checked");
            let name = shortened(&order.name, NAME_CHARACTERS_MAX);
            self.not_complete(&format!("{name}: {said} ({})", order.why));
        }
    }

    fn not_complete(&mut self, summary: &str) {
        let topic = ("not_checked", self.say("未チェック", "Not checked"));
        let mut card = self.card("info", &shortened(summary, SUMMARY_CHARACTERS_MAX), topic);
        let detail = self.say(
            "「未チェック」は「問題なし」ではありません。",
            "\"Not checked\" is not \"no problem\".",
        );
        card.detail = Some(detail.to_owned());
        self.made.push(card);
    }

    /// The cards, with one that says how many are not shown again.
    pub(crate) fn finish(mut self) -> Vec<Card> {
        let all = self.repeated();
        if all > 0 {
            let critical = self.repeated.get("contraindication").copied().unwrap_or_default();
            let summary = match self.language {
                Language::Japanese => {
                    format!(
                        "オーダー選択時に表示した{all}件（うち併用禁忌{critical}件）は再表示していません。"
                    )
                }
                Language::English => format!(
                    "{all} shown when the orders were selected ({critical} contraindications) are \
                     not shown again."
                ),
            };
            let topic = ("repeated", self.say("表示済み", "Shown before"));
            let card = self.card("info", &summary, topic);
            self.made.push(card);
        }
        self.made
    }

    /// A card with what every card has.
    fn card(
        &self,
        indicator: &'static str,
        summary: &str,
        (code, display): (&str, &'static str),
    ) -> Card {
        let label = self.say("chofuku 重複投薬等チェック", "chofuku duplicate medication check");
        let topic = Coding { system: TOPICS, code: code.to_owned(), display };
        let link = |url: &str| Link {
            label: self.say("chofuku を開く", "Open chofuku"),
            url: format!("{url}/"),
            kind: "absolute",
        };
        Card {
            summary: summary.to_owned(),
            indicator,
            source: Source { label, url: self.public_url.map(str::to_owned), topic },
            links: self.public_url.map(link).into_iter().collect(),
            ..Card::default()
        }
    }

    /// What is said of a line, behind the name of its drug.
    fn of_line(&self, line: usize, said: &str) -> String {
        let name = self.lines.get(line).map(|line| line.name.as_str()).unwrap_or_default();
        let unnamed = self.say("名称なし", "no name");
        let name = if name.is_empty() { unnamed } else { name };
        format!("『{}』 {said}", shortened(name, NAME_CHARACTERS_MAX))
    }

    const fn say(&self, japanese: &'static str, english: &'static str) -> &'static str {
        self.language.of(japanese, english)
    }
}

/// The code by which an order was asked.
fn judged_line(line: &OrderLine) -> Option<JudgedLine> {
    let drug = line.json.get("drug")?;
    let system = drug.get("system")?.as_str()?.parse().ok()?;
    let code = drug.get("code")?.as_str()?.to_owned();
    Some(JudgedLine { system, code })
}

/// The first sentence of a message.
fn summary(message: &str) -> String {
    let first = message.split_inclusive('。').next().unwrap_or(message);
    shortened(first.trim(), SUMMARY_CHARACTERS_MAX)
}

/// A name of the outside inside Markdown.
pub(super) fn plain(value: Option<&Value>) -> String {
    escaped(value.and_then(Value::as_str).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_the_first_sentence_and_short() {
        assert_eq!(
            summary("『甲』は重複しています。服用期間は…です。"),
            "『甲』は重複しています。"
        );
        let long = summary(&format!("{}。", "長".repeat(200)));
        assert_eq!(long.chars().count(), SUMMARY_CHARACTERS_MAX);
        assert!(long.ends_with('…'));
    }
}
