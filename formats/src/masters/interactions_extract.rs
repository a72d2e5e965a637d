//! An extract of package inserts as CSV of seven columns, one row a partner: contraindications and
//! cautions in one table, of which only the former become statements.
//!
//! They are [`Statement`]s as the inserts themselves give them, so that one resolving serves both.

use std::collections::HashMap;

use super::MasterError;
use crate::{
    inserts::{Statement, parse_text, read_washouts},
    report::{FileRead, Reason, Report},
    text::{Lines, decode},
};

/// The columns, in the order of the table from which the extract comes.
const COLUMNS: [&str; 7] = [
    "package_insert_no",
    "yj_code",
    "section_type",
    "partner_group_ja",
    "partner_name_ja",
    "symptoms_measures_ja",
    "mechanism_ja",
];

/// What one extract holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InteractionsExtract {
    /// The rows of 併用禁忌, one for all products of an insert.
    pub statements: Vec<Statement>,
    /// How many rows are cautions (併用注意).
    pub cautions: usize,
}

/// Reads one extract.
///
/// # Errors
///
/// The bytes are not CSV, or a column is missing.
pub fn read_interactions_extract(
    file: &str,
    bytes: &[u8],
    report: &mut Report,
) -> Result<InteractionsExtract, MasterError> {
    let decoded = decode(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(decoded.text.as_bytes());
    let damaged = |source| MasterError::Csv { file: file.to_owned(), source };
    let headings = reader.headers().map_err(damaged)?.clone();
    let mut positions = [0; COLUMNS.len()];
    for (position, column) in positions.iter_mut().zip(COLUMNS) {
        *position = headings
            .iter()
            .position(|heading| heading.trim() == column)
            .ok_or_else(|| MasterError::MissingColumn { file: file.to_owned(), column })?;
    }
    let mut extract = InteractionsExtract::default();
    // One insert has a row for each of its products.
    let mut known: HashMap<[String; 5], usize> = HashMap::new();
    let (mut lines, mut rows) = (Lines::new(&decoded.text), 0);
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(damaged)? {
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        let fields = positions.map(|position| record.get(position).map_or("", str::trim));
        let [insert, yj, section, group, name, measures, mechanism] = fields;
        if record.len() < headings.len() {
            let reason = Reason::Fields { expected: headings.len(), found: record.len() };
            report.problem(file, line, "", reason);
        }
        match section {
            "併用禁忌" => {}
            "併用注意" => {
                extract.cautions += 1;
                continue;
            }
            _ => {
                let reason = Reason::Value { found: section.to_owned() };
                report.problem(file, line, "section_type", reason);
                continue;
            }
        }
        if name.is_empty() && group.is_empty() {
            report.problem(file, line, "partner_name_ja", Reason::Empty);
            continue;
        }
        if insert.is_empty() {
            report.problem(file, line, "package_insert_no", Reason::Empty);
        }
        rows += 1;
        let row = [insert, group, name, measures, mechanism].map(str::to_owned);
        let position = *known.entry(row).or_insert(extract.statements.len());
        if position == extract.statements.len() {
            extract.statements.push(statement(file, line, fields));
        }
        if let Some(statement) = extract.statements.get_mut(position)
            && !yj.is_empty()
            && !statement.own_codes.iter().any(|code| code == yj)
        {
            statement.own_codes.push(yj.to_owned());
        }
    }
    if decoded.replaced {
        report.problem(file, 1, "", Reason::Undecodable { encoding: decoded.encoding });
    }
    report.files.push(FileRead { file: file.to_owned(), encoding: Some(decoded.encoding), rows });
    Ok(extract)
}

fn statement(file: &str, line: u64, fields: [&str; 7]) -> Statement {
    let [insert, _, _, group, name, measures, mechanism] = fields;
    let mut partners = parse_text(name);
    let mut cell = name.to_owned();
    if !group.is_empty() && group != name {
        cell = if name.is_empty() { group.to_owned() } else { format!("{group}\n{name}") };
        let mut groups = parse_text(group);
        if let [class] = groups.as_mut_slice()
            && (class.class || partners.is_empty())
        {
            class.members.append(&mut partners);
            partners = groups;
        } else if partners.is_empty() {
            partners = groups;
        }
        // A group that is no class tells nothing that the name does not; it stays in the cell.
    }
    Statement {
        file: file.to_owned(),
        place: line,
        insert: insert.to_owned(),
        section: "10.1",
        washouts: read_washouts(&[&cell, measures]),
        cell,
        partners,
        measures: measures.to_owned(),
        mechanism: mechanism.to_owned(),
        ..Statement::default()
    }
}

#[cfg(test)]
mod tests;
