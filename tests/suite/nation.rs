//! The generated nation compiles without a reject, and its checks find what the national service
//! says that checks find.

use chofuku_datasets::HistoryRow;
use chofuku_datasets::nation::{Format, Nation, Options};
use chofuku_engine::check::disclose::Finding;
use chofuku_engine::check::{self, Actor, ActorKind, Consent, NewLine, OwnInstitution, Request};
use chofuku_engine::patient::{Identity, IdentityKey, PatientKey};
use chofuku_engine::period::Form;
use chofuku_engine::policy::Policy;
use chofuku_engine::{Day, Index, generation};
use chofuku_loader::progress::Silent;
use chofuku_loader::{Compile, Compiled};
use jiff::ToSpan;
use jiff::civil::date;
use rayon::prelude::*;

use crate::site::in_memory;

/// What the checks of a month found.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    /// Dispensing results that were checked.
    checked: u64,
    /// Those with at least one duplicate.
    with_duplicates: u64,
    /// Those with at least one contraindication.
    with_contraindications: u64,
}

impl Found {
    fn and(self, other: Self) -> Self {
        Self {
            checked: self.checked + other.checked,
            with_duplicates: self.with_duplicates + other.with_duplicates,
            with_contraindications: self.with_contraindications + other.with_contraindications,
        }
    }
}

/// The national service told of duplicates for 16 of 100 dispensing results, and of 700 such results
/// for each one with a contraindication.
#[test]
fn the_nation_collides_as_often_as_the_real_one() {
    let today = date(2026, 11, 22);
    let options = Options { patients: 40_000, seed: 1, today, days: 107 };
    let nation = Nation::new(options).unwrap();
    let directory = in_memory().unwrap();
    let (tables, data) = (directory.path().join("tables"), directory.path().join("data"));
    nation.write_tables(&tables).unwrap();
    let totals = nation.write_history(directory.path(), Format::Csv, 2, |_| {}).unwrap();
    let compile =
        Compile { tables, history: totals.files.clone(), data: data.clone(), ..Compile::default() };
    let Compiled { manifest: _, rejects, warnings } =
        compile.run("2026-11-22T00:00:00Z", &Silent).unwrap();
    assert_eq!((rejects, warnings), (vec![], vec![]));
    let (index, key) = generation::open_with_key(&data).unwrap();
    assert_eq!(index.history().dictionary().documents(), totals.documents);
    assert_eq!(index.history().dictionary().records(), totals.lines);
    let since = today.saturating_sub(30.days()).to_string();
    let found = (0..options.patients)
        .into_par_iter()
        .map(|ordinal| month_of(&index, &key, &nation.rows(ordinal).unwrap(), &since))
        .reduce(Found::default, Found::and);
    let of_100 = found.with_duplicates * 100 / found.checked;
    assert!((13..=19).contains(&of_100), "{found:?}");
    let ratio = found.with_duplicates / found.with_contraindications.max(1);
    assert!((350..=1400).contains(&ratio), "{found:?}");
}

/// Checks every dispensing result since a day as its pharmacy would have.
fn month_of(index: &Index, key: &IdentityKey, rows: &[HistoryRow], since: &str) -> Found {
    let documents = rows.chunk_by(|one, other| one.document == other.document);
    let dispensed = documents.filter(|rows| {
        rows[0].kind == "dispensing" && rows[0].status.is_empty() && rows[0].date.as_str() > since
    });
    dispensed.map(|rows| dispensing(index, key, rows)).fold(Found::default(), Found::and)
}

fn dispensing(index: &Index, key: &IdentityKey, rows: &[HistoryRow]) -> Found {
    let document = &rows[0];
    let request = Request {
        patient: patient(key, document),
        as_of: document.date.parse::<Day>().unwrap(),
        actor: Some(Actor { kind: ActorKind::Pharmacy, code: &document.pharmacy }),
        own_institution: OwnInstitution::Exclude,
        consent: Consent::Oral,
        source_documents: vec![&document.document, &document.prescription],
        policy: &Policy::OFFICIAL,
        lines: rows.iter().map(new_line).collect(),
    };
    let answer = check::check(index, &request).unwrap();
    let any = |is: fn(&Finding<'_>) -> bool| u64::from(answer.findings.iter().any(is));
    Found {
        checked: 1,
        with_duplicates: any(|finding| matches!(finding, Finding::Duplicate(_))),
        with_contraindications: any(|finding| matches!(finding, Finding::Contraindication(_))),
    }
}

fn patient(key: &IdentityKey, row: &HistoryRow) -> PatientKey {
    let HistoryRow { insurer, symbol, number, branch, .. } = row;
    key.patient(Identity::Insured { insurer, symbol, number, branch }).unwrap()
}

fn new_line(row: &HistoryRow) -> NewLine<'_> {
    NewLine {
        rp: row.rp.parse().unwrap(),
        system: row.drug_system.parse().unwrap(),
        code: &row.drug_code,
        name: Some(&row.drug_name),
        form: Form::from_number(row.form.parse().unwrap()).unwrap(),
    }
}
