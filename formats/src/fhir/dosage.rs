//! Days, doses, usage and dose of an order, out of its dosage instructions.

use std::borrow::Cow;
use std::collections::HashSet;

use chofuku_engine::Day;
use chofuku_engine::day::days_inclusive;
use chofuku_engine::period::Form;
use serde_json::value::RawValue;

use super::codes::{
    FormSigns, SUPPLEMENT, USAGE, USAGE_MASTER, coded, extended, form, is_as_needed,
};
use super::input::{Notes, Place, clip};
use super::json::{Concept, Dosage, Extension, Period, Quantity};
use super::time;
use crate::report::Reason;

/// The parts of a line that come from its dosage.
pub(super) struct Supply<'t> {
    pub(super) form: Form,
    pub(super) quantity: Cow<'t, str>,
    pub(super) usage: Cow<'t, str>,
    pub(super) usage_text: Cow<'t, str>,
    pub(super) supplements: Vec<Cow<'t, str>>,
    pub(super) dose: Cow<'t, str>,
    pub(super) unit: Cow<'t, str>,
}

/// What the order says outside its dosage instructions.
#[derive(Default)]
pub(super) struct Stated<'a, 't> {
    /// Concepts that may name the form itself.
    pub(super) forms: Vec<&'a Concept<'t>>,
    /// `dispenseRequest.expectedSupplyDuration` or `daysSupply`.
    pub(super) supply: Option<&'a Quantity<'t>>,
    /// The amount to be handed out.
    pub(super) amount: Option<&'a Quantity<'t>>,
    /// Extensions that may hold the number of doses.
    pub(super) extensions: Vec<&'a Extension<'t>>,
    /// The basis day, against which a stated start is compared.
    pub(super) day: Option<Day>,
}

/// Reads the dosage of one order.
pub(super) fn supply<'t>(
    dosages: &[Dosage<'t>],
    stated: &Stated<'_, 't>,
    place: &Place,
    notes: &mut Notes<'_>,
) -> Supply<'t> {
    let modified = dosages.iter().any(|dosage| dosage.modifier_extension.is_some());
    let dosages = if modified {
        // It may say anything, even that the rest does not hold.
        let found = "modifierExtension, and its dosage".to_owned();
        notes.add(place, "dosageInstruction", Reason::NotUsed { found });
        &[]
    } else {
        dosages
    };
    let mut extensions = stated.extensions.clone();
    for dosage in dosages {
        let own = notes.value(place, "dosageInstruction.extension", &dosage.extension);
        extensions.extend(own.into_iter().flat_map(|many| &many.0));
    }
    let usage = usage(dosages, place, notes);
    let mut signs =
        FormSigns { stated: stated.forms.clone(), usage: &usage, ..FormSigns::default() };
    signs.as_needed = is_as_needed(&usage);
    for dosage in dosages {
        signs.as_needed |= as_needed(dosage, place, notes);
        let method = notes.value(place, "dosageInstruction.method", &dosage.method);
        signs.method = signs.method.or(method);
        let route = notes.value(place, "dosageInstruction.route", &dosage.route);
        signs.route = signs.route.or(route);
    }
    let form = form(&signs, place, notes);
    starts(dosages, &extensions, stated.day, place, notes);
    let mut supplements = supplements(dosages, place, notes);
    let days = days(
        dosages,
        &extensions,
        stated,
        supplements.iter().any(|s| is_interval(s)),
        place,
        notes,
    );
    if days.of_calendar {
        supplements.retain(|supplement| !is_interval(supplement));
    }
    let quantity = match form {
        Form::AsNeeded => doses(&extensions, place, notes),
        Form::Oral => days.days.unwrap_or_else(|| {
            notes.add(place, "days", Reason::Missing);
            Cow::Borrowed("")
        }),
        Form::External | Form::Drops | Form::Injection | Form::Material | Form::Other => {
            let amount = stated.amount.and_then(|amount| number(amount.value?));
            days.days.or(amount).unwrap_or_else(|| {
                notes.add(place, "quantity", Reason::Missing);
                Cow::Borrowed("")
            })
        }
    };
    let (dose, unit) = dose(dosages, form, stated.amount, place, notes);
    let usage_text = usage_text(dosages);
    Supply { form, quantity, usage, usage_text, supplements, dose, unit }
}

