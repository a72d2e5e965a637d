//! What a compaction leaves out is missed by no check that does not say so, whatever policies, tables and
//! days come later: random worlds, and a server whose clock and policies change.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use chofuku_engine::policy::{IntervalDosing, Policy};
use chofuku_engine::{Day, generation};
use chofuku_live::compact::{Compact, Compacted, Retention};
use chofuku_live::{Command, Live, Named, Registry};
use chofuku_loader::progress::Silent;
use chofuku_log::MemoryLog;
use chofuku_server::{Clock, Config, Policies};
use chofuku_tests::random;
use fastrand::Rng;
use rayon::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::http::{Served, config};
use crate::registration::{lines, patient, prescription, site};
use crate::site::Site;

const WORLDS: u64 = 150;

/// Policies that see longer than the official one, each in its own way.
fn policies() -> Policies {
    let official = Policy::OFFICIAL;
    let policies = [
        ("long", Policy { default_period_days: 45, ..official.clone() }),
        ("expands", Policy { interval_dosing: IntervalDosing::Expand, ..official.clone() }),
        ("washes", Policy { washout: true, ..official.clone() }),
        ("all", Policy { default_period_days: 90, look_back_days: 400, ..Policy::EXTENDED }),
    ];
    let named = policies.map(|(name, policy)| (name.to_owned(), policy));
    Policies::new(BTreeMap::from(named)).unwrap()
}

/// Compacts a site for checks from a day on and puts the new generation in force.
fn compact(site: &mut Site, from: Day, policies: &[&Policy], washout_days_max: u16) -> Compacted {
    let log = Box::new(MemoryLog::new());
    let registry = Registry::start(Arc::clone(&site.index), log, &|_, _| {}).unwrap();
    let retention = Retention { from, policies: policies.to_vec(), washout_days_max };
    let data = site.data();
    let compact = Compact { data: &data, retention: &retention, made_at: "" };
    let compacted = compact.run(registry.live(), &Silent).unwrap();
    site.index = Arc::new(generation::open(&data).unwrap());
    site.live = Live::new(Arc::clone(&site.index)).unwrap();
    compacted
}

/// What a check tells of what it found: all but counts of what does not count any more.
fn told(answer: &Value) -> Value {
    let mut told = answer.clone();
    for of_generation in ["snapshot", "considered"] {
        told.as_object_mut().unwrap().remove(of_generation);
    }
    let considered = &answer["considered"];
    told["considered"] = json!([considered["active_drugs"], considered["blind_spots"]]);
    told
}

/// How many checks of a world were answered whole, and how many said that they could not be; what
/// differs without saying so.
#[derive(Default)]
struct Outcome {
    dropped: u64,
    whole: u64,
    left_out: u64,
    /// Those of `left_out` that would have found more although their day is one that was kept for.
    missed: u64,
    silent: Vec<String>,
}

impl Outcome {
    fn of(seed: u64) -> Self {
        let (world, requests) = random::world(seed);
        let mut site = Site::of(&world);
        let policies = policies();
        let mut dice = Rng::with_seed(seed);
        let day = |request: &Value| request["as_of"].as_str().unwrap().parse::<Day>().unwrap();
        let first = requests.iter().map(day).min().unwrap();
        let asked: Vec<Value> = requests
            .iter()
            .flat_map(|request| {
                let later = day(request).plus(dice.i32(0..60));
                policies.names().into_iter().map(move |name| {
                    let mut request = request.clone();
                    request["as_of"] = json!(later.to_string());
                    request["policy"] = json!(name);
                    request["consent"] = json!({"level": "full"});
                    request
                })
            })
            .collect();
        let ask = |site: &Site, request: &Value| told(&site.check(request, &policies));
        let before: Vec<Value> = asked.iter().map(|request| ask(&site, request)).collect();
        let mut outcome = Self::default();
        // A first compaction that knows little, and one that knows more, by which nothing comes back. Both
        // look back less far than checks do, so that what they leave out is young enough to be seen.
        let short = Policy { look_back_days: 10, ..Policy::OFFICIAL };
        let more = Policy { look_back_days: 20, ..Policy::EXTENDED };
        let compactions: [(&[&Policy], u16); 2] = [(&[&short], 0), (&[&short, &more], 7)];
        let mut last = first;
        for (days, (policies, washout)) in (0..).zip(compactions) {
            let compacted =
                compact(&mut site, first.plus(days + dice.i32(0..40)), policies, washout);
            outcome.dropped += compacted.documents_dropped;
            last = last.max(compacted.from);
        }
        for (request, before) in asked.iter().zip(before) {
            let now = ask(&site, request);
            let because = now["incomplete_because"].as_array().unwrap();
            let says_so = because.contains(&json!("past_left_out"));
            outcome.whole += u64::from(!says_so);
            outcome.left_out += u64::from(says_so);
            let misses = now["findings"] != before["findings"];
            outcome.missed += u64::from(says_so && misses && day(request) >= last);
            if says_so {
                assert_ne!(now["outcome"], "clear");
                assert_eq!(now["complete"], false);
            } else if now != before {
                outcome.silent.push(format!("world {seed}: {request}\n{before}\n{now}"));
            }
        }
        outcome
    }

