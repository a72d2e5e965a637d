//! The demo tables, embedded so that a binary alone can set up a demonstration.

use std::{fs, io, path::Path};

#[cfg(test)]
mod tests;

/// `ingredients.csv`.
pub const INGREDIENTS: &str = include_str!("../tables/ingredients.csv");
/// `drugs.csv`.
pub const DRUGS: &str = include_str!("../tables/drugs.csv");
/// `contraindications.csv`.
pub const CONTRAINDICATIONS: &str = include_str!("../tables/contraindications.csv");
/// `institutions.csv`.
pub const INSTITUTIONS: &str = include_str!("../tables/institutions.csv");
/// `revisions.csv`.
pub const REVISIONS: &str = include_str!("../tables/revisions.csv");

/// Every table with the name of its file.
pub const TABLES: [(&str, &str); 5] = [
    ("ingredients.csv", INGREDIENTS),
    ("drugs.csv", DRUGS),
    ("contraindications.csv", CONTRAINDICATIONS),
    ("institutions.csv", INSTITUTIONS),
    ("revisions.csv", REVISIONS),
];

/// Writes the tables into `dir`, which is created if it is missing; files there are replaced.
pub fn write_tables(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    for (name, text) in TABLES {
        fs::write(dir.join(name), text)?;
    }
    Ok(())
}
