//! Official lists to canonical tables: `chofuku tables`.
//!
//! The price list says which products exist and what they contain, the receipt-code master adds
//! brand names, readings and the codes that history uses, the generic-name master the codes that
//! prescriptions use, and the pair list the contraindications. The alias table, which a pharmacist
//! can correct, says which salts, esters and follow-on products are one ingredient and what a
//! combination consists of.
//!
//! Nothing is dropped silently: what could not be resolved is in [`Built::report`] with its reason,
//! and in `unresolved.csv` beside the tables.

use std::path::PathBuf;

mod aliases;
mod check_master;
mod error;
mod naming;
mod products;
mod report;
mod rules;
mod sources;
mod washout;
mod write;

pub use aliases::{AliasTable, BUILT_IN_ALIASES};
pub use error::TablesError;
pub use report::{CheckCounts, Counts, Item, Kind, Reason, Report};

use crate::canonical::{ContraindicationRow, DrugRow, IngredientRow, RevisionRow, UsageTextRow};

/// Which files to build the tables from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Price lists (薬価基準収載品目リスト); of several editions the newest wins, code by code.
    pub price_lists: Vec<PathBuf>,
    /// Generic-name masters (一般名処方マスタ) and their exceptions.
    pub generic_names: Vec<PathBuf>,
    /// Receipt-code masters (医薬品マスター): a full file and any differences, in any order.
    pub receipt_masters: Vec<PathBuf>,
    /// Lists of contraindicated pairs.
    pub pairs: Vec<PathBuf>,
    /// The payment fund's tables of contraindicated combinations (`IY_HeiyoKinki*.csv`).
    pub check_masters: Vec<PathBuf>,
    /// HOT masters (標準医薬品マスター), which give products their HOT codes.
    pub hot: Vec<PathBuf>,
    /// Usage masters (電子処方箋用法マスタ).
    pub usages: Vec<PathBuf>,
    /// The alias table; the one that chofuku comes with if absent.
    pub aliases: Option<PathBuf>,
}

/// The canonical tables, sorted, and what happened on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Built {
    /// `ingredients.csv`.
    pub ingredients: Vec<IngredientRow>,
    /// `drugs.csv`.
    pub drugs: Vec<DrugRow>,
    /// `contraindications.csv`.
    pub contraindications: Vec<ContraindicationRow>,
    /// `usages.csv`.
    pub usages: Vec<UsageTextRow>,
    /// `revisions.csv`.
    pub revisions: Vec<RevisionRow>,
    /// What was read, counted, decided and not resolved.
    pub report: Report,
}

/// Builds the canonical tables. The same files give the same tables, whatever their order.
///
/// # Errors
///
/// A file cannot be read or lacks a column, or the alias table contradicts itself.
pub fn build(sources: &Sources) -> Result<Built, TablesError> {
    let mut report = Report::default();
    let aliases = match &sources.aliases {
        Some(path) => AliasTable::read(path)?,
        None => AliasTable::built_in()?,
    };
    let naming = naming::Naming::new(aliases);
    let lists = sources::Lists::read(sources, &mut report.sources)?;
    let products = products::build(&lists, &naming, &mut report);
    let mut contraindications = rules::build(&lists.pairs, &naming, &products, &mut report);
    let ingredients = naming.ingredients(&products, &mut report);
    let mut drugs = products.into_rows();
    lists.add_hot_codes(&mut drugs);
    check_master::add(&lists.check_masters, &drugs, &mut contraindications, &mut report);
    rules::sort(&mut contraindications);
    report.finish(ingredients.len(), drugs.len(), contraindications.len());
    let (usages, revisions) = (lists.usage_rows(), lists.revisions());
    Ok(Built { ingredients, drugs, contraindications, usages, revisions, report })
}

#[cfg(test)]
mod official_tests;
#[cfg(test)]
mod tests;