    fn and(mut self, other: Self) -> Self {
        self.dropped += other.dropped;
        self.whole += other.whole;
        self.left_out += other.left_out;
        self.missed += other.missed;
        self.silent.extend(other.silent);
        self
    }
}

#[test]
fn no_check_misses_what_was_left_out_without_saying_so() {
    let outcomes = (0..WORLDS).into_par_iter().map(Outcome::of);
    let Outcome { dropped, whole, left_out, missed, silent } =
        outcomes.reduce(Outcome::default, Outcome::and);
    let shown: Vec<&str> = silent.iter().take(3).map(String::as_str).collect();
    assert!(silent.is_empty(), "{} miss something:\n{}", silent.len(), shown.join("\n"));
    // All of it happened: the worlds do not make the claim true by themselves.
    let counts = [dropped, whole, left_out, missed];
    assert!(counts.iter().all(|count| *count > 20), "{counts:?}");
}

#[test]
fn what_is_cancelled_while_it_is_left_out_stops_nothing() {
    let (world, _) = random::world(1);
    let (mut site, log) = (Site::of(&world), MemoryLog::new());
    let start = |site: &Site| {
        Registry::start(Arc::clone(&site.index), Box::new(log.reopen()), &|_, _| {}).unwrap()
    };
    let (registry, runtime) = (start(&site), Runtime::new().unwrap());
    let named = |document: &str| Named { document: document.to_owned(), patient: None };
    let submit = |command| runtime.block_on(registry.submit(command)).unwrap().is_ok();
    let short = Policy { look_back_days: 1, ..Policy::OFFICIAL };
    let from = Day::from_number(i32::from(u16::MAX));
    let retention = Retention { from, policies: vec![&short], washout_days_max: 0 };
    let data = site.data();
    let compact = Compact { data: &data, retention: &retention, made_at: "" };
    let compacted = compact.run(registry.live(), &Silent).unwrap();
    assert!(compacted.documents_dropped > 0);
    // The generation before is still in force and has every document.
    let cancelled =
        world.history.iter().filter(|row| submit(Command::Cancel(named(&row.document)))).count();
    assert!(cancelled > 0);
    site.index = Arc::new(generation::open(&data).unwrap());
    runtime.block_on(registry.swap(Arc::clone(&site.index))).unwrap();
    drop(registry);
    start(&site);
}

