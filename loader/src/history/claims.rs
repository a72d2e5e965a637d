//! Whether two patients claim one document: found by hashes, because no core sees both.
//!
//! A claim is 16 bytes: 96 bits of the id's BLAKE3 and 32 bits of the patient's key. Two documents
//! of a nation share 96 bits with a probability of 10^-13; a conflict that is none would only cost
//! a clear refusal.

use std::io;

use chofuku_engine::patient::PatientKey;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::spill::{PARTS, Spill};

/// 96 bits of a document id's hash.
pub(crate) type IdHash = [u8; 12];

const CLAIM_BYTES: usize = 16;

/// The hash of a document id.
pub(crate) fn hash(id: &str) -> IdHash {
    let mut hash = [0; 12];
    for (to, from) in hash.iter_mut().zip(blake3::hash(id.as_bytes()).as_bytes()) {
        *to = *from;
    }
    hash
}

/// Appends the claim of a patient.
pub(crate) fn encode(hash: &IdHash, patient: PatientKey, buffer: &mut Vec<u8>) {
    buffer.extend_from_slice(hash);
    let low = u32::try_from(patient.number() & u128::from(u32::MAX)).unwrap_or(0);
    buffer.extend_from_slice(&low.to_le_bytes());
}

/// The ids that more than one patient claims.
pub(crate) fn conflicts(claims: &Spill) -> io::Result<FxHashSet<IdHash>> {
    let of_part = |part| {
        let records = claims.take(part)?;
        let bytes: usize = records.iter().map(Vec::len).sum();
        let mut all = Vec::with_capacity(bytes / CLAIM_BYTES);
        for records in &records {
            let (claims, _) = records.as_chunks::<CLAIM_BYTES>();
            // As numbers they compare in one instruction; any total order will do.
            all.extend(claims.iter().map(|claim| u128::from_le_bytes(*claim).rotate_left(32)));
        }
        drop(records);
        all.sort_unstable();
        let id = |claim: u128| claim >> 32;
        let mut found = Vec::new();
        for pair in all.windows(2) {
            if let [one, other] = pair
                && one != other
                && id(*one) == id(*other)
            {
                found.push(*one);
            }
        }
        Ok(found)
    };
    let found = (0..PARTS).into_par_iter().map(of_part).collect::<io::Result<Vec<_>>>()?;
    let hash = |claim: u128| {
        let bytes = claim.rotate_right(32).to_le_bytes();
        *bytes.first_chunk().unwrap_or(&[0; 12])
    };
    Ok(found.into_iter().flatten().map(hash).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_two_patients_is_found_and_of_one_is_not() {
        let spill = Spill::new(std::path::Path::new("."), 1 << 20);
        let [one, other] = [1, 2].map(PatientKey::from_number);
        for (id, patient) in [("a", one), ("b", one), ("a", one), ("b", other), ("c", other)] {
            let mut claim = Vec::new();
            encode(&hash(id), patient, &mut claim);
            spill.add(usize::from(hash(id)[0]), &mut claim).unwrap();
        }
        assert_eq!(conflicts(&spill).unwrap(), FxHashSet::from_iter([hash("b")]));
    }
}
