//! Registered documents count as compiled ones do: random worlds of which a part is registered, with
//! cancellations, restorations, changes and links in between, before and after a restart.

use std::collections::BTreeMap;
use std::sync::Arc;

use chofuku_engine::document::{DocumentKind, WrittenDocument, WrittenLine};
use chofuku_engine::patient::{Identity, IdentityKey, PatientKey};
use chofuku_engine::policy::Policy;
use chofuku_engine::{Day, generation};
use chofuku_live::compact::{Compact, Retention};
use chofuku_live::{Command, Done, Live, Named, Refusal, Registry};
use chofuku_loader::progress::Silent;
use chofuku_log::MemoryLog;
use chofuku_server::Policies;
use chofuku_tests::{HistoryRow, World, check, comparable, random};
use fastrand::Rng;
use rayon::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::agreement::{at_every_consent, difference};
use crate::site::Site;

const WORLDS: u64 = 300;

/// The rows of each document, in the order of the file.
fn documents(world: &World) -> Vec<Vec<HistoryRow>> {
    let mut documents: BTreeMap<&str, Vec<HistoryRow>> = BTreeMap::new();
    for row in &world.history {
        documents.entry(&row.document).or_default().push(row.clone());
    }
    documents.into_values().collect()
}

fn patient(row: &HistoryRow, key: &IdentityKey) -> PatientKey {
    let identity = if row.patient_id.is_empty() {
        Identity::Insured {
            insurer: &row.insurer,
            symbol: &row.symbol,
            number: &row.number,
            branch: &row.branch,
        }
    } else {
        Identity::Opaque(&row.patient_id)
    };
    key.patient(identity).unwrap()
}

fn written(rows: &[HistoryRow]) -> WrittenDocument {
    let first = &rows[0];
    let number = |text: &str| text.parse().unwrap_or(0);
    WrittenDocument {
        id: first.document.clone(),
        kind: match (first.kind.as_str(), first.setting.as_str()) {
            ("prescription", _) => DocumentKind::Prescription,
            ("dispensing", _) => DocumentKind::Dispensing,
            (_, "inpatient") => DocumentKind::Inpatient,
            _ => DocumentKind::InHouse,
        },
        day: first.date.parse().unwrap(),
        institution: first.institution.clone(),
        pharmacy: first.pharmacy.clone(),
        prescription: Some(first.prescription.clone()).filter(|id| !id.is_empty()),
        refill_uses: number(&first.refill_uses),
        refill_use: number(&first.refill_use),
        cancelled: false,
        lines: rows
            .iter()
            .map(|row| WrittenLine {
                rp: row.rp.parse().unwrap(),
                system: row.drug_system.parse().unwrap(),
                code: row.drug_code.clone(),
                name: row.drug_name.clone(),
                form: chofuku_engine::period::Form::from_number(row.form.parse().unwrap()).unwrap(),
                quantity: row.quantity.trim().to_owned(),
                usage: row.usage.clone(),
                supplements: row.usage_supplements.clone(),
            })
            .collect(),
    }
}

/// A registry and the log behind it, which outlives it.
struct Registered {
    registry: Registry,
    log: MemoryLog,
    runtime: Runtime,
}

impl Registered {
    fn start(site: &Site, log: MemoryLog) -> Self {
        let behind = Box::new(log.reopen());
        let registry = Registry::start(Arc::clone(&site.index), behind, &|_, _| {}).unwrap();
        Self { registry, log, runtime: Runtime::new().unwrap() }
    }

    /// The same log behind the same generation, as after a restart.
    fn restarted(self, site: &Site) -> Self {
        let Self { registry, log, .. } = self;
        drop(registry);
        Self::start(site, log)
    }

    /// What is registered becomes a generation, and the log is trimmed.
    fn compacted(self, site: &mut Site) -> Self {
        // From the first day on, so that nothing is left out: the oracle forgets nothing.
        let retention = Retention {
            from: Day::from_number(0),
            policies: vec![&Policy::OFFICIAL],
            washout_days_max: 0,
        };
        let data = site.data();
        let compact = Compact { data: &data, retention: &retention, made_at: "" };
        let compacted = compact.run(self.registry.live(), &Silent).unwrap();
        assert_eq!(compacted.documents_dropped, 0);
        assert_eq!(compacted.manifest.event, self.registry.live().event());
        let verified = generation::verify(&data).unwrap();
        assert_eq!(verified.manifest(), &compacted.manifest);
        site.index = Arc::new(verified);
        self.runtime.block_on(self.registry.swap(Arc::clone(&site.index))).unwrap();
        self.runtime.block_on(self.registry.trim(compacted.manifest.event)).unwrap();
        self.restarted(site)
    }

