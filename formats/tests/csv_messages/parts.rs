//! Notebooks in parts (record 911).

use chofuku_engine::period::Form;
use chofuku_formats::CsvMessageError;
use chofuku_formats::notebook::{Part, read, read_parts};

use super::{lasting, problems};

const HEAD: &str = "JAHISTC08,1\n1,架空 花子,2,S450607\n";
const DAY: &str = "5,20261103,1\n11,見本薬局,27,4,1112223\n51,見本,27,1,7654321\n";
const FIRST: &str = "201,1,見本錠,1,錠,2,612170709,1\n301,1,朝,3,日分,1,1,,1\n\
                     201,2,見本散,1,ｇ,2,612170710,1\n";
const SECOND: &str = "301,2,夕,4,日分,1,1,,1\n201,3,見本膏,1,本,2,620007804,1\n\
                      301,3,塗布,1,調剤,5,1,,1\n";

fn part(body: &str, total: u8, number: u8) -> String {
    format!("{HEAD}{body}911,12345678901234,{total},{number}\n")
}

#[test]
fn a_part_alone_says_so() {
    let text = part(&format!("{DAY}{FIRST}"), 2, 1);
    let notebook = read("1.csv", lasting(text)).unwrap();
    assert_eq!(notebook.part, Some(Part { id: "12345678901234".into(), total: 2, number: 1 }));
    assert_eq!(
        problems(&notebook.report),
        ["8 201 : no 301 record before it", "0 911 : \"1/2\" was read as one part of several",]
    );
}

#[test]
fn parts_are_joined_in_any_order_with_and_without_the_day_again() {
    let first = part(&format!("{DAY}{FIRST}"), 2, 1);
    for again in ["", DAY] {
        let second = part(&format!("{again}{SECOND}"), 2, 2);
        let parts = [("2.csv", lasting(&second)), ("1.csv", lasting(&first))];
        let notebook = read_parts(&parts).unwrap();
        assert_eq!(problems(&notebook.report), [""; 0]);
        assert_eq!(notebook.part, None);
        let [document] = notebook.documents.as_slice() else { panic!("one dispensing") };
        let lines: Vec<_> = document
            .lines
            .iter()
            .map(|line| (line.rp, line.form, line.quantity.as_ref()))
            .collect();
        assert_eq!(lines, [(1, Form::Oral, "3"), (2, Form::Oral, "4"), (3, Form::External, "1")]);
        let files: Vec<_> = notebook.report.files.iter().map(|file| file.file.as_str()).collect();
        assert_eq!(files, ["1.csv", "2.csv"]);
    }
}

#[test]
fn another_pharmacy_or_institution_on_the_day_is_another_dispensing() {
    let whole = FIRST.replace("201,2,見本散,1,ｇ,2,612170710,1\n", "");
    let first = part(&format!("{DAY}{whole}"), 2, 1);
    for other in [DAY.replace("1112223", "3332221"), DAY.replace("7654321", "7654322")] {
        let second = part(&format!("{other}{whole}"), 2, 2);
        let notebook =
            read_parts(&[("1.csv", lasting(&first)), ("2.csv", lasting(&second))]).unwrap();
        assert_eq!(problems(&notebook.report), [""; 0]);
        assert_eq!(notebook.documents.len(), 2);
        assert_ne!(
            (&notebook.documents[0].pharmacy, &notebook.documents[0].institution),
            (&notebook.documents[1].pharmacy, &notebook.documents[1].institution),
        );
        assert_eq!(notebook.documents[0].day, notebook.documents[1].day);
    }
}

#[test]
fn missing_and_doubled_parts_are_reported() {
    let first = part(&format!("{DAY}{FIRST}"), 3, 1);
    let second = part(SECOND, 3, 2);
    let notebook = read_parts(&[("1.csv", lasting(&first)), ("2.csv", lasting(&second))]).unwrap();
    assert!(notebook.part.is_some());
    assert_eq!(
        problems(&notebook.report),
        ["0 911 : not one of the known values: \"part 3 of 3 was not given\"",]
    );
    let parts = [("1.csv", lasting(&first)), ("1b.csv", lasting(&first))];
    let notebook = read_parts(&parts).unwrap();
    assert!(notebook.part.is_some());
    assert!(problems(&notebook.report).iter().any(|text| text.contains("part 1 is also 1.csv")));
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let first = part(&format!("{DAY}{FIRST}"), 2, 1);
    let other = part(SECOND, 2, 2).replace("12345678901234", "99999999999999");
    let error = read_parts(&[("1.csv", lasting(&first)), ("x.csv", lasting(&other))]).unwrap_err();
    let (file, first_file) = ("x.csv".to_owned(), "1.csv".to_owned());
    assert_eq!(error, CsvMessageError::OtherMessage { file, first: first_file });
    let whole = format!("{HEAD}{DAY}{FIRST}");
    let error = read_parts(&[("1.csv", lasting(&first)), ("w.csv", lasting(&whole))]).unwrap_err();
    assert_eq!(error, CsvMessageError::NoPart { file: "w.csv".to_owned() });
    assert!(matches!(read_parts(&[]).unwrap_err(), CsvMessageError::Empty { .. }));
}
