//! The names of a cell as sides of rules.

use std::collections::BTreeSet;

use super::{
    ClassTable, Lookup, Note, Partner, Side, Statement, Unresolved, Why, key, own::common_prefixes,
    source,
};

/// What a name of a drug may carry behind it.
const SUFFIXES: [&str; 6] =
    ["を含有する製剤", "を含有する薬剤", "を含む製剤", "含有製剤", "配合剤", "製剤"];
/// Words of a route, and the route of the drug table that they mean.
const ROUTES: [(&str, &str); 9] = [
    ("経口", "oral"),
    ("内服", "oral"),
    ("内用", "oral"),
    ("注射", "injection"),
    ("静注", "injection"),
    ("点滴静注", "injection"),
    ("外用", "external"),
    ("局所外用", "external"),
    ("皮膚外用", "external"),
];
/// Classes inside classes that are followed; an insert has two.
const DEPTH_MAX: usize = 6;

/// One side that a cell names.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) side: Side,
    /// The name as written, after the classes that it stands in.
    pub(super) label: String,
    pub(super) conditions: Vec<String>,
    pub(super) notes: Vec<Note>,
    /// Whether it is one of several that a class stands for.
    member: bool,
}

/// The resolving of one statement.
pub(super) struct Search<'a, L> {
    statement: &'a Statement,
    classes: &'a ClassTable,
    lookup: &'a L,
    pub(super) unresolved: Vec<Unresolved>,
}

/// What a name was found to be.
struct Found {
    ingredients: Vec<String>,
    note: Option<Note>,
}

impl<'a, L: Lookup> Search<'a, L> {
    pub(super) fn new(statement: &'a Statement, classes: &'a ClassTable, lookup: &'a L) -> Self {
        Self { statement, classes, lookup, unresolved: Vec::new() }
    }

    /// The sides of all partners.
    pub(super) fn targets(&mut self) -> Vec<Target> {
        if self.statement.partners.is_empty() {
            self.fail("", &self.statement.cell, Why::Nothing);
        }
        let partners = &self.statement.partners;
        partners.iter().flat_map(|partner| self.partner(partner, "", 0)).collect()
    }

    fn fail(&mut self, above: &str, name: &str, why: Why) {
        let source = source(self.statement, &label(above, name));
        self.unresolved.push(Unresolved { source, name: name.to_owned(), why });
    }

    fn partner(&mut self, partner: &Partner, above: &str, depth: usize) -> Vec<Target> {
        let name = partner.name.as_str();
        let known = std::iter::once(name).chain(partner.also.iter().map(String::as_str));
        let mut targets = Vec::new();
        match known.into_iter().find_map(|name| self.find(name, partner.class)) {
            Some(found) => {
                let found = self.target(found, above, name);
                targets.extend(found.map(|target| self.with_brands(target, partner)));
                targets.extend(self.members(partner, &label(above, name), depth));
                targets.extend(self.brands_that_are_drugs(partner, &targets, above));
            }
            None => targets.extend(self.class(partner, above, depth)),
        }
        for target in &mut targets {
            target.conditions.extend(partner.conditions.iter().cloned());
        }
        self.limit_routes(&mut targets);
        self.except(&mut targets, partner, above);
        targets
    }

