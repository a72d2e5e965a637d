//! Compiling canonical files: what is published, what is refused, and that nothing is lost between.

use std::fs;

use chofuku_engine::generation::{self, PATIENT_KEY};
use chofuku_loader::CompileError;

use crate::site::{DRUGS, GOOD, HEADER, INGREDIENTS, INSTITUTIONS, RULES, Site, with};

#[test]
fn what_was_compiled_can_be_opened_and_verified() {
    let site = Site::new();
    let file = site.history("history.csv", &[GOOD.as_bytes(), &with("document", "rx-2")]);
    let compiled = site.compile(vec![file]).unwrap();
    assert_eq!((compiled.manifest.generation, compiled.rejects.len()), (1, 0));
    let index = generation::verify(&site.path("data")).unwrap();
    let dictionary = index.history().dictionary();
    assert_eq!((dictionary.patients(), dictionary.documents(), dictionary.records()), (1, 2, 2));
    assert!(generation::open_with_key(&site.path("data")).is_ok());
}

#[test]
fn every_bad_row_is_reported_with_its_place_and_publishes_nothing() {
    let long = "x".repeat(1_000_000);
    for (column, value, reason) in [
        ("date", "2026-02-30", "is not a day"),
        ("date", "2026/11/01", "is not a day"),
        ("date", "", "is not a day"),
        ("date", "1969-12-31", "1970-01-01"),
        ("kind", "receipt", "none of prescription, dispensing, in_house"),
        ("kind", "in_house", "none of outpatient, discharge, inpatient"),
        ("kind", "dispensing", "ten digits are needed"),
        ("setting", "inpatient", "only an in_house document"),
        ("document", "", "missing"),
        ("document", &long, "at most"),
        ("drug_name", &long, "at most"),
        ("insurer", "", "up to 8 digits"),
        ("branch", "", "branch"),
        ("patient_id", "p1", "not both"),
        ("institution", "131", "not ten digits"),
        ("institution", "", "ten digits are needed"),
        ("drug_system", "YJ", "not a code system"),
        ("drug_code", "", "missing"),
        ("form", "7", "no dosage form"),
        ("form", "", "no dosage form"),
        ("form", "01", "no dosage form"),
        ("rp", "0", "counts from 1"),
        ("rp", "x", "whole number"),
        ("refill_uses", "100", "whole number"),
        ("status", "deleted", "neither empty nor cancelled"),
    ] {
        let site = Site::new();
        let file = site.history("history.csv", &[GOOD.as_bytes(), &with(column, value)]);
        let error = site.compile(vec![file]).unwrap_err().to_string();
        assert!(error.contains("history.csv:3") && error.contains(reason), "{column}: {error}");
        assert!(error.len() < 1000, "{column}: the message repeats the value");
        assert!(site.rejects().contains("history.csv,3,"), "{column}: {}", site.rejects());
        assert_eq!(site.generation(), None, "{column}");
    }
}

#[test]
fn broken_files_are_reported_and_publish_nothing() {
    let site = Site::new();
    let not_utf8 = [&GOOD.as_bytes()[..40], b"\x83\x41", &GOOD.as_bytes()[40..]].concat();
    let bad = site.history("bytes.csv", &[&not_utf8]);
    assert!(site.compile(vec![bad]).unwrap_err().to_string().contains("not UTF-8"));
    let short = site.history("short.csv", &[b"rx-1,prescription"]);
    assert!(site.compile(vec![short]).unwrap_err().to_string().contains("2 fields"));
    let quote =
        site.history("quote.csv", &[b"\"rx-1,prescription", &with("document", &"y".repeat(9000))]);
    assert!(site.compile(vec![quote]).is_err());
    let missing = site.path("missing.csv");
    fs::write(&missing, HEADER.replace("form,", "").replace(",rp", "") + "\n").unwrap();
    let error = site.compile(vec![missing]).unwrap_err().to_string();
    assert!(error.contains("2 rows were refused"), "{error}");
    assert!(site.rejects().contains("column form is missing"));
    assert!(site.rejects().contains("column rp is missing"));
    let empty = site.path("empty.csv");
    fs::write(&empty, "").unwrap();
    assert!(site.compile(vec![empty]).unwrap_err().to_string().contains("empty"));
    assert!(site.compile(vec![site.path("absent.csv")]).is_err());
    assert_eq!(site.generation(), None);
}

