//! Deviations of real prescriptions: what is read of them, and what is reported.

use chofuku_engine::code::CodeSystem;
use chofuku_engine::period::Form;
use chofuku_formats::document::{Document, Line};
use chofuku_formats::eprescription::read;

use super::{lasting, problems};

const HEAD: &str = "JAHIS10\n1,1,7654321,27,見本町クリニック\n22,06990000\n23,見本,7001,2,03\n\
                    51,20261102\n";

/// The document of a symbol with these records behind its head, and what was reported.
fn symbol(records: &str) -> (Document<'static>, Vec<String>) {
    input(format!("{HEAD}{records}"))
}

fn input(text: String) -> (Document<'static>, Vec<String>) {
    let found = read("f", lasting(text)).unwrap();
    let problems = problems(&found.report);
    (found.documents.into_iter().next().unwrap(), problems)
}

fn drug(line: &Line<'_>) -> Option<(CodeSystem, String)> {
    line.drug.as_ref().map(|code| (code.system, code.code.to_string()))
}

#[test]
fn a_decoded_symbol_without_empty_fields_gives_the_right_drug_or_none() {
    // Point table and prefecture, 調剤数量, 用法コード, 情報区分 and 用量 are left out.
    let (document, problems) = input(
        "JAHIS10\n1,9709999,見本医療センター\n22,49999999\n23,,,1,\n51,20260130\n101,1,9,注射\n\
         111,1,1,１日１回注射\n201,1,1,4,2412403G3022,見本皮下注,1,キット"
            .to_owned(),
    );
    let institution = document.institution.unwrap();
    assert_eq!((institution.code.as_ref(), institution.name.as_ref()), ("", "見本医療センター"));
    let line = &document.lines[0];
    assert_eq!(drug(line), Some((CodeSystem::Yj, "2412403G3022".to_owned())));
    assert_eq!((line.name.as_ref(), line.form), ("見本皮下注", Form::Other));
    assert_eq!((line.quantity.as_ref(), line.dose.as_ref(), line.unit.as_ref()), ("", "", ""));
    assert_eq!((line.usage.as_ref(), line.usage_text.as_ref()), ("", "１日１回注射"));
    assert_eq!(
        problems,
        [
            "2 1 : 3 fields instead of at least 5",
            "2 1 名称: \"見本医療センター\" was read as 名称",
            "6 101 : 4 fields instead of at least 5",
            "6 101 調剤数量: empty",
            "7 111 : 4 fields instead of at least 5",
            "7 111 用法コード: \"１日１回注射\" was read as 用法名称",
            "8 201 : 8 fields instead of at least 10",
            "8 201 薬品コード: \"2412403G3022\" was read as 薬品コード of a record without 情報区分",
            "1 23 : missing",
        ]
    );
}

#[test]
fn a_moved_code_is_taken_only_if_it_can_be_nothing_else() {
    for (record, expected) in [
        ("201,1,1,2,620003930,見本錠,3,錠", Some((CodeSystem::Receipt, "620003930"))),
        ("201,1,1,2,620003930,見本錠,3,1,錠", Some((CodeSystem::Receipt, "620003930"))),
        // A material's receipt code, a wrong check digit, a code of another kind, no kind.
        ("201,1,1,2,710010001,見本錠,3,錠", None),
        ("201,1,1,4,2412403G3023,見本錠,3,錠", None),
        ("201,1,1,4,620003930,見本錠,3,錠", None),
        ("201,1,1,620003930,見本錠,3,錠", None),
        ("201,1,1,1,見本錠,1,錠", None),
        ("201,1,1", None),
    ] {
        let (document, problems) = symbol(&format!("101,1,1,,7\n111,1,1,,朝,\n{record}"));
        let line = &document.lines[0];
        let expected = expected.map(|(system, code)| (system, code.to_owned()));
        assert_eq!(drug(line), expected, "{record}");
        // Never a material, which the check would skip; never a name from another column.
        assert_eq!((line.form, line.quantity.as_ref()), (Form::Oral, "7"), "{record}");
        assert!(["", "見本錠"].contains(&line.name.as_ref()), "{record}");
        assert!(!problems.is_empty(), "{record}");
    }
}

#[test]
fn a_comma_in_a_name_moves_nothing_into_a_drug() {
    let (document, problems) =
        symbol("101,1,1,,7\n111,1,1,,朝,夕,\n201,1,1,1,2,620003930,見本,散,2,1,錠");
    let line = &document.lines[0];
    assert_eq!(drug(line), Some((CodeSystem::Receipt, "620003930".to_owned())));
    assert_eq!((line.name.as_ref(), line.dose.as_ref(), line.unit.as_ref()), ("見本", "", ""));
    assert_eq!(
        problems,
        [
            "7 111 1日回数: not one of the known values: \"夕\"",
            "8 201 : 11 fields instead of at most 10",
        ]
    );
}

