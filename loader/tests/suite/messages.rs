//! Messages of the outside through a compile, alone and by way of `convert`: both say the same.

use std::fs;
use std::path::{Path, PathBuf};

use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::{Document, DocumentKind};
use chofuku_engine::generation::{self, PATIENT_KEY};
use chofuku_engine::patient::Identity;
use chofuku_loader::convert::{DEVIATIONS, Given};
use chofuku_loader::progress::Silent;
use chofuku_loader::{Compile, CompileError, Convert, ConvertError, Converted};

use crate::history::{gzip, sections};
use crate::site::{HEADER, Site};

/// An invented patient with one drug for 14 days, on alternate days.
const PRESCRIPTION: &str = "SJ1\r\n\
    1,1,1234567,13,見本内科\r\n\
    22,06130012\r\n\
    23,12,3456,1,01\r\n\
    51,20261101\r\n\
    82,1,RX-0001\r\n\
    101,1,1,,14\r\n\
    111,1,3,1013044400000000,１日３回毎食後　服用,3\r\n\
    181,1,1,3,隔日投与,I1100000,\r\n\
    201,1,1,1,4,2171022F2029,アムロジピン錠,1,1,錠\r\n";
/// The same, as a table has it.
const ROW: &str = "RX-0001,prescription,,06130012,12,3456,01,,2026-11-01,1311234567,,,,,1,yj,2171022F2029,アムロジピン錠,1,14,1013044400000000,I1100000,";

const NOTEBOOK: &str = "JAHISTC08,1\r\n\
    1,見本　花子,2,19800101,,,,,,,\r\n\
    5,20261103,1\r\n\
    11,見本薬局,13,4,7654321,,,,1\r\n\
    51,見本内科,13,1,1234567,1\r\n\
    201,1,アムロジピン錠,1,錠,4,2171022F2029,1\r\n\
    301,1,【１日１回朝食後服用】,14,日分,1,1,,1\r\n";

const HISTORY_XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<XmlMsg><MessageBody><MeTrMonthInf>\
    <MeTrDiHCd>1347654321</MeTrDiHCd><MeTrDiHNm>見本薬局</MeTrDiHNm><MeTrMonth>202611</MeTrMonth>\
    <PrlsHCd>1311234567</PrlsHCd><PrlsHNm>見本内科</PrlsHNm><InOut>2</InOut>\
    <DiDateInfs><DiDateInf><DiDate>20261103</DiDate><PrDate>20261103</PrDate><DrugInfs><DrugInf>\
    <DrugC>620000001</DrugC><DrugN>見本錠</DrugN><Qua1>1</Qua1><Unit>錠</Unit><Times>28</Times>\
    <MeTrIdCl>21</MeTrIdCl></DrugInf></DrugInfs></DiDateInf></DiDateInfs>\
    </MeTrMonthInf></MessageBody></XmlMsg>\n";

const FHIR: &str = include_str!("../../../formats/tests/fixtures/fhir_document.json");

/// A claim of one drug on the 14th.
fn receipts() -> String {
    let mut drug = ["IY", "21", "1", "620000001", "2", "8", "7"].map(str::to_owned).to_vec();
    drug.resize(44, String::new());
    "7".clone_into(&mut drug[12 + 14]);
    let drug = drug.join(",");
    format!(
        "IR,1,13,1,1234567,,見本内科,50810,00,03-0000-0001\r\n\
         RE,1,1112,50809,見本　次郎,1,3300303\r\n\
         HO,06130012,12,3456,1,900\r\n\
         SN,1,01,06130012,12,3456,02,,\r\n\
         {drug}\r\n\
         GO,1,900,99\r\n"
    )
}

fn symbol() -> String {
    PRESCRIPTION.replace("SJ1", "JAHIS10").replace("82,1,RX-0001\r\n", "")
}

fn write(site: &Site, name: &str, text: &str) -> PathBuf {
    let path = site.path(name);
    fs::write(&path, text).unwrap();
    path
}

/// System, code and name of a line.
type Drug = (CodeSystem, String, String);