#[test]
fn a_document_that_differs_between_its_rows_is_refused() {
    for (column, value) in [
        ("number", "3457"),
        ("date", "2026-11-02"),
        ("institution", "1311234568"),
        ("refill_uses", "3"),
        ("status", "cancelled"),
    ] {
        let site = Site::new();
        let first = site.history("history-1.csv", &[GOOD.as_bytes()]);
        let second = site.history("history-2.csv", &[&with(column, value)]);
        let error = site.compile(vec![first, second]).unwrap_err().to_string();
        assert!(error.contains("history-2.csv:2") && error.contains("another"), "{error}");
        assert_eq!(site.generation(), None);
    }
}

#[test]
fn one_file_given_twice_is_refused() {
    let site = Site::new();
    let first = site.history("history-1.csv", &[GOOD.as_bytes()]);
    let second = site.history("history-2.csv", &[GOOD.as_bytes()]);
    let error = site.compile(vec![first, second]).unwrap_err();
    assert!(matches!(error, CompileError::SameFile { .. }), "{error}");
}

#[test]
fn rejects_that_are_allowed_are_counted_in_the_manifest() {
    let site = Site::new();
    let bad = String::from_utf8(with("form", "8")).unwrap().replace("rx-1", "rx-2");
    let file = site.history("history.csv", &[GOOD.as_bytes(), bad.as_bytes()]);
    let compiled = site.compile_allowing(1, vec![file]).unwrap();
    let source = compiled.manifest.sources.iter().find(|s| s.table == "history").unwrap();
    assert_eq!((source.rows, source.rejected, compiled.rejects.len()), (1, 1, 1));
}

#[test]
fn bad_tables_publish_nothing() {
    for (table, text, reason) in [
        ("drugs", DRUGS.replace("@oral", "@"), "the route is missing"),
        ("drugs", DRUGS.replace("amlodipine@oral", "losartan@oral"), "unknown ingredient"),
        ("drugs", DRUGS.replace(",0\n", ",2\n"), "neither 0 nor 1"),
        (
            "drugs",
            DRUGS.replace("2171022F2029", "").replace("2171022F2ZZZ", ""),
            "at least one code",
        ),
        ("drugs", DRUGS.replace("substances,", ""), "column substances is missing"),
        ("ingredients", format!("{INGREDIENTS}amlodipine,x,\n"), "stands twice"),
        ("institutions", format!("{INSTITUTIONS}131,x\n"), "not ten digits"),
        ("contraindications", format!("{RULES}x,,,,x,,,,i,,,both,,,,,,,\n"), "unknown ingredient"),
    ] {
        let site = Site::new();
        site.table(table, &text);
        let error = site.compile(Vec::new()).unwrap_err().to_string();
        assert!(error.contains(&format!("{table}.csv")), "{error}");
        assert!(site.rejects().contains(reason), "{table}: {}", site.rejects());
        assert_eq!(site.generation(), None);
    }
}

#[test]
fn knowledge_alone_keeps_the_history_in_force() {
    let site = Site::new();
    let file = site.history("history.csv", &[GOOD.as_bytes()]);
    site.compile(vec![file]).unwrap();
    site.table("drugs", &DRUGS.replace("アムロジピン錠", "別の名"));
    assert_eq!(site.compile(Vec::new()).unwrap().manifest.generation, 2);
    let index = generation::verify(&site.path("data")).unwrap();
    assert_eq!(index.history().dictionary().records(), 1);
    assert_eq!(index.knowledge().tables().products[0].name, "別の名");
    assert_eq!(index.manifest().sources.iter().filter(|s| s.table == "history").count(), 1);
}

#[test]
fn a_failed_compile_leaves_what_was_in_force() {
    let site = Site::new();
    site.compile(vec![site.history("history.csv", &[GOOD.as_bytes()])]).unwrap();
    let bad = site.history("bad.csv", &[&with("form", "8")]);
    site.compile(vec![bad]).unwrap_err();
    assert_eq!(site.generation(), Some(1));
}

