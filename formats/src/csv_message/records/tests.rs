use super::*;
use crate::csv_message::decode_message;

fn lines(bytes: &[u8]) -> Vec<(u64, u16, Vec<String>)> {
    let decoded = decode_message(bytes);
    let mut records = Records::new("f", &decoded).unwrap();
    let mut record = records.record();
    let mut lines = Vec::new();
    while records.read(&mut record) {
        let mut notes = Notes::new("f", 0);
        let fields = (0..record.count()).map(|at| record.text(at, "", &mut notes).to_owned());
        lines.push((record.line, record.number, fields.collect()));
    }
    lines
}

#[test]
fn every_line_end_is_one() {
    let expected = vec![
        (1, 101, vec!["101".to_owned(), "1".to_owned(), String::new()]),
        (3, 5, vec!["5".to_owned()]),
    ];
    for text in ["101,1,\n\n5", "101,1,\r\n\r\n5\r\n", "101,1,\r\r5\r", "101,1,\n\x1a\n5\n\x1a"] {
        assert_eq!(lines(text.as_bytes()), expected, "{text:?}");
    }
    assert_eq!(lines("\u{feff}5\n\x1a\u{feff}5\x1a\r\n".as_bytes()).len(), 2);
    assert_eq!(lines(b"\x1a\r\n \r\n\x1a"), []);
}

#[test]
fn only_short_digits_are_record_numbers() {
    for (text, number) in [
        ("101", 101),
        (" 5 ", 5),
        ("SJ1", 0),
        ("23\r,1\n", 0),
        ("10101", 0),
        ("1-1", 0),
        ("１", 0),
        ("9999", 9999),
    ] {
        assert_eq!(lines(text.as_bytes())[0].1, number, "{text:?}");
    }
}

#[test]
fn second_bytes_of_cp932_do_not_end_fields() {
    // ソ is 83 5C and ー is 81 5B; ﾛ is one byte.
    let bytes = b"1,\x83\x5c\x81\x5b,\xdb\r\n";
    assert_eq!(lines(bytes)[0].2, ["1", "ソー", "ﾛ"]);
    // A first byte without its second takes neither comma nor line end with it.
    assert_eq!(lines(b"1,\x8e\xe3\x83,2\n3")[0].2, ["1", "弱\u{fffd}", "2"]);
}

#[test]
fn utf16_is_refused() {
    let decoded = decode_message(&[0xff, 0xfe, b'S', 0]);
    let error = Records::new("f", &decoded).unwrap_err();
    assert_eq!(error, CsvMessageError::Utf16 { file: "f".to_owned() });
}

#[test]
fn fields_beyond_the_layout_are_noted_unless_empty() {
    let decoded = decode_message(b"1,a,b\n1,a,,\n1\n1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,g,h");
    let mut records = Records::new("f", &decoded).unwrap();
    let mut record = records.record();
    let mut widths = Vec::new();
    let mut notes = Notes::new("f", 0);
    while records.read(&mut record) {
        widths.push(record.width(2, 2, &mut notes));
    }
    assert_eq!(widths, [Width::Long, Width::Whole, Width::Short, Width::Long]);
    let reasons: Vec<Reason> = notes
        .into_report(Encoding::Utf8)
        .problems
        .into_iter()
        .map(|problem| problem.reason)
        .collect();
    assert_eq!(
        reasons,
        [
            Reason::TooManyFields { expected: 2, found: 3 },
            Reason::Fields { expected: 2, found: 1 },
            Reason::TooManyFields { expected: 2, found: 17 },
        ]
    );
}
