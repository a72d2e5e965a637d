//! A synthetic nation: any number of patients with 100 days of drugs each, made as a stream.
//!
//! The same options give the same bytes on every machine and with any number of threads. Each
//! patient has a random stream of their own, so any one can be made alone: [`Nation::identity`] and
//! [`Nation::rows`] give what a request about patient `n` needs without making the others.
//! [`Nation::write_tables`] and [`Nation::write_history`] write what the loader reads.
//!
//! ```
//! use chofuku_datasets::nation::{Nation, Options};
//!
//! let today = jiff::civil::date(2026, 11, 22);
//! let nation = Nation::new(Options { patients: 1000, seed: 1, today, days: 107 }).unwrap();
//! let rows = nation.rows(7).unwrap();
//! assert!(rows.iter().all(|row| row.number == nation.identity(7).number));
//! ```

use std::io;
use std::path::Path;

use jiff::civil::Date;

use crate::demo;
use crate::person::Identity;
use crate::random::Random;
use crate::row::HistoryRow;

mod batch;
mod columns;
mod drugs;
mod file;
mod life;
mod person;
mod places;
#[cfg(test)]
mod tests;
mod text;

pub use file::{Format, Totals};

use batch::Batch;
use drugs::Drugs;
use life::{Life, Scratch};
use person::{Insurers, Person};
use places::Places;
use text::Texts;

/// Which nation to make.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many patients; each has at least one document.
    pub patients: u64,
    /// Another seed, another nation.
    pub seed: u64,
    /// The youngest day of a document.
    pub today: Date,
    /// How many days the documents span. More than 101, and some lie outside of the window of 100.
    pub days: u32,
}

/// A nation that can be written or asked for its patients.
#[derive(Debug)]
pub struct Nation {
    patients: u64,
    seed: u64,
    days: u32,
    /// Days since 1970-01-01.
    today: i32,
    drugs: Drugs,
    places: Places,
    insurers: Insurers,
    texts: Texts,
}

impl Nation {
    /// Prepares the drugs and institutions of a nation; makes no patient yet.
    ///
    /// # Errors
    ///
    /// When `days` is 0 or reaches back before 1970.
    pub fn new(options: Options) -> io::Result<Self> {
        let Options { patients, seed, today, days } = options;
        let since = today.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24;
        let today = i32::try_from(since).map_err(io::Error::other)?;
        if days == 0 || i64::from(days) > since {
            let reason = format!("a history cannot span {days} days");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        let drugs = Drugs::load()?;
        let first = today - i32::try_from(days).unwrap_or(i32::MAX) + 1;
        let texts = Texts::of(&drugs, first, options.today, days);
        let (places, insurers) = (Places::of(patients), Insurers::all()?);
        Ok(Self { patients, seed, days, today, drugs, places, insurers, texts })
    }

    /// The insured identity of patient `ordinal`, who need not be one of the nation's.
    pub fn identity(&self, ordinal: u64) -> Identity {
        let mut random = Random::for_patient(self.seed, ordinal);
        // Drawn as `Life::live` draws it.
        self.insurers.identity(self.person(ordinal, &mut random).insured)
    }

    /// Everything that is written about patient `ordinal`, in the order of the files: the rows of a
    /// document follow each other.
    ///
    /// # Errors
    ///
    /// None that a caller can cause.
    pub fn rows(&self, ordinal: u64) -> io::Result<Vec<HistoryRow>> {
        let mut batch = Batch::default();
        Life::live(self, ordinal, &mut batch, &mut Scratch::default());
        let mut csv = text::header().into_bytes();
        text::append(self, &batch, &mut csv);
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        reader.deserialize().map(|row| row.map_err(io::Error::from)).collect()
    }

    /// Those of the nation's patients who go from pharmacy to pharmacy: 81 dispensings from 29
    /// pharmacies, some 300 lines.
    pub fn worst_patients(&self) -> impl Iterator<Item = u64> {
        let worst = life::WORST_ONE_IN;
        (0..self.patients / worst).map(move |n| (n + 1) * worst - 1)
    }

    /// Writes the canonical tables: the demo's, with the institutions of this nation.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn write_tables(&self, dir: &Path) -> io::Result<()> {
        demo::write_tables(dir)?;
        std::fs::write(dir.join("institutions.csv"), self.places.table())
    }

    /// Writes `history-00000` and so on into `dir`, and tells `advance` of patients that are done.
    /// What is held in memory does not depend on how large the nation is.
    ///
    /// # Errors
    ///
    /// When a file exists already or cannot be written.
    pub fn write_history(
        &self,
        dir: &Path,
        format: Format,
        files: u32,
        advance: impl Fn(u64) + Sync,
    ) -> io::Result<Totals> {
        file::write(self, dir, format, files, file::RUNS, advance)
    }

    fn person(&self, ordinal: u64, random: &mut Random) -> Person {
        let home = |random: &mut Random| self.places.home(random);
        Person::generate(ordinal, &self.insurers, home, self.seed, random)
    }

    fn first_day(&self) -> i32 {
        self.today - i32::try_from(self.days).unwrap_or(i32::MAX) + 1
    }
}
