//! The assumed layout of dispensing results.

use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;
use chofuku_formats::CsvMessageError;
use chofuku_formats::detect::detect;
use chofuku_formats::dispensing_result::read_as_notebook;

use super::{DISPENSING_RESULT, NOTEBOOK, PRESCRIPTION, lasting, problems};

const ASSUMED: &str =
    "the layout of the notebook, since that of dispensing results is not published";

#[test]
fn it_is_read_like_a_notebook_and_says_so() {
    let found = read_as_notebook("d.csv", lasting(DISPENSING_RESULT)).unwrap();
    assert_eq!(
        problems(&found.report),
        [format!("1  バージョン: \"MIHON1\" was read as {ASSUMED}")]
    );
    let [document] = found.documents.as_slice() else { panic!("one") };
    assert_eq!(document.kind, DocumentKind::Dispensing);
    assert_eq!(document.day, "2026-11-03".parse().ok());
    assert_eq!((document.refill_use, document.refill_uses), (2, 0));
    assert_eq!(document.pharmacy.as_ref().unwrap().code, "2741112223");
    assert_eq!(document.lines[0].form, Form::Oral);
    assert_eq!(document.lines[0].quantity, "28");
    let [note] = found.notes.as_slice() else { panic!("one") };
    assert_eq!((note.record, note.kind.as_ref()), (511, "999"));
    assert_eq!(note.text, "用量を確認し変更なし");
}

#[test]
fn it_is_never_detected_and_takes_no_other_format() {
    assert_eq!(detect(DISPENSING_RESULT.as_bytes()), None);
    for text in [PRESCRIPTION, NOTEBOOK, "JAHIS10\n", "201,1,1\n", "<xml>"] {
        let error = read_as_notebook("d.csv", lasting(text)).unwrap_err();
        assert!(matches!(error, CsvMessageError::Header { .. }), "{error}");
    }
}

#[test]
fn its_own_records_are_unknown_in_a_notebook() {
    let text = DISPENSING_RESULT.replace("MIHON1", "JAHISTC08,1");
    let notebook = chofuku_formats::notebook::read("n.csv", lasting(text)).unwrap();
    assert_eq!(
        problems(&notebook.report),
        [
            "7 511 : an unknown record; it was passed over",
            "8 521 : an unknown record; it was passed over",
        ]
    );
}

#[test]
fn a_refill_that_is_no_number_is_none() {
    for use_number in ["x", "0", "", "300", "+1"] {
        let text = DISPENSING_RESULT.replace("521,2,", &format!("521,{use_number},"));
        let found = read_as_notebook("d.csv", lasting(text)).unwrap();
        assert_eq!(found.documents[0].refill_use, 0);
        assert_eq!(found.report.problems.len(), 2, "{use_number}");
    }
}
