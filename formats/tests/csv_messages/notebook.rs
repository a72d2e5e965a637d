//! What a notebook says, and what is kept of the rest.

use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::{DaysFrom, Form, Supply};
use chofuku_engine::policy::Policy;
use chofuku_formats::CsvMessageError;
use chofuku_formats::document::{Code, Document, Facility, Line};
use chofuku_formats::eprescription::encode;
use chofuku_formats::notebook::{Notebook, read};

use super::{NOTEBOOK, lasting, problems};

fn dispensing<'t>(day: &str, institution: Facility<'t>, pharmacy: Facility<'t>) -> Document<'t> {
    Document {
        place: 0,
        id: None,
        kind: DocumentKind::Dispensing,
        patient: None,
        day: day.parse().ok(),
        institution: Some(institution),
        pharmacy: Some(pharmacy),
        prescription: None,
        refill_uses: 0,
        refill_use: 0,
        lines: vec![],
    }
}

fn facility<'t>(code: &'t str, name: &'t str) -> Facility<'t> {
    Facility { code: code.into(), name: name.into() }
}

#[test]
fn every_record_5_is_a_dispensing() {
    let bytes = encode(&NOTEBOOK.replace('\n', "\r\n")).bytes;
    let notebook = read("n.csv", lasting(&bytes)).unwrap();
    let oral = Line {
        rp: 1,
        drug: Some(Code { system: CodeSystem::Yj, code: "2171022F2025".into() }),
        name: "ｱﾑﾛｼﾞﾋﾟﾝ錠5mg｢見本｣".into(),
        form: Form::Oral,
        quantity: "28".into(),
        usage: "".into(),
        usage_text: "【分１ 朝食後服用】".into(),
        supplements: vec![],
        dose: "1".into(),
        unit: "錠".into(),
    };
    let needed = Line {
        rp: 2,
        drug: Some(Code { system: CodeSystem::Receipt, code: "620098801".into() }),
        name: "ロキソプロフェン錠６０ｍｇ「見本」".into(),
        // 3 is 屯服 here and 外用 in prescriptions.
        form: Form::AsNeeded,
        quantity: "10".into(),
        usage: "1050110000000000".into(),
        usage_text: "疼痛時服用".into(),
        ..oral.clone()
    };
    let tape = Line {
        rp: 1,
        drug: Some(Code { system: CodeSystem::Receipt, code: "620007804".into() }),
        name: "見本テープＬ４０ｍｇ".into(),
        form: Form::External,
        quantity: "1".into(),
        usage_text: "１日１回貼付".into(),
        dose: "28".into(),
        unit: "枚".into(),
        ..oral.clone()
    };
    let clinic = facility("2717654321", "見本町クリニック");
    let first = dispensing("2026-11-03", clinic, facility("2741112223", "見本薬局 中央店"));
    let eyes = facility("", "見本眼科");
    let second = dispensing("2026-11-10", eyes, facility("2743332221", "見本薬局 東店"));
    assert_eq!(
        notebook.documents,
        [
            Document { place: 8, lines: vec![oral, needed], ..first },
            Document { place: 26, lines: vec![tape], ..second },
        ]
    );
    assert_eq!(
        problems(&notebook.report),
        ["28 51 都道府県コード: empty", "28 51 点数表: empty", "28 51 医療機関等コード: empty",]
    );
}

#[test]
fn the_rest_is_kept_beside_but_not_who_it_is_about() {
    let notebook = read("n.csv", lasting(NOTEBOOK)).unwrap();
    let [otc] = notebook.otc.as_slice() else { panic!("one") };
    assert_eq!((otc.place, otc.name.as_ref(), otc.sequence.as_ref()), (5, "見本かぜ薬", "1"));
    assert_eq!(otc.from, "2026-10-01".parse().ok());
    assert_eq!(otc.to, "2026-10-04".parse().ok());
    assert_eq!(otc.code, "4900000000001");
    assert_eq!(otc.components[0].name, "アセトアミノフェン");
    assert_eq!(otc.components[0].code, "1141001");
    let notes: Vec<_> = notebook
        .notes
        .iter()
        .map(|note| (note.record, note.document, note.rp, note.kind.as_ref(), note.text.as_ref()))
        .collect();
    assert_eq!(
        notes,
        [
            (2, None, None, "1", "そば"),
            (2, None, None, "2", "発疹（セフェム系）"),
            (4, None, None, "", "健診の日"),
            (281, Some(0), Some(1), "", "朝に1錠"),
            (291, Some(0), Some(1), "", "グレープフルーツジュースを避ける"),
            (391, Some(0), Some(1), "", "ふらつきに注意"),
            (401, Some(0), None, "", "併用薬なし"),
            (411, Some(0), None, "30", "入院中に発疹"),
            (421, Some(0), None, "", "残薬は5錠"),
            (501, Some(0), None, "", "次回は12月"),
            (601, Some(0), None, "", "夕方に眠い"),
        ]
    );
    assert_eq!(notebook.notes[10].day, "2026-11-05".parse().ok());
    let everything = format!("{notebook:?}");
    for name in ["架空", "カクウ", "薬子", "医師", "06-0000"] {
        assert!(!everything.contains(name), "{name}");
    }
}

