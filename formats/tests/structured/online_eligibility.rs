//! The three trees, their precedence, and every pitfall of the format.

use chofuku_engine::Day;
use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;
use chofuku_formats::online_eligibility::{DrugHistory, DrugHistoryError, SameEvent, Tree, read};
use chofuku_formats::{Decoded, Encoding, Reason, decode};
use encoding_rs::SHIFT_JIS;

/// One institution in three trees, another alone, and a month without a day.
pub(crate) const FIXTURE: &str = include_str!("../fixtures/drug_history.xml");

fn day(text: &str) -> Option<Day> {
    text.parse().ok()
}

fn text(text: &str) -> Decoded {
    decode(text.as_bytes())
}

fn reasons<'a>(history: &'a DrugHistory<'_>, field: &str) -> Vec<&'a Reason> {
    let problems = history.report.problems.iter();
    problems.filter(|one| one.field == field).map(|one| &one.reason).collect()
}

#[test]
fn each_block_of_each_tree_is_a_document() {
    let decoded = text(FIXTURE);
    let history = read("f.xml", &decoded).unwrap();
    assert_eq!(history.person.name, "見本　花子");
    assert_eq!(history.person.birth, "19600102");
    let found: Vec<_> = history
        .entries
        .iter()
        .map(|entry| (entry.tree, entry.document.kind, entry.document.day))
        .collect();
    assert_eq!(
        found,
        [
            (Tree::Claims, DocumentKind::Dispensing, day("2026-09-03")),
            (Tree::Claims, DocumentKind::InHouse, None),
            (Tree::Dispensing, DocumentKind::Dispensing, day("2026-09-03")),
            (Tree::Prescription, DocumentKind::Prescription, day("2026-09-02")),
            (Tree::Prescription, DocumentKind::Prescription, day("2026-09-10")),
        ]
    );
    let claims = &history.entries[0].document;
    let pharmacy = claims.pharmacy.as_ref().unwrap();
    assert_eq!((&*pharmacy.code, &*pharmacy.name), ("1340000011", "見本薬局"));
    assert_eq!(claims.institution.as_ref().unwrap().code, "1310000012");
    let lines: Vec<_> = claims
        .lines
        .iter()
        .map(|line| {
            let drug = line.drug.as_ref().unwrap();
            assert_eq!(drug.system, CodeSystem::Receipt);
            (line.rp, &*drug.code, &*line.name, line.form, &*line.quantity, &*line.usage_text)
        })
        .collect();
    assert_eq!(
        lines,
        [
            (1, "610000001", "見本錠５ｍｇ", Form::Oral, "28", "１日１回朝食後"),
            (2, "610000002", "見本頓服錠", Form::AsNeeded, "10", "頭痛時 / １日２回まで"),
        ]
    );
    assert_eq!((&*claims.lines[0].dose, &*claims.lines[0].unit), ("1", "錠"));
    let in_house = &history.entries[1].document;
    assert_eq!(in_house.institution.as_ref().unwrap().name, "院内クリニック");
    assert_eq!(in_house.pharmacy, None);
    assert_eq!(history.entries[4].document.lines[0].form, Form::External);
}

#[test]
fn one_event_in_several_trees_is_one_record() {
    let decoded = text(FIXTURE);
    let history = read("f.xml", &decoded).unwrap();
    let marks: Vec<_> = history
        .entries
        .iter()
        .map(|entry| entry.superseded.map(|by| (by.by, by.tree, by.reason)))
        .collect();
    assert_eq!(
        marks,
        [
            None,
            None,
            Some((0, Tree::Claims, SameEvent::InstitutionAndDay)),
            Some((0, Tree::Claims, SameEvent::InstitutionAndPrescriptionDay)),
            None,
        ]
    );
}

#[test]
fn another_institution_or_day_is_another_event() {
    let other = FIXTURE.replace("<ShPrHCd>1310000012", "<ShPrHCd>1310000099");
    let decoded = text(&other);
    let history = read("f.xml", &decoded).unwrap();
    assert_eq!(history.entries[3].superseded, None);
    let other = FIXTURE.replace("<CzDiDate>20260903", "<CzDiDate>20260904");
    let decoded = text(&other);
    let history = read("f.xml", &decoded).unwrap();
    assert_eq!(history.entries[2].superseded, None);
}

#[test]
fn a_month_is_never_a_day() {
    let decoded = text(FIXTURE);
    let history = read("f.xml", &decoded).unwrap();
    let expected = Reason::ReadAs { found: "202608".into(), taken: "no day, for it is a month" };
    assert_eq!(reasons(&history, "DiDate"), [&expected]);
    assert_eq!(history.report.problems[0].line, 17);
    for found in ["202609", "20260900", "20260931", "2026年9月"] {
        let other = FIXTURE.replace("<DiDate>20260903<", &format!("<DiDate>{found}<"));
        let decoded = text(&other);
        let history = read("f.xml", &decoded).unwrap();
        assert_eq!(history.entries[0].document.day, None, "{found}");
        assert!(reasons(&history, "DiDate").contains(&&Reason::Date { found: found.into() }));
        assert_eq!(history.entries[2].superseded, None, "nothing without a day supersedes");
    }
}

#[test]
fn shift_jis_is_decoded_before_the_declaration_is_looked_at() {
    let (bytes, _, _) = SHIFT_JIS.encode(FIXTURE);
    let decoded = decode(bytes);
    assert_eq!(decoded.encoding, Encoding::Cp932);
    let history = read("f.xml", &decoded).unwrap();
    let plain = text(FIXTURE);
    assert_eq!(history.entries, read("f.xml", &plain).unwrap().entries);
    assert!(reasons(&history, "encoding").is_empty());
    let lying = FIXTURE.replace("Shift_JIS", "UTF-8");
    let (bytes, _, _) = SHIFT_JIS.encode(&lying);
    let decoded = decode(bytes);
    let history = read("f.xml", &decoded).unwrap();
    assert_eq!(reasons(&history, "encoding").len(), 1);
    assert_eq!(history.entries[0].document.lines[0].name, "見本錠５ｍｇ");
}

