//! Records of the past, as evidence and in the history.

use serde::{Deserialize, Serialize};

use crate::request::CodeSystem;
use crate::word::words;

words! {
    /// What a basis day is the day of.
    Basis {
        /// A prescription was issued.
        Prescribed = "prescribed",
        /// It was dispensed.
        Dispensed = "dispensed",
        /// It was administered in-house.
        InHouse = "in_house",
    }
}

words! {
    /// Where the number of days of a period comes from.
    DaysFrom {
        /// The quantity is days.
        Days = "days",
        /// The quantity is intake days, spread over the calendar.
        Interval = "interval",
        /// Doses are never days.
        AsNeeded = "default_as_needed",
        /// Form 3.
        External = "default_external",
        /// Form 4.
        Drops = "default_drops",
        /// Form 5.
        Injection = "default_injection",
        /// Form 9.
        Other = "default_other",
        /// Form 1 without a quantity.
        QuantityMissing = "default_quantity_missing",
        /// Form 1 with a quantity of zero.
        QuantityZero = "default_quantity_zero",
        /// Form 1 with a quantity that is not a whole number.
        QuantityNotWhole = "default_quantity_not_whole",
        /// Form 1 with more than 999 days.
        QuantityOver999 = "default_quantity_over_999",
        /// A material has no period.
        None = "none",
    }
}

words! {
    /// How a code came to mean its products.
    Resolution {
        /// The code is in the table.
        Exact = "exact",
        /// By the products whose code begins with the same nine characters.
        First9 = "first9",
        /// By the products whose code begins with the same seven characters.
        Yj7 = "yj7",
        /// The code stands for no known drug.
        Dummy = "dummy",
        /// Nothing is known of it.
        Unresolved = "unknown",
    }
}

/// A record of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// The id of its document.
    pub document: String,
    /// What its basis day is the day of.
    pub basis: Basis,
    /// The day from which its period counts, `YYYY-MM-DD`.
    pub basis_day: String,
    /// The length of its period in days.
    pub days: u32,
    /// Where the number of days comes from.
    pub days_from: DaysFrom,
    /// The last day of its period.
    pub end_day: String,
    /// Whether it counts beyond the window because it is a refill.
    pub refill_exempt: bool,
    /// Its drug.
    pub drug: RecordDrug,
    /// How the code of the drug was resolved.
    pub resolution: Resolution,
    /// Dosage form (剤形区分), by its number.
    pub form: u8,
    /// Its quantity as it was written.
    pub quantity: Option<String>,
    /// How it is taken.
    pub usage: Option<Usage>,
    /// The number of its RP.
    pub rp: u32,
    /// The institution that prescribed it.
    pub institution: Option<Facility>,
    /// The pharmacy that dispensed it.
    pub pharmacy: Option<Facility>,
}

/// A record that is still taken and that the rule does not see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BlindSpot {
    /// The id of its document.
    pub document: String,
    /// The number of its RP.
    pub rp: u32,
    /// Its drug.
    pub drug: RecordDrug,
    /// The day from which its period counts.
    pub basis_day: String,
    /// The length of its period in days.
    pub days: u32,
    /// The last day of its period.
    pub end_day: String,
}

/// Counts over the evidence of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Totals {
    /// Records.
    pub records: u64,
    /// Different institutions.
    pub institutions: u64,
    /// Different pharmacies.
    pub pharmacies: u64,
    /// The first basis day.
    pub first_day: String,
    /// The last day of the longest period.
    pub last_day: String,
    /// Days from the check day to `last_day`.
    pub days_left: i64,
}

/// A drug of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordDrug {
    /// The system of its code.
    pub system: CodeSystem,
    /// Its code as it was written.
    pub code: String,
    /// The name that the tables know it by.
    pub name: Option<String>,
}

/// How a record is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Usage {
    /// The usage code (用法コード).
    pub code: String,
    /// What the usage master says of it.
    pub text: Option<String>,
}

/// A medical institution or pharmacy of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Facility {
    /// Its code.
    pub code: String,
    /// Its name, if it is known.
    pub name: Option<String>,
}