    /// A name that is no drug: a class with its members, or a drug known only by its brands.
    fn class(&mut self, partner: &Partner, above: &str, depth: usize) -> Vec<Target> {
        let name = partner.name.as_str();
        let inside = label(above, name);
        let unresolved_before = self.unresolved.len();
        let mut targets = self.members(partner, &inside, depth);
        for brand in &partner.brands {
            match self.find(brand, false) {
                Some(found) => {
                    let notes = [Note::ByBrand { brand: brand.clone() }];
                    let mut target = self.target(found, &inside, brand);
                    if let Some(target) = &mut target {
                        target.notes.extend(notes);
                    }
                    targets.extend(target);
                }
                None => self.fail(&inside, brand, Why::UnknownName),
            }
        }
        let listed = !targets.is_empty() || self.unresolved.len() > unresolved_before;
        let members = std::iter::once(name).chain(partner.also.iter().map(String::as_str));
        let members = members
            .map(|name| self.classes.members(name))
            .find(|members| !members.is_empty())
            .unwrap_or_default();
        if members.is_empty() {
            match (listed, partner.open) {
                (false, _) if partner.class => self.fail(above, name, Why::UnknownClass),
                (false, _) => self.fail(above, name, Why::UnknownName),
                (true, true) if partner.class => self.fail(above, name, Why::OpenClass),
                (true, _) => {}
            }
        } else if partner.open || !listed {
            for member in members {
                let (class, source_text) = (name.to_owned(), member.source.clone());
                let Some(found) = self.find(&member.name, false) else {
                    self.fail(&inside, &member.name, Why::UnknownName);
                    continue;
                };
                let Some(mut target) = self.target(found, &inside, &member.name) else { continue };
                let same = |known: &Target| known.side.ingredient == target.side.ingredient;
                if !targets.iter().any(same) {
                    target.notes.push(Note::ClassMember { class, source_text });
                    targets.push(target);
                }
            }
        }
        if partner.open && listed {
            for target in &mut targets {
                target.notes.push(Note::Open { class: name.to_owned() });
            }
        }
        for target in &mut targets {
            target.member = true;
        }
        targets
    }

    fn members(&mut self, partner: &Partner, above: &str, depth: usize) -> Vec<Target> {
        if depth >= DEPTH_MAX {
            for member in &partner.members {
                self.fail(above, &member.name, Why::UnknownName);
            }
            return Vec::new();
        }
        let members = partner.members.iter();
        members.flat_map(|member| self.partner(member, above, depth + 1)).collect()
    }

    /// The ingredients of a name: as it is, without words like 製剤, or as a brand.
    fn find(&self, name: &str, class: bool) -> Option<Found> {
        let known = |name: &str| {
            Some(self.lookup.ingredients(name)).filter(|ingredients| !ingredients.is_empty())
        };
        let shorter = || {
            let rest = SUFFIXES.iter().filter_map(|suffix| name.strip_suffix(suffix));
            rest.filter(|rest| !rest.is_empty()).find_map(known)
        };
        if let Some(ingredients) = known(name).or_else(shorter) {
            return Some(Found { ingredients, note: None });
        }
        if class {
            return None;
        }
        let products = self.lookup.brand(name);
        let (_, first) = products.first()?;
        let agree = products.iter().all(|(_, ingredients)| ingredients == first);
        let note = Some(Note::ByBrand { brand: name.to_owned() });
        agree.then(|| Found { ingredients: first.clone(), note })
    }

    fn target(&mut self, found: Found, above: &str, name: &str) -> Option<Target> {
        let Found { ingredients, note } = found;
        let mut side = Side::default();
        if let [ingredient] = ingredients.as_slice() {
            side.ingredient.clone_from(ingredient);
        } else {
            side.only = common_prefixes(&ingredients, self.lookup);
            if side.only.is_empty() {
                self.fail(above, name, Why::NoProduct { ingredients });
                return None;
            }
            // Every component would match exactly these products.
            side.ingredient = ingredients.into_iter().next().unwrap_or_default();
        }
        let label = label(above, name);
        let notes = note.into_iter().collect();
        Some(Target { side, label, conditions: Vec::new(), notes, member: false })
    }

    /// Holds the brands behind a name against its ingredient.
    fn with_brands(&mut self, mut target: Target, partner: &Partner) -> Target {
        let ingredient = target.side.ingredient.clone();
        let mut codes: BTreeSet<String> = BTreeSet::new();
        for brand in &partner.brands {
            let products = self.lookup.brand(brand);
            let with = products.iter().filter(|(_, ids)| ids.contains(&ingredient));
            codes.extend(with.filter_map(|(code, _)| code.get(..7).map(str::to_owned)));
            let agrees = products.iter().any(|(_, ids)| ids.contains(&ingredient));
            if products.is_empty() {
                if self.lookup.ingredients(brand).is_empty() {
                    target.notes.push(Note::UnknownBrand { brand: brand.clone() });
                }
            } else if !agrees {
                let ids = products.into_iter().flat_map(|(_, ids)| ids);
                let ids: BTreeSet<String> = ids.collect();
                let ingredients: Vec<String> = ids.into_iter().collect();
                let brand = brand.clone();
                let (note, why) = (
                    Note::BrandDisagrees { brand: brand.clone(), ingredients: ingredients.clone() },
                    Why::BrandDisagrees { brand, ingredients },
                );
                target.notes.push(note);
                self.fail(&target.label, &partner.name, why);
            }
        }
        let others: BTreeSet<String> = self
            .lookup
            .prefixes(&ingredient)
            .into_iter()
            .filter(|prefix| prefix.alone && !codes.contains(&prefix.code))
            .map(|prefix| prefix.code)
            .collect();
        if !codes.is_empty() && !others.is_empty() && target.side.only.is_empty() {
            let (brand, others) = (partner.brands.join("・"), others.into_iter().collect());
            target.notes.push(Note::BrandMayLimit { brand, others });
        }
        target
    }