#[test]
fn a_comma_in_a_form_name_leaves_the_quantity_out() {
    let (document, problems) =
        symbol("101,1,1,内,服,7\n111,1,1,,朝,\n201,1,1,1,2,620003930,見本錠,2,1,錠");
    assert_eq!(document.lines[0].quantity, "");
    assert_eq!(problems, ["6 101 : 6 fields instead of at most 5"]);
}

#[test]
fn a_split_prescription_never_gives_its_total() {
    let records = |part: &str| {
        format!("63,3,1\n101,1,1,,90\n{part}111,1,1,,朝,\n201,1,1,1,2,620003930,見本錠,2,1,錠")
    };
    for (part, quantity, problem) in [
        ("102,1,30,90\n", "30", None),
        ("102,1,30\n", "30", None),
        ("", "", Some("7 102 : missing")),
        ("102,1,x,90\n", "", Some("8 102 今回調剤数量: not one of the known values: \"x\"")),
        ("102,1,,90\n", "", Some("8 102 今回調剤数量: empty")),
        // More now than in all: the smaller of the two.
        ("102,1,120,90\n", "90", Some("8 102 今回調剤数量: \"120\" contradicts line 7")),
    ] {
        let (document, problems) = symbol(&records(part));
        assert_eq!(document.lines[0].quantity, quantity, "{part:?}");
        assert_eq!(problems, problem.into_iter().collect::<Vec<_>>(), "{part:?}");
    }
}

#[test]
fn records_of_an_rp_come_in_any_order_and_again() {
    let (document, problems) = symbol(
        "201,2,1,1,2,620003930,見本錠,2,1,錠\n181,2,1,8,,I1100000,\n\
         111,2,3,1011000400000000,朝,1\n101,2,1,,14\n\
         101,1,3,,1\n111,1,1,,塗布,\n201,1,1,1,2,620007804,見本軟膏,1,1,本\n\
         101,1,1,,5\n111,1,1,,夕,\n201,1,1,1,2,620003930,見本錠,1,1,錠",
    );
    let lines: Vec<_> = document
        .lines
        .iter()
        .map(|line| (line.rp, line.form, line.quantity.as_ref(), line.usage_text.as_ref()))
        .collect();
    assert_eq!(
        lines,
        [
            (2, Form::Oral, "14", "朝"),
            (1, Form::External, "1", "塗布"),
            // The number again is another RP: its form and quantity are not those of the first.
            (1, Form::Oral, "5", "夕"),
        ]
    );
    assert_eq!(document.lines[0].supplements, ["I1100000"]);
    assert_eq!(problems, ["13 101 RP番号: already given on line 10"]);
}

#[test]
fn a_drug_without_its_rp_stays_and_is_named() {
    let (document, problems) = symbol(
        "111,1,3,1011000400000000,朝,1\n201,1,1,1,2,620003930,見本錠,2,1,錠\n\
                201,x,1,1,2,620003930,見本錠,2,1,錠",
    );
    assert_eq!(document.lines.len(), 2);
    assert_eq!((document.lines[0].form, document.lines[0].quantity.as_ref()), (Form::Other, ""));
    assert_eq!((document.lines[1].rp, document.lines[1].form), (0, Form::Other));
    assert_eq!(
        problems,
        ["8 201 RP番号: not one of the known values: \"x\"", "7 201 : no 101 record before it",]
    );
}

#[test]
fn a_drug_is_never_taken_for_a_material() {
    for (group, information, code, form, count) in [
        (6, "2", "2,710010001", Form::Material, 0),
        (6, "", "1,", Form::Material, 0),
        (1, "2", "2,710010001", Form::Material, 0),
        (1, "2", "1,", Form::Material, 0),
        (1, "2", "2,620003930", Form::Oral, 1),
        (6, "1", "2,710010001", Form::Other, 1),
        (6, "", "2,620003930", Form::Other, 1),
        (6, "3", "1,", Form::Other, 1),
        (6, "2", "4,2412403G3022", Form::Material, 0),
        (1, "3", "2,620003930", Form::Oral, 0),
        (8, "1", "2,620003930", Form::Other, 1),
    ] {
        let records =
            format!("101,1,{group},,7\n111,1,1,,朝,\n201,1,1,{information},{code},見本,1,1,個");
        let (document, problems) = symbol(&records);
        assert_eq!(document.lines[0].form, form, "{records}");
        assert_eq!(problems.len(), count, "{records}: {problems:?}");
    }
}

