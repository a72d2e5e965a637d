//! Which drugs a class means, as a user's table says: no such list is published with the inserts.

use std::collections::BTreeMap;

use super::names::key;
use crate::{
    masters::MasterError,
    report::{FileRead, Reason, Report},
    text::{Lines, decode},
};

/// One member of a class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// The ingredient, by its name.
    pub name: String,
    /// Where this was read; the file and line if the table does not say.
    pub source: String,
}

/// Classes by name, in every spelling that [`ClassTable::members`] accepts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassTable {
    classes: BTreeMap<String, Vec<Member>>,
}

impl ClassTable {
    /// Reads a CSV with the columns `class` and `member`, and `source` if there is one.
    ///
    /// # Errors
    ///
    /// The bytes are not CSV, or a column is missing.
    pub fn read(file: &str, bytes: &[u8], report: &mut Report) -> Result<Self, MasterError> {
        let decoded = decode(bytes);
        let damaged = |source| MasterError::Csv { file: file.to_owned(), source };
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).from_reader(decoded.text.as_bytes());
        let headings = reader.headers().map_err(damaged)?.clone();
        let find = |name: &str| headings.iter().position(|heading| heading.trim() == name);
        let missing = |column| MasterError::MissingColumn { file: file.to_owned(), column };
        let class = find("class").ok_or_else(|| missing("class"))?;
        let member = find("member").ok_or_else(|| missing("member"))?;
        let source = find("source");
        let mut table = Self::default();
        let (mut lines, mut rows) = (Lines::new(&decoded.text), 0);
        for record in reader.records() {
            let record = record.map_err(damaged)?;
            let line = lines.at(record.position().map_or(0, csv::Position::byte));
            let field = |position: usize| record.get(position).map_or("", str::trim);
            let (class, member) = (field(class), field(member));
            for (value, column) in [(class, "class"), (member, "member")] {
                if value.is_empty() {
                    report.problem(file, line, column, Reason::Empty);
                }
            }
            if class.is_empty() || member.is_empty() {
                continue;
            }
            let stated = source.map_or("", field);
            let source = if stated.is_empty() { format!("{file}:{line}") } else { stated.into() };
            table.add(class, Member { name: member.to_owned(), source });
            rows += 1;
        }
        report.files.push(FileRead {
            file: file.to_owned(),
            encoding: Some(decoded.encoding),
            rows,
        });
        Ok(table)
    }

    /// Adds one member of a class.
    pub fn add(&mut self, class: &str, member: Member) {
        let Some(name) = spellings(class).into_iter().next() else { return };
        let members = self.classes.entry(name).or_default();
        if !members.iter().any(|known| key(&known.name) == key(&member.name)) {
            members.push(member);
        }
    }

    /// The members of a class; none if the table does not have it.
    ///
    /// 剤, 薬, 製剤 and 類 at the end make no other class, nor does a bracket inside the name.
    pub fn members(&self, class: &str) -> &[Member] {
        let spellings = spellings(class);
        let found = spellings.iter().find_map(|name| self.classes.get(name));
        found.map_or(&[], Vec::as_slice)
    }
}

/// The spellings of a class, the nearest first: as it is, without its bracket (`A（B）C` as `AC`), and
/// with the bracket instead of what is before it (`BC`).
fn spellings(class: &str) -> Vec<String> {
    let name = key(class);
    let mut spellings = vec![base(&name)];
    if let Some((before, rest)) = name.split_once('(')
        && let Some((inner, after)) = rest.split_once(')')
    {
        spellings.push(base(&format!("{before}{after}")));
        spellings.push(base(&format!("{inner}{after}")));
    }
    spellings.retain(|name| !name.is_empty());
    spellings
}

fn base(name: &str) -> String {
    let mut name = name;
    let endings = ["製剤", "薬剤", "剤", "薬", "類", "等"];
    while let Some(rest) = endings.iter().find_map(|ending| name.strip_suffix(ending)) {
        if rest.is_empty() {
            break;
        }
        name = rest;
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> ClassTable {
        let mut report = Report::default();
        let csv = "class,member,source\nMAO阻害剤,セレギリン,文書A\nMAO阻害薬,ラサギリン,\n,x,\n";
        let table = ClassTable::read("classes.csv", csv.as_bytes(), &mut report).unwrap();
        assert_eq!((report.files[0].rows, report.problems.len()), (2, 1));
        assert_eq!((report.problems[0].line, report.problems[0].field), (4, "class"));
        table
    }

    #[test]
    fn one_class_in_several_spellings() {
        let table = table();
        let names = |class: &str| {
            table.members(class).iter().map(|member| member.name.clone()).collect::<Vec<_>>()
        };
        for class in ["MAO阻害剤", "ＭＡＯ阻害薬", "モノアミン酸化酵素（MAO）阻害剤", "MAO阻害剤等"]
        {
            assert_eq!(names(class), ["セレギリン", "ラサギリン"], "{class}");
        }
        assert!(names("COMT阻害剤").is_empty());
        assert!(names("剤").is_empty());
    }

    #[test]
    fn a_source_that_is_not_stated_is_the_line() {
        let table = table();
        let sources: Vec<&str> =
            table.members("MAO阻害剤").iter().map(|member| member.source.as_str()).collect();
        assert_eq!(sources, ["文書A", "classes.csv:3"]);
    }

    #[test]
    fn a_missing_column_is_named() {
        let read = ClassTable::read("c.csv", b"class,name\na,b\n", &mut Report::default());
        assert!(matches!(read, Err(MasterError::MissingColumn { column: "member", .. })));
    }
}
