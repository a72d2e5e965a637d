//! One row of `history.csv`: the loader's input format, stated a second time on purpose.

use serde::{Deserialize, Serialize};

/// A line of a document with everything that is known of the document; fields are cells of text.
///
/// Names and order are those of the canonical history table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// The id of the document.
    pub document: String,
    /// `prescription`, `dispensing` or `in_house`.
    pub kind: String,
    /// `outpatient`, `discharge` or `inpatient`, for `in_house` only.
    pub setting: String,
    /// Insurer number (保険者番号).
    pub insurer: String,
    /// Symbol (記号).
    pub symbol: String,
    /// Number (番号).
    pub number: String,
    /// Branch (枝番).
    pub branch: String,
    /// Always empty: every demo patient has an insured identity.
    pub patient_id: String,
    /// The day of the document, `YYYY-MM-DD`.
    pub date: String,
    /// The issuing institution, 10 digits.
    pub institution: String,
    /// The dispensing pharmacy, 10 digits.
    pub pharmacy: String,
    /// The prescription that a dispensing result names.
    pub prescription: String,
    /// Total uses of a refill prescription.
    pub refill_uses: String,
    /// Which use a dispensing result is.
    pub refill_use: String,
    /// RP number.
    pub rp: String,
    /// `receipt`, `yj` or `generic`.
    pub drug_system: String,
    /// The code.
    pub drug_code: String,
    /// The name as written in the document.
    pub drug_name: String,
    /// Dosage form (剤形区分).
    pub form: String,
    /// Dispensing quantity (調剤数量).
    pub quantity: String,
    /// Usage code, 16 characters.
    pub usage: String,
    /// Supplement codes, separated by `;`.
    pub usage_supplements: String,
    /// Empty or `cancelled`.
    pub status: String,
}
