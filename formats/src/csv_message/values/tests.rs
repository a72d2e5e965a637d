use super::*;

fn iso(text: &str, notation: EraNotation) -> Option<String> {
    day(text, notation).map(|day| day.to_string())
}

#[test]
fn days_are_read_in_the_notation_of_their_format() {
    for (text, expected) in [
        ("20260915", "2026-09-15"),
        ("5080915", "2026-09-15"),
        ("5010501", "2019-05-01"),
        ("4310430", "2019-04-30"),
        ("4010108", "1989-01-08"),
        ("3640107", "1989-01-07"),
        ("20240229", "2024-02-29"),
    ] {
        assert_eq!(iso(text, EraNotation::Digit).as_deref(), Some(expected), "{text}");
    }
    for (text, expected) in [
        ("20200411", "2020-04-11"),
        ("R020411", "2020-04-11"),
        ("r020411", "2020-04-11"),
        ("S500303", "1975-03-03"),
        ("H310430", "2019-04-30"),
    ] {
        assert_eq!(iso(text, EraNotation::Letter).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn days_that_were_never_are_none() {
    for text in [
        "",
        "2026091",
        "20260931",
        "20250229",
        "20260015",
        "2026-9-15",
        "２０２６０９１５",
        // 平成 ended on 30 April 2019, 昭和 on 7 January 1989; 令和 and 平成 began a day later.
        "4310501",
        "3640108",
        "5010430",
        "4010107",
        "5000101",
        "6010101",
        "0010101",
        // Eras that no history holds: half of 20201015 is a day of 大正.
        "2020101",
        "1330101",
        // The notation of the other format.
        "R080915",
        "21490607",
        "99991231",
    ] {
        assert_eq!(iso(text, EraNotation::Digit), None, "{text}");
    }
    for text in ["5080915", "X080915", "R8.9.15", "R000101"] {
        assert_eq!(iso(text, EraNotation::Letter), None, "{text}");
    }
}

#[test]
fn numbers_have_six_digits_and_five_behind_the_point() {
    for (text, expected) in [
        ("7", Some(700_000)),
        ("0.5", Some(50_000)),
        ("014", Some(1_400_000)),
        ("123456.78901", Some(12_345_678_901)),
        ("1234567", None),
        ("0.123456", None),
        (".5", None),
        ("5.", None),
        ("", None),
        ("-1", None),
        ("1e3", None),
        ("７", None),
        ("1.2.3", None),
    ] {
        assert_eq!(decimal(text), expected, "{text:?}");
    }
}

#[test]
fn codes_have_the_shape_of_their_system() {
    for (system, code, has) in [
        (CodeSystem::Receipt, "620003930", true),
        (CodeSystem::Receipt, "62000393", false),
        (CodeSystem::Receipt, "６２０００３９３０", false),
        (CodeSystem::Yj, "1190023F1024", true),
        (CodeSystem::Yj, "1190023f1024", false),
        (CodeSystem::Price, "620003930", false),
        (CodeSystem::Hot, "1149019010101", true),
        (CodeSystem::Hot, "1149019", true),
        (CodeSystem::Hot, "11490190", false),
        (CodeSystem::Generic, "2149032F1ZZZ", true),
        // Stand for no drug, whatever system is named.
        (CodeSystem::Yj, "666660000", true),
    ] {
        assert_eq!(has_shape(system, code), has, "{system} {code}");
    }
    assert!(names_a_drug(CodeSystem::Receipt, "620003930"));
    assert!(!names_a_drug(CodeSystem::Receipt, "710010001"));
    assert!(names_a_drug(CodeSystem::Yj, "1121001X1018"));
    assert!(!names_a_drug(CodeSystem::Yj, "1121001X1019"));
}