/// The usage code of the first instruction; another one in a later instruction is reported.
fn usage<'t>(dosages: &[Dosage<'t>], place: &Place, notes: &mut Notes<'_>) -> Cow<'t, str> {
    const FIELD: &str = "dosageInstruction.timing";
    let mut usage: Option<Cow<'t, str>> = None;
    for dosage in dosages {
        let Some(timing) = notes.value(place, FIELD, &dosage.timing) else { continue };
        let master = coded(&timing.code, &[USAGE_MASTER]);
        let Some(coding) = coded(&timing.code, &USAGE).or(master) else { continue };
        let code = coding.code.cow();
        match &usage {
            None => {
                if code.len() != 16 || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                    let reason = Reason::Code { expected: 16, found: clip(&code) };
                    notes.add(place, FIELD, reason);
                }
                usage = Some(code);
            }
            Some(first) if *first != code => {
                notes.add(place, FIELD, Reason::NotUsed { found: clip(&code) });
            }
            Some(_) => {}
        }
    }
    usage.unwrap_or_default()
}

/// The words of all instructions; where there are none, those of the usage code.
fn usage_text<'t>(dosages: &[Dosage<'t>]) -> Cow<'t, str> {
    let mut texts: Vec<Cow<'t, str>> =
        dosages.iter().map(|dosage| dosage.text.cow()).filter(|text| !text.is_empty()).collect();
    if texts.is_empty() {
        let timings = dosages.iter().filter_map(|dosage| dosage.timing.value());
        texts.extend(timings.filter_map(|timing| {
            let code = &timing.code;
            let display = code.coding.0.iter().map(|coding| coding.display.cow());
            display.chain([code.text.cow()]).find(|text| !text.is_empty())
        }));
        texts.truncate(1);
    }
    match texts.len() {
        0 | 1 => texts.pop().unwrap_or_default(),
        _ => Cow::Owned(texts.join(" / ")),
    }
}

fn as_needed(dosage: &Dosage<'_>, place: &Place, notes: &mut Notes<'_>) -> bool {
    match dosage.as_needed_boolean.get() {
        "true" => true,
        "" | "false" => {
            let reason = "dosageInstruction.asNeededCodeableConcept";
            notes.value(place, reason, &dosage.as_needed_codeable_concept).is_some()
        }
        other => {
            let reason = Reason::Value { found: clip(other) };
            notes.add(place, "dosageInstruction.asNeededBoolean", reason);
            false
        }
    }
}

/// The supplement codes of all instructions, each once.
fn supplements<'t>(
    dosages: &[Dosage<'t>],
    place: &Place,
    notes: &mut Notes<'_>,
) -> Vec<Cow<'t, str>> {
    const FIELD: &str = "dosageInstruction.additionalInstruction";
    let (mut all, mut seen) = (Vec::new(), HashSet::new());
    for dosage in dosages {
        let concepts = notes.value(place, FIELD, &dosage.additional_instruction);
        for coding in concepts.into_iter().flat_map(|many| &many.0).flat_map(|one| &one.coding.0) {
            let code = coding.code.cow();
            if !SUPPLEMENT.contains(&coding.system.get()) {
                notes.add(place, FIELD, Reason::NotUsed { found: clip(&code) });
                continue;
            }
            if code.chars().count() != 8 {
                notes.add(place, FIELD, Reason::Code { expected: 8, found: clip(&code) });
            }
            if !code.is_empty() && seen.insert(code.clone()) {
                all.push(code);
            }
        }
    }
    all
}

