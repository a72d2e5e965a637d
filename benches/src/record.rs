//! The record of a run: a dated page with a table, a chart beside it, and the same table for reading.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use jiff::civil::Date;

use crate::machine::Machine;
use crate::stats::figures;

mod chart;

/// What came of a target.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Measured: the part of the limit that is used up; at most 1 is met.
    Share {
        /// 1 is exactly at the limit.
        share: f64,
        /// Whether the run is smaller than the target asks for.
        smaller: bool,
    },
    /// Not measured, and why.
    NotMeasured(String),
    /// Measuring failed, and how.
    Failed(String),
}

/// A line of the table: one target, or one half of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// `P1` and what of it.
    pub target: String,
    /// Our side.
    pub ours: String,
    /// The floor or the peer.
    pub beside: String,
    /// How the two compare.
    pub ratio: String,
    /// What is aimed at.
    pub limit: String,
    /// What came of it.
    pub verdict: Verdict,
}

impl Row {
    /// A target of which nothing was measured.
    pub fn not_measured(target: &str, why: impl Into<String>) -> Self {
        Self::without_figures(target, Verdict::NotMeasured(why.into()))
    }

    /// A target whose measuring failed.
    pub fn failed(target: &str, error: &anyhow::Error) -> Self {
        Self::without_figures(target, Verdict::Failed(format!("{error:#}")))
    }

    fn without_figures(target: &str, verdict: Verdict) -> Self {
        let none = String::new;
        Self {
            target: target.to_owned(),
            ours: none(),
            beside: none(),
            ratio: none(),
            limit: none(),
            verdict,
        }
    }

    /// Takes a folder out of reasons and errors: a record names nobody's machine.
    pub fn hide(&mut self, folder: &Path) {
        match &mut self.verdict {
            Verdict::Share { .. } => {}
            Verdict::NotMeasured(text) | Verdict::Failed(text) => {
                *text = text.replace(&folder.display().to_string(), "…");
            }
        }
    }

    fn verdict(&self) -> String {
        match &self.verdict {
            Verdict::Share { share, smaller } => {
                let met = if *share <= 1.0 { "met" } else { "not met" };
                let size = if *smaller { ", at this size" } else { "" };
                format!("{met}{size}")
            }
            Verdict::NotMeasured(why) => format!("not measured: {why}"),
            Verdict::Failed(error) => format!("failed: {error}"),
        }
    }
}

/// The part of an upper limit that is used.
pub fn at_most(value: f64, limit: f64, smaller: bool) -> Verdict {
    Verdict::Share { share: value / limit, smaller }
}

/// The part that a lower limit takes of what was reached.
pub fn at_least(value: f64, limit: f64, smaller: bool) -> Verdict {
    Verdict::Share { share: limit / value, smaller }
}

/// What a part of the run tells: its rows, and what a reader must know of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// `P1`.
    pub name: String,
    /// Rows of the table.
    pub rows: Vec<Row>,
    /// Sentences.
    pub notes: Vec<String>,
}

/// A whole run.
#[derive(Clone, Debug)]
pub struct Record {
    /// The day.
    pub date: Date,
    /// A short name, for the file.
    pub name: String,
    /// Where it was measured.
    pub machine: Machine,
    /// The data.
    pub data: String,
    /// The arguments of the run.
    pub command: String,
    /// What was measured.
    pub parts: Vec<Part>,
}

impl Record {
    /// Writes page and chart into a folder; returns the page.
    ///
    /// # Errors
    ///
    /// When they cannot be written.
    pub fn write(&self, folder: &Path) -> Result<PathBuf> {
        fs::create_dir_all(folder)?;
        let stem = format!("{}-{}", self.date, self.name);
        let chart = format!("{stem}.svg");
        let page = folder.join(format!("{stem}.md"));
        let place = || folder.display().to_string();
        fs::write(folder.join(&chart), chart::svg(&self.rows())).with_context(place)?;
        fs::write(&page, self.page(&chart)).with_context(place)?;
        Ok(page)
    }

    fn rows(&self) -> Vec<&Row> {
        self.parts.iter().flat_map(|part| &part.rows).collect()
    }

