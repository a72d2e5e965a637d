//! What each code means, joined at open so that following a code touches few cache lines.
//!
//! The tables say the same in lists of lists, which cost a cache miss for each list. Here an entry is
//! 36 bytes that point into four arrays; equal lists stand in them once, so that the arrays of
//! substances and coverage stay in the innermost cache.

use std::collections::HashMap;
use std::hash::Hash;

use super::tables::{CodeEntry, Product};
use crate::int;

/// A run of an array.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    start: u32,
    length: u32,
}

impl Span {
    const NOTHING: Self = Self { start: 0, length: 0 };

    /// Where it begins: a number of the list, unless the list is empty.
    pub(crate) fn place(self) -> u32 {
        self.start
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(self) -> bool {
        self.length == 0
    }

    /// The run of `array`.
    #[inline]
    pub(crate) fn of<T>(self, array: &[T]) -> &[T] {
        let start = int::to_usize(self.start);
        array.get(start..start + int::to_usize(self.length)).unwrap_or_default()
    }
}

/// What a code, or the prefix of one, means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(super) products: Span,
    pub(super) substances: Span,
    pub(super) covered: Span,
    /// The name of the first product.
    pub(super) name: Span,
    pub(super) dummy: bool,
    pub(super) serves: bool,
    /// Whether `covered` is every day.
    pub(super) always_covered: bool,
}

const _: () = assert!(size_of::<Entry>() == 36);

impl Entry {
    /// Of a code that nothing is known of.
    pub(super) const NOTHING: Self = Self {
        products: Span::NOTHING,
        substances: Span::NOTHING,
        covered: Span::NOTHING,
        name: Span::NOTHING,
        dummy: false,
        serves: false,
        always_covered: false,
    };
}

/// The entries of knowledge, and the arrays that they point into.
#[derive(Debug, Default)]
pub(crate) struct Meanings {
    pub(super) entries: Vec<Entry>,
    pub(super) products: Vec<u32>,
    /// Equal sets are one run.
    pub(super) substances: Vec<u32>,
    pub(super) covered: Vec<(i32, i32)>,
    pub(super) names: String,
}

impl Meanings {
    /// Of no entry.
    pub(super) const NOTHING: Self = Self {
        entries: Vec::new(),
        products: Vec::new(),
        substances: Vec::new(),
        covered: Vec::new(),
        names: String::new(),
    };

    /// Lays out the entries of the tables, whose ordinals are in range.
    pub(super) fn of(entries: &[CodeEntry], products: &[Product]) -> Self {
        let mut meanings = Self::default();
        let (mut of_products, mut of_substances) = (HashMap::new(), HashMap::new());
        let (mut of_covered, mut of_names) = (HashMap::new(), HashMap::new());
        for entry in entries {
            let first = entry.products.first();
            let product = first.and_then(|first| products.get(int::to_usize(*first)));
            let name = product.map_or("", |product| &product.name);
            let placed = Entry {
                products: place(&entry.products, &mut meanings.products, &mut of_products),
                substances: place(&entry.substances, &mut meanings.substances, &mut of_substances),
                covered: place(&entry.covered, &mut meanings.covered, &mut of_covered),
                name: *of_names.entry(name).or_insert_with(|| {
                    let start = int::ordinal(meanings.names.len());
                    meanings.names.push_str(name);
                    Span { start, length: int::ordinal(name.len()) }
                }),
                dummy: entry.dummy,
                serves: entry.serves,
                always_covered: matches!(*entry.covered, [(i32::MIN, i32::MAX)]),
            };
            meanings.entries.push(placed);
        }
        meanings
    }

    /// The name of an entry's first product; empty without one.
    #[inline]
    pub(super) fn name(&self, entry: &Entry) -> &str {
        let start = int::to_usize(entry.name.start);
        self.names.get(start..start + int::to_usize(entry.name.length)).unwrap_or_default()
    }
}

/// Where a list stands in the array, to which it is appended unless it is there already.
fn place<'t, T: Copy + Eq + Hash>(
    list: &'t [T],
    array: &mut Vec<T>,
    known: &mut HashMap<&'t [T], Span>,
) -> Span {
    *known.entry(list).or_insert_with(|| {
        let start = int::ordinal(array.len());
        array.extend_from_slice(list);
        Span { start, length: int::ordinal(list.len()) }
    })
}
