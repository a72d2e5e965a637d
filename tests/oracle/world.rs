//! The canonical tables and a history as rows of text: the only input of the oracle.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Tables and histories, exactly as they stand in the CSV files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// Rows of `ingredients.csv`.
    pub ingredients: Vec<Ingredient>,
    /// Rows of `drugs.csv`.
    pub drugs: Vec<Drug>,
    /// Rows of `contraindications.csv`.
    pub contraindications: Vec<Rule>,
    /// Rows of `institutions.csv`.
    pub institutions: Vec<Institution>,
    /// Rows of every `history*.csv`, files by name.
    pub history: Vec<HistoryRow>,
}

/// A row of `ingredients.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct Ingredient {
    pub id: String,
    pub name_ja: String,
    pub name_en: String,
}

/// A row of `drugs.csv`; several codes or names in one cell are separated by `;`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct Drug {
    pub yj: String,
    pub price: String,
    pub receipt: String,
    pub generic: String,
    pub hot: String,
    pub gtin: String,
    pub name: String,
    pub aliases: String,
    pub kana: String,
    pub substances: String,
    pub covered_from: String,
    pub covered_to: String,
    pub dummy: String,
}

/// A row of `contraindications.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct Rule {
    pub a_ingredient: String,
    pub a_routes: String,
    pub a_only: String,
    pub a_except: String,
    pub b_ingredient: String,
    pub b_routes: String,
    pub b_only: String,
    pub b_except: String,
    pub insert: String,
    pub revised: String,
    pub section: String,
    pub stated_by: String,
    pub condition: String,
    pub measures: String,
    pub mechanism: String,
    pub washout_a: String,
    pub washout_b: String,
    pub valid_from: String,
    pub valid_to: String,
}

/// A row of `institutions.csv`: a medical institution or a pharmacy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct Institution {
    pub code: String,
    pub name: String,
}

/// A row of `history.csv`: one line of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct HistoryRow {
    pub document: String,
    pub kind: String,
    pub setting: String,
    pub insurer: String,
    pub symbol: String,
    pub number: String,
    pub branch: String,
    pub patient_id: String,
    pub date: String,
    pub institution: String,
    pub pharmacy: String,
    pub prescription: String,
    pub refill_uses: String,
    pub refill_use: String,
    pub rp: String,
    pub drug_system: String,
    pub drug_code: String,
    pub drug_name: String,
    pub form: String,
    pub quantity: String,
    pub usage: String,
    pub usage_supplements: String,
    pub status: String,
}

impl World {
    /// Reads a folder of canonical tables, with whatever histories lie in it.
    pub fn read(dir: &Path) -> Result<Self, Box<dyn Error>> {
        let mut history = Vec::new();
        for file in history_files(dir)? {
            history.extend(read_table(&file)?);
        }
        Ok(Self {
            ingredients: read_table(&dir.join("ingredients.csv"))?,
            drugs: read_table(&dir.join("drugs.csv"))?,
            contraindications: read_table(&dir.join("contraindications.csv"))?,
            institutions: read_table(&dir.join("institutions.csv"))?,
            history,
        })
    }

    /// Writes the four tables and `history.csv`, each with its header even when it has no row.
    pub fn write(&self, dir: &Path) -> Result<(), Box<dyn Error>> {
        fs::create_dir_all(dir)?;
        write_table(&dir.join("ingredients.csv"), &self.ingredients, INGREDIENT_COLUMNS)?;
        write_table(&dir.join("drugs.csv"), &self.drugs, DRUG_COLUMNS)?;
        write_table(&dir.join("contraindications.csv"), &self.contraindications, RULE_COLUMNS)?;
        write_table(&dir.join("institutions.csv"), &self.institutions, "code,name")?;
        write_table(&dir.join("history.csv"), &self.history, HISTORY_COLUMNS)
    }

    /// The Japanese name of an ingredient.
    pub(crate) fn ingredient_name(&self, id: &str) -> &str {
        let ingredient = self.ingredients.iter().find(|ingredient| ingredient.id == id);
        &ingredient.expect("every substance has a known ingredient").name_ja
    }

    /// The name of an institution or a pharmacy, if it is listed.
    pub(crate) fn institution_name(&self, code: &str) -> Option<&str> {
        let found = self.institutions.iter().find(|institution| institution.code == code);
        found.map(|institution| institution.name.as_str())
    }
}

/// The parts of a cell that holds several values.
pub(crate) fn split(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(';').map(str::trim).filter(|part| !part.is_empty())
}

const INGREDIENT_COLUMNS: &str = "id,name_ja,name_en";
const DRUG_COLUMNS: &str = "yj,price,receipt,generic,hot,gtin,name,aliases,kana,substances,\
                            covered_from,covered_to,dummy";
const RULE_COLUMNS: &str = "a_ingredient,a_routes,a_only,a_except,\
                            b_ingredient,b_routes,b_only,b_except,\
                            insert,revised,section,stated_by,condition,measures,mechanism,\
                            washout_a,washout_b,valid_from,valid_to";
const HISTORY_COLUMNS: &str = "document,kind,setting,insurer,symbol,number,branch,patient_id,date,\
                               institution,pharmacy,prescription,refill_uses,refill_use,rp,\
                               drug_system,drug_code,drug_name,form,quantity,usage,\
                               usage_supplements,status";

fn history_files(dir: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("history") && path.extension().is_some_and(|end| end == "csv") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_table<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Box<dyn Error>> {
    // Spaces around a cell are dropped.
    let reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path);
    let mut reader = reader.map_err(|error| format!("{}: {error}", path.display()))?;
    let rows: Result<Vec<T>, csv::Error> = reader.deserialize().collect();
    Ok(rows.map_err(|error| format!("{}: {error}", path.display()))?)
}

fn write_table<T: Serialize>(path: &Path, rows: &[T], columns: &str) -> Result<(), Box<dyn Error>> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_path(path)?;
    writer.write_record(columns.split(','))?;
    for row in rows {
        writer.serialize(row)?;
    }
    writer.flush()?;
    Ok(())
}
