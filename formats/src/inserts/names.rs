//! The cell of names (薬剤名等) taken apart: drugs and classes, members, brands, conditions,
//! exclusions.
//!
//! Which of them a bracket or a list holds is told by words and by what it stands behind. It is a
//! reading, not a fact: the cell stays beside it, and resolving checks it against the drugs that
//! exist.

use unicode_normalization::UnicodeNormalization;

use super::flow::Block;

mod split;

use split::{Bracketed, items, take_brackets};

/// Brackets inside brackets that are taken apart; what is deeper stays text.
const DEPTH_MAX: usize = 3;
/// Words of a bracket that tells when the statement holds.
const CONDITION_WORDS: [&str; 18] = [
    "患者",
    "投与",
    "場合",
    "適応",
    "効能",
    "効果",
    "用量",
    "治療",
    "限る",
    "限り",
    "のみ",
    "以内",
    "漸増期",
    "目的",
    "使用",
    "併用",
    "増量",
    "該当",
];
/// Words of a bracket that tells a form or route: a condition unless it is one of several names.
const FORM_WORDS: [&str; 14] = [
    "経口", "内服", "注射", "外用", "静注", "点滴", "坐剤", "坐薬", "吸入", "点眼", "点鼻", "貼付",
    "含む", "製剤",
];
/// How names of classes end.
const CLASS_ENDINGS: [&str; 19] = [
    "剤",
    "薬",
    "類",
    "系",
    "誘導体",
    "アルカロイド",
    "ワクチン",
    "ホルモン",
    "抗生物質",
    "物質",
    "食品",
    "飲料",
    "ジュース",
    "療法",
    "造影剤",
    "製品",
    "ステロイド",
    "バルビツレート",
    "抗体",
];

/// One drug or class of a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partner {
    /// The name as written, without marks of revision and what follows in brackets.
    pub name: String,
    /// Whether it reads like the name of a class.
    pub class: bool,
    /// What stands in a list or in brackets behind a class.
    pub members: Vec<Partner>,
    /// Brands: in 〔〕, in （） or in a list behind a drug.
    pub brands: Vec<String>,
    /// Other names: abbreviations in brackets.
    pub also: Vec<String>,
    /// When the statement holds, as written in brackets.
    pub conditions: Vec<String>,
    /// What is excepted (…を除く).
    pub exclusions: Vec<String>,
    /// Whether it says that the list is not complete (等).
    pub open: bool,
}

/// Takes the blocks of a cell apart.
pub(crate) fn parse_cell(blocks: &[Block]) -> Vec<Partner> {
    let mut partners: Vec<Partner> = Vec::new();
    for block in blocks {
        for item in items(&block.text) {
            let read = read_item(item, 0);
            place(&mut partners, read, block.level);
        }
    }
    partners
}

/// Takes running text apart, as a cell of one paragraph.
pub(crate) fn parse_text(text: &str) -> Vec<Partner> {
    parse_cell(&[Block { level: 0, text: text.to_owned() }])
}

/// A name without the differences that make no other name: width, case, spaces, kinds of hyphen.
pub(crate) fn key(name: &str) -> String {
    let same = |c: char| match c {
        '〔' | '[' => '(',
        '〕' | ']' => ')',
        '‐' | '‑' | '–' | '—' | '−' | '－' => '-',
        c => c,
    };
    name.nfkc().filter(|c| !c.is_whitespace()).map(same).flat_map(char::to_uppercase).collect()
}