/// All documents of the one patient of a site, with the drugs of their lines.
fn documents(site: &Site, identity: Identity<'_>) -> Vec<(Document, Vec<Drug>)> {
    let (index, key) = generation::open_with_key(&site.path("data")).unwrap();
    let history = index.history();
    let patient = history.patient(key.patient(identity).unwrap()).unwrap().unwrap();
    let names = |document: Document| {
        let code = |code: u32| &history.dictionary().codes()[usize::try_from(code).unwrap()];
        let lines = document.lines.iter().map(|line| code(line.code));
        let lines = lines.map(|name| (name.system, name.code.clone(), name.name.clone()));
        let lines = lines.collect();
        (document, lines)
    };
    history.documents(&patient).unwrap().into_iter().map(names).collect()
}

const INSURED: Identity<'static> =
    Identity::Insured { insurer: "06130012", symbol: "12", number: "3456", branch: "01" };

fn convert(site: &Site, files: &[&Path], given: Given) -> Result<Converted, ConvertError> {
    let folder = site.path("converted");
    let made = fs::create_dir_all(&folder);
    assert!(made.is_ok(), "{made:?}");
    let files = files.iter().map(|file| file.to_path_buf()).collect();
    let out = folder.join("history.csv");
    let data = site.path("data").exists().then(|| site.path("data"));
    Convert { files, out, given, data, dispensing_results: false }.run(&Silent)
}

/// Gives a site the key under which [`sections`] compiles.
fn keyed(site: &Site) {
    fs::create_dir(site.path("data")).unwrap();
    fs::write(site.path("data").join(PATIENT_KEY), "5a".repeat(32)).unwrap();
}

fn patient(id: &str) -> Given {
    Given { patient_id: id.to_owned(), ..Given::default() }
}

#[test]
fn a_prescription_is_the_same_as_a_message_and_as_a_table() {
    let table = format!("{HEADER}\n{ROW}\n").into_bytes();
    let expected = sections(&[("a.csv", table)], None);
    let message = PRESCRIPTION.as_bytes().to_vec();
    let packed = zstd::encode_all(PRESCRIPTION.as_bytes(), 1).unwrap();
    for (name, bytes) in [
        ("a.txt", message.clone()),
        ("misnamed.parquet", message.clone()),
        ("a.csv.gz", gzip(&message)),
        ("a.zst", packed),
    ] {
        assert_eq!(sections(&[(name, bytes)], None), expected, "{name}");
    }
}

#[test]
fn what_was_converted_compiles_to_what_the_message_compiles_to() {
    let receipts = receipts();
    for (name, message) in [
        ("a.csv", PRESCRIPTION),
        ("symbol.txt", &symbol()),
        ("fhir.json", FHIR),
        ("claims.uke", &receipts),
    ] {
        let site = Site::new();
        keyed(&site);
        let file = write(&site, name, message);
        let converted = convert(&site, &[&file], Given::default()).unwrap();
        assert!(converted.is_whole() && converted.documents == 1, "{name}: {converted:?}");
        let table = fs::read(site.path("converted").join("history.csv")).unwrap();
        let direct = sections(&[(name, message.as_bytes().to_vec())], None);
        assert_eq!(sections(&[("history.csv", table)], None), direct, "{name}");
    }
}

#[test]
fn a_document_without_an_id_has_the_same_one_wherever_it_stands_in_a_site() {
    let ids_of = |site: &Site, name: &str, text: &str| {
        let file = write(site, name, text);
        site.compile(vec![file]).unwrap();
        let found = documents(site, INSURED);
        found.into_iter().map(|(document, _)| document.id).collect::<Vec<_>>()
    };
    let ids = |name: &str, text: &str| {
        let site = Site::new();
        keyed(&site);
        ids_of(&site, name, text)
    };
    let one = ids("one.txt", &symbol());
    assert_eq!(one, ids("other.txt", &symbol().replace("\r\n", "\n")));
    let [id] = one.as_slice() else { panic!("one document") };
    assert!(id.starts_with("symbol-") && id.len() == "symbol-".len() + 32, "{id}");
    let other_day = symbol().replace("20261101", "20261102");
    assert_ne!(one, ids("one.txt", &other_day));
    // Under another key it has another: its number cannot be guessed from the id.
    assert_ne!(one, ids_of(&Site::new(), "one.txt", &symbol()));
}

