//! Findings before disclosure: what collides with what, by ordinals and positions.

use smallvec::SmallVec;

use crate::knowledge::rule::Orientation;
use crate::word::words;

/// The kind of a finding. Contraindications come first (S24).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// 併用禁忌 (S19).
    Contraindication,
    /// 重複投薬 (S17).
    Duplicate,
}

words! {
    FindingKind {
        Contraindication => "contraindication",
        Duplicate => "duplicate",
    }
}

/// How close the drugs of a duplicate are (S18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The same set of substances.
    Product,
    /// A shared substance.
    Ingredient,
}

impl Level {
    /// The level of two sets of substances that share one.
    pub(crate) fn of(one: &[u32], other: &[u32]) -> Self {
        if one == other { Self::Product } else { Self::Ingredient }
    }
}

words! {
    Level {
        Product => "product",
        Ingredient => "ingredient",
    }
}

/// A list that mostly has one or two members, which then need no memory of their own.
pub(crate) type Few<T> = SmallVec<[T; 4]>;

/// One finding. Fields stand in the order in which findings are sorted (S24).
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) kind: FindingKind,
    pub(crate) line: usize,
    /// Ingredients of the new line: all shared ones, or the contraindicated one.
    pub(crate) ingredients: Few<u32>,
    /// The ingredient of the partner of a contraindication.
    pub(crate) partner_ingredient: Option<u32>,
    pub(crate) washout: bool,
    /// The other line, for findings inside the request.
    pub(crate) other_line: Option<usize>,
    /// Substances of the new line.
    pub(crate) substances: Few<u32>,
    /// Substances of the partner of a contraindication, ascending.
    pub(crate) partners: Few<u32>,
    pub(crate) level: Level,
    /// Rules of a contraindication, ascending, each once.
    pub(crate) rules: Few<(u32, Orientation)>,
    /// Positions of rows, ascending, each once.
    pub(crate) evidence: Few<usize>,
}

/// The ordinals of two ascending lists that are in both.
pub(crate) fn shared<'s>(one: &'s [u32], other: &'s [u32]) -> impl Iterator<Item = &'s u32> {
    one.iter().filter(|substance| other.contains(substance))
}

/// Sorts findings (S24). What the rule leaves equal is ordered by scope (history first), wash-out,
/// the other line and the substances, so that the order is total.
pub(crate) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|one, other| {
        let key = |finding: &Finding| {
            let scope = finding.other_line.is_some();
            (finding.kind, finding.line, scope, finding.washout, finding.other_line)
        };
        let ((kind, line, scope, washout, other_line), theirs) = (key(one), key(other));
        (kind, line)
            .cmp(&(theirs.0, theirs.1))
            .then_with(|| one.ingredients.cmp(&other.ingredients))
            .then_with(|| one.partner_ingredient.cmp(&other.partner_ingredient))
            .then_with(|| (scope, washout, other_line).cmp(&(theirs.2, theirs.3, theirs.4)))
            .then_with(|| one.substances.cmp(&other.substances))
            .then_with(|| one.partners.cmp(&other.partners))
    });
}
