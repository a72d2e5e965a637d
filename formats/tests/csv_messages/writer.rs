//! Prescriptions written as `SJ1`, and read again.

use std::borrow::Cow;

use chofuku_engine::Day;
use chofuku_engine::code::{CodeSystem, check_digit};
use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;
use chofuku_formats::document::{Code, Document, Facility, Line, Patient};
use chofuku_formats::eprescription::{WriteError, encode, read, write};
use fastrand::Rng;

use super::eprescription::prescription;
use super::{lasting, problems};

const DOCUMENTS: usize = 2_000;
const LETTERS: [char; 16] =
    ['錠', 'ｶ', 'ﾞ', 'A', '5', '（', 'ー', 'ソ', '表', '髙', ' ', '　', '%', '\\', '～', '"'];

fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}

fn digits(rng: &mut Rng, count: usize) -> String {
    (0..count).map(|_| rng.digit(10)).collect()
}

fn words(rng: &mut Rng) -> Cow<'static, str> {
    let count = rng.usize(..12);
    (0..count).map(|_| pick(rng, &LETTERS)).collect::<String>().into()
}

fn random_code(rng: &mut Rng) -> Option<Code<'static>> {
    let (system, code) = match rng.u8(..6) {
        0 => return None,
        1 => (CodeSystem::Receipt, format!("6{}", digits(rng, 8))),
        2 => (CodeSystem::Price, checked(&format!("{}F{}", digits(rng, 7), digits(rng, 3)))),
        3 => (CodeSystem::Yj, checked(&format!("{}X{}", digits(rng, 7), digits(rng, 3)))),
        4 => (CodeSystem::Hot, random_hot(rng)),
        _ => (CodeSystem::Generic, format!("{}F1ZZZ", digits(rng, 7))),
    };
    Some(Code { system, code: code.into() })
}

fn random_hot(rng: &mut Rng) -> String {
    let length = pick(rng, &[7, 9, 11, 13]);
    digits(rng, length)
}

fn checked(body: &str) -> String {
    format!("{body}{}", check_digit(body).unwrap())
}

fn random_supplements(rng: &mut Rng) -> Vec<Cow<'static, str>> {
    let known = ["I1100000", "W0101010", "V1200000"];
    (0..rng.usize(..3)).map(|_| pick(rng, &known).into()).collect()
}

fn random_lines(rng: &mut Rng) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for rp in 1..=rng.u32(1..5) {
        let form = pick(
            rng,
            &[
                Form::Oral,
                Form::AsNeeded,
                Form::External,
                Form::Drops,
                Form::Injection,
                Form::Other,
            ],
        );
        let shared = random_supplements(rng);
        let (quantity, usage) = (
            pick(rng, &["7", "14", "0.5", "28", "999"]),
            pick(rng, &["1011000400000000", "1050110000000000", ""]),
        );
        let usage_text = words(rng);
        for _ in 0..rng.usize(1..4) {
            let is_material = rng.u8(..8) == 0;
            let material = Code { system: CodeSystem::Receipt, code: "710010001".into() };
            let mut supplements = shared.clone();
            supplements.extend(random_supplements(rng));
            lines.push(Line {
                rp,
                drug: if is_material { Some(material) } else { random_code(rng) },
                name: words(rng),
                form: if is_material { Form::Material } else { form },
                quantity: quantity.into(),
                usage: usage.into(),
                usage_text: usage_text.clone(),
                supplements,
                dose: pick(rng, &["1", "0.25", "123456.78901"]).into(),
                unit: words(rng),
            });
        }
    }
    // RP numbers in any order, and RPs one between the other.
    if rng.bool() {
        rng.shuffle(&mut lines);
    }
    lines
}

fn random_document(rng: &mut Rng) -> Document<'static> {
    let insured = Patient {
        insurer: pick(rng, &["06990000", "138057", "39990000"]).into(),
        symbol: pick(rng, &["", "見本・1", "12"]).into(),
        number: digits(rng, 7).into(),
        branch: pick(rng, &["", "01"]).into(),
    };
    let assisted =
        Patient { insurer: "12990000".into(), number: digits(rng, 7).into(), ..Patient::default() };
    Document {
        place: 1,
        id: rng.bool().then(|| digits(rng, 16).into()),
        kind: DocumentKind::Prescription,
        patient: Some(if rng.u8(..4) == 0 { assisted } else { insured }),
        day: Some(Day::from_number(rng.i32(10_000..25_000))),
        institution: Some(Facility {
            code: format!("{:02}1{}", rng.u8(1..48), digits(rng, 7)).into(),
            name: words(rng),
        }),
        pharmacy: None,
        prescription: None,
        refill_uses: pick(rng, &[0, 0, 1, 2, 3]),
        refill_use: 0,
        lines: random_lines(rng),
    }
}

