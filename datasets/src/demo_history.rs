//! `history.csv` for a demonstration: the story patients, then any number of generated ones.

use std::io;

use jiff::civil::Date;

use crate::{
    course::Course, formulary::Formulary, person::Person, places::Places, random::Random,
    row::HistoryRow, story,
};

#[cfg(test)]
mod tests;

/// Which history to make. The same options give the same bytes on every machine.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Another seed, other patients. The story patients do not depend on it.
    pub seed: u64,
    /// How many patients to generate beside the story patients.
    pub patients: u32,
    /// The day on which the demonstration takes place; no document is younger.
    pub today: Date,
}

/// All rows of the history, patient by patient.
pub fn rows(options: &Options) -> io::Result<Vec<HistoryRow>> {
    let mut rows = Vec::new();
    each_row(options, |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

/// Writes the history as CSV with a header, and returns how many rows it has.
pub fn write(out: impl io::Write, options: &Options) -> io::Result<u64> {
    let mut writer = csv::Writer::from_writer(out);
    let mut count = 0;
    each_row(options, |row| {
        count += 1;
        writer.serialize(row).map_err(io::Error::from)
    })?;
    writer.flush()?;
    Ok(count)
}

fn each_row(
    options: &Options,
    mut sink: impl FnMut(HistoryRow) -> io::Result<()>,
) -> io::Result<()> {
    for story in story::stories(options.today) {
        for row in story.rows() {
            sink(row)?;
        }
    }
    let formulary = Formulary::load()?;
    let places = Places::all();
    for ordinal in 0..options.patients {
        let mut random = Random::for_patient(options.seed, u64::from(ordinal));
        let person = Person::generate(ordinal, &mut random);
        for document in Course::of(&person, &formulary, &places, options.today, random) {
            for row in document.rows(&person.identity) {
                sink(row)?;
            }
        }
    }
    Ok(())
}
