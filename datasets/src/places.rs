//! Where demo patients go: the fictitious institutions of the embedded table.

use crate::demo;

/// Codes of institutions, by what they are.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) clinics: Vec<String>,
    pub(crate) dentists: Vec<String>,
    pub(crate) pharmacies: Vec<String>,
}

impl Places {
    /// All of the table. The third digit of a code is the point table: 1 医科, 3 歯科, 4 調剤.
    pub(crate) fn all() -> Self {
        let with = |point_table: u8| {
            let codes = demo::INSTITUTIONS.lines().skip(1).filter_map(|row| row.split(',').next());
            let found = codes.filter(|code| code.as_bytes().get(2) == Some(&point_table));
            found.map(str::to_owned).collect()
        };
        Self { clinics: with(b'1'), dentists: with(b'3'), pharmacies: with(b'4') }
    }
}