#[test]
fn a_missing_key_beside_a_history_is_never_replaced() {
    let site = Site::new();
    let file = site.history("history.csv", &[GOOD.as_bytes()]);
    site.compile(vec![file.clone()]).unwrap();
    let key = site.path("data").join(PATIENT_KEY);
    let secret = fs::read_to_string(&key).unwrap();
    fs::remove_file(&key).unwrap();
    assert!(site.compile(vec![file]).is_err());
    assert!(!key.exists());
    let other = secret.chars().map(|digit| if digit == 'a' { 'b' } else { digit });
    let other: String = other.collect();
    if other != secret {
        fs::write(&key, &other).unwrap();
        assert!(generation::open_with_key(&site.path("data")).is_err());
        assert!(site.compile(Vec::new()).is_err());
    }
    fs::write(site.path("data").join(PATIENT_KEY), secret).unwrap();
    assert!(generation::open_with_key(&site.path("data")).is_ok());
}

#[test]
fn the_order_of_rows_and_files_does_not_change_the_sections() {
    let rows: Vec<Vec<u8>> = (0..40)
        .map(|n| with("document", &format!("rx-{n:02}")))
        .enumerate()
        .map(|(n, row)| {
            String::from_utf8(row).unwrap().replace(",3456,", &format!(",{},", n % 7 + 1))
        })
        .map(String::into_bytes)
        .collect();
    let mut fingerprints = Vec::new();
    let mut secret = None;
    for reverse in [false, true] {
        let site = Site::new();
        if let Some(secret) = &secret {
            fs::create_dir(site.path("data")).unwrap();
            fs::write(site.path("data").join(PATIENT_KEY), secret).unwrap();
        }
        let mut slices: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
        if reverse {
            slices.reverse();
        }
        let (one, two) = slices.split_at(15);
        let files = vec![site.history("one.csv", one), site.history("two.csv", two)];
        let sections = site.compile(files).unwrap().manifest.sections;
        fingerprints.push(sections.iter().map(|s| (s.name.clone(), s.blake3)).collect::<Vec<_>>());
        secret = Some(fs::read(site.path("data").join(PATIENT_KEY)).unwrap());
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
}

#[test]
fn what_a_killed_compile_left_is_removed_and_a_second_compile_is_refused() {
    let site = Site::new();
    let data = site.path("data");
    fs::create_dir_all(data.join(".staging-gen-000001")).unwrap();
    fs::write(data.join(".staging-gen-000001").join("history-rows"), b"half").unwrap();
    site.compile(Vec::new()).unwrap();
    assert!(!data.join(".staging-gen-000001").exists());
    let lock = fs::File::create(data.join("compile.lock")).unwrap();
    lock.lock().unwrap();
    let error = site.compile(Vec::new()).unwrap_err().to_string();
    assert!(error.contains("another compile"), "{error}");
}

#[test]
fn rows_of_a_document_may_lie_apart() {
    let site = Site::new();
    let second_rp = String::from_utf8(with("rp", "2")).unwrap();
    let other = with("document", "rx-0");
    let file = site.history("history.csv", &[second_rp.as_bytes(), &other, GOOD.as_bytes()]);
    site.compile(vec![file]).unwrap();
    let index = generation::open(&site.path("data")).unwrap();
    assert_eq!(index.history().dictionary().documents(), 2);
    assert_eq!(index.history().dictionary().records(), 3);
}

#[test]
fn a_document_with_a_refused_row_is_left_out_whole() {
    let site = Site::new();
    let bad = String::from_utf8(with("rp", "2")).unwrap().replace(",1,14,", ",8,14,");
    let file =
        site.history("history.csv", &[GOOD.as_bytes(), bad.as_bytes(), &with("document", "rx-2")]);
    site.compile_allowing(1, vec![file]).unwrap();
    let index = generation::verify(&site.path("data")).unwrap();
    assert_eq!(index.history().dictionary().documents(), 1);
    assert!(site.rejects().contains("left out whole"), "{}", site.rejects());
}

#[test]
fn a_row_of_another_shape_leaves_its_document_out() {
    let site = Site::new();
    let [mut long, mut open, behind] = ["rx-1", "rx-2", "rx-3"].map(|id| with("document", id));
    long.extend_from_slice(b",one too many");
    open = String::from_utf8(open).unwrap().replace(",yj,", ",\"yj,").into_bytes();
    let whole = with("document", "rx-4");
    // Each document has a good row elsewhere, which alone would be half of it.
    let good = |id| with("document", id);
    let (one, two, three) = (good("rx-1"), good("rx-2"), good("rx-3"));
    let first = site.history("history-1.csv", &[&long, &open, &behind]);
    let second = site.history("history-2.csv", &[&one, &two, &three, &whole]);
    site.compile_allowing(10, vec![first, second]).unwrap();
    let index = generation::verify(&site.path("data")).unwrap();
    assert_eq!(index.history().dictionary().documents(), 1, "{}", site.rejects());
}

#[test]
fn a_quote_that_is_left_open_swallows_no_rows_unseen() {
    let site = Site::new();
    let open = String::from_utf8(with("drug_name", "\"5mg")).unwrap();
    let closed = String::from_utf8(with("document", "rx-3")).unwrap().replace(",yj,", ",\"yj,");
    let file = site.history("history.csv", &[GOOD.as_bytes(), open.as_bytes(), closed.as_bytes()]);
    assert!(site.compile(vec![file]).is_err());
    assert_eq!(site.generation(), None);
}

#[test]
fn an_open_quote_counts_every_line_that_it_swallows() {
    let open = String::from_utf8(with("drug_name", "\"5mg")).unwrap();
    let mut rows = vec![open];
    rows.extend((0..100).map(|n| GOOD.replace("rx-1,", &format!("rx-{n},"))));
    for end in ["\n", "\r\n", "\r"] {
        let site = Site::new();
        let file = site.path("history.csv");
        fs::write(&file, [&[HEADER.to_owned()], &rows[..]].concat().join(end) + end).unwrap();
        let error = site.compile_allowing(100, vec![file.clone()]).unwrap_err().to_string();
        assert!(error.contains("101 rows were refused, 100"), "{error}");
        assert_eq!(site.compile_allowing(101, vec![file]).unwrap().rejects.len(), 101);
    }
}

#[test]
fn an_open_quote_in_a_table_counts_every_line_that_it_swallows() {
    let rule = |n: u32, condition: &str| {
        let side = "amlodipine,oral,,,";
        format!("{side}{side}{n},2026-01,10.1,a,{condition},,,,,,\n")
    };
    let rules = |open: String, last: &str| {
        RULES.to_owned() + &open + &(0..9).map(|n| rule(n, "")).collect::<String>() + last
    };
    let quoted = rule(10, "\"x\"");
    for (table, text, lines) in [
        ("contraindications", rules(rule(11, "\"x"), ""), 10),
        ("contraindications", rules(rule(11, "\"x"), &quoted), 11),
        ("contraindications", RULES.to_owned() + &rule(11, "\"x") + &quoted, 2),
        ("contraindications", rules(rule(11, "").replacen("oral", "\"oral", 1), ""), 10),
        ("institutions", format!("{INSTITUTIONS}1311234568,\"x\n1311234569,y\n"), 2),
    ] {
        let site = Site::new();
        site.table(table, &text);
        let error = site.compile_allowing(lines - 1, Vec::new()).unwrap_err().to_string();
        assert!(error.contains(&format!("{lines} rows were refused")), "{table}: {error}");
    }
    let site = Site::new();
    site.table("contraindications", &(RULES.to_owned() + &rule(1, "\"one,\ntwo\"")));
    site.compile(Vec::new()).unwrap();
}

#[test]
fn a_file_without_its_header_is_refused_whatever_is_allowed() {
    let columns = HEADER.replace("status", "\"status");
    for text in ["", "document\n", &format!("{HEADER}x\n{GOOD}\n"), &format!("{columns}\n{GOOD}\n")]
    {
        let site = Site::new();
        let file = site.path("history.csv");
        fs::write(&file, text).unwrap();
        let error = site.compile_allowing(100, vec![file]).unwrap_err().to_string();
        assert!(error.contains("refused, 0 are allowed"), "{error}");
    }
    let site = Site::new();
    site.table("contraindications", &RULES.replace("section", "chapter"));
    assert!(site.compile_allowing(100, Vec::new()).is_err());
}

#[test]
fn a_line_that_an_earlier_file_has_is_refused() {
    let site = Site::new();
    let first = site.history("history-1.csv", &[GOOD.as_bytes()]);
    let second = site.history("history-2.csv", &[&with("document", "rx-2"), GOOD.as_bytes()]);
    let error = site.compile(vec![first, second]).unwrap_err().to_string();
    assert!(error.contains("history-2.csv:3") && error.contains("same line"), "{error}");
    let twice = site.history("twice.csv", &[GOOD.as_bytes(), GOOD.as_bytes()]);
    site.compile(vec![twice]).unwrap();
}

#[test]
fn tables_without_rules_and_history_without_rows_are_warned_of() {
    let site = Site::new();
    let warnings = site.compile(vec![site.history("history.csv", &[])]).unwrap().warnings;
    let reasons: Vec<&str> = warnings.iter().map(|problem| problem.reason.as_str()).collect();
    assert!(reasons.iter().any(|reason| reason.contains("no contraindication can ever be found")));
    assert!(reasons.iter().any(|reason| reason.contains("nobody in it has a past")));
}

#[test]
fn rules_that_can_never_be_found_are_warned_of() {
    let site = Site::new();
    site.table("ingredients", &format!("{INGREDIENTS}grapefruit,グレープフルーツ,grapefruit\n"));
    let rule = |b: &str, valid: &str| {
        format!("amlodipine,oral,,,{b},,,,2171022F2029,,10.1,a,,,,,,{valid}\n")
    };
    let sound = rule("amlodipine", ",");
    let warned = |rules: String| {
        site.table("contraindications", &format!("{RULES}{rules}"));
        let warnings = site.compile(Vec::new()).unwrap().warnings;
        let of_rules = warnings.iter().filter(|problem| problem.file == "contraindications.csv");
        of_rules.map(|problem| (problem.line, problem.reason.clone())).collect::<Vec<_>>()
    };
    assert_eq!(warned(sound.clone()), []);
    // A side without a product, and an end before the beginning.
    let never = [rule("grapefruit", ","), rule("amlodipine", "2026-04-01,2026-03-31")].concat();
    let [(line, reason)] = warned(format!("{sound}{never}")).try_into().unwrap();
    assert_eq!(line, 3);
    assert!(reason.starts_with("this and 1 more of 3 rules can never be found"), "{reason}");
}

#[test]
fn a_history_without_rows_never_replaces_records() {
    let site = Site::new();
    let none = site.history("none.csv", &[]);
    site.compile(vec![none.clone()]).unwrap();
    let file = site.history("history.csv", &[GOOD.as_bytes()]);
    site.compile(vec![none.clone(), file.clone()]).unwrap();
    let bad = site.history("bad.csv", &[&with("form", "8")]);
    // A document with a bad row is left out whole, and no record is left.
    let half = site.history("half.csv", &[GOOD.as_bytes(), &with("form", "8")]);
    for history in [vec![none.clone()], vec![none.clone(), bad], vec![half]] {
        let error = site.compile_allowing(5, history).unwrap_err().to_string();
        assert!(error.contains("the 1 records in force"), "{error}");
        assert_eq!(site.generation(), Some(2));
    }
    site.compile(vec![file]).unwrap();
}

#[test]
fn a_damaged_pointer_never_puts_an_older_generation_in_force() {
    let site = Site::new();
    for _ in 0..3 {
        site.compile(Vec::new()).unwrap();
    }
    let current = site.path("data").join(generation::CURRENT);
    let line = fs::read_to_string(&current).unwrap();
    fs::write(&current, line.replace("gen-000003", "gen-000001")).unwrap();
    assert!(generation::open(&site.path("data")).is_err());
    fs::write(&current, line).unwrap();
    assert_eq!(site.generation(), Some(3));
}