#[test]
fn without_a_key_a_conversion_names_a_document_as_no_other_does() {
    let ids = || {
        let site = Site::new();
        let (one, again) = (write(&site, "1.txt", &symbol()), write(&site, "2.txt", &symbol()));
        let converted = convert(&site, &[&one, &again], Given::default()).unwrap();
        assert_eq!((converted.documents, converted.left_out), (1, 0));
        fs::read_to_string(site.path("converted").join("history.csv")).unwrap()
    };
    let (one, other) = (ids(), ids());
    assert_ne!(one, other);
    let site = Site::new();
    let file = write(&site, "1.txt", &symbol());
    let (out, data) = (site.path("history.csv"), Some(site.path("nowhere")));
    let convert = Convert { files: vec![file], out: out.clone(), data, ..Convert::default() };
    assert!(matches!(convert.run(&Silent), Err(ConvertError::Key(_))));
    assert!(!out.exists());
}

#[test]
fn a_document_of_two_messages_counts_once_and_another_under_its_id_is_refused() {
    let site = Site::new();
    let one = write(&site, "1.txt", PRESCRIPTION);
    let same = write(&site, "2.txt", &PRESCRIPTION.replace("見本内科", "見本医院"));
    let compiled = site.compile(vec![one.clone(), same.clone()]).unwrap();
    let warned = compiled
        .warnings
        .iter()
        .any(|warning| warning.file.ends_with("2.txt") && warning.reason.contains("counts once"));
    assert!(warned, "{:?}", compiled.warnings);
    assert_eq!(documents(&site, INSURED).len(), 1);
    let converted = convert(&site, &[&one, &same], Given::default()).unwrap();
    assert_eq!((converted.documents, converted.lines, converted.left_out), (1, 1, 0));
    let other = write(&site, "3.txt", &PRESCRIPTION.replace("101,1,1,,14", "101,1,1,,28"));
    let error = site.compile(vec![one, other]).unwrap_err().to_string();
    assert!(error.contains("3.txt:1") && error.contains("other lines"), "{error}");
}

#[test]
fn a_line_without_a_code_is_kept_as_one_that_no_check_takes_for_a_drug() {
    let site = Site::new();
    let nameless = PRESCRIPTION.replace("1,4,2171022F2029,アムロジピン錠", "1,1,,院内製剤");
    let file = write(&site, "a.txt", &symbol_of(&nameless));
    let compiled = site.compile(vec![file]).unwrap();
    assert!(compiled.warnings.iter().any(|w| w.column == "drug_code"), "{:?}", compiled.warnings);
    let found = documents(&site, INSURED);
    let (_, lines) = found.first().unwrap();
    let expected = (CodeSystem::Receipt, "777770000".to_owned(), "院内製剤".to_owned());
    assert_eq!(lines.as_slice(), [expected]);
}

fn symbol_of(text: &str) -> String {
    text.replace("SJ1", "JAHIS10")
}

#[test]
fn claims_are_in_house_documents_of_their_day() {
    let site = Site::new();
    let file = write(&site, "a.uke", &receipts());
    site.compile(vec![file]).unwrap();
    let identity =
        Identity::Insured { insurer: "06130012", symbol: "12", number: "3456", branch: "02" };
    let found = documents(&site, identity);
    let (document, lines) = found.first().unwrap();
    assert_eq!(
        (document.kind, document.day.to_string()),
        (DocumentKind::InHouse, "2026-09-14".to_owned())
    );
    assert_eq!(lines.first().unwrap().1, "620000001");
}

