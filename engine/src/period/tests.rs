use super::*;

fn period(form: Form, quantity: &str, usage: &str, supplements: &[&str]) -> (u16, &'static str) {
    let supply = Supply::of(form, quantity, usage, supplements.iter().copied());
    assert_eq!(Supply::from_bits(supply.bits()), Some(supply));
    let period = supply.period(&Policy::OFFICIAL);
    (period.days, period.from.name())
}

fn expanded(quantity: &str, supplements: &[&str]) -> u16 {
    let supply = Supply::of(Form::Oral, quantity, "", supplements.iter().copied());
    supply.period(&Policy::EXTENDED).days
}

#[test]
fn days_of_oral_drugs_are_the_quantity() {
    for (quantity, days) in [("14", 14), ("014", 14), ("14.0", 14), (" 7 ", 7), ("999", 999)] {
        assert_eq!(period(Form::Oral, quantity, "1013044400000000", &[]), (days, "days"));
    }
}

#[test]
fn a_quantity_that_is_no_number_of_days_gives_the_default() {
    for (quantity, from) in [
        ("", "default_quantity_missing"),
        ("0", "default_quantity_zero"),
        ("0.0", "default_quantity_zero"),
        ("0.5", "default_quantity_not_whole"),
        ("abc", "default_quantity_not_whole"),
        ("-3", "default_quantity_not_whole"),
        ("１４", "default_quantity_not_whole"),
        (".", "default_quantity_not_whole"),
        ("14.", "default_quantity_not_whole"),
        ("1000", "default_quantity_over_999"),
        ("99999999999999999999", "default_quantity_over_999"),
    ] {
        assert_eq!(period(Form::Oral, quantity, "", &[]), (14, from), "{quantity:?}");
    }
}

#[test]
fn other_forms_are_never_counted_in_days() {
    assert_eq!(period(Form::AsNeeded, "10", "", &[]), (14, "default_as_needed"));
    assert_eq!(period(Form::Oral, "30", "1050110000000000", &[]), (14, "default_as_needed"));
    assert_eq!(period(Form::External, "30", "", &[]), (14, "default_external"));
    assert_eq!(period(Form::Drops, "30", "", &[]), (14, "default_drops"));
    assert_eq!(period(Form::Injection, "30", "", &[]), (14, "default_injection"));
    assert_eq!(period(Form::Other, "30", "", &[]), (14, "default_other"));
    assert_eq!(period(Form::Material, "30", "", &[]), (0, "none"));
}

#[test]
fn interval_dosing_spreads_over_the_calendar_only_when_asked() {
    assert_eq!(period(Form::Oral, "4", "", &["W0100000"]), (4, "days"));
    assert_eq!(expanded("4", &["W0100000"]), 28);
    assert_eq!(expanded("7", &["I1100000"]), 14);
    assert_eq!(expanded("10", &["W0101010"]), 24);
    assert_eq!(expanded("999", &["W1000000"]), 6993);
    assert_eq!(expanded("4", &["W0000000"]), 4);
    assert_eq!(expanded("4", &["W01000002", "X1", "I1100000"]), 8);
}

#[test]
fn plain_days_are_those_of_the_period() {
    let mut plain = 0;
    for bits in 0..=u16::MAX {
        let supply = Supply::from_bits(bits);
        let days = Supply::plain_days(bits, Policy::OFFICIAL.default_period_days);
        let needs_arithmetic = (1..=8).contains(&(bits >> 10)) || bits == 25 << 10;
        let expected = supply.filter(|_| !needs_arithmetic);
        assert_eq!(days, expected.map(|supply| supply.period(&Policy::OFFICIAL).days), "{bits}");
        let is_days = expected.is_some_and(|supply| {
            let from = supply.period(&Policy::OFFICIAL).from;
            assert!(from != DaysFrom::Days || supply.warning().is_none(), "{bits}");
            from == DaysFrom::Days
        });
        assert_eq!(Supply::is_days(bits), is_days, "{bits}");
        plain += u32::from(days.is_some());
    }
    assert_eq!(plain, 999 + 9);
}
