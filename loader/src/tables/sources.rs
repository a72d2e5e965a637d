//! The sources as read: one price list, one receipt-code master, one set of generic names and pairs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use chofuku_formats::{
    Report,
    masters::{
        CheckMaster, GenericName, MasterError, Pair, PriceEntry, ReceiptMaster, UsageRow,
        read_check_master, read_generic_names, read_hot, read_pairs, read_price_list,
        read_receipt_file, read_usage_master,
    },
};
use jiff::civil::Date;

use super::{Sources, TablesError};
use crate::canonical::{DrugRow, RevisionRow, UsageTextRow};

/// A HOT code of so many digits is one product of one maker.
const HOT_DIGITS: usize = 9;

/// Everything that the tables are built from, each thing once.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// The price list by price code; the newest edition of each code.
    pub(super) prices: BTreeMap<String, PriceEntry>,
    /// The receipt-code master after all its differences.
    pub(super) receipts: ReceiptMaster,
    /// The generic-name master by code.
    pub(super) generics: BTreeMap<String, GenericName>,
    /// Price codes by the exceptional generic-name code that lists them.
    pub(super) exceptions: BTreeMap<String, BTreeSet<String>>,
    /// The pairs, in file order.
    pub(super) pairs: Vec<Pair>,
    /// The payment fund's tables of contraindicated combinations.
    pub(super) check_masters: Vec<CheckMaster>,
    usages: Vec<UsageRow>,
    /// HOT codes of nine digits, the shortest that name one product, by each other code of it.
    hot: BTreeMap<String, BTreeSet<String>>,
    price_date: Option<Date>,
    price_files: Vec<String>,
    pair_files: Vec<String>,
}

impl Lists {
    pub(super) fn read(sources: &Sources, report: &mut Report) -> Result<Self, TablesError> {
        let mut lists = Self::default();
        lists.read_prices(&sources.price_lists, report)?;
        lists.read_generics(&sources.generic_names, report)?;
        let mut files = Vec::new();
        for path in sorted(&sources.receipt_masters) {
            files.push(read_receipt_file(path, report)?);
        }
        lists.receipts = ReceiptMaster::merge(files, report);
        for path in sorted(&sources.usages) {
            lists.usages.extend(read_usage_master(path, report)?.rows().cloned());
        }
        for path in sorted(&sources.hot) {
            for row in read_hot(path, report)?.rows {
                let Some(hot) = row.hot(HOT_DIGITS) else { continue };
                // The longest code that is one product's; a price code may be many products'.
                let codes = row.receipt_codes.iter().chain([&row.yj]);
                for code in codes.filter(|code| !code.is_empty()) {
                    lists.hot.entry(code.clone()).or_default().insert(hot.to_owned());
                }
            }
        }
        for path in sorted(&sources.pairs) {
            lists.pairs.extend(read_pairs(path, report)?);
            lists.pair_files.push(file_name(path));
        }
        for path in sorted(&sources.check_masters) {
            let bytes = fs::read(path)
                .map_err(|source| MasterError::Read { path: path.clone(), source })?;
            lists.check_masters.push(read_check_master(&file_name(path), &bytes, report)?);
            lists.pair_files.push(file_name(path));
        }
        Ok(lists)
    }

    /// Gives products the HOT codes that stand beside their receipt or YJ codes.
    pub(super) fn add_hot_codes(&self, drugs: &mut [DrugRow]) {
        for drug in drugs {
            let own = drug.receipt.split(';').chain(drug.yj.split(';'));
            let codes: BTreeSet<&str> =
                own.filter_map(|code| self.hot.get(code)).flatten().map(String::as_str).collect();
            drug.hot = codes.into_iter().collect::<Vec<_>>().join(";");
        }
    }

    /// What usage codes say, by code and first day.
    pub(super) fn usage_rows(&self) -> Vec<UsageTextRow> {
        let rows: BTreeSet<[String; 4]> = self
            .usages
            .iter()
            .map(|row| {
                let to = row.to.map(|day| day.to_string()).unwrap_or_default();
                [row.code.clone(), row.from.to_string(), to, row.name.clone()]
            })
            .collect();
        let row = |[code, valid_from, valid_to, text]: [String; 4]| UsageTextRow {
            code,
            text,
            valid_from,
            valid_to,
        };
        rows.into_iter().map(row).collect()
    }

    /// The editions that the tables were made from.
    pub(super) fn revisions(&self) -> Vec<RevisionRow> {
        let dates = self.pairs.iter().filter_map(|pair| revision_day(&pair.source_date));
        let row = |table: &str, revision: String, files: &[String]| RevisionRow {
            table: table.to_owned(),
            revision,
            source: files.join("; "),
        };
        let pairs =
            dates.max().map(|date| row("contraindications", date.to_owned(), &self.pair_files));
        let drugs = self.price_date.map(|date| row("drugs", date.to_string(), &self.price_files));
        pairs.into_iter().chain(drugs).collect()
    }

    fn read_prices(&mut self, paths: &[PathBuf], report: &mut Report) -> Result<(), TablesError> {
        let mut lists = Vec::new();
        for path in sorted(paths) {
            lists.push(read_price_list(path, report)?);
            self.price_files.push(file_name(path));
        }
        lists.sort_by_key(|list| list.date);
        self.price_date = lists.iter().filter_map(|list| list.date).max();
        // A product that left the newest edition stays: past records name it, and its last known
        // end of coverage says until when it counts.
        for entry in lists.into_iter().flat_map(|list| list.entries) {
            self.prices.insert(entry.code.clone(), entry);
        }
        Ok(())
    }

    fn read_generics(&mut self, paths: &[PathBuf], report: &mut Report) -> Result<(), TablesError> {
        let mut files = Vec::new();
        for path in sorted(paths) {
            files.push(read_generic_names(path, report)?);
        }
        files.sort_by_key(|file| file.date);
        for file in files {
            for name in file.names {
                self.generics.insert(name.code.clone(), name);
            }
            for exception in file.exceptions {
                self.exceptions.entry(exception.code).or_default().insert(exception.price_code);
            }
        }
        Ok(())
    }
}

/// A source date in one of the forms that `revised` knows, `YYYY-MM` or `YYYY-MM-DD`.
pub(super) fn revision_day(text: &str) -> Option<&str> {
    let day = if text.len() == 7 { format!("{text}-01") } else { text.to_owned() };
    (day.len() == 10 && day.parse::<Date>().is_ok()).then_some(text)
}

fn sorted(paths: &[PathBuf]) -> BTreeSet<&PathBuf> {
    paths.iter().collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
