//! Containers are told by their bytes, columns by their headings.

use std::{fmt::Write as _, io::Write as _, path::PathBuf};

use tempfile::TempDir;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

/// An archive of the given members.
pub(in crate::masters) fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A workbook with one sheet; a cell that begins with `=` is a number.
pub(in crate::masters) fn workbook(sheet: &str, rows: &[&[&str]]) -> Vec<u8> {
    let mut data = String::new();
    for (row, cells) in rows.iter().enumerate() {
        write!(data, "<row r=\"{}\">", row + 1).unwrap();
        for (column, text) in cells.iter().enumerate() {
            let name = char::from(b'A' + u8::try_from(column).unwrap());
            let place = format!("{name}{}", row + 1);
            match text.strip_prefix('=') {
                Some(number) => write!(data, "<c r=\"{place}\"><v>{number}</v></c>"),
                None => {
                    write!(data, "<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
                }
            }
            .unwrap();
        }
        data.push_str("</row>");
    }
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let book = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"{sheet}\" \
         sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let links = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" \
         Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let page = format!("<worksheet xmlns=\"{main}\"><sheetData>{data}</sheetData></worksheet>");
    let start = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" \
         Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    archive(&[
        ("_rels/.rels", start.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", links.as_bytes()),
        ("xl/worksheets/sheet1.xml", page.as_bytes()),
    ])
}

/// Text in CP932.
pub(in crate::masters) fn cp932(text: &str) -> Vec<u8> {
    encoding_rs::SHIFT_JIS.encode(text).0.into_owned()
}

/// A file of the given bytes; the folder must outlive its use.
fn source(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("source");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn read(bytes: &[u8]) -> Vec<Sheet> {
    let (_folder, path) = source(bytes);
    read_sheets(&path).unwrap()
}

#[test]
fn a_csv_keeps_its_line_numbers_and_says_its_encoding() {
    let sheets = read(&cp932("区分,品名\r\n\r\n\"内用\r\n薬\", 錠 \r\n外用薬\u{1a}"));
    assert_eq!(sheets[0].encoding, Some(Encoding::Cp932));
    let lines: Vec<u64> = sheets[0].rows.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 3, 5]);
    assert_eq!(sheets[0].rows[1].1[1], "錠");
    assert_eq!(sheets[0].rows[2].1, ["外用薬"]);
}

#[test]
fn every_csv_of_an_archive_is_a_sheet() {
    let bytes = archive(&[("a.csv", b"1,2\n".as_slice()), ("readme.txt", b"x"), ("B.CSV", b"3\n")]);
    let sheets = read(&bytes);
    assert_eq!(sheets.len(), 2);
    assert!(sheets[0].file.ends_with("source[a.csv]"), "{}", sheets[0].file);
}

#[test]
fn a_member_may_have_a_name_in_cp932() {
    // 禁忌.csv, as an archiver in Japan writes it.
    let mut bytes = archive(&[("name.csv", b"1,2\n".as_slice())]);
    while let Some(at) = bytes.windows(4).position(|four| four == b"name") {
        bytes.splice(at..at + 4, *b"\x8b\xd6\x8a\xf5");
    }
    let sheets = read(&bytes);
    assert!(sheets[0].file.ends_with("source[禁忌.csv]"), "{}", sheets[0].file);
}

#[test]
fn two_distant_cells_are_two_rows_and_no_rectangle() {
    let page = |cells: &str| {
        let whole = workbook("表", &[&["=1"]]);
        let mut members: Vec<(String, Vec<u8>)> = Vec::new();
        let mut archive = ZipArchive::new(Cursor::new(whole)).unwrap();
        for position in 0..archive.len() {
            let mut member = archive.by_index(position).unwrap();
            let name = member.name().unwrap().into_owned();
            let mut content = Vec::new();
            member.read_to_end(&mut content).unwrap();
            if name.ends_with("sheet1.xml") {
                let text = String::from_utf8(content).unwrap();
                let (head, tail) = text.split_once("<row").unwrap();
                let (_, tail) = tail.split_once("</row>").unwrap();
                content = format!("{head}{cells}{tail}").into_bytes();
            }
            members.push((name, content));
        }
        let members: Vec<(&str, &[u8])> =
            members.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
        super::tests::archive(&members)
    };
    let row = |row: u32| format!("<row r=\"{row}\"><c r=\"XFD{row}\"><v>{row}</v></c></row>");
    let sheets = read(&page(&[row(1), row(1_048_576)].concat()));
    let lines: Vec<u64> = sheets[0].rows.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 1_048_576]);
    assert_eq!(sheets[0].rows[1].1[16_383], "1048576");
    let rows: String = (1..2_100).map(row).collect();
    let (_folder, path) = source(&page(&rows));
    assert!(matches!(read_sheets(&path), Err(MasterError::TooManyCells { .. })));
    for place in ["A99999999999", "ZZZZZZZZ1", "A1XFD1048576A1"] {
        let row = format!("<row r=\"1\"><c r=\"{place}\"><v>1</v></c></row>");
        let (_folder, path) = source(&page(&row));
        assert!(matches!(read_sheets(&path), Err(MasterError::Workbook { .. })), "{place}");
    }
}

#[test]
fn a_workbook_is_read_as_text() {
    let sheets = read(&workbook("表", &[&["区分", "薬価"], &["内用薬", "=7.5"], &["", "=12"]]));
    assert!(sheets[0].file.ends_with("source[表]"));
    assert_eq!(sheets[0].rows[1], (2, vec!["内用薬".to_owned(), "7.5".to_owned()]));
    assert_eq!(sheets[0].rows[2].1[1], "12");
}

#[test]
fn headings_are_found_below_titles_and_in_full_width() {
    let sheets = read("一覧,,\n,,R7適用\n区 分,ＹＪコード,品名\n内用薬,1,錠\n".as_bytes());
    let columns = sheets[0].columns(&[&["品名"], &["YJコード"], &["備考"]], 2).unwrap();
    let (line, row) = sheets[0].body(&columns).next().unwrap();
    assert_eq!(
        (line, columns.get(row, 0), columns.get(row, 1), columns.get(row, 2)),
        (4, "錠", "1", "")
    );
    assert!(!columns.has(2));
}

#[test]
fn the_missing_heading_is_that_of_the_closest_row() {
    let sheets = read("品名\n区分,品名\n".as_bytes());
    assert_eq!(sheets[0].columns(&[&["区分"], &["成分名"], &["品名"]], 3), Err("成分名"));
}

#[test]
fn a_damaged_archive_is_an_error_that_names_it() {
    let mut bytes = archive(&[("a.csv", b"1,2\n".as_slice())]);
    bytes.truncate(bytes.len() / 2);
    let (_folder, path) = source(&bytes);
    assert!(matches!(read_sheets(&path), Err(MasterError::Archive { .. })));
    assert!(matches!(read_sheets(Path::new("/nowhere")), Err(MasterError::Read { .. })));
}

#[test]
fn undecodable_bytes_are_reported_with_their_line() {
    let sheets = read(b"\x8b\xe6\n\x81\xff\n");
    let mut report = Report::default();
    sheets[0].note(2, &mut report);
    assert_eq!(report.problems.len(), 1);
    assert_eq!(
        (report.problems[0].line, &report.problems[0].reason),
        (2, &Reason::Undecodable { encoding: Encoding::Cp932 })
    );
}