/// The one line of a notebook with this record 301, and what was reported.
fn supplied(record: &str) -> (Line<'static>, Vec<String>) {
    let text = format!(
        "JAHISTC07,1\n5,20261103,1\n11,見本薬局,27,4,1112223\n51,見本,27,1,7654321\n\
         201,1,見本錠,1,錠,2,612170709,1\n{record}\n"
    );
    let notebook = read("f", lasting(text)).unwrap();
    let problems = problems(&notebook.report);
    (notebook.documents[0].lines[0].clone(), problems)
}

#[test]
fn only_days_become_days() {
    for (quantity, unit, form, expected, from, count) in [
        ("14", "日分", "1", Form::Oral, DaysFrom::Days, 0),
        ("14", "日分", "6", Form::Oral, DaysFrom::Days, 0),
        ("14", "日分", "7", Form::Oral, DaysFrom::Days, 0),
        ("10", "回分", "1", Form::AsNeeded, DaysFrom::AsNeeded, 1),
        ("10", "回分", "3", Form::AsNeeded, DaysFrom::AsNeeded, 0),
        ("10", "日分", "3", Form::AsNeeded, DaysFrom::AsNeeded, 0),
        ("5", "調剤", "1", Form::Oral, DaysFrom::QuantityMissing, 1),
        ("5", "", "1", Form::Oral, DaysFrom::QuantityMissing, 1),
        ("5", "錠", "7", Form::Oral, DaysFrom::QuantityMissing, 1),
        ("5", "調剤", "5", Form::External, DaysFrom::External, 0),
        ("5", "調剤", "2", Form::Drops, DaysFrom::Drops, 0),
        ("5", "調剤", "4", Form::Injection, DaysFrom::Injection, 0),
        ("5", "調剤", "10", Form::Other, DaysFrom::Other, 0),
        ("14", "日分", "8", Form::Other, DaysFrom::Other, 1),
        ("14", "日分", "", Form::Other, DaysFrom::Other, 1),
        // 材料, but the code is a drug's.
        ("1", "調剤", "9", Form::Other, DaysFrom::Other, 1),
        ("", "日分", "1", Form::Oral, DaysFrom::QuantityMissing, 1),
        ("二", "日分", "1", Form::Oral, DaysFrom::QuantityNotWhole, 1),
    ] {
        let record = format!("301,1,朝食後,{quantity},{unit},{form},1,,1");
        let (line, problems) = supplied(&record);
        assert_eq!(line.form, expected, "{record}");
        let supply = Supply::of(line.form, &line.quantity, &line.usage, []);
        assert_eq!(supply.period(&Policy::default()).from, from, "{record}");
        assert_eq!(problems.len(), count, "{record}: {problems:?}");
    }
}

#[test]
fn a_comma_in_a_usage_leaves_the_days_out() {
    let (line, problems) = supplied("301,1,朝,夕食後,14,日分,1,1,,1");
    assert_eq!((line.form, line.quantity.as_ref()), (Form::Other, ""));
    assert_eq!(line.usage_text, "朝");
    assert_eq!(problems, ["6 301 : 10 fields instead of at most 9"]);
}

#[test]
fn trailing_fields_and_blanks_do_not_matter() {
    let (line, noted) = supplied("301,1,朝食後,14,日分,1 ,1");
    assert_eq!((line.form, line.quantity.as_ref(), noted.len()), (Form::Oral, "14", 0));
    let text = "JAHISTC01\n5,20261103\n11,見本薬局,27,4,1112223\n51,見本,27,1,7654321\n\
                201,1,ﾛｷｿﾆﾝ錠60mg,1,錠,2 , 612310013\n301,1,朝,3,日分,1\n";
    let notebook = read("f", lasting(text)).unwrap();
    let line = &notebook.documents[0].lines[0];
    assert_eq!(line.drug.as_ref().unwrap().code, "612310013");
    assert_eq!(line.name, "ﾛｷｿﾆﾝ錠60mg");
    assert_eq!(problems(&notebook.report), [""; 0]);
}

