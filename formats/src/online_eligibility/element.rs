//! The elements of the three trees, by what they mean.

use std::borrow::Cow;

use super::Tree;

/// An element that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// A month of one institution.
    Month(Tree),
    /// A day of it.
    Block,
    /// A drug of the day.
    Drug,
    /// A value.
    Field(Field),
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Name,
    Kana,
    Birth,
    Sex,
    DispenserCode,
    DispenserName,
    PrescriberCode,
    PrescriberName,
    Month,
    InOut,
    Day,
    Prescribed,
    Code,
    DrugName,
    Ingredient,
    Amount,
    Unit,
    Usage,
    Special,
    Times,
    Class,
}

impl Field {
    /// The element of the tree of claims.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Kana => "KanaName",
            Self::Birth => "Birth",
            Self::Sex => "AdmGendCode",
            Self::DispenserCode => "MeTrDiHCd",
            Self::DispenserName => "MeTrDiHNm",
            Self::PrescriberCode => "PrlsHCd",
            Self::PrescriberName => "PrlsHNm",
            Self::Month => "MeTrMonth",
            Self::InOut => "InOut",
            Self::Day => "DiDate",
            Self::Prescribed => "PrDate",
            Self::Code => "DrugC",
            Self::DrugName => "DrugN",
            Self::Ingredient => "IngreN",
            Self::Amount => "Qua1",
            Self::Unit => "Unit",
            Self::Usage => "UsageN",
            Self::Special => "SpInst",
            Self::Times => "Times",
            Self::Class => "MeTrIdCl",
        }
    }
}

/// What an element is, by its local name; `None` for one that is not used.
///
/// By length first: a name is compared with a handful of others instead of with all.
#[expect(clippy::too_many_lines, reason = "one table of names")]
pub(super) fn element(name: &str) -> Option<Element> {
    let field = match name.len() {
        4 => match name {
            "Name" => Field::Name,
            "Qua1" => Field::Amount,
            "Unit" => Field::Unit,
            _ => return None,
        },
        5 => match name {
            "Birth" => Field::Birth,
            "InOut" => Field::InOut,
            "DrugC" => Field::Code,
            "DrugN" => Field::DrugName,
            "Times" => Field::Times,
            _ => return None,
        },
        6 => match name {
            "CzPrCl" | "ShPrCl" => Field::InOut,
            "DiDate" => Field::Day,
            "PrDate" => Field::Prescribed,
            "IngreN" => Field::Ingredient,
            "CzQua1" | "ShQua1" => Field::Amount,
            "CzUnit" | "ShUnit" => Field::Unit,
            "UsageN" => Field::Usage,
            "SpInst" => Field::Special,
            _ => return None,
        },
        7 => match name {
            "DrugInf" => return Some(Element::Drug),
            "PrlsHCd" | "ShPrHCd" => Field::PrescriberCode,
            "PrlsHNm" | "ShPrHNm" => Field::PrescriberName,
            "CzDrugC" | "ShDrugC" => Field::Code,
            "CzDrugN" | "ShDrugN" => Field::DrugName,
            "CzTimes" | "ShTimes" => Field::Times,
            _ => return None,
        },
        8 => match name {
            "KanaName" => Field::Kana,
            "CzDiDate" | "ShPrDate" => Field::Day,
            "CzPrDate" => Field::Prescribed,
            "CzIngreN" | "ShIngreN" => Field::Ingredient,
            "CzUsageN" | "ShUsageN" => Field::Usage,
            "CzSpInst" | "ShSpInst" => Field::Special,
            "MeTrIdCl" => Field::Class,
            _ => return None,
        },
        9 => match name {
            "DiDateInf" => return Some(Element::Block),
            "CzDrugInf" | "ShDrugInf" => return Some(Element::Drug),
            "MeTrDiHCd" => Field::DispenserCode,
            "MeTrDiHNm" => Field::DispenserName,
            "CzPrlsHCd" => Field::PrescriberCode,
            "CzPrlsHNm" => Field::PrescriberName,
            "MeTrMonth" | "CzDiMonth" | "ShPrMonth" => Field::Month,
            "CzUsageCl" | "ShUsageCl" => Field::Class,
            _ => return None,
        },
        11 => match name {
            "CzDiDateInf" | "ShPrDateInf" => return Some(Element::Block),
            "AdmGendCode" => Field::Sex,
            "CzMeTrDiHCd" | "ShMeTrDiHCd" => Field::DispenserCode,
            "CzMeTrDiHNm" | "ShMeTrDiHNm" => Field::DispenserName,
            _ => return None,
        },
        12 => match name {
            "MeTrMonthInf" => return Some(Element::Month(Tree::Claims)),
            "CzDiMonthInf" => return Some(Element::Month(Tree::Dispensing)),
            "ShPrMonthInf" => return Some(Element::Month(Tree::Prescription)),
            _ => return None,
        },
        22 => match name {
            "MedicalInstitutionName" => Field::PrescriberName,
            _ => return None,
        },
        _ => return None,
    };
    Some(Element::Field(field))
}

/// A value without surrounding blanks.
pub(super) fn trim(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    if is_plain(text.as_bytes().first()) && is_plain(text.as_bytes().last()) {
        return text;
    }
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}
