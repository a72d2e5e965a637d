//! Sentences in English.

use std::fmt::{self, Display, Formatter};

use chofuku_engine::check::disclose::Substance;

use super::{Event, Message, Other};

/// A message, displayed in English.
pub(super) struct Sentence<'m>(pub(super) &'m Message<'m>);

impl Display for Sentence<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Message { line, event } = self.0;
        match event {
            Event::Withheld { kind } => {
                let how =
                    if *kind == "duplicate" { "duplicates" } else { "is contraindicated with" };
                write!(f, "\"{line}\" {how} a drug in the patient's records. ")?;
                f.write_str("The details need the patient's consent.")
            }
            Event::Duplicate { ingredients, other } => {
                write!(f, "\"{line}\" duplicates {}: ", Met(other))?;
                write!(f, "{}{}.", Names(ingredients), Until(other, false))
            }
            Event::Contraindication { ingredient, partner, washout, condition, other } => {
                let (own, theirs) = (Name(ingredient), Name(partner));
                write!(f, "\"{line}\" is contraindicated with {}: ", Met(other))?;
                write!(f, "{own} must not meet {theirs}{}.", Until(other, *washout))?;
                match condition {
                    Some(condition) => write!(f, " Condition: {condition}."),
                    None => Ok(()),
                }
            }
        }
    }
}

/// What the new line meets.
struct Met<'m>(&'m Other<'m>);

impl Display for Met<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Other::Line(name) => write!(f, "\"{name}\" in the same prescription"),
            Other::Past { last, evidence } => {
                match last {
                    Some(name) => write!(f, "\"{name}\"")?,
                    None => f.write_str("a drug")?,
                }
                match evidence.totals.records {
                    0 | 1 => Ok(()),
                    2 => f.write_str(" and 1 more record"),
                    records => write!(f, " and {} more records", records - 1),
                }
            }
        }
    }
}

/// Until when it is taken, or was: of a wash-out.
struct Until<'m>(&'m Other<'m>, bool);

impl Display for Until<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Other::Line(_) => Ok(()),
            Other::Past { evidence, .. } => {
                let totals = &evidence.totals;
                if self.1 {
                    return write!(f, ", taken until {} and not washed out yet", totals.last_day);
                }
                let days = if totals.days_left == 1 { "day" } else { "days" };
                write!(f, ", taken until {} ({} {days} left)", totals.last_day, totals.days_left)
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
                f.write_str(", ")?;
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
        let ingredient = self.0.ingredient;
        let name =
            if ingredient.name_en.is_empty() { &ingredient.name_ja } else { &ingredient.name_en };
        f.write_str(name)?;
        for (position, route) in self.0.routes.iter().enumerate() {
            write!(f, "{}{route}", if position == 0 { " (" } else { "/" })?;
        }
        f.write_str(if self.0.routes.is_empty() { "" } else { ")" })
    }
}