#[test]
fn the_other_root_and_namespaces_are_accepted() {
    let other = FIXTURE
        .replace("<XmlMsg>", "<m:Message xmlns:m=\"urn:x\">")
        .replace("</XmlMsg>", "</m:Message>")
        .replace("<DrugC>", "<m:DrugC>")
        .replace("</DrugC>", "</m:DrugC>")
        .replace("PrlsHNm>", "MedicalInstitutionName>");
    let decoded = text(&other);
    let history = read("f.xml", &decoded).unwrap();
    let document = &history.entries[0].document;
    assert_eq!(document.lines[0].drug.as_ref().unwrap().code, "610000001");
    assert_eq!(document.institution.as_ref().unwrap().name, "見本医院");
}

#[test]
fn what_is_said_of_a_month_may_come_after_its_days() {
    let code = "<PrlsHCd>1310000012</PrlsHCd>";
    let other = FIXTURE.replacen(code, "", 1).replacen(
        "</DiDateInfs>\n  </MeTrMonthInf>",
        &format!("</DiDateInfs>{code}</MeTrMonthInf>"),
        1,
    );
    let decoded = text(&other);
    let history = read("f.xml", &decoded).unwrap();
    assert_eq!(history.entries[0].document.institution.as_ref().unwrap().code, "1310000012");
}

#[test]
fn kind_follows_the_dispenser_then_in_out() {
    let of = |from: &str, to: &str| {
        let other = FIXTURE.replacen(from, to, 1);
        let decoded = text(&other);
        let history = read("f.xml", &decoded).unwrap();
        let reported = !reasons(&history, "InOut").is_empty();
        (history.entries[0].document.kind, reported)
    };
    let dispenser = "<MeTrDiHCd>1340000011</MeTrDiHCd>";
    assert_eq!(of("<InOut>2", "<InOut>1"), (DocumentKind::Dispensing, true));
    assert_eq!(of("<InOut>2", "<InOut>9"), (DocumentKind::Dispensing, true));
    assert_eq!(of(dispenser, "<MeTrDiHCd>1310000011</MeTrDiHCd>"), (DocumentKind::InHouse, false));
    assert_eq!(of(dispenser, ""), (DocumentKind::Dispensing, false));
}

#[test]
fn wrong_values_stay_and_are_reported() {
    for (from, to, field) in [
        ("<DrugC>610000001", "<DrugC>61000000", "DrugC"),
        ("<DrugC>610000001", "<DrugC>６１００００００１", "DrugC"),
        ("<MeTrIdCl>21", "<MeTrIdCl>29", "MeTrIdCl"),
        ("<Times>28</Times>", "", "Times"),
        ("<PrlsHCd>1310000012", "<PrlsHCd>13100000", "PrlsHCd"),
        ("<DrugN>見本錠５ｍｇ</DrugN>", "", "DrugN"),
    ] {
        let other = FIXTURE.replacen(from, to, 1);
        let decoded = text(&other);
        let history = read("f.xml", &decoded).unwrap();
        assert_eq!(reasons(&history, field).len(), 1, "{to}");
    }
    let other = FIXTURE.replacen("<DrugC>610000001</DrugC>", "<DrugC></DrugC>", 1);
    let decoded = text(&other);
    let line = &read("f.xml", &decoded).unwrap().entries[0].document.lines[0];
    assert_eq!((line.drug.as_ref(), &*line.name), (None, "見本錠５ｍｇ"));
    let twice = "<DrugC>610000001</DrugC><DrugC>610000009</DrugC>";
    let other = FIXTURE.replacen("<DrugC>610000001</DrugC>", twice, 1);
    let decoded = text(&other);
    let history = read("f.xml", &decoded).unwrap();
    assert_eq!(history.entries[0].document.lines[0].drug, None);
    assert_eq!(reasons(&history, "DrugC").len(), 1);
}

#[test]
fn entities_are_the_five_and_nothing_is_expanded() {
    let other = FIXTURE.replacen("見本錠５ｍｇ", "A&amp;B&#x9320;&lol;<![CDATA[<錠>]]>", 1);
    let other =
        other.replacen("<XmlMsg>", "<!DOCTYPE x [<!ENTITY lol \"lolololol\">]>\n<XmlMsg>", 1);
    let decoded = text(&other);
    let history = read("f.xml", &decoded).unwrap();
    assert_eq!(history.entries[0].document.lines[0].name, "A&B錠&lol;<錠>");
    assert_eq!(reasons(&history, "entity"), [&Reason::NotUsed { found: "&lol;".into() }]);
    assert_eq!(reasons(&history, "DOCTYPE").len(), 1);
}

#[test]
fn what_is_not_the_format_is_an_error() {
    for other in ["", "abc", "<<<", "{\"a\": 1}", "<?xml version=\"1.0\"?>"] {
        let decoded = text(other);
        assert!(matches!(read("f", &decoded), Err(DrugHistoryError::NotXml { .. })), "{other}");
    }
    let decoded = text("<PackIns/>");
    let error = read("f.xml", &decoded).unwrap_err();
    assert_eq!(error.to_string(), "f.xml begins with <PackIns>, not with <XmlMsg> or <Message>");
    let deep = format!("<XmlMsg>{}", "<a>".repeat(100_000));
    let decoded = text(&deep);
    let history = read("f.xml", &decoded).unwrap();
    assert_eq!(history.report.problems[0].reason, Reason::TooDeep { limit: 64 });
}
