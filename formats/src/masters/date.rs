//! Dates as the masters write them: plain digits, and years of a Japanese era.

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

/// The year before the first year of each era, by letter and by name.
const ERAS: [(&str, &str, i16); 5] = [
    ("M", "明治", 1867),
    ("T", "大正", 1911),
    ("S", "昭和", 1925),
    ("H", "平成", 1988),
    ("R", "令和", 2018),
];

/// Reads `20260331`, `2026-03-31`, `2026/3/31`, `R8.3.31まで`, `令和8年3月31日` and their full-width
/// forms; `None` if the day does not exist or the notation is another.
pub fn parse_date(text: &str) -> Option<Date> {
    let text: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    let text = text.strip_suffix("まで").unwrap_or(&text);
    let text = text.replace("元年", "1年");
    let era = ERAS.iter().find_map(|(letter, name, before)| {
        let rest = text.strip_prefix(letter).or_else(|| text.strip_prefix(name))?;
        Some((rest, *before))
    });
    if era.is_none() && text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return compact(&text);
    }
    let (digits, before) = era.unwrap_or((&text, 0));
    let mut parts = digits.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let year: i16 = parts.next()?.parse().ok()?;
    let month: i8 = parts.next()?.parse().ok()?;
    let day: i8 = parts.next()?.parse().ok()?;
    let known = digits.chars().all(|c| c.is_ascii_digit() || ".-/年月日".contains(c));
    if parts.next().is_some() || !known || (before == 0 && year < 1868) {
        return None;
    }
    Date::new(year.checked_add(before)?, month, day).ok()
}

/// The first run of eight or six digits in a file name that is a date: `tp20250814-01_01.xlsx`,
/// `ippanmeishohoumaster_250814.xlsx`.
pub fn date_in_name(name: &str) -> Option<Date> {
    name.split(|c: char| !c.is_ascii_digit()).find_map(|run| match run.len() {
        8 => compact(run),
        6 => compact(&format!("20{run}")),
        _ => None,
    })
}

fn compact(digits: &str) -> Option<Date> {
    let year = digits.get(..4)?.parse().ok()?;
    let month = digits.get(4..6)?.parse().ok()?;
    let day = digits.get(6..8)?.parse().ok()?;
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_notation_of_the_masters_is_read() {
        let day = Some(date(2026, 3, 31));
        for text in [
            "20260331",
            "2026-03-31",
            "2026/3/31",
            "R8.3.31まで",
            "Ｒ８．３．３１まで",
            "令和8年3月31日",
            "令和８年３月３１日まで",
        ] {
            assert_eq!(parse_date(text), day, "{text}");
        }
        assert_eq!(parse_date("令和元年5月1日"), Some(date(2019, 5, 1)));
        assert_eq!(parse_date("S33.3.3"), Some(date(1958, 3, 3)));
    }

    #[test]
    fn impossible_days_and_other_texts_are_no_dates() {
        for text in ["", "0", "99999999", "20250230", "R7.2.29", "令和7年", "R8.3.31.1", "8.3.31"]
        {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_file_name_tells_the_day_of_its_edition() {
        assert_eq!(date_in_name("tp20250814-01_01.xlsx"), Some(date(2025, 8, 14)));
        assert_eq!(date_in_name("ippanmeishohoumaster_250814.xlsx"), Some(date(2025, 8, 14)));
        assert_eq!(date_in_name("y_ALL20240321.zip"), Some(date(2024, 3, 21)));
        assert_eq!(date_in_name("prices.csv"), None);
    }
}
