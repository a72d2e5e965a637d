//! Drugs bought without a prescription (要指導医薬品・一般用医薬品).

use std::borrow::Cow;

use chofuku_engine::Day;

use super::reader::optional_day;
use crate::csv_message::{Notes, Record, Width};
use crate::report::Reason;

/// A drug bought without a prescription (record 3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtcDrug<'t> {
    /// The line of its file.
    pub place: u64,
    /// The name as written; empty where only components are there.
    pub name: Cow<'t, str>,
    /// The first day of intake (服用開始年月日).
    pub from: Option<Day>,
    /// The last day of intake (服用終了年月日).
    pub to: Option<Day>,
    /// Its number in the notebook (連番), to which components refer; may be empty.
    pub sequence: Cow<'t, str>,
    /// The code of its package (JAN); may be empty.
    pub code: Cow<'t, str>,
    /// What it contains (record 31).
    pub components: Vec<OtcComponent<'t>>,
}

/// A component of a drug bought without a prescription (record 31).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtcComponent<'t> {
    /// The name as written.
    pub name: Cow<'t, str>,
    /// 成分コード種別 as written; may be empty.
    pub code_kind: Cow<'t, str>,
    /// 成分コード as written; may be empty.
    pub code: Cow<'t, str>,
}

/// Record 3.
pub(super) fn drug<'t>(record: &Record<'t>, notes: &mut Notes<'_>) -> OtcDrug<'t> {
    let name = record.text(1, "薬品名称", notes);
    if record.width(2, 7, notes) == Width::Long {
        let name = name.into();
        return OtcDrug { place: record.line, name, ..OtcDrug::default() };
    }
    OtcDrug {
        place: record.line,
        name: name.into(),
        from: optional_day(record, 2, "服用開始年月日", notes),
        to: optional_day(record, 3, "服用終了年月日", notes),
        sequence: record.code(5, "連番", notes).into(),
        code: record.code(6, "JANコード", notes).into(),
        components: Vec::new(),
    }
}

/// Record 31, into the latest drug of its number.
pub(super) fn component<'t>(
    record: &Record<'t>,
    drugs: &mut Vec<OtcDrug<'t>>,
    notes: &mut Notes<'_>,
) {
    let width = record.width(3, 6, notes);
    let sequence = record.code(1, "連番", notes);
    let name = record.text(2, "成分名称", notes);
    let code = |index, field, notes: &mut Notes<'_>| match width {
        Width::Long => "",
        Width::Short | Width::Whole => record.code(index, field, notes),
    };
    let code_kind = code(3, "成分コード種別", notes);
    let code = code(4, "成分コード", notes);
    let component =
        OtcComponent { name: name.into(), code_kind: code_kind.into(), code: code.into() };
    // Components stand behind their drug; a name between them belongs to another drug.
    match drugs.last_mut() {
        Some(drug) if drug.sequence == sequence => drug.components.push(component),
        _ => {
            notes.note(record.line, 31, "連番", Reason::NoParent { needed: "3" });
            let (place, sequence) = (record.line, sequence.into());
            let components = vec![component];
            drugs.push(OtcDrug { place, sequence, components, ..OtcDrug::default() });
        }
    }
}
