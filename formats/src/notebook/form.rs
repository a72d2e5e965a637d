//! The dosage forms of notebooks and dispensing results, whose digits mean other forms than those of
//! prescriptions.

use chofuku_engine::period::Form;

/// Dosage form (剤形コード) as notebooks and dispensing results number it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DispensingForm {
    /// 1 内服.
    Oral,
    /// 2 内滴.
    Drops,
    /// 3 屯服.
    AsNeeded,
    /// 4 注射.
    Injection,
    /// 5 外用.
    External,
    /// 6 浸煎, steeped from crude drugs and drunk.
    Infusion,
    /// 7 湯, crude drugs that the patient decocts and drinks.
    Decoction,
    /// 9 材料.
    Material,
    /// 10 その他.
    Other,
}

impl DispensingForm {
    /// The form of that number as written; 8 and everything else is none.
    pub fn from_number(number: &str) -> Option<Self> {
        Some(match number {
            "1" => Self::Oral,
            "2" => Self::Drops,
            "3" => Self::AsNeeded,
            "4" => Self::Injection,
            "5" => Self::External,
            "6" => Self::Infusion,
            "7" => Self::Decoction,
            "9" => Self::Material,
            "10" => Self::Other,
            _ => return None,
        })
    }

    /// The form in the numbering of prescriptions. Infusions and decoctions are drunk, and counted
    /// in days: they are oral.
    pub const fn form(self) -> Form {
        match self {
            Self::Oral | Self::Infusion | Self::Decoction => Form::Oral,
            Self::Drops => Form::Drops,
            Self::AsNeeded => Form::AsNeeded,
            Self::Injection => Form::Injection,
            Self::External => Form::External,
            Self::Material => Form::Material,
            Self::Other => Form::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_are_not_those_of_prescriptions() {
        for (number, form) in [
            ("1", Some(Form::Oral)),
            ("2", Some(Form::Drops)),
            ("3", Some(Form::AsNeeded)),
            ("4", Some(Form::Injection)),
            ("5", Some(Form::External)),
            ("6", Some(Form::Oral)),
            ("7", Some(Form::Oral)),
            ("8", None),
            ("9", Some(Form::Material)),
            ("10", Some(Form::Other)),
            ("", None),
            ("01", None),
            ("１", None),
        ] {
            let found = DispensingForm::from_number(number).map(DispensingForm::form);
            assert_eq!(found, form, "{number:?}");
        }
    }
}
