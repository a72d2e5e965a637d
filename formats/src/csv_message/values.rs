//! Values that several records have: days, numbers, codes, institutions.

use std::borrow::Cow;

use chofuku_engine::Day;
use chofuku_engine::code::{CodeSystem, check_digit_holds, is_fixed_dummy};
use jiff::civil::Date;

use super::{Notes, Record};
use crate::document::{Code, Facility};
use crate::report::Reason;

/// The most characters of a value that a report repeats.
const SHOWN_MAX: usize = 40;
/// The greatest RP number of any layout: three digits.
const RP_MAX: u32 = 999;
const USAGE_LENGTH: usize = 16;
/// A number has at most six digits before and five behind the point.
const WHOLE_DIGITS: usize = 6;
const FRACTION_DIGITS: usize = 5;
const PREFECTURES: u8 = 47;
/// The eras: digit (prescriptions), letter (notebooks), first day, and the year before their first.
const ERAS: [(u8, u8, Date, i16); 5] = [
    (b'1', b'M', Date::constant(1868, 1, 25), 1867),
    (b'2', b'T', Date::constant(1912, 7, 30), 1911),
    (b'3', b'S', Date::constant(1926, 12, 25), 1925),
    (b'4', b'H', Date::constant(1989, 1, 8), 1988),
    (b'5', b'R', Date::constant(2019, 5, 1), 2018),
];

/// How a format writes the era of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EraNotation {
    /// Prescriptions: `5080915` is 15 September of the eighth year of 令和.
    Digit,
    /// Notebooks: `R080915`.
    Letter,
}

/// The kind of a drug code (薬品コード種別).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeKind {
    /// 1 なし.
    None,
    /// Any other.
    System(CodeSystem),
}

/// A value for a report, cut to a few characters.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(SHOWN_MAX).collect()
}

/// A day of `YYYYMMDD`, or of an era, its year, month and day. Only days that a history can hold:
/// half of a date of this century can be a day of 大正.
pub(crate) fn day(text: &str, notation: EraNotation) -> Option<Day> {
    let date = match *text.as_bytes() {
        [y1, y2, y3, y4, m1, m2, d1, d2] => {
            date(pair(y1, y2)? * 100 + pair(y3, y4)?, pair(m1, m2)?, pair(d1, d2)?)
        }
        [era, y1, y2, m1, m2, d1, d2] => {
            let year = pair(y1, y2)?;
            let date = |before| date(before + year, pair(m1, m2)?, pair(d1, d2)?);
            in_era(era, notation, year, date)
        }
        _ => None,
    };
    date.map(Day::from).filter(|day| day.to_row().is_some())
}

fn in_era(
    era: u8,
    notation: EraNotation,
    year: i16,
    date: impl Fn(i16) -> Option<Date>,
) -> Option<Date> {
    let is_era = |&(digit, letter, ..): &(u8, u8, Date, i16)| match notation {
        EraNotation::Digit => digit == era,
        EraNotation::Letter => letter == era.to_ascii_uppercase(),
    };
    let place = ERAS.iter().position(is_era)?;
    let (_, _, first, before) = *ERAS.get(place)?;
    let next = ERAS.get(place + 1).map(|era| era.2);
    let date = date(before).filter(|_| year > 0)?;
    (date >= first && next.is_none_or(|next| date < next)).then_some(date)
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn pair(tens: u8, ones: u8) -> Option<i16> {
    let are_digits = tens.is_ascii_digit() && ones.is_ascii_digit();
    are_digits.then(|| i16::from(tens - b'0') * 10 + i16::from(ones - b'0'))
}

/// A number in hundred-thousandths; `None` for what the layouts do not call a number.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let (mut value, mut whole, mut fraction) = (0, 0, None);
    for byte in text.bytes() {
        if byte == b'.' && fraction.is_none() {
            fraction = Some(0);
            continue;
        }
        let digits = fraction.as_mut().unwrap_or(&mut whole);
        *digits += 1;
        if !byte.is_ascii_digit() || whole > WHOLE_DIGITS || fraction > Some(FRACTION_DIGITS) {
            return None;
        }
        value = value * 10 + u64::from(byte - b'0');
    }
    if whole == 0 || fraction == Some(0) {
        return None;
    }
    Some((fraction.unwrap_or(0)..FRACTION_DIGITS).fold(value, |value, _| value * 10))
}

/// A number as written, with a note where it is none.
pub(crate) fn quantity<'t>(
    record: &Record<'t>,
    index: usize,
    field: &'static str,
    notes: &mut Notes<'_>,
) -> &'t str {
    let text = record.code(index, field, notes);
    if text.is_empty() {
        notes.note(record.line, record.number, field, Reason::Empty);
    } else if decimal(text).is_none() {
        let reason = Reason::Value { found: shown(text) };
        notes.note(record.line, record.number, field, reason);
    }
    text
}