#[test]
fn code_kinds_are_systems() {
    for (kind, code, expected, count) in [
        ("2", "620003930", Some(CodeSystem::Receipt), 0),
        ("3", "1121001X1018", Some(CodeSystem::Price), 0),
        ("4", "1121001X1018", Some(CodeSystem::Yj), 0),
        ("6", "1038354010101", Some(CodeSystem::Hot), 0),
        ("7", "1124001F2ZZZ", Some(CodeSystem::Generic), 0),
        ("1", "", None, 0),
        // Kind 1 says that there is no code.
        ("1", "620003930", None, 1),
        ("5", "620003930", None, 1),
        ("", "620003930", None, 1),
        ("２", "620003930", None, 1),
        ("2", "", None, 1),
        // Not a code of its kind: as written, so that a check says that it does not know it.
        ("2", "1121001X1018", Some(CodeSystem::Receipt), 1),
        ("4", "620003930", Some(CodeSystem::Yj), 1),
        ("4", "1121001x1018", Some(CodeSystem::Yj), 1),
        // Blanks around it are no part of a code.
        (" 2 ", " 620003930　", Some(CodeSystem::Receipt), 0),
    ] {
        let records = format!("101,1,1,,7\n111,1,1,,朝,\n201,1,1,1,{kind},{code},見本,1,1,錠");
        let (document, problems) = symbol(&records);
        let expected = expected.map(|system| (system, code.trim_matches([' ', '　']).to_owned()));
        assert_eq!(drug(&document.lines[0]), expected, "{records}");
        assert_eq!(document.lines[0].name, "見本");
        assert_eq!(problems.len(), count, "{records}: {problems:?}");
    }
}

#[test]
fn the_electronic_prescription_reports_kinds_that_it_does_not_allow() {
    let text = format!(
        "{}101,1,1,,7\n111,1,3,1011000400000000,朝,\n\
                        201,1,1,,6,103835401,見本,1,1,錠",
        HEAD.replace("JAHIS10", "SJ1")
    );
    let (document, problems) = input(text);
    assert_eq!(drug(&document.lines[0]), Some((CodeSystem::Hot, "103835401".to_owned())));
    assert_eq!(
        problems,
        ["8 201 薬品コード種別: not one of the known values: \"6\"", "8 201 情報区分: empty",]
    );
}

#[test]
fn usage_codes_are_taken_by_their_kind() {
    for (kind, code, expected, count) in [
        ("3", "1050110000000000", "1050110000000000", 0),
        ("2", "1050110000000000", "1050110000000000", 0),
        ("3", "0X0XXXXXXXXX0000", "0X0XXXXXXXXX0000", 0),
        ("1", "", "", 0),
        ("1", "1050110000000000", "", 1),
        ("", "1050110000000000", "1050110000000000", 1),
        ("9", "1050110000000000", "1050110000000000", 1),
        ("3", "", "", 1),
        ("3", "105011", "", 1),
    ] {
        let records =
            format!("101,1,1,,7\n111,1,{kind},{code},頓,\n201,1,1,1,2,620003930,見本,1,1,錠");
        let (document, problems) = symbol(&records);
        assert_eq!(document.lines[0].usage, expected, "{records}");
        assert_eq!(problems.len(), count, "{records}: {problems:?}");
    }
}

#[test]
fn supplements_are_eight_characters() {
    let (document, problems) = symbol(
        "101,1,1,,7\n111,1,1,,朝,\n201,1,1,1,2,620003930,見本,1,1,錠\n\
         181,1,1,3,隔日,I1100000,\n181,1,2,8,月水金,W0101010,\n181,1,3,9,腰部,,123\n\
         181,1,4,8,,I11,\n181,1,5,5,朝,夕,I1100000,,\n181,1,6,3,隔日投与",
    );
    assert_eq!(document.lines[0].supplements, ["I1100000", "W0101010"]);
    assert_eq!(
        problems,
        [
            "12 181 補足用法コード: not a code of 8 characters: \"I11\"",
            // A comma in the words: what stands in the code's place may be anything.
            "13 181 補足用法コード: not a code of 8 characters: \"夕\"",
        ]
    );
}