/// Whether a name reads like that of a class.
pub(super) fn looks_like_class(name: &str) -> bool {
    let name = name.trim_end_matches(['等', ' ']);
    CLASS_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Puts what was read where its depth of list says: below the last class, or as brands of the last
/// drug.
fn place(partners: &mut Vec<Partner>, read: Read, level: usize) {
    let nameless = read.partner.name.is_empty();
    if level == 0 && !nameless {
        partners.push(read.partner);
        return;
    }
    let Some(last) = partners.last_mut() else {
        let mut partner = read.partner;
        if nameless {
            // A bracket that stands behind nothing is still something that the cell names.
            partner.name = read.brackets;
        }
        if !partner.name.is_empty() {
            partners.push(partner);
        }
        return;
    };
    if nameless {
        let below = level > 0 && last.class && !last.members.is_empty();
        let target = match last.members.last_mut() {
            Some(member) if below => member,
            _ => last,
        };
        target.brands.extend(read.partner.brands);
        target.also.extend(read.partner.also);
        target.conditions.extend(read.partner.conditions);
        target.exclusions.extend(read.partner.exclusions);
        target.members.extend(read.partner.members);
        target.open |= read.partner.open;
    } else if last.class && level > 1 && !last.members.is_empty() {
        if let Some(member) = last.members.last_mut() {
            below(member, read.partner);
        }
    } else {
        below(last, read.partner);
    }
}

fn below(head: &mut Partner, mut partner: Partner) {
    // 等 behind the last of a list speaks of the list.
    head.open |= std::mem::take(&mut partner.open);
    let plain = partner.conditions.is_empty() && partner.exclusions.is_empty();
    if head.class || !plain {
        head.members.push(partner);
    } else if partner.brands.is_empty() {
        head.brands.push(partner.name);
    } else {
        // A name with a brand of its own behind it is no brand.
        head.members.push(partner);
    }
}

/// One item, and its brackets as written for the case that it is nothing else.
struct Read {
    partner: Partner,
    brackets: String,
}

fn read_item(item: &str, depth: usize) -> Read {
    let (text, mut open) = without_etc(item);
    let (name, brackets) = take_brackets(text);
    let (name, more) = without_etc(name);
    open |= more;
    let name = name.trim().to_owned();
    let class = looks_like_class(&name);
    let mut partner = Partner { name, class, open, ..Partner::default() };
    for bracket in &brackets {
        read_bracket(&mut partner, bracket, depth);
    }
    let brackets = brackets.iter().map(|bracket| bracket.text).collect::<Vec<_>>().join("、");
    Read { partner, brackets }
}

fn read_bracket(partner: &mut Partner, bracket: &Bracketed<'_>, depth: usize) {
    let text = bracket.text.trim().trim_end_matches('。');
    if text.is_empty() || (bracket.square && text.contains("参照")) {
        return;
    }
    if depth > DEPTH_MAX {
        partner.conditions.push(text.replace('\n', ""));
        return;
    }
    let but = ["ただし", "但し"].iter().find_map(|word| text.split_once(word));
    if let Some((before, after)) = but.filter(|(before, _)| !before.trim().is_empty()) {
        let part = |text| Bracketed { text, tortoise: bracket.tortoise, square: bracket.square };
        let before = before.trim_end_matches(['、', '，', ',', ' ', '\n', '。']);
        read_bracket(partner, &part(before), depth + 1);
        read_bracket(partner, &part(after), depth + 1);
        return;
    }
    if let Some(place) = text.find("を除く").or_else(|| text.find("は除く")) {
        let excepted = text.get(..place).unwrap_or(text);
        let excepted = excepted.trim_start_matches(['、', '，', ',', ' ']);
        let excepted = excepted.strip_prefix("ただし").unwrap_or(excepted);
        partner.exclusions.extend(items(excepted).map(|item| item.trim().to_owned()));
        return;
    }
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let several = items(text).nth(1).is_some();
    let about_form = says(&FORM_WORDS) && !(partner.class && several);
    if !bracket.tortoise && (says(&CONDITION_WORDS) || about_form) {
        partner.conditions.push(text.replace('\n', ""));
        return;
    }
    let nameless = partner.name.is_empty();
    if !bracket.tortoise && !nameless && is_abbreviation(text) {
        partner.also.push(text.to_owned());
        return;
    }
    if partner.class && !bracket.tortoise {
        for item in items(text) {
            let mut member = read_item(item, depth + 1).partner;
            partner.open |= std::mem::take(&mut member.open);
            if !member.name.is_empty() {
                partner.members.push(member);
            }
        }
        return;
    }
    for item in items(text) {
        let (brand, open) = without_etc(item);
        partner.open |= open && partner.class;
        if !brand.trim().is_empty() {
            partner.brands.push(brand.trim().to_owned());
        }
    }
}

/// Without 等 at the end, and whether it was there.
fn without_etc(text: &str) -> (&str, bool) {
    let text = text.trim();
    for word in ["など", "等"] {
        if let Some(rest) = text.strip_suffix(word) {
            return (rest.trim_end(), true);
        }
    }
    (text, false)
}

/// `MAO`, `SNRI`, `5-FU`: letters, digits and hyphens of ASCII after folding the width.
fn is_abbreviation(text: &str) -> bool {
    let text = key(text);
    text.chars().count() <= 12
        && text.chars().any(|c| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '/')
}

#[cfg(test)]
mod tests;
