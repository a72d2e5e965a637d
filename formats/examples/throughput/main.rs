//! How fast messages are read, beside reading the bytes of the same buffer: summing them, which is
//! what reading memory costs, and decoding them to text alone.
//!
//! Time is that of the processor, not of the clock, so a busy machine disturbs less; each figure is
//! the best of several rounds, and the rounds of the three take turns.
//!
//!     cargo run --release -p chofuku-formats --example throughput [format [rounds]]

#![expect(clippy::print_stdout, reason = "an example prints")]

mod inputs;

use std::fs;
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

use chofuku_formats::eprescription::{self, encode};
use chofuku_formats::{
    decode, decode_message, dispensing_result, fhir, notebook, online_eligibility,
};

/// The binary has this allocator as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The bytes of each buffer: more than any cache holds.
const BYTES: usize = 48_000_000;
const ROUNDS: u32 = 7;

/// Decodes, reads and drops; gives the number of documents.
type Read = fn(Vec<u8>) -> usize;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let asked = arguments.next().unwrap_or_default();
    let rounds = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(ROUNDS);
    println!(
        "{:22} {:5} {:>5} {:>10} {:>10} {:>11} {:>9} {:>12}",
        "format", "", "MB", "read MB/s", "sum MB/s", "decode MB/s", "sum/read", "documents/s"
    );
    let many = |one: fn(usize) -> String| {
        let mut text = String::new();
        for turn in 0.. {
            text.push_str(&one(turn));
            if text.len() >= BYTES {
                break;
            }
        }
        text
    };
    let formats: [(&str, &dyn Fn() -> String, Read); 6] = [
        ("prescription-csv", &|| many(inputs::prescription), |bytes| {
            let mut documents = 0;
            let each = |document| drop((documents += 1, black_box(document)));
            eprescription::each("buffer", &decode_message(bytes), each).map_or(0, |_| documents)
        }),
        ("prescription-csv-kept", &|| many(inputs::prescription), |bytes| {
            eprescription::read("buffer", &decode_message(bytes))
                .map_or(0, |read| read.documents.len())
        }),
        ("notebook-csv", &|| many(inputs::notebook), |bytes| {
            notebook::read("buffer", &decode_message(bytes)).map_or(0, |read| read.documents.len())
        }),
        ("dispensing-result-csv", &|| many(inputs::dispensing_result), |bytes| {
            dispensing_result::read_as_notebook("buffer", &decode_message(bytes))
                .map_or(0, |read| read.documents.len())
        }),
        ("drug-history-xml", &|| inputs::xml(BYTES), |bytes| {
            online_eligibility::read("buffer", &decode(bytes))
                .map_or(0, |history| history.entries.len())
        }),
        ("fhir-ndjson", &|| inputs::ndjson(BYTES), |bytes| {
            fhir::read("buffer", &decode(bytes)).map_or(0, |message| message.documents.len())
        }),
    ];
    for (name, make, read) in formats {
        if !name.starts_with(&asked) {
            continue;
        }
        let text = make();
        measure(name, "UTF-8", text.as_bytes(), read, rounds);
        measure(name, "CP932", &encode(&text).bytes, read, rounds);
    }
}

fn measure(name: &str, encoding: &str, bytes: &[u8], read: Read, rounds: u32) {
    let (mut reading, mut summing, mut decoding, mut documents) = (f64::MAX, f64::MAX, f64::MAX, 0);
    for _ in 0..rounds {
        let owned = bytes.to_vec();
        reading = reading.min(seconds(|| documents = read(black_box(owned))));
        summing = summing.min(seconds(|| {
            let bytes = black_box(bytes).iter();
            black_box(bytes.fold(0_u64, |sum, byte| sum.wrapping_add((*byte).into())));
        }));
        let owned = bytes.to_vec();
        decoding = decoding.min(seconds(|| drop(black_box(decode(black_box(owned))))));
    }
    let megabytes = number(bytes.len()) / 1e6;
    println!(
        "{name:22} {encoding} {megabytes:5.1} {:10.0} {:10.0} {:11.0} {:9.1} {:12.0}",
        megabytes / reading,
        megabytes / summing,
        megabytes / decoding,
        reading / summing,
        number(documents) / reading,
    );
}

/// The seconds that the processor spends on it.
fn seconds(run: impl FnOnce()) -> f64 {
    let start = processor_seconds();
    run();
    processor_seconds() - start
}

/// How long this thread has run, as Linux counts it; elsewhere the time of the clock.
fn processor_seconds() -> f64 {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let counted = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = counted.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| BEGAN.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
