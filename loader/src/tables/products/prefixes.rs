//! What products whose codes begin alike contain, where they agree.

use std::collections::HashMap;

use super::Substance;

/// The prefixes by which a code may stand in for another, longest first.
const LENGTHS: [usize; 2] = [9, 7];

/// Substances by the beginning of a price code.
#[derive(Debug, Default)]
pub(super) struct PrefixIndex {
    /// `None` where products with the same prefix contain different things.
    contents: HashMap<String, Option<Vec<Substance>>>,
}

/// What a code's beginning tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness<'a> {
    /// All products that begin like it contain this.
    Agree(&'a [Substance]),
    /// Products begin like it, and contain different things.
    Disagree,
    /// No product begins like it.
    Unknown,
}

impl PrefixIndex {
    /// Notes what a listed product contains.
    pub(super) fn add(&mut self, code: &str, substances: &[Substance]) {
        for length in LENGTHS {
            let Some(prefix) = code.get(..length) else { continue };
            let known =
                self.contents.entry(prefix.to_owned()).or_insert_with(|| Some(substances.to_vec()));
            if known.as_ref().is_some_and(|known| !same(known, substances)) {
                *known = None;
            }
        }
    }

    /// What products begin like a code: the longest beginning on which they agree.
    pub(super) fn get(&self, code: &str) -> Likeness<'_> {
        let prefixes = LENGTHS.iter().filter_map(|length| code.get(..*length));
        let mut likeness = Likeness::Unknown;
        for content in prefixes.filter_map(|prefix| self.contents.get(prefix)) {
            match content {
                Some(substances) => return Likeness::Agree(substances),
                None => likeness = Likeness::Disagree,
            }
        }
        likeness
    }
}

fn same(a: &[Substance], b: &[Substance]) -> bool {
    a.len() == b.len() && a.iter().all(|substance| b.contains(substance))
}