#[test]
fn drug_codes_are_taken_from_columns_that_hold_together() {
    for (record, expected, count) in [
        ("201,1,見本錠,1,錠,2,612170709,1", Some("612170709"), 0),
        ("201,1,見本錠,1,錠,2,612170709", Some("612170709"), 0),
        ("201,1,見本錠,1,錠,2,612170709,1,【般】見本,2,1179044F1ZZZ", Some("612170709"), 0),
        ("201,1,見本錠,1,錠,1,,1", None, 0),
        ("201,1,見本錠,1,錠,2,,1", None, 1),
        ("201,1,見本錠,1,錠,,612170709,1", None, 1),
        // 7 is no kind of this column, though the prescription has it.
        ("201,1,見本錠,1,錠,7,1179044F1ZZZ,1", None, 1),
        ("201,1,見本,錠,1,錠,2,612170709,1", None, 1),
        // As written, so that a check says that it does not know it.
        ("201,1,見本錠,1,錠,4,612170709,1", Some("612170709"), 1),
        ("201,1,見本錠", None, 2),
    ] {
        let text = format!(
            "JAHISTC08,1\n5,20261103,1\n11,見本薬局,27,4,1112223\n51,見本,27,1,7654321\n\
             {record}\n301,1,朝,3,日分,1,1,,1"
        );
        let notebook = read("f", lasting(text)).unwrap();
        let line = &notebook.documents[0].lines[0];
        let code = line.drug.as_ref().map(|drug| drug.code.to_string());
        assert_eq!(code.as_deref(), expected, "{record}");
        let problems = problems(&notebook.report);
        assert_eq!(problems.len(), count, "{record}: {problems:?}");
    }
}

fn days(notebook: &Notebook<'_>) -> Vec<(Option<String>, usize)> {
    let documents = notebook.documents.iter();
    documents
        .map(|document| (document.day.map(|day| day.to_string()), document.lines.len()))
        .collect()
}

#[test]
fn a_second_institution_is_a_dispensing_of_the_same_day() {
    let text = "JAHISTC08,1\n5,20261103,1\n11,見本薬局,27,4,1112223\n51,見本,27,1,7654321\n\
                201,1,見本錠,1,錠,2,612170709,1\n301,1,朝,3,日分,1,1,,1\n51,別院,27,1,7654322\n\
                201,1,見本錠,1,錠,2,612170709,1\n301,1,朝,5,日分,1,1,,1\n";
    let notebook = read("f", lasting(text)).unwrap();
    assert_eq!(days(&notebook), [(Some("2026-11-03".into()), 1), (Some("2026-11-03".into()), 1)]);
    let [first, second] = notebook.documents.as_slice() else { panic!("two") };
    assert_eq!(first.pharmacy, second.pharmacy);
    assert_eq!(second.institution.as_ref().unwrap().code, "2717654322");
    assert_eq!((first.lines[0].quantity.as_ref(), second.lines[0].quantity.as_ref()), ("3", "5"));
    assert_eq!(problems(&notebook.report), [""; 0]);
}

#[test]
fn a_dispensing_whose_day_is_lost_has_none() {
    let text = "JAHISTC08,1\n201,1,見本錠,1,錠,2,612170709,1\n301,1,朝,3,日分,1,1,,1\n\
                5,20261303,1\n11,見本薬局,27,4,1112223\n201,1,見本錠,1,錠,2,612170709,1\n\
                301,1,朝,3,日分,1,1,,1\n\
                11,別薬局,27,4,1112224\n201,1,見本錠,1,錠,2,612170709,1\n301,1,朝,3,日分,1,1,,1\n";
    let notebook = read("f", lasting(text)).unwrap();
    assert_eq!(days(&notebook), [(None, 1), (None, 1), (None, 1)]);
    assert_eq!(
        problems(&notebook.report),
        [
            "2 201 : no 5 record before it",
            "4 5 調剤等年月日: not a date: \"20261303\"",
            "8 11 : no 5 record before it",
        ]
    );
}

#[test]
fn lost_records_are_named() {
    let text = "JAHISTC09,1\n5,20261103,1\n11,見本薬局,27,4,1112223\n51,見本,27,1,7654321\n\
                201,1,見本錠,1,錠,2,612170709,1\n301,2,朝,3,日分,1,1,,1\n301,2,夕,4,日分,1,1,,1\n\
                2,1,そば,1\n31,7,成分,2,1141001,2\n777,x\n\
                5,20261104,1\n";
    let notebook = read("f", lasting(text)).unwrap();
    assert_eq!(notebook.documents[0].lines[0].form, Form::Other);
    assert_eq!(notebook.otc[0].components[0].name, "成分");
    assert_eq!(
        problems(&notebook.report),
        [
            "1  バージョン: not one of the known values: \"JAHISTC09\"",
            "7 301 RP番号: already given on line 6",
            "8 2 : stands behind record 5",
            "9 31 : stands behind record 5",
            "9 31 連番: no 3 record before it",
            "10 777 : an unknown record; it was passed over",
            "5 201 : no 301 record before it",
            "6 201 : missing",
            "7 201 : missing",
            "11 201 : missing",
        ]
    );
}

#[test]
fn what_is_no_notebook_is_refused() {
    for text in ["JAHIS10\n", "SJ1\n", "5,20261103,1\n", "JAHISTC\n", "JAHISTC001\n"] {
        let error = read("f", lasting(text)).unwrap_err();
        let CsvMessageError::Header { found, .. } = &error else { panic!("{text}: {error}") };
        assert!(text.starts_with(found.as_str()));
    }
    assert!(matches!(read("f", lasting(b"")).unwrap_err(), CsvMessageError::Empty { .. }));
}