    /// Registers a document, perhaps under another identity of its patient.
    fn register_somehow(
        &self,
        rows: &[HistoryRow],
        key: &IdentityKey,
        aliases: &mut BTreeMap<PatientKey, Value>,
        dice: &mut Rng,
    ) {
        let whose = patient(&rows[0], key);
        if dice.u8(..) >= 50 {
            return self.register(rows, whose, dice);
        }
        let name = format!("alias of {}", &rows[0].document);
        let alias = aliases.entry(whose).or_insert_with(|| json!({"id": name})).clone();
        let other = key.patient(Identity::Opaque(alias["id"].as_str().unwrap())).unwrap();
        let link = Command::Link { patient: other, same_as: whose };
        // Registered under the other identity before the two are joined, or after.
        if dice.bool() {
            self.submit(link).unwrap();
            self.register(rows, other, dice);
        } else {
            self.register(rows, other, dice);
            self.submit(link).unwrap();
        }
    }

    fn submit(&self, command: Command) -> Result<Done, Refusal> {
        match self.runtime.block_on(self.registry.submit(command)) {
            Ok(done) => done,
            Err(unavailable) => unreachable!("the log is sound: {unavailable}"),
        }
    }

    /// Registers documents so that they end as their rows say, by ways that differ.
    fn register(&self, rows: &[HistoryRow], whose: PatientKey, dice: &mut Rng) {
        let document = written(rows);
        let named = || Named { document: document.id.clone(), patient: None };
        let command = |document: &WrittenDocument| Command::Register {
            patient: whose,
            document: document.clone(),
            acknowledged: Vec::new(),
        };
        let is_prescription = document.kind == DocumentKind::Prescription;
        if dice.u8(..) < 80 && !is_prescription {
            let mut other = document.clone();
            other.lines.truncate(1);
            other.day = other.day.plus(3);
            assert!(matches!(self.submit(command(&other)), Ok(Done::New { .. })));
            let change = Command::Change {
                patient: whose,
                document: document.clone(),
                acknowledged: Vec::new(),
            };
            let changed = self.submit(change.clone());
            assert!(changed.is_ok(), "{changed:?}");
            let again = self.submit(change).map(|done| matches!(done, Done::Known { .. }));
            assert_eq!(again, Ok(true));
        } else {
            let first = self.submit(command(&document)).unwrap();
            assert_eq!(self.submit(command(&document)), Ok(Done::Known { event: first.event() }));
        }
        let cancelled = rows[0].status == "cancelled";
        if cancelled || dice.u8(..) < 60 {
            match self.submit(Command::Cancel(named())) {
                Ok(_) if cancelled => {}
                Ok(_) => assert!(self.submit(Command::Restore(named())).is_ok()),
                Err(refusal) => {
                    assert_eq!(refusal, Refusal::AlreadyDispensed);
                    assert!(!cancelled, "the order of registrations allows it");
                }
            }
        }
    }
}

/// Whether a document must stand in the base: its cancellation comes after what forbids it.
fn is_base(rows: &[HistoryRow], all: &[Vec<HistoryRow>]) -> bool {
    let first = &rows[0];
    first.kind == "prescription"
        && first.status == "cancelled"
        && all.iter().any(|other| other[0].prescription == first.document)
}

/// One world, a part of its documents registered; what differs from the oracle.
fn differences(seed: u64, share: u8) -> Vec<String> {
    let (world, requests) = random::world(seed);
    let mut dice = Rng::with_seed(seed);
    let all = documents(&world);
    let (base, mut events): (Vec<_>, Vec<_>) =
        all.iter().cloned().partition(|rows| is_base(rows, &all) || dice.u8(..100) >= share);
    dice.shuffle(&mut events);
    // What forbids a cancellation comes after it.
    events.sort_by_key(|rows| rows[0].kind == "dispensing");
    let history = world
        .history
        .iter()
        .filter(|row| base.iter().any(|document| document[0].document == row.document));
    let site = Site::of(&World { history: history.cloned().collect(), ..world.clone() });
    let mut site = site;
    let mut registered = Registered::start(&site, MemoryLog::new());
    let mut aliases: BTreeMap<PatientKey, Value> = BTreeMap::new();
    let half = dice.usize(..=events.len());
    for (position, rows) in events.iter().enumerate() {
        if position == half && dice.bool() {
            registered = registered.compacted(&mut site);
        }
        registered.register_somehow(rows, &site.key, &mut aliases, &mut dice);
    }
    let mut found = Vec::new();
    let mut compare = |when: &str, site: &Site, registered: &Registered| {
        let live = registered.registry.live();
        let differ = disagreements(&world, site, live, &requests, &aliases);
        found.extend(differ.into_iter().map(|what| format!("world {seed}, {when}: {what}")));
        live.event()
    };
    let event = compare("registered", &site, &registered);
    let overlay = registered.registry.live().overlay();
    registered = registered.restarted(&site);
    let again = registered.registry.live().overlay();
    assert_eq!(
        (again.patients, again.documents),
        (overlay.patients, overlay.documents),
        "what is counted as it changes is what is there"
    );
    assert_eq!(compare("started again", &site, &registered), event);
    registered = registered.compacted(&mut site);
    assert_eq!(compare("compacted", &site, &registered), event);
    assert_eq!(registered.registry.live().overlay().patients, linked(&aliases));
    found
}

