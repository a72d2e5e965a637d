//! The alias table: which names are one ingredient, and what a combination consists of.
//!
//! Joining two names says that a patient who takes both takes the same thing twice, so every join
//! is a row that a pharmacist can read, with its reason, and change. The code itself joins only
//! hydrates with what they are hydrates of.
//!
//! | column | meaning |
//! |---|---|
//! | `name` | an ingredient name (成分名) as a source writes it; or the first seven characters of price codes, for products that are on no price list and for a name that hides different compositions |
//! | `ingredient` | the active moiety that it is a form of |
//! | `components` | or, for a combination, the moieties that it consists of, separated by `;` |
//! | `name_en` | the English name of the moiety |
//! | `note` | why |

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    fs,
    path::Path,
};

use chofuku_formats::Lines;
use serde::Deserialize;

use super::{
    TablesError,
    naming::{Ingredient, key},
};

/// The alias table that chofuku comes with.
pub const BUILT_IN_ALIASES: &str = include_str!("../../../datasets/tables/aliases.csv");

/// Which names mean which ingredients.
#[derive(Clone, Debug, Default)]
pub struct AliasTable {
    file: String,
    meanings: HashMap<String, Meaning>,
    english: BTreeMap<String, (u64, String)>,
}

/// What a name means, and the line that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Meaning {
    line: u64,
    ingredients: Vec<Ingredient>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    ingredient: String,
    components: String,
    name_en: String,
}

impl AliasTable {
    /// Reads an alias table.
    ///
    /// # Errors
    ///
    /// The file cannot be read, lacks a column, or contradicts itself. An alias table is ours, so it
    /// is held to what it says; a line that cannot be used would be a join that silently fails.
    pub fn read(path: &Path) -> Result<Self, TablesError> {
        let read = |source| TablesError::ReadAliases { path: path.to_owned(), source };
        let text = fs::read_to_string(path).map_err(read)?;
        Self::parse(path.display().to_string(), &text)
    }

    /// The alias table that chofuku comes with.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn built_in() -> Result<Self, TablesError> {
        Self::parse("the built-in aliases.csv".to_owned(), BUILT_IN_ALIASES)
    }

    /// The ingredients that a normalised name means.
    pub(super) fn get(&self, key: &str) -> Option<&[Ingredient]> {
        self.meanings.get(key).map(|meaning| meaning.ingredients.as_slice())
    }

    /// The English name of an ingredient; empty if the table has none.
    pub(super) fn english(&self, id: &str) -> &str {
        self.english.get(id).map_or("", |(_, name)| name)
    }

    /// The normalised names that the table gives a meaning.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.meanings.keys().map(String::as_str)
    }

    pub(super) fn parse(file: String, text: &str) -> Result<Self, TablesError> {
        let mut table = Self { file, ..Self::default() };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let headers = reader.headers().map_err(|source| table.format(source))?.clone();
        let mut lines = Lines::new(text);
        for record in reader.records() {
            let record = record.map_err(|source| table.format(source))?;
            let line = lines.at(record.position().map_or(0, csv::Position::byte));
            let row: Row =
                record.deserialize(Some(&headers)).map_err(|source| table.format(source))?;
            table.add(line, &row)?;
        }
        table.refuse_chains()?;
        Ok(table)
    }

    fn format(&self, source: csv::Error) -> TablesError {
        TablesError::AliasFormat { file: self.file.clone(), source }
    }

    fn add(&mut self, line: u64, row: &Row) -> Result<(), TablesError> {
        let components: Vec<Ingredient> =
            row.components.split(';').filter_map(Ingredient::named).collect();
        let ingredients = match (Ingredient::named(&row.ingredient), components.as_slice()) {
            (Some(ingredient), []) => vec![ingredient],
            (None, [_, _, ..]) => components,
            _ => return Err(self.shape(line)),
        };
        let name = key(&row.name);
        if name.is_empty() || (ingredients.len() > 1 && !row.name_en.is_empty()) {
            return Err(self.shape(line));
        }
        if let ([ingredient], false) = (ingredients.as_slice(), row.name_en.is_empty()) {
            let english = (line, row.name_en.clone());
            let known =
                self.english.entry(ingredient.id.clone()).or_insert_with(|| english.clone());
            if known.1 != english.1 {
                let first = known.0;
                return Err(self.conflict(line, first, &row.name_en));
            }
        }
        match self.meanings.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(Meaning { line, ingredients });
                Ok(())
            }
            Entry::Occupied(entry) => {
                let first = entry.get().line;
                Err(self.conflict(line, first, &row.name))
            }
        }
    }

    /// An ingredient must stand for itself, or two names of one thing would not meet.
    fn refuse_chains(&self) -> Result<(), TablesError> {
        let mut meanings: Vec<&Meaning> = self.meanings.values().collect();
        meanings.sort_by_key(|meaning| meaning.line);
        for meaning in meanings {
            for ingredient in &meaning.ingredients {
                let onwards = self.meanings.get(&ingredient.id);
                let itself = |onwards: &Meaning| matches!(onwards.ingredients.as_slice(), [one] if one.id == ingredient.id);
                if onwards.is_some_and(|onwards| !itself(onwards)) {
                    let (file, name) = (self.file.clone(), ingredient.name.clone());
                    return Err(TablesError::AliasChain { file, line: meaning.line, name });
                }
            }
        }
        Ok(())
    }

    fn shape(&self, line: u64) -> TablesError {
        TablesError::AliasShape { file: self.file.clone(), line }
    }

    fn conflict(&self, line: u64, first: u64, name: &str) -> TablesError {
        TablesError::AliasConflict { file: self.file.clone(), line, first, name: name.to_owned() }
    }
}

#[cfg(test)]
mod tests;
