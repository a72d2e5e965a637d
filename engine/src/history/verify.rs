//! Verification: every block, and every invariant of the history that a lookup relies on.

use rayon::prelude::*;

use crate::error::FormatError;
use crate::format::section::SectionId;
use crate::history::evidence::{self, Evidence};
use crate::history::{Cold, Entry, History, PatientRows};
use crate::history::{acknowledged, documents};
use crate::int;
use crate::period::Supply;

/// What was met, to be compared with what the dictionary says.
#[derive(Clone, Copy, Debug, Default)]
struct Met {
    patients: usize,
    documents: usize,
    records: usize,
    /// What the entries of all documents add up to.
    entries: u64,
}

impl Met {
    fn and(self, other: Self) -> Self {
        Self {
            patients: self.patients + other.patients,
            documents: self.documents + other.documents,
            records: self.records + other.records,
            entries: self.entries.wrapping_add(other.entries),
        }
    }
}

const ROWS: &str = SectionId::HistoryRows.file_name();

fn invalid(what: &'static str, found: usize) -> FormatError {
    FormatError::Invalid { section: ROWS, what, found: int::length(found) }
}

impl History {
    /// Reads every block, decodes every patient, and compares the counts.
    ///
    /// # Errors
    ///
    /// The first damaged block or broken invariant.
    pub fn verify(&self) -> Result<(), FormatError> {
        self.rows.verify()?;
        self.evidence.verify()?;
        self.holders.verify()?;
        let buckets = (0..self.buckets.count()).into_par_iter().with_min_len(1024);
        let met = buckets
            .map(|bucket| self.verify_bucket(bucket))
            .try_reduce(Met::default, |one, other| Ok(one.and(other)))?;
        for (what, found, expected) in [
            ("number of patients", met.patients, self.dictionary.patients),
            ("number of documents", met.documents, self.dictionary.documents),
            ("number of records", met.records, self.dictionary.records),
        ] {
            if int::length(found) != expected {
                return Err(invalid(what, found));
            }
        }
        let entries = self.documents.verify(self.buckets.count())?;
        if entries != met.entries {
            let section = SectionId::HistoryDocuments.file_name();
            return Err(FormatError::Invalid { section, what: "sum of entries", found: entries });
        }
        self.verify_holders(met.patients)
    }

    fn verify_bucket(&self, bucket: usize) -> Result<Met, FormatError> {
        let mut bytes = self.rows.slice(self.buckets.rows(bucket)?)?;
        let mut met = Met::default();
        let mut last = None;
        while !bytes.is_empty() {
            let (entry, rest) = Entry::split(bytes)?;
            let key = entry.header.low_bits();
            if last.is_some_and(|last| last >= key) || !self.belongs(key, bucket) {
                return Err(invalid("order of patients in bucket", bucket));
            }
            last = Some(key);
            let evidence = self.verify_entry(&entry, bucket, met.patients)?;
            let ids = evidence.documents().iter().map(|document| document.id.unpack());
            let entries = ids.map(|id| documents::hashed(id.as_str()) | int::length(bucket));
            met.entries = met.entries.wrapping_add(documents::sum(entries));
            for document in evidence.documents() {
                acknowledged::decode(document.acknowledged)?;
            }
            met.documents += evidence.documents().len();
            met.records += entry.rows.len();
            met.patients += 1;
            bytes = rest;
        }
        let cold = self.evidence.slice(self.buckets.evidence(bucket)?)?;
        if evidence::count(cold)? != met.patients {
            return Err(invalid("number of patients with evidence in bucket", bucket));
        }
        Ok(met)
    }

    /// Whether the bits that an entry shares with the number of its bucket agree with it.
    fn belongs(&self, low_bits: u128, bucket: usize) -> bool {
        let shared = (1_usize << (u128::BITS - 16 - self.buckets.shift.min(112))) - 1;
        let stored = usize::try_from(low_bits >> self.buckets.shift.min(112)).unwrap_or(usize::MAX);
        stored & shared == bucket & shared
    }

    fn verify_entry<'h>(
        &'h self,
        entry: &Entry<'h>,
        bucket: usize,
        rank: usize,
    ) -> Result<Evidence<'h>, FormatError> {
        for row in entry.rows {
            if int::to_usize(row.code()) >= self.dictionary.codes.len() {
                return Err(invalid("code ordinal", int::to_usize(row.code())));
            }
            let bits = row.supply_bits();
            Supply::from_bits(bits).ok_or(invalid("supply", usize::from(bits)))?;
            if !row.flags().are_known() {
                return Err(invalid("reserved flag of a row in bucket", bucket));
            }
        }
        let patient = PatientRows { rows: entry.rows, cold: Cold::Ranked { bucket, rank } };
        self.evidence(&patient, &self.dictionary.bounds())
    }

    fn verify_holders(&self, patients: usize) -> Result<(), FormatError> {
        (0..self.dictionary.codes.len()).into_par_iter().try_for_each(|code| {
            let holders = self.holders(int::ordinal(code))?;
            match holders.max() {
                Some(last) if int::to_usize(last) >= patients => {
                    Err(invalid("patient that holds a code", int::to_usize(last)))
                }
                _ => Ok(()),
            }
        })
    }
}
