//! Sentences in Japanese.

use std::fmt::{self, Display, Formatter};

use chofuku_engine::check::disclose::Substance;

use super::{Event, Message, Other};

/// A message, displayed in Japanese.
pub(super) struct Sentence<'m>(pub(super) &'m Message<'m>);

impl Display for Sentence<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Message { line, event } = self.0;
        write!(f, "『{line}』")?;
        match event {
            Event::Withheld { kind } => {
                let how = if *kind == "duplicate" {
                    "重複しています"
                } else {
                    "併用禁忌です"
                };
                write!(f, "は、過去の処方・調剤の薬剤と{how}。")?;
                f.write_str("内容を見るには患者の同意が必要です。")
            }
            Event::Duplicate { ingredients, other } => {
                write!(
                    f,
                    "は、{}と成分{}が重複しています。",
                    Met(other, false),
                    Names(ingredients)
                )?;
                Until(other, false).fmt(f)
            }
            Event::Contraindication { ingredient, partner, washout, condition, other } => {
                let (own, theirs) = (Name(ingredient), Name(partner));
                write!(f, "の成分{own}は、{}の成分{theirs}と", Met(other, *washout))?;
                f.write_str(if *washout {
                    "休薬期間中の併用禁忌です。"
                } else {
                    "併用禁忌です。"
                })?;
                if let Some(condition) = condition {
                    write!(f, "条件：{condition}。")?;
                }
                Until(other, *washout).fmt(f)
            }
        }
    }
}

/// What the new line meets, and whether it has ended.
struct Met<'m>(&'m Other<'m>, bool);

impl Display for Met<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Other::Line(name) => write!(f, "同じ処方の『{name}』"),
            Other::Past { last, evidence } => {
                f.write_str(if self.1 { "服用を終えた" } else { "服用中の" })?;
                match last {
                    Some(name) => write!(f, "『{name}』")?,
                    None => f.write_str("薬剤")?,
                }
                match evidence.totals.records {
                    0 | 1 => Ok(()),
                    records => write!(f, "ほか{}件", records - 1),
                }
            }
        }
    }
}

/// Until when it is or was taken.
struct Until<'m>(&'m Other<'m>, bool);

impl Display for Until<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Other::Line(_) => Ok(()),
            Other::Past { evidence, .. } => {
                let totals = &evidence.totals;
                if self.1 {
                    return write!(f, "服用期間は{}まででした。", totals.last_day);
                }
                write!(f, "服用期間は{}まで（残り{}日）です。", totals.last_day, totals.days_left)
            }
        }
    }
}

/// Several ingredients.
struct Names<'m>(&'m [Substance<'m>]);

impl Display for Names<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (position, substance) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str("、")?;
            }
            Name(substance).fmt(f)?;
        }
        Ok(())
    }
}

/// An ingredient and its routes.
struct Name<'m>(&'m Substance<'m>);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.ingredient.name_ja)?;
        for (position, route) in self.0.routes.iter().enumerate() {
            f.write_str(if position == 0 { "（" } else { "・" })?;
            f.write_str(route_name(route))?;
        }
        f.write_str(if self.0.routes.is_empty() { "" } else { "）" })
    }
}

/// The usual routes; a route of a site's own tables is told as it is written there.
fn route_name(route: &str) -> &str {
    match route {
        "oral" => "内服",
        "external" => "外用",
        "injection" => "注射",
        other => other,
    }
}
