//! Records to prescriptions.

use super::prescription::Prescription;
use super::{FRAGMENT, Header, Prescriptions, header};
use crate::csv_message::{CsvMessageError, Notes, Record, Records};
use crate::report::Reason;

const EXPECTED: &str = "prescription (SJ1, JAHIS1 to JAHIS10, or records 101, 111 and 201)";

pub(super) fn read<'t>(file: &str, bytes: &'t [u8]) -> Result<Prescriptions<'t>, CsvMessageError> {
    let mut records = Records::new(file, bytes)?;
    let mut record = records.record();
    if !records.read(&mut record) {
        return Err(CsvMessageError::Empty { file: file.to_owned() });
    }
    let mut notes = Notes::new(file, bytes.len());
    let mut documents = Vec::new();
    let mut open = if let Some(header) = header_of(&record) {
        begin(header, &record, &mut notes)
    } else if FRAGMENT.contains(&record.number) {
        let mut fragment = Prescription::new(record.line, None);
        fragment.take(&record, &mut notes);
        fragment
    } else {
        let (file, found) = (file.to_owned(), record.beginning());
        return Err(CsvMessageError::Header { file, expected: EXPECTED, found });
    };
    while records.read(&mut record) {
        if let Some(header) = header_of(&record) {
            let next = begin(header, &record, &mut notes);
            documents.push(std::mem::replace(&mut open, next).finish(&mut notes));
        } else {
            open.take(&record, &mut notes);
        }
        notes.check_limit(EXPECTED)?;
    }
    documents.push(open.finish(&mut notes));
    notes.check_limit(EXPECTED)?;
    Ok(Prescriptions { documents, report: notes.into_report(records.encoding()) })
}

fn header_of(record: &Record<'_>) -> Option<Header> {
    if record.number == 0 { header(record.ascii(0)?) } else { None }
}

fn begin<'t>(header: Header, record: &Record<'t>, notes: &mut Notes<'_>) -> Prescription<'t> {
    let (Header::Electronic(is_known) | Header::Symbol(is_known)) = header;
    if !is_known {
        let reason = Reason::Value { found: record.beginning() };
        notes.note(record.line, 0, "バージョン", reason);
    }
    Prescription::new(record.line, Some(header))
}