#[test]
fn refill_uses_are_a_number() {
    for (uses, expected, count) in [
        ("3", 3, 0),
        ("1", 1, 0),
        ("9", 9, 1),
        ("", 0, 1),
        ("x", 0, 1),
        ("300", 0, 1),
        ("+2", 0, 1),
    ] {
        let records =
            format!("64,{uses}\n101,1,1,,7\n111,1,1,,朝,\n201,1,1,1,2,620003930,見本,1,1,錠");
        let (document, problems) = symbol(&records);
        assert_eq!(
            (document.refill_uses, problems.len()),
            (expected, count),
            "{uses}: {problems:?}"
        );
    }
}

#[test]
fn an_issue_day_that_never_was_is_none() {
    for day in ["20260931", "2026091", "4310501", "R080915", "", "昨日"] {
        let text = format!(
            "JAHIS10\n1,1,7654321,27,見本\n22,06990000\n23,見本,7001,2,03\n51,{day}\n\
                            101,1,1,,7\n111,1,1,,朝,\n201,1,1,1,2,620003930,見本,1,1,錠"
        );
        let (document, problems) = input(text);
        assert_eq!((document.day, problems.len()), (None, 1), "{day}: {problems:?}");
    }
}

#[test]
fn without_an_insurer_the_public_payer_names_the_patient() {
    for (records, insurer, number) in [
        ("27,12123456,1234567\n", "12123456", "1234567"),
        // Mental health (21) pays first; medical assistance (12) is who the patient is.
        ("27,21123456,7654321\n28,12123456,1234567\n", "12123456", "1234567"),
        ("27,21123456,7654321\n28,54123456,1234567\n", "21123456", "7654321"),
        ("22,06990000\n23,見本,7001,2,03\n27,12123456,1234567\n", "06990000", "7001"),
    ] {
        let text = format!(
            "JAHIS10\n1,1,7654321,27,見本\n{records}51,20261102\n\
                            101,1,1,,7\n111,1,1,,朝,\n201,1,1,1,2,620003930,見本,1,1,錠"
        );
        let (document, problems) = input(text);
        let patient = document.patient.unwrap();
        assert_eq!((patient.insurer.as_ref(), patient.number.as_ref()), (insurer, number));
        assert_eq!(problems, [""; 0], "{records}");
    }
}

#[test]
fn nothing_of_an_identity_is_reported() {
    let text = "JAHIS10\n1,1,7654321,27,見本\n22,秘密\n22,秘密2\n23,秘密,秘密,2,秘密,秘密\n\
                27,秘密\n51,20261102\n秘密の住所\n11,秘密\n11,秘密\n";
    let found = read("f", lasting(text)).unwrap();
    let patient = found.documents[0].patient.clone().unwrap();
    // Its columns may have moved: an identity of moved columns is another person's.
    assert_eq!((patient.symbol.as_ref(), patient.number.as_ref()), ("", ""));
    let reported = format!("{:?}", found.report);
    assert!(found.report.problems.len() >= 6);
    assert!(!reported.contains("秘密"), "{reported}");
}

#[test]
fn what_is_unknown_missing_repeated_or_late_is_reported() {
    let (document, problems) = input(
        "SJ2\n101,1,1,,7\n111,1,1,,朝,\n201,1,2,1,2,620003930,見本,1,1,錠\n211,1,3,2,mg\n\
         51,20261102\n51,20261103\n999,x\nx,y\n101,2,1,,3\n111,3,1,,朝,\n281,2,1,1,7,,I1100000"
            .to_owned(),
    );
    assert_eq!(document.day, "2026-11-02".parse().ok());
    assert_eq!(
        problems,
        [
            "1  バージョン: not one of the known values: \"SJ2\"",
            "4 201 RP内連番: not one of the known values: \"2\"",
            "5 211 : no 201 record before it",
            "6 51 : stands behind record 101",
            "7 51 : stands behind record 101",
            "7 51 : already given on line 6",
            "8 999 : an unknown record; it was passed over",
            "9  : an unknown record; it was passed over",
            "12 281 : no 201 record before it",
            "10 111 : missing",
            "10 201 : missing",
            "11 101 : missing",
            "11 201 : missing",
            "1 1 : missing",
            "1 22 : missing",
        ]
    );
}

#[test]
fn the_narcotics_licence_has_one_number_in_either_layout() {
    for record in ["60,1", "61,A-1,,"] {
        let records =
            format!("{record}\n101,1,1,,7\n111,1,1,,朝,\n201,1,1,1,2,620003930,見本,1,1,錠");
        let (document, problems) = symbol(&records);
        assert_eq!(document.lines.len(), 1, "{record}");
        assert_eq!(problems, [""; 0], "{record}");
    }
}
