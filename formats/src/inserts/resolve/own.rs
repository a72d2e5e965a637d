//! The insert's own drug as sides of rules.

use std::collections::{BTreeMap, BTreeSet};

use super::{Lookup, Note, Side, Statement};

/// The characters of a YJ code that tell ingredient, route and form, and of a whole one.
const PREFIX: usize = 7;
const CODE: usize = 12;

/// Products of one insert that hold the same ingredients.
#[derive(Clone, Debug, Default)]
pub(super) struct Own {
    /// One ingredient, or the components of a combination.
    pub(super) ingredients: Vec<String>,
    routes: BTreeSet<String>,
    prefixes: BTreeSet<String>,
    pub(super) notes: Vec<Note>,
}

/// What the products of an insert hold: by their codes, else by the code in the insert's number, else
/// by the generic names.
pub(super) fn own_contents(statement: &Statement, lookup: &impl Lookup) -> Vec<Own> {
    let by_codes = by_codes(&statement.own_codes, lookup);
    if !by_codes.is_empty() {
        return by_codes;
    }
    let noted = |mut owns: Vec<Own>, by: &str| {
        for own in &mut owns {
            own.notes.push(Note::OwnBy { by: by.to_owned() });
        }
        owns
    };
    if let Some(code) = statement.insert.get(..CODE) {
        let owns = self::by_codes(&[code.to_owned()], lookup);
        if !owns.is_empty() {
            return noted(owns, &statement.insert);
        }
    }
    let mut ingredients: Vec<String> = Vec::new();
    for name in &statement.own_names {
        let found = lookup.ingredients(name);
        if found.is_empty() {
            return Vec::new();
        }
        ingredients.extend(found);
    }
    ingredients.sort();
    ingredients.dedup();
    if ingredients.is_empty() {
        return Vec::new();
    }
    let mut own = Own { ingredients, ..Own::default() };
    if own.ingredients.len() > 1 {
        own.prefixes = common_prefixes(&own.ingredients, lookup);
        if own.prefixes.is_empty() {
            return Vec::new();
        }
    }
    noted(vec![own], &statement.own_names.join("・"))
}

fn by_codes(codes: &[String], lookup: &impl Lookup) -> Vec<Own> {
    let mut owns: BTreeMap<Vec<String>, Own> = BTreeMap::new();
    for code in codes {
        let substances = lookup.product(code);
        let mut ingredients: Vec<String> =
            substances.iter().map(|(ingredient, _)| ingredient.clone()).collect();
        ingredients.sort();
        ingredients.dedup();
        if ingredients.is_empty() {
            continue;
        }
        let own = owns.entry(ingredients.clone()).or_default();
        own.ingredients = ingredients;
        own.routes.extend(substances.into_iter().map(|(_, route)| route));
        own.prefixes.extend(code.get(..PREFIX).map(str::to_owned));
    }
    owns.into_values().collect()
}

/// The codes of products that hold all of several ingredients.
pub(super) fn common_prefixes(ingredients: &[String], lookup: &impl Lookup) -> BTreeSet<String> {
    let codes = |ingredient: &String| -> BTreeSet<String> {
        lookup.prefixes(ingredient).into_iter().map(|prefix| prefix.code).collect()
    };
    let mut sets = ingredients.iter().map(codes);
    let first = sets.next().unwrap_or_default();
    sets.fold(first, |common, set| common.intersection(&set).cloned().collect())
}

impl Own {
    /// The component of a combination that stands on its own against the partner elsewhere, else one
    /// that no other product holds, else the first.
    pub(super) fn component(
        &self,
        partner: &str,
        against: &BTreeSet<(String, String)>,
        lookup: &impl Lookup,
    ) -> String {
        let known =
            |ingredient: &&String| against.contains(&((*ingredient).clone(), partner.to_owned()));
        let here_only = |ingredient: &&String| {
            lookup.prefixes(ingredient).iter().all(|prefix| self.prefixes.contains(&prefix.code))
        };
        let ingredients = || self.ingredients.iter();
        let chosen = ingredients().find(known).or_else(|| ingredients().find(here_only));
        chosen.or(self.ingredients.first()).cloned().unwrap_or_default()
    }

    /// The side of a rule about these products: the ingredient where they are all that it has, else
    /// the beginnings of their codes, because another insert speaks for the others.
    pub(super) fn side(&self, ingredient: &str, lookup: &impl Lookup) -> Side {
        let all = lookup.prefixes(ingredient);
        let by_route = all.iter().filter(|prefix| self.routes.contains(&prefix.route));
        let others: Vec<_> =
            by_route.clone().filter(|prefix| !self.prefixes.contains(&prefix.code)).collect();
        let mut own = by_route.filter(|prefix| self.prefixes.contains(&prefix.code));
        // A statement about a drug holds for its combinations too; one about a brand says nothing of
        // the other brands.
        let about_ingredient = own.any(|prefix| prefix.alone);
        let mut side = Side { ingredient: ingredient.to_owned(), ..Side::default() };
        let combined = about_ingredient && others.iter().all(|prefix| !prefix.alone);
        let narrow = !combined && !others.is_empty();
        if narrow || (self.routes.is_empty() && !self.prefixes.is_empty()) {
            side.only.clone_from(&self.prefixes);
            if about_ingredient {
                let combinations = others.iter().filter(|prefix| !prefix.alone);
                side.only.extend(combinations.map(|prefix| prefix.code.clone()));
            }
        } else if all.iter().any(|prefix| !self.routes.contains(&prefix.route)) {
            side.routes.clone_from(&self.routes);
        }
        side
    }
}
