//! The canonical tables: the only input that `compile` knows, as rows of text.
//!
//! Everything of the outside world is turned into these UTF-8 CSV files first, so that a person
//! can read, correct and version what the engine will use. A field is the text of its cell;
//! [`crate::tables`] writes the rows and [`crate::compile`] gives them meaning.

use serde::{Deserialize, Serialize};

/// `ingredients.csv`: one row an ingredient (成分), an active moiety with an id of our own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngredientRow {
    /// The id that `drugs.csv` and `contraindications.csv` use.
    pub id: String,
    /// The Japanese name.
    pub name_ja: String,
    /// The English name; may be empty.
    pub name_en: String,
}

/// `drugs.csv`: one row a product (医薬品). Several codes of one system are separated by `;`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrugRow {
    /// YJ codes (個別医薬品コード), 12 characters.
    pub yj: String,
    /// Price-list codes (薬価基準収載医薬品コード), 12 characters.
    pub price: String,
    /// Receipt codes (レセプト電算処理システム用コード), 9 digits.
    pub receipt: String,
    /// Generic-name codes (一般名コード), 12 characters.
    pub generic: String,
    /// HOT codes, 7, 9, 11 or 13 digits.
    pub hot: String,
    /// GTINs, 14 digits.
    pub gtin: String,
    /// The name on the price list.
    pub name: String,
    /// Further names, separated by `;`.
    pub aliases: String,
    /// The reading in katakana; may be empty.
    pub kana: String,
    /// `ingredient@route` pairs, separated by `;`.
    pub substances: String,
    /// The first day of insurance coverage, `YYYY-MM-DD`; empty where it is open.
    pub covered_from: String,
    /// The last day of insurance coverage, `YYYY-MM-DD`; empty where it is open.
    pub covered_to: String,
    /// `1` for a code that stands for no known drug (ダミーコード), else `0` or empty.
    pub dummy: String,
}

/// `contraindications.csv`: one row a contraindicated pair (併用禁忌) stated by a package insert.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContraindicationRow {
    /// The ingredient of side a.
    pub a_ingredient: String,
    /// Routes of side a, separated by `;`; empty means any.
    pub a_routes: String,
    /// YJ prefixes, one of which must begin a code of side a's product; empty means any.
    pub a_only: String,
    /// YJ prefixes that except a product from side a.
    pub a_except: String,
    /// The ingredient of side b.
    pub b_ingredient: String,
    /// Routes of side b, separated by `;`; empty means any.
    pub b_routes: String,
    /// YJ prefixes, one of which must begin a code of side b's product; empty means any.
    pub b_only: String,
    /// YJ prefixes that except a product from side b.
    pub b_except: String,
    /// Where it is stated: the id of the insert, or the source it was read from.
    pub insert: String,
    /// The revision of the insert, `YYYY-MM` or `YYYY-MM-DD`.
    pub revised: String,
    /// The section of the insert, such as `10.1`.
    pub section: String,
    /// Whose insert states it: `a`, `b` or `both`.
    pub stated_by: String,
    /// A condition that a request cannot answer (dose, indication, phase), as text.
    pub condition: String,
    /// Clinical symptoms and measures (臨床症状・措置方法).
    pub measures: String,
    /// Mechanism and risk factors (機序・危険因子).
    pub mechanism: String,
    /// Days after the end of a during which b must not start.
    pub washout_a: String,
    /// Days after the end of b during which a must not start.
    pub washout_b: String,
    /// The first day on which the row holds; empty where it is open.
    pub valid_from: String,
    /// The last day on which the row holds; empty where it is open.
    pub valid_to: String,
}

/// `institutions.csv`: medical institutions and pharmacies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstitutionRow {
    /// Ten digits: prefecture 2, point table 1, institution 7.
    pub code: String,
    /// The name.
    pub name: String,
}

/// `usages.csv` (may be absent): what usage codes (用法コード) say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageTextRow {
    /// The code, 16 characters.
    pub code: String,
    /// It in words (用法名称).
    pub text: String,
    /// The first day on which it may be used, `YYYY-MM-DD`; empty where it is open.
    pub valid_from: String,
    /// The last day on which it may be used, `YYYY-MM-DD`; empty where it is open.
    pub valid_to: String,
}

/// `revisions.csv` (may be absent): which edition of its sources a table was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionRow {
    /// `drugs` or `contraindications`.
    pub table: String,
    /// What every answer names as the revision, such as `2025-08-14`.
    pub revision: String,
    /// The sources, for a reader.
    pub source: String,
}

/// `history*.csv`: one row a line of a document; rows of a document may lie apart.
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
    /// Symbol (記号) of the insured identity.
    pub symbol: String,
    /// Number (番号) of the insured identity.
    pub number: String,
    /// Branch (枝番).
    pub branch: String,
    /// An opaque id of the caller's, instead of the insured identity.
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
    /// `receipt`, `price`, `yj`, `hot`, `generic` or `gtin`.
    pub drug_system: String,
    /// The code.
    pub drug_code: String,
    /// The name as written in the document; may be empty.
    pub drug_name: String,
    /// Dosage form (剤形区分) 1–6 or 9.
    pub form: String,
    /// Dispensing quantity (調剤数量), a decimal.
    pub quantity: String,
    /// Usage code, 16 characters.
    pub usage: String,
    /// Supplement codes of 8 characters, separated by `;`.
    pub usage_supplements: String,
    /// Empty or `cancelled`.
    pub status: String,
}
