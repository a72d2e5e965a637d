//! What becomes of gathered text: the fields of an insert and the rows of its table.

use chofuku_engine::code::check_digit_holds;

use super::{Target, Walk};
use crate::{
    inserts::{
        Brand, Insert, Statement,
        flow::{Block, plain},
        names::parse_cell,
        review::{passage, passages_of},
        washout::read_washouts,
    },
    report::{FileRead, Reason},
    text::Decoded,
};

/// The characters of a YJ code.
const YJ_LENGTH: usize = 12;
/// The words that stand for the text of the row above.
const DITTO: [&str; 3] = ["同上", "〃", "上記と同じ"];
/// The table of contraindicated combinations (併用禁忌).
const SECTION: &str = "10.1";

impl Walk<'_> {
    pub(super) fn gathered(&mut self, target: Target, blocks: Vec<Block>) {
        let text = || plain(&blocks).trim().to_owned();
        match target {
            Target::Number => self.insert.number = text(),
            Target::YearMonth if self.current => self.revised_current = text(),
            Target::YearMonth => self.revised_other = text(),
            Target::Classification => self.insert.classification.push(text()),
            Target::BrandName => {
                if let Some(brand) = self.insert.brands.last_mut() {
                    brand.name = text();
                }
            }
            Target::Yj => self.code(text()),
            Target::GenericName => {
                let names = blocks.iter().flat_map(|block| block.text.split('\n'));
                self.insert.generic_names.extend(names.map(str::to_owned));
            }
            Target::Contraindications => self.contraindications = blocks,
            Target::Outside => {
                let text = text();
                if !text.is_empty() {
                    self.context.push(text);
                }
            }
            Target::Name => self.row.get_or_insert_default().name.extend(blocks),
            Target::Measures => self.row.get_or_insert_default().measures.extend(blocks),
            Target::Mechanism => self.row.get_or_insert_default().mechanism.extend(blocks),
        }
    }

    fn code(&mut self, yj: String) {
        if !check_digit_holds(&yj) {
            let reason = match yj.as_str() {
                "" => Reason::Empty,
                _ => Reason::Code { expected: YJ_LENGTH, found: yj.clone() },
            };
            self.report.problem(self.file, self.line, "YJCode", reason);
        }
        match self.insert.brands.last_mut() {
            Some(brand) => brand.yj = yj,
            None => self.insert.brands.push(Brand { name: String::new(), yj }),
        }
    }

    pub(super) fn close_row(&mut self) {
        let Some(row) = self.row.take() else { return };
        let cell = plain(&row.name);
        if cell.is_empty() {
            self.report.problem(self.file, row.line, "DrugName", Reason::Empty);
        }
        let place = self.rows;
        let measures = self.ditto(&row.measures, "ClinSymptomsAndMeasures", row.line);
        let mechanism = self.ditto(&row.mechanism, "MechanismAndRiskFactors", row.line);
        self.above = (measures.clone(), mechanism.clone());
        let partners = parse_cell(&row.name);
        let washouts = read_washouts(&[&cell, &measures]);
        self.insert.statements.push(Statement {
            file: self.file.to_owned(),
            place,
            section: SECTION,
            cell,
            partners,
            context: std::mem::take(&mut self.context_of_row),
            measures,
            mechanism,
            washouts,
            ..Statement::default()
        });
    }

    /// The text of a cell; for 同上 that of the row above.
    fn ditto(&mut self, blocks: &[Block], field: &'static str, line: u64) -> String {
        let text = plain(blocks);
        let word = text.trim_start_matches(['*', ',', '＊', ' ']).trim_end_matches(['。', ' ']);
        if !DITTO.contains(&word) {
            return text;
        }
        let (measures, mechanism) = &self.above;
        let above = if field == "ClinSymptomsAndMeasures" { measures } else { mechanism };
        if above.is_empty() {
            self.report.problem(self.file, line, field, Reason::Value { found: text.clone() });
            return text;
        }
        above.clone()
    }

    /// What stands around a table belongs to each of its rows, and is kept by itself if it speaks of
    /// drugs.
    pub(super) fn close_block(&mut self) {
        let context = std::mem::take(&mut self.context);
        for statement in self.insert.statements.iter_mut().skip(self.block_first) {
            statement.context.extend(context.iter().cloned());
        }
        self.block_first = self.insert.statements.len();
        self.outside.extend(context);
    }

    pub(super) fn finish(self, decoded: &Decoded) -> Insert {
        if decoded.replaced {
            let reason = Reason::Undecodable { encoding: decoded.encoding };
            self.report.problem(self.file, 1, "", reason);
        }
        let mut insert = self.insert;
        insert.revised = self.revised_current;
        if insert.number.is_empty() {
            self.report.problem(self.file, 1, "PackageInsertNo", Reason::Missing);
        }
        if insert.revised.is_empty() {
            // A revision that is not marked as the current one may be the one before.
            let reason = match self.revised_other {
                found if found.is_empty() => Reason::Missing,
                found => Reason::Value { found },
            };
            self.report.problem(self.file, 1, "YearMonth", reason);
        }
        let codes = insert.brands.iter().map(|brand| brand.yj.clone());
        let codes: Vec<String> = codes.filter(|code| !code.is_empty()).collect();
        for statement in &mut insert.statements {
            statement.insert.clone_from(&insert.number);
            statement.revised.clone_from(&insert.revised);
            statement.own_codes.clone_from(&codes);
            statement.own_names.clone_from(&insert.generic_names);
        }
        let mut passages = passages_of(&self.contraindications, &insert.statements);
        let outside = self.outside.into_iter();
        passages.extend(outside.filter_map(|text| passage(SECTION, text, &insert.statements)));
        insert.passages = passages;
        let (encoding, rows) = (Some(decoded.encoding), insert.statements.len());
        self.report.files.push(FileRead { file: self.file.to_owned(), encoding, rows });
        insert
    }
}
