//! Wash-out days out of the condition of a pair, where it states them in a regular form.
//!
//! | form | reading |
//! |---|---|
//! | `14 d`, `14 d interval`, `within 7 d`, `within 1 week` | the days after the end of either side |
//! | `within 24 h` | hours, rounded up to days, either side |
//! | `washout 14 d` | the insert speaks of its own drug: the days after the end of side a |
//! | `MAO-I within 14 d` | only the days after the end of the side that the label names |
//!
//! Clauses are separated by `;`, and remarks in parentheses are left out. Which side must end first
//! is often not said; then both directions get the days, because a missed interval is worse than an
//! unneeded warning, and the policy that asks for wash-out is off unless a site turns it on.

use chofuku_formats::masters::PairSide;

/// Classes that conditions name, by the English names of their members on the Japanese market.
const CLASSES: [(&str, &[&str]); 1] = [("mao-i", &["selegiline", "rasagiline", "safinamide"])];
/// Classes that both sides of a pair belong to.
const BOTH_SIDES: [&str; 2] = ["triptans/ergots", "triptans"];

/// Wash-out days of both sides; `None` where the condition states none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Washout {
    /// Days after the end of a during which b must not start.
    pub(super) a: Option<u32>,
    /// Days after the end of b during which a must not start.
    pub(super) b: Option<u32>,
}

impl Washout {
    pub(super) fn read(condition: &str, a: &PairSide, b: &PairSide) -> Self {
        let mut washout = Self::default();
        for clause in without_remarks(condition).split(';') {
            let Some((label, days)) = read_clause(clause.trim()) else { continue };
            let (of_a, of_b) = match label.as_str() {
                "" => (true, true),
                "washout" => (true, false),
                label if BOTH_SIDES.contains(&label) => (true, true),
                label => (names(label, a), names(label, b)),
            };
            if of_a {
                washout.a = washout.a.max(Some(days));
            }
            if of_b {
                washout.b = washout.b.max(Some(days));
            }
        }
        washout
    }
}

/// Reads `[label] [within] N unit [interval]` into the label and the days.
fn read_clause(clause: &str) -> Option<(String, u32)> {
    let clause = clause.to_lowercase().replace(':', " ");
    let mut words: Vec<&str> = clause.split_whitespace().collect();
    if words.last() == Some(&"interval") {
        words.pop();
    }
    let (unit, rest) = words.split_last()?;
    let (count, rest) = rest.split_last()?;
    let count: u32 = count.parse().ok()?;
    let days = match *unit {
        "d" | "day" | "days" => count,
        "h" | "hour" | "hours" => count.div_ceil(24),
        "week" | "weeks" => count.checked_mul(7)?,
        _ => return None,
    };
    let label = match rest.split_last() {
        Some((&"within", label)) => label,
        _ => rest,
    };
    Some((label.join(" "), days))
}

/// Whether a label is a side's name, or a class to which it belongs.
fn names(label: &str, side: &PairSide) -> bool {
    let english = side.name_en.to_lowercase();
    let members = CLASSES.iter().find(|(class, _)| *class == label).map(|(_, members)| *members);
    match members {
        Some(members) => {
            members.iter().any(|member| english.split('/').any(|name| name.trim() == *member))
        }
        None => english == label || side.name_ja == label,
    }
}

fn without_remarks(text: &str) -> String {
    let mut depth = 0_u32;
    let mut kept = String::new();
    for c in text.chars() {
        match c {
            '(' | '（' => depth += 1,
            ')' | '）' => depth = depth.saturating_sub(1),
            c if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests;
