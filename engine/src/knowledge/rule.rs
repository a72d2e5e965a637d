//! Rules (併用禁忌) and the join that makes them cheap: for each substance its partners.

use serde::{Deserialize, Serialize};

use crate::day::Day;
use crate::int;
use crate::knowledge::tables::{Substance, Tables};

/// One side of a rule (S20).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The ingredient.
    pub ingredient: u32,
    /// The routes; any where empty.
    pub routes: Vec<u16>,
    /// YJ or price-code prefixes, one of which must hold; any where empty.
    pub only: Vec<String>,
    /// YJ or price-code prefixes, none of which may hold.
    pub except: Vec<String>,
}

impl Side {
    /// Whether a substance is of the side's ingredient, by one of its routes.
    pub fn names(&self, substance: &Substance) -> bool {
        self.ingredient == substance.ingredient
            && (self.routes.is_empty() || self.routes.contains(&substance.route))
    }

    /// Whether a product with these codes is neither left out nor excepted.
    pub fn admits<'c>(&self, codes: impl Iterator<Item = &'c str>) -> bool {
        let mut included = self.only.is_empty();
        for code in codes {
            let begins = |prefix: &String| code.starts_with(prefix.as_str());
            if self.except.iter().any(begins) {
                return false;
            }
            included |= self.only.iter().any(begins);
        }
        included
    }
}

/// Whose insert states a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatedBy {
    /// The insert of side a.
    A,
    /// The insert of side b.
    B,
    /// Both inserts.
    Both,
}

/// A contraindicated pair of substances stated by a package insert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// One side.
    pub a: Side,
    /// The other side.
    pub b: Side,
    /// The insert, or the source it was read from.
    pub insert: String,
    /// Its revision.
    pub revised: String,
    /// Its section.
    pub section: String,
    /// Whose insert states it.
    pub stated_by: StatedBy,
    /// A condition that a request cannot answer.
    pub condition: String,
    /// Clinical symptoms and measures (臨床症状・措置方法).
    pub measures: String,
    /// Mechanism and risk factors (機序・危険因子).
    pub mechanism: String,
    /// Days after the end of a during which b must not start; 0 for none.
    pub washout_a: u16,
    /// Days after the end of b during which a must not start; 0 for none.
    pub washout_b: u16,
    /// The first day on which it holds; open where `None`.
    pub valid_from: Option<i32>,
    /// The last day on which it holds; open where `None`.
    pub valid_to: Option<i32>,
}

impl Rule {
    /// Whether the rule holds on that day.
    pub fn is_valid(&self, day: Day) -> bool {
        self.valid_from.is_none_or(|from| from <= day.number())
            && self.valid_to.is_none_or(|to| day.number() <= to)
    }

    /// Every word that [`Rule::stated_by_seen_from_line`] gives.
    pub const STATED_BY: &'static [&'static str] = &["line", "partner", "both"];

    /// Whose insert states it, seen from the new line: `line`, `partner` or `both`.
    pub const fn stated_by_seen_from_line(&self, orientation: Orientation) -> &'static str {
        match (self.stated_by, orientation) {
            (StatedBy::Both, _) => "both",
            (StatedBy::A, Orientation::LineIsA) | (StatedBy::B, Orientation::LineIsB) => "line",
            (StatedBy::A, Orientation::LineIsB) | (StatedBy::B, Orientation::LineIsA) => "partner",
        }
    }

    /// The sides of a new line and of what it meets.
    pub fn oriented(&self, orientation: Orientation) -> (&Side, &Side) {
        match orientation {
            Orientation::LineIsA => (&self.a, &self.b),
            Orientation::LineIsB => (&self.b, &self.a),
        }
    }

    /// The wash-out of the side that the record matches (S23).
    pub(crate) fn washout_of_record(&self, orientation: Orientation) -> u16 {
        match orientation {
            Orientation::LineIsA => self.washout_b,
            Orientation::LineIsB => self.washout_a,
        }
    }
}

/// Which side of a rule the new line is on. The order is the order of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Orientation {
    /// The new line is on side a.
    LineIsA,
    /// The new line is on side b.
    LineIsB,
}

/// One partner of a substance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Partner {
    /// The partner's substance.
    pub substance: u32,
    /// The rule.
    pub rule: u32,
    /// Which side the substance is on whose partner this is.
    pub orientation: Orientation,
}

/// For each substance, its partners in ascending order.
#[derive(Debug)]
pub(crate) struct Partners {
    by_substance: Vec<Vec<Partner>>,
    /// The partners of each substance that has any, one bit each; empty for the others.
    masks: Vec<Box<[u64]>>,
    washout_days_max: u16,
}

impl Partners {
    /// Expands every rule to the pairs of substances that its sides name.
    pub(crate) fn of(tables: &Tables) -> Self {
        let mut by_substance = vec![Vec::new(); tables.substances.len()];
        let mut washout_days_max = 0;
        for (position, rule) in tables.rules.iter().enumerate() {
            let ordinal = int::ordinal(position);
            washout_days_max = washout_days_max.max(rule.washout_a).max(rule.washout_b);
            let (a, b) = (substances_of(&rule.a, tables), substances_of(&rule.b, tables));
            for (from, to, orientation) in
                [(&a, &b, Orientation::LineIsA), (&b, &a, Orientation::LineIsB)]
            {
                for substance in from {
                    let Some(list) = by_substance.get_mut(int::to_usize(*substance)) else {
                        continue;
                    };
                    list.extend(to.iter().map(|partner| Partner {
                        substance: *partner,
                        rule: ordinal,
                        orientation,
                    }));
                }
            }
        }
        for list in &mut by_substance {
            list.sort_unstable();
        }
        let words = tables.substances.len().div_ceil(64);
        let masks = by_substance.iter().map(|list| mask(list, words)).collect();
        Self { by_substance, masks, washout_days_max }
    }

    pub(crate) fn mask_of_substance(&self, substance: u32) -> &[u64] {
        self.masks.get(int::to_usize(substance)).map_or(&[], AsRef::as_ref)
    }

    pub(crate) fn of_substance(&self, substance: u32) -> &[Partner] {
        self.by_substance.get(int::to_usize(substance)).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn washout_days_max(&self) -> u16 {
        self.washout_days_max
    }
}

fn mask(partners: &[Partner], words: usize) -> Box<[u64]> {
    let mut mask = vec![0; if partners.is_empty() { 0 } else { words }];
    for Partner { substance, .. } in partners {
        if let Some(word) = mask.get_mut(int::to_usize(substance / 64)) {
            *word |= 1 << (substance % 64);
        }
    }
    mask.into_boxed_slice()
}

/// Substances are sorted by ingredient, so those of a side are one run.
fn substances_of(side: &Side, tables: &Tables) -> Vec<u32> {
    let start = tables.substances.partition_point(|known| known.ingredient < side.ingredient);
    let run = tables.substances.iter().enumerate().skip(start);
    run.take_while(|(_, known)| known.ingredient == side.ingredient)
        .filter(|(_, known)| side.names(known))
        .map(|(position, _)| int::ordinal(position))
        .collect()
}