/// Whether a supplement code spreads the days of intake over the calendar (S6).
fn is_interval(code: &str) -> bool {
    code.starts_with('I') || code.starts_with('W')
}

/// Days, and whether they are a calendar span.
struct Days<'t> {
    days: Option<Cow<'t, str>>,
    of_calendar: bool,
}

fn days<'t>(
    dosages: &[Dosage<'t>],
    extensions: &[&Extension<'t>],
    stated: &Stated<'_, 't>,
    interval: bool,
    place: &Place,
    notes: &mut Notes<'_>,
) -> Days<'t> {
    let span = span(dosages, place, notes);
    let supply = stated.supply.and_then(|supply| in_days(supply, "supply duration", place, notes));
    let usage = extended(extensions.iter().copied(), "UsageDuration")
        .and_then(|one| one.value_duration.as_ref())
        .and_then(|usage| in_days(usage, "UsageDuration", place, notes));
    let of_intake = supply.clone().or_else(|| usage.clone());
    if let (Some(supply), Some(usage)) = (&supply, &usage)
        && supply != usage
    {
        differs("UsageDuration", usage, supply, place, notes);
    }
    match (span, of_intake) {
        (Some(span), intake) => {
            // Every other day, the two must differ: that is what the span is for.
            if let Some(intake) = intake.filter(|intake| *intake != span && !interval) {
                differs("supply duration", &intake, &span, place, notes);
            }
            Days { days: Some(span), of_calendar: true }
        }
        (None, intake) => Days { days: intake, of_calendar: false },
    }
}

fn differs(field: &'static str, found: &str, used: &str, place: &Place, notes: &mut Notes<'_>) {
    notes.add(place, field, Reason::Differs { found: clip(found), used: clip(used) });
}

/// The calendar span: the longest of the instructions.
fn span<'t>(dosages: &[Dosage<'t>], place: &Place, notes: &mut Notes<'_>) -> Option<Cow<'t, str>> {
    const FIELD: &str = "dosageInstruction.timing.repeat";
    let mut longest: Option<Cow<'t, str>> = None;
    for dosage in dosages {
        let Some(timing) = dosage.timing.value() else { continue };
        if let Some(range) = timing.repeat.bounds_range {
            notes.add(place, FIELD, Reason::NotUsed { found: clip(range.get()) });
        }
        let duration = timing.repeat.bounds_duration.as_ref();
        let duration = duration.and_then(|duration| in_days(duration, FIELD, place, notes));
        let period = timing.repeat.bounds_period.as_ref();
        let span = duration.or_else(|| period.and_then(|period| of_period(period, place, notes)));
        longest = match (longest, span) {
            (Some(longest), Some(span)) if longest != span => {
                let longer = decimal(&span) > decimal(&longest);
                let (used, other) = if longer { (span, longest) } else { (longest, span) };
                differs(FIELD, &other, &used, place, notes);
                Some(used)
            }
            (longest, span) => longest.or(span),
        };
    }
    longest
}

fn of_period<'t>(
    period: &Period<'t>,
    place: &Place,
    notes: &mut Notes<'_>,
) -> Option<Cow<'t, str>> {
    let days = time::day(period.start.get()).zip(time::day(period.end.get()));
    let count = days.map_or(0, |(start, end)| days_inclusive(start, end));
    if count == 0 {
        let found = clip(&format!("{} to {}", period.start.get(), period.end.get()));
        notes.add(place, "dosageInstruction.timing.repeat", Reason::Date { found });
        return None;
    }
    Some(Cow::Owned(count.to_string()))
}

/// A duration in days; one in another unit is reported.
fn in_days<'t>(
    duration: &Quantity<'t>,
    field: &'static str,
    place: &Place,
    notes: &mut Notes<'_>,
) -> Option<Cow<'t, str>> {
    let Some(value) = duration.value else {
        notes.add(place, field, Reason::Missing);
        return None;
    };
    let unit = if duration.code.is_empty() { duration.unit.get() } else { duration.code.get() };
    let days = number(value).and_then(|count| match unit {
        "d" | "日" | "日分" => Some(count),
        "wk" | "週" => {
            let weeks: u32 = count.parse().ok()?;
            Some(Cow::Owned(weeks.checked_mul(7)?.to_string()))
        }
        _ => None,
    });
    if days.is_none() {
        let found = clip(&format!("{} {unit}", value.get()));
        notes.add(place, field, Reason::Value { found });
    }
    days
}

