//! Directed pairs, rows struck off, and what pairs of codes cover.

use super::*;

const HEAD: &str = "左,右,3,4,5,6,7,8,変更区分,参照範囲\r\n";

fn row(left: &str, right: &str, change: &str) -> String {
    format!("{left},{right},,,,,,,{change},\r\n")
}

fn read(rows: &[String]) -> (CheckMaster, Report) {
    let mut report = Report::default();
    let text = format!("{HEAD}{}", rows.concat());
    let (bytes, ..) = encoding_rs::SHIFT_JIS.encode(&text);
    (read_check_master("IY_HeiyoKinki.csv", &bytes, &mut report).unwrap(), report)
}

fn pairs(master: &CheckMaster) -> Vec<(&str, &str, Option<u64>, Option<u64>)> {
    let pair = |pair: &CodePair| (pair.a_b, pair.b_a);
    master
        .pairs
        .iter()
        .map(|one| (one.a.as_str(), one.b.as_str(), pair(one).0, pair(one).1))
        .collect()
}

#[test]
fn both_directions_are_one_pair_that_says_who_states_it() {
    let (master, report) = read(&[
        row("610000001", "620000002", "0"),
        row("620000002", "610000001", "3"),
        row("620000009", "610000003", "0"),
    ]);
    assert_eq!(
        pairs(&master),
        [("610000001", "620000002", Some(2), Some(3)), ("610000003", "620000009", None, Some(4)),]
    );
    assert!(report.problems.is_empty());
    assert_eq!(report.files[0].rows, 3);
}

#[test]
fn rows_with_1_and_9_are_struck_off_in_their_own_direction() {
    let (master, report) = read(&[
        row("610000001", "620000002", "9"),
        row("620000002", "610000001", "0"),
        row("610000003", "620000004", "0"),
        row("610000003", "620000004", "1"),
    ]);
    assert_eq!(pairs(&master), [("610000001", "620000002", None, Some(3))]);
    assert_eq!(master.deleted, 2);
    assert!(report.problems.is_empty());
}

#[test]
fn wrong_rows_are_reported_and_an_unknown_change_is_taken() {
    let (master, report) = read(&[
        row("61000001", "620000002", "0"),
        "610000001,620000002\r\n".to_owned(),
        row("610000001", "610000001", "0"),
        row("610000001", "620000002", "7"),
    ]);
    assert_eq!(pairs(&master), [("610000001", "620000002", Some(5), None)]);
    let found: Vec<(u64, &str)> =
        report.problems.iter().map(|problem| (problem.line, problem.field)).collect();
    assert_eq!(
        found,
        [(2, "医薬品コード（左）"), (3, ""), (4, "医薬品コード（右）"), (5, "変更区分"),]
    );
}

#[test]
fn a_file_without_a_heading_and_one_without_pairs() {
    let mut report = Report::default();
    let text = row("610000001", "620000002", "0");
    let master = read_check_master("f", text.as_bytes(), &mut report).unwrap();
    assert_eq!(pairs(&master), [("610000001", "620000002", Some(1), None)]);
    for text in ["", "a,b\n", HEAD] {
        let read = read_check_master("f", text.as_bytes(), &mut Report::default());
        assert!(matches!(read, Err(MasterError::MissingColumn { .. })), "{text}");
    }
}

fn substances(code: &str) -> Vec<(String, String)> {
    let list: &[(&str, &str)] = match code {
        "610000001" | "610000002" => &[("甲", "oral")],
        "620000001" => &[("乙", "oral")],
        "620000002" => &[("乙", "injection")],
        "630000001" => &[("乙", "oral"), ("丙", "oral")],
        _ => &[],
    };
    list.iter().map(|(name, route)| ((*name).to_owned(), (*route).to_owned())).collect()
}

#[test]
fn codes_fold_to_substances_and_the_coverage_is_told() {
    let (master, _) = read(&[
        row("610000001", "620000001", "0"),
        row("610000002", "620000001", "0"),
        row("620000002", "610000001", "0"),
        row("610000001", "699999999", "0"),
        row("620000001", "630000001", "0"),
    ]);
    let folded = fold(&master.pairs, substances, |(name, _)| if name == "甲" { 5 } else { 1 });
    let shown: Vec<(&str, &str, &str, bool, bool, usize)> = folded
        .pairs
        .iter()
        .map(|pair| {
            let (a, b) = (pair.a.0.as_str(), pair.b.0.as_str());
            (a, b, pair.b.1.as_str(), pair.a_b, pair.b_a, pair.pairs)
        })
        .collect();
    // 丙 stands against 乙 in a row of which the other side is a combination of both; 乙 is smaller
    // than 甲 by its code point.
    assert_eq!(
        shown,
        [
            ("丙", "乙", "oral", false, true, 1),
            ("乙", "甲", "oral", true, false, 1),
            ("乙", "甲", "oral", false, true, 2),
        ]
    );
    assert_eq!(folded.pairs[1].a, ("乙".to_owned(), "injection".to_owned()));
    assert_eq!(folded.pairs[2].codes_b.len(), 2);
    assert_eq!(folded.unknown.iter().collect::<Vec<_>>(), ["699999999"]);
    assert_eq!((folded.lost, folded.same.len()), (1, 1));
    let of = |name: &str, route: &str| {
        let substance = (name.to_owned(), route.to_owned());
        folded.coverage.iter().find(|one| one.substance == substance).unwrap()
    };
    assert_eq!((of("甲", "oral").named, of("甲", "oral").all), (2, 5));
    // Two codes are named where the table of drugs counts one: the count cannot be less.
    assert_eq!((of("乙", "oral").named, of("乙", "oral").all), (2, 2));
}
