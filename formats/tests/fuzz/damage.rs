//! Random damage, the same for every run: what a fuzzer does, on the stable toolchain.

use fastrand::Rng;

/// What means something in one of the formats.
const TOKENS: [&[u8]; 27] = [
    b",",
    b"\"",
    b"\n",
    b"\r\n",
    b"\x1a",
    b"\x81",
    b"\xef\xbb\xbf",
    b"101,1,1,,7\n",
    b"201,1,1,1,2,620003930,a,1,1,b\n",
    b"5,20261103,1\n",
    b"51,5081102\n",
    b"301,1,a,1,b,1,1,,1\n",
    b"SJ1\n",
    b"JAHISTC08,1\n",
    b"911,1,2,1\n",
    b"{",
    b"[",
    b"null",
    b"<",
    b"</",
    b">",
    b"&#x10FFFF;",
    b"XFD1048576",
    "\u{ff19}".as_bytes(),
    "（".as_bytes(),
    "、".as_bytes(),
    "日以内".as_bytes(),
];

/// Runs a closure over so many inputs, each damaged in one to `most` places, or over more inputs if the
/// environment variable `CHOFUKU_FUZZ_INPUTS` asks for more.
pub(crate) fn over_damage(
    inputs: usize,
    most: usize,
    seeds: &[Vec<u8>],
    mut run: impl FnMut(&[u8]),
) {
    let asked = std::env::var("CHOFUKU_FUZZ_INPUTS").ok();
    let inputs = asked.and_then(|count| count.parse().ok()).unwrap_or(inputs).max(inputs);
    let mut rng = Rng::with_seed(20_261_122);
    for number in 0..inputs {
        let mut bytes = seeds[number % seeds.len()].clone();
        for _ in 0..rng.usize(1..=most) {
            damage(&mut bytes, seeds, &mut rng);
        }
        run(&bytes);
    }
}

fn damage(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], rng: &mut Rng) {
    let at = rng.usize(..=bytes.len());
    let end = bytes.len().min(at + rng.usize(1..40));
    match rng.u8(..8) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => {
            let again = bytes[at..end].to_vec();
            let to = rng.usize(..=bytes.len());
            bytes.splice(to..to, again);
        }
        3 => {
            let other = &seeds[rng.usize(..seeds.len())];
            let from = rng.usize(..other.len());
            let to = other.len().min(from + rng.usize(1..80));
            bytes.splice(at..end, other[from..to].iter().copied());
        }
        4 => {
            let token = TOKENS[rng.usize(..TOKENS.len())];
            bytes.splice(at..at, token.iter().copied());
        }
        5 => bytes.insert(at, rng.u8(..)),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = rng.u8(..);
            }
        }
    }
}