/// The RP number in field 1, with a note where it is none.
pub(crate) fn rp_number(record: &Record<'_>, notes: &mut Notes<'_>) -> Option<u32> {
    let text = record.raw(1);
    let is_number = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.bytes().take(3).fold(0_u32, |sum, digit| {
        sum.wrapping_mul(10).wrapping_add(u32::from(digit.wrapping_sub(b'0')))
    });
    if is_number && (1..=RP_MAX).contains(&number) {
        return Some(number);
    }
    let found = shown(record.code(1, "RP番号", notes));
    let reason = if found.is_empty() { Reason::Empty } else { Reason::Value { found } };
    notes.note(record.line, record.number, "RP番号", reason);
    None
}

/// The system that a code kind names.
pub(crate) fn code_kind(text: &str) -> Option<CodeKind> {
    Some(match text {
        "1" => CodeKind::None,
        "2" => CodeKind::System(CodeSystem::Receipt),
        "3" => CodeKind::System(CodeSystem::Price),
        "4" => CodeKind::System(CodeSystem::Yj),
        "6" => CodeKind::System(CodeSystem::Hot),
        "7" => CodeKind::System(CodeSystem::Generic),
        _ => return None,
    })
}

/// The characters of a code of that system; the longest, where there are several lengths.
pub(crate) const fn length_of(system: CodeSystem) -> usize {
    match system {
        CodeSystem::Receipt => 9,
        CodeSystem::Price | CodeSystem::Yj | CodeSystem::Generic => 12,
        CodeSystem::Hot => 13,
        CodeSystem::Gtin => 14,
    }
}

/// Whether a code has the length and characters that its system prescribes.
pub(crate) fn has_shape(system: CodeSystem, code: &str) -> bool {
    let digits = || code.bytes().all(|byte| byte.is_ascii_digit());
    let capitals = || code.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    let is_whole = match system {
        CodeSystem::Receipt => code.len() == 9 && digits(),
        CodeSystem::Price | CodeSystem::Yj | CodeSystem::Generic => code.len() == 12 && capitals(),
        CodeSystem::Hot => matches!(code.len(), 7 | 9 | 11 | 13) && digits(),
        CodeSystem::Gtin => code.len() == 14 && digits(),
    };
    is_whole || is_fixed_dummy(code)
}

/// Whether a code can only be a drug's: a receipt code beginning with 6, or a price or YJ code with
/// its check digit, or one of the systems that know nothing else.
pub(crate) fn names_a_drug(system: CodeSystem, code: &str) -> bool {
    has_shape(system, code)
        && match system {
            CodeSystem::Receipt => code.starts_with('6'),
            CodeSystem::Price | CodeSystem::Yj => check_digit_holds(code),
            CodeSystem::Hot | CodeSystem::Generic => true,
            CodeSystem::Gtin => false,
        }
}

/// Whether a code is a drug's unless the writer was wrong: every code of its system's shape, apart
/// from receipt codes, which materials have too.
pub(crate) fn is_drug_code(code: &Code<'_>) -> bool {
    has_shape(code.system, &code.code)
        && (code.system != CodeSystem::Receipt || code.code.starts_with('6'))
}

/// The usage code of a field; empty, and noted, where it is none.
pub(crate) fn usage_code<'t>(record: &Record<'t>, index: usize, notes: &mut Notes<'_>) -> &'t str {
    let code = record.code(index, "用法コード", notes);
    let is_code =
        code.len() == USAGE_LENGTH && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_code || code.is_empty() {
        return code;
    }
    let reason = Reason::Code { expected: USAGE_LENGTH, found: shown(code) };
    notes.note(record.line, record.number, "用法コード", reason);
    ""
}

/// Where a record has the parts of an institution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FacilityFields {
    pub(crate) prefecture: usize,
    pub(crate) point_table: usize,
    pub(crate) code: usize,
    pub(crate) name: usize,
}

/// An institution: its code only if all three parts of it are there.
pub(crate) fn facility<'t>(
    record: &Record<'t>,
    fields: FacilityFields,
    notes: &mut Notes<'_>,
) -> Facility<'t> {
    let digits = |index: usize, length: usize| {
        let part = record.ascii(index)?;
        let is_number = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then_some(part)
    };
    let prefecture = digits(fields.prefecture, 2)
        .filter(|part| part.parse().is_ok_and(|number| (1..=PREFECTURES).contains(&number)));
    let point_table = digits(fields.point_table, 1).filter(|part| "1346".contains(*part));
    let code = digits(fields.code, 7);
    let mut missing = |index, field, is_there: bool| {
        if !is_there {
            let found = shown(record.code(index, field, notes));
            let reason = if found.is_empty() { Reason::Empty } else { Reason::Value { found } };
            notes.note(record.line, record.number, field, reason);
        }
    };
    missing(fields.prefecture, "都道府県コード", prefecture.is_some());
    missing(fields.point_table, "点数表", point_table.is_some());
    missing(fields.code, "医療機関等コード", code.is_some());
    let name = record.text(fields.name, "名称", notes);
    let code = match (prefecture, point_table, code) {
        (Some(prefecture), Some(point_table), Some(code)) => {
            Cow::Owned([prefecture, point_table, code].concat())
        }
        _ => Cow::Borrowed(""),
    };
    Facility { code, name: name.into() }
}

#[cfg(test)]
mod tests;
