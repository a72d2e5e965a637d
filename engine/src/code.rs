//! Drug codes: the systems, the check digit (S15) and the codes that stand for no known drug.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A system of drug codes (S12). A code resolves by its own system only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum CodeSystem {
    /// Receipt code (レセプト電算処理システム用コード), 9 digits.
    Receipt = 2,
    /// Price-list code (薬価基準収載医薬品コード), 12 characters.
    Price = 3,
    /// YJ code (個別医薬品コード), 12 characters.
    Yj = 4,
    /// HOT code (標準医薬品コード), 7, 9, 11 or 13 digits.
    Hot = 6,
    /// Generic-name code (一般名コード), 12 characters.
    Generic = 7,
    /// GTIN of a package, 14 digits.
    Gtin = 8,
}

/// A name that is not a code system.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a code system; use receipt, price, yj, hot, generic or gtin")]
pub struct CodeSystemError {
    /// The text, cut to a few characters.
    pub found: String,
}

impl CodeSystem {
    /// Every system, in the order of the national code-kind numbers.
    pub const ALL: [Self; 6] =
        [Self::Receipt, Self::Price, Self::Yj, Self::Hot, Self::Generic, Self::Gtin];

    /// The name used in tables, requests and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Price => "price",
            Self::Yj => "yj",
            Self::Hot => "hot",
            Self::Generic => "generic",
            Self::Gtin => "gtin",
        }
    }

    /// Whether an unknown code of this system may fall back to its prefixes (S13).
    pub const fn has_prefix_fallback(self) -> bool {
        matches!(self, Self::Price | Self::Yj | Self::Generic)
    }

    /// Whether codes of this system end in a check digit (S15).
    pub const fn has_check_digit(self) -> bool {
        matches!(self, Self::Price | Self::Yj)
    }
}

impl fmt::Display for CodeSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for CodeSystem {
    type Err = CodeSystemError;

    fn from_str(text: &str) -> Result<Self, CodeSystemError> {
        Self::ALL
            .into_iter()
            .find(|system| system.name() == text)
            .ok_or_else(|| CodeSystemError { found: text.chars().take(24).collect() })
    }
}

/// Whether the code stands for a drug which has none, in whatever system it is named.
pub fn is_fixed_dummy(code: &str) -> bool {
    // Comparing lengths and bytes in place is faster than calling a comparison for each.
    matches!(code.as_bytes(), b"666660000" | b"777770000" | b"2000000X0000")
}

/// Weights 2 to 7 from the right, again and again.
const CHECK_WEIGHTS: [u32; 11] = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
/// The largest sum of eleven characters that count, each at most 9.
const CHECK_SUM_MAX: u32 = 9 * 47;
/// What a character counts that may not be there: by the smallest weight more than all others may.
const NO_CHECK_VALUE: u8 = u8::MAX;
const _: () = assert!(CHECK_SUM_MAX < 2 * 255);

/// What each character counts; letters from J and from S begin again.
const CHECK_VALUES: [u8; 256] = check_values();

const fn check_values() -> [u8; 256] {
    let mut values = [NO_CHECK_VALUE; 256];
    let mut rest: &mut [u8] = &mut values;
    let mut character = 0;
    while let [value, behind @ ..] = rest {
        *value = match character {
            b'0'..=b'9' => character - b'0',
            b'A'..=b'I' => character - b'A' + 1,
            b'J'..=b'R' => character - b'J' + 1,
            b'S'..=b'Z' => character - b'S' + 2,
            _ => NO_CHECK_VALUE,
        };
        character = character.wrapping_add(1);
        rest = behind;
    }
    values
}

/// The check digit of the first eleven characters of a YJ or price-list code, `None` where they
/// are not eleven digits or capital letters (S15).
///
/// Weights 2 to 7 repeat from the right; `A`–`I` and `J`–`R` count 1–9, `S`–`Z` 2–9.
pub fn check_digit(body: &str) -> Option<u8> {
    if body.len() != 11 {
        return None;
    }
    let mut sum = 0;
    for (character, weight) in body.bytes().zip(CHECK_WEIGHTS) {
        let value = CHECK_VALUES.get(usize::from(character)).copied();
        sum += u32::from(value.unwrap_or(NO_CHECK_VALUE)) * weight;
    }
    if sum > CHECK_SUM_MAX {
        return None;
    }
    let digit = 11 - sum % 11;
    u8::try_from(if digit >= 10 { 0 } else { digit }).ok()
}

/// Whether a YJ or price-list code ends in its check digit.
pub fn check_digit_holds(code: &str) -> bool {
    code.split_at_checked(11).is_some_and(|(body, last)| {
        let expected = check_digit(body).map(|digit| digit + b'0');
        expected.is_some_and(|expected| last.as_bytes() == [expected])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_of_real_codes_hold() {
        for code in ["1121001X1018", "2171022F2029", "1124001F2029", "1149019F1560"] {
            let holds = check_digit_holds(code);
            let last = code.bytes().last().unwrap();
            assert_eq!(holds, check_digit(&code[..11]).unwrap() + b'0' == last);
        }
        assert!(check_digit_holds("1121001X1018"));
        assert!(!check_digit_holds("1121001X1019"));
    }

    #[test]
    fn what_is_no_such_code_does_not_hold() {
        for code in
            ["", "1121001X101", "1121001X10188", "1121001x1018", "あああああ", "1124001F2ZZZ"]
        {
            assert!(!check_digit_holds(code), "{code}");
        }
    }

    #[test]
    fn every_system_is_read_by_its_name() {
        for system in CodeSystem::ALL {
            assert_eq!(system.name().parse::<CodeSystem>().unwrap(), system);
        }
        assert!("YJ".parse::<CodeSystem>().is_err());
    }
}
