//! One check without a server: whatever a request is written in, the answer is the same bytes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::kill::Site;

const DAY: &str = "2026-11-22";
const ACTOR: &str = "1311234575";
/// What was dispensed five days before.
const NOTEBOOK: &str = "JAHISTC08,1\r\n\
    1,見本　花子,2,19800101,,,,,,,\r\n\
    5,20261117,1\r\n\
    11,見本薬局,13,4,7654321,,,,1\r\n\
    201,1,アムロジピン錠,1,錠,4,2171022F2029,1\r\n\
    301,1,【１日１回朝食後服用】,14,日分,1,1,,1\r\n";
/// The same drug, as a request of the national service carries it.
const RECORDS: &str = "101,1,1,,14\r\n111,1,3,1011000400000000,１日１回朝食後,1\r\n\
    201,1,1,1,4,2171022F2029,アムロジピン錠,1,1,錠\r\n";

/// A generation in which `p-1` has it.
fn site() -> Site {
    let site = Site::new();
    let message = site.path("notebook.txt");
    fs::write(&message, NOTEBOOK).unwrap();
    let table = site.path("converted").join("history.csv");
    let mut convert = Command::new(env!("CARGO_BIN_EXE_chofuku"));
    convert.arg("convert").arg(&message).arg("--out").arg(&table).args(["--patient-id", "p-1"]);
    assert_eq!(convert.output().unwrap().status.code(), Some(0));
    site.compile_to_the_end(&site.path("converted"));
    site
}

fn check(site: &Site, request: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chofuku"));
    command.arg("check").arg("--data").arg(site.path("data")).arg("--json").args(words);
    command.arg(request).output().unwrap()
}

fn write(site: &Site, name: &str, content: &[u8]) -> std::path::PathBuf {
    let path = site.path(name);
    fs::write(&path, content).unwrap();
    path
}

fn in_json() -> Value {
    json!({"patient": {"id": "p-1"}, "as_of": DAY,
           "actor": {"kind": "medical_institution", "code": ACTOR},
           "consent": {"level": "oral", "recorded_by": "dr-1"},
           "lines": [{"rp": 1, "drug": {"system": "yj", "code": "2171022F2029",
                                        "name": "アムロジピン錠"},
                      "form": 1, "quantity": "14", "usage": "1011000400000000"}]})
}

fn in_fhir() -> Value {
    let drug = json!({"text": "アムロジピン錠", "coding": [{"code": "2171022F2029",
        "system": "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code"}]});
    let usage = json!({"coding": [{"code": "1011000400000000",
        "system": "urn:oid:1.2.392.200250.2.2.20.20"}]});
    json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order",
           "medicationCodeableConcept": drug, "authoredOn": DAY,
           "identifier": [{"system": "urn:oid:1.2.392.100495.20.3.81", "value": "1"}],
           "dosageInstruction": [{"timing": {"code": usage}}],
           "dispenseRequest": {"expectedSupplyDuration": {"value": 14, "code": "d"}}})
}

const GIVEN: [&str; 12] = [
    "--patient-id",
    "p-1",
    "--as-of",
    DAY,
    "--actor-kind",
    "medical_institution",
    "--actor-code",
    ACTOR,
    "--consent",
    "oral",
    "--recorded-by",
    "dr-1",
];

#[test]
fn one_request_in_any_format_gets_one_answer() {
    let site = site();
    let json = write(&site, "request.json", in_json().to_string().as_bytes());
    let expected = check(&site, &json, &[]);
    assert_eq!(expected.status.code(), Some(3), "{}", String::from_utf8_lossy(&expected.stderr));
    let found: Value = serde_json::from_slice(&expected.stdout).unwrap();
    assert_eq!(found.pointer("/findings/0/kind"), Some(&json!("duplicate")));
    let whole = format!("SJ1\r\n1,1,1234567,13,見本医院\r\n51,20261122\r\n{RECORDS}");
    let cp932 = chofuku_formats::eprescription::encode(RECORDS).bytes;
    let notebook = NOTEBOOK
        .replace("【１日１回朝食後服用】,14,日分,1,1,,1", "朝,14,日分,1,2,1011000400000000,1");
    for (name, content) in [
        ("records.csv", RECORDS.as_bytes()),
        ("records_cp932.csv", &cp932),
        ("notebook.csv", notebook.as_bytes()),
    ] {
        let message = write(&site, name, content);
        let answer = check(&site, &message, &GIVEN);
        assert_eq!(answer.status.code(), Some(3), "{name}");
        let (answer, expected) =
            [&answer, &expected].map(|output| String::from_utf8_lossy(&output.stdout)).into();
        assert_eq!(answer, expected, "{name}");
    }
    // What deviates is told among the warnings, and nothing else differs.
    let order = in_fhir().to_string();
    for (name, content) in [("whole.csv", whole.as_bytes()), ("order.json", order.as_bytes())] {
        let answer = check(&site, &write(&site, name, content), &GIVEN);
        let mut answer: Value = serde_json::from_slice(&answer.stdout).unwrap();
        assert_ne!(answer.get("warnings"), found.get("warnings"), "{name}");
        if let (Some(told), Some(known)) = (answer.get_mut("warnings"), found.get("warnings")) {
            told.clone_from(known);
        }
        assert_eq!(answer, found, "{name}");
    }
}

#[test]
fn an_answer_is_told_in_other_words_with_the_same_exit_code() {
    let site = site();
    let message = write(&site, "records.csv", RECORDS.as_bytes());
    let fhir = check(&site, &message, &[&GIVEN[..], &["--accept", "fhir"]].concat());
    assert_eq!(fhir.status.code(), Some(3));
    let bundle: Value = serde_json::from_slice(&fhir.stdout).unwrap();
    assert_eq!(bundle["resourceType"], "Bundle");
    let eps = check(&site, &message, &[&GIVEN[..], &["--accept", "eps"]].concat());
    assert_eq!(eps.status.code(), Some(3));
    let json = write(&site, "request.json", in_json().to_string().as_bytes());
    let same = check(&site, &json, &["--accept", "eps"]);
    assert_eq!(String::from_utf8_lossy(&eps.stdout), String::from_utf8_lossy(&same.stdout));
    let source = check(&site, &message, &[&GIVEN[..], &["--source-document", "rx-1"]].concat());
    assert_eq!(source.status.code(), Some(3));
}

#[test]
fn what_contradicts_itself_is_refused_and_says_how_to_mend_it() {
    let site = site();
    let json = write(&site, "request.json", in_json().to_string().as_bytes());
    let refused = |request: &Path, words: &[&str], why: &str| {
        let answer = check(&site, request, words);
        assert_eq!((answer.status.code(), answer.stdout.len()), (Some(1), 0), "{words:?}");
        let said = String::from_utf8_lossy(&answer.stderr).into_owned();
        assert!(said.contains(why) && !said.contains("p-1"), "{said}");
    };
    refused(&json, &["--as-of", DAY], "leave --as-of out");
    refused(&json, &["--source-document", "rx-1"], "leave --source-document out");
    let insured = format!("SJ1\r\n22,06130012\r\n23,12,3456,1,01\r\n{RECORDS}");
    refused(&write(&site, "insured.csv", insured.as_bytes()), &GIVEN, "patient_id");
    refused(&write(&site, "other.txt", b"what is this?"), &GIVEN, "belongs to no format");
    let records = write(&site, "records.csv", RECORDS.as_bytes());
    refused(&records, &["--as-of", DAY], "actor");
    refused(&records, &["--as-of", DAY, "--own-institution", "include"], "patient");
}
