//! A site with the smallest tables that compile, and the row that its histories are made of.

use std::fs;
use std::path::PathBuf;

use chofuku_engine::generation;
use chofuku_loader::compile::REJECTS;
use chofuku_loader::progress::Silent;
use chofuku_loader::{Compile, CompileError, Compiled};
use tempfile::TempDir;

pub(crate) const INGREDIENTS: &str = "id,name_ja,name_en\namlodipine,アムロジピン,amlodipine\n";
pub(crate) const DRUGS: &str = "yj,price,receipt,generic,hot,gtin,name,aliases,kana,substances,covered_from,covered_to,dummy\n\
    2171022F2029,2171022F2029,,2171022F2ZZZ,,,アムロジピン錠,,,amlodipine@oral,,,0\n";
pub(crate) const RULES: &str = "a_ingredient,a_routes,a_only,a_except,b_ingredient,b_routes,b_only,b_except,insert,revised,section,stated_by,condition,measures,mechanism,washout_a,washout_b,valid_from,valid_to\n";
pub(crate) const INSTITUTIONS: &str = "code,name\n1311234567,港クリニック\n";
pub(crate) const HEADER: &str = "document,kind,setting,insurer,symbol,number,branch,patient_id,date,institution,pharmacy,prescription,refill_uses,refill_use,rp,drug_system,drug_code,drug_name,form,quantity,usage,usage_supplements,status";
pub(crate) const GOOD: &str =
    "rx-1,prescription,,06130012,12,3456,01,,2026-11-01,1311234567,,,,,1,yj,2171022F2029,,1,14,,,";

/// A folder of tables and a data directory.
pub(crate) struct Site {
    directory: TempDir,
}

impl Site {
    pub(crate) fn new() -> Self {
        let site = Self { directory: tempfile::tempdir().unwrap() };
        fs::create_dir(site.path("tables")).unwrap();
        for (name, text) in [
            ("ingredients", INGREDIENTS),
            ("drugs", DRUGS),
            ("contraindications", RULES),
            ("institutions", INSTITUTIONS),
        ] {
            site.table(name, text);
        }
        site
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn table(&self, name: &str, text: &str) {
        fs::write(self.path("tables").join(format!("{name}.csv")), text).unwrap();
    }

    pub(crate) fn history(&self, name: &str, rows: &[&[u8]]) -> PathBuf {
        let path = self.path(name);
        let mut bytes = format!("{HEADER}\n").into_bytes();
        for row in rows {
            bytes.extend_from_slice(row);
            bytes.push(b'\n');
        }
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn compile(&self, history: Vec<PathBuf>) -> Result<Compiled, CompileError> {
        self.compile_allowing(0, history)
    }

    pub(crate) fn compile_allowing(
        &self,
        rejects_max: usize,
        history: Vec<PathBuf>,
    ) -> Result<Compiled, CompileError> {
        let (tables, data) = (self.path("tables"), self.path("data"));
        Compile { tables, history, data, rejects_max, ..Compile::default() }
            .run("2026-11-22T00:00:00Z", &Silent)
    }

    /// Compiles with the site's directories.
    pub(crate) fn run(&self, compile: Compile) -> Result<Compiled, CompileError> {
        let (tables, data) = (self.path("tables"), self.path("data"));
        Compile { tables, data, ..compile }.run("2026-11-22T00:00:00Z", &Silent)
    }

    pub(crate) fn rejects(&self) -> String {
        fs::read_to_string(self.path("data").join(REJECTS)).unwrap()
    }

    pub(crate) fn generation(&self) -> Option<u64> {
        generation::open(&self.path("data")).ok().map(|index| index.manifest().generation)
    }
}

/// The row with one column replaced.
pub(crate) fn with(column: &str, value: &str) -> Vec<u8> {
    let position = HEADER.split(',').position(|name| name == column).unwrap();
    let mut fields: Vec<&str> = GOOD.split(',').collect();
    fields[position] = value;
    fields.join(",").into_bytes()
}
