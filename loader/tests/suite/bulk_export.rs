//! A bulk export of FHIR: one file for each type of resources, with references across them.

use std::fs;
use std::path::PathBuf;

use chofuku_engine::generation;
use chofuku_loader::CompileError;
use serde_json::{Value, json};

use crate::history::sections;
use crate::site::Site;

const EXTENSION: &str = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/";

fn identified(system: &str, value: &str) -> Value {
    json!({"system": format!("urn:oid:1.2.392.100495.20.3.{system}"), "value": value})
}

/// The files of an export of one prescription with one drug, and of its dispensing.
fn export() -> Vec<(&'static str, String)> {
    let part = |name: &str, value: &str| json!({"url": format!("{EXTENSION}JP_Coverage_{name}"), "valueString": value});
    let number = |name: &str, system: &str, value: &str| {
        json!({"url": format!("{EXTENSION}JP_Organization_{name}"),
               "valueIdentifier": identified(system, value)})
    };
    let order = json!({"resourceType": "MedicationRequest", "id": "1", "status": "active",
        "intent": "order", "subject": {"reference": "Patient/p"},
        "requester": {"reference": "PractitionerRole/role"}, "authoredOn": "2026-11-01",
        "medicationReference": {"reference": "Medication/m"},
        "identifier": [identified("11", "RX-1"), identified("81", "1"), identified("82", "1")],
        "dosageInstruction": [{"timing": {"code": {"coding": [
            {"system": "urn:oid:1.2.392.200250.2.2.20.20", "code": "1011000400000000"}]}}}],
        "dispenseRequest": {"expectedSupplyDuration": {"value": 14, "code": "d"}}});
    let coverage = json!({"resourceType": "Coverage", "id": "c", "status": "active",
        "beneficiary": {"reference": "Patient/p"}, "payor": [{"reference": "Organization/payer"}],
        "extension": [part("InsuredPersonSymbol", "12"), part("InsuredPersonNumber", "3456"),
                      part("InsuredPersonSubNumber", "01")]});
    let payer = json!({"resourceType": "Organization", "id": "payer",
        "identifier": [identified("61", "06130012")]});
    let clinic = json!({"resourceType": "Organization", "id": "org", "name": "見本内科",
        "extension": [number("PrefectureNo", "21", "13"),
                      number("InsuranceOrganizationCategory", "22", "1"),
                      number("InsuranceOrganizationNo", "23", "1234567")]});
    let role = json!({"resourceType": "PractitionerRole", "id": "role",
        "organization": {"reference": "Organization/org"}});
    let drug = json!({"resourceType": "Medication", "id": "m", "code": {"text": "アムロジピン錠",
        "coding": [{"system": "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code",
                    "code": "2171022F2029"}]}});
    let patient = json!({"resourceType": "Patient", "id": "p"});
    // The number of the prescription and who issued it stand in the prescription alone.
    let supply = json!({"resourceType": "MedicationDispense", "id": "1", "status": "completed",
        "subject": {"reference": "Patient/p"}, "whenHandedOver": "2026-11-02",
        "performer": [{"actor": {"reference": "Organization/pharmacy"}}],
        "authorizingPrescription": [{"reference": "MedicationRequest/1"}],
        "medicationReference": {"reference": "Medication/m"},
        "identifier": [identified("12", "DX-1"), identified("81", "1"), identified("82", "1")],
        "daysSupply": {"value": 14, "code": "d"}});
    let pharmacy = json!({"resourceType": "Organization", "id": "pharmacy", "name": "見本薬局",
        "extension": [number("PrefectureNo", "21", "13"),
                      number("InsuranceOrganizationCategory", "22", "4"),
                      number("InsuranceOrganizationNo", "23", "7654321")]});
    vec![
        ("Coverage.ndjson", format!("{coverage}\n")),
        ("Medication.ndjson", format!("{drug}\n")),
        ("MedicationDispense.ndjson", format!("{supply}\n")),
        ("MedicationRequest.ndjson", format!("{order}\n")),
        ("Organization.ndjson", format!("{payer}\n{clinic}\n{pharmacy}\n")),
        ("Patient.ndjson", format!("{patient}\n")),
        ("PractitionerRole.ndjson", format!("{role}\n")),
    ]
}