    fn page(&self, chart: &str) -> String {
        let mut page = format!("# Measured against the targets: {}, {}\n\n", self.name, self.date);
        let facts = [
            ("machine", self.machine.line()),
            ("commit", self.machine.commit.clone()),
            ("data", self.data.clone()),
            ("command", format!("`{}`", self.command)),
        ];
        for (name, fact) in facts {
            line(&mut page, &format!("- {name}: {fact}"));
        }
        line(&mut page, "\nBoth sides of a row were measured in this run on this machine.\n");
        page.push_str(&self.table());
        line(&mut page, &format!("\n![Part of each limit that is used]({chart})\n"));
        for part in self.parts.iter().filter(|part| !part.notes.is_empty()) {
            line(&mut page, &format!("## {}\n", part.name));
            line(&mut page, &format!("`{} --only {}`\n", self.command, part.name));
            for note in &part.notes {
                line(&mut page, &format!("- {note}"));
            }
            page.push('\n');
        }
        page.truncate(page.trim_end().len());
        page.push('\n');
        page
    }

    /// The table, as Markdown that a terminal can show.
    pub fn table(&self) -> String {
        let header = ["target", "ours", "beside", "ratio", "limit", "verdict"].map(str::to_owned);
        let cells = self.rows().into_iter().map(|row| {
            let Row { target, ours, beside, ratio, limit, .. } = row.clone();
            [target, ours, beside, ratio, limit, row.verdict().replace(['|', '\n'], " ")]
        });
        let mut lines = vec![header, [const { String::new() }; 6]];
        lines.extend(cells);
        let mut widths = [0; 6];
        for cells in &lines {
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = (*width).max(cell.chars().count());
            }
        }
        // The verdict may be a sentence.
        let [.., last] = &mut widths;
        *last = 7;
        let mut table = String::new();
        for (number, cells) in lines.iter().enumerate() {
            let cells = cells.iter().zip(widths).map(|(cell, width)| {
                if number == 1 { "-".repeat(width) } else { format!("{cell:width$}") }
            });
            line(&mut table, &format!("| {} |", cells.collect::<Vec<_>>().join(" | ")));
        }
        table
    }
}

fn line(page: &mut String, text: &str) {
    writeln!(page, "{text}").expect("a text takes whatever is written");
}

/// A ratio as it is written in the table.
pub fn times(ratio: f64) -> String {
    format!("{} ×", figures(ratio))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let row = |target: &str, verdict| Row {
            ours: "1.50 µs".to_owned(),
            beside: "500 ns".to_owned(),
            ratio: times(3.0),
            limit: "2 ×".to_owned(),
            ..Row::without_figures(target, verdict)
        };
        let rows = vec![
            row("P1 median", at_most(3.0, 2.0, true)),
            row("P2 SQLite", at_least(40.0, 20.0, false)),
            Row::not_measured("P7", "registrations"),
            Row::failed("P3", &anyhow::anyhow!("a | b")),
        ];
        let notes = vec!["16 % with findings".to_owned()];
        Record {
            date: jiff::civil::date(2026, 11, 22),
            name: "test".to_owned(),
            machine: Machine {
                cpu: "cpu".to_owned(),
                cores: 2,
                memory: 1 << 30,
                commit: "abc".to_owned(),
            },
            data: "1,000 patients".to_owned(),
            command: "chofuku-benches report".to_owned(),
            parts: vec![Part { name: "P1".to_owned(), rows, notes }],
        }
    }

    #[test]
    fn a_record_is_a_page_and_a_chart() {
        let folder = tempfile::tempdir().unwrap();
        let page = record().write(folder.path()).unwrap();
        assert_eq!(page.file_name().unwrap(), "2026-11-22-test.md");
        let text = fs::read_to_string(&page).unwrap();
        for wanted in [
            "| P1 median | 1.50 µs | 500 ns | 3.00 × | 2 ×   | not met, at this size |",
            "| met     |",
            "not measured: registrations",
            "failed: a   b",
            "(2026-11-22-test.svg)",
            "`chofuku-benches report --only P1`",
            "- 16 % with findings",
            "cpu, 2 cores, 1.00 GiB memory",
        ] {
            assert!(text.contains(wanted), "{wanted} is not in\n{text}");
        }
        assert!(text.ends_with("with findings\n"));
        let svg = fs::read_to_string(page.with_extension("svg")).unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        assert_eq!(svg.matches("<rect class=").count(), 2);
    }
}
