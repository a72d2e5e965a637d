//! How long a record counts: rules S2 to S7.

use jiff::{ToSpan, civil::Date};

use crate::{
    policy::{IntervalDosing, Policy},
    world::{HistoryRow, split},
};

/// The period of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Period {
    /// `n` of S2.
    pub(crate) days: i64,
    /// Where `n` came from.
    pub(crate) from: &'static str,
    /// The last day of the period.
    pub(crate) end: Date,
}

impl Period {
    pub(crate) fn of(row: &HistoryRow, basis: Date, policy: &Policy) -> Self {
        // A record of form 6 has no period; its end day is its basis day.
        if row.form == "6" {
            return Self { days: 0, from: "none", end: basis };
        }
        let (days, from) = length(row, policy);
        // S2: it ends on basis + n - 1, inclusive.
        let end = basis.checked_add((days - 1).days()).expect("periods end before the year 10000");
        Self { days, from, end }
    }
}

/// S3: `n` from the dosage form.
fn length(row: &HistoryRow, policy: &Policy) -> (i64, &'static str) {
    let default = policy.default_period_days;
    match row.form.as_str() {
        "1" => oral(row, policy),
        "2" => (default, "default_as_needed"),
        "3" => (default, "default_external"),
        "4" => (default, "default_drops"),
        "5" => (default, "default_injection"),
        _ => (default, "default_other"),
    }
}

/// S4 and S6: form 1.
fn oral(row: &HistoryRow, policy: &Policy) -> (i64, &'static str) {
    let default = policy.default_period_days;
    if row.usage.chars().nth(2) == Some('5') {
        return (default, "default_as_needed");
    }
    match read_quantity(&row.quantity) {
        Quantity::Missing => (default, "default_quantity_missing"),
        Quantity::Zero => (default, "default_quantity_zero"),
        Quantity::NotWhole => (default, "default_quantity_not_whole"),
        Quantity::Over999 => (default, "default_quantity_over_999"),
        Quantity::Days(days) => match policy.interval_dosing {
            IntervalDosing::Literal => (days, "days"),
            IntervalDosing::Expand => expand(days, &row.usage_supplements),
        },
    }
}

/// What the quantity of an oral line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantity {
    Days(i64),
    Missing,
    Zero,
    NotWhole,
    Over999,
}

/// S4: whole is digits, optionally followed by `.` and zeros only.
fn read_quantity(text: &str) -> Quantity {
    let text = text.trim();
    if text.is_empty() {
        return Quantity::Missing;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = !whole.is_empty() && whole.chars().all(|c| c.is_ascii_digit());
    let zeros = !fraction.is_empty() && fraction.chars().all(|c| c == '0');
    if !digits || !zeros {
        return Quantity::NotWhole;
    }
    match whole.trim_start_matches('0') {
        "" => Quantity::Zero,
        significant if significant.len() > 3 => Quantity::Over999,
        significant => Quantity::Days(significant.parse().expect("three digits are a number")),
    }
}

/// S6: the first supplement code that is one of the two forms decides.
fn expand(days: i64, supplements: &str) -> (i64, &'static str) {
    for code in split(supplements) {
        if code == "I1100000" {
            return (2 * days, "interval");
        }
        let Some(flags) = code.strip_prefix('W') else { continue };
        if flags.len() != 7 || !flags.chars().all(|c| c == '0' || c == '1') {
            continue;
        }
        return match flags.chars().map(|c| i64::from(c == '1')).sum::<i64>() {
            0 => (days, "days"),
            intake_days => ((days * 7 + intake_days - 1) / intake_days, "interval"),
        };
    }
    (days, "days")
}

/// The kind of warning that S4 asks for, if the period is a default because of the quantity.
pub(crate) fn quantity_warning(from: &str) -> Option<&str> {
    from.strip_prefix("default_").filter(|kind| kind.starts_with("quantity_"))
}
