//! A document of the outside world in the words of the check, before any table has been asked.
//!
//! Every reader of a message format gives these. Values stand as they were written, only freed from
//! what belongs to the format: eras are days, numbers of a format's own lists are the enums of the
//! engine. Nothing is resolved and nothing is guessed: what a format leaves out is `None` or empty,
//! and who registers or checks the document decides whether it may be.

use std::borrow::Cow;

use chofuku_engine::Day;
use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;

/// One prescription (処方箋), dispensing result (調剤結果) or in-house administration (院内処方等).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document<'t> {
    /// The line, entry or element of the input on which it begins, counted from 1.
    pub place: u64,
    /// Its own number, if the format carries one.
    pub id: Option<Cow<'t, str>>,
    /// What it is.
    pub kind: DocumentKind,
    /// Whose it is.
    pub patient: Option<Patient<'t>>,
    /// The basis day (S1): issue day (交付日) or dispensing day (調剤日).
    pub day: Option<Day>,
    /// Who issued it.
    pub institution: Option<Facility<'t>>,
    /// Who dispensed it.
    pub pharmacy: Option<Facility<'t>>,
    /// The prescription that a dispensing result names.
    pub prescription: Option<Cow<'t, str>>,
    /// Total uses of a refill prescription (リフィル); 0 where none is stated.
    pub refill_uses: u8,
    /// Which use a dispensing result is; 0 where none is stated.
    pub refill_use: u8,
    /// Its drugs and materials, in the order in which they were written.
    pub lines: Vec<Line<'t>>,
}

/// An insured identity (被保険者); parts that are not there are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patient<'t> {
    /// 保険者番号, of digits.
    pub insurer: Cow<'t, str>,
    /// 記号.
    pub symbol: Cow<'t, str>,
    /// 番号.
    pub number: Cow<'t, str>,
    /// 枝番.
    pub branch: Cow<'t, str>,
}

/// A medical institution (医療機関) or pharmacy (薬局).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facility<'t> {
    /// Ten digits: prefecture 2, point table 1, institution 7; empty where a part is missing.
    pub code: Cow<'t, str>,
    /// The name as written; may be empty.
    pub name: Cow<'t, str>,
}

/// One product in one RP (薬品レコード).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'t> {
    /// RP number, from 1.
    pub rp: u32,
    /// The drug code with its system; `None` where the writer gave none (コード種別 1).
    pub drug: Option<Code<'t>>,
    /// The name as written; may be empty.
    pub name: Cow<'t, str>,
    /// Dosage form (剤形区分) in the numbering of prescriptions, whatever the format's own is.
    pub form: Form,
    /// 調剤数量 as written; for a format that states a calendar span, the days of the span (S6).
    pub quantity: Cow<'t, str>,
    /// The usage code (用法コード); empty where there is none.
    pub usage: Cow<'t, str>,
    /// The usage in words (用法名称); may be empty.
    pub usage_text: Cow<'t, str>,
    /// Supplement codes of the usage (補足用法コード), eight characters each.
    pub supplements: Vec<Cow<'t, str>>,
    /// The dose (用量) as written; may be empty.
    pub dose: Cow<'t, str>,
    /// The unit of the dose (単位); may be empty.
    pub unit: Cow<'t, str>,
}

/// A drug code as written, and the system that was named beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code<'t> {
    /// The system.
    pub system: CodeSystem,
    /// The code, without surrounding blanks.
    pub code: Cow<'t, str>,
}
