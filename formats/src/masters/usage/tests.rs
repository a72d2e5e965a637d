//! Two editions in one master.

use jiff::civil::date;

use super::*;

const HEAD: &str = "用法コード,タイミング指定区分コード,用法名称,使用開始日,使用終了日\n";

fn read(files: &[(&str, &str)]) -> (UsageMaster, Report) {
    let (mut master, mut report) = (UsageMaster::default(), Report::default());
    for (name, rows) in files {
        let text = format!("{HEAD}{rows}");
        master.read(Path::new(name), text.as_bytes(), &mut report).unwrap();
    }
    (master, report)
}

const OLD: (&str, &str) = (
    "old.csv",
    "1013044400000000,1,１日３回毎食後　服用,20220725,99999999\n\
     1011000900000000,1,１日１回朝食中　服用,20230123,20260731\n",
);
const NEW: (&str, &str) = (
    "new.csv",
    "1013044400000000,1,１日３回朝昼夕食後　服用,20220725,99999999\n\
     1011000600000000,1,１日１回朝食事中　服用,20251101,99999999\n",
);

#[test]
fn a_code_is_found_on_its_days_only() {
    let (master, _) = read(&[OLD, NEW]);
    assert_eq!(master.len(), 3);
    let known = |code: &str, year, month, day| master.get(code, date(year, month, day)).is_some();
    assert!(known("1011000900000000", 2026, 7, 31));
    assert!(!known("1011000900000000", 2026, 8, 1));
    assert!(!known("1011000600000000", 2025, 10, 31));
    assert!(known("1011000600000000", 2025, 11, 1));
    assert!(!known("1013044400000000", 2022, 7, 24));
    assert!(known("1013044400000000", 2099, 1, 1));
    assert!(master.get("9999999999999999", date(2026, 1, 1)).is_none());
    assert_eq!(master.find("1011000900000000").unwrap().name, "１日１回朝食中　服用");
}

#[test]
fn the_newer_edition_counts_in_either_order_and_a_changed_name_is_told() {
    for files in [[OLD, NEW], [NEW, OLD]] {
        let (master, report) = read(&files);
        let row = master.find("1013044400000000").unwrap();
        assert_eq!(row.name, "１日３回朝昼夕食後　服用");
        assert_eq!(report.problems.len(), 1);
        assert_eq!((report.problems[0].field, report.problems[0].line), ("用法名称", 2));
    }
}

#[test]
fn times_and_timing_come_from_the_code() {
    let (master, _) = read(&[(
        "f.csv",
        "1013044400000000,1,１日３回毎食後　服用,20220725,99999999\n\
         103A000000000000,3,１日１０回時刻指定,20220725,99999999\n\
         1050110000000000,5,疼痛時　服用,20220725,99999999\n\
         XX74500000000000,7,１日４～５回,20220725,99999999\n\
         107X000000000000,7,１日○回　服用,20220725,99999999\n\
         XX82300000000000,8,２～３時間毎,20220725,99999999\n",
    )]);
    let of = |code: &str| {
        let row = master.find(code).unwrap();
        (row.timing, row.times_a_day)
    };
    assert_eq!(of("1013044400000000"), (Some(Timing::Meals), Some(3)));
    assert_eq!(of("103A000000000000"), (Some(Timing::Clock), Some(10)));
    assert_eq!(of("1050110000000000"), (Some(Timing::AsNeeded), None));
    assert_eq!(of("XX74500000000000"), (Some(Timing::Times), None));
    assert_eq!(of("107X000000000000"), (Some(Timing::Times), None));
    assert_eq!(of("XX82300000000000"), (Some(Timing::HourlyInterval), None));
}

#[test]
fn wrong_rows_are_reported_and_not_used() {
    let (master, report) = read(&[(
        "f.csv",
        "101304440000000,1,甲,20220725,99999999\n\
         1013044400000000,1,甲,20220732,99999999\n\
         1013044400000000,1,甲,20220725,\n\
         1011000100000000,3,乙,20220725,99999999\n\
         1011000100000000,1,丙,20220725,99999999\n",
    )]);
    assert_eq!(master.len(), 1);
    assert_eq!(master.find("1011000100000000").unwrap().name, "丙");
    let found: Vec<(u64, &str)> =
        report.problems.iter().map(|problem| (problem.line, problem.field)).collect();
    assert_eq!(
        found,
        [
            (2, "用法コード"),
            (3, "使用開始日"),
            (4, "使用終了日"),
            (5, "タイミング指定区分コード"),
            (6, "用法コード"),
        ]
    );
}

#[test]
fn another_table_is_refused() {
    let read = UsageMaster::default().read(Path::new("f"), b"a,b\n1,2\n", &mut Report::default());
    assert!(matches!(read, Err(MasterError::MissingColumn { .. })));
}
