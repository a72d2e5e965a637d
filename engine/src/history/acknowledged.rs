//! Findings that were acknowledged with a document, in the cold section.
//!
//! ```text
//! acknowledgements  bytes behind this number ‖ acknowledgement …
//! acknowledgement   finding (text) ‖ 0, or 1 ‖ reason (text)
//! ```

use crate::document::Acknowledged;
use crate::error::FormatError;
use crate::format::section::SectionId;
use crate::format::varint::{self, Reader};
use crate::int;

const REASON_FOLLOWS: u8 = 1;

/// Appends acknowledgements behind their length.
pub(crate) fn encode(all: &[Acknowledged], bytes: &mut Vec<u8>) {
    let mut body = Vec::new();
    for Acknowledged { finding, reason } in all {
        varint::write_text(&mut body, finding);
        match reason {
            None => body.push(0),
            Some(reason) => {
                body.push(REASON_FOLLOWS);
                varint::write_text(&mut body, reason);
            }
        }
    }
    varint::write(bytes, int::length(body.len()));
    bytes.append(&mut body);
}

/// The acknowledgements behind a length that was read already.
pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<Acknowledged>, FormatError> {
    let section = SectionId::HistoryEvidence.file_name();
    let truncated = || FormatError::Truncated { section, what: "acknowledgement" };
    let mut reader = Reader(bytes);
    let mut all = Vec::new();
    while !reader.0.is_empty() {
        let finding = reader.text().ok_or_else(truncated)?.to_owned();
        let reason = match reader.byte() {
            Some(0) => None,
            Some(REASON_FOLLOWS) => Some(reader.text().ok_or_else(truncated)?.to_owned()),
            Some(_) | None => return Err(truncated()),
        };
        all.push(Acknowledged { finding, reason });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acknowledgements_come_back_and_a_cut_is_an_error() {
        let acknowledged = |finding: &str, reason: Option<&str>| Acknowledged {
            finding: finding.to_owned(),
            reason: reason.map(str::to_owned),
        };
        let all = vec![acknowledged("01ab", Some("経過観察")), acknowledged("02cd", None)];
        let mut bytes = Vec::new();
        encode(&all, &mut bytes);
        let body = bytes.split_off(1);
        assert_eq!(usize::from(bytes[0]), body.len());
        assert_eq!(decode(&body).unwrap(), all);
        let whole = [0, 19];
        for end in (0..body.len()).filter(|end| !whole.contains(end)) {
            assert!(decode(&body[..end]).is_err(), "cut to {end}");
        }
    }
}
