//! Which format an input is, from its first bytes.

use crate::eprescription::{self, FRAGMENT, Header};
use crate::notebook;

/// How many bytes of the input are looked at.
const LOOKED_AT: usize = 256;
const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// A format of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// 電子処方箋 処方情報 CSV (`SJ1`): [`eprescription`].
    ElectronicPrescription,
    /// The two-dimensional symbol of a paper prescription (`JAHIS10`): [`eprescription`].
    PrescriptionSymbol,
    /// Records 101, 111 and 201 without a header: [`eprescription`].
    PrescriptionFragment,
    /// お薬手帳 (`JAHISTC08`): [`notebook`].
    Notebook,
    /// FHIR as JSON or NDJSON: [`fhir`](crate::fhir).
    Fhir,
    /// オンライン資格確認 薬剤情報 XML: [`online_eligibility`](crate::online_eligibility).
    DrugHistory,
    /// レセプト電算処理 UKE: [`receipt`](crate::receipt).
    Receipts,
}

/// Tells the format of an input; `None` where its first line belongs to none that is known.
///
/// Only the beginning is looked at, so that the rest may still be damaged: the reader says so.
pub fn detect(bytes: &[u8]) -> Option<Format> {
    let bytes = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    let bytes = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes).trim_ascii_start();
    let field = bytes.split(|byte| matches!(byte, b',' | b'\r' | b'\n')).next()?;
    match bytes {
        [b'{', ..] => return Some(Format::Fhir),
        [b'<', ..] => return Some(Format::DrugHistory),
        _ => {}
    }
    let field = str::from_utf8(field).ok()?.trim();
    if matches!(field, "IR" | "YK" | "UK") {
        return Some(Format::Receipts);
    }
    if notebook::version(field).is_some() {
        return Some(Format::Notebook);
    }
    match eprescription::header(field) {
        Some(Header::Electronic(_)) => Some(Format::ElectronicPrescription),
        Some(Header::Symbol(_)) => Some(Format::PrescriptionSymbol),
        None => {
            let is_number = field.bytes().all(|byte| byte.is_ascii_digit());
            let number = field.parse().ok().filter(|_| is_number)?;
            FRAGMENT.contains(&number).then_some(Format::PrescriptionFragment)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_told_by_its_first_line() {
        for (text, format) in [
            ("SJ1\r\n1,1", Some(Format::ElectronicPrescription)),
            ("\u{feff}SJ1\n", Some(Format::ElectronicPrescription)),
            ("JAHIS10\r\n", Some(Format::PrescriptionSymbol)),
            ("JAHIS9", Some(Format::PrescriptionSymbol)),
            ("JAHISTC08,1\r\n", Some(Format::Notebook)),
            ("JAHISTC01", Some(Format::Notebook)),
            ("\r\n101,1,1,,7\r\n", Some(Format::PrescriptionFragment)),
            ("201,1,1,1,2", Some(Format::PrescriptionFragment)),
            ("1,1,1234567,13,", None),
            ("JAHIS", None),
            ("JAHISXY", None),
            ("+101,1", None),
            ("NOT_JAHIS\n1", None),
            ("<?xml version=\"1.0\"?>", Some(Format::DrugHistory)),
            ("{\"resourceType\":\"Bundle\"}", Some(Format::Fhir)),
            ("IR,1,13,1,1234567,,9", Some(Format::Receipts)),
            ("YK,1,13,4,1234567,", Some(Format::Receipts)),
            ("UK,1\r\nIR,1,13,1,1234567,,9", Some(Format::Receipts)),
            ("", None),
        ] {
            assert_eq!(detect(text.as_bytes()), format, "{text:?}");
        }
        assert_eq!(detect(&[0x8b, 0xe6, b',']), None);
        assert_eq!(detect(&[b'9'; 1_000]), None);
    }
}
