//! The rows of the files for review.

use std::{collections::BTreeSet, path::Path};

use chofuku_formats::{
    Problem,
    inserts::{InsertError, Passage, Rule, Side, Unresolved},
};

use super::InsertsError;
use crate::csv_table::FIELD_BYTES_MAX;
use crate::knowledge_tables::CONTRAINDICATION_COLUMNS;

/// One row of `rules.csv`.
pub(super) struct RuleRow([String; 25]);

/// One row of `unresolved.csv`.
pub(super) struct UnresolvedRow([String; 9]);

impl RuleRow {
    /// The columns of `contraindications.csv`, then those that only a reviewer needs.
    pub(super) fn columns() -> Vec<&'static str> {
        let review =
            &["sources", "source_files", "partners", "cells", "notes", "omitted_texts"][..];
        [CONTRAINDICATION_COLUMNS, review].concat()
    }

    pub(super) fn of(rule: &Rule) -> Self {
        let set =
            |set: &BTreeSet<String>| set.iter().map(String::as_str).collect::<Vec<_>>().join(";");
        let side = |side: &Side| {
            [side.ingredient.clone(), set(&side.routes), set(&side.only), set(&side.except)]
        };
        let [a_ingredient, a_routes, a_only, a_except] = side(&rule.a);
        let [b_ingredient, b_routes, b_only, b_except] = side(&rule.b);
        let sources = &rule.sources;
        let distinct = |texts: Vec<String>| texts.into_iter().collect::<BTreeSet<_>>();
        let numbers = distinct(sources.iter().map(|source| source.insert.clone()).collect());
        let sections = distinct(sources.iter().map(|source| source.section.to_owned()).collect());
        let revised = sources.iter().map(|source| source.revised.as_str()).max().unwrap_or("");
        let stated = |source: &chofuku_formats::inserts::Source| {
            format!("{} ({}) {} #{}", source.insert, source.revised, source.section, source.place)
        };
        let dated = distinct(sources.iter().map(stated).collect());
        let files = distinct(sources.iter().map(|source| source.file.clone()).collect());
        let partners = distinct(sources.iter().map(|source| source.partner.clone()).collect());
        let cells = distinct(sources.iter().map(|source| source.cell.clone()).collect());
        let mut omitted = 0;
        let mut text = |texts: &mut dyn Iterator<Item = &str>, between: &str| {
            let (text, left_out) = joined(texts, between);
            omitted += left_out;
            text
        };
        let insert = text(&mut numbers.iter().map(String::as_str), ";");
        let condition = text(&mut rule.conditions.iter().map(String::as_str), "; ");
        let measures = text(&mut rule.measures.iter().map(String::as_str), "\n");
        let mechanism = text(&mut rule.mechanism.iter().map(String::as_str), "\n");
        let dated = text(&mut dated.iter().map(String::as_str), "; ");
        let files = text(&mut files.iter().map(String::as_str), "; ");
        let partners = text(&mut partners.iter().map(String::as_str), "; ");
        let cells = cells.iter().map(|cell| cell.replace('\n', " / ")).collect::<Vec<_>>();
        let cells = text(&mut cells.iter().map(String::as_str), " // ");
        let notes: Vec<String> = rule.notes.iter().map(ToString::to_string).collect();
        let notes = text(&mut notes.iter().map(String::as_str), "; ");
        let days = |days: Option<u32>| days.map(|days| days.to_string()).unwrap_or_default();
        Self([
            a_ingredient,
            a_routes,
            a_only,
            a_except,
            b_ingredient,
            b_routes,
            b_only,
            b_except,
            insert,
            revised.to_owned(),
            sections.into_iter().collect::<Vec<_>>().join(";"),
            rule.stated_by.name().to_owned(),
            condition.replace('\n', " "),
            measures,
            mechanism,
            days(rule.washout_a),
            days(rule.washout_b),
            String::new(),
            String::new(),
            dated,
            files,
            partners,
            cells,
            notes,
            if omitted == 0 { String::new() } else { omitted.to_string() },
        ])
    }

    pub(super) fn fields(self) -> Vec<String> {
        self.0.into()
    }
}

/// Texts one behind the other as far as a field of a table may be long, and how many were left out:
/// a hundred inserts of one drug say the same in as many words.
fn joined(texts: &mut dyn Iterator<Item = &str>, between: &str) -> (String, usize) {
    let (mut text, mut left_out) = (String::new(), 0);
    for one in texts {
        if text.len() + between.len() + one.len() > FIELD_BYTES_MAX {
            left_out += 1;
        } else {
            if !text.is_empty() {
                text.push_str(between);
            }
            text.push_str(one);
        }
    }
    (text, left_out)
}

impl UnresolvedRow {
    pub(super) const COLUMNS: [&str; 9] =
        ["kind", "file", "place", "insert", "revised", "section", "name", "reason", "text"];

    pub(super) fn name(unresolved: &Unresolved) -> Self {
        let Unresolved { source, name, why } = unresolved;
        let full = if source.partner.is_empty() { name } else { &source.partner };
        Self([
            "name".to_owned(),
            source.file.clone(),
            source.place.to_string(),
            source.insert.clone(),
            source.revised.clone(),
            source.section.to_owned(),
            full.clone(),
            why.to_string(),
            source.cell.clone(),
        ])
    }

    pub(super) fn passage(file: &str, passage: &Passage) -> Self {
        let mut row = Self::empty("passage", file);
        let [.., section, name, reason, text] = &mut row.0;
        passage.section.clone_into(section);
        *name = passage.missing.join("; ");
        "stated outside the table of section 10.1".clone_into(reason);
        text.clone_from(&passage.text);
        row
    }

    pub(super) fn refused(file: &str, error: &InsertError) -> Self {
        let mut row = Self::empty("file", file);
        let [.., reason, _] = &mut row.0;
        *reason = error.to_string();
        row
    }

    pub(super) fn problem(problem: &Problem) -> Self {
        let mut row = Self::empty("source", &problem.file);
        let [_, _, place, _, _, _, name, reason, _] = &mut row.0;
        *place = problem.line.to_string();
        problem.field.clone_into(name);
        *reason = problem.reason.to_string();
        row
    }

    fn empty(kind: &str, file: &str) -> Self {
        let mut row = Self(Default::default());
        let [first, second, ..] = &mut row.0;
        kind.clone_into(first);
        file.clone_into(second);
        row
    }

    pub(super) fn fields(self) -> Vec<String> {
        self.0.into()
    }
}

/// Writes a header and rows.
pub(super) fn write_rows(
    path: &Path,
    columns: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<(), InsertsError> {
    let failed =
        |source: csv::Error| InsertsError::Write { path: path.to_owned(), source: source.into() };
    let mut writer = csv::Writer::from_path(path).map_err(failed)?;
    writer.write_record(columns).map_err(failed)?;
    for row in rows {
        writer.write_record(row).map_err(failed)?;
    }
    writer.flush().map_err(|source| failed(source.into()))
}
