//! Days only where the text states them, and on the side that it names.

use super::*;

fn read(condition: &str, a: &str, b: &str) -> (Option<u32>, Option<u32>) {
    let side = |name: &str| PairSide { name_en: name.to_owned(), ..PairSide::default() };
    let washout = Washout::read(condition, &side(a), &side(b));
    (washout.a, washout.b)
}

#[test]
fn regular_forms_are_read() {
    for (condition, days) in [
        ("14 d", (Some(14), Some(14))),
        ("14 d interval", (Some(14), Some(14))),
        ("within 7 d", (Some(7), Some(7))),
        ("within 24 h", (Some(1), Some(1))),
        ("triptans/ergots: within 24 h", (Some(1), Some(1))),
        ("washout 14 d (2-3 d from tramadol; see text)", (Some(14), None)),
    ] {
        assert_eq!(read(condition, "x", "y"), days, "{condition}");
    }
}

#[test]
fn a_label_puts_the_days_on_the_side_that_it_names() {
    let condition = "MAO-I within 14 d; nalmefene within 1 week";
    assert_eq!(read(condition, "tramadol/acetaminophen", "rasagiline"), (None, Some(14)));
    assert_eq!(read(condition, "tramadol/acetaminophen", "nalmefene"), (None, Some(7)));
    assert_eq!(read(condition, "tramadol", "codeine"), (None, None));
}

#[test]
fn other_conditions_state_no_days() {
    for condition in
        ["", "class expansion", "list truncated in the excerpt", "only 45 mg/d", "2-3 d"]
    {
        assert_eq!(read(condition, "x", "y"), (None, None), "{condition}");
    }
}
