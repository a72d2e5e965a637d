//! Records to prescriptions.

use super::prescription::Prescription;
use super::{FRAGMENT, Header, header};
use crate::csv_message::{CsvMessageError, Notes, Record, Records};
use crate::document::Document;
use crate::report::{Reason, Report};
use crate::text::Decoded;

const EXPECTED: &str = "prescription (SJ1, JAHIS1 to JAHIS10, or records 101, 111 and 201)";

pub(super) fn each<'t>(
    file: &str,
    decoded: &'t Decoded,
    mut take: impl FnMut(Document<'t>),
) -> Result<Report, CsvMessageError> {
    let mut records = Records::new(file, decoded)?;
    let mut record = records.record();
    if !records.read(&mut record) {
        return Err(CsvMessageError::Empty { file: file.to_owned() });
    }
    let mut notes = Notes::new(file, decoded.text.len());
    let header = header_of(&record);
    let mut open = Prescription::new(record.line, header);
    if let Some(header) = header {
        note_version(header, &record, &mut notes);
    } else if FRAGMENT.contains(&record.number) {
        open.take(&record, &mut notes);
    } else {
        let (file, found) = (file.to_owned(), record.beginning());
        return Err(CsvMessageError::Header { file, expected: EXPECTED, found });
    }
    while records.read(&mut record) {
        if let Some(header) = header_of(&record) {
            note_version(header, &record, &mut notes);
            take(open.finish(&mut notes));
            open.restart(record.line, Some(header));
        } else {
            open.take(&record, &mut notes);
        }
        notes.check_limit(EXPECTED)?;
    }
    take(open.finish(&mut notes));
    notes.check_limit(EXPECTED)?;
    Ok(notes.into_report(records.encoding()))
}

fn header_of(record: &Record<'_>) -> Option<Header> {
    if record.number == 0 { header(record.ascii(0)?) } else { None }
}

fn note_version(header: Header, record: &Record<'_>, notes: &mut Notes<'_>) {
    let (Header::Electronic(is_known) | Header::Symbol(is_known)) = header;
    if !is_known {
        let reason = Reason::Value { found: record.beginning() };
        notes.note(record.line, 0, "バージョン", reason);
    }
}
