//! Pairs of receipt codes as pairs of ingredients, with what they cover of each.

use std::collections::{BTreeMap, BTreeSet};

use super::CodePair;

/// One pair of substances (ingredient and route) that some codes of the table stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckPair {
    /// Ingredient and route of the smaller side.
    pub a: (String, String),
    /// Ingredient and route of the greater side.
    pub b: (String, String),
    /// Whether some row has a on the left.
    pub a_b: bool,
    /// Whether some row has b on the left.
    pub b_a: bool,
    /// The codes of a that the rows name, and how many codes the substance has.
    pub codes_a: BTreeSet<String>,
    /// The codes of b that the rows name.
    pub codes_b: BTreeSet<String>,
    /// How many pairs of codes the rows name.
    pub pairs: usize,
    /// The lines of the first row of each direction.
    pub lines: Vec<u64>,
}

/// How much of a substance a table names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckCoverage {
    /// Ingredient and route.
    pub substance: (String, String),
    /// Its codes that stand anywhere in the table.
    pub named: usize,
    /// All its codes.
    pub all: usize,
}

/// What folding gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// The pairs, in the order of their sides.
    pub pairs: Vec<CheckPair>,
    /// The coverage of every substance that the table names.
    pub coverage: Vec<CheckCoverage>,
    /// Codes that no product has.
    pub unknown: BTreeSet<String>,
    /// Pairs of codes that share a substance, which no rule can be about.
    pub same: Vec<CodePair>,
    /// Pairs of codes of which one is unknown.
    pub lost: usize,
}

type Substance = (String, String);

/// Folds pairs of codes to pairs of substances.
///
/// `substances` says what a receipt code stands for, empty if nothing is known of it, and `codes` how
/// many receipt codes a substance has. A combination stands for a pair with each of its components:
/// which of them the table means cannot be seen, and [`CheckPair::codes_a`] shows by which codes a
/// pair came, so that one of combinations only can be told.
pub fn fold(
    pairs: &[CodePair],
    mut substances: impl FnMut(&str) -> Vec<(String, String)>,
    mut codes: impl FnMut(&(String, String)) -> usize,
) -> Folded {
    let mut folded = Folded::default();
    let mut contents: BTreeMap<&str, Vec<Substance>> = BTreeMap::new();
    for code in pairs.iter().flat_map(|pair| [pair.a.as_str(), pair.b.as_str()]) {
        if !contents.contains_key(code) {
            let found = substances(code);
            if found.is_empty() {
                folded.unknown.insert(code.to_owned());
            }
            contents.insert(code, found);
        }
    }
    let mut sums: BTreeMap<(Substance, Substance), CheckPair> = BTreeMap::new();
    for pair in pairs {
        let content = |code: &str| contents.get(code).map_or(&[][..], Vec::as_slice);
        let (of_a, of_b) = (content(&pair.a), content(&pair.b));
        if of_a.is_empty() || of_b.is_empty() {
            folded.lost += 1;
            continue;
        }
        let shared =
            |(ingredient, _): &Substance| of_b.iter().any(|(other, _)| other == ingredient);
        if of_a.iter().any(shared) {
            folded.same.push(pair.clone());
        }
        for a in of_a {
            // A component that both hold stands against nothing of itself.
            for b in of_b.iter().filter(|b| b.0 != a.0) {
                sum(&mut sums, pair, a, b);
            }
        }
    }
    let mut named: BTreeMap<&Substance, usize> = BTreeMap::new();
    for substance in contents.values().flatten() {
        *named.entry(substance).or_default() += 1;
    }
    folded.coverage = named
        .into_iter()
        .map(|(substance, named)| {
            let all = codes(substance).max(named);
            CheckCoverage { substance: substance.clone(), named, all }
        })
        .collect();
    folded.pairs = sums.into_values().collect();
    folded
}

fn sum(
    sums: &mut BTreeMap<(Substance, Substance), CheckPair>,
    pair: &CodePair,
    a: &Substance,
    b: &Substance,
) {
    let forward = a <= b;
    let (first, second) = if forward { (a, b) } else { (b, a) };
    let (code_a, code_b) = if forward { (&pair.a, &pair.b) } else { (&pair.b, &pair.a) };
    let (a_b, b_a) = if forward { (pair.a_b, pair.b_a) } else { (pair.b_a, pair.a_b) };
    let sum = sums.entry((first.clone(), second.clone())).or_insert_with(|| CheckPair {
        a: first.clone(),
        b: second.clone(),
        a_b: false,
        b_a: false,
        codes_a: BTreeSet::new(),
        codes_b: BTreeSet::new(),
        pairs: 0,
        lines: Vec::new(),
    });
    for (stated, line) in [(&mut sum.a_b, a_b), (&mut sum.b_a, b_a)] {
        if let Some(line) = line
            && !*stated
        {
            *stated = true;
            sum.lines.push(line);
        }
    }
    sum.codes_a.insert(code_a.clone());
    sum.codes_b.insert(code_b.clone());
    sum.pairs += 1;
}