#[test]
fn random_prescriptions_come_back_as_they_were_written() {
    let mut rng = Rng::with_seed(20_261_102);
    for turn in 0..DOCUMENTS {
        let document = random_document(&mut rng);
        let written = write("p.csv", &document).unwrap();
        assert_eq!(problems(&written.report), [""; 0], "document {turn}");
        let encoded = encode(&written.text);
        assert_eq!(encoded.unknown, []);
        for bytes in [written.text.as_bytes(), &encoded.bytes] {
            let found = read("p.csv", lasting(bytes)).unwrap();
            assert_eq!(
                found.documents,
                std::slice::from_ref(&document),
                "document {turn}: {}",
                written.text
            );
            // Price and HOT codes and missing codes are no part of the electronic prescription.
            let expected = document.lines.iter().filter(|line| {
                let system = line.drug.as_ref().map(|drug| drug.system);
                matches!(system, None | Some(CodeSystem::Price | CodeSystem::Hot))
            });
            let noted = problems(&found.report);
            assert_eq!(noted.len(), expected.count(), "document {turn}: {noted:?}");
        }
    }
}

#[test]
fn the_fixture_is_written_in_the_order_of_the_layout() {
    let written = write("p.csv", &prescription()).unwrap();
    assert_eq!(problems(&written.report), [""; 0]);
    assert_eq!(
        written.text.replace("\r\n", "\n"),
        "\
SJ1
1,1,7654321,27,見本町クリニック
22,06990000
23,見本,7001,,03
51,20261102
64,3
82,1,4455667788990011
101,1,1,,28
111,1,3,1011000400000000,１日１回朝食後　服用,
181,1,1,8,,I1100000,
201,1,1,1,4,2171022F2025,アムロジピン錠５ｍｇ「見本」,1,1,錠
201,1,2,1,7,2149032F1ZZZ,【般】カルベジロール錠１０ｍｇ,0.5,1,錠
281,1,2,1,7,,V1200000
101,2,2,,10
111,2,3,1050110000000000,疼痛時　服用,
201,2,1,1,2,620098801,ロキソプロフェン錠６０ｍｇ「見本」,1,1,錠
101,3,3,,1
111,3,3,2A71000000000000,１日１回　貼付,
201,3,1,1,2,620007804,見本テープＬ４０ｍｇ,28,1,枚
201,3,2,2,2,710010001,見本ばんそうこう,1,1,箱
"
    );
    assert_eq!(read("p.csv", lasting(written.text)).unwrap().documents, [prescription()]);
}

#[test]
fn names_are_written_in_the_characters_of_the_format() {
    let mut document = prescription();
    document.lines.truncate(1);
    document.lines[0].name = "𠮷田,錠\n〜".into();
    let written = write("p.csv", &document).unwrap();
    assert_eq!(
        problems(&written.report),
        [
            "11 201 薬品名称: \"𠮷\" was read as ■, which stands for characters that CP932 does not know",
            "11 201 薬品名称: \"\\n\" was read as a blank",
            "11 201 薬品名称: \"〜\" was read as the character that CP932 has for it",
        ]
    );
    let bytes = encode(&written.text).bytes;
    let found = read("p.csv", lasting(&bytes)).unwrap();
    assert_eq!(found.documents[0].lines[0].name, "■田，錠 ～");
    assert_eq!(found.documents[0].lines[0].unit, "錠");
}

#[test]
fn what_cannot_be_stated_is_refused() {
    let changed = |change: fn(&mut Document<'static>)| {
        let mut document = prescription();
        change(&mut document);
        write("p.csv", &document).unwrap_err()
    };
    let kind = DocumentKind::Dispensing;
    assert_eq!(changed(|d| d.kind = DocumentKind::Dispensing), WriteError::Kind { kind });
    assert_eq!(changed(|d| d.lines[0].rp = 0), WriteError::Rp { rp: 0 });
    assert_eq!(changed(|d| d.lines[0].rp = 1_000), WriteError::Rp { rp: 1_000 });
    let error = changed(|d| d.lines[0].drug.as_mut().unwrap().system = CodeSystem::Gtin);
    let code = "2171022F2025".to_owned();
    assert_eq!(error, WriteError::System { system: CodeSystem::Gtin, code });
    for value in ["1,2", "1\n", " 1", "𠮷", "1〜2"] {
        let mut document = prescription();
        document.lines[4].dose = value.into();
        let (field, found) = ("用量", value.to_owned());
        assert_eq!(write("p", &document).unwrap_err(), WriteError::Value { field, found });
        let mut document = prescription();
        document.patient.as_mut().unwrap().number = value.into();
        assert_eq!(write("p", &document).unwrap_err(), WriteError::Identity);
    }
    assert_eq!(
        changed(|d| d.lines[1].quantity = "14".into()),
        WriteError::Rps { rp: 1, field: "quantity" }
    );
    assert_eq!(
        changed(|d| d.lines[1].form = Form::Drops),
        WriteError::Rps { rp: 1, field: "form" }
    );
    let error = changed(|d| d.lines[1].form = Form::Material);
    assert_eq!(error, WriteError::Material { rp: 1, code: "2149032F1ZZZ".to_owned() });
}

#[test]
fn what_a_prescription_has_no_place_for_is_named() {
    let document = Document {
        day: None,
        pharmacy: Some(Facility { code: "1341112223".into(), name: "".into() }),
        prescription: Some("P1".into()),
        refill_use: 2,
        institution: Some(Facility { code: "123".into(), name: "見本".into() }),
        lines: vec![],
        ..prescription()
    };
    let written = write("p", &document).unwrap();
    let fields: Vec<_> = written.report.problems.iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["医療機関コード", "交付年月日", "調剤薬局", "処方箋", "リフィル回"]);
}