#[test]
fn what_a_document_lacks_is_said_and_refuses_it_whole() {
    let without = |line: &str| {
        let kept = PRESCRIPTION.lines().filter(|text| !text.starts_with(line));
        kept.flat_map(|text| [text, "\r\n"]).collect::<String>()
    };
    for (name, text, column, reason) in [
        ("a.txt", NOTEBOOK.to_owned(), "insurer", "chofuku convert"),
        ("a.xml", HISTORY_XML.to_owned(), "insurer", "chofuku convert"),
        ("a.csv", without("51,"), "date", "no day"),
        ("a.csv", without("1,1,"), "institution", "--institution"),
        ("a.csv", PRESCRIPTION.split("101,").next().unwrap().to_owned(), "drug_code", "no line"),
        ("a.csv", PRESCRIPTION.replace(",1,01\r\n", ",1,\r\n"), "insurer", "branch"),
        ("a.csv", PRESCRIPTION.replace("RX-0001", &"7".repeat(200)), "document", "longer"),
        ("a.json", "{\"resourceType\":\"Patient\"}".to_owned(), "", "no MedicationRequest"),
        ("a.xml", "<html></html>".to_owned(), "", "<XmlMsg>"),
    ] {
        let site = Site::new();
        let file = write(&site, name, &text);
        let error = site.compile(vec![file.clone()]).unwrap_err();
        let CompileError::Rejected { rejects, .. } = &error else { panic!("{column}: {error}") };
        let [reject] = rejects.as_slice() else { panic!("{column}: {rejects:?}") };
        assert_eq!(
            (reject.column.as_str(), reject.file.as_str()),
            (column, file.to_str().unwrap())
        );
        assert!(reject.reason.contains(reason), "{column}: {}", reject.reason);
        assert_eq!(site.generation(), None);
        // Allowed, it is left out whole, and named.
        let compiled = site.compile_allowing(1, vec![file]).unwrap();
        assert_eq!(compiled.rejects.len(), 1, "{column}: {:?}", compiled.rejects);
        let index = generation::open(&site.path("data")).unwrap();
        assert_eq!(index.history().dictionary().records(), 0, "{column}");
    }
}

/// A lost row is a reject, and so is a lost record of a message: the rest would stand for the whole.
#[test]
fn what_may_be_a_drug_and_cannot_be_read_is_a_reject() {
    let other = PRESCRIPTION.replace("RX-0001", "RX-0002");
    let quoted = "\"201\",1,2,1,4,2171022F2029,アムロジピン錠,1,1,錠\r\n";
    let receipt = receipts();
    let cut = receipt.split("GO,").next().unwrap().to_owned();
    let damaged = receipt.replace("GO,1", "1Y,21,1,620000001,2,8,7\r\nGO,1");
    let one: serde_json::Value = serde_json::from_str(FHIR).unwrap();
    let line = one.to_string();
    let cut_line = format!("{line}\n{}\n", line.get(..3000).unwrap());
    for (name, text, records) in [
        ("a.csv", format!("{PRESCRIPTION}{quoted}{other}"), 1),
        ("a.csv", format!("{PRESCRIPTION}{other}{quoted}"), 1),
        ("a.uke", cut, 0),
        ("a.uke", damaged, 0),
        ("a.ndjson", cut_line, 3),
    ] {
        let site = Site::new();
        let file = write(&site, name, &text);
        let error = site.compile(vec![file.clone()]).unwrap_err();
        let CompileError::Rejected { rejects, .. } = &error else { panic!("{name}: {error}") };
        assert_eq!(rejects.first().unwrap().file, file.to_str().unwrap(), "{name}: {rejects:?}");
        assert_eq!(site.generation(), None);
        // Allowed, the document of which something is lost is left out whole.
        let compiled = site.compile_allowing(4, vec![file.clone()]).unwrap();
        assert!(!compiled.rejects.is_empty(), "{name}");
        let index = generation::open(&site.path("data")).unwrap();
        assert_eq!(index.history().dictionary().records(), records, "{name}");
        // Nor does a conversion write half of it.
        match convert(&site, &[&file], Given::default()) {
            Err(ConvertError::NoLines { .. }) => assert_eq!(records, 0, "{name}"),
            converted => {
                let converted = converted.unwrap();
                assert_ne!(converted.lost, 0, "{name}: {:?}", converted.deviations);
                assert!(!converted.is_whole(), "{name}");
                assert_eq!(converted.lines, records, "{name}");
            }
        }
    }
}

#[test]
fn every_deviation_is_a_warning_without_a_value_of_a_person() {
    let site = Site::new();
    let odd = PRESCRIPTION.replace("22,06130012", "22,061300129").replace("51,", "71,x\r\n51,");
    let file = write(&site, "a.csv", &odd);
    let error = site.compile(vec![file]).unwrap_err().to_string();
    assert!(error.contains("insurer") && !error.contains("061300129"), "{error}");
    let file = write(&site, "b.csv", &PRESCRIPTION.replace("51,", "71,x\r\n51,"));
    let compiled = site.compile(vec![file]).unwrap();
    let warning = compiled.warnings.iter().find(|warning| warning.line == 5).unwrap();
    assert!(warning.file.ends_with("b.csv") && warning.column.contains("71"), "{warning}");
    assert!(warning.reason.contains("unknown record"), "{warning}");
}

