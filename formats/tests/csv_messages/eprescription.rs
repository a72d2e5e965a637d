//! What a prescription says, as the check needs it.

use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;
use chofuku_formats::document::{Code, Document, Facility, Line, Patient};
use chofuku_formats::eprescription::{encode, read};
use chofuku_formats::{CsvMessageError, Encoding};

use super::{PRESCRIPTION, SPLIT, lasting, problems};

/// The code of a line; none is the empty text.
fn code(system: CodeSystem, code: &str) -> Option<Code<'_>> {
    (!code.is_empty()).then(|| Code { system, code: code.into() })
}

/// What the fixture says.
pub(crate) fn prescription() -> Document<'static> {
    let once = Line {
        rp: 1,
        drug: code(CodeSystem::Yj, "2171022F2025"),
        name: "アムロジピン錠５ｍｇ「見本」".into(),
        form: Form::Oral,
        quantity: "28".into(),
        usage: "1011000400000000".into(),
        usage_text: "１日１回朝食後　服用".into(),
        supplements: vec!["I1100000".into()],
        dose: "1".into(),
        unit: "錠".into(),
    };
    let half = Line {
        drug: code(CodeSystem::Generic, "2149032F1ZZZ"),
        name: "【般】カルベジロール錠１０ｍｇ".into(),
        supplements: vec!["I1100000".into(), "V1200000".into()],
        dose: "0.5".into(),
        ..once.clone()
    };
    let needed = Line {
        rp: 2,
        drug: code(CodeSystem::Receipt, "620098801"),
        name: "ロキソプロフェン錠６０ｍｇ「見本」".into(),
        form: Form::AsNeeded,
        quantity: "10".into(),
        usage: "1050110000000000".into(),
        usage_text: "疼痛時　服用".into(),
        supplements: vec![],
        ..once.clone()
    };
    let tape = Line {
        rp: 3,
        drug: code(CodeSystem::Receipt, "620007804"),
        name: "見本テープＬ４０ｍｇ".into(),
        form: Form::External,
        quantity: "1".into(),
        usage: "2A71000000000000".into(),
        usage_text: "１日１回　貼付".into(),
        supplements: vec![],
        dose: "28".into(),
        unit: "枚".into(),
    };
    let plaster = Line {
        drug: code(CodeSystem::Receipt, "710010001"),
        name: "見本ばんそうこう".into(),
        form: Form::Material,
        dose: "1".into(),
        unit: "箱".into(),
        ..tape.clone()
    };
    Document {
        place: 1,
        id: Some("4455667788990011".into()),
        kind: DocumentKind::Prescription,
        patient: Some(Patient {
            insurer: "06990000".into(),
            symbol: "見本".into(),
            number: "7001".into(),
            branch: "03".into(),
        }),
        day: "2026-11-02".parse().ok(),
        institution: Some(Facility {
            code: "2717654321".into(), name: "見本町クリニック".into()
        }),
        pharmacy: None,
        prescription: None,
        refill_uses: 3,
        refill_use: 0,
        lines: vec![once, half, needed, tape, plaster],
    }
}

#[test]
fn a_prescription_is_read_in_every_encoding_and_line_end() {
    let crlf = PRESCRIPTION.replace('\n', "\r\n");
    let cut = crlf.trim_end();
    let with_mark = format!("\u{feff}{crlf}");
    let inputs = [
        (PRESCRIPTION.as_bytes().to_vec(), Encoding::Utf8),
        (crlf.clone().into_bytes(), Encoding::Utf8),
        (with_mark.into_bytes(), Encoding::Utf8),
        (encode(PRESCRIPTION).bytes, Encoding::Cp932),
        (encode(&format!("{crlf}\u{1a}")).bytes, Encoding::Cp932),
        (encode(&format!("{cut}\u{1a}")).bytes, Encoding::Cp932),
        (encode(cut).bytes, Encoding::Cp932),
        (encode(&PRESCRIPTION.replace('\n', "\r")).bytes, Encoding::Cp932),
    ];
    for (bytes, encoding) in inputs {
        let found = read("p.csv", lasting(&bytes)).unwrap();
        assert_eq!(problems(&found.report), [""; 0]);
        assert_eq!(found.documents, [prescription()]);
        let [file] = found.report.files.as_slice() else { panic!("one file was read") };
        assert_eq!((file.file.as_str(), file.encoding), ("p.csv", Some(encoding)));
        // Every line but the header.
        assert_eq!(file.rows, PRESCRIPTION.lines().count() - 1);
    }
}