/// Writes files into a folder of a site.
fn write(site: &Site, folder: &str, files: &[(&str, String)]) -> PathBuf {
    let folder = site.path(folder);
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    folder
}

#[test]
fn references_across_files_give_what_one_file_gives() {
    let files = export();
    let whole: String = files.iter().map(|(_, text)| text.as_str()).collect();
    let expected = sections(&[("all.ndjson", whole.into_bytes())], None);
    let apart: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, text)| (*name, text.clone().into_bytes())).collect();
    assert_eq!(sections(&apart, None), expected);
    let packed: Vec<(&str, Vec<u8>)> = apart
        .iter()
        .map(|(name, bytes)| (*name, zstd::encode_all(bytes.as_slice(), 1).unwrap()))
        .collect();
    assert_eq!(sections(&packed, None), expected);
}

#[test]
fn a_dispensing_finds_its_prescription_in_another_file() {
    let site = Site::new();
    let folder = write(&site, "export", &export());
    let compiled = site.compile(vec![folder]).unwrap();
    let warnings: Vec<&str> = compiled.warnings.iter().map(|one| one.reason.as_str()).collect();
    assert!(
        !warnings.iter().any(|reason| reason.contains("number of the prescription")),
        "{warnings:?}"
    );
    let index = generation::open(&site.path("data")).unwrap();
    assert_eq!(index.history().dictionary().records(), 2);
    // Without it, its reference stands in the place of its number, and that is told.
    let site = Site::new();
    let mut without = export();
    without.retain(|(name, _)| *name != "MedicationRequest.ndjson");
    let folder = write(&site, "without", &without);
    let compiled = site.compile(vec![folder]).unwrap();
    let named = compiled.warnings.iter().any(|one| one.reason.contains("MedicationRequest/1"));
    assert!(named, "{:?}", compiled.warnings);
}

#[test]
fn what_no_file_has_stays_a_deviation_or_refuses_the_document() {
    let without = |name: &str| {
        let mut files = export();
        files.retain(|(known, _)| *known != name);
        files
    };
    let site = Site::new();
    let folder = write(&site, "no-drug", &without("Medication.ndjson"));
    let compiled = site.compile(vec![folder]).unwrap();
    let warned = compiled.warnings.iter().any(|warning| warning.reason.contains("777770000"));
    assert!(warned, "{:?}", compiled.warnings);
    for name in ["Coverage.ndjson", "Organization.ndjson"] {
        let site = Site::new();
        let folder = write(&site, "lacking", &without(name));
        let error = site.compile(vec![folder]).unwrap_err();
        let CompileError::Rejected { rejects, .. } = &error else { panic!("{name}: {error}") };
        assert!(rejects.iter().any(|reject| reject.file.contains("MedicationRequest")), "{name}");
    }
    // Alone, what is referred to has no order.
    let site = Site::new();
    let folder = write(&site, "alone", &export()[5..6]);
    let error = site.compile(vec![folder]).unwrap_err().to_string();
    assert!(error.contains("no MedicationRequest"), "{error}");
}

#[test]
fn the_same_id_in_another_directory_is_somebody_else() {
    let site = Site::new();
    let mut other = export();
    for (_, text) in &mut other {
        *text = text.replace("3456", "9999").replace("RX-1", "RX-2").replace("DX-1", "DX-2");
    }
    let folders = vec![write(&site, "one", &export()), write(&site, "other", &other)];
    site.compile(folders).unwrap();
    let index = generation::open(&site.path("data")).unwrap();
    assert_eq!(index.history().dictionary().records(), 4);
    assert_eq!(index.history().dictionary().patients(), 2);
}