/// Patients that stay amended: those of several identities are joined whenever a generation is opened.
fn linked(aliases: &BTreeMap<PatientKey, Value>) -> usize {
    let aliases: usize = aliases.len();
    aliases * 2
}

fn disagreements(
    world: &World,
    site: &Site,
    live: &Live,
    requests: &[Value],
    aliases: &BTreeMap<PatientKey, Value>,
) -> Vec<String> {
    let mut found = Vec::new();
    for (position, request) in requests.iter().enumerate() {
        for request in at_every_consent(request) {
            let expected = check(world, &request);
            let whose = identity(&request["patient"], &site.key);
            let mut asked = vec![request.clone()];
            if let Some(alias) = aliases.get(&whose) {
                let mut request = request.clone();
                request["patient"] = alias.clone();
                asked.push(request);
            }
            for request in asked {
                let answer = comparable(site.check_live(live, &request, &Policies::default()));
                let what = difference(&expected, &answer);
                found.extend(what.map(|what| format!("request {position}: {what}\n{request}")));
            }
        }
    }
    found
}

fn identity(patient: &Value, key: &IdentityKey) -> PatientKey {
    let text = |field: &str| patient[field].as_str().unwrap_or_default();
    let identity = match text("id") {
        "" => Identity::Insured {
            insurer: text("insurer"),
            symbol: text("symbol"),
            number: text("number"),
            branch: text("branch"),
        },
        id => Identity::Opaque(id),
    };
    key.patient(identity).unwrap()
}

/// Compacts a world by a clock that is `ahead` of its newest day, with a document registered
/// `registered` days behind that; gives from when on everything is seen, counted from the newest day, and
/// what was left out.
fn compacted_ahead(ahead: i32, registered: Option<i32>) -> (i32, u64) {
    let (world, _) = random::world(1);
    let site = Site::of(&world);
    let all = documents(&world);
    let newest = all.iter().map(|rows| written(rows).day).max().unwrap();
    let live = Registered::start(&site, MemoryLog::new());
    if let Some(days) = registered {
        let rows = all.iter().find(|rows| rows[0].kind != "dispensing").unwrap();
        let document =
            WrittenDocument { id: "new".to_owned(), day: newest.plus(days), ..written(rows) };
        let (patient, acknowledged) = (patient(&rows[0], &site.key), Vec::new());
        live.submit(Command::Register { patient, document, acknowledged }).unwrap();
    }
    let retention = Retention::of(&site.index, [&Policy::OFFICIAL], newest.plus(ahead).plus(1));
    let data = site.data();
    let compact = Compact { data: &data, retention: &retention, made_at: "" };
    let compacted = compact.run(live.registry.live(), &Silent).unwrap();
    (compacted.from.days_since(newest), compacted.documents_dropped)
}

#[test]
fn a_clock_that_is_ahead_leaves_out_no_more_than_recorded_days_tell() {
    let (from, dropped) = compacted_ahead(0, None);
    assert_eq!(from, 0);
    assert_eq!(compacted_ahead(1, None), (0, dropped));
    assert_eq!(compacted_ahead(400, None), (0, dropped));
    assert!(compacted_ahead(-50, None).0 <= -50, "what is to come does not count");
    // Time goes on with what is registered, up to the clock's day.
    assert_eq!(compacted_ahead(400, Some(30)).0, 30);
    let (from, dropped_later) = compacted_ahead(400, Some(300));
    assert!(from == 300 && dropped_later > dropped, "what is over leaves");
    assert_eq!(compacted_ahead(20, Some(30)).0, 0);
    assert_eq!(compacted_ahead(29, Some(30)).0, 29);
}

#[test]
fn a_world_answers_the_same_however_much_of_it_is_registered() {
    let differences: Vec<String> = (0..WORLDS)
        .into_par_iter()
        .flat_map(|seed| differences(seed, if seed % 3 == 0 { 100 } else { 50 }))
        .collect();
    let shown: Vec<&str> = differences.iter().take(5).map(String::as_str).collect();
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), shown.join("\n"));
}
