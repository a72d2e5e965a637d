//! Random damage, the same for every run: what a fuzzer does, on stable Rust and bounded by count.

use fastrand::Rng;

/// Inputs a format, unless the environment variable `CHOFUKU_FUZZ_INPUTS` asks for more.
const INPUTS: usize = 20_000;

/// Runs a closure over random mutations of the fixtures. Any panic fails the test.
pub(crate) fn over_mutations(fixtures: &[&[u8]], run: impl Fn(&[u8])) {
    let asked = std::env::var("CHOFUKU_FUZZ_INPUTS").ok();
    let inputs = asked.and_then(|count| count.parse().ok()).unwrap_or(INPUTS).max(INPUTS);
    let mut rng = Rng::with_seed(20_261_122);
    for number in 0..inputs {
        let mut bytes = fixtures[number % fixtures.len()].to_vec();
        for _ in 0..rng.usize(1..5) {
            damage(&mut bytes, fixtures, &mut rng);
        }
        run(&bytes);
    }
}

fn damage(bytes: &mut Vec<u8>, fixtures: &[&[u8]], rng: &mut Rng) {
    if bytes.is_empty() {
        bytes.push(rng.u8(..));
        return;
    }
    let at = rng.usize(..bytes.len());
    let end = bytes.len().min(at + rng.usize(1..40));
    match rng.u8(..7) {
        0 => bytes[at] = rng.u8(..),
        1 => bytes.insert(at, rng.u8(..)),
        2 => drop(bytes.drain(at..end)),
        3 => bytes.truncate(at),
        4 => {
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
        5 => {
            let other = fixtures[rng.usize(..fixtures.len())];
            let from = rng.usize(..other.len());
            let to = other.len().min(from + rng.usize(1..80));
            bytes.splice(at..end, other[from..to].iter().copied());
        }
        _ => {
            let tokens: [&[u8]; 10] = [
                b"{",
                b"[",
                b"\"",
                b"<",
                b"</",
                b"&#x10FFFF;",
                b",",
                b"\r\n",
                b"null",
                "\u{ff19}".as_bytes(),
            ];
            bytes.splice(at..at, tokens[rng.usize(..tokens.len())].iter().copied());
        }
    }
}

/// Where the parts of a text begin and end that lie between two marks, or hold a whole JSON scalar.
pub(crate) fn replace(text: &str, (start, end): (usize, usize), with: &str) -> String {
    format!("{}{with}{}", &text[..start], &text[end..])
}