#[test]
fn a_clock_that_is_set_back_loses_nothing() {
    let (site, log) = (site(), MemoryLog::new());
    let index = Arc::clone(&site.index);
    let registry = Registry::start(index, Box::new(log.reopen()), &|_, _| {}).unwrap();
    let days = Arc::new(AtomicU64::new(20_779));
    let told = Arc::clone(&days);
    let clock =
        Clock::new(move || UNIX_EPOCH + Duration::from_hours(24 * told.load(Ordering::Relaxed)));
    let config = Config { data: Some(site.data()), clock, ..config(Policies::default()) };
    let server = Served::with_config(config, registry, site.key.clone());
    for (number, day) in [20_779, 20_778, 20_414, 19_000, 20_780].into_iter().enumerate() {
        days.store(day, Ordering::Relaxed);
        let event = number + 1;
        let registered =
            server.post("/v1/documents", &prescription(&format!("rx-{event}")).to_string());
        assert_eq!((registered.0, &registered.1["event"]), (201, &json!(event)));
        assert_eq!(server.post("/v1/admin/compact", "").0, 200);
        let check = json!({"patient": patient(), "as_of": "2026-11-22", "lines": lines(),
                           "consent": {"level": "full"}, "own_institution": "include"});
        let (status, answer) = server.post("/v1/check", &check.to_string());
        let records = &answer["findings"][0]["totals"]["records"];
        assert_eq!((status, records), (200, &json!(event)), "{answer}");
    }
}

#[test]
fn a_day_whose_past_was_left_out_is_never_clear() {
    let (site, log) = (site(), MemoryLog::new());
    let index = Arc::clone(&site.index);
    let registry = Registry::start(index, Box::new(log.reopen()), &|_, _| {}).unwrap();
    // 2026-11-22.
    let clock = Clock::new(|| UNIX_EPOCH + Duration::from_hours(24 * 20_779));
    let config = Config { data: Some(site.data()), clock, ..config(Policies::default()) };
    let server = Served::with_config(config, registry, site.key.clone());
    for (id, day, form) in [
        ("rx-old", "2026-06-01", 1),
        ("rx-as-needed", "2026-08-01", 2),
        ("rx-new", "2026-11-21", 1),
    ] {
        let mut document = prescription(id);
        document["date"] = json!(day);
        document["lines"][0]["form"] = json!(form);
        assert_eq!(server.post("/v1/documents", &document.to_string()).0, 201);
    }
    let check = |day: &str, whose: &str| {
        let check = json!({"patient": {"id": whose}, "as_of": day, "lines": lines(),
                           "consent": {"level": "none"}, "own_institution": "include"});
        let (status, answer) = server.post("/v1/check", &check.to_string());
        assert_eq!(status, 200, "{answer}");
        [answer["outcome"].clone(), answer["incomplete_because"].clone()]
    };
    let (clear, left_out) =
        ([json!("clear"), json!([])], [json!("incomplete"), json!(["past_left_out"])]);
    assert_eq!(check("2026-06-02", "nobody"), clear);
    let compacted = || assert_eq!(server.post("/v1/admin/compact", "").0, 200);
    compacted();
    let is_told = || {
        assert_eq!(check("2026-06-02", "nobody"), left_out);
        assert_eq!(check("2026-08-14", "nobody"), left_out);
        // Whatever was left out has ended by then.
        assert_eq!(check("2026-08-15", "nobody"), clear);
    };
    is_told();
    // Nor does anything that comes later bring it back.
    compacted();
    is_told();
    site.compile_tables_again();
    assert_eq!(server.post("/v1/admin/reload", "{}").0, 200);
    is_told();
    // By a policy that comes later it has not.
    let later = Policy { default_period_days: 130, ..Policy::OFFICIAL };
    let policies = Policies::new(BTreeMap::from([("long".to_owned(), later)])).unwrap();
    let index = Arc::new(generation::open(&site.data()).unwrap());
    let registry = Registry::start(index, Box::new(log.reopen()), &|_, _| {}).unwrap();
    let server = Served::with_config(crate::http::config(policies), registry, site.key.clone());
    for (call, day, because) in [
        ("/v1/check", "2026-12-08", json!(["past_left_out"])),
        ("/v1/check", "2026-12-09", json!([])),
        ("/v1/history", "2026-12-08", json!(["past_left_out"])),
        ("/v1/history", "2026-12-09", json!([])),
    ] {
        let mut asked = json!({"patient": {"id": "nobody"}, "as_of": day, "policy": "long",
                               "consent": {"level": "full"}, "own_institution": "include"});
        if call == "/v1/check" {
            asked["lines"] = lines();
        }
        let (status, answer) = server.post(call, &asked.to_string());
        assert_eq!((status, &answer["incomplete_because"]), (200, &because), "{answer}");
    }
}
