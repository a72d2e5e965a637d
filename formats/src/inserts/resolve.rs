//! Statements to rows for review: names become ingredients, classes their members, the insert's own
//! products one side.
//!
//! A name that is not known gives no row and stands in [`Resolved::unresolved`]. Where an insert names
//! a brand behind a drug, the row is about the drug and says so: to miss a product is worse than to
//! show a reviewer one too many.

use std::collections::BTreeSet;

use super::{
    ClassTable, Ending, Note, Partner, Rule, Side, Source, StatedBy, Statement, Unresolved, Why,
    names::key,
};

mod own;
mod partner;

use own::{Own, own_contents};
use partner::{Search, Target};

/// What resolving asks of the drugs that exist. All ids and routes are those of the drug table.
pub trait Lookup {
    /// The ingredients that a name means: one for a drug, several for a combination, none if unknown.
    fn ingredients(&self, name: &str) -> Vec<String>;
    /// Ingredient and route of what a YJ code stands for; empty if unknown.
    fn product(&self, code: &str) -> Vec<(String, String)>;
    /// Code and ingredients of every product whose name begins with a brand.
    fn brand(&self, name: &str) -> Vec<(String, Vec<String>)>;
    /// The beginnings of codes of every product with an ingredient.
    fn prefixes(&self, ingredient: &str) -> Vec<Prefix>;
}

/// The first seven characters of codes: ingredient, route and form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Prefix {
    /// Seven characters.
    pub code: String,
    /// The route.
    pub route: String,
    /// Whether the products hold the ingredient alone.
    pub alone: bool,
}

/// What came of the statements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// Rows for review, side a being the insert's own drug; [`super::join`] joins them.
    pub rules: Vec<Rule>,
    /// Every name that gave no row, or not the whole of it.
    pub unresolved: Vec<Unresolved>,
}

/// Turns statements into rows for review.
pub fn resolve(statements: &[Statement], classes: &ClassTable, lookup: &impl Lookup) -> Resolved {
    let mut resolved = Resolved::default();
    let mut combinations = Vec::new();
    // Which ingredient stands against which, either way, so that a combination can be laid on the
    // component that the statement is about.
    let mut against: BTreeSet<(String, String)> = BTreeSet::new();
    for statement in statements {
        let mut search = Search::new(statement, classes, lookup);
        let targets = search.targets();
        resolved.unresolved.append(&mut search.unresolved);
        let owns = own_contents(statement, lookup);
        if owns.is_empty() && !targets.is_empty() {
            let name = statement.own_names.join("・");
            let source = source(statement, "");
            resolved.unresolved.push(Unresolved { source, name, why: Why::OwnUnknown });
        }
        for own in owns {
            if let [ingredient] = own.ingredients.as_slice() {
                for target in &targets {
                    let (a, b) = (ingredient.clone(), target.side.ingredient.clone());
                    against.insert((b.clone(), a.clone()));
                    against.insert((a, b));
                }
                add(&mut resolved, statement, &own, ingredient, &targets, lookup);
            } else {
                combinations.push((statement, own, targets.clone()));
            }
        }
    }
    for (statement, own, targets) in combinations {
        for target in targets {
            let component = own.component(&target.side.ingredient, &against, lookup);
            add(&mut resolved, statement, &own, &component, &[target], lookup);
        }
    }
    resolved.rules.sort_by(|a, b| order(a).cmp(&order(b)));
    resolved
}

fn order(rule: &Rule) -> (&Side, &Side, &[Source]) {
    (&rule.a, &rule.b, &rule.sources)
}

fn add(
    resolved: &mut Resolved,
    statement: &Statement,
    own: &Own,
    ingredient: &str,
    targets: &[Target],
    lookup: &impl Lookup,
) {
    for target in targets {
        let source = source(statement, &target.label);
        if own.ingredients.contains(&target.side.ingredient) {
            let why = Why::Same { ingredient: target.side.ingredient.clone() };
            let name = target.label.clone();
            resolved.unresolved.push(Unresolved { source, name, why });
            continue;
        }
        let mut notes = own.notes.clone();
        if own.ingredients.len() > 1 {
            notes.push(Note::ComponentChosen { ingredient: ingredient.to_owned() });
        }
        notes.extend(target.notes.iter().cloned());
        let (mut washout_a, mut washout_b) = (None, None);
        for washout in &statement.washouts {
            match washout.days {
                Some((days, Ending::Own)) => washout_a = washout_a.max(Some(days)),
                Some((days, Ending::Partner)) => washout_b = washout_b.max(Some(days)),
                Some((days, Ending::Both)) => {
                    (washout_a, washout_b) = (washout_a.max(Some(days)), washout_b.max(Some(days)));
                }
                None => notes.push(Note::Interval { text: washout.text.clone() }),
            }
        }
        notes.sort();
        notes.dedup();
        let mut conditions = target.conditions.clone();
        conditions.extend(statement.context.iter().filter(|text| limits(text)).cloned());
        let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        resolved.rules.push(Rule {
            a: own.side(ingredient, lookup),
            b: target.side.clone(),
            stated_by: StatedBy::A,
            sources: vec![source],
            conditions,
            measures: text(&statement.measures).into_iter().collect(),
            mechanism: text(&statement.mechanism).into_iter().collect(),
            washout_a,
            washout_b,
            notes,
        });
    }
}

/// Whether text around a table tells when its rows hold.
fn limits(text: &str) -> bool {
    text.starts_with(['〈', '＜', '<'])
        || ["場合", "患者", "除く", "限る", "限り"].iter().any(|word| text.contains(word))
}

fn source(statement: &Statement, partner: &str) -> Source {
    Source {
        file: statement.file.clone(),
        place: statement.place,
        insert: statement.insert.clone(),
        revised: statement.revised.clone(),
        section: statement.section,
        partner: partner.to_owned(),
        cell: statement.cell.clone(),
    }
}

#[cfg(test)]
mod tests;