#[test]
fn the_symbol_allows_what_the_electronic_prescription_does_not() {
    let bytes = encode(SPLIT).bytes;
    let found = read("s.csv", lasting(&bytes)).unwrap();
    assert_eq!(problems(&found.report), [""; 0]);
    let [document] = found.documents.as_slice() else { panic!("one document") };
    assert_eq!(document.day, "2026-11-02".parse().ok());
    assert_eq!(document.refill_uses, 0);
    let patient = document.patient.clone().unwrap();
    assert_eq!((patient.insurer.as_ref(), patient.symbol.as_ref()), ("39990000", ""));
    let lines: Vec<_> = document.lines.iter().collect();
    // Of a split prescription what is handed out now, not the total.
    assert_eq!(lines[0].quantity, "30");
    assert_eq!(lines[0].drug, code(CodeSystem::Price, "1121001X1018"));
    assert_eq!(lines[1].drug, code(CodeSystem::Hot, "103835401"));
    assert_eq!((lines[1].form, lines[1].usage.as_ref()), (Form::Other, ""));
    assert_eq!(lines[1].usage_text, "用法口授");
}

#[test]
fn a_fragment_needs_no_header() {
    let fragment = "101,1,1,,7\r\n111,1,3,1011000400000000,朝,1\r\n\
                    201,1,1,1,2,620003930,見本錠,2,1,錠";
    let found = read("request", lasting(fragment)).unwrap();
    assert_eq!(problems(&found.report), [""; 0]);
    let [document] = found.documents.as_slice() else { panic!("one document") };
    assert_eq!((document.place, document.patient.as_ref(), document.day), (1, None, None));
    assert_eq!(document.lines[0].quantity, "7");
}

#[test]
fn files_one_after_another_are_documents_of_their_own() {
    let two = format!("{PRESCRIPTION}\u{1a}{SPLIT}");
    let bytes = encode(&two).bytes;
    let found = read("two.csv", lasting(&bytes)).unwrap();
    assert_eq!(problems(&found.report), [""; 0]);
    let places: Vec<u64> = found.documents.iter().map(|document| document.place).collect();
    let header = u64::try_from(PRESCRIPTION.lines().count()).unwrap() + 1;
    assert_eq!(places, [1, header]);
    assert_eq!(found.documents[1].lines.len(), 2);
}

#[test]
fn what_is_no_prescription_is_refused() {
    for text in ["", "\r\n\r\n", "\u{1a}"] {
        let error = read("f", lasting(text)).unwrap_err();
        assert_eq!(error, CsvMessageError::Empty { file: "f".to_owned() }, "{text:?}");
    }
    for (text, begins) in [
        ("NOT_JAHIS\n1,2", "NOT_JAHIS"),
        ("JAHISTC08,1\n", "JAHISTC08"),
        ("1,1,7654321,27,見本町クリニック", "1"),
        ("<XmlMsg>", "<XmlMsg>"),
        ("JAHIS,10", "JAHIS"),
    ] {
        let error = read("f", lasting(text)).unwrap_err();
        let CsvMessageError::Header { found, .. } = &error else { panic!("{text:?}: {error}") };
        assert_eq!(found, begins);
    }
    let error = read("f", lasting([0xff, 0xfe, b'S', 0, b'J', 0])).unwrap_err();
    assert_eq!(error.to_string(), "f is UTF-16; save it as CP932 (Shift_JIS) or UTF-8");
}

#[test]
fn an_input_that_deviates_throughout_is_refused_before_its_report_grows() {
    let text = format!("SJ1\n{}", "?\n".repeat(1_000_000));
    let error = read("f", lasting(text)).unwrap_err();
    let CsvMessageError::TooManyProblems { limit, .. } = error else { panic!("{error}") };
    // 2,000,004 bytes, one deviation for each 16 and 1,000 besides.
    assert_eq!(limit, 126_000);
}
