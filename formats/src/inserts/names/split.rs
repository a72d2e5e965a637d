//! Lines into items, and the brackets at the end of an item.

/// Words between two names.
const WORDS: [&str; 10] = [
    "及び",
    "および",
    "又は",
    "または",
    "並びに",
    "ならびに",
    "若しくは",
    "もしくは",
    "あるいは",
    "或いは",
];
const OPENING: [char; 8] = ['(', '（', '〔', '［', '[', '【', '〈', '「'];
const CLOSING: [char; 8] = [')', '）', '〕', '］', ']', '】', '〉', '」'];
/// What begins a bracket that belongs to the name before it.
const PART_OF_NAME: [&str; 4] = ["遺伝子組換え", "遺伝子組み換え", "乾燥", "合成"];

/// What a pair of brackets holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bracketed<'t> {
    pub(super) text: &'t str,
    /// 〔〕, which hold brands.
    pub(super) tortoise: bool,
    /// ［］, which hold references too.
    pub(super) square: bool,
}

/// The items of a text: separated by commas, conjunctions and line breaks outside brackets.
pub(super) fn items(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    // A bracket that is never closed must not swallow the lines after it.
    let balanced = is_balanced(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (item, after) = next_item(text, balanced);
        rest = after;
        Some(item)
    })
    .map(without_marks)
    .filter(|item| !item.is_empty())
}

fn next_item(text: &str, balanced: bool) -> (&str, Option<&str>) {
    let mut depth = 0_usize;
    // Marks of revision have commas of their own.
    let mut marks = true;
    let mut before = '\n';
    for (place, c) in text.char_indices() {
        let (head, tail) = text.split_at_checked(place).unwrap_or((text, ""));
        let after = tail.get(c.len_utf8()..).unwrap_or_default();
        if OPENING.contains(&c) {
            depth += 1;
        } else if CLOSING.contains(&c) {
            depth = depth.saturating_sub(1);
        } else if c == '\n' && (depth == 0 || !balanced) {
            if !goes_on(head, after) {
                return (head, Some(after));
            }
        } else if depth == 0 {
            let comma = match c {
                '、' | '，' | ';' | '；' => true,
                // A comma between digits is one of a chemical name.
                ',' => {
                    !(before.is_ascii_digit() && after.starts_with(|c: char| c.is_ascii_digit()))
                }
                _ => false,
            };
            if comma && !marks {
                return (head, Some(after));
            }
            let word = WORDS.iter().find_map(|word| tail.strip_prefix(word));
            if let Some(after) = word.filter(|_| !marks) {
                return (head, Some(after));
            }
        }
        marks &= is_mark(c) || c == ',' || c == '\n';
        before = c;
    }
    (text, None)
}

/// Whether the line after a break belongs to the name before it: a bracket behind it, or a middle
/// dot that joins the parts of a combination.
fn goes_on(before: &str, after: &str) -> bool {
    let next = after.trim_start_matches([' ', '\u{3000}']);
    let opens = next.starts_with(['(', '（', '〔', '［', '[']);
    let line = before.rsplit('\n').next().unwrap_or(before).trim_end();
    (opens && !line.is_empty()) || (line.ends_with('・') && line.chars().nth(1).is_some())
}

fn is_balanced(text: &str) -> bool {
    let mut depth = 0_i64;
    for c in text.chars() {
        depth += i64::from(OPENING.contains(&c)) - i64::from(CLOSING.contains(&c));
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

fn is_mark(c: char) -> bool {
    matches!(c, '*' | '＊' | '※' | ' ' | '\u{3000}')
}

/// Without marks of revision (`*`, `**,*`), bullets and blanks at the beginning.
fn without_marks(item: &str) -> &str {
    let item = item.trim();
    let marks = |c: char| is_mark(c) || matches!(c, ',' | '，' | '、');
    let item = if item.starts_with(is_mark) { item.trim_start_matches(marks) } else { item };
    let bullet = |c: char| matches!(c, '・' | '●' | '○' | '■' | '□' | '◆' | ' ' | '\u{3000}');
    item.trim_start_matches(bullet).trim_matches([',', '，', '、']).trim()
}

/// The name, and the brackets behind it in their order.
pub(super) fn take_brackets(text: &str) -> (&str, Vec<Bracketed<'_>>) {
    let mut name = text.trim_end();
    let mut brackets = Vec::new();
    while name.ends_with(CLOSING) {
        let Some((before, bracket)) = last_bracket(name) else { break };
        let belongs = PART_OF_NAME.iter().any(|word| bracket.text.trim().starts_with(word));
        if belongs && !before.trim().is_empty() {
            break;
        }
        brackets.push(bracket);
        name = before.trim_end();
    }
    brackets.reverse();
    (name, brackets)
}

/// The bracket that closes a text, and what is before it.
fn last_bracket(text: &str) -> Option<(&str, Bracketed<'_>)> {
    let mut depth = 0_usize;
    for (place, c) in text.char_indices().rev() {
        if CLOSING.contains(&c) {
            depth += 1;
        } else if OPENING.contains(&c) {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                let (before, rest) = text.split_at_checked(place)?;
                let inner = rest.get(c.len_utf8()..)?;
                let (last, _) = inner.char_indices().next_back()?;
                let text = inner.get(..last)?;
                let (tortoise, square) = (c == '〔', matches!(c, '［' | '['));
                return Some((before, Bracketed { text, tortoise, square }));
            }
        }
    }
    None
}
