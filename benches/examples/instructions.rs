//! So many checks of one story of the demo, for a profiler that counts instructions.

use std::error::Error;
use std::hint::black_box;

use chofuku_benches::demo::Demo;
use chofuku_engine::check::{Consent, check};
use chofuku_engine::patient::Identity;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let story = words.next().ok_or("which story")?;
    let consent = match words.next().as_deref() {
        Some("none") => Consent::None,
        Some("full") => Consent::Full,
        _ => Consent::Oral,
    };
    let count: u32 = words.next().map_or(Ok(1000), |text| text.parse())?;
    let demo = Demo::of(1)?;
    let name = if story == "nobody" { "two-clinics" } else { &story };
    let mut request = demo.request(name, consent)?;
    if story == "nobody" {
        request.patient = demo.key.patient(Identity::Opaque("nobody"))?;
    }
    for _ in 0..count {
        black_box(check(&demo.index, black_box(&request))?);
    }
    Ok(())
}