/// A decimal as written, without zeros that say nothing: `7.0` days are 7 days.
fn number(raw: &RawValue) -> Option<Cow<'_, str>> {
    let text = raw.get();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let text = text.trim();
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        return None;
    }
    if text.contains(['e', 'E']) {
        return Some(Cow::Owned(decimal(text)?.to_string()));
    }
    decimal(text)?;
    Some(Cow::Borrowed(match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => text.trim_end_matches('0'),
        None => text,
    }))
}

fn decimal(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The number of doses of a drug that is taken as needed; never days.
fn doses<'t>(extensions: &[&Extension<'t>], place: &Place, notes: &mut Notes<'_>) -> Cow<'t, str> {
    const FIELD: &str = "ExpectedRepeatCount";
    let count = extended(extensions.iter().copied(), FIELD).map(|one| one.value_integer.cow());
    count.filter(|count| !count.is_empty()).unwrap_or_else(|| {
        notes.add(place, FIELD, Reason::Missing);
        Cow::Borrowed("")
    })
}

/// A start that the order states beside its basis day is reported, never used (S1).
fn starts(
    dosages: &[Dosage<'_>],
    extensions: &[&Extension<'_>],
    day: Option<Day>,
    place: &Place,
    notes: &mut Notes<'_>,
) {
    let bounds = dosages.iter().filter_map(|one| one.timing.value());
    let bounds = bounds.filter_map(|timing| timing.repeat.bounds_period.as_ref());
    let stated = extensions.iter().filter(|one| one.url.get().ends_with("PeriodOfUse"));
    let stated = stated.filter_map(|one| one.value_period.as_ref());
    let mut starts: Vec<&str> = bounds.chain(stated).map(|period| period.start.get()).collect();
    starts.dedup();
    for start in starts.into_iter().filter(|start| !start.is_empty()) {
        match (time::day(start), day) {
            (Some(start), Some(day)) if start != day => {
                differs("PeriodOfUse", &start.to_string(), &day.to_string(), place, notes);
            }
            (Some(_), _) => {}
            (None, _) => notes.add(place, "PeriodOfUse", Reason::Date { found: clip(start) }),
        }
    }
}

/// The dose: of a day for an oral drug if it is stated, else of one intake, else the whole amount.
fn dose<'t>(
    dosages: &[Dosage<'t>],
    form: Form,
    amount: Option<&Quantity<'t>>,
    place: &Place,
    notes: &mut Notes<'_>,
) -> (Cow<'t, str>, Cow<'t, str>) {
    let mut doses = Vec::new();
    for dosage in dosages {
        let own = notes.value(place, "dosageInstruction.doseAndRate", &dosage.dose_and_rate);
        doses.extend(own.into_iter().flat_map(|many| &many.0));
    }
    let daily = doses.iter().filter_map(|dose| dose.rate_ratio.as_ref()).find(|ratio| {
        let one = ratio.denominator.value.is_some_and(|value| value.get() == "1");
        one && matches!(ratio.denominator.code.get(), "d" | "")
    });
    let daily = daily.map(|ratio| &ratio.numerator).filter(|_| form == Form::Oral);
    let single = || doses.iter().find_map(|dose| dose.dose_quantity.as_ref());
    let Some(quantity) = daily.or_else(single).or(amount) else {
        return (Cow::Borrowed(""), Cow::Borrowed(""));
    };
    let unit = if quantity.unit.is_empty() { &quantity.code } else { &quantity.unit };
    (quantity.value.and_then(number).unwrap_or_default(), unit.cow())
}
