//! Text that speaks of combinations outside the table of section 10.1: kept for a person, never made
//! into a rule.

use super::{
    Passage, Statement,
    flow::{Block, plain},
    names::{Partner, key, parse_text},
    washout::read_washouts,
};

/// Words that a contraindication about a combination uses.
const WORDS: [&str; 5] = ["投与中", "併用", "投与中止", "使用中", "服用中"];
/// Words that tell a patient's state instead of a drug.
const STATES: [&str; 9] = ["患者", "障害", "疾患", "既往", "症", "本剤", "場合", "次の", "以下の"];

/// The passages of section 2 that speak of a combination, each with the list below it.
pub(super) fn passages_of(blocks: &[Block], statements: &[Statement]) -> Vec<Passage> {
    let mut found = Vec::new();
    let mut rest = blocks;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if !WORDS.iter().any(|word| first.text.contains(word)) {
            continue;
        }
        let below = after.iter().take_while(|block| block.level > first.level).count();
        let (below, after) = after.split_at_checked(below).unwrap_or((&[], after));
        rest = after;
        let mut names = names_in(&first.text);
        names.extend(below.iter().flat_map(|block| leaves(&parse_text(&block.text))));
        let mut text = first.text.clone();
        if !below.is_empty() {
            text.push('\n');
            text.push_str(&plain(below));
        }
        found.push(judged("2", text, names, statements));
    }
    found
}

/// One text outside a table, if it speaks of a combination.
pub(super) fn passage(
    section: &'static str,
    text: String,
    statements: &[Statement],
) -> Option<Passage> {
    let speaks = WORDS.iter().any(|word| text.contains(word)) || statements.is_empty();
    let names = names_in(&text);
    speaks.then(|| judged(section, text, names, statements))
}

fn judged(
    section: &'static str,
    text: String,
    names: Vec<String>,
    statements: &[Statement],
) -> Passage {
    let cells: Vec<String> = statements.iter().map(|statement| key(&statement.cell)).collect();
    let stated = |name: &String| cells.iter().any(|cell| cell.contains(&key(name)));
    let missing = names.iter().filter(|name| !stated(name)).cloned().collect();
    let washouts = read_washouts(&[&text]);
    Passage { section, text, names, missing, washouts }
}

/// The drugs that a sentence names: after a colon, else before 投与中.
fn names_in(text: &str) -> Vec<String> {
    let after_colon = text.split_once(['：', ':']).map(|(_, after)| after);
    let before = || {
        let place = WORDS.iter().filter_map(|word| text.find(word)).min()?;
        let before = text.get(..place)?;
        Some(before.trim_end_matches(['を', 'と', 'の', 'が', 'は']))
    };
    let Some(prose) = after_colon.or_else(before) else { return Vec::new() };
    let mut names = leaves(&parse_text(prose));
    names.retain(|name| !STATES.iter().any(|state| name.contains(state)));
    names
}

/// The names at the ends of the tree: members instead of their class where it lists any.
fn leaves(partners: &[Partner]) -> Vec<String> {
    let mut names = Vec::new();
    for partner in partners {
        let members = leaves(&partner.members);
        if members.is_empty() {
            names.push(partner.name.clone());
        } else {
            names.extend(members);
        }
    }
    names.retain(|name| !name.is_empty());
    names
}
