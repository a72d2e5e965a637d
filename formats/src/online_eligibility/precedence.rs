//! One event in several trees is one record: the strongest counts.

use std::borrow::Cow;
use std::collections::HashMap;

use chofuku_engine::Day;

use super::{Entry, SameEvent, Superseded, Tree};
use crate::document::Facility;

/// What identifies the event of a block, beside its day.
#[derive(Debug, Default)]
pub(super) struct EventKey<'t> {
    /// Code or name; empty where there is neither.
    pub(super) prescriber: Cow<'t, str>,
    /// Code or name; empty where there is neither.
    pub(super) dispenser: Cow<'t, str>,
    /// The prescription day that a dispensing names.
    pub(super) prescribed: Option<Day>,
}

/// The code of an institution, or its name where it has none.
pub(super) fn name_of<'t>(facility: &Facility<'t>) -> Cow<'t, str> {
    if facility.code.is_empty() { facility.name.clone() } else { facility.code.clone() }
}

/// The strongest block of each institution and day.
#[derive(Default)]
struct Strongest<'k> {
    blocks: HashMap<(&'k str, Day), (Tree, usize)>,
}

impl<'k> Strongest<'k> {
    fn offer(&mut self, name: &'k str, day: Option<Day>, tree: Tree, number: usize) {
        let Some(day) = day.filter(|_| !name.is_empty()) else { return };
        let slot = self.blocks.entry((name, day)).or_insert((tree, number));
        *slot = (*slot).min((tree, number));
    }

    fn stronger(&self, name: &'k str, day: Day, than: Tree) -> Option<(Tree, usize)> {
        self.blocks.get(&(name, day)).copied().filter(|(tree, _)| *tree < than)
    }
}

/// Marks the weaker ones. `keys` has one for each entry.
pub(super) fn mark(entries: &mut [Entry<'_>], keys: &[EventKey<'_>]) {
    let trees = || entries.iter().map(|entry| entry.tree);
    let (Some(strongest), Some(weakest)) = (trees().min(), trees().max()) else { return };
    let (mut by_day, mut by_prescription) = (Strongest::default(), Strongest::default());
    for (number, (entry, key)) in entries.iter().zip(keys).enumerate() {
        let (day, tree) = (entry.document.day, entry.tree);
        if tree == weakest {
            // It supersedes nothing; of a file with one tree, that is every block.
            continue;
        }
        by_day.offer(&key.prescriber, day, tree, number);
        by_day.offer(&key.dispenser, day, tree, number);
        by_prescription.offer(&key.prescriber, key.prescribed, tree, number);
    }
    for (entry, key) in entries.iter_mut().zip(keys) {
        let Some(day) = entry.document.day.filter(|_| entry.tree != strongest) else { continue };
        let own = if key.prescriber.is_empty() { &key.dispenser } else { &key.prescriber };
        let same_day = by_day.stronger(own, day, entry.tree);
        let same_day = same_day.map(|block| (block, SameEvent::InstitutionAndDay));
        let named = by_prescription.stronger(own, day, entry.tree);
        let named = named.filter(|_| entry.tree == Tree::Prescription);
        let named = named.map(|block| (block, SameEvent::InstitutionAndPrescriptionDay));
        entry.superseded =
            same_day.or(named).map(|((tree, by), reason)| Superseded { by, tree, reason });
    }
}