#[test]
fn a_directory_holds_messages_of_every_extension() {
    let site = Site::new();
    let folder = site.path("messages");
    fs::create_dir(&folder).unwrap();
    let of_day = |day: &str| {
        PRESCRIPTION
            .replace("20261101", &format!("202611{day}"))
            .replace("RX-0001", &format!("RX-{day}"))
    };
    for (name, text) in [
        ("1.TXT", of_day("02")),
        ("2.uke", receipts()),
        ("3.json", FHIR.to_owned()),
        ("4.csv", of_day("03")),
        (DEVIATIONS, "file,line,record,field,reason\n".to_owned()),
        ("README", "no history".to_owned()),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
    let compiled = site.compile(vec![folder]).unwrap();
    let sources = compiled.manifest.sources.iter().filter(|source| source.table == "history");
    assert_eq!(sources.count(), 4);
    let index = generation::open(&site.path("data")).unwrap();
    assert_eq!(index.history().dictionary().documents(), 4);
}

#[test]
fn a_message_beyond_memory_is_compiled_as_well() {
    let mut message = String::new();
    for number in 0..2000 {
        let id = format!("RX-{number}");
        let person = format!("23,12,{},", number + 1);
        message.push_str(&PRESCRIPTION.replace("RX-0001", &id).replace("23,12,3456,", &person));
    }
    let message = message.into_bytes();
    let expected = sections(&[("a.txt", message.clone())], None);
    assert_eq!(sections(&[("a.txt", message)], Some(0)), expected);
}

#[test]
fn a_notebook_gets_its_patient_by_convert() {
    let site = Site::new();
    let notebook = write(&site, "notebook.txt", NOTEBOOK);
    let history = write(&site, "history.xml", HISTORY_XML);
    let converted = convert(&site, &[&notebook, &history], patient("p-1")).unwrap();
    assert_eq!((converted.files, converted.documents, converted.lines), (2, 2, 2));
    assert!(converted.is_whole(), "{:?}", converted.deviations);
    let table = site.path("converted").join("history.csv");
    site.compile(vec![table]).unwrap();
    let found = documents(&site, Identity::Opaque("p-1"));
    let ids: Vec<&str> = found.iter().map(|(document, _)| document.id.as_str()).collect();
    assert!(ids.iter().any(|id| id.starts_with("notebook-")), "{ids:?}");
    assert!(ids.iter().any(|id| id.starts_with("drug-history-")), "{ids:?}");
    assert!(found.iter().all(|(document, _)| document.kind == DocumentKind::Dispensing));
}

#[test]
fn what_is_given_fills_gaps_and_contradicts_nothing() {
    let without_branch = PRESCRIPTION.replace(",1,01\r\n", ",1,\r\n");
    let without_branch = without_branch.replace("1,1,1234567,13,見本内科\r\n", "");
    let given = Given {
        insurer: "6130012".to_owned(),
        number: "３４５６".to_owned(),
        branch: "01".to_owned(),
        institution: "1311234567".to_owned(),
        ..Given::default()
    };
    let site = Site::new();
    let file = write(&site, "a.csv", &without_branch);
    assert!(convert(&site, &[&file], given).unwrap().is_whole());
    site.compile(vec![site.path("converted").join("history.csv")]).unwrap();
    assert_eq!(documents(&site, INSURED).len(), 1);
    for (given, field) in [
        (Given { number: "9876".to_owned(), ..Given::default() }, "number"),
        (Given { branch: "02".to_owned(), ..Given::default() }, "branch"),
        (patient("secret"), "patient_id"),
        (Given { institution: "1319999999".to_owned(), ..Given::default() }, "institution"),
    ] {
        let site = Site::new();
        let file = write(&site, "a.csv", PRESCRIPTION);
        let error = convert(&site, &[&file], given).unwrap_err();
        let text = error.to_string();
        let ConvertError::Disagrees { file, place: 1, field: told } = error else {
            panic!("{field}: {text}")
        };
        assert!(file.ends_with("a.csv") && told == field, "{text}");
        for secret in ["3456", "9876", "secret"] {
            assert!(!text.contains(secret), "{text}");
        }
        assert!(!site.path("converted").join("history.csv").exists(), "{field}");
    }
    let both = Given { patient_id: "p".to_owned(), number: "1".to_owned(), ..Given::default() };
    assert!(matches!(convert(&site, &[&file], both), Err(ConvertError::Given { .. })));
}

#[test]
fn what_is_incomplete_is_written_to_be_corrected() {
    let site = Site::new();
    let text = PRESCRIPTION.replace("51,20261101\r\n", "51,\r\n");
    let file = write(&site, "a.csv", &text);
    let nothing = write(&site, "b.txt", "no message");
    let converted = convert(&site, &[&file, &nothing], Given::default()).unwrap();
    assert_eq!((converted.documents, converted.incomplete, converted.files_refused), (1, 1, 1));
    assert!(!converted.is_whole());
    let folder = site.path("converted");
    let table = folder.join("history.csv");
    let deviations = fs::read_to_string(folder.join(DEVIATIONS)).unwrap();
    assert!(deviations.starts_with("file,line,record,field,reason\n"), "{deviations}");
    assert!(deviations.contains("no day") && deviations.contains("b.txt,0"), "{deviations}");
    assert!(site.compile(vec![table.clone()]).is_err());
    // Nothing that somebody may have corrected is overwritten.
    let again = convert(&site, &[&file], Given::default());
    assert!(matches!(again, Err(ConvertError::Exists { .. })));
    let corrected =
        fs::read_to_string(&table).unwrap().replace(",,1311234567", ",2026-11-01,1311234567");
    fs::write(&table, corrected).unwrap();
    site.compile(vec![table]).unwrap();
    assert_eq!(documents(&site, INSURED).len(), 1);
}

#[test]
fn files_without_a_line_write_nothing() {
    let site = Site::new();
    let file = write(&site, "a.txt", "document,kind\n");
    let error = convert(&site, &[&file], Given::default()).unwrap_err();
    assert!(error.to_string().contains("a.txt"), "{error}");
    assert!(!site.path("converted").join("history.csv").exists());
}

#[test]
fn dispensing_results_are_read_only_when_asked_for() {
    let site = Site::new();
    let result = NOTEBOOK.replace("JAHISTC08,1\r\n", "");
    let file = write(&site, "result.csv", &result);
    assert!(convert(&site, &[&file], patient("p-1")).is_err());
    let out = site.path("converted").join("history.csv");
    let convert = Convert {
        files: vec![file],
        out,
        given: patient("p-1"),
        dispensing_results: true,
        ..Convert::default()
    };
    let converted = convert.run(&Silent).unwrap();
    assert_eq!((converted.documents, converted.lines), (1, 1));
    assert!(!converted.deviations.is_empty(), "it is said that the layout is assumed");
}

#[test]
fn every_official_example_is_converted_or_refused_with_a_reason() {
    let Some(data) = std::env::var_os("CHOFUKU_OFFICIAL_DATA") else {
        println!("did not run: CHOFUKU_OFFICIAL_DATA is not set");
        return;
    };
    let mut folders = vec![PathBuf::from(data).join("examples")];
    let (mut converted, mut refused) = (0, 0);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let site = Site::new();
            match convert(&site, &[&path], patient_unless_insured(&path)) {
                Ok(done) => {
                    converted += 1;
                    assert!(done.lines > 0 && done.files == 1, "{}", path.display());
                    compiles_alike(&site, &path, &done);
                }
                Err(ConvertError::NoLines { first: Some(reason) }) => {
                    refused += 1;
                    assert!(!reason.reason.is_empty(), "{}", path.display());
                    println!("refused {}: {}", path.display(), reason.reason);
                }
                Err(error) => panic!("{}: {error}", path.display()),
            }
        }
    }
    println!("{converted} files converted, {refused} refused");
    assert!(converted >= 10 && refused >= 1);
}

fn patient_unless_insured(path: &Path) -> Given {
    let is_of_nobody = ["jahis-tc", "online-shikaku"]
        .iter()
        .any(|folder| path.components().any(|part| part.as_os_str() == *folder));
    if is_of_nobody { patient("example") } else { Given::default() }
}

/// The message and its table are taken, or refused, by a compile alike.
fn compiles_alike(site: &Site, message: &Path, converted: &Converted) {
    let table = site.path("converted").join("history.csv");
    let rows = site.run(Compile { history: vec![table], rejects_max: 1000, ..Compile::default() });
    let rows = rows.unwrap().rejects;
    assert_eq!(rows.is_empty(), converted.incomplete == 0, "{}: {rows:?}", message.display());
}
