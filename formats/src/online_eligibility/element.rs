//! The elements of the three trees, by what they mean.

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
pub(super) fn element(name: &str) -> Option<Element> {
    let field = match name {
        "MeTrMonthInf" => return Some(Element::Month(Tree::Claims)),
        "CzDiMonthInf" => return Some(Element::Month(Tree::Dispensing)),
        "ShPrMonthInf" => return Some(Element::Month(Tree::Prescription)),
        "DiDateInf" | "CzDiDateInf" | "ShPrDateInf" => return Some(Element::Block),
        "DrugInf" | "CzDrugInf" | "ShDrugInf" => return Some(Element::Drug),
        "Name" => Field::Name,
        "KanaName" => Field::Kana,
        "Birth" => Field::Birth,
        "AdmGendCode" => Field::Sex,
        "MeTrDiHCd" | "CzMeTrDiHCd" | "ShMeTrDiHCd" => Field::DispenserCode,
        "MeTrDiHNm" | "CzMeTrDiHNm" | "ShMeTrDiHNm" => Field::DispenserName,
        "PrlsHCd" | "CzPrlsHCd" | "ShPrHCd" => Field::PrescriberCode,
        "PrlsHNm" | "CzPrlsHNm" | "ShPrHNm" | "MedicalInstitutionName" => Field::PrescriberName,
        "MeTrMonth" | "CzDiMonth" | "ShPrMonth" => Field::Month,
        "InOut" | "CzPrCl" | "ShPrCl" => Field::InOut,
        "DiDate" | "CzDiDate" | "ShPrDate" => Field::Day,
        "PrDate" | "CzPrDate" => Field::Prescribed,
        "DrugC" | "CzDrugC" | "ShDrugC" => Field::Code,
        "DrugN" | "CzDrugN" | "ShDrugN" => Field::DrugName,
        "IngreN" | "CzIngreN" | "ShIngreN" => Field::Ingredient,
        "Qua1" | "CzQua1" | "ShQua1" => Field::Amount,
        "Unit" | "CzUnit" | "ShUnit" => Field::Unit,
        "UsageN" | "CzUsageN" | "ShUsageN" => Field::Usage,
        "SpInst" | "CzSpInst" | "ShSpInst" => Field::Special,
        "Times" | "CzTimes" | "ShTimes" => Field::Times,
        "MeTrIdCl" | "CzUsageCl" | "ShUsageCl" => Field::Class,
        _ => return None,
    };
    Some(Element::Field(field))
}