    /// What stands where brands stand, and is another drug.
    fn brands_that_are_drugs(
        &mut self,
        partner: &Partner,
        known: &[Target],
        above: &str,
    ) -> Vec<Target> {
        let mut targets: Vec<Target> = Vec::new();
        for brand in &partner.brands {
            if !self.lookup.brand(brand).is_empty() {
                continue;
            }
            let ingredients = self.lookup.ingredients(brand);
            let same = |target: &Target| ingredients.contains(&target.side.ingredient);
            if ingredients.is_empty() || known.iter().chain(&targets).any(same) {
                continue;
            }
            let found = Found { ingredients: ingredients.clone(), note: None };
            targets.extend(self.target(found, &label(above, &partner.name), brand));
        }
        targets
    }

    /// A condition that is nothing but a route limits the side.
    fn limit_routes(&self, targets: &mut [Target]) {
        for target in targets {
            let limit = |condition: &String| route(condition);
            let routes: BTreeSet<String> =
                target.conditions.iter().filter_map(limit).map(str::to_owned).collect();
            if routes.is_empty() || !target.side.routes.is_empty() {
                continue;
            }
            let exists = |route: &String| {
                self.lookup.prefixes(&target.side.ingredient).iter().any(|own| own.route == *route)
            };
            if routes.iter().all(exists) {
                target.conditions.retain(|condition| route(condition).is_none());
                target.side.routes = routes;
            }
        }
    }

    /// Applies …を除く where it names a route or a member, and says so where it does not.
    fn except(&mut self, targets: &mut Vec<Target>, partner: &Partner, above: &str) {
        for words in &partner.exclusions {
            let applied = match route(words) {
                Some(route) => self.except_route(targets, route),
                None => self.except_drug(targets, words),
            };
            if applied || targets.is_empty() {
                continue;
            }
            for target in targets.iter_mut() {
                target.notes.push(Note::Excepted { words: words.clone() });
                target.conditions.push(format!("{words}を除く"));
            }
            self.fail(&label(above, &partner.name), words, Why::ExceptionNotApplied);
        }
    }

    fn except_route(&self, targets: &mut [Target], route: &str) -> bool {
        let mut all = true;
        for target in targets {
            let own = self.lookup.prefixes(&target.side.ingredient);
            let mut routes: BTreeSet<String> = own.into_iter().map(|prefix| prefix.route).collect();
            if !target.side.routes.is_empty() {
                routes.retain(|route| target.side.routes.contains(route));
            }
            if !routes.remove(route) {
                continue;
            }
            if routes.is_empty() {
                all = false;
            } else {
                target.side.routes = routes;
            }
        }
        all
    }

    fn except_drug(&self, targets: &mut Vec<Target>, words: &str) -> bool {
        let Some(found) = self.find(words, false) else { return false };
        let [excepted] = found.ingredients.as_slice() else { return false };
        let before = targets.len();
        // A drug is not excepted from itself: such words speak of some of its products.
        targets.retain(|target| !(target.member && target.side.ingredient == *excepted));
        targets.len() < before
    }
}

fn label(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above} > {name}") }
}

/// The route that words mean, if they mean nothing else.
fn route(words: &str) -> Option<&'static str> {
    let words = key(words);
    let words = words.strip_suffix("に限る").or(words.strip_suffix("のみ")).unwrap_or(&words);
    let words = words.strip_suffix("製剤").or(words.strip_suffix(['剤', '薬'])).unwrap_or(words);
    ROUTES.iter().find(|(word, _)| *word == words).map(|(_, route)| *route)
}
