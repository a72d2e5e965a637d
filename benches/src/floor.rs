//! The floor of a check: one dependent random read of eight bytes over the same hot file.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use chofuku_engine::format::section::{BLOCK_BYTES, Section, SectionId};

use crate::data;
use crate::dice::mix;

/// Reads of one timed chain: enough that the clock does not count.
const CHAIN: u32 = 32;

/// A mapping of `history-rows`, and where the chase is.
#[derive(Debug)]
pub struct Floor {
    section: Section,
    at: u64,
}

impl Floor {
    /// Maps the hot section of the generation in force, every page of it.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    pub fn open(data: &Path) -> Result<Self> {
        let path = data::section(data, SectionId::HistoryRows)?;
        let section = Section::open(&path, SectionId::HistoryRows)?;
        let floor = Self { section, at: 1 };
        let pages = floor.section.file_bytes().iter().step_by(BLOCK_BYTES);
        black_box(pages.fold(0_u64, |sum, byte| sum + u64::from(*byte)));
        Ok(floor)
    }

    /// The time of one read, from a chain in which each place follows from the value before.
    pub fn read(&mut self) -> Duration {
        let bytes = self.section.file_bytes();
        let words = u128::try_from(bytes.len() / 8).unwrap_or(0);
        let mut at = self.at;
        let start = Instant::now();
        for _ in 0..CHAIN {
            let word = (u128::from(mix(at)) * words) >> 64;
            let place = usize::try_from(word).unwrap_or(0) * 8;
            let value = bytes.get(place..).and_then(|rest| rest.first_chunk::<8>());
            at = at.wrapping_add(u64::from_le_bytes(*value.unwrap_or(&[0; 8]))).wrapping_add(1);
        }
        let took = start.elapsed();
        self.at = black_box(at);
        took / CHAIN
    }
}
