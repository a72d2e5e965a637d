//! One check on the demo: in the engine, and with its JSON.
//!
//! `cargo bench -p chofuku-benches` prints the times; compare the cases of one run with each other,
//! not with those of another machine.

use std::hint::black_box;

use chofuku_benches::demo::Demo;
use chofuku_engine::check::{Consent, check};
use chofuku_engine::patient::Identity;
use chofuku_server::{Live, Policies, check_json};
use criterion::{Criterion, criterion_group, criterion_main};

const PATIENTS: u32 = 2000;

fn engine(criterion: &mut Criterion) {
    let demo = Demo::of(PATIENTS).expect("the demo compiles");
    let mut group = criterion.benchmark_group("engine");
    for (story, consent, name) in [
        ("two-clinics", Consent::None, "two findings, withheld"),
        ("two-clinics", Consent::Oral, "two findings, evidence"),
        ("two-clinics", Consent::Full, "two findings, everything"),
        ("own-renewal", Consent::Oral, "clear"),
        ("many-pharmacies", Consent::Oral, "81 dispensings, one finding"),
    ] {
        let request = demo.request(story, consent).expect("the story is there");
        group.bench_function(name, |bencher| {
            bencher.iter(|| check(&demo.index, black_box(&request)).expect("a sound index"));
        });
    }
    // The floor: the same lines for somebody without a past.
    let mut nobody = demo.request("two-clinics", Consent::Oral).expect("the story is there");
    nobody.patient = demo.key.patient(Identity::Opaque("nobody")).expect("an id");
    group.bench_function("no past", |bencher| {
        bencher.iter(|| check(&demo.index, black_box(&nobody)).expect("a sound index"));
    });
    group.finish();
}

fn json(criterion: &mut Criterion) {
    let demo = Demo::of(PATIENTS).expect("the demo compiles");
    let (policies, today) = (Policies::default(), chofuku_engine::Day::from(demo.today));
    let live = Live::new(std::sync::Arc::clone(&demo.index)).expect("a sound index");
    let mut group = criterion.benchmark_group("json");
    for story in ["two-clinics", "own-renewal", "many-pharmacies"] {
        let found = demo.stories.iter().find(|found| found.name == story);
        let body = found.expect("the story is there").request.to_string();
        group.bench_function(story, |bencher| {
            bencher.iter(|| {
                let body = black_box(body.as_bytes());
                check_json(&live, &demo.key, &policies, today, body).expect("an answer")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, engine, json);
criterion_main!(benches);
